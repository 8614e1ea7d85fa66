"""Areas whose values stand in the table `custom_value`: a value that is the program's own has no row there."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_pgettext as _p
from sqlalchemy import delete, select

from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import CustomValue
from app.services.customising.catalogue import Cell, Item, Place

EVERYBODY = _p("scope", "Everybody")


class StoredArea:
    """An area whose values are read with the request (`app/ground/in_force.py`).

    A subclass says by `default`, `why_not` and `value_label` what its values are.
    """

    name: str
    label: Any
    authors: tuple[Role, ...] = (Role.SYSADMIN,)

    def __init__(self, items: Callable[[], Mapping[Place, Any]]) -> None:
        self.items = items

    def default(self, item: Any, scope: str) -> Any:
        """Return the value that the program comes with."""
        raise NotImplementedError

    def why_not(self, actor: Actor, item: Any, scope: str, value: Any) -> str | None:
        """Return why this value may not be set, or None."""
        raise NotImplementedError

    def present(self, cells: Collection[Cell]) -> dict[Cell, Any]:
        """Return the values that hold now; for a role without a value of its own the one for everybody."""
        items = self.items()
        rows = db.session.execute(
            select(CustomValue.target, CustomValue.key, CustomValue.scope, CustomValue.value).where(
                CustomValue.area == self.name,
                CustomValue.target.in_({target for target, _key, _scope in cells}),
            )
        )
        stored = {(target, key, scope): value for target, key, scope, value in rows}
        return {
            cell: stored[cell] if cell in stored else self._inherited(items, stored, cell)
            for cell in cells
        }

    def _inherited(self, items: Mapping[Place, Any], stored: Mapping[Cell, Any], cell: Cell) -> Any:
        target, key, scope = cell
        if (target, key, "") in stored:
            return stored[target, key, ""]
        return self.default(items[target, key], scope) if (target, key) in items else None

    def why_two(self, item: Item, scope: str, value: Any) -> str | None:
        return None

    def write(self, actor: Actor, item: Item, scope: str, value: Any, second: Actor | None) -> None:
        """Store a value. One that would hold without a row of its own has none."""
        place = {"area": self.name, "target": item.target, "key": item.key, "scope": scope}
        db.session.execute(delete(CustomValue).filter_by(**place))
        if value != self.present([(item.target, item.key, scope)])[item.target, item.key, scope]:
            db.session.add(CustomValue(**place, value=value))
            db.session.flush()

    def scope_label(self, scope: str) -> str:
        if not scope:
            return str(EVERYBODY)
        return str(Role(scope).label) if scope in list(Role) else scope

    def value_label(self, value: Any, item: Any = None) -> str:
        return str(value) if value not in (None, "") else gettext("(empty)")
