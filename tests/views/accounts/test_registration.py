"""Registration through its pages: two browsers and one ticket, the form."""

import json
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
from app.enums import Role
from app.ground import clock, crypto
from app.models import LoginSession, Person, Ticket
from app.services.accounts import claims
from app.views.accounts import forgotten
from tests.support import factories, mail
from tests.support.signing import (
    PASSWORD,
    cookie,
    english,
    is_anonymous,
    replays,
    sign_in,
    signed_in,
)

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


def number_of(desk: FlaskClient) -> str:
    """Return the number that the waiting page shows, "" while it shows none."""
    found = re.search(r'class="check">(\d+)<', desk.get("/register/waiting").text)
    return found.group(1) if found else ""


def confirm(phone: FlaskClient, number: str) -> Any:
    return phone.post("/r/confirm", data={"number": number})


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
    unseen = number_of(desk)
    done = register(phone)
    stages.append(state(desk))
    asked = phone.get(done.location).text
    confirmed = confirm(phone, number_of(desk))
    stages.append(state(desk))
    waiting = cookie(desk)

    entered = desk.post("/register/finish")

    assert stages == ["waiting", "opened", "done", "confirmed"]
    assert unseen == ""
    assert done.location == "/r/done"
    assert "Number on the web page" in asked
    assert confirmed.location == "/r/done?web=yes"
    assert "goes on by itself" in phone.get(confirmed.location).text
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
    confirm(phone, number_of(desk))

    answers = [thief.post("/register/finish"), thief.get("/register/state"), thief.get(path)]

    assert [answer.status_code for answer in answers] == [422, 200, 404]
    assert answers[1].json["stage"] == "waiting"
    assert is_anonymous(thief)
    assert desk.post("/register/finish").location == "/me/"


def test_page_of_a_stranger_is_not_signed_in(
    app: Flask, session: Session, phone: FlaskClient
) -> None:
    """The person scanned a code that somebody had sent: nothing they see or guess opens that page."""
    thief = english(app.test_client())
    scan(phone, code_of(thief))
    done = register(phone)
    number = number_of(thief)

    page = phone.get(done.location).text
    before = thief.post("/register/finish")
    wrong = [confirm(phone, f"{(int(number) + more) % 10**6:06d}") for more in (1, 2, 3)]
    late = confirm(phone, number)
    after = thief.post("/register/finish")

    assert number not in page
    assert "Never enter a number that somebody sends" in page
    assert [one.status_code for one in (before, *wrong, late, after)] == [422] * 6
    assert is_anonymous(thief)


def test_number_is_taken_from_the_phone_alone(desk: FlaskClient, phone: FlaskClient) -> None:
    """Neither the waiting page nor somebody else confirms it."""
    scan(phone, code_of(desk))
    register(phone)
    other = english(desk.application.test_client())
    register(other, id_number="430099198503071010", name="向若水")

    answers = [confirm(desk, number_of(desk)), confirm(other, number_of(desk))]

    assert answers[0].status_code == 401
    assert answers[1].location == "/r/done"
    assert state(desk) == "done"


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
    confirm(phone, number_of(desk))
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


@pytest.fixture
def entered(session: Session) -> Person:
    """A person whom a unit entered, with another mobile number than the one typed."""
    unit = factories.unit("长沙机床厂")
    person = factories.person("向若溪", unit=unit, id_number=NUMBER, phone="13711111111")
    session.commit()
    return person


def held(page: Any) -> str:
    found = re.search(r'name="held" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found.group(1)


def prove(phone: FlaskClient, token: str, code: str, **more: str) -> Any:
    return phone.post("/r/proof", data={"held": token, "proof": code} | more)


def test_record_of_a_unit_is_taken_over_with_the_code_sent_to_its_mobile(
    app: Flask, session: Session, phone: FlaskClient, entered: Person, tmp_path: Path
) -> None:
    inbox = mail.short_messages(app, tmp_path)

    asked = register(phone)
    sent = json.loads(inbox.read_text(encoding="utf-8").splitlines()[-1])
    code = next(one for one in re.findall(r"\d+", sent["text"]) if len(one) == 6)
    wrong = prove(phone, held(asked), "000000" if code != "000000" else "000001")
    done = prove(phone, held(wrong), code)

    assert (asked.status_code, wrong.status_code) == (422, 422)
    assert sent["to"] == "13711111111"
    assert "13711111111" not in asked.text
    assert "长沙机床厂" in phone.get(done.location).text
    session.refresh(entered)
    assert session.query(Person).count() == 1
    assert (entered.unit is not None, entered.phone) == (True, "13711111111")
    assert entered.user_id is not None
    client = app.test_client()
    assert sign_in(client, NUMBER).status_code == 302


def test_record_is_taken_over_with_the_claim_code_of_the_unit(
    app: Flask, session: Session, phone: FlaskClient, entered: Person
) -> None:
    clerk = factories.position(Role.UNIT, unit=entered.unit)
    client = english(signed_in(app.test_client(), clerk))
    session.commit()
    page = client.post(f"/g/unit-people/{entered.id}/claim-code").text
    found = re.search(r"<code>([0-9A-Z-]{14})</code>", page)
    assert found is not None

    asked = register(phone)
    done = prove(phone, held(asked), f" {found.group(1).lower()} ")

    assert "title clerk of your unit" in asked.text
    assert done.location == "/r/done"
    session.refresh(entered)
    assert entered.user_id is not None
    again = client.post(f"/g/unit-people/{entered.id}/claim-code")
    assert "has an account already" in again.text


def test_nobody_takes_a_record_over_without_its_code(
    app: Flask, session: Session, phone: FlaskClient, entered: Person, tmp_path: Path
) -> None:
    """Guessing, the code of another person, one used or voided, and a page that was made up."""
    mail.short_messages(app, tmp_path)
    other = factories.person("向若水", id_number="430099198503071010")
    clerk = factories.actor(Role.UNIT, unit=entered.unit)
    foreign = claims.hand_over(clerk, other, at=clock.now())
    voided = claims.hand_over(clerk, entered, at=clock.now())
    fresh = claims.hand_over(clerk, entered, at=clock.now())
    session.commit()
    token = held(register(phone))

    tries = [prove(phone, token, code) for code in (foreign, voided, "000000", "", "x" * 40)]
    made_up = [prove(phone, one, fresh) for one in ("", "a1:AAAA", crypto.encrypt("13800000000"))]
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        late = prove(phone, token, fresh)

    assert [one.status_code for one in tries] == [422] * 5
    assert [one.location for one in (*made_up, late)] == ["/r/"] * 4
    session.refresh(entered)
    assert entered.user_id is None
    assert is_anonymous(phone)


def test_code_sent_is_tried_five_times(
    app: Flask, session: Session, phone: FlaskClient, entered: Person, tmp_path: Path
) -> None:
    inbox = mail.short_messages(app, tmp_path)
    token = held(register(phone))
    sent = json.loads(inbox.read_text(encoding="utf-8").splitlines()[-1])
    code = next(one for one in re.findall(r"\d+", sent["text"]) if len(one) == 6)
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    answers = [prove(phone, token, one) for one in [wrong] * 5 + [code]]

    assert [one.status_code for one in answers] == [422] * 6
    again = prove(phone, token, "", again="1")
    assert "sent a moment ago" in again.text
    assert len(inbox.read_text(encoding="utf-8").splitlines()) == 1


def test_clerk_of_another_unit_hands_over_nothing(
    app: Flask, session: Session, entered: Person
) -> None:
    clerk = factories.position(Role.UNIT, unit=factories.unit())
    client = signed_in(app.test_client(), clerk)
    session.commit()

    assert client.post(f"/g/unit-people/{entered.id}/claim-code").status_code == 404


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
