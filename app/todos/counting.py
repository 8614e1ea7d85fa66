"""Counts what waits for one actor in one statement.

Start page, menu, lists and the daily digest read it here: a tile counts the rows that its link lists.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Cast,
    ColumnElement,
    CompoundSelect,
    Select,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from app.engine import Workflow
from app.enums import DeadlineStage
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import TransitionLog
from app.models.base import UtcDateTime
from app.todos import deadlines
from app.todos.declared import Menu, Todo, of_role
from app.todos.prepared import Prepared, prepare

MOST_COUNTED = 1000
MOST_PREPARED = 500
"""Actors whose statements a worker keeps, about 12 KB each."""
STAGES = (DeadlineStage.PASSED, DeadlineStage.ONE_DAY, DeadlineStage.THREE_DAYS)
"""In the order of the figures of `Waiting`."""


@dataclass(frozen=True)
class Waiting:
    """A to-do with rows: how many (at most MOST_COUNTED), since when the oldest, the earliest deadline.

    `fresh`: how many arrived since the moment asked for; `late`: how many are past their deadline; `soon` and
    `near`: how many are due within one day and within three days, without those before.
    """

    menu: Menu
    view: Menu
    todo: Todo
    count: int
    since: datetime | None
    due_at: datetime | None
    due_on: date | None
    fresh: int = 0
    late: int = 0
    soon: int = 0
    near: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than counted, so that oldest and deadline are unknown."""
        return self.count >= MOST_COUNTED

    @property
    def due(self) -> datetime | None:
        """Return the moment of the next deadline, None if there is none or it is unknown."""
        if self.is_cut:
            return None
        return self.due_at or (clock.end_of_day(self.due_on) if self.due_on else None)

    @property
    def number(self) -> str:
        """Return the guide number of the menu, "" for one that the guide does not number."""
        return self.view.guide if self.view.guide[:1].isdigit() else ""

    @property
    def title(self) -> str:
        """Return the name of the menu with that of the to-do, if it is another one."""
        menu, label = str(self.menu.label), str(self.todo.label)
        return menu if label == menu else f"{menu} · {label}"

    @property
    def url(self) -> str:
        """Return the path of the list of exactly these rows."""
        return f"{self.view.route_base}/?todo={self.todo.key}"


def by_urgency(waiting: Iterable[Waiting], at: datetime) -> list[Waiting]:
    """Return the to-dos with rows: overdue first, then by the stage and the moment of the next deadline."""

    def urgency(one: Waiting) -> tuple[bool, bool, bool, bool, datetime]:
        stages = (not one.late, not one.soon, not one.near)
        return *stages, one.due is None, one.due or one.since or at

    return sorted((one for one in waiting if one.count), key=urgency)


def of(
    entries: Iterable[tuple[Menu, Menu]],
    actor: Actor,
    permissions: Collection[tuple[str, str]],
    *,
    at: datetime,
    fresh_after: datetime | None = None,
) -> list[Waiting]:
    """Return every to-do of these menus for `actor`, also those with no rows, in one statement.

    `entries`: menus as (menu in the side menu, the menu itself or a tab of it). `permissions`: (permission, view)
    pairs of the actor's role. `fresh_after`: since when arrivals are counted; None leaves these figures and those
    of the stages of deadlines at 0, which saves pages a third of the time.
    """
    asked = [
        (menu, view, todo)
        for menu, view in entries
        for todo in of_role(view, actor.role, permissions)
    ]
    if not asked:
        return []
    if fresh_after is None:
        keys = tuple((view, todo.key) for _menu, view, todo in asked)
        found = _prepared(keys, actor, clock.local_date(clock.now())).execute()
    else:
        todos = [(view, todo) for _menu, view, todo in asked]
        found = db.session.execute(figures_of(todos, actor, at, fresh_after))
    return [Waiting(*asked[number], *figures) for number, *figures in sorted(found.tuples())]


@lru_cache(maxsize=MOST_PREPARED)
def _prepared(keys: tuple[tuple[Menu, str], ...], actor: Actor, _today: date) -> Prepared:
    """Return the statement that counts these to-dos, kept while its conditions cannot change.

    They follow from the actor and the day alone, never from the moment, a setting or the database.
    """
    todos = [(view, next(one for one in view.all_todos() if one.key == key)) for view, key in keys]
    return prepare(figures_of(todos, actor, clock.now(), None))


def figures_of(
    todos: Iterable[tuple[Menu, Todo]], actor: Actor, at: datetime, fresh_after: datetime | None
) -> CompoundSelect[Any]:
    """Return the statement that counts the to-dos (view, to-do), one row each, numbered in this order."""
    return union_all(
        *(
            _count(number, view, todo, actor, at, fresh_after)
            for number, (view, todo) in enumerate(todos)
        )
    )


def _since(view: Menu, todo: Todo) -> ColumnElement[Any]:
    """Return since when a row waits: its stored arrival, otherwise its last act, otherwise since it was made.

    None for to-dos that follow from acts on other objects alone: nothing says when the row began to wait.
    """
    model = view.model
    if hasattr(model, "held_since"):
        held_since: ColumnElement[Any] = model.held_since
        return held_since
    rows = Workflow.registry[model].rows
    states = {state for event in todo.events if event in rows for state in rows[event].source}
    if not states:
        return cast(null(), UtcDateTime)
    is_moved = any(row.source and set(row.targets) & states for row in rows.values())
    return func.coalesce(_last_act(model), model.created_at) if is_moved else model.created_at


def _last_act(model: type[Any]) -> ColumnElement[Any]:
    last = select(func.max(TransitionLog.at)).where(
        TransitionLog.subject_type == model.__tablename__, TransitionLog.subject_id == model.id
    )
    return last.correlate(model).scalar_subquery()


def _is_fresh(view: Menu, todo: Todo, after: datetime) -> ColumnElement[bool]:
    """Return whether a row arrived, or was acted on, after that moment."""
    since = _since(view, todo)
    if not isinstance(since, Cast):
        return since > after
    return (view.model.created_at > after) | (_last_act(view.model) > after)


def _count(
    number: int,
    view: Menu,
    todo: Todo,
    actor: Actor,
    at: datetime,
    fresh_after: datetime | None,
) -> Select[Any]:
    """Return the row of figures of one to-do, in the order of the fields of `Waiting`."""
    model = view.model
    columns = [
        _since(view, todo).label("since"),
        deadlines.due_at(model).label("due_at"),
        deadlines.due_on(model).label("due_on"),
    ]
    if fresh_after is not None:
        columns.append(_is_fresh(view, todo, fresh_after).label("is_fresh"))
        columns.append(deadlines.stage(model, at).label("stage"))
    rows = select(*columns).where(*todo.conditions(view, actor)).limit(MOST_COUNTED).subquery()
    figures: list[ColumnElement[Any]] = [
        func.min(rows.c[name]) for name in ("since", "due_at", "due_on")
    ]
    if fresh_after is not None:
        figures.append(func.count(case((rows.c.is_fresh, 1))))
        figures += [func.count(case((rows.c.stage == one.value, 1))) for one in STAGES]
    return select(literal(number), func.count(), *figures).select_from(rows)
