"""C16 with a fault at every statement in turn: an act of the result happens whole or not at all (security §3.3)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app.enums import Level, PlanState, Role, UnitKind
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Certificate, Plan, Result, TransitionLog
from tests.races.test_result_races import in_filing
from tests.support import factories, meetings

FIRST, SECOND = ({"approval_number": f"湘人社职〔2026〕{number}号"} for number in (1, 2))
Act = tuple[Any, str, Actor, dict[str, Any]]


class Fault(Exception):
    """What stands for a database that is lost in the middle of an act."""


@contextmanager
def fault_at(place: int) -> Iterator[None]:
    """Raise before the statement of that number is sent."""
    sent = count(1)

    def strike(*_facts: Any) -> None:
        if next(sent) == place:
            raise Fault

    event.listen(db.engine, "before_cursor_execute", strike)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", strike)


def facts(plan_id: int) -> Any:
    """Return everything that an act on the result may change, read anew."""
    db.session.expire_all()
    plan = db.session.get_one(Plan, plan_id)
    signed = plan.chair_signed_at, plan.supervisor_signed_at, plan.minutes
    states = db.session.execute(select(Application.id, Application.state)).all()
    numbers = db.session.scalars(select(Certificate.number).order_by(Certificate.id)).all()
    counts = [
        db.session.scalar(select(func.count()).select_from(model))
        for model in (TransitionLog, Result)
    ]
    return plan.state, signed, sorted(states), numbers, counts


def strike_everywhere(plan_id: int, act: Act) -> int:
    """Fire `act` with a fault at its first statement, its second, …, until it goes through; return how many."""
    record, name, actor, details = act
    model, key = type(record), record.id
    db.session.commit()
    before = facts(plan_id)
    for place in count(1):
        db.session.rollback()
        try:
            with fault_at(place):
                meetings.fire(db.session.get_one(model, key), name, actor, details=details)
                db.session.commit()
        except Fault:
            db.session.rollback()
            assert facts(plan_id) == before
        else:
            return place - 1
    raise AssertionError


def computing(plan: Plan) -> Act:
    return plan, "compute", meetings.office(plan), {}


def signing(plan: Plan) -> Act:
    meetings.computed(plan)
    chair, _seat = meetings.judge(plan, factories.SeatRole.CHAIR)
    meetings.fire(
        plan, "write_minutes", meetings.office(plan), details={"minutes": meetings.MINUTES}
    )
    return plan, "sign_chair", factories.actor_of(chair), {}


def confirming(plan: Plan) -> Act:
    meetings.computed(plan)
    meetings.signed(plan)
    return plan, "confirm", meetings.office(plan), {}


@pytest.mark.parametrize(
    ("prepare", "state"),
    [
        (computing, PlanState.ENTERED),
        (signing, PlanState.ENTERED),
        (confirming, PlanState.CONCLUDED),
    ],
)
def test_act_on_the_result_happens_whole_or_not_at_all(
    app: Flask, prepare: Callable[[Plan], Act], state: PlanState
) -> None:
    plan = meetings.online(count=3)
    meetings.vote(plan, 20, 20, 3)
    act = prepare(plan)

    faults = strike_everywhere(plan.id, act)

    assert faults > 3
    assert plan.state is state
    assert db.session.query(TransitionLog).filter_by(subject_type="plan", event=act[1]).count() == 1


def test_number_of_a_certificate_that_was_rolled_back_is_given_once(app: Flask) -> None:
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    authority = factories.actor(Role.HRSS, unit=bureau)
    batch = factories.batch()
    filing = in_filing(batch, 2)

    faults = strike_everywhere(filing.plan_id, (filing, "agree", authority, FIRST))
    later = in_filing(batch, 1)
    meetings.fire(later, "agree", authority, details=SECOND)

    numbers = list(db.session.scalars(select(Certificate.number)))
    assert faults > 3
    assert len(numbers) == len(set(numbers)) == 3
    assert {one.level for one in db.session.query(Application)} == {Level.MIDDLE}
