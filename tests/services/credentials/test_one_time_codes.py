"""One-time codes: six digits, ten minutes, five tries, one use, no digest that a table of codes could tell."""

from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy.orm import Session

from app.ground import clock
from app.models import OneTimeCode, User
from app.services.credentials import one_time_codes
from app.services.jobs import scheduled_jobs
from tests.support import factories

NOW = clock.now()
FOR = "password"


@pytest.fixture
def user(session: Session) -> User:
    return factories.user()


def given(user: User, at: datetime = NOW) -> str:
    code = one_time_codes.digits()
    assert one_time_codes.issue(user.id, FOR, code, at=at)
    return code


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def is_right(user: User, typed: str, at: datetime = NOW) -> bool:
    return one_time_codes.attempt(user.id, FOR, typed, at=at) is not None


def test_code_is_six_digits_and_right_once(session: Session, user: User) -> None:
    code = given(user)

    key = one_time_codes.attempt(user.id, FOR, code, at=NOW)

    assert (len(code), code.isdigit()) == (6, True)
    assert key is not None
    assert (one_time_codes.spend(key, at=NOW), one_time_codes.spend(key, at=NOW)) == (True, False)
    assert not is_right(user, code)


def test_code_is_stored_as_a_keyed_digest(session: Session, user: User) -> None:
    code = given(user)

    digest = session.query(OneTimeCode).one().code_digest

    assert code not in digest
    assert digest != sha256(code.encode()).hexdigest()


def test_code_takes_five_tries(session: Session, user: User) -> None:
    code = given(user)

    wrong = [is_right(user, other_than(code)) for _try in range(5)]

    assert wrong == [False] * 5
    assert not is_right(user, code)


def test_fifth_try_may_be_the_right_one(session: Session, user: User) -> None:
    code = given(user)
    for _try in range(4):
        is_right(user, other_than(code))

    assert is_right(user, code)


def test_code_lives_ten_minutes(session: Session, user: User) -> None:
    code = given(user)

    assert not is_right(user, code, NOW + timedelta(minutes=10))
    assert is_right(user, code, NOW + timedelta(minutes=9, seconds=59))


def test_code_is_for_one_account_and_one_purpose(session: Session, user: User) -> None:
    code = given(user)

    assert not is_right(factories.user(), code)
    assert one_time_codes.attempt(user.id, "other", code, at=NOW) is None


def test_new_code_ends_the_one_before(session: Session, user: User) -> None:
    first, second = given(user), given(user, NOW + timedelta(minutes=1, seconds=1))

    at = NOW + timedelta(minutes=2)

    assert first == second or not is_right(user, first, at)
    assert is_right(user, second, at)


def test_codes_come_a_minute_apart_and_five_an_hour(session: Session, user: User) -> None:
    given(user)

    def is_issued(**later: int) -> bool:
        return one_time_codes.issue(user.id, FOR, "123456", at=NOW + timedelta(**later))

    soon = is_issued(seconds=59)
    more = [is_issued(minutes=2 * number) for number in range(1, 7)]

    assert not soon
    assert more == [True] * 4 + [False] * 2
    assert is_issued(minutes=61)


def test_codes_are_deleted_a_day_after_they_expired(session: Session, user: User) -> None:
    given(user)
    session.commit()

    kept = scheduled_jobs.run(NOW + timedelta(days=1, minutes=9))
    gone = scheduled_jobs.run(NOW + timedelta(days=1, minutes=11))

    assert (kept["codes"], gone["codes"]) == (0, 1)
