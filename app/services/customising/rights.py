"""The area “rights”: which role may open a menu and press a button."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import Role
from app.ground.actor import Actor
from app.models.own_role import PREFIX
from app.services.accounts import grants, own_roles, two_administrators
from app.services.customising.catalogue import Beside, Cell, Item, Place


@dataclass(frozen=True)
class Right(Item):
    """A permission of a menu.

    `meant_for` are the roles its menu is declared for, `comes_with` those that get this permission with the
    program, `usable_by` those to which a rule of the procedure leaves any use of it; from `hidden_from` it is kept
    because the menu shows the names of judges.
    """

    meant_for: tuple[Role, ...]
    comes_with: frozenset[Role]
    usable_by: frozenset[Role]
    hidden_from: frozenset[Role]

    def never(self, role: Role) -> str | None:
        """Return why a role could never use it, or would learn judges' names by it (Order 40, art. 25); else None."""
        if role in self.hidden_from:
            return gettext(
                "This menu shows the names of judges, which only the committee office and the supervisor see."
            )
        if role not in self.usable_by:
            return gettext(
                "No rule of the procedure lets “%(role)s” press this, so the tick would do nothing.",
                role=str(role.label),
            )
        return None

    def why_never(self, role: Role) -> str | None:
        """Return why a role may not be given this permission, or None."""
        return grants.separation_refusal(role, self.meant_for) or self.never(role)


class RightsArea:
    """Rights stand where the program asks for them, in the grants of the roles and own roles.

    Those of an own role come from its base role, and hold while the base role has them too.
    """

    name = "rights"
    label = _("Menu permissions")
    authors: tuple[Role, ...] = (Role.SECADMIN,)

    def __init__(self, items: Callable[[], Mapping[Place, Right]]) -> None:
        self.items = items

    def present(self, cells: Collection[Cell]) -> dict[Cell, bool]:
        held = grants.held()
        return {(view, key, role): (role, key, view) in held for view, key, role in cells}

    def default(self, item: Right, scope: str) -> bool:
        return own_roles.base_of(scope) in item.comes_with

    def why_not(self, actor: Actor, item: Right, scope: str, value: bool) -> str | None:
        role = own_roles.base_of(scope)
        if role is None:
            return gettext("There is no role “%(role)s”.", role=scope)
        own = own_roles.known().get(scope)
        if own is not None and not own.is_active:
            return gettext("The own role “%(name)s” was retired.", name=own.label)
        return grants.refusal(actor, role, value, meant_for=item.meant_for, never=item.never(role))

    def why_not_together(self, values: Mapping[Cell, bool], beside: Beside) -> Mapping[Cell, str]:
        return {}

    def stated(self) -> dict[Cell, bool]:
        """Return what differs from the program's own, and all of own roles: elsewhere they may begin blank."""
        items = self.items()
        held = self.present([(*place, scope) for place in items for scope in own_roles.scopes()])
        return {
            cell: value
            for cell, value in held.items()
            if value != self.default(items[cell[:2]], cell[2])
            or (value and cell[2].startswith(PREFIX))
        }

    def touched(self, values: Mapping[Cell, bool]) -> list[str]:
        """Return nothing: whom a right concerns is counted by `people`."""
        return []

    def why_two(self, item: Right, scope: str, value: bool) -> str | None:
        """Taking from an own role needs one alone: the whole role stays with others."""
        if value or scope.startswith(PREFIX):
            return None
        return two_administrators.why_for_menus(Role(scope), item.meant_for)

    def order_of(self, target: str) -> int:
        return 0

    def write(
        self, actor: Actor, item: Right, scope: str, value: bool, second: Actor | None
    ) -> None:
        role = own_roles.base_of(scope) or Role(scope)
        grants.set_grant(
            actor,
            role,
            item.target,
            item.key,
            value,
            meant_for=item.meant_for,
            never=item.never(role),
            own=scope if scope.startswith(PREFIX) else "",
            second=second,
        )

    def scope_label(self, scope: str) -> str:
        return own_roles.label(scope)

    def value_label(self, value: bool, item: Right | None = None, beside: Any = None) -> str:
        return gettext("allowed") if value else gettext("not allowed")
