"""Detail sections, columns and leave buttons shared by the pages of pool memberships."""

from flask_babel import gettext, pgettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.extensions import db
from app.forms import experts as forms
from app.ground import clock
from app.ground.actor import Actor
from app.models import Expert
from app.services.experts import expert_service, experts
from app.services.experts.expert_rules import Rule
from app.views.base import detail_sections
from app.views.base.aliases import Label
from app.views.base.columns import Cell, computed
from app.views.base.declarations import Button
from app.views.base.detail_sections import DetailSection


def level_of(expert: Expert) -> Label:
    """Return the label of the level of the expert's title."""
    return expert.title.level.label


def leave_of(expert: Expert) -> str:
    """Return first and last day of the leave as text, empty without a leave."""
    return f"{expert.leave_from} – {expert.leave_to}" if expert.leave_from else ""


ON_LEAVE = computed("leave", _("Leave"), leave_of)
LEAVE = Button(
    "leave",
    _p("expert", "Leave of absence"),
    events={"take_leave": _p("expert", "Leave of absence")},
    form=forms.LeaveForm,
    confirm=_("%(count)s experts are not drawn during the leave."),
    tone="",
)
END_LEAVE = Button(
    "end_leave",
    _("End the leave"),
    events={"end_leave": _("End the leave")},
    confirm=_("End the leave of %(count)s experts; they can be drawn again."),
    tone="",
    when=lambda actor: Expert.leave_to >= clock.local_date(clock.now()),
)


def membership(expert: Expert) -> DetailSection:
    """Return the section with the data of the membership."""
    names = [
        "person", "unit", "title", computed("level", _("Level"), level_of), "title_since", "employed_since",
        "specialty", "research", "is_scarce", "committee", "term_from", "term_to", ON_LEAVE, "state",
    ]  # fmt: skip
    return detail_sections.pairs("basic", gettext("Membership of the pool"), expert, names)


def conditions(expert: Expert) -> DetailSection:
    """Return the section of conditions for entering the pool, each with its clause, and met or not today."""
    found = experts.rules_of(db.session(), expert, clock.now())
    columns = [gettext("Condition"), gettext("Met"), gettext("Why"), gettext("Clause")]
    rows = [
        [Cell(str(one.label)), _met_cell(one), Cell(one.sentence), Cell(str(one.clause))]
        for one in found
    ]
    return DetailSection(
        "rules", gettext("Conditions as of today"), "table", columns=columns, rows=rows
    )


def _met_cell(rule: Rule) -> Cell:
    if rule.is_met is None:
        return Cell(gettext("not known"), "wait", kind="tag")
    return Cell(
        gettext("Yes") if rule.is_met else gettext("No"),
        "ok" if rule.is_met else "stop",
        kind="tag",
    )


def service(expert: Expert, actor: Actor) -> DetailSection:
    """Return the section of committee meetings in which the expert had a seat, with counts."""
    known = expert_service.visible_meetings(actor, clock.local_date(clock.now()))
    seats = expert_service.seats_of(db.session(), expert, known)
    section = detail_sections.table_of(
        "service",
        gettext("Service in meetings"),
        list(seats),
        ["plan.name", "plan.opens_on", "role", "group_name", "answered_at", "attended_at", "state"],
    )
    served = expert_service.service_of(db.session(), expert, known)
    section.pairs = [
        (gettext("Called to meetings"), Cell(str(served.called))),
        (pgettext("times", "Accepted"), Cell(str(served.accepted))),
        (pgettext("times", "Declined"), Cell(str(served.declined))),
        (gettext("Attended"), Cell(str(served.attended))),
    ]
    return section
