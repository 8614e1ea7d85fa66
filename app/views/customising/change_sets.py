"""The record of changes: what administrators published, who agreed, old and new values, undo."""

from typing import ClassVar

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app import engine, scopes
from app.engine import Refused
from app.enums import ChangeSetState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM, Actor
from app.models import ChangeSet, Consent
from app.services.customising import change_lines, change_sets, second_administrator
from app.views.accounts.asking import ReasonForm, done_or_asked
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.administration import SystemView
from app.views.base.aliases import Label
from app.views.base.columns import Cell, Column, computed
from app.views.base.declarations import Button
from app.views.customising.table_changes import TableChangeView
from app.web.security import require_actor

CANCEL = Button(
    "cancel",
    _p("change set", "Back to draft"),
    events={"cancel": _p("change set", "Back to draft")},
    tone="stop",
    confirm=_("%(count)s sets become drafts again and do not take effect on their day."),
)


class ChangeSetView(SystemView):
    """Sets of changes with old and new values; published ones can be undone."""

    guide = "permission-changes"
    label = _("Record of changes")
    purpose = _(
        "Who changed what in the browser when, who agreed, with the values before and after."
    )
    empty = _("Nothing was changed so far; everything is as the program comes.")
    model = ChangeSet
    roles: ClassVar[tuple[Role, ...]] = (Role.SECADMIN, Role.SYSADMIN, Role.AUDITOR)
    how_to = ("undo-changes", "schedule-a-change")
    scope = staticmethod(scopes.change_sets_to_read)
    can_export = True
    tabs = (TableChangeView,)
    tab_label = _("Published drafts")
    buttons = (CANCEL,)
    list_columns: ClassVar[list[str | Column]] = [
        Column("id", _p("change set", "Number"), lambda one: str(one.id), "code", ChangeSet.id),
        "state",
        computed("changes", _("Changes"), lambda one: one.size, "number"),
        "note",
        "author",
        "second",
        "published_at",
        "effective_from",
        "undone_by",
    ]
    search_columns: ClassVar[list[str]] = ["state", "author", "note", "published_at"]

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "undo"]

    def name_of(self, record: ChangeSet) -> str:
        return gettext("Set %(number)s", number=record.id)

    def sections(self, record: ChangeSet, actor: Actor) -> list[detail_sections.DetailSection]:
        facts = self.list_columns[1:]
        lines = change_lines.lines(record)
        rows = detail_sections.DetailSection(
            "lines",
            gettext("What it changes"),
            "table",
            columns=[gettext("For whom"), gettext("Where"), gettext("What"), gettext("Before and after")],
            rows=[
                [Cell(line.scope), Cell(line.menu), Cell(line.label), Cell(line.new, was=line.old)]
                for line in lines
            ],
            count=len(lines),
        )  # fmt: skip
        sections = [detail_sections.pairs("basic", gettext("Details"), record, facts), rows]
        if why := _why_late(record):
            label = gettext("Why it has not taken effect")
            sections.insert(0, detail_sections.text("late", label, why))
        return sections

    def links(self, record: ChangeSet, actor: Actor) -> list[tuple[Label, str]]:
        is_own_area = record.author_role is actor.role
        if record.state is not ChangeSetState.PUBLISHED or not self.may("undo") or not is_own_area:
            return []
        return [(gettext("Undo"), self.url("undo", pk=record.id))]

    def row_links(self, record: ChangeSet, actor: Actor) -> list[tuple[Label, str]]:
        """Offer to undo right in the list, where several are undone one after the other."""
        return self.links(record, actor)

    @expose("/<int:pk>/undo", methods=["GET", "POST"])
    @guarded("undo", fires=(ChangeSet, "undo"))
    def undo(self, pk: int) -> ResponseReturnValue:
        """Bring back the values before, or ask a second administrator where one is needed."""
        actor, form, at = require_actor(), ReasonForm(), clock.now()
        record = self.find(pk, actor)
        if record.state is not ChangeSetState.PUBLISHED and request.method == "GET":
            abort(404)
        back = self.detail_url(record)

        def press() -> tuple[str, str]:
            change_sets.undo(actor, record, at=at)
            said = gettext(
                "Undone: the values from before set %(number)s hold again.", number=record.id
            )
            return said, self.url("list")

        def ask(reason: str) -> Consent:
            return second_administrator.ask_to_undo(actor, record, reason=reason, at=at)

        if request.method == "POST" and form.validate():
            try:
                return done_or_asked(press, ask, form.reason.data)
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        elif why := engine.why_not(record, "undo", actor=actor, at=at):
            form.form_errors.append(why)
        notes = tuple(str(line) for line in change_lines.lines_back(record))
        title = gettext("Undo set %(number)s", number=record.id)
        return self.form_page(title, form, back, ("\n".join(notes),))


def _why_late(record: ChangeSet) -> str | None:
    """Return why a scheduled set has not taken effect although its moment has come, or None."""
    at = clock.now()
    if record.effective_from is None or record.effective_from > at:
        return None
    if record.state is not ChangeSetState.SCHEDULED:
        return None
    return engine.why_not(record, "take_effect", actor=SYSTEM, at=at)
