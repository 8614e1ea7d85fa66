"""Messages: written with the act, delivered once, counted, marked as read, worded by templates."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.enums import ApplicationState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Message, MessageTemplate, Outbox
from app.services.messages import outbox, templates
from app.services.review import application_messages
from app.workflow.application import APPLICATION
from tests.services.dossiers import owner_of
from tests.support import factories
from tests.support.pressing import EACH_CHECKED


def applicant() -> tuple[int, Actor]:
    person = factories.person(unit=factories.unit())
    user = factories.user(person=person)
    return user.id, owner_of(person)


def told(session: Session, **payload: object) -> Outbox:
    user_id, _actor = applicant()
    outbox.queue_message(session, user_id, "application.submit", at=clock.now(), **payload)
    session.flush()
    return session.scalars(select(Outbox).order_by(Outbox.id.desc())).first()  # type: ignore[return-value]  # one was queued


def test_deliver_puts_a_waiting_message_into_the_hall(session: Session) -> None:
    waiting = told(session, number="2026000000001", time="2026-05-01 10:00", url="/me/")

    delivered = outbox.deliver(clock.now())

    message = session.scalars(select(Message)).one()
    assert delivered == 1
    assert (message.outbox_id, message.url) == (waiting.id, "/me/")
    assert message.subject == "申报 2026000000001 已提交"
    assert "2026-05-01 10:00" in message.body


def test_deliver_delivers_nothing_twice(session: Session) -> None:
    told(session, number="1", time="x")
    outbox.deliver(clock.now())

    again = outbox.deliver(clock.now())

    assert again == 0
    assert len(session.scalars(select(Message)).all()) == 1


def test_deliver_of_a_row_delivered_before_a_crash_changes_nothing(session: Session) -> None:
    waiting = told(session, number="1", time="x")
    outbox.deliver(clock.now())
    waiting.delivered_at = None
    session.commit()

    again = outbox.deliver(clock.now())

    assert again == 0
    assert waiting.delivered_at is not None
    assert len(session.scalars(select(Message)).all()) == 1


def test_deliver_uses_the_wording_an_administrator_changed(session: Session) -> None:
    told(session, number="7", time="x")
    template = session.scalars(
        select(MessageTemplate).where(MessageTemplate.key == "application.submit")
    ).one()
    template.subject = "收到 {number}，{holder}"

    outbox.deliver(clock.now())

    assert session.scalars(select(Message)).one().subject == "收到 7，"


@pytest.mark.parametrize(
    "spoilt",
    [
        "{",
        "}",
        "{number.x}",
        "{0}",
        "{number!z}",
        "{number:>9999999999}",
        "{nosuch}",
        "{}",
        "｛number｝",
    ],
)
def test_deliver_sends_the_default_instead_of_a_spoilt_template(
    session: Session, spoilt: str
) -> None:
    told(session, number="7", time="x")
    template = session.scalars(
        select(MessageTemplate).where(MessageTemplate.key == "application.submit")
    ).one()
    template.subject = spoilt

    outbox.deliver(clock.now())

    assert session.scalars(select(Message)).one().subject == "申报 7 已提交"


def test_deliver_words_an_unknown_template_in_general(session: Session) -> None:
    user_id, _actor = applicant()
    outbox.queue_message(
        session, user_id, "application.nonsense", at=clock.now(), number="3", state="x"
    )

    outbox.deliver(clock.now())

    assert session.scalars(select(Message)).one().subject == "申报 3：x"


def test_unread_count_counts_until_they_are_read(session: Session) -> None:
    told(session, number="1", time="x")
    outbox.deliver(clock.now())
    message = session.scalars(select(Message)).one()

    before = outbox.unread_count(message.user_id)
    outbox.mark_read(message.user_id, at=clock.now())

    assert before == 1
    assert outbox.unread_count(message.user_id) == 0


def test_tell_unit_reaches_everybody_with_a_position_there(session: Session) -> None:
    unit = factories.unit()
    first, second = factories.position(unit=unit), factories.position(unit=unit)
    factories.position(unit=unit, is_active=False)

    outbox.queue_message_to_unit(
        session, unit.id, "application.moved", at=clock.now(), number="1", state="x"
    )
    outbox.deliver(clock.now())

    assert {one.user_id for one in session.scalars(select(Message))} == {
        first.user_id,
        second.user_id,
    }


def test_every_act_on_an_application_has_its_wording(app: Flask) -> None:
    quiet = {key.removeprefix("application.") for key in application_messages.QUIET}

    kinds = (key.partition(".") for key in templates.defaults())
    worded = {event for kind, _dot, event in kinds if kind == "application"} - {"moved"}

    assert worded == set(APPLICATION.rows) - quiet


def test_an_act_tells_the_applicant(session: Session) -> None:
    unit = factories.unit()
    person = factories.person(unit=unit)
    user = factories.user(person=person)
    application = factories.application(ApplicationState.AT_UNIT, unit=unit, person=person)
    clerk = factories.actor(Role.UNIT, unit=unit)

    engine.fire(
        application,
        "check_return",
        actor=clerk,
        at=clock.now(),
        opinion="毕业时间与证书不一致",
        details={"sections": {"education": "毕业时间不一致"}},
    )
    outbox.deliver(clock.now())

    message = session.scalars(select(Message)).one()
    assert message.user_id == user.id
    assert "毕业时间与证书不一致" in message.body
    assert message.url == f"/me/application/{application.id}/"


def test_an_applicant_without_an_account_is_told_nothing(session: Session) -> None:
    unit = factories.unit()
    application = factories.application(ApplicationState.AT_UNIT, unit=unit)
    clerk = factories.actor(Role.UNIT, unit=unit)

    engine.fire(application, "check_pass", actor=clerk, at=clock.now(), details=EACH_CHECKED)

    assert session.scalars(select(Outbox)).all() == []
