"""A run of the tests takes place on one day.

Examples are made when the tests are collected and tried minutes later: a run that passed midnight in Hunan
between the two would hold yesterday's days against today's clock.
"""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

import time_machine

from app.ground import clock

LATEST = timedelta(minutes=25)
"""How long before midnight a run begins at the latest: longer than half a suite, shorter than a sign-in lasts."""


def begins(moment: datetime) -> datetime:
    """Return when a run that is started at `moment` begins by its own clock: early enough to end that day."""
    return min(moment, clock.end_of_day(clock.local_date(moment)) - LATEST)


def held() -> AbstractContextManager[object]:
    """Put the clock back if the day would end during the run."""
    now = clock.now()
    start = begins(now)
    return nullcontext() if start == now else time_machine.travel(start, tick=True)
