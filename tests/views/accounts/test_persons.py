"""The register of persons through its page: what is refused is said at the field and nothing typed is lost."""

import json

import pytest
from sqlalchemy import select

from app.enums import Role
from app.models import Consent, Person, User
from tests.support import factories as make
from tests.support import mail
from tests.support.signing import PASSWORD, sign_in, signed_in


@pytest.fixture
def desk(session, client):
    place = make.position(Role.SYSADMIN, user=make.user())
    make.position(Role.SECADMIN, user=make.user())
    session.commit()
    return signed_in(client, place)


def typed(**values):
    return {
        "name": "阿依古丽•买买提", "id_kind": "resident", "id_number": "43009919881212004x", "phone": "13900000000",
        "employment": "enterprise", "username": "ayiguli",
    } | values  # fmt: skip


def test_person_is_registered_and_gets_a_code_for_the_own_password(app, session, desk, tmp_path):
    inbox = mail.short_messages(app, tmp_path)
    answer = desk.post("/g/persons/add", data=typed())

    assert answer.status_code == 303
    person = session.scalars(select(Person)).one()
    assert (person.name, person.id_number) == ("阿依古丽·买买提", "43009919881212004X")
    sent = json.loads(inbox.read_text(encoding="utf-8").splitlines()[-1])
    code = mail.reset_code(inbox)
    assert sent["to"] == "13900000000"
    assert code not in desk.get(answer.location).text
    client = app.test_client()
    client.post(
        "/forgot/use",
        data={"account": "43009919881212004x", "code": code, "new": PASSWORD, "again": PASSWORD},
    )
    assert sign_in(client, "ayiguli").status_code == 302


def test_person_whom_nothing_reaches_gets_a_slip_of_two_administrators(session, desk):
    answer = desk.post("/g/persons/add", data=typed())

    assert answer.status_code == 303
    consent = session.scalars(select(Consent)).one()
    assert (consent.kind, consent.subject) == ("slip", "ayiguli")


@pytest.mark.parametrize(
    "number", ["43009919881212004Y", "430099198812120040", "43009919881212", "' OR 1=1 --"]
)
def test_wrong_number_is_said_at_the_field_and_nothing_typed_is_lost(session, desk, number):
    answer = desk.post("/g/persons/add", data=typed(id_number=number))

    assert answer.status_code == 422
    assert "阿依古丽" in answer.text
    assert 'value="ayiguli"' in answer.text
    assert session.scalars(select(Person)).all() == []
    assert session.scalars(select(User).where(User.username == "ayiguli")).all() == []


def test_list_masks_the_number(session, desk):
    desk.post("/g/persons/add", data=typed())

    page = desk.get("/g/persons/").text

    assert "4300**********004X" in page
    assert "43009919881212004X" not in page
