"""The figures on the start page: where cases are stuck, and how many came in; each number opens its list.

They are limited to the chosen year as the lists are. The statistics (`views/statistics`) show more.
"""

from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, case, func, select

from app import scopes
from app.extensions import appbuilder, db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application
from app.services.statistics import backlog
from app.services.statistics.counts import Slice
from app.views.base import figures, list_rows
from app.views.base.aliases import Page

DAYS, PILES = 14, 5


def of(actor: Actor) -> Page:
    """Return the figures of all cases `actor` may see; none where the statistics are not granted."""
    if not appbuilder.sm.has_access("can_list", figures.MENU):
        return {}
    year = list_rows.of_chosen_year(Application)
    rows = select(Application).where(scopes.applications(actor), *year)
    return {
        "stuck": figures.pile_table({}, backlog.piles(db.session(), rows, limit=PILES)),
        "stuck_headings": figures.PILE_HEADINGS,
        "figures_url": figures.address("charts", {}),
        "chart": _chart(rows),
    }


def _chart(rows: Select[Any]) -> Page:
    """Return the number of applications handed in on each of the last days."""
    today = clock.local_date(clock.now())
    days = [date.fromordinal(today.toordinal() - back) for back in range(DAYS - 1, -1, -1)]
    counted = rows.with_only_columns(*(func.sum(_is_on(day)) for day in days)).where(
        # with both ends SQLite takes the index of these days
        Application.submitted_at.between(clock.start_of_day(days[0]), clock.end_of_day(days[-1]))
    )
    counts = db.session.execute(counted).one()
    slices = [
        Slice(day.isoformat(), f"{day:%m-%d}", count or 0)
        for day, count in zip(days, counts, strict=True)
    ]
    return {
        "key": "days",
        "title": gettext("Handed in per day"),
        "label": gettext("Day"),
        "bars": figures.bars({}, "submitted_at", slices),
    }


def _is_on(day: date) -> Any:
    span = Application.submitted_at.between(clock.start_of_day(day), clock.end_of_day(day))
    return case((span, 1), else_=0)
