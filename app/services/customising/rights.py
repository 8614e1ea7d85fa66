"""The area “rights”: which role may open a menu and press a button."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import Role
from app.ground.actor import Actor
from app.services.accounts import grants, two_administrators
from app.services.customising.catalogue import Cell, Item, Place


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
    """Rights stand where the program asks for them, in the grants of the roles."""

    name = "rights"
    label = _("Menu permissions")
    authors: tuple[Role, ...] = (Role.SECADMIN,)

    def __init__(self, items: Callable[[], Mapping[Place, Right]]) -> None:
        self.items = items

    def present(self, cells: Collection[Cell]) -> dict[Cell, bool]:
        held = grants.held()
        return {(view, key, role): (role, key, view) in held for view, key, role in cells}

    def default(self, item: Right, scope: str) -> bool:
        return Role(scope) in item.comes_with

    def why_not(self, actor: Actor, item: Right, scope: str, value: bool) -> str | None:
        if scope not in list(Role):
            return gettext("There is no role “%(role)s”.", role=scope)
        role = Role(scope)
        return grants.refusal(actor, role, value, meant_for=item.meant_for, never=item.never(role))

    def why_two(self, item: Right, scope: str, value: bool) -> str | None:
        return None if value else two_administrators.why_for_menus(Role(scope), item.meant_for)

    def write(
        self, actor: Actor, item: Right, scope: str, value: bool, second: Actor | None
    ) -> None:
        role = Role(scope)
        grants.set_grant(
            actor,
            role,
            item.target,
            item.key,
            value,
            meant_for=item.meant_for,
            never=item.never(role),
            second=second,
        )

    def scope_label(self, scope: str) -> str:
        return str(Role(scope).label) if scope in list(Role) else scope

    def value_label(self, value: bool, item: Right | None = None) -> str:
        return gettext("allowed") if value else gettext("not allowed")
