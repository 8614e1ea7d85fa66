"""Where saved views, colleagues and the chosen year meet the desk: the next case is one that the list had for me."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Application, Handler, Position, Unit
from tests.support import factories
from tests.support.signing import client_of
from tests.views.base.test_desk import links

LIST, VIEWS = "/g/1.1.1/check/", "/g/1.1.1/check/views"


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit()


@pytest.fixture
def colleague(unit: Unit) -> Position:
    return factories.position(Role.UNIT, unit=unit)


@pytest.fixture
def client(app: Flask, unit: Unit) -> FlaskClient:
    return client_of(app, factories.position(Role.UNIT, unit=unit))


@pytest.fixture
def cases(unit: Unit) -> list[Application]:
    found = [
        factories.application(ApplicationState.AT_UNIT, unit=unit, name=name)
        for name in ("王一", "李二", "王三", "王四")
    ]
    db.session.commit()
    return found


def give(case: Application, position: Position) -> None:
    factories.add(
        Handler(
            application_id=case.id, role=Role.UNIT, unit_id=case.unit_id,
            position_id=position.id, given_at=case.held_since,
        )
    )  # fmt: skip
    db.session.commit()


def keep(client: FlaskClient, **more: str) -> str:
    sent = {"act": "save", "state": "q.name=王", "name": "王姓", "sharing": "own", **more}
    answer = client.post(VIEWS, data=sent)
    assert answer.status_code == 303, answer.text
    return str(answer.location.partition("view=")[2])


def opened(client: FlaskClient, address: str, case: Application) -> str:
    """Return the link by which the list at `address` opens a case."""
    found = re.search(rf'href="({LIST}{case.id}(?:\?[^"#]*)?)["#]', client.get(address).text)
    assert found is not None
    return unescape(found[1])


def following(client: FlaskClient, address: str) -> str:
    return links(client.get(address).text).get("j", "").partition("?")[0]


@pytest.mark.parametrize("query", ["page=1", "sort=number&dir=asc", ""])
def test_a_case_of_a_colleague_never_comes_next(
    client: FlaskClient, colleague: Position, cases: list[Application], query: str
) -> None:
    give(cases[1], colleague)
    address = f"{LIST}{cases[0].id}?back={quote(f'{LIST}?{query}')}"

    assert following(client, address) == f"{LIST}{cases[2].id}"


def test_the_next_case_is_of_the_chosen_year(client: FlaskClient, cases: list[Application]) -> None:
    cases[1].review_year -= 1
    db.session.commit()
    client.get(f"/year/{cases[0].review_year}")

    assert following(client, f"{LIST}{cases[0].id}") == f"{LIST}{cases[2].id}"


@pytest.mark.parametrize("is_default", [True, False])
def test_a_case_opened_from_a_saved_view_is_followed_by_one_of_the_view(
    client: FlaskClient, cases: list[Application], is_default: bool
) -> None:
    key = keep(client, **({"is_default": "1"} if is_default else {}))

    address = opened(client, LIST if is_default else f"{LIST}?view={key}", cases[0])

    assert following(client, address) == f"{LIST}{cases[2].id}"


def test_the_default_view_narrows_neither_a_to_do_nor_a_case_opened_elsewhere(
    client: FlaskClient, cases: list[Application]
) -> None:
    keep(client, is_default="1")

    listed = client.get(f"{LIST}?todo=waiting").text

    assert [one.name for one in cases if one.name in listed] == [one.name for one in cases]
    assert following(client, opened(client, f"{LIST}?todo=waiting", cases[0])).endswith(
        str(cases[1].id)
    )
    assert following(client, f"{LIST}{cases[0].id}") == f"{LIST}{cases[1].id}"
