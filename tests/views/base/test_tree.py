"""Trees of units and of review routes through HTTP: opened, searched, moved with its guards."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role, RouteState
from app.extensions import db
from app.models import RouteNode, Unit
from tests.support import counting, factories
from tests.support.signing import client_of


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return client_of(app, factories.position(Role.SYSADMIN))


@pytest.fixture
def family(app: Flask) -> list[Unit]:
    """Make a province, a city and a school, each below the one before."""
    province = factories.unit("湖南省厅")
    city = factories.unit("长沙市局", parent=province)
    return [province, city, factories.unit("长沙一中", parent=city)]


def moved(client: FlaskClient, url: str, record: Any, **typed: Any) -> Any:
    return client.post(url, data={"version": record.version, **typed})


def test_tree_opens_down_to_the_chosen_unit(admin: FlaskClient, family: list[Unit]) -> None:
    province, city, school = family

    closed = admin.get("/g/units/tree").text
    opened = admin.get(f"/g/units/tree?at={city.id}").text

    assert f'href="/g/units/tree?at={province.id}"' in closed
    assert "长沙一中" not in closed
    assert f'data-key="{city.id}" aria-level="2" aria-selected="true"' in opened
    assert f'href="/g/units/tree?at={school.id}"' in opened
    assert f'href="/g/units/{city.id}/move' in opened
    assert 'href="/g/units/tree"' in admin.get("/g/units/").text


def test_level_comes_as_json(admin: FlaskClient, family: list[Unit]) -> None:
    province, city, _school = family

    answer = admin.get(f"/g/units/tree/below?of={province.id}&from=0").json

    node = {
        "key": city.id, "label": "长沙市局", "has_children": True, "url": f"/g/units/tree?at={city.id}",
    }  # fmt: skip
    assert answer == {"nodes": [node], "more": False}


def test_search_opens_the_only_one_found_and_lists_several(
    admin: FlaskClient, family: list[Unit]
) -> None:
    one = admin.get("/g/units/tree?q=一中")
    several = admin.get("/g/units/tree?q=长沙")
    nothing = admin.get("/g/units/tree?q=没有")
    long = admin.get(f"/g/units/tree?q={'长' * 61}")

    assert one.location == f"/g/units/tree?at={family[2].id}"
    listed = several.text.partition("tree-found")[2].partition("</ul>")[0]
    assert listed.count("/g/units/tree?at=") == 2
    assert "Nothing in the tree is called" in nothing.text
    assert long.status_code == 400
    assert "61 characters" in long.text


@pytest.mark.parametrize(
    ("query", "status"),
    [("at=999999", 404), ("at=x", 400), ("at=-1", 400), ("at=9999999999", 400)],
)
def test_address_that_names_no_unit(admin: FlaskClient, query: str, status: int) -> None:
    assert admin.get(f"/g/units/tree?{query}").status_code == status


def test_unit_is_moved_but_not_below_itself(admin: FlaskClient, family: list[Unit]) -> None:
    province, city, school = family
    url = f"/g/units/{city.id}/move"

    circle = moved(admin, url, city, parent_id=school.id)
    done = moved(admin, url, city)
    stale = admin.post(url, data={"version": 1, "parent_id": province.id})

    assert circle.status_code == 422
    assert "长沙一中 is below this unit" in circle.text
    assert done.status_code == 303
    assert stale.status_code == 422
    db.session.expire_all()
    assert (city.parent_id, school.path) == (None, f"/{city.id}/{school.id}/")


def test_trees_are_for_who_has_the_menu(app: Flask, family: list[Unit]) -> None:
    clerk = client_of(app, factories.position(Role.UNIT, unit=family[1]))

    for url in ("/g/units/tree", "/g/units/tree/below", "/g/1.6.1/tree", f"/g/units/{family[1].id}/move"):  # fmt: skip
        assert clerk.get(url).status_code == 403


def test_review_tree_is_of_the_own_committees(app: Flask, family: list[Unit]) -> None:
    committee, other = factories.committee(), factories.committee()
    _province, city, school = family
    factories.route(committee, city)
    place = factories.route(committee, school, city)
    foreign = factories.route(other, factories.unit("外单位"))
    office = client_of(app, factories.position(Role.OFFICE, committee=committee))

    page = office.get(f"/g/1.6.1/tree?at={school.id}").text

    assert "长沙市局" in page
    assert "长沙一中" in page
    assert "外单位" not in page
    assert f'href="/g/1.6.1/{place.id}/move' in page
    assert office.get(f"/g/1.6.1/tree?committee={other.id}").status_code == 404
    assert office.get(f"/g/1.6.1/tree/below?committee={other.id}").status_code == 404
    assert office.get(f"/g/1.6.1/{foreign.id}/move").status_code == 404


def test_place_is_moved_and_waits_for_the_unit_again(app: Flask, family: list[Unit]) -> None:
    committee = factories.committee()
    _province, city, school = family
    above = factories.route(committee, city)
    place = factories.route(committee, school, city)
    office = client_of(app, factories.position(Role.OFFICE, committee=committee))

    circle = moved(office, f"/g/1.6.1/{above.id}/move", above, superior_id=school.id)
    done = moved(office, f"/g/1.6.1/{place.id}/move", place)

    assert circle.status_code == 422
    assert "runs in a circle" in circle.text
    assert done.status_code == 303
    db.session.expire_all()
    stored = db.session.get_one(RouteNode, place.id)
    assert (stored.superior_id, stored.state) == (None, RouteState.PENDING)


def test_tree_takes_few_statements_however_many_units(
    admin: FlaskClient, family: list[Unit]
) -> None:
    url = f"/g/units/tree?at={family[1].id}"
    few = counting.statements_of(admin, url)
    for _number in range(12):
        factories.unit(parent=family[1])

    assert counting.statements_of(admin, url) == few <= 12
