"""How many positions and persons a change of roles concerns."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, Subquery, func, or_, select

from app.extensions import db
from app.models import Position
from app.models.own_role import PREFIX
from app.services.accounts import own_roles

COUNTED = 1000
"""Beyond so many positions of a role the number is not counted further."""


@dataclass(frozen=True)
class Concerned:
    """Active positions and the persons who hold them, in words; “1000+” beyond what is counted."""

    positions: str
    persons: str


def by_scope(scopes: Collection[str]) -> dict[str, Concerned]:
    """Return whom a change of each role concerns, in one statement; a role's own roles count with it."""
    counts = [one for scope in scopes for one in _counts(_held_in([scope]))]
    if not counts:
        return {}
    found = db.session.execute(select(*counts)).one()
    return {
        scope: Concerned(_words(found[2 * place]), _words(found[2 * place + 1]))
        for place, scope in enumerate(scopes)
    }


def of_all(scopes: Collection[str]) -> Concerned:
    """Return whom a change of these roles together concerns, each person once, in one statement."""
    positions, persons = db.session.execute(select(*_counts(_held_in(scopes)))).one()
    return Concerned(_words(positions), _words(persons))


def _counts(held: Subquery) -> tuple[ScalarSelect[int], ScalarSelect[int]]:
    positions = select(func.count()).select_from(held)
    persons = select(func.count(held.c.user_id.distinct()))
    return positions.scalar_subquery(), persons.scalar_subquery()


def _held_in(scopes: Collection[str]) -> Subquery:
    """Select the active positions of roles, at most COUNTED + 1."""
    own = {scope: role.id for scope, role in own_roles.known().items()}
    conditions: list[ColumnElement[bool]] = [
        Position.own_role_id == own.get(scope)
        if scope.startswith(PREFIX)
        else Position.role == scope
        for scope in scopes
    ]
    query = select(Position.id, Position.user_id).where(or_(*conditions), Position.is_active)
    return query.limit(COUNTED + 1).subquery()


def _words(count: int) -> str:
    return f"{COUNTED}+" if count > COUNTED else str(count)
