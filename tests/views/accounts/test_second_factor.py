"""The second factor through its pages: asked for, set up, refused, and on the interface for programs."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import settings
from app.enums import Role
from app.ground import clock
from app.models import AuditLog, LoginSession, Position, SecondFactor, User
from app.services.credentials import second_factors
from tests.support import factories as make
from tests.support.signing import (
    PASSWORD,
    cookie,
    english,
    give_password,
    is_anonymous,
    replays,
    sign_in,
    signed_in,
)

ASK, SET_UP, OWN = (f"/session/second-factor/{page}" for page in ("ask", "set-up", ""))


@pytest.fixture
def office(session: Session) -> Position:
    """Somebody of a committee's office, whose role has to show a second factor."""
    position = make.position(Role.OFFICE, committee=make.committee())
    settings.store_value("second_factor_office", "1")
    give_password(position.user)
    return position


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return english(app.test_client())


def set_up(user: User) -> tuple[str, list[str]]:
    before = clock.now() - timedelta(minutes=5)
    secret = second_factors.begin_device(user, at=before)
    code = pyotp.TOTP(secret).at(int(before.timestamp()))
    codes = second_factors.confirm_device(user, code, at=before)
    return secret, codes


def code_of(secret: str, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + later)


def show(client: FlaskClient, code: str, page: str = ASK, **more: str) -> Any:
    return client.post(page, data={"code": code} | more)


def test_password_alone_opens_nothing(
    app: Flask, session: Session, desk: FlaskClient, office: Position
) -> None:
    secret, _codes = set_up(office.user)

    entered = sign_in(desk, office.user.username)
    led = desk.get("/g/1.2.1/")
    sent = desk.post("/g/1.2.1/act/check", data={"opinion": "写了很久的意见"})
    refused = [
        desk.get("/session/password"),
        desk.get("/session/"),
        desk.get("/messages/"),
        desk.get("/lookup/unit?q=a"),
        desk.get("/file/1"),
    ]
    passed = show(desk, code_of(secret), next="/g/1.2.1/")

    assert entered.status_code == 302
    assert led.location.startswith(ASK)
    assert "next=" in led.location
    assert [(one.status_code, (one.location or "")[:26]) for one in refused] == [
        (303, ASK[:26])
    ] * 5
    assert (sent.status_code, "写了很久的意见" in sent.text) == (401, True)
    assert passed.location == "/g/1.2.1/"
    assert desk.get("/g/1.2.1/").status_code == 200


def test_first_sign_in_sets_the_device_up(
    app: Flask, session: Session, desk: FlaskClient, office: Position
) -> None:
    sign_in(desk, office.user.username)
    led = desk.get(desk.get("/").location)
    page = desk.get(SET_UP).text
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    secret = found.group(1).replace(" ", "")

    wrong = show(desk, "000000", SET_UP)
    done = show(desk, code_of(secret), SET_UP)
    codes = re.findall(r"<code>([0-9A-Z-]{14})</code>", done.text)

    assert led.location.startswith(SET_UP)
    assert "<svg" in page
    assert secret in wrong.text.replace(" ", "")
    assert (wrong.status_code, done.status_code, len(codes)) == (422, 200, 10)
    assert desk.get("/g/1.2.1/").status_code == 200
    assert desk.get(SET_UP).location == OWN
    other = english(app.test_client())
    sign_in(other, office.user.username)
    assert show(other, codes[0]).status_code == 303
    again = english(app.test_client())
    sign_in(again, office.user.username)
    assert show(again, codes[0]).status_code == 422


def test_code_is_not_replayed_in_another_browser(
    app: Flask, session: Session, desk: FlaskClient, office: Position
) -> None:
    secret, _codes = set_up(office.user)
    thief = english(app.test_client())
    for client in (desk, thief):
        sign_in(client, office.user.username)
    code = code_of(secret)

    first, second = show(desk, code), show(thief, code)

    assert (first.status_code, second.status_code) == (303, 422)
    assert thief.get("/g/1.2.1/").status_code == 303


def test_guessing_ends_after_five_tries(
    app: Flask, session: Session, desk: FlaskClient, office: Position
) -> None:
    secret, _codes = set_up(office.user)
    sign_in(desk, office.user.username)
    wrong = f"{(int(code_of(secret)) + 1) % 10**6:06d}"

    with time_machine.travel(clock.now(), tick=False) as traveller:
        tries = [show(desk, wrong) for _try in range(5)] + [show(desk, code_of(secret))]
        traveller.shift(timedelta(minutes=16))
        after = show(desk, code_of(secret))

    assert [one.status_code for one in tries] == [422] * 6
    assert "Too many tries" in tries[-1].text
    assert after.status_code == 303


def test_session_opened_before_is_asked_at_its_next_request(
    app: Flask, session: Session, desk: FlaskClient, office: Position
) -> None:
    settings.store_value("second_factor_office", "0")
    client = english(signed_in(desk, office))
    before = client.get("/g/1.2.1/").status_code
    settings.store_value("second_factor_office", "1")
    session.commit()

    asked = client.get("/g/1.2.1/")

    assert before == 200
    assert asked.location.startswith(ASK)


def test_other_positions_and_the_sign_out_stay_open(
    app: Flask, session: Session, desk: FlaskClient, office: Position
) -> None:
    clerk = make.position(Role.UNIT, unit=make.unit(), user=office.user)
    client = english(signed_in(desk, office))

    asked = client.get("/").location
    client.post("/session/switch", data={"position": clerk.id})
    free = client.get("/g/1.1.2/").status_code
    client.post("/session/switch", data={"position": office.id})
    again = client.get("/g/1.2.1/").location
    client.post("/logout/")

    assert (asked.startswith(ASK), free, again.startswith(ASK)) == (True, 200, True)
    assert is_anonymous(client)


def test_session_gets_a_new_secret_with_the_code(
    app: Flask, session: Session, desk: FlaskClient, office: Position
) -> None:
    secret, _codes = set_up(office.user)
    sign_in(desk, office.user.username)
    planted = cookie(desk)

    show(desk, code_of(secret))

    assert is_anonymous(replays(app, planted))
    assert not is_anonymous(desk)


def test_own_device_is_removed_with_its_code_alone(
    app: Flask, session: Session, desk: FlaskClient, office: Position
) -> None:
    secret, _codes = set_up(office.user)
    sign_in(desk, office.user.username)
    show(desk, code_of(secret))

    page = desk.get(OWN).text
    wrong = show(desk, "000000", f"{OWN}remove")
    renewed = show(desk, code_of(secret, 30), f"{OWN}recovery-codes")
    session.expire_all()
    kept = session.scalars(select(SecondFactor)).all()
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        gone = show(desk, code_of(secret), f"{OWN}remove")
        asked = desk.get("/g/1.2.1/").location
        led = desk.get(asked).location

    assert "Unused recovery codes: 10" in page
    assert (wrong.status_code, renewed.status_code, gone.status_code) == (422, 200, 303)
    assert len(kept) == 1
    assert (asked.startswith(ASK), led.startswith(SET_UP)) == (True, True)


def test_anonymous_is_led_to_the_sign_in(desk: FlaskClient) -> None:
    answers = [desk.get(ASK), desk.get(SET_UP), desk.get(OWN), show(desk, "1", f"{OWN}remove")]

    assert all(one.location.startswith("/login/") for one in answers)


def test_single_use_of_the_demonstration_is_not_asked(app: Flask, session: Session) -> None:
    """Settings of the demonstration leave it off; the press signs in as before."""
    app.config["DEMO"] = True
    position = make.position(Role.HRSS, unit=make.unit())
    position.user.is_demo = True
    session.commit()
    client = english(app.test_client())

    client.post("/login/", data={"demo": position.user.username})

    assert client.get("/g/1.1.4/").status_code == 200


def test_token_needs_the_code_too(
    app: Flask, session: Session, client: FlaskClient, office: Position
) -> None:
    secret, codes = set_up(office.user)
    body = {"username": office.user.username, "password": PASSWORD}

    def token(code: Any = None) -> Any:
        return client.post("/api/v1/token", json=body | ({} if code is None else {"code": code}))

    refused = [token(), token("000000"), token([code_of(secret)])]
    given = token(code_of(secret))
    replayed = token(code_of(secret))
    headers = {"Authorization": f"Bearer {given.json['token']}"}
    rows = client.get("/api/v1/g/1.2.1/", headers=headers)

    assert [one.status_code for one in (*refused, given, replayed)] == [401, 401, 401, 200, 401]
    assert rows.status_code == 200
    live = session.scalars(select(LoginSession).where(LoginSession.ended_at.is_(None))).all()
    assert len([one for one in live if one.kind == "api"]) == 1
    noted = session.scalars(select(AuditLog).where(AuditLog.kind == "sign_in"))
    assert [row.is_success for row in noted] == [False, False, False, True, False]
    assert token(codes[0]).status_code == 200


def test_token_from_before_opens_nothing(
    app: Flask, session: Session, client: FlaskClient, office: Position
) -> None:
    settings.store_value("second_factor_office", "0")
    session.commit()
    body = {"username": office.user.username, "password": PASSWORD}
    given = client.post("/api/v1/token", json=body).json["token"]
    headers = {"Authorization": f"Bearer {given}"}
    before = client.get("/api/v1/g/1.2.1/", headers=headers).status_code
    settings.store_value("second_factor_office", "1")
    session.commit()

    after = client.get("/api/v1/g/1.2.1/", headers=headers).status_code

    assert (before, after) == (200, 401)
