"""Exports of lists: columns are what they are, and a list that does not fit says so in the page and in the file."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app import settings
from app.enums import ApplicationState, QuotaState, Role
from app.ground import clock
from app.models import CaseOpening, Plan, TransitionLog
from tests.support import factories, meetings
from tests.support.signing import client_of

LIMIT = 103
"""A little more than the smallest number up to which lists are counted exactly."""


@pytest.fixture(autouse=True)
def limit(app: Flask) -> None:
    settings.store_value("export_max_rows", str(LIMIT))


def rows_of(client: FlaskClient, url: str) -> list[list[Any]]:
    answer = client.get(url)
    assert answer.status_code == 200
    return [list(row) for row in load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows()]


def applications(app: Flask, count: int) -> FlaskClient:
    unit, batch = factories.unit(), factories.batch()
    person = factories.person(unit=unit)
    for place in range(count):
        factories.application(
            ApplicationState.AT_UNIT,
            unit=unit,
            person=person,
            batch=batch,
            review_year=1900 + place,
        )
    return client_of(app, factories.position(Role.UNIT, unit=unit))


def acts(app: Flask, count: int) -> FlaskClient:
    for _place in range(count):
        factories.add(
            TransitionLog(
                subject_type="application", subject_id=1, event="submit", target="at_unit",
                actor_role=Role.APPLICANT,
            )
        )  # fmt: skip
    return client_of(app, factories.position(Role.AUDITOR, user=factories.user()))


def experts(app: Flask, count: int) -> FlaskClient:
    committee = factories.committee()
    for _place in range(count):
        factories.expert(committee)
    return client_of(app, factories.position(Role.OFFICE, committee=committee))


LISTS: dict[str, Callable[[Flask, int], FlaskClient]] = {
    "/g/1.1.4/": applications,
    "/g/acts/": acts,
    "/g/1.4.1/": experts,
}


@pytest.mark.parametrize("exact", ["100", "1000"])
@pytest.mark.parametrize("url", LISTS)
def test_list_that_does_not_fit_says_so_before_and_in_the_file(
    app: Flask, url: str, exact: str
) -> None:
    settings.store_value("count_exact_to", exact)
    client = LISTS[url](app, LIMIT + 3)

    page = client.get(url).text
    rows = rows_of(client, f"{url}export.xlsx")

    assert "The export holds only the first 103 rows" in page
    said = "This file holds only the first 103 of 106 rows"
    assert [str(rows[place][0].value)[: len(said)] for place in (0, -1)] == [said, said]
    assert len(rows) == LIMIT + 3
    assert str(rows[2][0].value) != said


@pytest.mark.parametrize("exact", ["100", "1000"])
@pytest.mark.parametrize("url", LISTS)
def test_list_that_fits_says_nothing(app: Flask, url: str, exact: str) -> None:
    settings.store_value("count_exact_to", exact)
    client = LISTS[url](app, LIMIT)

    assert "holds only" not in client.get(url).text
    rows = rows_of(client, f"{url}export.xlsx")
    assert len(rows) == LIMIT + 1
    assert "holds only" not in str([rows[0][0].value, rows[-1][0].value])


def test_search_that_narrows_the_list_is_exported_in_full(app: Flask) -> None:
    client = applications(app, LIMIT + 3)

    assert "holds only" not in client.get("/g/1.1.4/?q.review_year=1950").text
    assert len(rows_of(client, "/g/1.1.4/export.xlsx?q.review_year=1950")) == 2


def test_openings_of_a_meeting_that_do_not_fit_say_so(app: Flask) -> None:
    plan: Plan = meetings.online(count=LIMIT + 1)
    _position, seat = meetings.judge(plan)
    for case in meetings.candidates(plan):
        at = clock.now() - timedelta(hours=1)
        factories.add(
            CaseOpening(seat_id=seat.id, application_id=case.id, first_at=at, last_at=at, times=2)
        )
    client = client_of(app, meetings.supervisor(plan))

    page = client.get(f"/g/course/{plan.id}").text
    rows = rows_of(client, f"/g/course/{plan.id}/openings.xlsx")

    assert "only the last 103" in page
    assert "only the first 103 of 104 rows" in rows[0][0].value
    assert rows[2][2].value == clock.local(at).replace(tzinfo=None, microsecond=0)
    assert rows[2][4].value == 2


def columns(client: FlaskClient, url: str) -> dict[str, Any]:
    """Return the cells of the first row of an export by their headings."""
    headings, row, *_rest = rows_of(client, url)
    return dict(zip([cell.value for cell in headings], row, strict=True))


def test_moments_and_days_have_their_year_and_numbers_are_numbers(app: Flask) -> None:
    unit = factories.unit()
    due = clock.end_of_day(factories.in_days(3))
    case = factories.application(ApplicationState.AT_UNIT, unit=unit, due_at=due, rules_unmet=None)
    client = client_of(app, factories.position(Role.UNIT, unit=unit))

    found = columns(client, "/g/1.1.4/export.xlsx")

    assert found["Due"].value == clock.local(due).replace(tzinfo=None, microsecond=0)
    assert found["Due"].is_date
    assert found["Arrived"].value.year == factories.today().year
    assert found["Application number"].value == case.number
    assert found["Conditions"].value is None


def test_certificates_leave_with_their_days(app: Flask) -> None:
    made = meetings.certified()
    made.obtained_on = factories.today()
    client = client_of(app, factories.position(Role.UNIT, unit=made.unit))

    found = columns(client, "/g/1.7.1/export.xlsx")

    assert found["Obtained on"].value == datetime.combine(factories.today(), datetime.min.time())
    assert found["Obtained on"].number_format == "yyyy-mm-dd"
    assert found["Certificate number"].data_type == "s"


def test_posts_leave_as_numbers(app: Flask) -> None:
    unit = factories.unit()
    factories.quota(unit, state=QuotaState.APPROVED)
    client = client_of(app, factories.position(Role.UNIT, unit=unit))

    found = columns(client, "/g/1.5.1/export.xlsx")

    assert {found[name].data_type for name in ("Vacant posts", "Review year")} == {"n"}


def test_scores_and_truths_leave_as_what_they_are(app: Flask) -> None:
    plan = meetings.online(count=1)
    factories.result(plan, meetings.candidates(plan)[0], score=8550, rank=1)
    client = client_of(app, factories.position(Role.OFFICE, committee=plan.committee))

    found = columns(client, "/g/1.2.5/candidates/export.xlsx")

    assert (found["Score"].value, found["Score"].number_format) == (85.5, "0.00")
    assert [found[name].value for name in ("Yes", "Rank", "Passed")] == [20, 1, "Yes"]
