"""Counting what waits: statements kept between requests hold whatever happens in between."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from app import workflow  # noqa: F401 - registers the transition tables
from app.enums import ApplicationState, InterviewState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.menu import TREE
from app.todos import counting, prepared
from tests.support import factories as f

NOON = clock.start_of_day(date(2026, 6, 3)) + timedelta(hours=12)


def todos_of(role: Role) -> list[tuple[Any, Any]]:
    """Return every to-do that the role can have in any menu."""
    return [
        (view, todo)
        for _menu, view in TREE.entries()
        for todo in (view.all_todos() if hasattr(view, "all_todos") else ())
        if todo.is_for(view, role)
    ]


def everywhere(role: Role, number: int) -> Actor:
    """Return an actor with everything that a condition may ask for."""
    return Actor(
        role=role, user_id=number, person_id=number, position_id=number, unit_id=number,
        region_code="430100", committee_ids=(number, number + 1),
    )  # fmt: skip


def prepared_for(role: Role, number: int) -> prepared.Prepared:
    return prepared.prepare(
        counting.figures_of(todos_of(role), everywhere(role, number), NOON, None)
    )


@pytest.mark.parametrize("role", [role for role in Role if todos_of(role)])
def test_statement_follows_from_actor_and_day_alone(role: Role) -> None:
    """Built without an application: no setting, no request and no database is asked."""
    with time_machine.travel(clock.start_of_day(date(2026, 6, 3)), tick=False):
        first = prepared_for(role, 7)
    with time_machine.travel(clock.end_of_day(date(2026, 6, 3)) - timedelta(seconds=1), tick=False):
        last = prepared_for(role, 7)

    assert last.statement is first.statement
    assert last.values == first.values


@pytest.mark.parametrize("role", [role for role in Role if todos_of(role)])
def test_actors_of_a_role_share_one_statement(role: Role) -> None:
    one, other = prepared_for(role, 7), prepared_for(role, 8)

    assert other.statement is one.statement
    assert list(other.values) == list(one.values)


def counted(actor: Actor) -> int:
    granted = {("can_list", view.__name__) for _menu, view in TREE.entries()}
    found = counting.of(TREE.entries(), actor, granted, at=clock.now())
    return sum(one.count for one in found if one.todo.key == "waiting")


def test_kept_statement_counts_each_actors_own_rows_as_they_are_now(app: Flask) -> None:
    units = f.unit(), f.unit()
    here, there = (f.actor_of(f.position(Role.UNIT, unit=unit)) for unit in units)
    before = counted(here), counted(there)
    for unit in (*units, units[0]):
        f.application(ApplicationState.AT_UNIT, unit=unit)

    assert before == (0, 0)
    assert (counted(here), counted(there)) == (2, 1)


def test_permission_taken_away_takes_its_count_away(app: Flask) -> None:
    actor = f.actor_of(f.position(Role.UNIT, unit=f.unit()))
    every = {("can_list", view.__name__) for _menu, view in TREE.entries()}
    names = {one.view.__name__ for one in counting.of(TREE.entries(), actor, every, at=NOON)}
    gone = min(names)

    left = counting.of(TREE.entries(), actor, every - {("can_list", gone)}, at=NOON)

    assert {one.view.__name__ for one in left} == names - {gone}


def test_kept_statement_asks_for_the_present_moment(app: Flask) -> None:
    """The day is the same, so the statement is: only its moment differs."""
    plan = f.plan()
    interview = f.interview(
        f.application(ApplicationState.IN_REVIEW, batch=plan.batch, plan=plan),
        state=InterviewState.SENT,
    )
    actor = f.actor_of(f.position(Role.OFFICE, committee=plan.batch.committee))

    def due(at: datetime) -> int:
        with time_machine.travel(at, tick=False):
            every = {("can_list", view.__name__) for _menu, view in TREE.entries()}
            found = counting.of(TREE.entries(), actor, every, at=at)
        return sum(one.count for one in found if one.todo.key == "note")

    minute = timedelta(minutes=1)
    assert (due(interview.ends_at - minute), due(interview.ends_at + minute)) == (0, 1)
