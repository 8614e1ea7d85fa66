"""The three who hold the key of a meeting's ballot boxes: each has a code, the program has public keys alone."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act
from app.enums import KeyRole, MeetingMode, PlanState, Role, RoundState
from app.ground.actor import Actor
from app.models import KeyHolder, Plan, Round
from app.services.meeting import seats
from app.services.voting import sealing

ROLES = {
    Role.JUDGE: KeyRole.CHAIR,
    Role.SUPERVISOR: KeyRole.SUPERVISOR,
    Role.OFFICE: KeyRole.OFFICE,
}
UNFINISHED = (RoundState.READY, RoundState.OPEN, RoundState.CLOSED)


def context(plan_id: int, role: KeyRole) -> str:
    """Return for what a holder's key is good."""
    return f"{plan_id}:{role.value}"


def of_plan(session: Session, plan_id: int) -> dict[KeyRole, KeyHolder]:
    """Return the holders of a meeting."""
    found = session.scalars(select(KeyHolder).where(KeyHolder.plan_id == plan_id))
    return {one.role: one for one in found}


def take_code(session: Session, plan: Plan, *, actor: Actor, at: datetime) -> str:
    """Make the actor a holder, or replace the own lost code; return the code, which is stored nowhere.

    The caller commits. Raises Refused.
    """
    role, code = ROLES[actor.role], sealing.new_code()
    public = sealing.public_of(sealing.key_of_code(code, context(plan.id, role)))
    record = of_plan(session, plan.id).get(role)
    if record is None:
        record = KeyHolder(
            plan_id=plan.id, role=role, user_id=actor.user_id, alg=sealing.ALG,
            public_key=public, registered_at=at,
        )  # fmt: skip
        engine.fire(record, "register", actor=actor, at=at)
    else:
        engine.fire(record, "replace", actor=actor, at=at, details={"public_key": public})
    return code


# guards


def is_of_meeting(act: Act) -> str | None:
    """Chair, supervisor and office of this very meeting hold its key, and nobody else."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    if may_hold(act.session, plan, act.actor):
        return None
    if act.actor.role is Role.JUDGE:
        return gettext("Of the judges only the chair or a vice chair holds a part of the key.")
    return gettext("This meeting belongs to another committee.")


def may_hold(session: Session, plan: Plan, actor: Actor) -> bool:
    """Return whether the actor is one of those who may hold a part of the meeting's key."""
    if actor.role is not Role.JUDGE:
        return plan.committee_id in actor.committee_ids
    seat = seats.of_user(session, plan.id, actor.user_id)
    return seat is not None and seat.role in seats.PRESIDING


def is_before_the_result(act: Act) -> str | None:
    """Codes belong to an agreed online meeting whose result is not computed yet."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    if plan.mode is MeetingMode.ONLINE and plan.state is PlanState.APPROVED:
        return None
    return gettext("Codes are taken for an agreed online meeting before its result is computed.")


def is_another_person(act: Act) -> str | None:
    """Three different people hold the three parts, whatever positions they have."""
    others = of_plan(act.session, act.record.plan_id).values()
    if act.actor.user_id in {one.user_id for one in others if one.id != act.record.id}:
        return gettext(
            "You hold another part of this key already; somebody else must hold this one."
        )
    return None


def has_no_sealed_round(act: Act) -> str | None:
    """A code is not replaced while a round is sealed to it."""
    query = select(Round.number).where(
        Round.plan_id == act.record.plan_id,
        Round.state.in_(UNFINISHED),
        Round.is_on_paper.is_(False),
    )
    number = act.session.scalar(query)
    if number is None:
        return None
    return gettext(
        "Round %(number)s is sealed to the present codes. Count it or make it void first.",
        number=number,
    )


def renew(act: Act) -> None:
    """Put the new public key in place of the old one; the holder may have changed."""
    record = act.record
    record.public_key = act.details["public_key"]
    record.user_id, record.registered_at = act.actor.user_id, act.at
