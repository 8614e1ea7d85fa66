"""Review plans: sound, early enough, agreed; their candidates and their score sheet."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run
from hypothesis import strategies as st

from app import engine
from app.engine import Act, Refused
from app.enums import (
    ApplicationState,
    BatchState,
    Level,
    MeetingMode,
    OverCap,
    PlanState,
    ReviewStep,
    Role,
)
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Batch, Plan
from app.services.meeting import candidates, plans, score_sheet
from app.services.registers import working_days
from tests.support import factories as f

pytestmark = pytest.mark.usefixtures("calendar")
MATERIAL = ReviewStep.MATERIAL_SCORE.value
ITEMS = [
    {"name": "业绩成果", "max": 100, "weight": 60, "step": MATERIAL},
    {"name": "论文著作", "max": 50, "weight": 40, "step": MATERIAL},
]
SCORED = [ReviewStep.MATERIAL_SCORE.value, ReviewStep.OPINION.value, ReviewStep.VOTE.value]


@pytest.fixture
def calendar(app: Any) -> None:
    f.work_days()


@pytest.fixture
def batch(app: Any) -> Batch:
    return f.batch()


@pytest.fixture
def office(batch: Batch) -> Actor:
    return f.actor(Role.OFFICE, committee=batch.committee)


@pytest.fixture
def authority(app: Any) -> Actor:
    return f.actor(Role.HRSS, unit=f.unit(region_code="430000"))


@pytest.fixture
def candidate(batch: Batch) -> Application:
    return f.application(ApplicationState.QUALIFIED, batch=batch)


def new(batch: Batch, **values: Any) -> Plan:
    """Return a plan that is not stored yet, sound but for `values`."""
    sound = {
        "name": "2026年度高级评审会",
        "committee_id": batch.committee_id,
        "batch_id": batch.id,
        "mode": MeetingMode.OFFLINE,
        "opens_on": f.in_days(60),
        "closes_on": f.in_days(62),
        "place": "长沙",
        "seats": 25,
        "alternates": 5,
        "groups": [],
        "steps": [ReviewStep.OPINION.value, ReviewStep.VOTE.value],
        "score_items": [],
        "senior_cap": 40,
        "associate_cap": 55,
        "over_cap": OverCap.RANK,
        "note": "",
    }
    return Plan(**sound | values)


def report(plan: Plan, actor: Actor, **details: Any) -> Any:
    return engine.fire(plan, "report", actor=actor, at=clock.now(), details=details)


def test_plan_is_reported_and_agreed(
    batch: Batch, office: Actor, authority: Actor, candidate: Application
) -> None:
    plan = new(batch, steps=SCORED, score_items=ITEMS)

    report(plan, office, pick="all")
    assert plan.state is PlanState.REPORTED
    assert candidate.plan_id == plan.id
    engine.fire(plan, "agree", actor=authority, at=clock.now())

    assert plan.state is PlanState.APPROVED
    assert candidate.state is ApplicationState.IN_REVIEW


def test_plan_of_another_committee_is_refused(batch: Batch, candidate: Application) -> None:
    stranger = f.actor(Role.OFFICE, committee=f.committee())

    with pytest.raises(Refused, match="another committee"):
        report(new(batch), stranger)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"batch_id": None}, "batch_id"),
        ({"name": "x"}, "name"),
        ({"place": ""}, "place"),
        ({"opens_on": None}, "opens_on"),
        ({"closes_on": None}, "closes_on"),
        ({"closes_on": f.in_days(59)}, "closes_on"),
        ({"closes_on": f.in_days(701)}, "closes_on"),
        ({"opens_on": f.in_days(701), "closes_on": f.in_days(702)}, "opens_on"),
        ({"seats": 26}, "seats"),
        ({"seats": 23}, "seats"),
        ({"seats": None}, "seats"),
        ({"steps": []}, "steps"),
        ({"steps": [ReviewStep.VOTE.value]}, "steps"),
        ({"steps": [*SCORED, "dance"]}, "steps"),
        ({"steps": SCORED}, "score_items"),
        ({"score_items": ITEMS}, "score_items"),
        ({"steps": SCORED, "score_items": ITEMS[:1]}, "score_items"),
        ({"mode": None}, "mode"),
        ({"over_cap": None}, "over_cap"),
        ({"senior_cap": 41}, "senior_cap"),
        ({"associate_cap": -1}, "associate_cap"),
        ({"associate_cap": None}, "associate_cap"),
    ],
)
def test_unsound_plan_is_refused_at_its_field(
    batch: Batch, office: Actor, candidate: Application, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        report(new(batch, **values), office)

    assert refusal.value.field == field
    assert candidate.plan_id is None


def test_plan_needs_an_open_batch_of_its_committee(
    batch: Batch, office: Actor, candidate: Application
) -> None:
    other = f.batch()

    with pytest.raises(Refused, match="of your committee"):
        report(new(batch, batch_id=other.id), office)
    batch.state = BatchState.CLOSED
    with pytest.raises(Refused, match="needs an open one"):
        report(new(batch), office)


def test_small_committee_of_a_specialty_sits_with_its_approved_number(
    batch: Batch, office: Actor, candidate: Application
) -> None:
    batch.committee.min_size = 11
    with pytest.raises(Refused, match="at least 25"):
        report(new(batch, seats=11), office)
    f.agree_to_size(batch.committee, 11)

    with pytest.raises(Refused, match="at least 11"):
        report(new(batch, seats=9), office)
    report(new(batch, seats=11), office)


# how early


def test_plan_can_open_on_the_fifteenth_working_day(
    batch: Batch, office: Actor, candidate: Application
) -> None:
    first = working_days.add_working_days(f.today(), 15)
    too_early = first - timedelta(days=1)

    with pytest.raises(Refused, match=str(first)) as refusal:
        report(new(batch, opens_on=too_early), office)
    assert refusal.value.field == "opens_on"
    report(new(batch, opens_on=first), office)


def test_self_review_unit_reports_ten_working_days_before(
    batch: Batch, office: Actor, candidate: Application
) -> None:
    batch.committee.unit.is_self_review = True
    first = working_days.add_working_days(f.today(), 10)

    with pytest.raises(Refused, match=str(first)):
        report(new(batch, opens_on=first - timedelta(days=1)), office)
    plan = new(batch, opens_on=first)
    report(plan, office)

    assert plan.state is PlanState.REPORTED


def test_plan_beyond_the_known_calendar_stops_with_a_sentence(
    batch: Batch, office: Actor, candidate: Application, session: Any
) -> None:
    session.query(f.WorkDay).filter(f.WorkDay.day > f.today()).delete()

    with pytest.raises(Refused, match="not known yet"):
        report(new(batch), office)


# candidates


def test_plan_without_a_qualified_candidate_is_refused(batch: Batch, office: Actor) -> None:
    f.application(ApplicationState.AT_OFFICE, batch=batch)
    f.application(ApplicationState.QUALIFIED)

    with pytest.raises(Refused, match="at least one qualified") as refusal:
        report(new(batch), office)

    assert refusal.value.field == "pick"


def test_ticked_levels_and_specialties_choose(
    batch: Batch, office: Actor, candidate: Application
) -> None:
    senior = f.application(ApplicationState.QUALIFIED, batch=batch, level=Level.SENIOR)
    other = f.application(
        ApplicationState.QUALIFIED, batch=batch, specialty_code=f.specialty("05002", "05").code
    )

    report(new(batch), office, pick="some", levels=[Level.ASSOCIATE], specialties=["05001"])

    assert [bool(one.plan_id) for one in (candidate, senior, other)] == [True, False, False]


def test_ticking_nothing_is_refused(batch: Batch, office: Actor, candidate: Application) -> None:
    with pytest.raises(Refused, match="Tick at least one level"):
        report(new(batch), office, pick="some", levels=[], specialties=["05001"])


def test_named_candidates_are_taken_or_refused_by_number(
    batch: Batch, office: Actor, candidate: Application
) -> None:
    waiting = f.application(ApplicationState.AT_OFFICE, batch=batch)

    with pytest.raises(Refused, match=waiting.number):
        report(new(batch), office, application_ids=[candidate.id, waiting.id])
    report(new(batch), office, application_ids=[candidate.id])

    assert candidate.plan_id is not None


def test_candidate_is_in_one_plan_only(batch: Batch, office: Actor, candidate: Application) -> None:
    report(new(batch), office)
    second = f.application(ApplicationState.QUALIFIED, batch=batch)

    with pytest.raises(Refused, match=candidate.number):
        report(new(batch), office, application_ids=[candidate.id])
    plan = new(batch)
    report(plan, office)

    assert second.plan_id == plan.id
    assert candidate.plan_id != plan.id


def test_returned_plan_keeps_or_changes_its_candidates(
    batch: Batch, office: Actor, authority: Actor, candidate: Application
) -> None:
    plan = new(batch)
    report(plan, office)
    engine.fire(plan, "return", actor=authority, at=clock.now(), opinion="会议地点不明确，请补充")
    late = f.application(ApplicationState.QUALIFIED, batch=batch)

    engine.fire(plan, "revise", actor=office, at=clock.now(), details={"pick": "keep"})
    assert (candidate.plan_id, late.plan_id) == (plan.id, None)
    engine.fire(plan, "return", actor=authority, at=clock.now(), opinion="会议地点不明确，请补充")
    engine.fire(
        plan, "revise", actor=office, at=clock.now(), details={"application_ids": [late.id]}
    )

    assert (candidate.plan_id, late.plan_id) == (None, plan.id)


def test_binding_is_refused_when_the_candidates_are_gone(batch: Batch, office: Actor) -> None:
    plan = f.plan(batch=batch)

    with pytest.raises(Refused, match="changed meanwhile"):
        candidates.bind_to_plan(Act(plan, "report", office, clock.now()))


def test_specialties_waiting_are_counted(
    batch: Batch, candidate: Application, session: Any
) -> None:
    f.application(ApplicationState.QUALIFIED, batch=batch)

    found = candidates.waiting_specialties(session, [batch.committee_id])

    assert [(code, count) for code, _name, count in found] == [("05001", 2)]


# caps


@pytest.mark.parametrize(
    ("count", "cap", "is_warned"),
    [(1, 55, True), (2, 49, True), (2, 50, False), (3, 55, False), (0, 0, False)],
)
def test_cap_that_lets_nobody_pass_is_warned_of(count: int, cap: int, is_warned: bool) -> None:
    plan = Plan(senior_cap=40, associate_cap=cap)

    assert bool(plans.warnings(plan, {Level.ASSOCIATE: count})) == is_warned


def test_warning_stands_in_the_log(batch: Batch, office: Actor, candidate: Application) -> None:
    log = report(new(batch), office)

    assert "lets nobody pass" in log.details["warnings"][0]
    assert log.details["candidates"] == 1


def test_uncapped_level_is_never_warned_of() -> None:
    assert plans.warnings(Plan(senior_cap=0, associate_cap=0), {Level.MIDDLE: 1}) == []


# score sheet


@given(weights=st.lists(st.integers(-10, 120), min_size=1, max_size=8))
def test_weights_are_accepted_exactly_when_whole_and_hundred_together(
    app: Any, weights: list[int]
) -> None:
    items = [
        {"name": f"项目{place}", "max": 10, "weight": weight, "step": MATERIAL}
        for place, weight in enumerate(weights)
    ]

    faults = list(score_sheet.faults(items, SCORED))

    is_fine = sum(weights) == 100 and all(1 <= weight <= 100 for weight in weights)
    assert (not faults) == is_fine


test_weights_are_accepted_exactly_when_whole_and_hundred_together = run(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)(test_weights_are_accepted_exactly_when_whole_and_hundred_together)


@pytest.mark.parametrize(
    "item",
    [
        {"name": "", "max": 10, "weight": 100},
        {"name": "长" * 61, "max": 10, "weight": 100},
        {"name": "业绩成果", "max": 0, "weight": 100},
        {"name": "业绩成果", "max": 1001, "weight": 100},
        {"name": "业绩成果", "max": 9.5, "weight": 100},
        {"name": "业绩成果", "max": None, "weight": 100},
        {"name": "业绩成果", "max": True, "weight": 100},
        {"name": "业绩成果", "max": 10, "weight": 99},
    ],
)
def test_faulty_score_item_is_refused(item: dict[str, Any]) -> None:
    assert list(score_sheet.faults([item | {"step": MATERIAL}], SCORED))


@pytest.mark.parametrize(
    ("one", "other"),
    [("业绩", "业绩"), ("业绩", "业 绩"), ("能力Ａ", "能力a"), ("业绩（质量）", "业绩(质量)")],
)
def test_score_items_of_one_name_are_refused(one: str, other: str) -> None:
    twice = [{"name": name, "max": 10, "weight": 50, "step": MATERIAL} for name in (one, other)]

    assert any("twice" in sentence for _field, sentence in score_sheet.faults(twice, SCORED))


BOTH = [*SCORED, ReviewStep.INTERVIEW.value]
AT_INTERVIEW = [{"name": "答辩表现", "max": 100, "weight": 100, "step": ReviewStep.INTERVIEW.value}]


@pytest.mark.parametrize(
    ("items", "steps", "why"),
    [
        (ITEMS + AT_INTERVIEW, BOTH, ""),
        (ITEMS, BOTH, "has no score item"),
        (ITEMS + AT_INTERVIEW, SCORED, "choose where it is asked"),
        ([*ITEMS, AT_INTERVIEW[0] | {"step": ""}], BOTH, "choose where it is asked"),
        ([*ITEMS, AT_INTERVIEW[0] | {"step": "dance"}], BOTH, "choose where it is asked"),
        ([*ITEMS, AT_INTERVIEW[0] | {"weight": 99}], BOTH, "add up to 99"),
        ([*ITEMS, AT_INTERVIEW[0] | {"name": ITEMS[0]["name"]}], BOTH, ""),
    ],
)
def test_every_scored_step_has_its_own_items(
    items: list[dict[str, Any]], steps: list[str], why: str
) -> None:
    found = " ".join(sentence for _field, sentence in score_sheet.faults(items, steps))

    assert (why in found) if why else found == ""


def test_the_only_scored_step_gets_all_items() -> None:
    bare = [{"name": "业绩", "max": 10, "weight": 100, "step": ""}]

    assert score_sheet.with_only_step(bare, SCORED) == [bare[0] | {"step": MATERIAL}]
    assert score_sheet.with_only_step(bare, BOTH) == bare


# the authority


def test_authority_of_another_region_does_not_agree(
    batch: Batch, office: Actor, candidate: Application
) -> None:
    plan = new(batch)
    report(plan, office)
    stranger = f.actor(Role.HRSS, unit=f.unit(region_code="430700"))

    with pytest.raises(Refused, match="another region"):
        engine.fire(plan, "agree", actor=stranger, at=clock.now())

    assert candidate.state is ApplicationState.QUALIFIED


def test_committee_that_expires_before_the_meeting_stops_the_plan(
    batch: Batch, office: Actor, authority: Actor, candidate: Application
) -> None:
    plan = new(batch)
    report(plan, office)
    batch.committee.valid_to = f.in_days(61)

    with pytest.raises(Refused, match="approved again"):
        engine.fire(plan, "agree", actor=authority, at=clock.now())

    assert plan.state is PlanState.REPORTED


def test_reported_plan_is_taken_back_changed_and_reported_until_it_is_decided(
    batch: Batch, office: Actor, authority: Actor, candidate: Application
) -> None:
    plan = new(batch)
    report(plan, office)

    engine.fire(plan, "take_back", actor=office, at=clock.now())
    assert (plan.state, candidate.plan_id) == (PlanState.DRAFT, plan.id)
    with pytest.raises(Refused):
        engine.fire(plan, "agree", actor=authority, at=clock.now())
    engine.fire(plan, "revise", actor=office, at=clock.now(), details={"pick": "keep"})
    assert (plan.state, candidate.plan_id) == (PlanState.REPORTED, plan.id)
    engine.fire(plan, "agree", actor=authority, at=clock.now())

    with pytest.raises(Refused, match="Already dealt with"):
        engine.fire(plan, "take_back", actor=office, at=clock.now())


def test_plan_of_another_committee_is_not_taken_back(batch: Batch) -> None:
    plan = f.plan(batch=batch, state=PlanState.REPORTED)
    stranger = f.actor(Role.OFFICE, committee=f.committee())

    with pytest.raises(Refused):
        engine.fire(plan, "take_back", actor=stranger, at=clock.now())
