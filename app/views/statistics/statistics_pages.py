"""What the pages of the statistics show: bars, tables and sheets, made of numbers and of links to their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from app.ground import clock
from app.services.exports.table_export import Sheet
from app.services.statistics.backlog import Pile, days_since
from app.services.statistics.counts import Slice, Totals
from app.views.base.aliases import Page
from app.views.base.figures import CHARTS, PILE_HEADINGS, Args, address, bars, pile_table
from app.views.base.search import SearchField

NARROWED = ("review_year", "batch", "series", "level", "unit")
"""Search fields of the list by which the figures can be narrowed."""
TOP = 10
"""Bars of units and rows of piles on the page of charts; pages of their own have all."""
PAGE_SIZE = 100


@dataclass(frozen=True)
class Figures:
    """Everything that is counted: totals, the largest units and the largest piles that wait."""

    totals: Totals
    units: Sequence[Slice]
    piles: Sequence[Pile]


def narrowing(args: Mapping[str, str]) -> Args:
    """Return the values in `args` that narrow the figures."""
    names = {f"q.{name}{end}" for name in NARROWED for end in ("", ".from", ".to")}
    return {key: value for key, value in args.items() if key in names and value}


def chosen(fields: Sequence[SearchField], args: Args) -> str:
    """Return in words to what the figures are narrowed; empty if to nothing."""
    found = [one.shown(args) for one in fields if one.name in NARROWED]
    words = [(one["label"], _words(one)) for one in found]
    return gettext("; ").join(f"{label}{gettext(': ')}{text}" for label, text in words if text)


def _words(field: Page) -> str:
    ends = [field.get("value_from"), field.get("value_to")]
    if any(ends):
        return " – ".join(dict.fromkeys(one or "…" for one in ends))
    names = {str(value): str(label) for value, label in field["choices"]}
    return str(field.get("value_label") or names.get(field["value"], field["value"]))


def shown(found: Figures, args: Args) -> Page:
    """Return the four charts and the table of the largest piles, with the ways to all units and all piles."""
    has_more = len(found.units) > TOP
    by_unit = gettext("By unit, the %(count)s largest", count=TOP)
    units = by_unit if has_more else gettext("By unit")
    charts = [
        ("state", CHARTS["state"], gettext("State"), found.totals.states),
        ("unit", units, gettext("Unit"), found.units[:TOP]),
        ("series", CHARTS["series"], gettext("Series"), found.totals.series),
        ("review_year", CHARTS["review_year"], gettext("Review year"), found.totals.years),
    ]
    return {
        "total": found.totals.total,
        "total_url": address("list", args),
        "charts": [
            {"key": name, "title": title, "label": label, "bars": bars(args, name, slices)}
            for name, title, label, slices in charts
        ],
        "all_urls": {"unit": address("units", args) if has_more else None},
        "headings": PILE_HEADINGS,
        "rows": pile_table(args, found.piles[:TOP]),
        "all_piles_url": address("stuck", args) if len(found.piles) > TOP else None,
    }


def sheets(found: Figures, chosen_words: str, limits: tuple[int, int]) -> list[Sheet]:
    """Return the sheets of the workbook; what is cut at the `limits` of units and of piles says so."""
    totals, now = found.totals, clock.now()
    counted = [
        (str(CHARTS["state"]), gettext("State"), totals.states, 0),
        (gettext("By unit"), gettext("Unit"), found.units, limits[0]),
        (str(CHARTS["series"]), gettext("Series"), totals.series, 0),
        (str(CHARTS["review_year"]), gettext("Review year"), totals.years, 0),
    ]
    made = []
    for title, label, slices, limit in counted:
        rows = [[str(one.name), one.count] for one in slices]
        headings = [label, gettext("Applications")]
        made.append(Sheet(title, headings, rows, _note(chosen_words, len(rows), limit)))
    piles = [
        [str(one.state.label), one.holder, one.count,
         days_since(one.median_since, now), days_since(one.oldest_since, now)]
        for one in found.piles
    ]  # fmt: skip
    note = _note(chosen_words, len(piles), limits[1])
    return [*made, Sheet(gettext("Where it is stuck"), PILE_HEADINGS, piles, note)]


def _note(chosen_words: str, count: int, limit: int) -> str:
    """Return the line above a sheet: what it is narrowed to, and whether it is cut at `limit` rows."""
    cut = gettext("Only the %(limit)s largest.", limit=f"{limit:,}") if 0 < limit <= count else ""
    return " ".join(one for one in (chosen_words, cut) if one)
