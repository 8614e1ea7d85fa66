"""What waits for whom: the to-dos that menus declare, counted for one actor in one statement.

Start page, menu and lists read them here: a tile counts the rows that its link lists.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Date, Select, cast, func, literal, null, select, union_all

from app.engine import Workflow
from app.enums import Role
from app.extensions import appbuilder, db
from app.ground.actor import Actor
from app.models.base import Stateful, UtcDateTime
from app.views.base.aliases import Label

if TYPE_CHECKING:
    from app.views.base.declared_view import DeclaredView, Scope

MOST_COUNTED = 1000
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
    label: Label
    events: tuple[str, ...] = ()
    whose: "Scope | None" = None
    moves: tuple[tuple[type[Stateful], str], ...] = ()
    roles: tuple[Role, ...] = ()
    way: str = ""

    def is_for(self, view: "type[DeclaredView]", role: Role) -> bool:
        """Return whether `role` may do what waits in `view`."""
        if self.key == WAITING:
            return role in view.roles
        if self.roles:
            return role in self.roles
        rows = Workflow.registry[view.model].rows
        return any(role in rows[event].roles for event in self.events)

    def conditions(self, view: "type[DeclaredView]", actor: Actor) -> list[ColumnElement[bool]]:
        """Return the SQL conditions of the rows that wait for `actor`."""
        if self.key == WAITING:
            return view.waiting_conditions(actor)
        found = [view.scope(actor)]
        if self.events:
            states = Workflow.registry[view.model].sources(self.events)
            found.append(view.model.state.in_(sorted(states)))
        if self.whose is not None:
            found.append(self.whose(actor))
        return found


@dataclass(frozen=True)
class Waiting:
    """A to-do with rows: how many (at most MOST_COUNTED), since when the oldest, the earliest deadline."""

    view: "type[DeclaredView]"
    todo: Todo
    count: int
    since: datetime | None
    due_at: datetime | None
    due_on: date | None

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than counted, so that oldest and deadline are unknown."""
        return self.count >= MOST_COUNTED


def of(views: Iterable["type[DeclaredView]"], actor: Actor) -> list[Waiting]:
    """Return every to-do of these menus for `actor`, also those with no rows, in one statement."""
    asked = list(_asked(views, actor))
    if not asked:
        return []
    counted = union_all(
        *(_count(number, view, todo, actor) for number, (view, todo) in enumerate(asked))
    )
    rows = sorted(db.session.execute(counted).tuples().all())
    return [Waiting(*asked[number], *figures) for number, *figures in rows]


def _asked(
    views: Iterable["type[DeclaredView]"], actor: Actor
) -> Iterator[tuple["type[DeclaredView]", Todo]]:
    for view in views:
        if not hasattr(view, "all_todos"):
            continue
        todos = [todo for todo in view.all_todos() if todo.is_for(view, actor.role)]
        if todos and appbuilder.sm.has_access("can_list", view.__name__):
            yield from ((view, todo) for todo in todos)


def _since(view: "type[DeclaredView]", todo: Todo) -> ColumnElement[Any]:
    """Return since when a row waits: since its arrival, or since it was made if it was not moved before."""
    if hasattr(view.model, "held_since"):
        held_since: ColumnElement[Any] = view.model.held_since
        return held_since
    rows = Workflow.registry[view.model].rows
    states = {state for event in todo.events if event in rows for state in rows[event].source}
    moved = any(row.source and set(row.targets) & states for row in rows.values())
    made: ColumnElement[Any] = view.model.created_at
    return cast(null(), UtcDateTime) if moved or not states else made


def _count(number: int, view: "type[DeclaredView]", todo: Todo, actor: Actor) -> Select[Any]:
    model = view.model
    since = _since(view, todo)
    due_at = getattr(model, "due_at", cast(null(), UtcDateTime))
    due_on = getattr(model, "due_on", cast(null(), Date))
    rows = (
        select(since.label("since"), due_at.label("due_at"), due_on.label("due_on"))
        .where(*todo.conditions(view, actor))
        .limit(MOST_COUNTED)
        .subquery()
    )
    return select(
        literal(number), func.count(), *(func.min(column) for column in rows.c)
    ).select_from(rows)
