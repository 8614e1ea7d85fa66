"""Why somebody may not fire an event on a record: role, state, guards, what was typed. Nothing moves here."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy.orm import object_session

from app.engine.refusals import Refused, require_reason
from app.engine.tables import Act, Guard, Transition, workflow_of
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models.base import Stateful
from app.models.log import TransitionLog


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


def refuse(act: Act, seen: int | None = None) -> None:
    """Raise Refused if `fire` would refuse this act; nothing moves."""
    row = workflow_of(act.record).rows[act.event]
    if seen is not None and row.source and seen != act.record.version:
        raise Refused(already_moved_sentence(act.record))
    if why := _refusal(row, act) or _input_refusal(row, act):
        raise Refused(why)


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
        return already_moved_sentence(record)
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


def already_moved_sentence(record: Stateful) -> str:
    """Return who moved a record and when, or in which state it is."""
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
