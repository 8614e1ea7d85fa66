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
from app.services.statistics import backlog, counts
from app.services.statistics.counts import Slice
from app.views.base import customised, figures, list_rows
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
        "charts": _charts(rows),
    }


def _charts(rows: Select[Any]) -> list[Page]:
    """Return the charts that administrators chose for the start page."""
    wanted = [key for key in customised.home_charts() if key in figures.CHARTS]
    totals = counts.totals(db.session(), rows) if set(wanted) - {"days"} else None
    return [_chart(key, rows, totals) for key in wanted]


def _chart(key: str, rows: Select[Any], totals: counts.Totals | None) -> Page:
    if totals is None or key == "days":
        label, field, slices = gettext("Day"), "submitted_at", _days(rows)
    else:
        label, field = str(figures.CHARTS[key]), key
        slices = {"state": totals.states, "series": totals.series, "review_year": totals.years}[key]
    return {
        "key": key,
        "title": figures.CHARTS[key],
        "label": label,
        "is_course": key == "days",
        "bars": figures.bars({}, field, slices),
    }


def _days(rows: Select[Any]) -> list[Slice]:
    """Return the number of applications handed in on each of the last days."""
    today = clock.local_date(clock.now())
    days = [date.fromordinal(today.toordinal() - back) for back in range(DAYS - 1, -1, -1)]
    counted = rows.with_only_columns(*(func.sum(_is_on(day)) for day in days)).where(
        # with both ends SQLite takes the index of these days
        Application.submitted_at.between(clock.start_of_day(days[0]), clock.end_of_day(days[-1]))
    )
    found = db.session.execute(counted).one()
    return [
        Slice(day.isoformat(), f"{day:%m-%d}", count or 0)
        for day, count in zip(days, found, strict=True)
    ]


def _is_on(day: date) -> Any:
    span = Application.submitted_at.between(clock.start_of_day(day), clock.end_of_day(day))
    return case((span, 1), else_=0)
