"""Group opinions on candidates (menu 1.3.5): written by one judge, signed by three (Order 40, art. 22)."""

from collections import Counter
from collections.abc import Mapping, Sequence
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
from app.models import Application, Opinion, OpinionSigner, Seat, TransitionLog
from app.services.draw import recusals
from app.services.judging import assessments
from app.services.meeting import meeting_groups
from app.validators import Invalid, text

SHORTEST, LONGEST = 10, 2000


def find_opinion(
    session: Session, application_id: int, *, is_locking: bool = False
) -> Opinion | None:
    """Return the opinion on a candidate; `is_locking` locks the row, so that concurrent signatures wait."""
    query = select(Opinion).where(Opinion.application_id == application_id)
    if is_locking:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def digest(wording: str) -> str:
    """Return a short digest of a wording, to check that the signed text is the one that was read."""
    return sha256(wording.encode()).hexdigest()[:16]


def candidates_without_opinion(
    session: Session, plan_id: int, application_ids: Sequence[int]
) -> list[int]:
    """Return the candidates without a complete opinion; signatures of recused judges do not count."""
    query = (
        select(OpinionSigner.seat_id, Opinion.application_id)
        .join(Opinion, Opinion.id == OpinionSigner.opinion_id)
        .where(Opinion.plan_id == plan_id, Opinion.state == OpinionState.COMPLETE)
    )
    signed = {(seat, application) for seat, application in session.execute(query)}
    valid_signatures = Counter(
        application for _seat, application in signed - recusals.recused_pairs(session, plan_id)
    )
    return [
        key for key in application_ids if valid_signatures[key] < settings.get("opinion_signers")
    ]


def begin(application: Application, wording: str, *, actor: Actor, at: datetime) -> Opinion:
    """Create an opinion with its first wording, signed by the author; the caller commits. Raises Refused."""
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


def sign_all(
    records: Sequence[Opinion], read: Mapping[int, str], *, actor: Actor, at: datetime
) -> list[TransitionLog]:
    """Sign every opinion or none and return the log rows; `read`: opinion id → digest of what was read.

    Raises RefusedRows naming each opinion that cannot be signed.
    """
    return engine.for_all(
        records,
        lambda one: engine.fire(one, "sign", actor=actor, at=at, details={"read": read[one.id]}),
    )


def is_worded(act: Act) -> str | None:
    """Refuse an opinion that is too short or too long. Raises Refused at `text`."""
    try:
        text(_typed(act), min_length=SHORTEST, max_length=LONGEST, multiline=True)
    except Invalid as invalid:
        raise Refused(invalid, "text") from None
    return None


def has_not_signed(act: Act) -> str | None:
    """Refuse a second signature of the same judge."""
    seat = _seat(act)
    if seat is None or seat.id not in {one.seat_id for one in act.record.signers}:
        return None
    return gettext("You have signed this opinion already.")


def is_as_read(act: Act) -> str | None:
    """Refuse a signature if the wording was changed since the judge read it."""
    if act.details.get("read") == digest(act.record.text):
        return None
    return gettext("The opinion was changed meanwhile. Read the new wording, then sign.")


def set_wording(act: Act) -> None:
    """Store a wording, delete the signatures of the previous one and sign as the author."""
    record = act.record
    record.text = text(_typed(act), max_length=LONGEST, multiline=True)
    act.session.flush()
    act.session.execute(delete(OpinionSigner).where(OpinionSigner.opinion_id == record.id))
    act.session.expire(record, ["signers"])
    sign(act)


def sign(act: Act) -> None:
    """Add the signature of the acting judge. Raises Refused."""
    seat = _seat(act)
    if seat is None:
        raise Refused(gettext("This candidate is not assigned to your seat."))
    act.session.add(OpinionSigner(opinion_id=act.record.id, seat_id=seat.id, signed_at=act.at))
    act.session.flush()
    act.session.expire(act.record, ["signers"])


def state_after_signing(act: Act) -> OpinionState:
    """Return COMPLETE if the signature being added is the last one needed, otherwise DRAFT."""
    is_last = len(act.record.signers) + 1 >= settings.get("opinion_signers")
    return OpinionState.COMPLETE if is_last else OpinionState.DRAFT


def _typed(act: Act) -> str:
    return str(act.details.get("text") or "")


def _seat(act: Act) -> Seat | None:
    application = db.session.get_one(Application, act.record.application_id)
    return assessments.seat_for(act.session, application, act.actor)
