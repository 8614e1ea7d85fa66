"""Messages about work: decisions go to the side that handed in, and whoever can go on is told, once, with the act."""

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import engine
from app.enums import (
    BatchState,
    FilingState,
    KeyRole,
    PlanState,
    QuotaState,
    Role,
    SeatRole,
)
from app.extensions import db
from app.models import Outbox, Plan
from app.services.messages import templates
from tests.support import drawing, meetings
from tests.support import factories as f
from tests.support.acting import fire

WHY = "附件缺少会议通知，请补充后重新上报"


def told(template: str) -> list[int]:
    """Return the accounts that got `template`, once for every message."""
    db.session.flush()
    return sorted(one.user_id for one in db.session.query(Outbox).filter_by(template=template))


def newest(template: str) -> Outbox:
    return db.session.query(Outbox).filter_by(template=template).order_by(Outbox.id.desc()).first()


def staff(committee: Any) -> tuple[list[int], list[int]]:
    """Make office clerks of a committee in both kinds of position, and people who are not concerned."""
    direct = f.position(Role.OFFICE, committee=committee)
    through_unit = f.position(Role.OFFICE, unit=committee.unit)
    f.position(Role.OFFICE, unit=committee.unit, user=direct.user)
    gone = f.position(Role.OFFICE, committee=committee, is_active=False)
    other = f.position(Role.OFFICE, committee=f.committee())
    watcher = f.position(Role.SUPERVISOR, committee=committee)
    return (
        sorted((direct.user_id, through_unit.user_id)),
        [gone.user_id, other.user_id, watcher.user_id],
    )


@pytest.mark.parametrize("event", ["agree", "return"])
def test_decision_on_plan_and_batch_is_told_to_the_office(app: Flask, event: str) -> None:
    committee = f.committee()
    mine, _others = staff(committee)
    batch = f.batch(committee=committee, state=BatchState.SUBMITTED)
    plan = f.plan(batch=f.batch(committee=committee, review_year=2025), state=PlanState.REPORTED)
    authority = meetings.authority(committee.region_code)

    for record, url in ((batch, "/g/1.4.2/"), (plan, "/g/1.2.2/")):
        fire(record, event, authority, opinion=WHY)

        template = f"{record.__tablename__}.{event}"
        assert told(template) == mine
        sent = newest(template)
        assert sent.payload["url"] == f"{url}{record.id}"
        text = templates.fill(templates.defaults()[template][1], sent.payload)
        assert record.name in text
        assert set(templates.variables_of(template)) <= set(sent.payload)
        assert (WHY in text) is (event == "return")


def test_returned_filing_is_told_to_the_office(app: Flask) -> None:
    plan = f.plan(state=PlanState.CONCLUDED, voted_on=f.today(), members=25, present=22)
    mine, _others = staff(plan.committee)
    filing = f.filing(plan, state=FilingState.REPORTED)

    fire(filing, "return", meetings.authority(plan.committee.region_code), opinion=WHY)

    assert told("filing.return") == mine
    payload = newest("filing.return").payload
    text = templates.fill(templates.defaults()["filing.return"][1], payload)
    assert set(templates.variables_of("filing.return")) <= set(payload)
    assert filing.document_number in text
    assert WHY in text


@pytest.mark.parametrize("event", ["approve", "refuse"])
def test_decision_on_a_quota_is_told_to_the_unit(app: Flask, event: str) -> None:
    unit = f.unit()
    clerk, stranger = f.position(Role.UNIT, unit=unit), f.position(Role.UNIT, unit=f.unit())
    quota = f.quota(unit, state=QuotaState.SUBMITTED, granted=0)
    authority = meetings.authority(unit.region_code)

    fire(quota, event, authority, opinion=WHY, details={"granted": 1})

    assert told(f"quota.{event}") == [clerk.user_id]
    assert stranger.user_id not in told(f"quota.{event}")
    assert set(templates.variables_of(f"quota.{event}")) <= set(newest(f"quota.{event}").payload)


def test_refused_act_tells_nobody(app: Flask, session: Session) -> None:
    committee = f.committee()
    staff(committee)
    plan = f.plan(batch=f.batch(committee=committee), state=PlanState.REPORTED)
    authority = meetings.authority(committee.region_code)
    session.commit()

    with pytest.raises(engine.Refused):
        fire(plan, "return", authority, opinion="")
    session.rollback()

    assert told("plan.return") == []


def test_secrets_of_a_draw_are_asked_for(app: Flask) -> None:
    made = drawing.meeting()
    second = f.position(Role.OFFICE, committee=made.committee)
    both = f.position(Role.SUPERVISOR, committee=made.committee, user=second.user)
    draw = drawing.freeze(made)

    assert both.user_id == second.user_id
    assert told("draw.commit_due") == sorted((second.user_id, made.watcher.user_id))

    drawing.commit(made, draw)
    drawing.reveal(made, draw)
    assert told("draw.reveal_due") == [made.watcher.user_id]


def test_vote_goes_from_one_to_the_next(app: Flask) -> None:
    plan, judges, holders = meetings.ready()
    chair = holders[KeyRole.CHAIR][0].user_id
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    assert told("round.open_due") == [chair]

    fire(held, "open", holders[KeyRole.CHAIR][0])
    assert told("round.vote_due") == sorted(
        seat.user_id for _position, seat in judges if seat.user_id != chair
    )

    meetings.close(held, holders)
    others = (holders[role][0].user_id for role in (KeyRole.SUPERVISOR, KeyRole.OFFICE))
    assert told("round.code_due") == sorted(others)
    for template in ("round.open_due", "round.vote_due", "round.code_due"):
        assert set(templates.variables_of(template)) <= set(newest(template).payload)


def decided(plan: Plan) -> Plan:
    meetings.vote(plan, *(22 for _one in meetings.candidates(plan)))
    return plan


def test_signatures_and_confirmation_of_an_online_result_are_asked_for_once(app: Flask) -> None:
    plan = decided(meetings.online())
    clerk = meetings.computed(plan)
    second = meetings.office(plan)
    assert told("result.sign") == []
    chair, _seat = meetings.judge(plan, SeatRole.CHAIR)
    member, _seat = meetings.judge(plan)
    watcher = meetings.supervisor(plan)
    text = {"minutes": meetings.MINUTES}

    fire(plan, "write_minutes", clerk, details=text)
    fire(plan, "write_minutes", clerk, details=text)
    assert told("result.sign") == sorted((chair.user_id, watcher.user_id))
    assert member.user_id not in told("result.sign")

    fire(plan, "sign_chair", f.actor_of(chair))
    assert told("result.confirm_due") == []
    fire(plan, "sign_supervisor", f.actor_of(watcher))
    assert told("result.confirm_due") == [second.user_id]

    fire(plan, "write_minutes", clerk, details={"minutes": meetings.MINUTES + "补充记录。"})
    assert Counter(told("result.sign")) == {chair.user_id: 2, watcher.user_id: 2}
