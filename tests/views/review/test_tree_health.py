"""The pages 审核树体检 and 路线试走: who sees which trees, what is said, bad input."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role, RouteState
from app.models import Committee
from tests.support import factories
from tests.support.signing import client_of


@pytest.fixture
def committee(app: Flask) -> Committee:
    made = factories.committee(region_code="430100")
    school, county = factories.unit("东学校"), factories.unit("乙县教育局")
    factories.position(Role.UNIT, unit=school)
    factories.position(Role.SUPERIOR, unit=county)
    factories.route(made, county, state=RouteState.PENDING)
    factories.route(made, school, county)
    return made


@pytest.fixture
def office(app: Flask, committee: Committee) -> FlaskClient:
    return client_of(app, factories.position(Role.OFFICE, committee=committee))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("page", ["/g/route-health/", "/g/route-trial/"])
def test_pages_open_for_those_who_look_after_trees(role: Role, page: str, app: Flask) -> None:
    place = {} if role.is_maintenance or role is Role.APPLICANT else {"unit": factories.unit()}
    client = client_of(app, factories.position(role, **place))

    expected = 200 if role in (Role.OFFICE, Role.HRSS, Role.SYSADMIN) else 403
    assert client.get(page).status_code == expected


def test_office_sees_its_own_trees_and_the_place_to_mend(
    office: FlaskClient, committee: Committee
) -> None:
    other = factories.committee()
    factories.route(other, factories.unit("别家学校"))

    page = office.get("/g/route-health/").text

    assert "乙县教育局" in page
    assert "/g/1.6.1/" in page
    assert "别家学校" not in page
    assert office.get(f"/g/route-health/?committee={other.id}").status_code == 404


def test_authority_sees_the_trees_of_its_region_alone(app: Flask, committee: Committee) -> None:
    city = factories.unit("甲市人社局", region_code="430100")
    elsewhere = factories.unit("丁市人社局", region_code="430200")

    pages = [
        client_of(app, factories.position(Role.HRSS, unit=unit)).get("/g/route-health/").text
        for unit in (city, elsewhere)
    ]

    assert ["乙县教育局" in page for page in pages] == [True, False]


@pytest.mark.parametrize("days", ["0", "-1", "x", "99999", "1.5", "３０"])
def test_days_that_are_no_number_are_refused_in_words(office: FlaskClient, days: str) -> None:
    answer = office.get("/g/route-health/", query_string={"days": days})

    assert answer.status_code == 400
    assert "whole number of days" in answer.text


def form_of(committee: Committee, unit: Any, **typed: str) -> dict[str, str]:
    return {"unit_id": str(unit.id), "committee_id": str(committee.id), "level": "3", **typed}


def test_trial_names_the_stations_with_people_deadline_and_what_refuses(
    office: FlaskClient, committee: Committee
) -> None:
    batch = factories.batch(committee=committee)
    school = factories.db.session.query(factories.Unit).filter_by(name="东学校").one()

    page = office.post("/g/route-trial/", data=form_of(committee, school)).text

    assert (
        page.index("1. 东学校") < page.index("2. 乙县教育局") < page.index(f"3. {committee.name}")
    )
    assert f"{batch.unit_end} 24:00" in page
    assert f"{batch.superior_end} 24:00" in page
    assert "has not confirmed its place" in page
    assert "would be stopped" in page


def test_trial_of_a_unit_without_a_place_says_so(office: FlaskClient, committee: Committee) -> None:
    answer = office.post("/g/route-trial/", data=form_of(committee, factories.unit("树外学校")))

    assert answer.status_code == 200
    assert "“树外学校” has no place in the review tree" in answer.text


def test_trial_with_a_batch_of_another_committee_is_refused(app: Flask) -> None:
    office_unit = factories.unit()
    mine, other = (factories.committee(unit=office_unit) for _number in range(2))
    client = client_of(app, factories.position(Role.OFFICE, unit=office_unit))
    batch = factories.batch(committee=other)
    typed = form_of(mine, factories.unit(), batch_id=str(batch.id))

    answer = client.post("/g/route-trial/", data=typed)

    assert answer.status_code == 422
    assert "another committee" in answer.text


@pytest.mark.parametrize("field", ["unit_id", "committee_id", "level", "batch_id"])
def test_trial_refuses_what_is_not_on_offer(
    office: FlaskClient, committee: Committee, field: str
) -> None:
    typed = form_of(committee, factories.unit()) | {field: "987654"}

    assert office.post("/g/route-trial/", data=typed).status_code == 422
