"""Figures of applications for pages: bars, table cells, and the addresses of the lists behind them.

The lists are those of the menu 统计 (`views/statistics`), which every role with figures has.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import lazy_gettext as _

from app.ground import clock
from app.services.statistics.backlog import Pile, days_since
from app.services.statistics.counts import Slice
from app.views.base.aliases import Page

MENU = "StatisticsView"
CHARTS = {
    "days": _("Handed in per day"),
    "state": _("By state"),
    "series": _("By series"),
    "review_year": _("By year"),
}
"""Charts that the start page can show, by the search field behind their bars."""
USUAL_CHARTS = ("days",)
UNIT_HEADINGS = (_("Unit"), _("Applications"))
PILE_HEADINGS = (_("Step"), _("Holder"), _("In hand"), _("Median (days)"), _("Oldest (days)"))
Args = dict[str, Any]


def address(route: str, args: Args) -> str:
    """Return the address of a page of the statistics with `args`."""
    base = url_for(f"{MENU}.{route}")
    return f"{base}?{urlencode(args)}" if args else base


def list_address(args: Args, name: str, value: Any) -> str:
    """Return the address of the list of the rows in `args` that have `value` in the search field `name`."""
    rest = {key: one for key, one in args.items() if not f"{key}.".startswith(f"q.{name}.")}
    return address("list", rest | {f"q.{name}": value})


def bars(args: Args, name: str, slices: Sequence[Slice]) -> list[Page]:
    """Return the bars of a chart over the values of the search field `name`."""
    return [
        {
            "label": str(one.name),
            "count": one.count,
            "url": list_address(args, name, one.key),
        }
        for one in slices
    ]


def unit_table(args: Args, units: Sequence[Slice]) -> list[list[Page]]:
    """Return the rows of the table of units as cells."""
    return [
        [_text(one["label"]), _number(one["count"], one["url"])]
        for one in bars(args, "unit", units)
    ]


def pile_table(args: Args, piles: Sequence[Pile]) -> list[list[Page]]:
    """Return the rows of the table of piles as cells; the ages lead to the pile with the oldest first."""
    now = clock.now()
    return [
        [
            _text(one.state.label),
            _text(one.holder),
            _number(one.count, _pile_address(args, one)),
            *(
                _number(days_since(moment, now), _pile_address(args, one, sort="held_since"))
                for moment in (one.median_since, one.oldest_since)
            ),
        ]
        for one in piles
    ]


def _pile_address(args: Args, pile: Pile, **order: str) -> str:
    """Return the address of the list of exactly the applications of a pile."""
    return address("list", args | {"q.state": pile.state.value, "q.holder": pile.holder_id} | order)


def _text(text: Any) -> Page:
    return {"text": str(text), "url": None, "is_number": False}


def _number(number: int, url: str) -> Page:
    return {"text": f"{number:,}", "url": url, "is_number": True}
