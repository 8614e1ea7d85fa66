"""Look-ups of specialties: what fits the form or the position comes first, each with its series."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Level, Role, UnitKind
from tests.support import factories as f
from tests.support.signing import client_of

CHEMISTRY = {"03003": "03", "20002": "20", "22005": "22"}


@pytest.fixture(autouse=True)
def specialties(app: Flask) -> None:
    for code, series in CHEMISTRY.items():
        f.specialty(code, series)


def found(client: FlaskClient, **asked: str) -> list[str]:
    answer = client.get("/lookup/specialty", query_string={"q": "化学", **asked})
    return [row["id"] for row in answer.get_json()["results"] if row["id"] in CHEMISTRY]


def test_school_is_offered_the_chemistry_of_schools_first(app: Flask) -> None:
    school = f.unit(kind=UnitKind.PUBLIC)
    f.route(f.committee(series_code=f.series("22").code), school)
    clerk = client_of(app, f.position(Role.UNIT, unit=school))

    answer = clerk.get("/lookup/specialty", query_string={"q": "化学"}).get_json()["results"]

    assert answer[0] == {"id": "22005", "text": "化学（中小学教师 22005）"}
    assert found(clerk)[1:] == ["03003", "20002"]


def test_office_is_offered_the_series_of_its_committee_first(app: Flask) -> None:
    committee = f.committee(series_code=f.series("20").code)
    office = client_of(app, f.position(Role.OFFICE, committee=committee))

    assert found(office) == ["20002", "03003", "22005"]


def test_title_chosen_in_the_form_goes_before_the_position(app: Flask) -> None:
    committee = f.committee(series_code=f.series("20").code)
    office = client_of(app, f.position(Role.OFFICE, committee=committee))
    title = f.title(Level.ASSOCIATE, "22")

    assert found(office, title_code=title.code) == ["22005", "03003", "20002"]
    assert found(office, title_code="nothing") == ["20002", "03003", "22005"]


def test_unit_in_no_tree_is_offered_all_by_their_code(app: Flask) -> None:
    clerk = client_of(app, f.position(Role.UNIT, unit=f.unit()))

    assert found(clerk) == sorted(CHEMISTRY)
