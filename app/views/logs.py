"""The logs as the auditor reads them: searched and exported, never changed."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.actor import Actor
from app.enums import Role
from app.models import AuditLog, TransitionLog
from app.services import audit
from app.views import detail
from app.views.administration import SystemView
from app.views.columns import Column, computed


class LogView(SystemView):
    """A log: read, searched, exported, never changed."""

    can_export = True
    roles = (Role.AUDITOR,)
    empty = _("Nothing was written yet.")


class AuditView(LogView):
    guide = "audit"
    label = _("Audit log")
    purpose = _("Sign-ins, refusals, grants and changes of accounts.")
    model = AuditLog
    search_columns = ["at", "kind", "actor_name", "subject", "is_success"]
    list_columns = [
        "at",
        Column("kind", _("Kind"), lambda row: str(audit.KINDS.get(row.kind, row.kind))),
        "is_success",
        "actor_name",
        "subject",
        "address",
    ]

    def sections(self, record: Any, actor: Actor) -> list[detail.DetailSection]:
        facts = [
            *self.list_columns,
            computed("details", _("Particulars"), lambda r: _said(r.details)),
        ]
        return [detail.pairs("basic", gettext("Details"), record, facts)]


class ActLogView(LogView):
    guide = "acts"
    label = _("Log of acts")
    purpose = _("Every step of every case: who, when, from which state to which.")
    model = TransitionLog
    search_columns = ["at", "subject_type", "event", "actor_name", "actor_role", "unit_name"]
    # without the opinion: it may speak of the applicant, and the auditor reads no business data
    list_columns = [
        "at",
        "subject_type",
        "subject_id",
        "event",
        "source",
        "target",
        "actor_name",
        "actor_role",
        "unit_name",
    ]

    def name_of(self, record: Any) -> str:
        return str(record.receipt)

    def sections(self, record: Any, actor: Actor) -> list[detail.DetailSection]:
        return [detail.pairs("basic", gettext("Details"), record, list(self.list_columns))]


def _said(details: dict[str, Any]) -> str:
    return gettext("; ").join(
        f"{key}: {value}" for key, value in details.items() if value is not None
    )
