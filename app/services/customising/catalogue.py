"""Catalogue of what may be changed in the browser, by area; it follows from the code.

An area is registered once, where its items are known. An override that names nothing in it is refused when it
is entered, and reported, never applied, when an upgrade took the item away.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.enums import Role
from app.ground.actor import Actor
from app.ground.in_force import Cell

Place = tuple[str, str]
"""Target and key of an item: stable names of the code, never translated."""
Beside = Mapping[str, Mapping[Cell, Any]]
"""Values of other areas that are collected or published together with those in question, by area."""
__all__ = ["AREAS", "Area", "Beside", "Cell", "Item", "Place", "register"]


@dataclass(frozen=True)
class Item:
    """Something that may be changed. `group` and `menu` say where it is, `label` what it is, in words."""

    target: str
    key: str
    group: Any
    menu: Any
    label: Any


class Area(Protocol):
    """One kind of thing that may be changed, by `authors`. Scopes are "" for everybody, or roles."""

    name: str
    label: Any
    authors: tuple[Role, ...]

    def items(self) -> Mapping[Place, Any]:
        """Return every item, in the order of the menu."""

    def present(self, cells: Collection[Cell]) -> Mapping[Cell, Any]:
        """Return the values that hold now, in a bounded number of statements."""

    def stated(self) -> Mapping[Cell, Any]:
        """Return what an export writes: what differs from the program's own, or all where nothing is its own."""

    def default(self, item: Any, scope: str) -> Any:
        """Return the value that the program comes with."""

    def why_not(self, actor: Actor, item: Any, scope: str, value: Any) -> str | None:
        """Return why this value may not be set, or None."""

    def why_not_together(self, values: Mapping[Cell, Any], beside: Beside) -> Mapping[Cell, str]:
        """Return which of these values may not hold beside the others, those that hold now and those of other areas."""

    def touched(self, values: Mapping[Cell, Any]) -> list[str]:
        """Return what these values touch of what is under way, in sentences."""

    def why_two(self, item: Any, scope: str, value: Any) -> str | None:
        """Return why two administrators decide on this value, or None."""

    def order_of(self, target: str) -> int:
        """Return the place of a target among those written together: what others name comes first."""

    def write(self, actor: Actor, item: Any, scope: str, value: Any, second: Actor | None) -> None:
        """Make the value hold. Raises Refused."""

    def scope_label(self, scope: str) -> str:
        """Return the words for a scope."""

    def value_label(self, value: Any, item: Any = None, beside: Any = None) -> str:
        """Return the words for a value of an item; of one that the program no longer has where it is None.

        `beside` is the value before or after it: what both have alike may be left out.
        """


AREAS: dict[str, Area] = {}


def register(area: Area) -> None:
    """Add an area; called once, where its items are defined."""
    AREAS[area.name] = area
