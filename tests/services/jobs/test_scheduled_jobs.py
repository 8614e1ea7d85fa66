"""What happens because time passed: each item once, whoever's clock runs, whatever else is refused."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState, CorrectionState, NoticeState
from app.extensions import db
from app.ground import clock
from app.models import Application, Correction, Message, Notice, TransitionLog
from app.services.jobs import scheduled_jobs
from tests.support import factories


def ended_notice(count: int = 1) -> Notice:
    unit = factories.unit()
    people = [factories.application(ApplicationState.IN_NOTICE, unit=unit) for _ in range(count)]
    return factories.notice(people, ends_on=factories.in_days(-1))


def supplement(days: int, state: CorrectionState = CorrectionState.OPEN) -> Application:
    record = factories.application(ApplicationState.IN_CORRECTION)
    factories.add(
        Correction(
            application_id=record.id,
            items=[{"section": "papers", "text": "补交封面"}],
            deadline=factories.in_days(days),
            state=state,
            asked_at=clock.now(),
        )
    )
    return record


def test_run_closes_ended_notices_and_frees_their_people(session: Session) -> None:
    notice = ended_notice(2)
    running = factories.notice(
        [factories.application(ApplicationState.IN_NOTICE)], ends_on=factories.today()
    )
    session.commit()

    done = scheduled_jobs.run(clock.now())

    assert done["notices"] == 1
    assert (notice.state, running.state) == (NoticeState.OVER, NoticeState.RUNNING)
    assert {item.application.state for item in notice.items} == {ApplicationState.NOTICE_OVER}


def test_run_lapses_missed_supplements_only(session: Session) -> None:
    missed, due_today, answered = supplement(-1), supplement(0), supplement(-1)
    answered.state = ApplicationState.CORRECTED
    session.commit()

    done = scheduled_jobs.run(clock.now())

    assert done["supplements"] == 1
    assert [one.state for one in (missed, due_today, answered)] == [
        ApplicationState.LAPSED,
        ApplicationState.IN_CORRECTION,
        ApplicationState.CORRECTED,
    ]
    assert missed.holder_id is None


def test_run_does_everything_once(session: Session) -> None:
    ended_notice()
    supplement(-1)
    session.commit()

    first, second = scheduled_jobs.run(clock.now()), scheduled_jobs.run(clock.now())

    assert (first["notices"], first["supplements"]) == (1, 1)
    assert (second["notices"], second["supplements"], second["messages"]) == (0, 0, 0)


def test_run_delivers_messages_of_what_it_did(session: Session) -> None:
    record = supplement(-1)
    account = factories.user(person=record.person)
    session.commit()

    done = scheduled_jobs.run(clock.now())

    assert done["messages"] == 1
    assert session.query(Message).filter_by(user_id=account.id).count() == 1


@pytest.mark.parametrize(
    "failure", [Refused("locked"), OperationalError("UPDATE", {}, Exception("disk"))]
)
def test_run_goes_on_after_an_item_that_fails(session: Session, failure: Exception) -> None:
    failing, good = ended_notice(), ended_notice()
    key = failing.id
    session.commit()

    def fail(mapper: Any, connection: Any, log: TransitionLog) -> None:
        if (log.subject_type, log.subject_id) == ("notice", key):
            raise failure

    event.listen(TransitionLog, "before_insert", fail)
    try:
        done = scheduled_jobs.run(clock.now())
    finally:
        event.remove(TransitionLog, "before_insert", fail)

    assert done["notices"] == 1
    assert (failing.state, good.state) == (NoticeState.RUNNING, NoticeState.OVER)
    assert failing.items[0].application.state is ApplicationState.IN_NOTICE


def test_run_moves_each_item_once_with_several_clocks(app: Flask, session: Session) -> None:
    notices = [ended_notice(2) for _ in range(4)]
    keys = [notice.id for notice in notices]
    session.commit()
    db.session.remove()
    at, counts = clock.now() + timedelta(seconds=1), []

    def tick() -> None:
        with app.app_context():
            counts.append(scheduled_jobs.run(at)["notices"])
            db.session.remove()

    clocks: list[Any] = [threading.Thread(target=tick) for _ in range(4)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()

    assert sum(counts) == 4
    closed = db.session.query(TransitionLog).filter(
        TransitionLog.subject_type == "notice",
        TransitionLog.subject_id.in_(keys),
        TransitionLog.event == "close",
    )
    assert closed.count() == 4
    released = db.session.query(TransitionLog).filter_by(event="notice_over")
    assert released.count() == 8
