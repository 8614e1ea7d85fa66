"""What a change of a row of a register or code table changes, for the audit log: values before and after, with labels."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState

from app.enums import Labelled
from app.models.base import Base

LONGEST = 1000
"""Longest value that the audit log keeps, in characters."""


def changes(row: Base) -> dict[str, str]:
    """Return the changed values of a row that is not flushed yet as {"from": …, "to": …}; without one if it is empty."""
    before, after = [], []
    for label, attribute in _labelled(row):
        history = attribute.history
        if not history.has_changes():
            continue
        before += [_pair(label, history.deleted[0])] if history.deleted else []
        after += [_pair(label, history.added[0])] if history.added else []
    return _kept(before, after)


def last_values(row: Base) -> dict[str, str]:
    """Return the values of a row that is about to be deleted as {"from": …}."""
    return _kept([_pair(label, attribute.value) for label, attribute in _labelled(row)], [])


def _labelled(row: Base) -> list[tuple[Any, Any]]:
    """Return label and state of each labelled column."""
    state: InstanceState[Any] = inspect(row)
    return [
        (attribute.columns[0].info["label"], state.attrs[attribute.key])
        for attribute in row.__mapper__.column_attrs
        if "label" in attribute.columns[0].info
    ]


def _pair(label: Any, value: Any) -> str:
    return f"{label}{gettext(': ')}{_text(value)}"


def _text(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return str(value.label if isinstance(value, Labelled) else value)[:LONGEST]


def _kept(before: list[str], after: list[str]) -> dict[str, str]:
    named = {"from": gettext("; ").join(before), "to": gettext("; ").join(after)}
    return {key: value for key, value in named.items() if value}
