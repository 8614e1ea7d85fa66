"""Second factor: codes of the device, replay, recovery codes, tries, the lost device."""

from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import engine, settings
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import AuditLog, LoginSession, Outbox, RecoveryCode, SecondFactor, User
from app.services.accounts import lost_devices
from app.services.credentials import second_factors
from tests.support import factories as make
from tests.support.signing import opened

NOW = clock.now().replace(second=10, microsecond=0)


@pytest.fixture
def user(session: Session) -> User:
    return make.user()


def code_at(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(int(at.timestamp()))


def enrolled(user: User) -> tuple[str, list[str]]:
    """Set up a device five minutes ago; return its secret and the recovery codes."""
    before = NOW - timedelta(minutes=5)
    secret = second_factors.begin_device(user, at=before)
    codes = second_factors.confirm_device(user, code_at(secret, before), at=before)
    return secret, codes


def told(session: Session, user: User) -> list[str]:
    query = select(Outbox.template).where(Outbox.user_id == user.id).order_by(Outbox.id)
    return list(session.scalars(query))


def test_defaults_ask_administrators_authority_office_and_supervisor() -> None:
    asked = {role for role in Role if settings.NUMBERS[f"second_factor_{role.value}"].default}

    assert asked == {
        Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR, Role.HRSS, Role.OFFICE, Role.SUPERVISOR,
    }  # fmt: skip


def test_device_counts_only_after_its_first_code(session: Session, user: User) -> None:
    secret = second_factors.begin_device(user, at=NOW)
    before = second_factors.device_of(user.id)
    with pytest.raises(Refused) as wrong:
        second_factors.confirm_device(user, "000000", at=NOW + timedelta(hours=1))

    codes = second_factors.confirm_device(user, code_at(secret, NOW), at=NOW)

    assert (before, wrong.value.field) == (None, "code")
    assert second_factors.device_of(user.id) is not None
    assert len(set(codes)) == second_factors.RECOVERY_CODES
    assert told(session, user) == ["account.second_factor_on"]
    with pytest.raises(Refused, match="already"):
        second_factors.begin_device(user, at=NOW)


def test_nothing_is_stored_in_the_clear(session: Session, user: User) -> None:
    secret, codes = enrolled(user)
    session.flush()

    rows = [
        str(row)
        for table in (SecondFactor, RecoveryCode)
        for row in session.execute(text(f"SELECT * FROM {table.__tablename__}"))
    ]

    assert not any(one in row for row in rows for one in (secret, *codes))


@pytest.mark.parametrize(
    ("seconds", "is_right"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_code_holds_for_its_step_and_the_neighbours(
    session: Session, user: User, seconds: int, is_right: bool
) -> None:
    secret, _codes = enrolled(user)

    typed = code_at(secret, NOW + timedelta(seconds=seconds))

    assert second_factors.check(user, typed, at=NOW) is is_right


def test_code_works_once_and_no_older_one_after_it(session: Session, user: User) -> None:
    secret, _codes = enrolled(user)
    typed, older = code_at(secret, NOW), code_at(secret, NOW - timedelta(seconds=30))

    answers = [
        second_factors.check(user, one, at=NOW)
        for one in (f" {typed[:3]} {typed[3:]}", typed, older)
    ]

    assert answers == [True, False, False]
    kinds = [(row.kind, row.is_success) for row in session.scalars(select(AuditLog))]
    assert kinds.count(("second_factor", False)) == 2


def test_recovery_code_replaces_the_device_once(session: Session, user: User) -> None:
    _secret, codes = enrolled(user)
    other = make.user()
    enrolled(other)

    answers = [
        second_factors.check(user, codes[0].lower(), at=NOW),
        second_factors.check(user, codes[0], at=NOW),
        second_factors.check(other, codes[1], at=NOW),
        second_factors.check(user, "AAAA-AAAA-AAAA", at=NOW),
    ]
    renewed = second_factors.renew_recovery_codes(user, at=NOW)
    after = [second_factors.check(user, one, at=NOW) for one in (codes[1], renewed[0])]

    assert answers == [True, False, False, False]
    assert after == [False, True]
    assert told(session, user)[1:] == ["account.recovery_code"] * 2


@pytest.mark.parametrize("typed", ["", "x", "１２３４５６７", "\u0000", "9" * 400, "' OR 1=1"])
def test_anything_else_is_wrong(session: Session, user: User, typed: str) -> None:
    enrolled(user)

    assert not second_factors.check(user, typed, at=NOW)


def test_nobody_without_a_device_shows_a_code(session: Session, user: User) -> None:
    secret = second_factors.begin_device(user, at=NOW)

    assert not second_factors.check(user, code_at(secret, NOW), at=NOW)


def test_tries_of_an_account_are_counted(session: Session, user: User) -> None:
    other = make.user()

    tries = [second_factors.count_try(user.id, at=NOW) for _try in range(6)]

    assert tries == [True] * 5 + [False]
    assert second_factors.count_try(other.id, at=NOW)
    assert second_factors.count_try(user.id, at=NOW + timedelta(minutes=15))


def administrators() -> tuple[Actor, Actor]:
    first, second = (make.actor(role, user=make.user()) for role in (Role.SYSADMIN, Role.SECADMIN))
    return first, second


def ask(actor: Actor, user: User, **values: Any) -> Any:
    return lost_devices.ask_removal(actor, user, reason="手机遗失，已当面核实", at=NOW, **values)


def test_lost_device_is_removed_with_the_consent_of_a_second_administrator(
    session: Session, user: User
) -> None:
    first, second = administrators()
    enrolled(user)
    secret = opened(user)

    consent = ask(first, user)
    before = second_factors.device_of(user.id)
    engine.fire(consent, "agree", actor=second, at=NOW)

    assert before is not None
    assert second_factors.device_of(user.id) is None
    assert session.scalars(select(RecoveryCode)).all() == []
    row = session.scalars(select(LoginSession).where(LoginSession.user_id == user.id)).one()
    session.refresh(row)
    assert (row.end_reason, secret != "") == ("second_factor", True)
    assert told(session, user) == ["account.second_factor_on", "account.second_factor_off"]


def test_lost_device_is_not_removed_by_one_alone(session: Session, user: User) -> None:
    first, _second = administrators()
    own = db.session.get_one(User, first.user_id)
    enrolled(user)
    enrolled(own)

    consent = ask(first, user)

    for actor, whose, why in (
        (first, own, "own account"),
        (make.actor(Role.SECADMIN, user=make.user()), user, "Only a"),
        (first, make.user(), "no device"),
    ):
        with pytest.raises(Refused, match=why):
            ask(actor, whose)
    with pytest.raises(Refused, match="yourself"):
        engine.fire(consent, "agree", actor=first, at=NOW)
    assert second_factors.device_of(user.id) is not None


def test_operator_removes_a_device(session: Session, user: User, runner: FlaskCliRunner) -> None:
    enrolled(user)
    session.commit()

    done = runner.invoke(args=["remove-second-factor", user.username.upper()])
    unknown = runner.invoke(args=["remove-second-factor", "nobody-here"])

    assert (done.exit_code, unknown.exit_code) == (0, 1)
    session.expire_all()
    assert second_factors.device_of(user.id) is None
    assert told(session, user)[-1] == "account.second_factor_off"
