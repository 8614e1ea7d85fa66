"""1.2.2: review plans of meetings, reported by the office, agreed to or returned by the authority."""

from datetime import datetime
from typing import Any, ClassVar

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import joinedload

from app import scopes
from app.engine import Act
from app.enums import Aggregation, Level, MeetingMode, PlanState, ReviewStep, Role
from app.extensions import db
from app.forms.base.columns import column_values, model_columns
from app.forms.meeting import PlanForm
from app.ground.actor import Actor
from app.models import Application, Batch, Plan, Specialty
from app.services.meeting import caps, meeting_groups, plans, score_sheet
from app.services.results import fairness
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Cell, Column, computed
from app.views.base.declarations import Add, Button, Change, DryRun, take_back
from app.views.base.detail_sections import DetailSection
from app.views.meeting import meeting_link, plan_forecast
from app.views.meeting.last_plan import last_plan
from app.views.meeting.plan_changes import PlanChangeView


def plan_sections(plan: Plan) -> list[DetailSection]:
    """Return the sections of a plan: how the meeting is held, candidates by level, warnings."""
    counts = caps.candidates_by_level(db.session(), plan)
    levels = DetailSection(
        "levels",
        gettext("Candidates by level"),
        "table",
        columns=[gettext("Level"), gettext("Candidates"), gettext("May pass at most")],
        rows=[_level_row(plan, level, count) for level, count in sorted(counts.items())],
    )
    warnings = [
        detail_sections.text(f"warning{place}", gettext("Mind this"), sentence)
        for place, sentence in enumerate(plans.warnings(plan, counts))
    ]
    return [*meeting_setup_sections(plan), levels, *warnings]


def meeting_setup_sections(plan: Plan) -> list[DetailSection]:
    """Return the sections about how a meeting is held: dates, seats, groups, steps, counting, score sheet."""
    sections = [
        detail_sections.pairs("plan", gettext("Review plan"), plan, _meeting_names(plan)),
        detail_sections.pairs(
            "counting", gettext("Judges, scores and vote"), plan, _counting_names(plan)
        ),
    ]
    if plan.groups:
        sections.append(_group_section(plan))
    if plan.score_items:
        sections.append(_score_section(plan))
    return sections


def _meeting_names(plan: Plan) -> list[str | Column]:
    alternates = ["alternates"] if plan.mode is MeetingMode.ONLINE else []
    return [
        "name", "committee", "batch", "mode", "opens_on", "closes_on", "place", "seats", *alternates,
        computed("groups", _("Groups"), lambda row: "、".join(one["name"] for one in row.groups)),
        computed("steps", _("Steps used"), _step_names), "reported_at", "note",
    ]  # fmt: skip


def _counting_names(plan: Plan) -> list[str]:
    """Return the columns about judges, scores and vote: of an offline meeting the caps, of scores if it has some."""
    lines = ["senior_cap", "associate_cap", "over_cap"]
    if plan.mode is MeetingMode.OFFLINE:
        return lines
    names: list[str] = ["recusal_rule", "is_anonymous"]
    scored = score_sheet.scored_steps(plan.steps)
    if scored:
        names.append("aggregation")
    if scored and plan.aggregation is Aggregation.TRIMMED:
        names.append("trim_from")
    if len(scored) == len(score_sheet.SCORED):
        names.append("material_share")
    return [*names, "denominator", *lines]


def _group_section(plan: Plan) -> DetailSection:
    names = specialty_names(plan)
    return DetailSection(
        "groups",
        gettext("Groups"),
        "table",
        columns=[gettext("Group"), gettext("Seats"), gettext("Specialties")],
        rows=[
            [
                Cell(str(one["name"])),
                Cell(str(one["seats"]), kind="number"),
                Cell(_specialty_text(one["specialties"], names)),
            ]
            for one in plan.groups
        ],
        count=len(plan.groups),
    )


def _specialty_text(codes: list[str], names: dict[str, str]) -> str:
    if not codes:
        return gettext("all that no other group hears")
    return "、".join(names.get(code, code) for code in codes)


def specialty_names(plan: Plan) -> dict[str, str]:
    """Return code → name of the specialties assigned to the groups of `plan`."""
    codes = {code for one in meeting_groups.groups_of_plan(plan) for code in one["specialties"]}
    query = select(Specialty.code, Specialty.name).where(Specialty.code.in_(codes))
    return dict(db.session.execute(query).tuples().all())


def _step_names(plan: Plan) -> str:
    return "、".join(str(ReviewStep(step).label) for step in plan.steps)


def _level_row(plan: Plan, level: Level, count: int) -> list[Cell]:
    percent = caps.percent_of(plan, level)
    most = "—" if percent is None else str(caps.cap(count, percent))
    return [Cell(str(level.label)), Cell(str(count), kind="number"), Cell(most, kind="number")]


def _score_section(plan: Plan) -> DetailSection:
    return DetailSection(
        "score_items",
        gettext("Score items"),
        "table",
        columns=[
            gettext("Score item"),
            gettext("Asked in"),
            gettext("Highest score"),
            gettext("Weight (%)"),
        ],
        rows=[
            [
                Cell(item["name"]),
                Cell(str(ReviewStep(item["step"]).label)),
                Cell(str(item["max"]), kind="number"),
                Cell(str(item["weight"]), kind="number"),
            ]
            for item in plan.score_items
        ],
        count=len(plan.score_items),
    )


CANDIDATES_SHOWN = 200


def candidate_section(plan: Plan) -> DetailSection:
    """Return the section of the first candidates of a plan; 1.2.5 lists all."""
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
    return detail_sections.table_of(
        "candidates", label, shown, ["number", "name", "unit.name", "title.name", "state"]
    )


def build_plan(data: dict[str, Any], actor: Actor, at: datetime) -> Plan:
    """Return the unsaved plan from the form 新增; its committee follows from the batch."""
    plan = Plan()
    write_plan(plan, data, actor, at)
    return plan


def write_plan(plan: Plan, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Write the form data into `plan`."""
    batch = db.session.get(Batch, data["batch_id"] or 0)
    plan.committee_id = batch.committee_id if batch else 0
    for key, value in model_columns(data, Plan).items():
        setattr(plan, key, value)
    plan.steps = [str(step.value) for step in data["steps"]]


def plan_faults(data: dict[str, Any], actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """Return what the rules say to a plan that is not complete."""
    plan = build_plan(data, actor, at)
    batch = db.session.get(Batch, plan.batch_id) if plan.batch_id else None
    return plans.all_faults(Act(plan, "report", actor, at, details=data), batch)


def load_plan(plan: Plan) -> dict[str, Any]:
    """Return the form data of a returned plan."""
    return column_values(plan) | {"group_rows": list(plan.groups), "pick": "keep"}


def show_trial(plan: Plan, actor: Actor) -> list[DetailSection]:
    """Return the forecast for the plan as typed; the page rolls the plan back afterwards."""
    return plan_forecast.sections(plan)


TRIAL = DryRun(_("Try out"), show_trial)
PLAN_AUDIT = Button(
    "audit",
    _("Audit"),
    events={"agree": _("Audit passed"), "return": _("Audit not passed")},
    confirm=_("Decide on %(count)s plans. Agreeing takes their candidates into the meeting."),
)

PLAN_TAKE_BACK = take_back(
    _(
        "Take back %(count)s plans to change them? The authority does not see them until they are reported again; the candidates stay in them."
    )
)


def visible_plans(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for plans that the actor may see."""
    return scopes.visible(Plan, actor)


class PlanDecisionView(GuideView):
    """1.2.2 Reported plans waiting for the authority's decision."""

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
    list_columns: ClassVar[list[str | Column]] = [
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
    buttons: ClassVar[tuple[Button, ...]] = (PLAN_AUDIT,)

    def sections(self, record: Plan, actor: Actor) -> list[DetailSection]:
        return [
            *meeting_setup_sections(record),
            *plan_forecast.sections(record),
            candidate_section(record),
        ]


class PlanView(PlanDecisionView):
    """1.2.2 All plans: the office reports how a meeting will be held, the authority agrees or returns it."""

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
    found_by = ("name", "committee.name")
    waiting = ()
    list_columns: ClassVar[list[str | Column]] = [
        meeting_link.linked(Plan, "name"), "committee", "batch", "mode", "opens_on", "closes_on", "state",
        "reported_at",
    ]  # fmt: skip
    todos = (Todo("revise", _("Returned or taken back, to be changed"), ("revise",)),)
    buttons = (PLAN_AUDIT, PLAN_TAKE_BACK)
    add = Add(
        _("New"),
        PlanForm,
        "report",
        build_plan,
        notes=(
            _(
                "A plan is reported a number of working days before the meeting; one that comes too late "
                "is refused, and the first possible day is named."
            ),
            _(
                "“Try out” shows what the plan leads to: who may pass, whom judges can be drawn from, how "
                "long the interviews take. It saves nothing."
            ),
        ),
        trial=TRIAL,
        last=last_plan,
        faults=plan_faults,
        has_drafts=True,
    )
    change = Change(_("Edit"), PlanForm, "revise", load_plan, write_plan, trial=TRIAL)
    tabs = (PlanDecisionView, PlanChangeView)

    def links(self, record: Plan, actor: Actor) -> list[tuple[Label, str]]:
        """Lead the authority to the figures of the judges once they are open to it."""
        if actor.role is not Role.HRSS or not fairness.is_open(db.session(), record):
            return []
        return [(gettext("How the judges scored"), url_for("MeetingFairness.show", pk=record.id))]


def online_plans(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for agreed plans of online meetings that the actor may see."""
    is_online = (Plan.mode == MeetingMode.ONLINE) & (Plan.state == PlanState.APPROVED)
    return scopes.visible(Plan, actor) & is_online


def uses_step(step: ReviewStep) -> ColumnElement[bool]:
    """Return the condition that a plan uses `step`; the list of steps is stored as JSON."""
    return cast(Plan.steps, String).contains(f'"{step.value}"')
