"""What a transition table is made of: acts, the rules and effects of a row, the rows of a model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session, object_session

from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.models.base import Stateful


@dataclass(frozen=True)
class Act:
    """One event fired on one record: who, when, which opinion and details. `notes` go into the log row."""

    record: Any
    event: str
    actor: Actor
    at: datetime
    opinion: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return object_session(self.record) or db.session()


Guard = Callable[[Act], Any]
"""Returns the refusal sentence, or None. Guards look at the record; checks also at the typed input."""
Effect = Callable[[Act], None]


@dataclass(frozen=True)
class Branch:
    """A target state that depends on the record: `pick` returns one of `targets`."""

    targets: tuple[StrEnum, ...]
    pick: Callable[[Act], StrEnum]


@dataclass(frozen=True)
class Transition:
    """One row of a transition table: in a `source` state, one of `roles` may press `label` to reach `target`.

    An empty `source` creates a record. `by_clock` rows are fired by the scheduled job, never by a person.
    `consequence` says what the act ends; pages ask with this sentence before it.
    """

    event: str
    label: Any
    source: tuple[StrEnum, ...]
    target: StrEnum | Branch
    roles: tuple[Role, ...] = ()
    guards: tuple[Guard, ...] = ()
    checks: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    needs_opinion: bool = False
    by_clock: bool = False
    consequence: Any = ""
    is_independent: bool = False
    """Whether no record's guards and effects depend on those of another: many are then written at once."""

    @property
    def targets(self) -> tuple[StrEnum, ...]:
        return self.target.targets if isinstance(self.target, Branch) else (self.target,)


class Workflow:
    """Transition table of one model. `guards` apply to acts of staff; effects `after` follow every act.

    `ahead` read at once for many records what guards otherwise ask the database for one by one (`ground.read_once`).
    """

    registry: dict[type[Stateful], "Workflow"] = {}

    def __init__(
        self,
        model: type[Stateful],
        *rows: Transition,
        guards: tuple[Guard, ...] = (),
        after: tuple[Effect, ...] = (),
        ahead: tuple[Callable[[Sequence[Any]], None], ...] = (),
    ) -> None:
        self.model = model
        self.rows = {row.event: row for row in rows}
        self.guards = guards
        self.after = after
        self.ahead = ahead
        if len(self.rows) != len(rows):
            raise ValueError("one row per event")
        self.registry[model] = self

    def sources(self, events: Iterable[str]) -> set[StrEnum]:
        """Return the states in which any of `events` may be fired."""
        return {state for event in events for state in self.rows[event].source}

    def guards_of(self, row: Transition) -> Sequence[Guard]:
        is_staff = row.roles and Role.APPLICANT not in row.roles
        return (*self.guards, *row.guards) if is_staff else row.guards


def workflow_of(record: Stateful) -> Workflow:
    """Return the workflow that moves `record`."""
    return Workflow.registry[type(record)]
