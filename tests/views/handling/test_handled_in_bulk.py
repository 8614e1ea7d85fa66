"""Acts on all that match, and a deputy's acts, on cases that were given to colleagues."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, Deputy, Handler, Position, Unit
from tests.support import factories
from tests.support.pressing import LEADER
from tests.support.signing import client_of

LIST, ACT = "/g/1.1.3/", "/g/1.1.3/act/audit"
PASS = {"decision": "superior_pass", **LEADER}


@pytest.fixture
def above(app: Flask) -> Unit:
    return factories.unit()


@pytest.fixture
def clerks(above: Unit) -> list[Position]:
    found = [factories.position(Role.SUPERIOR, unit=above) for _number in range(2)]
    for position, name in zip(found, ("安娜", "贝特"), strict=True):
        position.user.real_name = name
    return found


@pytest.fixture
def cases(above: Unit, clerks: list[Position]) -> list[Application]:
    """Three cases at the superior unit; the second one was given to the second clerk."""
    unit = factories.unit(parent=above)
    found = [
        factories.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(above,))
        for _number in range(3)
    ]
    factories.add(
        Handler(
            application_id=found[1].id, role=Role.SUPERIOR, unit_id=above.id,
            position_id=clerks[1].id, given_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()
    return found


@pytest.fixture
def anna(app: Flask, clerks: list[Position], cases: list[Application]) -> FlaskClient:
    return client_of(app, clerks[0])


def opened(client: FlaskClient, query: str) -> dict[str, Any]:
    page = client.get(f"{ACT}?all=1&{query}").text
    found = {
        key: re.search(f'name="{key}" value="([^"]*)"', page)
        for key in ("back", "match", "rows_seen")
    }
    return {**PASS, **{key: unescape(one[1]) for key, one in found.items() if one}}


def states(cases: list[Application]) -> list[bool]:
    """Return which cases are still at the superior unit."""
    db.session.expire_all()
    return [one.state is ApplicationState.AT_SUPERIOR for one in cases]


def test_a_case_of_a_colleague_is_skipped_and_named(
    anna: FlaskClient, cases: list[Application]
) -> None:
    result = anna.get(anna.post(ACT, data=opened(anna, "")).location).text

    assert states(cases) == [False, True, False]
    assert f"贝特 handles the application {cases[1].number}" in result
    assert "2 of 3 rows done" in result


def test_all_that_wait_for_me_leave_out_a_case_of_a_colleague(
    anna: FlaskClient, cases: list[Application]
) -> None:
    sent = opened(anna, "todo=waiting")

    assert f"{cases[1].id}:" not in sent["rows_seen"]
    assert "2 of 2 rows done" in anna.get(anna.post(ACT, data=sent).location).text


def test_a_case_given_away_since_is_skipped(
    app: Flask, anna: FlaskClient, clerks: list[Position], cases: list[Application]
) -> None:
    sent = opened(anna, "todo=waiting")
    given = {"row": f"{cases[0].id}:{cases[0].version}", "position_id": clerks[1].id}
    assert client_of(app, clerks[1]).post(f"{LIST}act/entrust", data=given).status_code == 303

    result = anna.get(anna.post(ACT, data=sent).location).text

    assert states(cases) == [True, True, False]
    assert "1 of 2 rows done" in result


def test_a_deputy_acts_on_all_and_the_timeline_says_for_whom(
    app: Flask, anna: FlaskClient, clerks: list[Position], cases: list[Application]
) -> None:
    today = clock.local_date(clock.now())
    factories.add(
        Deputy(
            position_id=clerks[1].id, deputy_position_id=clerks[0].id, starts_on=today, ends_on=today
        )
    )  # fmt: skip
    db.session.commit()

    anna.post(ACT, data=opened(anna, "todo=waiting"))

    assert states(cases) == [False, False, False]
    timelines = [anna.get(f"/g/1.1.4/{one.id}").text for one in cases]
    assert ["acting for 贝特" in one for one in timelines] == [False, True, False]
