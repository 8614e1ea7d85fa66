"""From a list and back: filter, order and page are kept over acts, details and forms."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, QuotaState, Role
from app.extensions import db
from app.models import Application, Unit
from tests.support import factories, signing
from tests.support.counting import statements
from tests.support.pressing import LEADER

LIST = "/g/1.1.3/?q.any=%E6%9D%8E&sort=number&dir=desc&size=2&page=2"


@pytest.fixture
def superior(app: Flask) -> Unit:
    return factories.unit("常德市教育局")


@pytest.fixture
def cases(superior: Unit) -> list[Application]:
    unit = factories.unit(parent=superior)
    return [
        factories.application(
            ApplicationState.AT_SUPERIOR, unit=unit, name=f"李{at}", superiors=(superior,)
        )
        for at in range(5)
    ]


@pytest.fixture
def clerk(app: Flask, superior: Unit, cases: list[Application]) -> FlaskClient:
    db.session.commit()
    return signing.client_of(app, factories.position(Role.SUPERIOR, unit=superior))


def links(page: str) -> list[str]:
    """Return the addresses of the rows' acts."""
    cells = re.findall(r'<td class="acts".*?</td>', page, re.S)
    return [html.unescape(one) for cell in cells for one in re.findall('href="([^"]+)"', cell)]


def hidden(page: str, name: str) -> list[str]:
    return [html.unescape(v) for v in re.findall(f'name="{name}" value="([^"]*)"', page)]


def test_presses_beside_the_cases_lead_back_to_the_list_as_it_was(
    clerk: FlaskClient, cases: list[Application]
) -> None:
    way = next(one for one in links(clerk.get(LIST).text) if re.match(r"/g/1\.1\.3/\d", one))
    passed = 0
    while way != LIST:
        page = clerk.get(way).text
        row = re.search(r'name="row" value="([^"]+)"', page)
        assert row
        typed = {"row": row[1], "back": hidden(page, "back")[0], "desk": "1"}
        pressed = clerk.post(
            "/g/1.1.3/act/audit", data={**typed, "decision": "superior_pass", **LEADER}
        )
        assert pressed.status_code == 303
        way, passed = pressed.location, passed + 1

    assert passed == len(cases)


def test_a_refused_act_keeps_the_way_back(clerk: FlaskClient, cases: list[Application]) -> None:
    row = f"{cases[0].id}:{cases[0].version}"

    refused = clerk.post(
        "/g/1.1.3/act/audit", data={"row": row, "back": LIST, "decision": "refuse"}
    )

    assert refused.status_code == 422
    assert LIST in hidden(refused.text, "back")


def test_ticked_rows_lead_back_to_the_list_as_it_was(
    clerk: FlaskClient, cases: list[Application]
) -> None:
    assert hidden(clerk.get(LIST).text, "back") == [LIST]

    nothing = clerk.get("/g/1.1.3/act/audit", query_string={"back": LIST})
    chosen = clerk.get("/g/1.1.3/act/audit", query_string={"back": LIST, "pk": cases[0].id})

    assert nothing.location == LIST
    assert f'<a class="btn" href="{html.escape(LIST)}">' in chosen.text


def test_a_detail_and_its_neighbours_lead_back_to_the_list_as_it_was(clerk: FlaskClient) -> None:
    way = next(one for one in links(clerk.get(LIST).text) if "/act/" not in one)
    page = clerk.get(way).text
    acted = hidden(page, "back")

    assert f'href="{html.escape(LIST)}">Back to the list' in page
    for address in [*re.findall(r'href="([^"]+)"[^>]* rel="(?:prev|next)"', page), *acted]:
        assert parse_qs(urlsplit(html.unescape(address)).query)["back"] == [LIST]


def test_editing_and_adding_lead_back_to_the_list_as_it_was(app: Flask) -> None:
    unit = factories.unit()
    factories.quota(unit=unit, state=QuotaState.RETURNED)
    db.session.commit()
    client = signing.client_of(app, factories.position(Role.UNIT, unit=unit))
    listed = "/g/1.5.1/?q.review_year.from=2020"

    page = client.get(listed).text
    ways = [
        html.unescape(one) for one in re.findall(r'href="(/g/1.5.1/(?:add|\d+/edit)[^"]*)"', page)
    ]

    assert len(ways) == 2
    for way in ways:
        assert parse_qs(urlsplit(way).query)["back"] == [listed]
        assert html.escape(listed) in client.get(way).text or "back=" in client.get(way).text


@pytest.mark.parametrize(
    "forged",
    ["//evil.example/g/1.1.3/", "https://evil.example/g/1.1.3/?x", "/\t/evil.example", "/\\evil.example",
     "javascript:alert(1)", "/logout", "/g/1.1.3/?" + "x" * 3000],
)  # fmt: skip
def test_a_forged_way_back_is_not_followed(
    clerk: FlaskClient, cases: list[Application], forged: str
) -> None:
    page = clerk.get(f"/g/1.1.3/{cases[0].id}", query_string={"back": forged})

    assert page.status_code == 200
    assert 'href="/g/1.1.3/">Back to the list' in page.text


def test_a_plain_list_has_plain_addresses_and_costs_no_statement(clerk: FlaskClient) -> None:
    clerk.get("/g/1.1.3/")
    with statements() as plain:
        page = clerk.get("/g/1.1.3/").text
    with statements() as filtered:
        clerk.get(LIST)

    assert "back=" not in page
    # the box above the list reads first which units match
    assert len(filtered) <= len(plain) + 1 <= 12
