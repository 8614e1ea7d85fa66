"""The clock of a test run: no run passes midnight in Hunan."""

from datetime import UTC, datetime, timedelta

import pytest

from app.ground import clock
from tests.support import run_day

MIDNIGHT = datetime(2026, 11, 29, 16, tzinfo=UTC)


@pytest.mark.parametrize("before", [timedelta(minutes=1), run_day.LATEST - timedelta(seconds=1)])
def test_run_that_would_pass_midnight_is_put_back(before: timedelta) -> None:
    began = run_day.begins(MIDNIGHT - before)

    assert MIDNIGHT - began >= run_day.LATEST
    assert clock.local_date(began) == clock.local_date(MIDNIGHT - before)


@pytest.mark.parametrize(
    "after", [timedelta(0), timedelta(hours=12), timedelta(hours=23, minutes=30)]
)
def test_run_at_any_other_hour_has_the_real_clock(after: timedelta) -> None:
    assert run_day.begins(MIDNIGHT + after) == MIDNIGHT + after
