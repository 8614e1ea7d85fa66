"""Workflow engine: the only code that writes `state`, moving records along the rows of transition tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import gettext
from sqlalchemy import case, tuple_, update
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.attributes import set_committed_value

from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models.base import Stateful
from app.models.log import TransitionLog
from app.validators import Invalid, reason

Result = TypeVar("Result")
MAX_NAMED_RECORDS = 5
"""Number of records that a refusal names; it counts the rest."""


class Refused(Exception):
    """Raised when a rule refuses an act; `sentence` is shown to the user, at the field `field` if any."""

    def __init__(self, sentence: Any, field: str | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence = str(sentence)
        self.field = field


class RefusedFields(Refused):
    """Raised with everything that is wrong with a form: `faults` has (field, sentence) of each, at least one."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        field, sentence = faults[0]
        super().__init__(sentence, field)
        self.faults = tuple(faults)


class RefusedRows(Refused):
    """Raised when records of one bulk act were refused, so none moved; `rows` has each with its reason."""

    def __init__(self, rows: list[tuple[Stateful, str]]) -> None:
        super().__init__(
            gettext("Nothing was changed: %(count)s of the chosen records cannot take this step.")
            % {"count": len(rows)}
        )
        self.rows = rows

    def lines(self) -> list[str]:
        """Return the first refused records with their reasons, for a page that does not show them as rows."""
        lines = [f"{_record_name(record)}: {why}" for record, why in self.rows[:MAX_NAMED_RECORDS]]
        if (rest := len(self.rows) - MAX_NAMED_RECORDS) > 0:
            lines.append(gettext("And %(count)s more.") % {"count": rest})
        return lines


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


def why_not(record: Stateful, event: str, *, actor: Actor, at: datetime) -> str | None:
    """Return why `actor` may not fire `event` on `record` now, or None.

    Pages ask it for their buttons; `fire` checks the same rules again.
    """
    row = workflow_of(record).rows[event]
    return _refusal(row, Act(record, event, actor, at))


def first_refusal(
    record: Stateful, event: str, *, actor: Actor, at: datetime
) -> tuple[Guard | None, str] | None:
    """Return the first guard that refuses what `why_not` refuses, with its sentence; no guard for role and state."""
    row, act = workflow_of(record).rows[event], Act(record, event, actor, at)
    if (why := _place_refusal(row, act)) is not None:
        return None, why
    return _guard_refusal(row, act)


def fire(
    record: Stateful,
    event: str,
    *,
    actor: Actor,
    at: datetime,
    opinion: str = "",
    details: Mapping[str, Any] | None = None,
    seen: int | None = None,
) -> TransitionLog:
    """Move `record`, run the effects and write the log row, in the caller's transaction.

    `seen` is the version that the user's page showed. Raises Refused; the caller then rolls back.
    """
    workflow = workflow_of(record)
    row = workflow.rows[event]
    act = Act(record, event, actor, at, opinion.strip(), details or {})
    refuse(act, seen)
    source = _move(row, act)
    for effect in (*row.effects, *workflow.after):
        effect(act)
    return _log(act, source)


def refuse(act: Act, seen: int | None = None) -> None:
    """Raise Refused if `fire` would refuse this act; nothing moves."""
    row = workflow_of(act.record).rows[act.event]
    if seen is not None and row.source and seen != act.record.version:
        raise Refused(_already_moved_sentence(act.record))
    if why := _refusal(row, act) or _input_refusal(row, act):
        raise Refused(why)


def fire_all(
    records: Sequence[Stateful],
    event: str,
    *,
    actor: Actor,
    at: datetime,
    opinion: str = "",
    details: Mapping[str, Any] | None = None,
    seen: Mapping[int, int] | None = None,
) -> list[TransitionLog]:
    """Fire `event` on every record or on none. Raises RefusedRows naming each refused one."""
    versions = seen or {}
    if len(records) > 1 and workflow_of(records[0]).rows[event].is_independent:
        words, typed = opinion.strip(), details or {}
        acts = {one.id: Act(one, event, actor, at, words, typed) for one in records}
        return _fire_together(list(acts.values()), versions)
    return for_all(
        records,
        lambda record: fire(
            record,
            event,
            actor=actor,
            at=at,
            opinion=opinion,
            details=details,
            seen=versions.get(record.id),
        ),
    )


def for_all(records: Sequence[Stateful], act: Callable[[Any], Result]) -> list[Result]:
    """Call `act` on every record. Raises RefusedRows naming each record for which it raised Refused."""
    results, refused = [], []
    read_ahead(records)
    for record in records:
        try:
            results.append(act(record))
        except Refused as refusal:
            refused.append((record, refusal))
    if refused and (len(records) == 1 or all(why.field for _, why in refused)):
        raise refused[0][1]
    if refused:
        raise RefusedRows([(record, why.sentence) for record, why in refused])
    return results


def _fire_together(acts: Sequence[Act], seen: Mapping[int, int]) -> list[TransitionLog]:
    """Fire one event on many records: all rules first, then the moves, effects and log rows in few statements."""
    by_id, session = {act.record.id: act for act in acts}, acts[0].session
    flow = workflow_of(acts[0].record)
    row = flow.rows[acts[0].event]
    for_all(
        [act.record for act in acts],
        lambda record: refuse(by_id[record.id], seen.get(record.id)),
    )
    sources = _move_all(row, acts)
    with session.no_autoflush:
        for act in acts:
            for effect in (*row.effects, *flow.after):
                effect(act)
        logs = [_log_row(act, sources[act.record.id]) for act in acts]
    session.add_all(logs)
    session.flush()
    return logs


def read_ahead(records: Sequence[Stateful]) -> None:
    """Read at once what the guards of many records need; pages do it before they ask `why_not` of each."""
    flow = Workflow.registry.get(type(records[0])) if len(records) > 1 else None
    for read in flow.ahead if flow else ():
        read(records)


def require_reason(typed: Any, field: str) -> str:
    """Return the reason typed into `field`. Raises Refused there when it is empty or says nothing."""
    try:
        return reason(str(typed or ""))
    except Invalid as invalid:
        raise Refused(invalid, field) from None


def _refusal(row: Transition, act: Act) -> str | None:
    refused = _place_refusal(row, act)
    if refused is None and (found := _guard_refusal(row, act)) is not None:
        return found[1]
    return refused


def _place_refusal(row: Transition, act: Act) -> str | None:
    """Return why this actor may not take the step in the state of the record, or None."""
    if act.actor.is_onlooker:
        return gettext("You only look at what another position may do; nothing can be done so.")
    if not _is_allowed(row, act.actor):
        return gettext("Your position may not take this step.")
    record = act.record
    if row.source and record.state not in row.source:
        return _already_moved_sentence(record)
    return None


def _guard_refusal(row: Transition, act: Act) -> tuple[Guard, str] | None:
    for guard in workflow_of(act.record).guards_of(row):
        if (why := guard(act)) is not None:
            return guard, str(why)
    return None


def _is_allowed(row: Transition, actor: Actor) -> bool:
    return row.by_clock if actor.is_system else actor.role in row.roles


def _input_refusal(row: Transition, act: Act) -> str | None:
    if row.needs_opinion:
        require_reason(act.opinion, "opinion")
    return next((str(why) for check in row.checks if (why := check(act)) is not None), None)


def _move(row: Transition, act: Act) -> str:
    record, session = act.record, act.session
    target = row.target.pick(act) if isinstance(row.target, Branch) else row.target
    if not row.source:
        record.state = target
        session.add(record)
        session.flush()
        return ""
    session.flush()
    source, model = record.state, type(record)
    moved = session.execute(
        update(model)
        .where(model.id == record.id, model.state == source, model.version == record.version)
        .values(state=target, version=record.version + 1),
        execution_options={"synchronize_session": False},
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE has a row count
        session.refresh(record)
        raise Refused(_already_moved_sentence(record))
    set_committed_value(record, "version", record.version + 1)
    set_committed_value(record, "state", target)
    return str(source.value)


def _move_all(row: Transition, acts: Sequence[Act]) -> dict[int, str]:
    """Move the records of `acts`, each to its own target, in one statement; return where each came from, by id."""
    session, table = acts[0].session, type(acts[0].record).__table__
    session.flush()
    targets = {
        act.record.id: row.target.pick(act) if isinstance(row.target, Branch) else row.target
        for act in acts
    }
    first, sources = next(iter(targets.values())), {one.record.id: one.record.state for one in acts}
    is_one = len(set(targets.values())) == 1
    places = [(one.record.id, one.record.state, one.record.version) for one in acts]
    moved = session.scalars(
        update(table)
        .where(tuple_(table.c.id, table.c.state, table.c.version).in_(places))
        .values(
            state=first if is_one else case(targets, value=table.c.id), version=table.c.version + 1
        )
        .returning(table.c.id)
    )
    late = sources.keys() - set(moved)
    if late:
        raise _moved_meanwhile([act.record for act in acts if act.record.id in late])
    for act in acts:
        set_committed_value(act.record, "version", act.record.version + 1)
        set_committed_value(act.record, "state", targets[act.record.id])
    return {key: str(state.value) for key, state in sources.items()}


def _moved_meanwhile(records: Sequence[Stateful]) -> Refused:
    """Return the refusal that names the records which somebody else moved at the same moment."""
    late = []
    for record in records:
        object_session(record).refresh(record)  # type: ignore[union-attr]  # it was read in one
        late.append((record, _already_moved_sentence(record)))
    return RefusedRows(late)


def _log(act: Act, source: str) -> TransitionLog:
    log = _log_row(act, source)
    act.session.add(log)
    act.session.flush()
    return log


def _log_row(act: Act, source: str) -> TransitionLog:
    actor = act.actor
    if actor.own_role_name:
        act.notes["own_role"] = actor.own_role_name
    return TransitionLog(
        at=act.at,
        subject_type=act.record.__tablename__,
        subject_id=act.record.id,
        event=act.event,
        source=source,
        target=act.record.state.value,
        opinion=act.opinion,
        details=act.notes,
        actor_id=actor.user_id,
        actor_name=actor.name,
        actor_role=actor.role,
        unit_id=actor.unit_id,
        unit_name=actor.unit_name,
    )


def _record_name(record: Any) -> str:
    known = (getattr(record, key, None) for key in ("number", "name"))
    return " ".join(str(part) for part in known if part) or str(record.id)


def _already_moved_sentence(record: Stateful) -> str:
    session = object_session(record) or db.session()
    last = (
        session.query(TransitionLog)
        .filter_by(subject_type=record.__tablename__, subject_id=record.id)
        .order_by(TransitionLog.id.desc())
        .first()
    )
    label = record.state.label
    if last is None:
        return gettext("This step is not open now; the record is in the state “%(state)s”.") % {
            "state": label
        }
    return gettext(
        "Already dealt with by %(name)s at %(time)s; the record is now in the state “%(state)s”."
    ) % {
        "name": _name_to_show(last),
        "time": f"{clock.local(last.at):%Y-%m-%d %H:%M}",
        "state": label,
    }


def _name_to_show(log: TransitionLog) -> str:
    """Return the name that a refusal may show; of a judge only the role (Order 40, art. 25)."""
    if log.actor_role is Role.JUDGE:
        return str(log.actor_role.label)
    return log.actor_name or log.unit_name
