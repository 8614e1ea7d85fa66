"""Where applications wait: how many with whom, and since when the middle and the oldest one."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import event, select, text

from app.enums import AT_REST, ApplicationState
from app.extensions import db
from app.ground import clock
from app.models import Application, Unit
from app.services.statistics import backlog
from app.services.statistics.backlog import Pile
from tests.support import factories

AT_UNIT = ApplicationState.AT_UNIT


def waiting(unit: Unit, *ages: int, state: ApplicationState = AT_UNIT) -> datetime:
    """Make an application for each age in days; return the moment from which they are counted."""
    now = clock.now().replace(microsecond=0)
    batch = factories.batch()
    for days in ages:
        since = now - timedelta(days=days, hours=1)
        factories.application(state, unit=unit, batch=batch, held_since=since)
    return now


def piles(limit: int = 10, offset: int = 0) -> list[Pile]:
    return backlog.piles(db.session(), select(Application), limit=limit, offset=offset)


def ages(pile: Pile, now: datetime) -> tuple[int, int]:
    moments = pile.median_since, pile.oldest_since
    middle, oldest = (backlog.days_since(moment, now) for moment in moments)
    return middle, oldest


def test_pile_says_how_many_wait_and_how_long_the_middle_and_the_oldest(app: Flask) -> None:
    unit = factories.unit("桃源县桃溪中学")
    now = waiting(unit, 2, 40, 7, 9, 3)

    (pile,) = piles()

    assert (pile.state, pile.holder_id, pile.holder) == (AT_UNIT, unit.id, "桃源县桃溪中学")
    assert pile.count == 5
    assert ages(pile, now) == (7, 40)


def test_of_two_middle_ones_the_longer_wait_counts(app: Flask) -> None:
    now = waiting(factories.unit(), 1, 4, 6, 30)

    assert ages(piles()[0], now) == (6, 30)


def test_single_case_is_middle_and_oldest(app: Flask) -> None:
    now = waiting(factories.unit(), 5)

    assert ages(piles()[0], now) == (5, 5)


def test_each_step_of_each_holder_is_a_pile_of_its_own_the_largest_first(app: Flask) -> None:
    first, second = factories.unit(), factories.unit()
    waiting(first, 1)
    waiting(second, 1, 2, 3)
    waiting(first, 1, 2, state=ApplicationState.CHECKED)

    assert [(one.holder_id, one.state, one.count) for one in piles()] == [
        (second.id, AT_UNIT, 3),
        (first.id, ApplicationState.CHECKED, 2),
        (first.id, AT_UNIT, 1),
    ]


def test_what_lies_with_applicants_is_one_pile(app: Flask) -> None:
    now = waiting(factories.unit(), 3, state=ApplicationState.RETURNED)
    waiting(factories.unit(), 8, 5, state=ApplicationState.RETURNED)

    (pile,) = piles()

    assert (pile.holder_id, pile.holder, pile.count) == (backlog.WITH_APPLICANT, "the applicant", 3)
    assert ages(pile, now) == (5, 8)


def test_nothing_waits_in_drafts_and_ended_applications(app: Flask) -> None:
    unit = factories.unit()
    for state in sorted(AT_REST):
        factories.application(state, unit=unit)

    assert piles() == []


def test_piles_are_read_in_pages(app: Flask) -> None:
    for size in (3, 2, 1):
        waiting(factories.unit(), *range(1, size + 1))

    assert [one.count for one in piles(limit=2)] == [3, 2]
    assert [one.count for one in piles(limit=2, offset=2)] == [1]
    assert piles(limit=2, offset=4) == []


def test_pile_that_goes_on_while_it_is_counted_shows_its_oldest(app: Flask) -> None:
    """Counting and medians are two statements; with READ COMMITTED others' acts lie between them."""
    unit = factories.unit()
    now = waiting(unit, 5)
    db.session.flush()

    def go_on(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "place" in statement:
            connection.execute(text("UPDATE application SET state = 'ended'"))

    event.listen(db.engine, "before_cursor_execute", go_on)
    try:
        (pile,) = piles()
    finally:
        event.remove(db.engine, "before_cursor_execute", go_on)

    assert ages(pile, now) == (5, 5)
