"""The clock of a test run: no run passes midnight in Hunan."""

from datetime import UTC, datetime

import pytest

from app.ground import clock
from tests.support import run_day


@pytest.mark.parametrize(
    ("started", "begins"),
    [
        (datetime(2026, 11, 29, 15, 59, tzinfo=UTC), datetime(2026, 11, 29, 13, 59, 59, 999999, tzinfo=UTC)),
        (datetime(2026, 11, 29, 14, 1, tzinfo=UTC), datetime(2026, 11, 29, 13, 59, 59, 999999, tzinfo=UTC)),
        (datetime(2026, 11, 29, 13, 30, tzinfo=UTC), datetime(2026, 11, 29, 13, 30, tzinfo=UTC)),
        (datetime(2026, 11, 29, 16, 0, tzinfo=UTC), datetime(2026, 11, 29, 16, 0, tzinfo=UTC)),
    ],
)
def test_run_that_would_pass_midnight_begins_two_hours_before_it(started: datetime, begins: datetime) -> None:
    assert run_day.begins(started) == begins
    assert clock.local_date(begins) == clock.local_date(started)
