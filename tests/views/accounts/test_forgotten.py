"""忘记密码 through its pages: the same answer for everybody, a code by short message, a new password."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import wait
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import settings
from app.ground import clock
from app.models import LoginSession, OneTimeCode, User
from app.services.credentials import sessions
from app.views.accounts import forgotten
from tests.support import mail
from tests.support.signing import (
    OTHER_PASSWORD,
    PASSWORD,
    cookie,
    english,
    is_anonymous,
    replays,
    sign_in,
)
from tests.views.accounts.test_registration import NUMBER, desk, phone, register

__all__ = ["desk", "phone"]


@pytest.fixture(autouse=True)
def no_code_under_way(app: Flask) -> Iterator[None]:
    """Codes are sent beside the request: nothing of a test may come after it."""
    yield
    wait(forgotten.pending())


@pytest.fixture
def inbox(app: Flask, tmp_path: Path) -> Path:
    return mail.short_messages(app, tmp_path)


def ask(client: FlaskClient, name: str = "向若溪", number: str = NUMBER) -> Any:
    answer = client.post(
        "/forgot/", data={"id_kind": "resident", "id_number": number, "name": name}
    )
    wait(forgotten.pending())
    return answer


def codes_in(inbox: Path) -> list[str]:
    lines = inbox.read_text(encoding="utf-8").splitlines() if inbox.exists() else []
    texts = [json.loads(line)["text"] for line in lines]
    return [re.findall(r"(?<!\d)\d{6}(?!\d)", text)[0] for text in texts]


def replace(client: FlaskClient, code: str, new: str = OTHER_PASSWORD, again: str = "") -> Any:
    return client.post("/forgot/code", data={"code": code, "new": new, "again": again or new})


def test_forgotten_password_is_replaced_and_every_session_ends(
    app: Flask, session: Session, phone: FlaskClient, desk: FlaskClient, inbox: Path
) -> None:
    register(phone)
    asked = ask(desk)
    [code] = codes_in(inbox)

    answer = replace(desk, code)

    assert (asked.location, answer.location) == ("/forgot/code", "/login/")
    assert is_anonymous(phone)
    assert sign_in(app.test_client(), NUMBER, PASSWORD).status_code == 401
    assert sign_in(app.test_client(), NUMBER, OTHER_PASSWORD).status_code == 302
    ended = session.scalars(select(LoginSession.end_reason)).first()
    assert ended == "password"
    assert desk.get("/forgot/code").location == "/forgot/"


def test_code_works_once(desk: FlaskClient, phone: FlaskClient, inbox: Path, app: Flask) -> None:
    register(phone)
    ask(desk)
    other = replays(app, cookie(desk))
    [code] = codes_in(inbox)
    replace(desk, code)

    answer = replace(other, code, "Another-horse-10")

    assert answer.status_code == 422
    assert sign_in(app.test_client(), NUMBER, OTHER_PASSWORD).status_code == 302


def test_five_wrong_codes_end_it(desk: FlaskClient, phone: FlaskClient, inbox: Path) -> None:
    register(phone)
    ask(desk)
    [code] = codes_in(inbox)
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    answers = [replace(desk, wrong) for _try in range(5)] + [replace(desk, code)]

    assert {answer.status_code for answer in answers} == {422}
    assert "tried five times" in answers[-1].text


def test_weak_password_costs_no_code(desk: FlaskClient, phone: FlaskClient, inbox: Path) -> None:
    register(phone)
    ask(desk)
    [code] = codes_in(inbox)

    weak = replace(desk, code, "weak")
    differs = replace(desk, code, OTHER_PASSWORD, "Other-words-8")
    own = replace(desk, code, f"Horse-{NUMBER}")

    assert "at least 10 characters" in weak.text
    assert "neither the ID number" in own.text
    assert "differ" in differs.text
    assert f'value="{code}"' in differs.text
    assert replace(desk, code).location == "/login/"


def without_secrets(page: str) -> str:
    """Return a page without what differs from request to request."""
    return re.sub(r'value="[^"]{20,}"|\d\d:\d\d|datetime="[^"]*"', "", page)


def test_answer_is_the_same_for_nobody(
    app: Flask, session: Session, phone: FlaskClient, inbox: Path
) -> None:
    """No enumeration: status, address, page, size of the cookie, and what a wrong code is told."""
    register(phone)
    people = [("向若溪", NUMBER), ("向若水", NUMBER), ("向若溪", "430099198503071010")]
    seen = []
    for name, number in people:
        client = english(app.test_client())
        asked = ask(client, name, number)
        page, wrong = client.get(asked.location), replace(client, "000000", OTHER_PASSWORD)
        again = client.post("/forgot/again")
        seen.append(
            (
                asked.status_code, asked.location, page.status_code, without_secrets(page.text), wrong.status_code,
                without_secrets(wrong.text), again.status_code,
            )
        )  # fmt: skip

    assert seen[0] == seen[1] == seen[2]
    assert len(codes_in(inbox)) == 1


def test_cookie_holds_neither_number_nor_account(desk: FlaskClient, phone: FlaskClient) -> None:
    register(phone)
    ask(desk)

    with desk.session_transaction() as held:
        kept = repr(dict(held))

    assert NUMBER not in kept
    assert "向若溪" not in kept
    assert "p00000001" not in kept


def test_next_code_comes_a_minute_later(
    session: Session, desk: FlaskClient, phone: FlaskClient, inbox: Path
) -> None:
    register(phone)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        ask(desk)
        soon = desk.post("/forgot/again")
        traveller.shift(timedelta(seconds=61))
        later = desk.post("/forgot/again")
        wait(forgotten.pending())

    assert soon.status_code == 422
    assert "seconds" in soon.text
    assert later.location == "/forgot/code"
    assert session.query(OneTimeCode).count() == 2
    assert len(codes_in(inbox)) == 2


def test_a_system_that_sends_no_codes_promises_none(desk: FlaskClient) -> None:
    answer = ask(desk)

    assert answer.status_code == 422
    assert "This system sends no codes" in answer.text
    assert 'value="向若溪"' in answer.text


def test_address_asks_for_so_many_codes_and_no_more(
    session: Session, desk: FlaskClient, inbox: Path
) -> None:
    settings.store_value("resets_per_address", "3")
    session.commit()

    answers = [ask(desk) for _try in range(4)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert "Too many tries" in answers[-1].text


def test_own_sessions_are_untouched_by_a_wrong_code(
    session: Session, desk: FlaskClient, phone: FlaskClient
) -> None:
    register(phone)
    ask(desk)
    replace(desk, "123456")

    user = session.query(User).one()
    assert len(sessions.live_sessions_of(user.id, at=clock.now())) == 1
