"""How many statements a press takes on one row and on twenty: rules, moves, effects, messages and log rows."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select

from app.enums import ApplicationState, Role
from app.extensions import db
from app.menu import views
from app.models import Application, Position
from tests.support import factories as make
from tests.support import thirtyfold
from tests.support.counting import statements
from tests.support.databases import Prepared
from tests.support.halves import DATABASE
from tests.support.world import World, inhabited

MANY, TIMES_ONE = 20, 3
MOST = {"postgresql": 40, "sqlite": 60}
"""SQLite is sent log rows and messages one by one: it does not say in which order it numbered several."""


class Press(NamedTuple):
    """A press on the page of a button: where, by whom, on rows in which state, and what is typed."""

    view: str
    role: Role
    state: ApplicationState
    typed: dict[str, str]


SIGNED = {"leader": make.LEADER}
PRESSES = (
    Press(
        "FirstCheckView",
        Role.UNIT,
        ApplicationState.AT_UNIT,
        {
            "decision": "refuse",
            "way": "check_end",
            "opinion": "材料与岗位不符，本年度不再受理。",
            **SIGNED,
        },
    ),
    Press(
        "SuperiorReviewView",
        Role.SUPERIOR,
        ApplicationState.AT_SUPERIOR,
        {"decision": "superior_pass", **SIGNED},
    ),
    Press(
        "QualificationView",
        Role.OFFICE,
        ApplicationState.AT_OFFICE,
        {"decision": "office_pass", **SIGNED},
    ),
)


@pytest.fixture(scope="module")
def world(application: Flask, prepared: Prepared) -> Iterator[World]:
    with inhabited(application, prepared) as made:
        thirtyfold.multiply(made.own, 29)
        yield made


@pytest.mark.parametrize("press", PRESSES, ids=lambda press: press.view)
def test_twenty_rows_take_few_statements(world: World, press: Press) -> None:
    rows = waiting(world, press)

    first = statements_of(world, press, rows[:1])
    one = statements_of(world, press, rows[1:2])
    many = statements_of(world, press, rows[2 : 2 + MANY])

    assert many <= min(MOST[DATABASE], one * TIMES_ONE), (first, one, many)


def waiting(world: World, press: Press) -> list[str]:
    """Return the rows that wait for the press, as its page sends them, without those of the presser."""
    view = next(view for view in views() if view.__name__ == press.view)
    actor = make.actor_of(db.session.get_one(Position, world.own.actors[press.role].position_id))
    query = select(Application.id, Application.version).where(
        *view.waiting_conditions(actor),
        Application.state == press.state,
        Application.person_id != actor.person_id,
    )
    found = db.session.execute(query.order_by(Application.id).limit(2 + MANY)).tuples().all()
    assert len(found) == 2 + MANY
    return [f"{key}:{version}" for key, version in found]


def statements_of(world: World, press: Press, rows: list[str]) -> int:
    view = next(view for view in views() if view.__name__ == press.view)
    db.session.rollback()
    with statements() as sent:
        answer = world.clients[press.role].post(
            f"{view.route_base}/act/audit", data={"row": rows, **press.typed}
        )
    assert answer.status_code == 303, answer.text
    return len(sent)
