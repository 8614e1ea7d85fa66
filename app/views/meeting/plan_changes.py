"""Tab of 1.2.2: other lines for an agreed plan, asked for by the office after a trial, decided by the authority."""

from typing import ClassVar

from flask_babel import gettext, pgettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement

from app import scopes
from app.enums import Role
from app.ground.actor import Actor
from app.models import PlanChange
from app.services.results import plan_changes
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Cell, Column, computed
from app.views.base.declarations import Button
from app.views.base.detail_sections import DetailSection
from app.views.meeting import plan_lines


def visible_changes(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for changes that the actor may see."""
    return scopes.visible(PlanChange, actor)


def lines_text(row: PlanChange) -> str:
    """Return the lines that a change asks for, with the values before and after."""
    facts = plan_changes.snapshot_of(row)
    return plan_lines.differences(facts["before"], facts["after"])


class PlanChangeView(GuideView):
    """1.2.2 Other lines for agreed plans, each with the snapshot of what it was based on."""

    guide = "1.2.2"
    slug = "lines"
    label = _("Report of the review plan")
    tab_label = _("Other lines")
    purpose = _(
        "Caps and rules of counting that an office asks to change after it tried them out on the page of the meeting. "
        "They count once the authority has agreed; what they were based on is kept and never changes."
    )
    empty = _("No other lines were asked for.")
    model = PlanChange
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE, Role.HRSS)
    scope = staticmethod(visible_changes)
    list_columns: ClassVar[list[str | Column]] = [
        "plan", computed("lines", _("Lines before and after"), lines_text), "reason", "reported_at", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["plan", "reason", "state"]
    todos = (Todo("decide", _("Other lines to be decided"), ("agree", "refuse")),)
    buttons = (
        Button(
            "decide",
            _("Audit"),
            events={"agree": _("Audit passed"), "refuse": _("Audit not passed")},
            confirm=_("Decide on %(count)s changes. Whoever agrees changes how the meeting counts."),
        ),
        Button("withdraw", _p("plan change", "Take back"), events={"withdraw": _p("plan change", "Take back")}, tone=""),
    )  # fmt: skip

    def name_of(self, record: PlanChange) -> str:
        return record.plan.name

    def sections(self, record: PlanChange, actor: Actor) -> list[DetailSection]:
        facts = plan_changes.snapshot_of(record)
        return [
            detail_sections.pairs("change", gettext("Change of the plan"), record, ["plan", "reported_at", "figures", "state"]),
            _lines(facts["before"], facts["after"]),
            detail_sections.text("reason", gettext("Reason"), record.reason),
            _consequence(facts),
        ]  # fmt: skip


def _lines(before: dict[str, object], after: dict[str, object]) -> DetailSection:
    """Return every line with its value in the plan and as asked for; those that differ come first."""
    rows = [
        [
            Cell(plan_lines.label(name)),
            Cell(plan_lines.text(name, value)),
            Cell(plan_lines.text(name, after[name])) if after[name] != value else Cell(gettext("as before")),
        ]
        for name, value in sorted(before.items(), key=lambda one: after[one[0]] == one[1])
        if name not in ("steps", "pass_line")
    ]  # fmt: skip
    columns = [gettext("Line"), gettext("In the plan"), gettext("Asked for")]
    return DetailSection(
        "lines", gettext("Lines before and after"), "table", columns=columns, rows=rows
    )


def _consequence(facts: dict[str, list[int] | None]) -> DetailSection:
    """Return how many pass by either lines: numbers only, as the authority decides without knowing on whom."""
    passes, again = facts["passes"], facts["again"]
    label = gettext("What they lead to")
    if passes is None or again is None:
        text = gettext(
            "Not everybody had been voted on when these lines were tried; nobody passes yet."
        )
        return detail_sections.text("consequence", label, text)
    pairs = [
        (pgettext("trial", "Pass"), Cell(f"{passes[0]} → {passes[1]}")),
        (gettext("Voted on again"), Cell(f"{again[0]} → {again[1]}")),
        (gettext("Come in"), Cell(str(len(facts["in"] or ())))),
        (gettext("Drop out"), Cell(str(len(facts["out"] or ())))),
    ]
    return DetailSection("consequence", label, "pairs", pairs=pairs)
