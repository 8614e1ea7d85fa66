"""Areas whose values stand in the table `custom_value`: a value that is the program's own has no row there."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_pgettext as _p
from sqlalchemy import delete, select

from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import CustomValue
from app.services.customising.catalogue import Beside, Cell, Item, Place

EVERYBODY = _p("scope", "Everybody")
AS_EVERYBODY = {"as": "everybody"}
"""The value of a role that has none of its own."""


class StoredArea(ABC):
    """An area whose values are read with the request (`app/ground/in_force.py`).

    A subclass says by `own_default`, `refusal_of` and `words_of` what its values are.
    """

    name: str
    label: Any
    authors: tuple[Role, ...] = (Role.SYSADMIN,)

    def __init__(self, items: Callable[[], Mapping[Place, Any]]) -> None:
        self.items = items

    @abstractmethod
    def own_default(self, item: Any) -> Any:
        """Return the value that the program comes with."""

    @abstractmethod
    def refusal_of(self, item: Any, scope: str, value: Any) -> str | None:
        """Return why a value of its own may not be set, or None."""

    def words_of(self, item: Any, value: Any) -> str:
        """Return the words for a value of its own."""
        return str(value) if value not in (None, "") else gettext("(empty)")

    def why_not_together(self, values: Mapping[Cell, Any], beside: Beside) -> Mapping[Cell, str]:
        """Return which of these values may not hold beside the others, each with the reason."""
        return {}

    def stated(self) -> dict[Cell, Any]:
        """Return every value that differs from the program's own."""
        query = select(CustomValue).where(CustomValue.area == self.name)
        rows = db.session.scalars(
            query.order_by(CustomValue.target, CustomValue.key, CustomValue.scope)
        )
        return {(row.target, row.key, row.scope): row.value for row in rows}

    def default(self, item: Any, scope: str) -> Any:
        """Return the value that the program comes with; for a role, that it has none of its own."""
        return AS_EVERYBODY if scope else self.own_default(item)

    def why_not(self, actor: Actor, item: Any, scope: str, value: Any) -> str | None:
        """Return why this value may not be set, or None."""
        if value == AS_EVERYBODY and scope:
            return None
        return self.refusal_of(item, scope, value)

    def defaults(self) -> dict[Cell, Any]:
        """Return the program's own values of everything that differs from them; of what an upgrade took away none."""
        items = self.items()
        return {
            cell: self.default(items[cell[:2]], cell[2])
            for cell in self.stated()
            if cell[:2] in items
        }

    def present(self, cells: Collection[Cell]) -> dict[Cell, Any]:
        """Return the values that hold now, those of items that are gone as None."""
        items = self.items()
        rows = db.session.execute(
            select(CustomValue.target, CustomValue.key, CustomValue.scope, CustomValue.value).where(
                CustomValue.area == self.name,
                CustomValue.target.in_({target for target, _key, _scope in cells}),
            )
        )
        stored = {(target, key, scope): value for target, key, scope, value in rows}
        return {
            cell: stored[cell]
            if cell in stored
            else self.default(items[cell[:2]], cell[2])
            if cell[:2] in items
            else None
            for cell in cells
        }

    def touched(self, values: Mapping[Cell, Any]) -> list[str]:
        """Return nothing: what pages show and say is no part of a case."""
        return []

    def why_two(self, item: Item, scope: str, value: Any) -> str | None:
        return None

    def order_of(self, target: str) -> int:
        return 0

    def write(self, actor: Actor, item: Item, scope: str, value: Any, second: Actor | None) -> None:
        """Store a value; the program's own has no row."""
        place = {"area": self.name, "target": item.target, "key": item.key, "scope": scope}
        db.session.execute(delete(CustomValue).filter_by(**place))
        if value != self.default(item, scope):
            db.session.add(CustomValue(**place, value=value))
            db.session.flush()

    def scope_label(self, scope: str) -> str:
        if not scope:
            return str(EVERYBODY)
        return str(Role(scope).label) if scope in list(Role) else scope

    def value_label(self, value: Any, item: Any = None, beside: Any = None) -> str:
        if value == AS_EVERYBODY:
            return gettext("as for everybody")
        return self.words_of(item, value)
