"""Lists, registers and look-ups find what is stored, in whatever spelling somebody looks for it."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role, UnitKind
from app.extensions import db
from app.models import Application, Certificate, Person, Unit
from app.services.accounts import persons
from app.services.certificates import certificates
from tests.support import factories, meetings, signing, world

NAME, NUMBER = "阿依古丽·买买提", "43009919920101105X"
NAMES = [
    "阿依古丽·买买提", "阿依古丽•买买提", "阿依古丽・买买提", "阿依古丽‧买买提", "阿依古丽．买买提", "阿依古丽.买买提",
    "阿依古丽 · 买买提", "阿依\u3000古丽", "古丽 · 买", "买买\U000e0100提",
]  # fmt: skip
NUMBERS = [
    "43009919920101105X", "43009919920101105x", "430099 19920101 105X", "430099-19920101-105x",
    "４３００９９１９９２０１０１１０５Ｘ", " 4300 9919 9201 0110 5x ", "430099\u300019920101\u00a0105X",
]  # fmt: skip


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit("长沙机床厂", credit_code="91430100MAC0000174")


@pytest.fixture
def case(unit: Unit) -> Application:
    person = factories.person(NAME, unit=unit, id_number=NUMBER)
    made: Application = factories.application(
        ApplicationState.AT_UNIT, unit=unit, person=person, name=NAME
    )
    return made


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return signing.client_of(app, factories.position(Role.UNIT, unit=unit))


@pytest.fixture
def administrator(app: Flask) -> FlaskClient:
    return signing.client_of(app, factories.position(Role.SYSADMIN))


@pytest.mark.parametrize("typed", NAMES)
def test_a_person_is_found_by_name_in_every_spelling(
    app: Flask, clerk: FlaskClient, administrator: FlaskClient, case: Application, typed: str
) -> None:
    factories.application(ApplicationState.AT_UNIT, unit=case.unit)
    token = world.token(factories.actor(Role.UNIT, unit=case.unit))

    listed = clerk.get("/g/1.1.4/", query_string={"q.name": typed}).text
    people = clerk.get("/g/unit-people/", query_string={"q.name": typed}).text
    register = administrator.get("/g/persons/", query_string={"q.name": typed}).text
    program = clerk.get(
        "/api/v1/g/1.1.4/", query_string={"q.name": typed}, headers=world.bearer(token)
    ).get_json()

    assert all(NAME in page for page in (listed, people, register))
    assert [row["id"] for row in program["rows"]] == [case.id]


@pytest.mark.parametrize("typed", NUMBERS)
def test_an_id_number_is_found_in_every_spelling_and_stands_in_no_address(
    clerk: FlaskClient, case: Application, typed: str
) -> None:
    factories.application(ApplicationState.AT_UNIT, unit=case.unit)
    db.session.commit()
    token = world.token(factories.actor(Role.UNIT, unit=case.unit))

    led = [
        clerk.post("/g/1.1.4/search", data={"q.id_number": typed}),
        clerk.post("/g/unit-people/search", data={"q.id_number": typed}),
        clerk.get("/g/1.1.4/", query_string={"q.id_number": typed}),
        clerk.get("/find", query_string={"q": typed}),
    ]
    program = clerk.get(
        "/api/v1/g/1.1.4/", query_string={"q.id_number": typed}, headers=world.bearer(token)
    ).get_json()

    for answer in led:
        assert answer.status_code in (302, 303)
        sought = parse_qs(urlsplit(answer.location).query)["q.id_number"]
        assert sought == [persons.index_of(NUMBER)]
        assert NAME in clerk.get(answer.location).text
    assert [row["id"] for row in program["rows"]] == [case.id]


@pytest.mark.parametrize(
    "typed", ["91430100mac0000174", "9143 0100 MAC0 0001 74", "ＭＡＣ０００", "mac-0000"]
)
def test_a_unit_is_found_by_its_code(administrator: FlaskClient, unit: Unit, typed: str) -> None:
    listed = administrator.get("/g/units/", query_string={"q.credit_code": typed}).text
    offered = administrator.get("/lookup/unit", query_string={"q": typed}).get_json()

    assert unit.name in listed
    assert [one["id"] for one in offered["results"]] == [str(unit.id)]


@pytest.mark.parametrize("typed", ["长沙 机床", "长沙\u3000机床厂", "长沙机\ufe00床"])
def test_a_unit_is_found_by_its_name(clerk: FlaskClient, unit: Unit, typed: str) -> None:
    offered = clerk.get("/lookup/unit", query_string={"q": typed}).get_json()

    assert [one["text"] for one in offered["results"]] == [f"{unit.name}（{unit.credit_code}）"]


def test_a_unit_with_a_blank_in_its_name_is_found(clerk: FlaskClient) -> None:
    factories.unit("Hunan Steel 有限公司")
    db.session.commit()

    offered = clerk.get("/lookup/unit", query_string={"q": "hunan steel"}).get_json()

    assert len(offered["results"]) == 1


@pytest.mark.parametrize(
    "spell", [certificates.grouped, str.lower, lambda one: f"{one[:7]}-{one[7:]}"]
)
def test_a_certificate_is_found_by_its_number(app: Flask, spell: Callable[[str], str]) -> None:
    certificate: Certificate = meetings.certified()
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    client = signing.client_of(app, factories.position(Role.HRSS, unit=bureau))

    listed = client.get("/g/1.7.1/", query_string={"q.number": spell(certificate.number)}).text

    assert certificates.grouped(certificate.number) in listed or certificate.number in listed


@pytest.mark.parametrize("typed", ["Wang.Fang", "ｗａｎｇ．ｆａｎｇ", "WANG"])
def test_an_account_is_found_by_its_name(administrator: FlaskClient, typed: str) -> None:
    factories.user("王芳", username="wang.fang")
    db.session.commit()

    assert "王芳" in administrator.get("/g/accounts/", query_string={"q.username": typed}).text


@pytest.mark.parametrize("typed", ["２０２６000", "2026 000", "2026-000"])
def test_the_top_bar_looks_for_a_number(clerk: FlaskClient, case: Application, typed: str) -> None:
    case.number = "2026000001182"
    db.session.commit()

    page = clerk.get("/find", query_string={"q": typed}).text

    assert f'href="/g/1.1.4/{case.id}"' in page


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("2026/06/01", 200), ("2026.06.01", 200), ("２０２６-０６-０１", 200), ("2026-06-31", 400)],
)
def test_a_day_is_read_as_in_forms(
    clerk: FlaskClient, case: Application, typed: str, expected: int
) -> None:
    answer = clerk.get("/g/1.1.4/", query_string={"q.submitted_at.from": typed})

    assert answer.status_code == expected


def test_signs_of_patterns_are_searched_as_themselves(
    clerk: FlaskClient, case: Application
) -> None:
    pages: list[Any] = [clerk.get("/g/1.1.4/", query_string={"q.name": one}).text for one in "%_\\"]

    assert not any(NAME in page for page in pages)
    assert json.dumps(NAME) not in "".join(pages)
    assert db.session.get(Person, case.person_id) is not None
