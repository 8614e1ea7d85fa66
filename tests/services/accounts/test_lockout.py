"""Failed sign-ins are counted before a password is hashed, over all workers."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import BoundedSemaphore

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import settings
from app.enums import Role
from app.extensions import appbuilder, db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import AuditLog, LoginFailure, Position
from app.services.accounts import accounts, lockout, passwords
from tests.support import factories
from tests.support.signing import PASSWORD, english, give_password, sign_in, signed_in


@pytest.fixture
def clerk(session: Session) -> Position:
    position = factories.position(Role.UNIT, unit=factories.unit())
    give_password(position.user)
    return position


def test_name_is_locked_after_the_last_try(app: Flask, clerk: Position) -> None:
    client = english(app.test_client())

    answers = [sign_in(client, clerk.user.username, "wrong") for _try in range(6)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 401, 429]
    assert "Tries left before this name is locked: 1." in answers[3].text
    assert "This name is now locked for 15 minutes" in answers[4].text
    assert "Try again in 15 minutes" in answers[5].text
    assert sign_in(client, clerk.user.username).status_code == 429


def test_lock_ends_by_itself_and_tries_at_it_do_not_prolong_it(app: Flask, clerk: Position) -> None:
    client = app.test_client()
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _try in range(5):
            sign_in(client, clerk.user.username, "wrong")
        traveller.shift(timedelta(minutes=14, seconds=59))
        locked = sign_in(client, clerk.user.username)
        traveller.shift(timedelta(seconds=2))
        free = sign_in(client, clerk.user.username)

    assert (locked.status_code, free.status_code) == (429, 302)


def test_success_forgets_the_failures(app: Flask, clerk: Position) -> None:
    for _try in range(4):
        sign_in(app.test_client(), clerk.user.username, "wrong")

    answer = sign_in(app.test_client(), clerk.user.username)

    assert answer.status_code == 302
    assert db.session.scalar(select(func.count()).select_from(LoginFailure)) == 0


def test_unknown_name_is_answered_like_a_wrong_password(app: Flask, clerk: Position) -> None:
    client = english(app.test_client())

    known = [sign_in(client, clerk.user.username, "wrong") for _try in range(6)]
    unknown = [sign_in(client, "nobody-here", "wrong") for _try in range(6)]

    assert [answer.status_code for answer in known] == [answer.status_code for answer in unknown]
    assert [refusal(answer.text) for answer in known] == [
        refusal(answer.text) for answer in unknown
    ]


def refusal(page: str) -> str:
    found = re.search(r"data-summary>(.*?)</form>|data-summary>(.*?)</b>", page, re.DOTALL)
    assert found, page
    return re.sub(r"<[^>]*>", "", found[0].partition("</b>")[0])


@pytest.mark.parametrize("variant", ["{}", "  {} ", "{upper}", "{}\u200b", "{wide}"])
def test_spellings_of_a_name_share_its_tries(variant: str, app: Flask, clerk: Position) -> None:
    name = clerk.user.username
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in name)
    typed = variant.format(name, upper=name.upper(), wide=wide)
    for _try in range(5):
        sign_in(app.test_client(), typed, "wrong")

    assert lockout.is_locked(name, at=clock.now())
    assert sign_in(app.test_client(), name).status_code == 429


def test_guesses_sent_at_once_are_all_counted(app: Flask, clerk: Position) -> None:
    name = clerk.user.username
    clients = [app.test_client() for _guess in range(20)]
    db.session.commit()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda client: guess(app, client, name), clients))

    assert sorted(answers) == [401] * 5 + [429] * 15


def guess(app: Flask, client: object, name: str) -> int:
    with app.app_context():
        status: int = sign_in(client, name, "wrong").status_code
        return status


def test_address_is_locked_when_many_names_fail_from_it(app: Flask, clerk: Position) -> None:
    settings.store_value("login_address_max_failures", "5")
    client = english(app.test_client())

    sprayed = [sign_in(client, f"name{number}", "wrong").status_code for number in range(7)]
    blocked = sign_in(client, clerk.user.username)
    elsewhere = sign_in(
        client, clerk.user.username, environ_overrides={"REMOTE_ADDR": "198.51.100.7"}
    )

    assert sprayed == [401] * 5 + [429] * 2
    assert "from this network address" in blocked.text
    assert (blocked.status_code, elsewhere.status_code) == (429, 302)


def test_administrator_unlocks(app: Flask, clerk: Position) -> None:
    for _try in range(5):
        sign_in(app.test_client(), clerk.user.username, "wrong")

    accounts.unlock(SYSTEM, clerk.user)

    assert sign_in(app.test_client(), clerk.user.username).status_code == 302


def test_framework_login_shares_the_lock(app: Flask, clerk: Position) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        wrong = [appbuilder.sm.auth_user_db(clerk.user.username, "wrong") for _try in range(5)]
        right = appbuilder.sm.auth_user_db(clerk.user.username, PASSWORD)

    assert wrong == [None] * 5
    assert right is None


def test_change_of_password_shares_the_lock(app: Flask, clerk: Position) -> None:
    client = signed_in(english(app.test_client()), clerk.user)
    form = {"old": "wrong", "new": "Battery-staple-7", "again": "Battery-staple-7"}

    answers = [client.post("/session/password", data=form) for _try in range(6)]

    assert "The present password is wrong." in answers[4].text
    assert "This name is locked" in answers[5].text
    assert sign_in(app.test_client(), clerk.user.username).status_code == 429


def test_lock_is_written_once_and_unknown_names_never(app: Flask, clerk: Position) -> None:
    for _try in range(7):
        sign_in(app.test_client(), clerk.user.username, "wrong")
    sign_in(app.test_client(), "MyPassw0rdTypedHere", "wrong")

    rows = db.session.scalars(select(AuditLog).order_by(AuditLog.id)).all()

    assert [row.kind for row in rows] == ["sign_in"] * 5 + ["lock"] + ["sign_in"]
    assert [row.subject for row in rows] == [clerk.user.username] * 6 + [""]


@pytest.mark.parametrize(
    "name", ["", " ", "\u200b", "x" * 5000, "'; drop table ab_user; --", "名字"]
)
def test_odd_names_are_refused_calmly(name: str, app: Flask) -> None:
    assert sign_in(app.test_client(), name, "wrong").status_code == 401


def test_rush_of_sign_ins_is_turned_away_without_costing_a_try(
    app: Flask, clerk: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "QUEUE_SECONDS", 0)
    monkeypatch.setattr(passwords, "_slots", BoundedSemaphore(1))
    client = english(app.test_client())

    with passwords._slots:
        turned_away = [sign_in(client, clerk.user.username) for _try in range(7)]
    let_in = sign_in(client, clerk.user.username)

    assert {answer.status_code for answer in turned_away} == {429}
    assert "Too many people are signing in just now." in turned_away[0].text
    assert let_in.status_code == 302
