"""A frozen or open round becomes void only with a reason and the consent of the other side."""

from typing import Any

import pytest
from flask import Flask

from app.engine import Refused
from app.enums import KeyRole, Role, RoundState
from app.extensions import db
from app.models import Outbox, Round, RoundShare
from tests.support import factories, meetings
from tests.support.acting import fire, why_not

WHY = "设备故障，重新投票"


@pytest.fixture
def held(app: Flask) -> tuple[Round, Any, Any]:
    """A frozen round, who presides, the supervisor who holds a part of its key."""
    plan, _judges, holders = meetings.ready()
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    return record, holders[KeyRole.CHAIR][0], holders[KeyRole.SUPERVISOR][0]


@pytest.mark.parametrize("state", [RoundState.READY, RoundState.OPEN, RoundState.CLOSED])
def test_the_other_side_decides(held: tuple[Round, Any, Any], state: RoundState) -> None:
    record, chair, supervisor = held
    clerk = meetings.office(record.plan)
    if state is not RoundState.READY:
        fire(record, "open", chair)
    if state is RoundState.CLOSED:
        fire(record, "close", chair, opinion=meetings.EARLY)

    early = why_not(record, "void", supervisor)
    fire(record, "ask_void", chair, opinion=WHY)
    same = [why_not(record, event, one) for one in (chair, clerk) for event in ("void", "keep")]
    told = db.session.query(Outbox).filter_by(template="round.void_asked").all()
    shares = db.session.query(RoundShare).count()
    fire(record, "void", supervisor)

    assert "Nobody has asked" in str(early)
    assert all("Your side asked" in str(one) for one in same)
    assert supervisor.user_id in [one.user_id for one in told]
    assert shares > 0
    assert (record.state, record.void_reason) == (RoundState.VOID, WHY)
    assert db.session.query(RoundShare).count() == 0


def test_supervisor_asks_and_the_committee_decides(held: tuple[Round, Any, Any]) -> None:
    record, chair, supervisor = held
    fire(record, "ask_void", supervisor, opinion=WHY)

    assert "Your side asked" in str(why_not(record, "void", supervisor))
    assert "asked for already" in str(why_not(record, "ask_void", chair))
    fire(record, "void", chair)
    assert record.state is RoundState.VOID


def test_kept_round_goes_on(held: tuple[Round, Any, Any]) -> None:
    record, chair, supervisor = held
    fire(record, "ask_void", chair, opinion=WHY)

    fire(record, "keep", supervisor, opinion="设备已恢复，可以继续投票")

    assert (record.state, record.void_asked_by, record.void_reason) == (RoundState.READY, None, "")
    fire(record, "open", chair)


def test_request_needs_a_reason_and_the_own_committee(held: tuple[Round, Any, Any]) -> None:
    record, chair, _supervisor = held
    stranger = factories.actor(Role.SUPERVISOR, committee=factories.committee())

    with pytest.raises(Refused):
        fire(record, "ask_void", chair)
    fire(record, "ask_void", chair, opinion=WHY)
    assert why_not(record, "void", stranger) is not None


def test_one_person_is_not_both_sides(held: tuple[Round, Any, Any]) -> None:
    record, _chair, _supervisor = held
    clerk = factories.position(Role.OFFICE, committee=record.plan.committee)
    both = factories.position(Role.SUPERVISOR, committee=record.plan.committee, user=clerk.user)
    fire(record, "ask_void", factories.actor_of(clerk), opinion=WHY)

    assert "another person" in str(why_not(record, "void", factories.actor_of(both)))
