"""Failed sign-ins are counted before a password is hashed, over all workers."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import BoundedSemaphore

import pytest
import time_machine
from flask import Flask
from itsdangerous import URLSafeSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import settings
from app.enums import Role
from app.extensions import appbuilder, db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import AuditLog, KnownDevice, LoginFailure, Position
from app.services.accounts import accounts
from app.services.credentials import devices, lockout, passwords
from app.web import device_cookie
from tests.support import factories
from tests.support.signing import (
    PASSWORD,
    english,
    give_password,
    sign_in,
    signed_in,
    signed_in_by_password,
)


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


ATTACKER = {"REMOTE_ADDR": "198.51.100.7"}


def attack(app: Flask, name: str, tries: int = 6, address: str = "198.51.100.7") -> int:
    """Try wrong passwords from a device that never signed in; return the last status."""
    client = app.test_client()
    where = {"REMOTE_ADDR": address}
    answers = [sign_in(client, name, "wrong", environ_overrides=where) for _try in range(tries)]
    return int(answers[-1].status_code)


def test_strangers_cannot_lock_out_a_device_that_signed_in_before(
    app: Flask, clerk: Position
) -> None:
    own, name = english(app.test_client()), clerk.user.username
    sign_in(own, name)

    status = [attack(app, name), attack(app, name, address="203.0.113.9")]
    stranger = sign_in(app.test_client(), name)
    typo = sign_in(own, name, "wrong")
    right = sign_in(own, name)

    assert status == [429, 429]
    assert stranger.status_code == 429
    assert "Tries left before this name is locked: 4." in typo.text
    assert right.status_code == 302
    assert lockout.is_locked(name, at=clock.now())


def test_a_known_device_has_no_more_tries_than_others(app: Flask, clerk: Position) -> None:
    own, name = app.test_client(), clerk.user.username
    sign_in(own, name)

    answers = [sign_in(own, name, "wrong").status_code for _try in range(6)]

    assert answers == [401] * 5 + [429]
    assert sign_in(own, name).status_code == 429
    assert sign_in(app.test_client(), name).status_code == 302
    assert sign_in(own, name).status_code == 429


def test_a_device_is_known_to_its_own_account_only(app: Flask, clerk: Position) -> None:
    other = factories.position(Role.UNIT, unit=factories.unit())
    client = app.test_client()
    sign_in(client, give_password(other.user).username)
    attack(app, clerk.user.username)

    assert sign_in(client, clerk.user.username).status_code == 429


def test_a_cookie_that_is_not_ours_makes_no_device_known(app: Flask, clerk: Position) -> None:
    own, name = app.test_client(), clerk.user.username
    sign_in(own, name)
    kept = own.get_cookie(device_cookie.NAME)
    assert kept is not None
    attack(app, name)
    device = URLSafeSerializer(app.config["SECRET_KEY"], salt="device").loads(kept.value)
    forged = [
        "",
        "x",
        device,
        kept.value[:-1],
        URLSafeSerializer("another key", salt="device").dumps(device),
        URLSafeSerializer(app.config["SECRET_KEY"], salt="session").dumps(device),
        URLSafeSerializer(app.config["SECRET_KEY"], salt="device").dumps("another device"),
        URLSafeSerializer(app.config["SECRET_KEY"], salt="device").dumps([device]),
    ]

    for value in forged:
        client = app.test_client()
        client.set_cookie(device_cookie.NAME, value)
        assert sign_in(client, name).status_code == 429, value
    client = app.test_client()
    client.set_cookie(device_cookie.NAME, kept.value)
    assert sign_in(client, name).status_code == 302


def test_the_device_cookie_is_hidden_from_scripts_and_stored_by_digest(
    app: Flask, clerk: Position
) -> None:
    client = app.test_client()

    answer = sign_in(client, clerk.user.username)
    again = sign_in(client, clerk.user.username)

    header = next(line for line in answer.headers.getlist("Set-Cookie") if "device" in line)
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(header.split("; "))
    row = db.session.scalars(select(KnownDevice)).one()
    device = URLSafeSerializer(app.config["SECRET_KEY"], salt="device").loads(
        header.partition("=")[2].partition(";")[0]
    )
    assert row.user_id == clerk.user_id
    assert row.digest == devices.digest_of(clerk.user_id, device)
    assert device not in row.digest
    assert again.status_code == 302


def test_a_device_is_forgotten_after_half_a_year_and_beyond_twenty(
    app: Flask, clerk: Position
) -> None:
    own, name = app.test_client(), clerk.user.username
    with time_machine.travel(clock.now(), tick=False) as traveller:
        sign_in(own, name)
        traveller.shift(timedelta(days=179))
        attack(app, name)
        known = sign_in(own, name).status_code
        for number in range(devices.MOST):
            traveller.shift(timedelta(minutes=1))
            devices.remember(db.session(), clerk.user_id, f"d{number}", at=clock.now())
        db.session.commit()
        attack(app, name)
        crowded_out = sign_in(own, name).status_code
        traveller.shift(timedelta(days=181))
        too_old = devices.known_digest(clerk.user_id, "d1", at=clock.now())

    assert (known, crowded_out, too_old) == (302, 429, "")


def test_change_of_password_goes_on_while_strangers_try(app: Flask, clerk: Position) -> None:
    client = signed_in_by_password(english(app.test_client()), clerk)
    attack(app, clerk.user.username)

    answer = client.post(
        "/session/password",
        data={"old": PASSWORD, "new": "Battery-staple-7", "again": "Battery-staple-7"},
    )

    assert answer.status_code == 302


def test_address_is_limited_by_the_accounts_it_tries(app: Flask, clerk: Position) -> None:
    settings.store_value("login_address_max_accounts", "3")
    client, known = english(app.test_client()), app.test_client()
    sign_in(known, clerk.user.username)

    one_name = [sign_in(client, "name0", "wrong").status_code for _try in range(7)]
    sprayed = [sign_in(client, f"name{number}", "wrong").status_code for number in range(1, 5)]
    begun = sign_in(client, "name2", "wrong")
    blocked = sign_in(client, clerk.user.username)
    elsewhere = sign_in(app.test_client(), clerk.user.username, environ_overrides=ATTACKER)

    assert one_name == [401] * 5 + [429] * 2
    assert sprayed == [401, 401, 429, 429]
    assert begun.status_code == 401
    assert "different accounts failed to sign in from this network address" in blocked.text
    assert (blocked.status_code, elsewhere.status_code) == (429, 302)
    assert sign_in(known, clerk.user.username).status_code == 302


def test_one_name_tried_often_closes_no_address(app: Flask, clerk: Position) -> None:
    settings.store_value("login_address_max_accounts", "3")

    assert attack(app, "somebody", tries=30, address="127.0.0.1") == 429
    assert sign_in(app.test_client(), clerk.user.username).status_code == 302


@pytest.mark.parametrize(
    ("addresses", "is_one"),
    [
        (("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:0:1::", "2001:db8::2"), True),
        (("2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:3::1"), False),
        (("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", "::ffff:c000:201"), True),
        (("192.0.2.1", "192.0.2.2", "x, y", ""), False),
    ],
)
def test_a_customers_network_is_one_address(
    addresses: tuple[str, ...], is_one: bool, app: Flask
) -> None:
    settings.store_value("login_address_max_accounts", "3")
    answers = [attack(app, f"name{number}", 1, address) for number, address in enumerate(addresses)]

    assert answers == [401, 401, 401, 429 if is_one else 401]


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
