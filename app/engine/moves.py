"""The only code that writes `state`: one record, or many in one statement; and the log row of an act."""

from collections.abc import Sequence

from sqlalchemy import case, tuple_, update
from sqlalchemy.orm import object_session
from sqlalchemy.orm.attributes import set_committed_value

from app.engine.refusals import Refused, RefusedRows
from app.engine.rules import already_moved_sentence
from app.engine.tables import Act, Branch, Transition
from app.models.base import Stateful
from app.models.log import TransitionLog


def move(row: Transition, act: Act) -> str:
    """Move the record of an act and return the state it came from, "" for a new one. Raises Refused if somebody was faster."""
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
        raise Refused(already_moved_sentence(record))
    set_committed_value(record, "version", record.version + 1)
    set_committed_value(record, "state", target)
    return str(source.value)


def move_all(row: Transition, acts: Sequence[Act]) -> dict[int, str]:
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
        late.append((record, already_moved_sentence(record)))
    return RefusedRows(late)


def log_row(act: Act, source: str) -> TransitionLog:
    """Return the log row of an act whose record has moved; it is not added yet."""
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
