"""The register of units as a tree (上下级): each unit below the one it names as its superior."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Unit


class UnitTree:
    """Units by their superior; those without one are the top level."""

    def below(self, parent: int | None) -> Select[Any]:
        """Select the units right below `parent`."""
        is_below = Unit.parent_id.is_(None) if parent is None else Unit.parent_id == parent
        return _nodes().where(is_below).order_by(Unit.name, Unit.id)

    def of(self, keys: Iterable[int]) -> Select[Any]:
        """Select these units."""
        return _nodes().where(Unit.id.in_(list(keys)))

    def path(self, key: int) -> list[int]:
        """Return the ids from the highest superior down to the unit."""
        path = db.session.scalar(select(Unit.path).where(Unit.id == key))
        return [int(part) for part in (path or "").split("/") if part]

    def find(self, text: str) -> Select[Any]:
        """Select the units whose name contains the text or whose credit code begins with it."""
        is_named = Unit.name.contains(text, autoescape=True)
        is_coded = func.upper(Unit.credit_code).startswith(text.upper(), autoescape=True)
        return _nodes().where(is_named | is_coded).order_by(func.length(Unit.name), Unit.id)


def _nodes() -> Select[Any]:
    lower = aliased(Unit)
    return select(Unit.id, Unit.name, select(lower.id).where(lower.parent_id == Unit.id).exists())
