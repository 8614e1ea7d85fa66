"""Registration through its pages: two browsers and one ticket, the form."""

import re
from collections.abc import Iterator
from concurrent.futures import wait
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import settings
from app.ground import clock
from app.models import LoginSession, Person, Ticket
from app.views.accounts import forgotten
from tests.support import factories, mail
from tests.support.signing import PASSWORD, cookie, english, is_anonymous, replays, sign_in

NUMBER = "43009919920101105X"
PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/126.0.0.0 Mobile Safari/537.36"
TYPED = {
    "name": "向若溪", "id_kind": "resident", "id_number": NUMBER.lower(), "phone": "138 0000 0000",
    "password": PASSWORD, "again": PASSWORD, "consent": "y",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_code_under_way(app: Flask) -> Iterator[None]:
    """Codes are sent beside the request: nothing of a test may come after it."""
    yield
    wait(forgotten.pending())


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return english(app.test_client())


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    client = english(app.test_client())
    client.environ_base["HTTP_USER_AGENT"] = PHONE
    return client


def code_of(desk: FlaskClient) -> str:
    """Ask for a code and return the path in it."""
    answer = desk.post("/register/")
    assert answer.location == "/register/waiting", answer.text
    found = re.search(r'class="address" href="([^"]+)"', desk.get("/register/waiting").text)
    assert found is not None
    return urlsplit(found.group(1)).path


def scan(phone: FlaskClient, path: str) -> None:
    assert phone.get(path).location == "/r/"


def state(desk: FlaskClient) -> str:
    return str(desk.get("/register/state").json["stage"])


def register(phone: FlaskClient, **typed: Any) -> Any:
    return phone.post("/r/", data=TYPED | typed)


# the waiting page


def test_sign_in_page_leads_to_registration_and_forgotten_password(desk: FlaskClient) -> None:
    page = desk.get("/login/").text

    assert 'href="/register/"' in page
    assert 'href="/forgot/"' in page


def test_question_comes_before_the_code(desk: FlaskClient) -> None:
    page = desk.get("/register/").text

    assert "shared with the APP" in page
    assert "Do you want to register a new account?" in page


def test_waiting_page_shows_code_address_and_time(app: Flask, desk: FlaskClient) -> None:
    path = code_of(desk)

    page = desk.get("/register/waiting").text

    assert "<svg" in page
    assert not re.search(r"<[^>]+ style=", page)
    assert app.config["PUBLIC_URL"] + path in page
    assert 'data-left="300"' in page or 'data-left="299"' in page


def test_desk_is_signed_in_once_when_the_phone_is_done(
    session: Session, desk: FlaskClient, phone: FlaskClient
) -> None:
    path, stages = code_of(desk), []
    stages.append(state(desk))
    scan(phone, path)
    stages.append(state(desk))
    done = register(phone)
    stages.append(state(desk))
    waiting = cookie(desk)

    entered = desk.post("/register/finish")

    assert stages == ["waiting", "opened", "done"]
    assert done.location == "/r/done?web=yes"
    assert "goes on by itself" in phone.get(done.location).text
    assert entered.location == "/me/"
    assert "向若溪" in desk.get("/me/").text
    assert session.scalar(select(func.count()).select_from(LoginSession)) == 2
    again = replays(desk.application, waiting)
    assert again.post("/register/finish").status_code == 422
    assert is_anonymous(again)


def test_desk_presses_too_early(desk: FlaskClient) -> None:
    code_of(desk)

    answer = desk.post("/register/finish")

    assert answer.status_code == 422
    assert "not finished yet" in answer.text
    assert is_anonymous(desk)


def test_other_browser_is_never_signed_in(
    app: Flask, desk: FlaskClient, phone: FlaskClient
) -> None:
    """Who knows the secret of the code, or waits with another one, gets nothing out of it."""
    thief = english(app.test_client())
    path = code_of(desk)
    code_of(thief)
    scan(phone, path)
    scan(thief, path)
    register(phone)

    answers = [thief.post("/register/finish"), thief.get("/register/state"), thief.get(path)]

    assert [answer.status_code for answer in answers] == [422, 200, 404]
    assert answers[1].json["stage"] == "waiting"
    assert is_anonymous(thief)
    assert desk.post("/register/finish").location == "/me/"


def test_expired_code_registers_but_signs_no_page_in(
    session: Session, desk: FlaskClient, phone: FlaskClient
) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        scan(phone, code_of(desk))
        traveller.shift(timedelta(minutes=5))
        done = register(phone)

        assert done.location == "/r/done?web=late"
        assert "does not go on by itself" in phone.get(done.location).text
        assert state(desk) == "over"
        assert desk.post("/register/finish").status_code == 422
        assert "has expired" in desk.get("/register/waiting").text
        assert desk.get("/register/waiting").text.count("<svg") == 1
    assert session.query(Person).count() == 1


def test_new_code_ends_the_one_before(desk: FlaskClient, phone: FlaskClient) -> None:
    first = code_of(desk)
    second = code_of(desk)

    answer = phone.get(first)

    assert first != second
    assert answer.status_code == 404
    assert "expired" in answer.text
    scan(phone, second)


def test_code_is_opened_by_nobody_who_is_signed_in(desk: FlaskClient, phone: FlaskClient) -> None:
    register(phone)

    answer = phone.get(code_of(desk))

    assert answer.location == "/"
    assert state(desk) == "waiting"


def test_sign_in_leaves_nothing_of_the_session_before(
    desk: FlaskClient, phone: FlaskClient
) -> None:
    """Fixation: a session planted beforehand opens nothing, and its cookie holds the ticket no more."""
    scan(phone, code_of(desk))
    planted = [cookie(desk), cookie(phone)]
    register(phone)
    desk.post("/register/finish")

    for client, old in zip((desk, phone), planted, strict=True):
        assert cookie(client) != old
        assert is_anonymous(replays(desk.application, old))
        with client.session_transaction() as held:
            assert set(held) & {"ticket", "opened"} == set()


def test_phone_asks_no_code(phone: FlaskClient, session: Session) -> None:
    assert phone.post("/register/").location == "/r/"
    assert session.query(Ticket).count() == 0


# the form


def test_registration_signs_the_phone_in_and_says_how_to_come_back(
    session: Session, phone: FlaskClient
) -> None:
    answer = register(phone)

    page = phone.get(answer.location).text
    assert "ID number and the password you chose" in page
    assert "p00000001" in page
    assert 'href="/m/"' in page
    person = session.query(Person).one()
    assert (person.id_number, person.phone) == (NUMBER, "13800000000")


@pytest.mark.parametrize(
    "name",
    [NUMBER, NUMBER.lower(), "４３００９９１９９２０１０１１０５ｘ", "p00000001", "P00000001"],
)
def test_person_signs_in_with_number_or_username(app: Flask, phone: FlaskClient, name: str) -> None:
    register(phone)
    client = app.test_client()

    answer = sign_in(client, name)

    assert answer.status_code == 302
    assert not is_anonymous(client)


def test_password_rules_stand_beside_the_field_before_typing(phone: FlaskClient) -> None:
    assert "At least 10 characters" in phone.get("/r/").text


def test_record_of_a_unit_is_taken_over(session: Session, phone: FlaskClient) -> None:
    unit = factories.unit("长沙机床厂")
    entered = factories.person("向若溪", unit=unit, id_number=NUMBER)
    session.commit()

    answer = register(phone)

    assert "长沙机床厂" in phone.get(answer.location).text
    session.refresh(entered)
    assert (session.query(Person).count(), entered.unit_id) == (1, unit.id)
    assert entered.user_id is not None


def test_addresses_hold_no_number(
    app: Flask, phone: FlaskClient, desk: FlaskClient, tmp_path: Path
) -> None:
    mail.short_messages(app, tmp_path)
    places = [register(phone).location, desk.post("/forgot/", data={
        "id_kind": "resident", "id_number": NUMBER, "name": "向若溪"}).location]  # fmt: skip

    assert not any(NUMBER in place or NUMBER.lower() in place for place in places)


def test_address_registers_so_often_and_no_more(session: Session, phone: FlaskClient) -> None:
    settings.store_value("registrations_per_address", "5")
    factories.user(person=factories.person("向若溪", id_number=NUMBER))
    session.commit()

    answers = [register(phone) for _try in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "Too many registrations" in answers[-1].text
    assert "向若溪" in answers[-1].text
