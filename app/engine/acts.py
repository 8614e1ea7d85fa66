"""Firing an event on one record or on many: rules, moves, effects and log rows in the caller's transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from app.engine.moves import log_row, move, move_all
from app.engine.refusals import Refused, RefusedRows
from app.engine.rules import refuse
from app.engine.tables import Act, Workflow, workflow_of
from app.ground.actor import Actor
from app.models.base import Stateful
from app.models.log import TransitionLog

Result = TypeVar("Result")


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
    source = move(row, act)
    for effect in (*row.effects, *workflow.after):
        effect(act)
    return _log(act, source)


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
    sources = move_all(row, acts)
    with session.no_autoflush:
        for act in acts:
            for effect in (*row.effects, *flow.after):
                effect(act)
        logs = [log_row(act, sources[act.record.id]) for act in acts]
    session.add_all(logs)
    session.flush()
    return logs


def read_ahead(records: Sequence[Stateful]) -> None:
    """Read at once what the guards of many records need; pages do it before they ask `why_not` of each."""
    flow = Workflow.registry.get(type(records[0])) if len(records) > 1 else None
    for read in flow.ahead if flow else ():
        read(records)


def _log(act: Act, source: str) -> TransitionLog:
    log = log_row(act, source)
    act.session.add(log)
    act.session.flush()
    return log
