"""Numbers of applications by state, series, review year and unit, of the rows that a query selects."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.enums import ApplicationState
from app.models import Application, Series, Unit


@dataclass(frozen=True)
class Slice:
    """The applications that have one value in common: its key, its name, and how many there are."""

    key: Any
    name: Any
    count: int


@dataclass(frozen=True)
class Totals:
    """The applications by state in the order of the process, by series with the most first, and by year."""

    total: int
    states: list[Slice]
    series: list[Slice]
    years: list[Slice]


def totals(session: Session, rows: Select[Any]) -> Totals:
    """Return the numbers of the applications that `rows` selects, read in one pass over them."""
    columns = (Application.state, Application.series_code, Application.review_year)
    grouped = rows.with_only_columns(*columns, func.count()).group_by(*columns)
    by_state, by_series, by_year = Counter[Any](), Counter[Any](), Counter[Any]()
    for state, series, year, count in session.execute(grouped):
        by_state[state] += count
        by_series[series] += count
        by_year[year] += count
    names = _series_names(session, by_series)
    return Totals(
        by_state.total(),
        [Slice(one, one.label, by_state[one]) for one in ApplicationState if by_state[one]],
        [Slice(code, names.get(code, code), count) for code, count in by_series.most_common()],
        [Slice(year, str(year), by_year[year]) for year in sorted(by_year)],
    )


def by_unit(session: Session, rows: Select[Any], *, limit: int, offset: int = 0) -> list[Slice]:
    """Return the units with the most of the applications that `rows` selects."""
    count = func.count()
    largest = (
        rows.with_only_columns(Application.unit_id.label("unit_id"), count.label("count"))
        .group_by(Application.unit_id)
        .order_by(count.desc(), Application.unit_id)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    named = (
        select(largest.c.unit_id, Unit.name, largest.c.count)
        .join(Unit, Unit.id == largest.c.unit_id)
        .order_by(largest.c.count.desc(), largest.c.unit_id)
    )
    return list(_slices(session, named))


def _series_names(session: Session, codes: Counter[Any]) -> dict[str, str]:
    query = select(Series.code, Series.name).where(Series.code.in_(codes))
    return dict(session.execute(query).tuples().all())


def _slices(session: Session, query: Select[Any]) -> Iterator[Slice]:
    yield from (Slice(*row) for row in session.execute(query))
