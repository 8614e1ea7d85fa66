"""Deadlines of what waits, in three stages: within three days, within one day, passed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, String, case, cast, null

from app.enums import DeadlineStage
from app.ground import clock
from app.models.base import Stateful, UtcDateTime

DAYS = {DeadlineStage.ONE_DAY: 1, DeadlineStage.THREE_DAYS: 3}
"""Stage → within how many days from today the last day is, the nearest first."""
FIRST_TOLD = timedelta(days=max(DAYS.values()))
"""How long before its last day a deadline is told of for the first time."""


def due_at(model: type[Stateful]) -> ColumnElement[Any]:
    """Return the moment by which a row is due, NULL where the model has none."""
    found: ColumnElement[Any] = getattr(model, "due_at", cast(null(), UtcDateTime))
    return found


def due_on(model: type[Stateful]) -> ColumnElement[Any]:
    """Return the last day by which a row is due, NULL where the model has none."""
    found: ColumnElement[Any] = getattr(model, "due_on", cast(null(), Date))
    return found


def stage(model: type[Stateful], at: datetime) -> ColumnElement[Any]:
    """Return the stage (`DeadlineStage`) a row's deadline has reached at `at`, NULL while it is further off."""
    today = clock.local_date(at)
    near = [(today + timedelta(days=days), reached) for reached, days in DAYS.items()]
    whens = []
    if hasattr(model, "due_at"):
        whens.append((model.due_at < at, DeadlineStage.PASSED))
        whens += [(model.due_at <= clock.end_of_day(day), reached) for day, reached in near]
    elif hasattr(model, "due_on"):
        whens.append((model.due_on < today, DeadlineStage.PASSED))
        whens += [(model.due_on <= day, reached) for day, reached in near]
    unreached = cast(null(), String)
    return (
        case(*((when, one.value) for when, one in whens), else_=unreached) if whens else unreached
    )
