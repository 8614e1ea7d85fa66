"""The record of changes beside the sets: tables, numbers, rules, calendar and form, with the values before and after."""

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app import scopes
from app.enums import Role
from app.ground.actor import Actor
from app.models import AuditLog
from app.scopes.customising import TABLE_CHANGES
from app.services.ground import audit
from app.views.base import detail_sections
from app.views.base.administration import SystemView
from app.views.base.columns import Column, computed


class TableChangeView(SystemView):
    """Changes that hold as soon as they are saved."""

    guide = "permission-changes"
    slug = "tables"
    label = _("Record of changes")
    tab_label = _("Tables, numbers, rules, form")
    purpose = _(
        "Who changed what in the browser when, who agreed, with the values before and after."
    )
    empty = _("Nothing was changed so far; everything is as the program comes.")
    model = AuditLog
    roles: ClassVar[tuple[Role, ...]] = (Role.SECADMIN, Role.SYSADMIN, Role.AUDITOR)
    scope = staticmethod(scopes.table_changes)
    can_export = True
    list_columns: ClassVar[list[str | Column]] = [
        "at",
        computed("kind", _("Kind"), lambda row: str(audit.KINDS.get(row.kind, row.kind))),
        "subject",
        computed("before", _p("parameter", "Before"), lambda row: row.details.get("from", "")),
        computed("after", _p("parameter", "After"), lambda row: row.details.get("to", "")),
        "actor_name",
    ]
    search_columns: ClassVar[list[str]] = ["at", "kind", "actor_name", "subject"]

    def _init_properties(self) -> None:
        """Offer the kinds with their labels in the search; the log stores their codes."""
        super()._init_properties()
        for field in self.search_fields:
            if field.name == "kind":
                field.kind = "select"
                field.choices = [(kind, audit.KINDS[kind]) for kind in TABLE_CHANGES]

    def name_of(self, record: AuditLog) -> str:
        return f"{audit.KINDS[record.kind]} · {record.subject}"

    def sections(self, record: AuditLog, actor: Actor) -> list[detail_sections.DetailSection]:
        facts: list[Any] = list(self.list_columns)
        return [detail_sections.pairs("basic", str(self.tab_label), record, facts)]
