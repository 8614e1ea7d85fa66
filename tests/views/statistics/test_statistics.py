"""统计: every number equals the list it leads to, within the scope of the position."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.enums import ApplicationState, Level, Role
from app.extensions import db
from app.ground import clock
from app.models import Position
from app.services.statistics import backlog
from app.views.statistics import statistics_pages
from tests.support import demonstration, factories
from tests.support.counting import statements_of
from tests.support.databases import Prepared
from tests.support.signing import client_of, english

CHARTS = "/g/statistics/charts"
TABLES = ("/g/statistics/units", "/g/statistics/waiting")
ROLES = (Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS)
LINK = re.compile(r'<a href="(/g/statistics/(?:\?[^"]*)?)"[^>]*>([\d,]+)</a>')
BAR = re.compile(r'<a href="(/g/statistics/\?[^"]*)" aria-label="[^"]*: (\d+)"')
TOTAL = re.compile(r"of ([\d,]+)</span>")


def numbers(page: str) -> set[tuple[str, str]]:
    """Return (address, number) of every count on a page; ages stand in links that order by age."""
    found = {*LINK.findall(page), *BAR.findall(page)}
    return {(unescape(url), count) for url, count in found if "sort=" not in url}


def total(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    found = TOTAL.search(answer.text)
    return found.group(1) if answer.status_code == 200 and found else "0"


def province() -> Position:
    return factories.position(Role.HRSS, unit=factories.unit("省人社厅", region_code="430000"))


def cases(count: int, state: ApplicationState = ApplicationState.AT_UNIT, **values: Any) -> None:
    batch = factories.batch()
    for _number in range(count):
        factories.application(state, batch=batch, **values)


def sheets(answer: Any) -> dict[str, list[Any]]:
    book = load_workbook(io.BytesIO(answer.data))
    return {one.title: list(one.iter_rows(values_only=True)) for one in book}


@pytest.fixture
def authority(app: Flask) -> FlaskClient:
    return english(client_of(app, province()))


@pytest.fixture
def demo(app: Flask, prepared: Prepared) -> Iterator[list[Position]]:
    """One position of each role that has the statistics, at the moment of the demonstration."""
    demonstration.bring(prepared)
    query = select(Position).where(Position.role.in_(ROLES)).order_by(Position.id.desc())
    found = {position.role: position for position in db.session.scalars(query)}
    with time_machine.travel(demonstration.AT, tick=True):
        yield list(found.values())


def test_every_number_of_every_page_is_that_of_its_list(app: Flask, demo: list[Position]) -> None:
    wrong, walked = [], set()
    for position in demo:
        client = english(client_of(app, position))
        for page in ("/", CHARTS, f"{CHARTS}?q.level=2", *TABLES):
            for url, count in numbers(client.get(page).text):
                walked.add((position.role, page))
                if total(client, url) != count:
                    wrong.append((position.role, page, url, count))

    assert wrong == []
    assert walked >= {(role, page) for role in ROLES for page in ("/", CHARTS, *TABLES)}


def test_figures_stay_within_the_own_scope(app: Flask) -> None:
    unit, committee = factories.unit("桃源县桃溪中学"), factories.committee()
    batch = factories.batch(committee=committee)
    factories.application(ApplicationState.AT_UNIT, unit=unit, batch=batch)
    factories.application(ApplicationState.AT_OFFICE, unit=unit, batch=batch)
    factories.application(ApplicationState.AT_OFFICE, unit=factories.unit("别的单位"))
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit)).get(CHARTS).text
    office = client_of(app, factories.position(Role.OFFICE, committee=committee)).get(CHARTS).text
    other = client_of(app, factories.position(Role.UNIT)).get(CHARTS).text

    assert 'Applications in all <a href="/g/statistics/">2</a>' in clerk
    assert 'Applications in all <a href="/g/statistics/">1</a>' in office
    assert "别的单位" not in clerk + office
    assert "No application matches." in other


def test_chosen_year_limits_the_figures_as_it_limits_the_lists(app: Flask) -> None:
    unit = factories.unit()
    factories.application(ApplicationState.AT_UNIT, unit=unit)
    factories.application(
        ApplicationState.CERTIFIED, unit=unit, batch=factories.batch(review_year=2019)
    )
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))

    before = numbers(clerk.get(CHARTS).text)
    clerk.get("/year/2019?next=/")
    after = numbers(clerk.get(CHARTS).text)

    assert ("/g/statistics/", "2") in before
    assert {(url.partition("?")[2], count) for url, count in after if "state" in url} == {
        ("q.state=certified", "1")
    }
    assert "Where it is stuck" not in clerk.get("/").text


def test_narrowing_is_said_and_kept_in_every_link(authority: FlaskClient) -> None:
    cases(2, level=Level.SENIOR)
    cases(3)

    page = authority.get(f"{CHARTS}?q.level=1&q.review_year.from=2000&q.name=x").text

    assert "Level: Senior (full)" in page
    assert "Review year: 2000 – …" in page
    found = numbers(page)
    assert ("/g/statistics/?q.level=1&q.review_year.from=2000&q.state=at_unit", "2") in {
        (url, count) for url, count in found
    }
    assert all("q.level=1" in url and "q.name" not in url for url, _count in found)


def test_year_that_cannot_be_read_is_said_and_kept(authority: FlaskClient) -> None:
    answers = [
        authority.get(f"{page}?q.review_year.from=abc&q.level=2") for page in (CHARTS, *TABLES)
    ]

    for answer in answers:
        assert answer.status_code == 400
        assert "“abc” is no number" in answer.text
        assert 'value="abc"' in answer.text


@pytest.mark.parametrize("query", ["q.state=nonsense", "q.holder=x", "q.holder=99999999999"])
def test_list_refuses_what_is_no_state_and_no_holder(authority: FlaskClient, query: str) -> None:
    assert authority.get(f"/g/statistics/?{query}").status_code == 400


@pytest.mark.parametrize(("page", "status"), [("0", 400), ("-1", 400), ("x", 200), ("900", 200)])
def test_odd_page_numbers(authority: FlaskClient, page: str, status: int) -> None:
    for table in TABLES:
        assert authority.get(f"{table}?page={page}").status_code == status


def test_long_tables_have_a_page_of_their_own(
    authority: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_pages, "TOP", 2)
    monkeypatch.setattr(statistics_pages, "PAGE_SIZE", 2)
    for size in (3, 2, 1):
        cases(size, unit=factories.unit())

    figures = authority.get(CHARTS).text
    first, second = (authority.get(f"/g/statistics/waiting?page={n}").text for n in (1, 2))

    assert 'href="/g/statistics/units"' in figures
    assert 'href="/g/statistics/waiting"' in figures
    assert sorted(count for _url, count in numbers(first)) == ["2", "3"]
    assert [count for _url, count in numbers(second)] == ["1"]
    assert "/g/statistics/waiting?page=2" in first
    assert 'rel="next"' not in second


def test_ages_lead_to_the_pile_with_the_oldest_first(authority: FlaskClient) -> None:
    unit, now = factories.unit(), clock.now()
    batch = factories.batch()
    young, old = (
        factories.application(
            ApplicationState.AT_UNIT, unit=unit, batch=batch, held_since=now - timedelta(days=days)
        )
        for days in (2, 9)
    )
    ages = [
        unescape(url) for url, days in LINK.findall(authority.get(CHARTS).text) if "sort=" in url
    ]

    shown = authority.get(ages[0]).text

    assert ages == [f"/g/statistics/?q.state=at_unit&q.holder={unit.id}&sort=held_since"] * 2
    assert shown.index(old.number) < shown.index(young.number)


def test_what_the_applicant_holds_can_be_searched(authority: FlaskClient) -> None:
    returned = factories.application(ApplicationState.RETURNED)
    other = factories.application(ApplicationState.AT_UNIT)

    shown = authority.get(f"/g/statistics/?q.holder={backlog.WITH_APPLICANT}").text

    assert returned.number in shown
    assert other.number not in shown
    assert '<option value="0" selected>the applicant</option>' in shown


def test_workbook_has_a_sheet_for_each_chart(authority: FlaskClient) -> None:
    unit = factories.unit("桃源县桃溪中学")
    cases(2, unit=unit)
    cases(1, ApplicationState.RETURNED, unit=unit)

    found = sheets(authority.get("/g/statistics/charts.xlsx"))

    assert list(found) == ["By state", "By unit", "By series", "By year", "Where it is stuck"]
    assert found["By state"][1:] == [
        ("Waiting for the unit's first check", 2),
        ("Returned for changes", 1),
    ]
    assert found["By unit"] == [("Unit", "Applications"), ("桃源县桃溪中学", 3)]
    assert found["Where it is stuck"][1] == (
        "Waiting for the unit's first check", "桃源县桃溪中学", 2, 0, 0,
    )  # fmt: skip


def test_workbook_says_to_what_it_is_narrowed_and_where_it_is_cut(
    authority: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MOST_AT_ONCE", 1)
    cases(2)

    found = sheets(authority.get("/g/statistics/charts.xlsx?q.level=2"))

    assert found["By year"][0][0] == "Level: Senior (associate)"
    assert found["Where it is stuck"][0][0] == "Level: Senior (associate) Only the 1 largest."
    assert authority.get("/g/statistics/charts.xlsx?q.review_year=abc").status_code == 400


@pytest.mark.parametrize("page", ["/", CHARTS, *TABLES])
def test_pages_take_few_statements_however_much_there_is(
    app: Flask, authority: FlaskClient, page: str
) -> None:
    cases(1)
    one = statements_of(authority, page)
    for _number in range(4):
        cases(2, unit=factories.unit())

    assert statements_of(authority, page) == one
    assert one <= (14 if page in ("/", CHARTS) else 12)


def test_charts_are_named_and_have_their_table(authority: FlaskClient) -> None:
    cases(1)

    page = authority.get(CHARTS).text

    assert page.count("<svg") == page.count('<details class="screen-only"') == 4
    for key in ("state", "unit", "series", "review_year"):
        assert f'aria-labelledby="t-{key}" aria-describedby="d-{key}"' in page
        assert f'<title id="t-{key}">' in page
