"""Messages on their way out: one per usable channel, sent later, tried again, given up, never held up."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.ground import clock
from app.models import Delivery, Message, Person
from app.services.jobs import scheduled_jobs
from app.services.messages import deliveries, outbox
from tests.support import factories, mail

BAD = "full@example.com"


@pytest.fixture
def sms(app: Flask, tmp_path: Path) -> Path:
    return mail.short_messages(app, tmp_path)


def reader(email: str | None = "reader@example.com", **values: object) -> Person:
    person = factories.person(email=email, **values)
    factories.user(person=person)
    return person


def told(person: Person, template: str = "application.check_return", **payload: object) -> None:
    """Tell `person` something and put it into the hall."""
    assert person.user_id is not None
    words = {"number": "2026000000001", "unit": "长沙市某单位", "opinion": "毕业时间与证书不一致"}
    outbox.queue_message(
        db.session(), person.user_id, template, at=clock.now(), url="/me/", **{**words, **payload}
    )
    outbox.deliver(clock.now())
    db.session.commit()


def waiting() -> list[Delivery]:
    db.session.expire_all()
    return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))


def later(**span: float) -> datetime:
    return clock.now() + timedelta(**span)


def test_deliver_notes_a_row_for_every_usable_channel(box: mail.Mailbox, sms: Path) -> None:
    told(reader())

    assert {row.channel for row in waiting()} == {"mail", "sms"}
    assert box.letters == []
    assert not sms.exists()


def test_deliver_sends_what_is_not_urgent_by_mail_only(box: mail.Mailbox, sms: Path) -> None:
    told(reader(), "application.submit")

    assert [row.channel for row in waiting()] == ["mail"]


def test_deliver_keeps_a_minor_message_in_the_hall(box: mail.Mailbox, sms: Path) -> None:
    told(reader(), "application.moved", state="x")

    assert waiting() == []
    assert db.session.query(Message).count() == 1


def test_deliver_sends_no_mail_to_who_gave_no_address(box: mail.Mailbox, sms: Path) -> None:
    told(reader(email=None))

    assert [row.channel for row in waiting()] == ["sms"]


def test_deliver_without_channels_works_as_before(session: Session) -> None:
    told(reader())

    assert waiting() == []
    assert db.session.query(Message).count() == 1


def test_due_job_sends_what_waits_once(box: mail.Mailbox, sms: Path) -> None:
    told(reader(phone="13812345678"))

    counts = scheduled_jobs.run(clock.now())
    again = scheduled_jobs.run(clock.now())

    [letter] = box.letters
    [line] = [json.loads(one) for one in sms.read_text(encoding="utf-8").splitlines()]
    assert (counts["sent"], again["sent"]) == (2, 0)
    assert letter["Subject"] == "申报 2026000000001 被退回修改"
    assert "毕业时间与证书不一致" in letter.get_content()
    assert "http://localhost/me/" in letter.get_content()
    assert line["to"] == "13812345678"
    assert all(row.sent_at and row.next_try_at is None for row in waiting())


def test_letter_holds_no_id_number(box: mail.Mailbox) -> None:
    told(reader(), opinion="证件号码430099198503071010与11010119900101001x不符，编号2026000000001")

    deliveries.send_waiting(clock.now())

    text = box.letters[0].get_content()
    assert "4300991985" not in text
    assert "1101011990" not in text
    assert "编号2026000000001" in text


def test_rejected_address_is_given_up_and_holds_nobody_up(box: mail.Mailbox) -> None:
    box.answers[BAD] = "550 no such mailbox"
    for address in (BAD, "a@example.com", BAD, "b@example.com"):
        told(reader(address))

    sent = deliveries.send_waiting(clock.now())

    assert sent == 2
    assert box.readers == ["a@example.com", "b@example.com"]
    given_up = [row for row in waiting() if row.sent_at is None]
    assert [(row.fault, row.next_try_at) for row in given_up] == [("recipient 550", None)] * 2
    assert deliveries.send_waiting(later(days=1)) == 0


def test_busy_address_is_tried_again_after_growing_pauses(box: mail.Mailbox) -> None:
    box.answers[BAD] = "451 try later"
    told(reader(BAD))
    at, pauses = clock.now(), []

    for _try in range(4):
        deliveries.send_waiting(at)
        [row] = waiting()
        assert row.next_try_at is not None
        pauses.append(row.next_try_at - at)
        at = row.next_try_at
    del box.answers[BAD]
    deliveries.send_waiting(at)

    [row] = waiting()
    assert pauses == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert (row.attempts, row.fault, row.sent_at) == (5, "", at)
    assert box.readers == [BAD]


def test_address_that_stays_busy_is_given_up_after_three_days(box: mail.Mailbox) -> None:
    box.answers[BAD] = "451 try later"
    told(reader(BAD))
    [row] = waiting()

    while row.next_try_at is not None:
        deliveries.send_waiting(row.next_try_at)
        [row] = waiting()

    assert row.sent_at is None
    assert row.fault == "recipient 451"
    assert 15 < row.attempts < 40


def test_server_that_is_down_delays_and_loses_nothing(app: Flask) -> None:
    with mail.running() as gone:
        mail.use(app, gone)
    for number in range(3):
        told(reader(f"r{number}@example.com"))

    assert deliveries.send_waiting(clock.now()) == 0
    assert sorted(row.attempts for row in waiting()) == [0, 0, 1]

    with mail.running() as back:
        mail.use(app, back)
        assert deliveries.send_waiting(later(minutes=2)) == 3
    assert sorted(back.readers) == [f"r{number}@example.com" for number in range(3)]


def test_mail_server_that_is_down_does_not_hold_up_short_messages(app: Flask, sms: Path) -> None:
    with mail.running() as gone:
        mail.use(app, gone)
    for _number in range(3):
        told(reader())

    assert deliveries.send_waiting(clock.now()) == 3
    assert len(sms.read_text(encoding="utf-8").splitlines()) == 3


def test_old_message_is_not_sent_when_a_channel_comes_back(box: mail.Mailbox) -> None:
    told(reader())

    assert deliveries.send_waiting(later(days=4)) == 0

    [row] = waiting()
    assert (row.fault, row.next_try_at) == ("too late", None)
    assert box.letters == []


def test_address_taken_back_meanwhile_gets_nothing(box: mail.Mailbox) -> None:
    person = reader()
    told(person)
    person.email = None
    db.session.commit()

    deliveries.send_waiting(clock.now())

    [row] = waiting()
    assert (row.fault, row.next_try_at) == ("no address any more", None)
    assert box.letters == []


def test_faults_name_no_address(box: mail.Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    box.answers[BAD] = f"550 <{BAD}> unknown"
    told(reader(BAD))

    deliveries.send_waiting(clock.now())

    [row] = waiting()
    [record] = [one for one in caplog.records if one.getMessage() == "message not sent"]
    assert BAD not in row.fault
    assert BAD not in str(record.__dict__)


def test_message_claimed_by_a_machine_that_died_is_sent_by_another(box: mail.Mailbox) -> None:
    told(reader())
    now = clock.now()
    [row] = waiting()
    row.next_try_at, row.attempts = now + deliveries.CLAIMED_FOR, 1
    db.session.commit()

    meanwhile = deliveries.send_waiting(now)
    afterwards = deliveries.send_waiting(now + deliveries.CLAIMED_FOR)

    assert (meanwhile, afterwards) == (0, 1)


def test_no_transaction_is_open_while_a_message_leaves(
    app: Flask, box: mail.Mailbox, sms: Path
) -> None:
    seen: list[bool] = []

    class Watched(dict[str, str]):
        def __contains__(self, address: object) -> bool:
            with app.app_context():
                # waits for nobody only if the sender holds no lock on the row
                row = db.session.scalars(select(Delivery).with_for_update(nowait=True)).all()
                seen.append(bool(row))
                db.session.rollback()
            return False

    box.answers = Watched()
    told(reader(), "application.submit")

    deliveries.send_waiting(clock.now())

    assert seen == [True]


def test_two_senders_send_everything_once(app: Flask, box: mail.Mailbox) -> None:
    for number in range(12):
        told(reader(f"r{number}@example.com"))
    at, start = clock.now(), Barrier(2)

    def send() -> int:
        with app.app_context():
            start.wait()
            return deliveries.send_waiting(at)

    with ThreadPoolExecutor(2) as pool:
        counts = [one.result() for one in [pool.submit(send) for _sender in range(2)]]

    assert sum(counts) == 12
    assert sorted(box.readers) == sorted(f"r{number}@example.com" for number in range(12))
    assert {row.attempts for row in waiting()} == {1}
