"""Columns of lists: resolves a key to its label, value, kind, sort order and eager loading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import RelationshipProperty, joinedload
from sqlalchemy.orm.attributes import InstrumentedAttribute
from sqlalchemy.orm.interfaces import LoaderOption

from app.enums import Labelled, Role
from app.ground import clock
from app.views.base.aliases import Label
from app.views.base.state_colours import tone_of

NOTHING = "—"
"""Text of a cell without a value."""


@dataclass(frozen=True)
class Cell:
    """One displayed value: its text, a tone (colour) if it is a tag, and the previous value (`was`).

    `links` are (label, URL or None) shown one per line before the text; `posts` are (label, URL) of buttons that
    act at once, shown after it.
    """

    text: str
    tone: str | None = None
    url: str | None = None
    title: str | None = None
    kind: str = "text"
    was: str | None = None
    links: Sequence[tuple[str, str | None]] = ()
    posts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Column:
    """A column of a list. `value` computes its value from a row; `order` is the column to sort by, if any."""

    key: str
    label: Label
    value: Callable[[Any], Any]
    kind: str = "text"
    order: ColumnElement[Any] | InstrumentedAttribute[Any] | None = None
    load: tuple[LoaderOption, ...] = ()
    export: Callable[[Any], Any] | None = None
    """Computes the value in an export, where it is another than in the page."""
    roles: tuple[Role, ...] = ()
    """Who is offered the column; empty for everybody who has the list."""

    def cell(self, row: Any) -> Cell:
        return cell_of(self.value(row), is_state=self.key.endswith("state"))

    def full_text(self, row: Any) -> str:
        """Return the text for a program: like the page's, but a moment with its year."""
        cell = self.cell(row)
        return cell.title if cell.kind == "moment" and cell.title else cell.text

    def exported(self, row: Any) -> Any:
        """Return the value for an export: a day, moment or number as it is, everything else as text."""
        return exported_value((self.export or self.value)(row))


def computed(
    key: str,
    label: Label,
    value: Callable[[Any], Any],
    kind: str = "text",
    export: Callable[[Any], Any] | None = None,
) -> Column:
    """Declare a column that is computed from the row; the list cannot be sorted by it."""
    return Column(key, label, value, kind, export=export)


def exported_value(value: Any) -> Any:
    """Return `value` for an export: None, a day, moment, number or truth as it is, the rest as text."""
    if isinstance(value, Labelled):
        return str(value.label)
    if isinstance(value, Cell):
        return None if value.text == NOTHING else value.text
    if value is None or isinstance(value, str | date | int | float | Decimal):
        return value
    return _name(value)


def cell_of(value: Any, *, is_state: bool = False) -> Cell:
    """Return `value` as a cell: label of an enumeration, formatted date, dash for an empty value."""
    if isinstance(value, Cell):
        return value
    if value is None or value == "":
        return Cell(NOTHING)
    if isinstance(value, Labelled):
        return Cell(
            str(value.label),
            tone_of(value) if is_state else None,
            kind="tag" if is_state else _length(str(value.label)),
        )
    if isinstance(value, bool):
        return Cell(gettext("Yes") if value else gettext("No"))
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return Cell(f"{value:%Y-%m-%d}", kind="day")
    if isinstance(value, int | float):
        return Cell(str(value), kind="number")
    text = _name(value)
    return Cell(text, title=text if len(text) > 24 else None, kind=_length(text))


def _name(value: Any) -> str:
    return str(getattr(value, "name", None) or getattr(value, "real_name", None) or value)


def _length(text: str) -> str:
    """Return the cell kind: `short` for up to six characters (kept on one line), otherwise `text`."""
    return "short" if len(text) <= 6 else "text"


def _moment(value: datetime) -> Cell:
    """Return a moment in local time, without the current year and without the 24:00 of a deadline day."""
    there, full = clock.local(value), clock.text(value)
    is_this_year = there.year == clock.local(clock.now()).year
    shown = full[5:] if is_this_year else full
    return Cell(shown.removesuffix(" 24:00"), title=full, kind="moment")


def resolve(model: type[Any], key: "str | Column") -> Column:
    """Return the column for an attribute path of `model` such as `state`, `unit` or `plan.name`."""
    if isinstance(key, Column):
        return key
    path, owner, load, attribute = key.split("."), model, [], None
    for step in path:
        attribute = getattr(owner, step)
        if isinstance(attribute.property, RelationshipProperty):
            load.append(attribute)
            owner = attribute.property.mapper.class_
    loading = _chain(load)
    if attribute is None:
        raise ValueError(f"{model.__name__} has no column {key!r}")
    is_relation = isinstance(attribute.property, RelationshipProperty)
    order = attribute if len(path) == 1 and not is_relation else None
    return Column(
        key,
        label_of(model, path[0] if is_relation else path[-1], attribute),
        _getter(path),
        _kind(attribute),
        order,
        loading,
    )


def label_of(model: type[Any], name: str, attribute: InstrumentedAttribute[Any]) -> Label:
    """Return the label that the model gives a column or, for a relation, its foreign key."""
    prop = attribute.property
    if isinstance(prop, RelationshipProperty):
        return next(iter(prop.local_columns)).info.get("label", name)
    return prop.columns[0].info.get("label", name)


def _chain(attributes: Sequence[InstrumentedAttribute[Any]]) -> tuple[LoaderOption, ...]:
    if not attributes:
        return ()
    loading = joinedload(attributes[0])
    for attribute in attributes[1:]:
        loading = loading.joinedload(attribute)
    return (loading,)


def _getter(path: list[str]) -> Callable[[Any], Any]:
    def get(row: Any) -> Any:
        for step in path:
            row = None if row is None else getattr(row, step)
        return row

    return get


def _kind(attribute: InstrumentedAttribute[Any]) -> str:
    prop = attribute.property
    if isinstance(prop, RelationshipProperty):
        return "text"
    try:
        python_type = prop.columns[0].type.python_type
    except NotImplementedError:  # a JSON column has none
        return "text"
    if issubclass(python_type, StrEnum):
        return "tag" if prop.key.endswith("state") else "text"
    if python_type in (int, float):
        return "number"
    return {datetime: "moment", date: "day"}.get(python_type, "text")
