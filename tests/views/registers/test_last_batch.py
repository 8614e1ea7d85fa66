"""A new batch takes what the last one of the committee had, its dates moved to the new year."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role
from app.models import Committee
from tests.support import factories as f
from tests.support.signing import client_of, english

NEW = "/g/1.4.2/add"
NOW = "2026-11-29 10:00"
DAYS = {
    "apply_start": date(2026, 3, 2),
    "apply_end": date(2026, 4, 30),
    "resubmit_end": date(2026, 5, 15),
    "unit_end": date(2026, 5, 29),
    "superior_end": date(2026, 6, 30),
    "office_end": date(2026, 7, 31),
    "material_cutoff": date(2026, 3, 31),
    "seniority_date": date(2026, 12, 31),
}


@pytest.fixture(autouse=True)
def on_one_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def committee(app: Flask) -> Committee:
    return f.committee(valid_from=date(2024, 1, 1), valid_to=date(2029, 1, 1))


@pytest.fixture
def office(app: Flask, committee: Committee) -> FlaskClient:
    return english(client_of(app, f.position(Role.OFFICE, committee=committee)))


def test_new_batch_takes_over_the_last_one_with_its_days_on_working_days(
    office: FlaskClient, committee: Committee
) -> None:
    f.work_days(date(2026, 1, 1), date(2026, 12, 31))
    f.batch(committee=committee, review_year=2025, name="2025年度批次")
    f.batch(
        committee=committee,
        review_year=2026,
        name="2026年度机械批次",
        senior_cap=35,
        levels="12",
        **DAYS,
    )
    f.batch(review_year=2026, name="别人的批次")

    page = office.get(NEW).text

    assert 'value="2027年度机械批次"' in page
    assert 'name="review_year" step="1" type="number" value="2027"' in page
    assert 'value="35"' in page
    for day in ("2027-03-02", "2027-04-30", "2027-05-17", "2027-05-31", "2027-06-30", "2027-08-02"):
        assert f'value="{day}"' in page
    assert 'value="2027-03-31"' in page
    assert 'value="2027-12-31"' in page
    assert "Taken over from “2026年度机械批次”: Name of the batch, Review year, Levels" in page
    assert page.count('<span class="tag rest">Taken over</span>') == 15
    assert "Left empty" not in page


def test_days_that_would_be_over_stay_empty_and_are_named(
    office: FlaskClient, committee: Committee
) -> None:
    last = f.batch(
        committee=committee,
        review_year=2025,
        name="2025年度批次",
        **{name: day.replace(year=2025) for name, day in DAYS.items()},
    )

    page = office.get(NEW, query_string={"like": last.id}).text

    assert 'value="2026-03-02"' not in page
    assert 'value="2026-12-31"' in page
    assert (
        "Left empty, as the day would be over or the working calendar does not reach it: Applications from, "
        "Applications until, Returned ones until, Units report until, Superior units until, Qualification check "
        "until." in page
    )


def test_batch_of_another_committee_is_not_taken_over(office: FlaskClient) -> None:
    other = f.batch()

    assert office.get(NEW, query_string={"like": other.id}).status_code == 404
    assert office.get(NEW, query_string={"like": "x"}).status_code == 404
    assert office.get(NEW, query_string={"like": 2**63}).status_code == 404
    assert "Taken over" not in office.get(NEW).text


def test_page_of_a_batch_leads_to_a_new_one_like_it(
    office: FlaskClient, committee: Committee
) -> None:
    batch = f.batch(committee=committee)

    assert f"/g/1.4.2/add?like={batch.id}" in office.get(f"/g/1.4.2/{batch.id}").text
