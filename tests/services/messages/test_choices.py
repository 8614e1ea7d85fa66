"""Choice of channels and quiet hours: applied where deliveries are queued, never to the hall or to security."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.enums import MessageKind
from app.extensions import db
from app.ground import clock
from app.models import Delivery, Message, User
from app.services.messages import choices, outbox, templates
from tests.support import factories as f

BOTH = ("mail", "sms")
ALL = [(kind, name) for kind in choices.CHOSEN for name in BOTH]
DAY = date(2026, 6, 3)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute), clock.SHANGHAI).astimezone(UTC)


@pytest.fixture
def user(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setitem(app.config, "SMTP_HOST", "127.0.0.1")
    monkeypatch.setitem(app.config, "SMS_FILE", str(tmp_path / "sms"))
    return f.user(person=f.person(phone="13800138000", email="a@example.com"))


def queued(user: User, template: str, moment: datetime) -> dict[str, datetime | None]:
    outbox.queue_message(db.session(), user.id, template, at=moment)
    db.session.flush()
    outbox.deliver(moment)
    db.session.flush()
    last = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert last is not None
    rows = db.session.scalars(select(Delivery).where(Delivery.outbox_id == last.outbox_id))
    return {one.channel: one.next_try_at for one in rows}


def choose(
    user: User, wanted: list[tuple[MessageKind, str]], quiet: tuple[int, int] | None
) -> None:
    choices.store(db.session(), user.id, wanted, BOTH, quiet)


def test_without_a_choice_every_channel_of_the_template_is_used(user: User) -> None:
    assert queued(user, "reminder.remind", at(23)) == {"mail": at(23), "sms": at(23)}


def test_a_silenced_channel_is_silent_for_its_kind_alone(user: User) -> None:
    choose(user, [one for one in ALL if one != (MessageKind.WORK, "sms")], None)

    assert set(queued(user, "reminder.remind", at(9))) == {"mail"}
    assert set(queued(user, "plan.return", at(9))) == {"mail", "sms"}


def test_the_hall_shows_what_is_sent_nowhere(user: User) -> None:
    choose(user, [], None)

    assert queued(user, "reminder.remind", at(9)) == {}
    assert db.session.query(Message).filter_by(user_id=user.id).count() == 1


def test_quiet_hours_hold_deliveries_back(user: User) -> None:
    choose(user, ALL, (22, 7))

    assert set(queued(user, "reminder.remind", at(23)).values()) == {at(7, day=date(2026, 6, 4))}
    assert set(queued(user, "reminder.remind", at(6, 59)).values()) == {at(7)}
    assert set(queued(user, "reminder.remind", at(7)).values()) == {at(7)}


def test_security_of_the_account_is_sent_at_once(user: User) -> None:
    choose(user, [], (22, 7))

    assert queued(user, "account.recovery_code", at(23)) == {"mail": at(23), "sms": at(23)}


@pytest.mark.parametrize(
    ("start", "end", "moment", "until"),
    [
        (12, 14, at(11, 59), None),
        (12, 14, at(12), at(14)),
        (12, 14, at(13, 59), at(14)),
        (12, 14, at(14), None),
        (22, 0, at(22), at(0, day=date(2026, 6, 4))),
        (0, 6, at(0), at(6)),
        (23, 22, at(22, 30), None),
        (23, 22, at(21), at(22)),
    ],
)
def test_quiet_end(start: int, end: int, moment: datetime, until: datetime | None) -> None:
    assert choices.quiet_end(start, end, moment) == until


def test_store_keeps_what_was_chosen_for_a_channel_not_offered_now(user: User) -> None:
    choose(user, [], None)

    choices.store(
        db.session(), user.id, [(kind, "mail") for kind in choices.CHOSEN], ("mail",), (1, 2)
    )
    db.session.flush()

    db.session.expire_all()
    stored = choices.of_account(db.session(), user.id)
    assert stored is not None
    assert sorted(stored.silenced) == [f"{kind}.sms" for kind in sorted(choices.CHOSEN)]
    assert (stored.quiet_from, stored.quiet_to) == (1, 2)


def test_every_template_has_a_kind(app: Flask) -> None:
    assert templates.kinds().keys() == templates.defaults().keys()
    urgent = {key for key, kind in templates.kinds().items() if kind.is_urgent}
    assert {key.partition(".")[0] for key in urgent} == {"account"}
