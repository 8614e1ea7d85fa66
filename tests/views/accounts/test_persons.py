"""The register of persons through its page: what is refused is said at the field and nothing typed is lost."""

import re

import pytest
from sqlalchemy import select

from app.enums import Role
from app.models import Person, User
from tests.support import factories as make
from tests.support.signing import sign_in, signed_in


@pytest.fixture
def desk(session, client):
    place = make.position(Role.SYSADMIN, user=make.user())
    session.commit()
    return signed_in(client, place)


def typed(**values):
    return {
        "name": "阿依古丽•买买提", "id_kind": "resident", "id_number": "43009919881212004x", "phone": "13900000000",
        "employment": "enterprise", "username": "ayiguli",
    } | values  # fmt: skip


def test_person_is_registered_and_signs_in_with_the_first_password(app, session, desk):
    answer = desk.post("/g/persons/add", data=typed())

    assert answer.status_code == 200
    person = session.scalars(select(Person)).one()
    assert (person.name, person.id_number) == ("阿依古丽·买买提", "43009919881212004X")
    password = re.search(r"<code[^>]*>([^<]+)</code>", answer.text)
    assert password is not None
    assert sign_in(app.test_client(), "ayiguli", password.group(1)).status_code == 302


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
