"""Other lines for an agreed plan: asked for by the office, agreed by the authority, kept as they were."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app import engine
from app.engine import Refused
from app.enums import Aggregation, Level, OverCap, PlanChangeState, PlanState, RoundState
from app.extensions import db
from app.ground.actor import Actor
from app.models import Outbox, Plan, PlanChange, TransitionLog
from app.services.meeting.lines import lines_of
from app.services.results import outcomes, plan_changes, trials
from tests.support import factories, meetings
from tests.support.acting import fire, why_not

WHY = "省厅核定本年度正高通过率调整为百分之六十"


@pytest.fixture
def plan(app: Any) -> Plan:
    """An online meeting of five full senior candidates, of whom two may pass; the batch allows 60 percent."""
    plan = meetings.online(count=5, level=Level.SENIOR, senior_cap=40)
    plan.batch.senior_cap = 60
    return plan


def report(plan: Plan, actor: Actor | None = None, **values: Any) -> PlanChange:
    actor = actor or meetings.office(plan)
    wanted = replace(lines_of(plan), **values)
    log = plan_changes.report(
        db.session(), plan, wanted, actor=actor, at=factories.clock.now(), reason=WHY
    )
    return db.session.get_one(PlanChange, log.subject_id)


def refusal(plan: Plan, **values: Any) -> str:
    with pytest.raises(Refused) as refused:
        report(plan, **values)
    db.session.expunge_all()
    return refused.value.sentence


def logs(record: Any) -> list[TransitionLog]:
    found = db.session.query(TransitionLog).filter_by(
        subject_type=record.__tablename__, subject_id=record.id
    )
    return list(found.order_by(TransitionLog.id))


def test_what_the_authority_agrees_to_counts(plan: Plan) -> None:
    meetings.vote(plan, 25, 24, 23, 22, 10)
    third = meetings.candidates(plan)[2]
    change = report(plan, senior_cap=60)
    assert (change.state, plan.senior_cap) == (PlanChangeState.REPORTED, 40)
    facts = plan_changes.snapshot_of(change)
    assert (facts["passes"], facts["in"], facts["out"]) == ([2, 3], [third.number], [])
    assert change.figures == trials.digest_of(trials.figures_of(db.session(), plan))

    fire(change, "agree", meetings.authority())
    assert plan.senior_cap == 60
    passed = outcomes.outcome_of_plan(db.session(), plan).standings
    assert sum(one.is_passed for one in passed.values()) == 3
    row = logs(plan)[-1]
    assert (row.event, row.opinion, row.source, row.target) == (
        "change_lines", WHY, "approved", "approved",
    )  # fmt: skip
    assert row.details == {
        "change": change.id,
        "figures": change.figures,
        "before": {"senior_cap": 40},
        "after": {"senior_cap": 60},
    }
    assert [one.event for one in logs(change)] == ["report", "agree"]
    assert plan_changes.logs_of_plan(db.session(), plan.id) == [row]


def test_scores_and_ranks_may_be_changed_before_the_first_round(plan: Plan) -> None:
    change = report(
        plan, aggregation=Aggregation.TRIMMED, trim_from=7, over_cap=OverCap.SECOND_ROUND
    )
    fire(change, "agree", meetings.authority())

    assert (plan.aggregation, plan.trim_from, plan.over_cap) == (
        Aggregation.TRIMMED, 7, OverCap.SECOND_ROUND,
    )  # fmt: skip


@pytest.mark.parametrize("event", ["refuse", "withdraw"])
def test_lines_that_are_not_agreed_change_nothing(plan: Plan, event: str) -> None:
    change = report(plan, senior_cap=60)
    actor = meetings.authority() if event == "refuse" else meetings.office(plan)
    fire(change, event, actor, opinion="理由不充分，维持原方案")

    assert plan.senior_cap == 40
    assert [one.event for one in logs(plan)] == []
    assert report(plan, senior_cap=50).state is PlanChangeState.REPORTED


def test_refuses_what_law_batch_and_frozen_rounds_fix(plan: Plan) -> None:
    key = plan.id
    assert "change one of them" in refusal(plan)
    plan = db.session.get_one(Plan, key)
    assert "Order 40" in refusal(plan, pass_line=Fraction(3, 4))
    plan = db.session.get_one(Plan, key)
    assert "between 0 and 60" in refusal(plan, senior_cap=61)
    plan = db.session.get_one(Plan, key)
    meetings.vote(plan, 25, 24, 23, 22, 10)
    db.session.commit()
    assert "frozen" in refusal(plan, over_cap=OverCap.SECOND_ROUND)
    plan = db.session.get_one(Plan, key)
    assert set(plan_changes.fixed(plan, outcomes.rounds(db.session(), plan))) == {
        "pass_line",
        *plan_changes.COUNTING,
    }
    plan.state = PlanState.ENTERED
    assert set(plan_changes.fixed(plan, outcomes.rounds(db.session(), plan))) == {
        "pass_line",
        *plan_changes.ASKED,
    }


def test_caps_are_fixed_once_places_follow_from_them(plan: Plan) -> None:
    meetings.vote(plan, 25, 24, 23, 23, 10)
    assert not set(plan_changes.CAPS) & set(
        plan_changes.fixed(plan, outcomes.rounds(db.session(), plan))
    )
    plan.over_cap = OverCap.LIMIT_YES
    assert set(plan_changes.CAPS) <= set(
        plan_changes.fixed(plan, outcomes.rounds(db.session(), plan))
    )
    plan.over_cap = OverCap.RANK
    held = factories.ballot_round(plan, *meetings.candidates(plan)[2:4], number=2, places=1)
    assert "places" in plan_changes.fixed(plan, outcomes.rounds(db.session(), plan))["senior_cap"]
    held.state = RoundState.VOID
    db.session.flush()
    assert not set(plan_changes.CAPS) & set(
        plan_changes.fixed(plan, outcomes.rounds(db.session(), plan))
    )


def test_a_change_waits_alone_and_is_not_agreed_when_it_came_too_late(plan: Plan) -> None:
    change = report(plan, over_cap=OverCap.SECOND_ROUND)
    db.session.commit()
    keys = change.id, plan.id
    assert "wait for the authority" in refusal(plan, senior_cap=60)
    change, plan = db.session.get_one(PlanChange, keys[0]), db.session.get_one(Plan, keys[1])
    meetings.vote(plan, 25, 24, 23, 22, 10)
    with pytest.raises(Refused, match="frozen"):
        fire(change, "agree", meetings.authority())
    assert plan.over_cap is OverCap.RANK


def test_others_may_not(plan: Plan) -> None:
    change = report(plan, senior_cap=60)
    for actor in (meetings.authority("440000"), meetings.office(plan)):
        assert engine.why_not(change, "agree", actor=actor, at=factories.clock.now())
    stranger = meetings.office(meetings.online())
    assert engine.why_not(change, "withdraw", actor=stranger, at=factories.clock.now())
    for actor in (stranger, factories.actor_of(meetings.supervisor(plan)), meetings.authority()):
        with pytest.raises(Refused):
            report(plan, actor, senior_cap=50)
    assert engine.why_not(
        plan, "change_lines", actor=meetings.office(plan), at=factories.clock.now()
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE plan_change SET snapshot = '{}'",
        "UPDATE plan_change SET figures = 'x'",
        "UPDATE plan_change SET reason = 'x'",
        "UPDATE plan_change SET state = 'refused'",
        "DELETE FROM plan_change",
    ],
)
def test_the_database_refuses_to_change_what_was_decided(plan: Plan, statement: str) -> None:
    fire(report(plan, senior_cap=60), "agree", meetings.authority())

    with pytest.raises(IntegrityError, match="sealed"):
        db.session.execute(text(statement))


def test_the_result_waits_for_the_decision_and_the_office_is_told(plan: Plan) -> None:
    meetings.vote(plan, 25, 24, 23, 22, 10)
    clerk = meetings.office(plan)
    change = report(plan, clerk, senior_cap=60)

    assert "wait for the authority" in str(why_not(plan, "compute", clerk))
    fire(change, "refuse", meetings.authority(), opinion="不宜调整")
    assert why_not(plan, "compute", clerk) is None
    fire(report(plan, clerk, senior_cap=50), "agree", meetings.authority())
    assert why_not(plan, "compute", clerk) is None

    told = db.session.query(Outbox).filter_by(user_id=clerk.user_id)
    found = {one.template: one.payload["opinion"] for one in told}
    assert found == {"plan_change.refuse": "不宜调整", "plan_change.agree": ""}
