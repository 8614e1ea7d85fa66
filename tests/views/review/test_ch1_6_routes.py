"""Chapter 1.6 through HTTP: the office places units, each unit confirms its own place."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.enums import Role, RouteState
from app.models import Committee, RouteNode, Unit
from tests.support import factories
from tests.support.signing import client_of


@pytest.fixture
def committee(app: Flask) -> Committee:
    return factories.committee()


@pytest.fixture
def office(app: Flask, committee: Committee) -> FlaskClient:
    return client_of(app, factories.position(Role.OFFICE, committee=committee))


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit("长沙一中")


def place_form(committee: Committee, unit: Unit, **typed: Any) -> dict[str, Any]:
    levels = {"levels": ["1", "2", "3"]}
    return {"committee_id": str(committee.id), "unit_id": str(unit.id), **levels, **typed}


def press(client: FlaskClient, node: RouteNode, **typed: Any) -> Any:
    return client.post("/g/1.6.2/act/confirm", data={"row": [f"{node.id}:{node.version}"], **typed})


@pytest.mark.parametrize("role", list(Role))
def test_pages_open_for_their_roles_alone(role: Role, app: Flask) -> None:
    place = {} if role.is_maintenance or role is Role.APPLICANT else {"unit": factories.unit()}
    client = client_of(app, factories.position(role, **place))

    statuses = [client.get(page).status_code for page in ("/g/1.6.1/", "/g/1.6.2/")]

    assert statuses == [
        200 if role is Role.OFFICE else 403,
        200 if role in (Role.UNIT, Role.SUPERIOR) else 403,
    ]


def test_office_places_a_unit_and_the_unit_confirms(
    app: Flask, office: FlaskClient, committee: Committee, unit: Unit, session: Session
) -> None:
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))

    saved = office.post("/g/1.6.1/add", data=place_form(committee, unit))
    node = session.query(RouteNode).one()
    assert saved.status_code == 303
    assert (node.state, node.levels) == (RouteState.PENDING, "123")

    assert committee.name in clerk.get("/g/1.6.2/").text
    answer = press(clerk, node, decision="confirm")
    assert answer.status_code == 303
    assert node.state is RouteState.CONFIRMED


@pytest.mark.parametrize(
    "wrong", ["superior without a place", "itself", "other committee", "no level"]
)
def test_refused_place_keeps_what_was_typed(
    office: FlaskClient, committee: Committee, unit: Unit, session: Session, wrong: str
) -> None:
    typed = {
        "superior without a place": {"superior_id": str(factories.unit().id)},
        "itself": {"superior_id": str(unit.id)},
        "other committee": {"committee_id": str(factories.committee().id)},
        "no level": {"levels": []},
    }[wrong]

    answer = office.post("/g/1.6.1/add", data=place_form(committee, unit) | typed)

    assert answer.status_code == 422
    assert "长沙一中" in answer.text
    assert session.query(RouteNode).count() == 0


def test_second_place_of_a_unit_is_refused_in_words(
    office: FlaskClient, committee: Committee, unit: Unit, session: Session
) -> None:
    factories.route(committee, unit)

    answer = office.post("/g/1.6.1/add", data=place_form(committee, unit))

    assert answer.status_code == 422
    assert "has a place in this review tree already" in answer.text
    assert session.query(RouteNode).count() == 1


def test_circle_is_refused_and_the_tree_stays(
    office: FlaskClient, committee: Committee, unit: Unit
) -> None:
    top = factories.unit("市教育局")
    above = factories.route(committee, top)
    factories.route(committee, unit, top)

    answer = office.post(
        f"/g/1.6.1/{above.id}/edit",
        data={"superior_id": str(unit.id), "levels": ["1"], "version": str(above.version)},
    )

    assert answer.status_code == 422
    assert "circle at “市教育局”" in answer.text
    assert (above.superior_id, above.state) == (None, RouteState.CONFIRMED)


def test_changed_place_must_be_confirmed_again(
    office: FlaskClient, committee: Committee, unit: Unit
) -> None:
    node = factories.route(committee, unit)

    page = office.get(f"/g/1.6.1/{node.id}/edit")
    answer = office.post(
        f"/g/1.6.1/{node.id}/edit", data={"levels": ["3", "4"], "version": str(node.version)}
    )

    assert page.status_code == 200
    assert answer.status_code == 303
    assert (node.levels, node.state) == ("34", RouteState.PENDING)


def test_another_offices_tree_does_not_exist(office: FlaskClient) -> None:
    node = factories.route(factories.committee(), factories.unit())

    answers = [
        office.get(f"/g/1.6.1/{node.id}"),
        office.get(f"/g/1.6.1/{node.id}/edit"),
        office.post(f"/g/1.6.1/{node.id}/edit", data={"levels": ["1"]}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert node.levels == "12345"


def test_another_units_place_does_not_exist(app: Flask, unit: Unit) -> None:
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))
    node = factories.route(factories.committee(), factories.unit(), state=RouteState.PENDING)

    listed = clerk.get("/g/1.6.2/").text
    answer = press(clerk, node, decision="confirm")

    assert node.unit.name not in listed
    assert answer.status_code == 404
    assert node.state is RouteState.PENDING


def test_dispute_needs_a_reason_and_keeps_what_was_typed(app: Flask, unit: Unit) -> None:
    clerk = client_of(app, factories.position(Role.SUPERIOR, unit=unit))
    node = factories.route(factories.committee(), unit, state=RouteState.PENDING)

    refused = press(clerk, node, decision="dispute", opinion="。。")
    answer = press(clerk, node, decision="dispute", opinion="本单位隶属省教育厅")

    assert refused.status_code == 422
    assert "。。" in refused.text
    assert answer.status_code == 303
    assert node.state is RouteState.DISPUTED
