"""How many of the rows that match stand where: by unit and by state, before an act moves them all."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, literal, select

from app.extensions import db
from app.ground.actor import Actor
from app.models import Unit
from app.views.base.aliases import Label
from app.views.base.declared_view import DeclaredView

CHUNK = 500
MOST_UNITS = 50
"""Units with a line of their own, those with most rows; the others are summed up."""


@dataclass(frozen=True)
class Counts:
    """A line for each unit with a number for each state and their sum; the last one has the sums."""

    states: Sequence[Label]
    lines: Sequence[tuple[str, Sequence[int]]]


def by_unit_and_state(view: DeclaredView, actor: Actor, keys: Iterable[int]) -> Counts:
    """Count the rows `keys` that the actor may see; a list without units has only the line of sums."""
    found = _count(view, actor, list(keys))
    order = list(view.model.state.type.enum_class)
    states = sorted({state for _unit, state in found}, key=order.index)
    totals: Counter[str] = Counter()
    for (unit, _state), count in found.items():
        totals[unit] += count
    units = [unit for unit, _count in totals.most_common() if unit]
    lines = [(unit, _line(found, states, {unit})) for unit in units[:MOST_UNITS]]
    if rest := set(units[MOST_UNITS:]):
        label = gettext("%(count)s other units", count=len(rest))
        lines.append((label, _line(found, states, rest)))
    lines.append((gettext("Sum"), _line(found, states, set(totals))))
    return Counts([state.label for state in states], lines)


def _line(found: Counter[tuple[str, Any]], states: Sequence[Any], units: set[str]) -> list[int]:
    counts = [sum(found[unit, state] for unit in units) for state in states]
    return [*counts, sum(counts)]


def _count(view: DeclaredView, actor: Actor, keys: Sequence[int]) -> Counter[tuple[str, Any]]:
    model = view.model
    has_unit = hasattr(model, "unit_id")
    unit = func.coalesce(Unit.name, "") if has_unit else literal("")
    query = select(unit, model.state, func.count()).select_from(model)
    query = query.where(type(view).scope(actor)).group_by(unit, model.state)
    if has_unit:
        query = query.outerjoin(Unit, Unit.id == model.unit_id)
    found: Counter[tuple[str, Any]] = Counter()
    for start in range(0, len(keys), CHUNK):
        part = query.where(model.id.in_(keys[start : start + CHUNK]))
        for name, state, count in db.session.execute(part).tuples():
            found[name, state] += count
    return found
