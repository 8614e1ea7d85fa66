"""The search across menus: by which words rows are found, in whose scope, and what is said about bad input."""

from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role
from app.extensions import db
from app.services.ground.id_numbers import index_of
from app.validators import mask_id
from tests.support import counting, factories
from tests.support.signing import client_of


def found(client: FlaskClient, typed: str) -> str:
    answer = client.get(client.post("/find", data={"q": typed}).location)
    assert answer.status_code == 200
    return str(answer.text)


def test_a_unit_finds_its_case_by_name_number_and_unit(app: Flask) -> None:
    unit = factories.unit("长沙市第一中学")
    case = factories.application(
        ApplicationState.AT_UNIT, unit=unit, person=factories.person("欧阳小红", unit=unit),
        number="2026000001182",
    )  # fmt: skip
    client = client_of(app, factories.position(Role.UNIT, unit=unit))

    for typed in ("欧阳小红", "欧阳", "2026000001182", "20260000", "第一中学", " 2026 0000 01182 "):
        assert f'href="/g/1.1.4/{case.id}"' in found(client, typed), typed


def test_an_id_number_is_found_as_a_whole_and_stands_in_no_address(app: Flask) -> None:
    unit = factories.unit()
    person = factories.person(unit=unit)
    number = person.id_number
    case = factories.application(ApplicationState.AT_UNIT, unit=unit, person=person)
    client = client_of(app, factories.position(Role.UNIT, unit=unit))

    answer = client.post("/find", data={"q": number})
    typed_address = client.get(f"/find?q={number}")
    page = client.get(answer.location).text

    assert answer.location == typed_address.location == f"/find?q.id_number={index_of(number)}"
    assert f'href="/g/1.1.4/{case.id}"' in page
    assert number not in page
    assert mask_id(number) in page
    assert f'href="/g/1.1.4/{case.id}"' not in found(client, number[:10])


def test_what_is_out_of_scope_is_never_found(app: Flask) -> None:
    person = factories.person("司马相如", unit=factories.unit())
    factories.application(ApplicationState.AT_UNIT, unit=person.unit, person=person)
    draft = factories.application(unit=factories.unit(), person=factories.person("司马光"))
    strangers = [
        factories.position(Role.UNIT, unit=factories.unit()),
        factories.position(Role.SUPERIOR, unit=factories.unit()),
        factories.position(Role.OFFICE, committee=factories.committee()),
        factories.position(Role.HRSS, unit=factories.unit(region_code="430700")),
        factories.position(Role.UNIT, unit=draft.unit),
    ]

    for position in strangers:
        page = found(client_of(app, position), "司马")
        assert "司马相如" not in page
        assert "司马光" not in page


def test_certificates_experts_and_meetings_stand_under_their_menus(app: Flask) -> None:
    committee = factories.committee(name="教育系列评委会")
    plan = factories.plan(batch=factories.batch(committee=committee), name="诸葛专场会议")
    person = factories.person("诸葛明", unit=factories.unit())
    expert = factories.expert(committee, person=person)
    case = factories.application(ApplicationState.CERTIFIED, person=person, plan=plan)
    certificate = factories.certificate(case)
    client = client_of(app, factories.position(Role.OFFICE, committee=committee))

    page = found(client, "诸葛")

    for url in (
        f"/g/1.2.1/all/{case.id}", f"/g/1.7.1/{certificate.id}", f"/g/1.4.1/{expert.id}", f"/g/1.2.2/{plan.id}",
    ):  # fmt: skip
        assert f'href="{url}"' in page
    assert f'href="/g/1.7.1/{certificate.id}"' in found(client, certificate.number)


def test_eight_rows_are_shown_and_the_list_has_the_others(app: Flask) -> None:
    unit = factories.unit()
    for _number in range(9):
        factories.application(
            ApplicationState.AT_UNIT, unit=unit, person=factories.person("同名人", unit=unit)
        )
    client = client_of(app, factories.position(Role.UNIT, unit=unit))

    page = found(client, "同名人")

    assert page.count('href="/g/1.1.4/') - page.count('href="/g/1.1.4/"') == 8 + 1
    assert 'href="/g/1.1.4/?q.any=%E5%90%8C%E5%90%8D%E4%BA%BA"' in page


def test_too_little_too_much_and_nothing_found_are_each_a_sentence(app: Flask) -> None:
    client = client_of(app, factories.position(Role.UNIT, unit=factories.unit()))

    short = client.get("/find?q=张")
    long = client.get("/find", query_string={"q": "张" * 61})

    assert (short.status_code, long.status_code) == (400, 400)
    assert "Type at least 2 characters" in short.text
    assert "61 characters are too many" in long.text
    assert "Nothing in your scope fits" in found(client, "没有这个人%_")
    assert client.get("/find?q.id_number=x").status_code == 400


def test_an_applicant_has_no_such_search(app: Flask) -> None:
    _person, position = factories.applicant()
    client = client_of(app, position)

    assert client.get("/find?q=张三").status_code == 404


def test_the_search_takes_one_statement_a_menu(app: Flask) -> None:
    committee = factories.committee()
    plan = factories.plan(batch=factories.batch(committee=committee))
    client = client_of(app, factories.position(Role.OFFICE, committee=committee))
    few = counting.statements_of(client, "/find?q=同名")
    for _number in range(5):
        person = factories.person("同名人", unit=committee.unit)
        factories.expert(committee, person=person)
        factories.certificate(
            factories.application(ApplicationState.CERTIFIED, person=person, plan=plan)
        )
    db.session.commit()

    assert counting.statements_of(client, "/find?q=同名") == few <= 14
