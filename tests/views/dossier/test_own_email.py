"""The own email: given, checked, taken back."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role
from app.extensions import db
from app.models import Person
from tests.bad_input import desk
from tests.support import factories

TYPED = {"phone": "13900000000", "employment": "enterprise"}


@pytest.fixture
def me(app: Flask) -> tuple[FlaskClient, Person]:
    person = factories.person(unit=factories.unit(), email="old@example.com")
    return desk.clerk(app, Role.APPLICANT, person=person), person


def save(me: tuple[FlaskClient, Person], email: str) -> int:
    client, person = me
    typed = TYPED | {"email": email, "unit_id": person.unit_id, "version": person.version}
    answer = client.post("/me/person/", data=typed)
    db.session.refresh(person)
    return int(answer.status_code)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("new@example.com", "new@example.com"),
        (" Zhang.San＠Example.COM ", "Zhang.San@Example.COM"),
        ("", None),
    ],
)
def test_email_is_stored_and_taken_back(
    me: tuple[FlaskClient, Person], typed: str, kept: str | None
) -> None:
    assert save(me, typed) == 303
    assert me[1].email == kept


@pytest.mark.parametrize(
    "typed", ["a@b", "张三@例子.中国", "a@b.cn,c@d.cn", "a@b.cn\r\nBcc: c@d.cn", "@"]
)
def test_email_that_cannot_be_written_to_is_refused(
    me: tuple[FlaskClient, Person], typed: str
) -> None:
    assert save(me, typed) == 422
    assert me[1].email == "old@example.com"
    assert "old@example.com" in me[0].get("/me/person/").text
