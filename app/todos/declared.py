"""Todo: rows of a menu from which somebody has to go on, as the menu declares them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from app.engine import Workflow
from app.enums import Role
from app.ground.actor import Actor
from app.models.base import Stateful

Menu = Any
"""A menu's class with `model`, `roles`, `scope`, `label`, `route_base` and `all_todos` (`app/views/base`)."""
Whose = Callable[[Actor], ColumnElement[bool]]
WAITING = "waiting"
"""Key of the to-do of a list that shows only what waits (`DeclaredView.waiting`)."""


@dataclass(frozen=True)
class Todo:
    """Rows of a menu from which somebody has to go on.

    `key`: its name in the address of the list (`?todo=…`). `events`: acts on the rows themselves; only rows in
    a state from which one of them leads on are counted, and only for roles that may fire one. `whose` narrows
    them to whose turn it is. `moves`: acts on other records that the rows wait for, as (model, event): the
    candidates of a meeting wait for its notice. `roles`: who has to do it where no event of the rows says so.
    `way`: endpoint of the page where it is done, if that is not the row's own.
    """

    key: str
    label: Any
    events: tuple[str, ...] = ()
    whose: Whose | None = None
    moves: tuple[tuple[type[Stateful], str], ...] = ()
    roles: tuple[Role, ...] = ()
    way: str = ""

    def is_for(self, view: Menu, role: Role) -> bool:
        """Return whether `role` may do what waits in `view`."""
        if self.key == WAITING:
            return role in view.roles
        if self.roles:
            return role in self.roles
        rows = Workflow.registry[view.model].rows
        return any(role in rows[event].roles for event in self.events)

    def conditions(self, view: Menu, actor: Actor) -> list[ColumnElement[bool]]:
        """Return the SQL conditions of the rows that wait for `actor`."""
        if self.key == WAITING:
            waiting: list[ColumnElement[bool]] = view.waiting_conditions(actor)
            return waiting
        found = [view.scope(actor)]
        if self.events:
            states = Workflow.registry[view.model].sources(self.events)
            found.append(view.model.state.in_(sorted(states)))
        if self.whose is not None:
            found.append(self.whose(actor))
        return found


def of_role(view: Menu, role: Role, permissions: Collection[tuple[str, str]]) -> tuple[Todo, ...]:
    """Return the to-dos of a menu for `role`; none without the permission to see its list."""
    todos = view.all_todos() if hasattr(view, "all_todos") else ()
    found = tuple(todo for todo in todos if todo.is_for(view, role))
    return found if found and ("can_list", view.__name__) in permissions else ()
