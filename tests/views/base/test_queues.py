"""The keys J and K and the next case walk the list as it was left: its filter, its order, its missing values."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role
from app.ground import clock
from app.models import Application, Batch
from tests.support import factories as f
from tests.support.signing import client_of
from tests.views.base.test_desk import links, press

LIST = "/g/1.2.1/"


@pytest.fixture
def batch(app: Flask) -> Batch:
    f.work_days()
    return f.batch()


@pytest.fixture
def office(app: Flask, batch: Batch) -> FlaskClient:
    return client_of(app, f.position(Role.OFFICE, committee=batch.committee))


@pytest.fixture
def cases(batch: Batch) -> list[Application]:
    """Five cases in the order of the queue; two of them are named 王."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    return [
        f.application(
            ApplicationState.AT_OFFICE,
            batch=batch,
            person=f.person(name),
            due_at=None if days is None else now + timedelta(days=days),
            held_since=now,
            rules_unmet=unmet,
        )
        for name, days, unmet in (
            ("王一", 1, None), ("李二", 2, 3), ("王三", 3, None), ("赵四", 4, 1), ("王五", None, 2),
        )
    ]  # fmt: skip


def walked(client: FlaskClient, first: Application, way: str, key: str = "j") -> list[int]:
    """Follow J (or K) from `first` to the end and return the numbers of the cases passed."""
    address, found = f"{LIST}{first.id}?back={quote(way)}" if way else f"{LIST}{first.id}", []
    while address:
        page = client.get(address.replace("&amp;", "&")).text
        address = links(page).get(key, "")
        found += [int(address.removeprefix(LIST).partition("?")[0])] if address else []
    return found


def ids(cases: list[Application], *places: int) -> list[int]:
    return [cases[place].id for place in places]


def test_list_of_what_waits_stands_in_the_order_of_the_queue(
    office: FlaskClient, cases: list[Application]
) -> None:
    page = office.get(LIST).text

    places = [page.index(f'href="{LIST}{one.id}"') for one in cases]
    assert places == sorted(places)


def test_without_a_filter_the_whole_queue_is_walked(
    office: FlaskClient, cases: list[Application]
) -> None:
    assert walked(office, cases[0], "") == ids(cases, 1, 2, 3, 4)
    assert walked(office, cases[4], "", "k") == ids(cases, 3, 2, 1, 0)


def test_filter_of_the_list_is_kept(office: FlaskClient, cases: list[Application]) -> None:
    way = f"{LIST}?q.name=王"

    assert walked(office, cases[0], way) == ids(cases, 2, 4)
    assert walked(office, cases[4], way, "k") == ids(cases, 2, 0)


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("column", ["name", "due_at", "rules_unmet", "state"])
def test_order_of_the_list_is_kept_in_both_directions(
    office: FlaskClient, cases: list[Application], column: str, direction: str
) -> None:
    way = f"{LIST}?sort={column}&dir={direction}"
    page = office.get(way).text
    shown = sorted(cases, key=lambda one: page.index(f'href="{LIST}{one.id}?'))
    numbers = [one.id for one in shown]

    assert walked(office, shown[0], way) == numbers[1:]
    assert walked(office, shown[-1], way, "k") == numbers[-2::-1]


def test_after_an_act_the_next_case_of_the_filtered_list_comes(
    office: FlaskClient, cases: list[Application]
) -> None:
    back = f"{LIST}{cases[0].id}?back={quote(f'{LIST}?q.name=王')}"
    typed: dict[str, Any] = {"decision": "office_pass", "back": back}

    first = press(office, "1.2.1", cases[0], **typed)
    assert first.location.startswith(f"{LIST}{cases[2].id}?back=")
    assert "2 more wait" in office.get(first.location).text
    press(office, "1.2.1", cases[2], **typed)
    last = press(office, "1.2.1", cases[4], **typed)

    assert last.location.startswith(f"{LIST}?q.name=")


def test_skipped_case_comes_again_after_the_others(
    office: FlaskClient, cases: list[Application]
) -> None:
    way = links(office.get(f"{LIST}{cases[0].id}").text)["j"]
    assert way == f"{LIST}{cases[1].id}"

    order = [press(office, "1.2.1", one, decision="office_pass").location for one in cases[1:]]

    assert order == [f"{LIST}{key}" for key in ids(cases, 2, 3, 4, 0)]


@pytest.mark.parametrize(
    "query",
    ["q.gone=1", "sort=gone", "todo=gone", "q.held_since=x", "page=0", "q.name=", "%00", "dir=up"],
)
def test_way_back_that_is_out_of_date_leads_through_the_whole_queue(
    office: FlaskClient, cases: list[Application], query: str
) -> None:
    answer = office.get(f"{LIST}{cases[0].id}?back={quote(f'{LIST}?{query}')}")

    assert answer.status_code == 200
    assert links(answer.text)["j"].startswith(f"{LIST}{cases[1].id}")
