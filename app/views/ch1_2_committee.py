"""1.2.1–1.2.4: qualification check, review plans, and the working lists of the draw and the interviews."""

from datetime import datetime
from typing import Any, ClassVar

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import joinedload

from app import scopes
from app.actor import Actor
from app.enums import MeetingMode, PlanState, ReviewStep, Role, S
from app.extensions import db
from app.forms import office as forms
from app.models import Application, Batch, Plan
from app.services import caps, plans, qualification
from app.views import detail
from app.views.application import ApplicationView
from app.views.base import Add, Button, Change, GuideView
from app.views.columns import Cell, computed
from app.views.detail import DetailSection
from app.views.rule_pages import UNMET

AUDIT = Button(
    "audit",
    _("Audit"),
    events={
        "office_pass": _("Audit passed"),
        "office_refuse": _("Audit not passed"),
        "ask_correction": _("Ask for a supplement"),
    },
    form=forms.QualificationForm,
    confirm=_("Decide on %(count)s applications; the applicants are told at once."),
)


class CommitteeApplicationsView(ApplicationView):
    """Everything addressed to the office's committees, decided or not."""

    guide = "1.2.1"
    slug = "all"
    label = _("Recheck of applicants' qualifications")
    tab_label = _("All applications of the committee")
    purpose = _("All applications addressed to your committees, in any state.")
    empty = _("No application has reached your committees yet.")
    roles = (Role.OFFICE,)
    scope = staticmethod(scopes.of_my_committees)
    list_columns: ClassVar[list[Any]] = [
        "number", "name", "unit", "title", "specialty", "state", UNMET, "office_at", "due_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = [
        "name", "id_number", "number", "unit", "title", "specialty", "batch", "state", "rules_unmet", "office_at",
    ]  # fmt: skip
    can_export = True

    def sections(self, record: Any, actor: Actor) -> list[DetailSection]:
        return [*super().sections(record, actor), *correction_sections(record)]


class QualificationView(CommitteeApplicationsView):
    """1.2.1: the committee's office rechecks who may be reviewed."""

    guide = "1.2.1"
    slug = ""
    label = _("Recheck of applicants' qualifications")
    tab_label = _("To be checked")
    purpose = _(
        "Applications that reached your committees and wait for the check: pass them, refuse them for "
        "this year, or ask once for everything that is missing."
    )
    empty = _("No application waits for the check.")
    scope = staticmethod(scopes.of_my_committees)
    waiting = ("office_pass",)
    buttons = (AUDIT,)
    tabs = (CommitteeApplicationsView,)


def correction_sections(record: Application) -> list[DetailSection]:
    """Return what the application was asked to supply, if anything."""
    correction = qualification.correction_of(db.session(), record.id)
    if correction is None:
        return []
    items = "\n".join(f"{place}. {item['text']}" for place, item in enumerate(correction.items, 1))
    return [
        detail.pairs(
            "correction",
            gettext("Supplement"),
            correction,
            ["deadline", "state", "asked_at", "settled_at"],
        ),
        detail.text("correction_items", gettext("Items to be supplied"), items),
    ]


def plan_sections(plan: Plan) -> list[DetailSection]:
    """Return how a meeting is held: dates, seats, steps, score sheet and candidates by level."""
    names = [
        "name", "committee", "batch", "mode", "opens_on", "closes_on", "place", "seats", "alternates",
        computed("groups", _("Groups"), lambda row: "、".join(one["name"] for one in row.groups)),
        computed("steps", _("Steps used"), _steps), "senior_cap", "associate_cap", "over_cap",
        "reported_at", "note",
    ]  # fmt: skip
    counts = caps.candidates_by_level(db.session(), plan)
    sections = [
        detail.pairs("plan", gettext("Review plan"), plan, names),
        DetailSection(
            "levels",
            gettext("Candidates by level"),
            "table",
            columns=[gettext("Level"), gettext("Candidates"), gettext("May pass at most")],
            rows=[_level_row(plan, level, count) for level, count in sorted(counts.items())],
        ),
    ]
    if plan.score_items:
        sections.append(_score_section(plan))
    sections += [
        detail.text(f"warning{place}", gettext("Mind this"), sentence)
        for place, sentence in enumerate(plans.warnings(plan, counts))
    ]
    return sections


def _steps(plan: Plan) -> str:
    return "、".join(str(ReviewStep(step).label) for step in plan.steps)


def _level_row(plan: Plan, level: Any, count: int) -> list[Cell]:
    percent = caps.percent_of(plan, level)
    most = "—" if percent is None else str(caps.cap(count, percent))
    return [Cell(str(level.label)), Cell(str(count), kind="number"), Cell(most, kind="number")]


def _score_section(plan: Plan) -> DetailSection:
    return DetailSection(
        "score_items",
        gettext("Score items"),
        "table",
        columns=[gettext("Score item"), gettext("Highest score"), gettext("Weight (%)")],
        rows=[
            [
                Cell(item["name"]),
                Cell(str(item["max"]), kind="number"),
                Cell(str(item["weight"]), kind="number"),
            ]
            for item in plan.score_items
        ],
        count=len(plan.score_items),
    )


CANDIDATES_SHOWN = 200


def candidate_section(plan: Plan) -> DetailSection:
    """Return the first candidates of a plan; the whole list stands under 1.2.5."""
    query = (
        select(Application)
        .where(Application.plan_id == plan.id)
        .options(joinedload(Application.unit), joinedload(Application.title))
        .order_by(Application.id)
        .limit(CANDIDATES_SHOWN)
    )
    shown = list(db.session.scalars(query))
    label = gettext("Candidates")
    if len(shown) == CANDIDATES_SHOWN:
        label = gettext("Candidates (the first %(count)s)", count=CANDIDATES_SHOWN)
    return detail.table_of(
        "candidates", label, shown, ["number", "name", "unit.name", "title.name", "state"]
    )


def build_plan(data: dict[str, Any], actor: Actor, at: datetime) -> Plan:
    """Make the plan that 新增 describes; its committee follows from the batch."""
    plan = Plan()
    write_plan(plan, data, actor, at)
    return plan


def write_plan(plan: Plan, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Write what the form holds into `plan`."""
    batch = db.session.get(Batch, data["batch_id"])
    plan.committee_id = batch.committee_id if batch else 0
    for key, value in forms.columns(data, Plan).items():
        setattr(plan, key, value)
    plan.steps = [str(step.value) for step in data["steps"]]


def load_plan(plan: Plan) -> dict[str, Any]:
    """Return what the form shows of a returned plan."""
    return forms.load(plan) | {
        "groups_named": "、".join(one["name"] for one in plan.groups),
        "pick": "keep",
    }


PLAN_AUDIT = Button(
    "audit",
    _("Audit"),
    events={"agree": _("Audit passed"), "return": _("Audit not passed")},
    confirm=_("Decide on %(count)s plans. Agreeing takes their candidates into the meeting."),
)


def visible_plans(actor: Actor) -> ColumnElement[bool]:
    return scopes.visible(Plan, actor)


class PlanDecisionView(GuideView):
    """The reported plans an authority has to decide on."""

    guide = "1.2.2"
    slug = "waiting"
    label = _("Report of the review plan")
    tab_label = _("To be decided")
    purpose = _("Reported plans that wait for your decision.")
    empty = _("No plan waits for your decision.")
    model = Plan
    roles: ClassVar[tuple[Role, ...]] = (Role.HRSS,)
    scope = staticmethod(visible_plans)
    waiting: ClassVar[tuple[str, ...]] = ("agree",)
    list_columns: ClassVar[list[Any]] = [
        "name", "committee", "batch", "mode", "opens_on", "closes_on", "state", "reported_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = [
        "name",
        "committee",
        "batch",
        "mode",
        "opens_on",
        "state",
    ]
    buttons = (PLAN_AUDIT,)

    def sections(self, record: Any, actor: Actor) -> list[DetailSection]:
        return [*plan_sections(record), candidate_section(record)]


class PlanView(PlanDecisionView):
    """1.2.2: the office reports how a meeting will be held, the authority agrees or returns."""

    guide = "1.2.2"
    slug = ""
    label = _("Report of the review plan")
    tab_label = _("All plans")
    purpose = _(
        "Plans of the meetings: reported by the committee's office early enough before the opening, "
        "agreed to or returned by the authority."
    )
    empty = _("No plan has been reported yet.")
    roles = (Role.OFFICE, Role.HRSS)
    waiting = ()
    add = Add(
        _("New"),
        forms.PlanForm,
        "report",
        build_plan,
        notes=(
            _(
                "A plan is reported a number of working days before the meeting; one that comes too late "
                "is refused, and the first possible day is named."
            ),
        ),
    )
    change = Change(_("Edit"), forms.PlanForm, "revise", load_plan, write_plan)
    tabs = (PlanDecisionView,)


def online_plans(actor: Actor) -> ColumnElement[bool]:
    """Agreed plans of online meetings that the actor may see."""
    is_online = (Plan.mode == MeetingMode.ONLINE) & (Plan.state == PlanState.APPROVED)
    return scopes.visible(Plan, actor) & is_online


def uses(step: ReviewStep) -> ColumnElement[bool]:
    """Return whether a plan uses `step`; the list of steps is stored as JSON."""
    return cast(Plan.steps, String).contains(f'"{step.value}"')


class DrawView(GuideView):
    """1.2.3: the plans whose judges are due to be drawn."""

    guide = "1.2.3"
    label = _("Draw of judges (online)")
    purpose = _(
        "Agreed plans of online meetings, for which judges are to be drawn. This page shows the plans; "
        "the draw itself is not available here yet."
    )
    empty = _("There is no agreed plan of an online meeting. Offline meetings need no draw.")
    model = Plan
    roles = (Role.OFFICE, Role.SUPERVISOR)
    scope = staticmethod(online_plans)
    list_columns: ClassVar[list[Any]] = [
        "name", "committee", "batch", "opens_on", "closes_on", "seats", "state",
        computed("plan", _("Review plan"), lambda row: _plan_link(row)),
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "committee", "batch", "opens_on"]

    def sections(self, record: Any, actor: Actor) -> list[DetailSection]:
        return plan_sections(record)


def _plan_link(plan: Plan) -> Cell:
    return Cell(gettext("Query the review plan"), url=url_for("DrawView.show", pk=plan.id))


def interview_candidates(actor: Actor) -> ColumnElement[bool]:
    """Candidates of agreed online meetings with an interview."""
    meetings = select(Plan.id).where(online_plans(actor), uses(ReviewStep.INTERVIEW))
    in_meeting = (Application.state == S.IN_REVIEW) & Application.plan_id.in_(meetings)
    return scopes.visible(Application, actor) & in_meeting


class InterviewView(ApplicationView):
    """1.2.4: the candidates who are due to be invited to an interview."""

    guide = "1.2.4"
    label = _("Interview notices (online)")
    purpose = _(
        "Candidates of agreed online meetings with an interview. This page shows who is to be invited; "
        "slots and notices are not made or sent here yet."
    )
    empty = _("No online meeting with an interview has candidates now.")
    roles = (Role.OFFICE,)
    scope = staticmethod(interview_candidates)
    list_columns: ClassVar[list[Any]] = [
        "number", "name", "unit", "title", "specialty", "plan", "plan.opens_on", "plan.place", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "number", "unit", "title", "specialty", "plan"]

    def sections(self, record: Any, actor: Actor) -> list[DetailSection]:
        return [*plan_sections(record.plan), *super().sections(record, actor)]
