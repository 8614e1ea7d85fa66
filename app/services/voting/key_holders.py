"""Key holders of a meeting (2-of-3): each has a code; only public keys are stored."""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act
from app.enums import KeyRole, MeetingMode, PlanState, Role, RoundState
from app.ground.actor import Actor
from app.models import KeyHolder, Plan, Round
from app.services.meeting import seats
from app.services.messages import outbox
from app.services.voting import row_digests, sealing

ROLES = {
    Role.JUDGE: KeyRole.CHAIR,
    Role.SUPERVISOR: KeyRole.SUPERVISOR,
    Role.OFFICE: KeyRole.OFFICE,
}
MEETINGS = "/g/meeting/"
UNFINISHED = (RoundState.READY, RoundState.OPEN, RoundState.CLOSED)


def context(plan_id: int, role: KeyRole) -> str:
    """Return the context string that binds a holder's key to one meeting and role."""
    return f"{plan_id}:{role.value}"


def holders_of_plan(session: Session, plan_id: int) -> dict[KeyRole, KeyHolder]:
    """Return the key holders of a meeting by role."""
    found = session.scalars(select(KeyHolder).where(KeyHolder.plan_id == plan_id))
    return {one.role: one for one in found}


def take_code(session: Session, plan: Plan, *, actor: Actor, at: datetime) -> str:
    """Register the actor as key holder, or replace a lost code; return the code, which is not stored.

    The caller commits. Raises Refused.
    """
    role, code = ROLES[actor.role], sealing.new_code()
    public = sealing.public_of(sealing.key_of_code(code, context(plan.id, role)))
    record = holders_of_plan(session, plan.id).get(role)
    if record is None:
        record = KeyHolder(
            plan_id=plan.id, role=role, user_id=actor.user_id, alg=sealing.ALG,
            public_key=public, registered_at=at,
        )  # fmt: skip
        seal_holder(record)
        engine.fire(record, "register", actor=actor, at=at)
    else:
        engine.fire(record, "replace", actor=actor, at=at, details={"public_key": public})
    return code


def is_of_meeting(act: Act) -> str | None:
    """Refuse everyone except chair, vice chair, supervisor and office of this meeting."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    if may_hold(act.session, plan, act.actor):
        return None
    if act.actor.role is Role.JUDGE:
        return gettext("Of the judges only the chair or a vice chair holds a part of the key.")
    return gettext("This meeting belongs to another committee.")


def may_hold(session: Session, plan: Plan, actor: Actor) -> bool:
    """Return whether the actor may hold a part of the meeting's key."""
    if actor.role is not Role.JUDGE:
        return plan.committee_id in actor.committee_ids
    seat = seats.seat_of_user(session, plan.id, actor.user_id)
    return seat is not None and seat.role in seats.PRESIDING


def is_before_the_result(act: Act) -> str | None:
    """Refuse unless the meeting is online, its plan approved and its result not computed yet."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    if plan.mode is MeetingMode.ONLINE and plan.state is PlanState.APPROVED:
        return None
    return gettext("Codes are taken for an agreed online meeting before its result is computed.")


def is_another_person(act: Act) -> str | None:
    """Refuse a person who holds another part already, even in a different position."""
    others = holders_of_plan(act.session, act.record.plan_id).values()
    if act.actor.user_id in {one.user_id for one in others if one.id != act.record.id}:
        return gettext(
            "You hold another part of this key already; somebody else must hold this one."
        )
    return None


def has_no_sealed_round(act: Act) -> str | None:
    """Refuse to replace a code while an unfinished online round is sealed to it."""
    query = select(Round).where(
        Round.plan_id == act.record.plan_id,
        Round.state.in_(UNFINISHED),
        Round.is_on_paper.is_(False),
    )
    sealed = act.session.scalars(query).first()
    if sealed is None:
        return None
    return gettext(
        "%(round)s is sealed to the present codes. Count it or make it void first.",
        round=sealed.title,
    )


def renew(act: Act) -> None:
    """Replace the public key and record the present holder, who may be another person."""
    record = act.record
    record.public_key = act.details["public_key"]
    record.user_id, record.registered_at = act.actor.user_id, act.at
    record.alg = sealing.ALG
    seal_holder(record)


def seal_holder(holder: KeyHolder) -> None:
    """Store the digest of a holder's row, which shows a change by somebody without the program's keys."""
    holder.row_digest = row_digests.make("key_holder", _facts(holder))


def tell_to_destroy(act: Act) -> None:
    """Tell the holders that no further round is held and their codes are to be destroyed."""
    plan: Plan = act.record
    for holder in holders_of_plan(act.session, plan.id).values():
        outbox.queue_message(
            act.session, holder.user_id, "codes.destroy", at=act.at, url=MEETINGS, plan=plan.name
        )


def are_as_registered(act: Act) -> str | None:
    """Refuse to seal a round to keys that the program did not store."""
    changed = [
        str(role.label)
        for role, one in holders_of_plan(act.session, act.record.plan_id).items()
        if not row_digests.fits("key_holder", _facts(one), one.row_digest)
    ]
    if not changed:
        return None
    return gettext(
        "Somebody changed the database without this program: the part of the key of %(who)s. Tell the supervisor and "
        "the administrator; who holds it replaces the code.",
        who="、".join(changed),
    )


def _facts(holder: KeyHolder) -> list[Any]:
    return [holder.plan_id, holder.role.value, holder.user_id, holder.alg, holder.public_key]
