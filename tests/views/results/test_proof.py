"""The page "prove this result" opens for those who may see the results of the meeting, and for nobody else."""

from typing import Any

from flask.testing import FlaskClient

from app.enums import Role
from app.extensions import db
from app.models import Plan
from tests.support import factories, meetings
from tests.support.signing import client_of


def test_page_is_for_those_who_see_the_results(app: Any, client: FlaskClient) -> None:
    plan: Plan = meetings.confirmed(meetings.offline())
    filed = meetings.confirmed(meetings.offline())
    factories.filing(filed)
    db.session.commit()
    own = factories.position(Role.OFFICE, committee=plan.committee)
    other = factories.position(Role.OFFICE, committee=factories.committee())
    region = factories.unit(kind="authority", region_code="430000")
    authority = factories.position(Role.HRSS, unit=region)
    judge = factories.position(Role.JUDGE, committee=plan.committee)
    pages = {plan.id: (own, other, authority, judge), filed.id: (authority, own)}

    statuses = [
        [client_of(app, one).get(f"/proof/{key}").status_code for one in positions]
        for key, positions in pages.items()
    ]

    assert statuses == [[200, 404, 404, 404], [200, 404]]
    assert client.get(f"/proof/{plan.id}").status_code == 302


def test_page_says_what_was_checked_and_what_not(app: Any) -> None:
    plan = meetings.confirmed(meetings.offline())
    office = client_of(app, factories.position(Role.OFFICE, committee=plan.committee))

    detail = office.get(f"/g/1.2.5/{plan.id}").text
    page = office.get(f"/proof/{plan.id}").text

    assert f"/proof/{plan.id}" in detail
    assert "Something does not agree" in page  # the test made the meeting without acts
    assert "Not checked" in page
    assert "Head of the log chain" in page
