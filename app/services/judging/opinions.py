"""The opinion of a group on a candidate (menu 1.3.5): written by one, signed by three (Order 40, art. 22)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import engine, settings
from app.engine import Act, Refused
from app.enums import OpinionState
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Opinion, OpinionSigner, Seat
from app.services.draw import recusals
from app.services.judging import assessments
from app.services.meeting import meeting_groups
from app.validators import Invalid, text

SHORTEST, LONGEST = 10, 2000


def of(session: Session, application_id: int, *, is_locking: bool = False) -> Opinion | None:
    """Return the opinion on a candidate; locked, judges who sign at the same moment do so one after the other."""
    query = select(Opinion).where(Opinion.application_id == application_id)
    if is_locking:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def digest(wording: str) -> str:
    """Return a short mark of a wording: what somebody signs is the text that was read."""
    return sha256(wording.encode()).hexdigest()[:16]


def missing(session: Session, plan_id: int, application_ids: Sequence[int]) -> list[int]:
    """Return those of the candidates whose group's opinion is not complete; who is recused does not count."""
    query = (
        select(OpinionSigner.seat_id, Opinion.application_id)
        .join(Opinion, Opinion.id == OpinionSigner.opinion_id)
        .where(Opinion.plan_id == plan_id, Opinion.state == OpinionState.COMPLETE)
    )
    signed = {(seat, application) for seat, application in session.execute(query)}
    counted = Counter(
        application for _seat, application in signed - recusals.pairs(session, plan_id)
    )
    return [key for key in application_ids if counted[key] < settings.get("opinion_signers")]


def begin(application: Application, wording: str, *, actor: Actor, at: datetime) -> Opinion:
    """Write the first wording of an opinion, signed by its writer; the caller commits. Raises Refused."""
    plan = application.plan
    if plan is None:
        raise Refused(gettext("This candidate is not assigned to your seat."))
    record = Opinion(
        plan_id=plan.id,
        application_id=application.id,
        group_name=meeting_groups.group_of(plan, application.specialty_code),
    )
    engine.fire(record, "write", actor=actor, at=at, details={"text": wording})
    return record


# guards and checks


def is_worded(act: Act) -> str | None:
    """An opinion says something. Raises Refused at the text."""
    try:
        text(_typed(act), min_length=SHORTEST, max_length=LONGEST, multiline=True)
    except Invalid as invalid:
        raise Refused(invalid, "text") from None
    return None


def has_not_signed(act: Act) -> str | None:
    """Everybody signs once."""
    seat = _seat(act)
    if seat is None or seat.id not in {one.seat_id for one in act.record.signers}:
        return None
    return gettext("You have signed this opinion already.")


def is_as_read(act: Act) -> str | None:
    """Refuse a signature under a wording that somebody changed since it was read."""
    if act.details.get("read") == digest(act.record.text):
        return None
    return gettext("The opinion was changed meanwhile. Read the new wording, then sign.")


# effects


def word(act: Act) -> None:
    """Keep the wording; what others signed before was another text."""
    record = act.record
    record.text = text(_typed(act), max_length=LONGEST, multiline=True)
    act.session.flush()
    act.session.execute(delete(OpinionSigner).where(OpinionSigner.opinion_id == record.id))
    act.session.expire(record, ["signers"])
    sign(act)


def sign(act: Act) -> None:
    """Add the signature of the judge who acts."""
    seat = _seat(act)
    if seat is None:
        raise Refused(gettext("This candidate is not assigned to your seat."))
    act.session.add(OpinionSigner(opinion_id=act.record.id, seat_id=seat.id, signed_at=act.at))
    act.session.flush()
    act.session.expire(act.record, ["signers"])


def state_after_signing(act: Act) -> OpinionState:
    """Return complete with this signature when it is the last one needed."""
    is_last = len(act.record.signers) + 1 >= settings.get("opinion_signers")
    return OpinionState.COMPLETE if is_last else OpinionState.DRAFT


def _typed(act: Act) -> str:
    return str(act.details.get("text") or "")


def _seat(act: Act) -> Seat | None:
    application = db.session.get_one(Application, act.record.application_id)
    return assessments.seat_for(act.session, application, act.actor)
