"""Deadlines of what waits, in three stages: within three days, within one day, passed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, String, case, cast, null

from app.enums import DeadlineStage
from app.ground import clock
from app.models.base import Stateful, UtcDateTime

DAYS = {DeadlineStage.ONE_DAY: 1, DeadlineStage.THREE_DAYS: 3}
"""Stage → within how many days from today the last day is, the nearest first."""


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
    whens = [
        ((due_at(model) < at) | (due_on(model) < today), DeadlineStage.PASSED.value),
        *(
            (
                (due_at(model) <= clock.end_of_day(day)) | (due_on(model) <= day),
                reached.value,
            )
            for reached, day in ((s, today + timedelta(days=n)) for s, n in DAYS.items())
        ),
    ]
    return case(*whens, else_=cast(null(), String))


def has_deadline(model: type[Stateful]) -> bool:
    """Return whether rows of the model have a deadline at all."""
    return hasattr(model, "due_at") or hasattr(model, "due_on")
