"""Claim codes: the proof that somebody who registers is the person whom a unit or an office entered.

A code is sent to the telephone or mail on record, or made by the unit and handed over in person. Both are
stored as keyed digests, work once and for a limited number of tries.
"""

from datetime import datetime, timedelta
from hmac import compare_digest

from flask_babel import gettext
from sqlalchemy import ColumnElement, delete, func, select, update

from app.engine import Refused
from app.enums import ClaimKind
from app.extensions import db
from app.ground import crypto
from app.ground.actor import Actor
from app.models import ClaimCode, Person
from app.services.credentials import one_time_codes, readable_codes
from app.services.ground.audit import audit

LIFE = {ClaimKind.SENT: one_time_codes.LIFE, ClaimKind.HANDED: timedelta(days=30)}
MOST_TRIES = {ClaimKind.SENT: one_time_codes.MOST_TRIES, ClaimKind.HANDED: 20}
"""A code handed over is too long to be guessed; the limit only keeps the table of tries small."""
GROUPS = 3
"""Groups of a code handed over: 59 bits."""
KEPT = timedelta(days=1)
NO_SYNC = {"synchronize_session": False}


def hand_over(actor: Actor, person: Person, *, at: datetime) -> str:
    """Make the code that the unit hands to one of its people, and return it; earlier ones are void.

    Raises Refused for a person who has an account.
    """
    if person.user_id is not None:
        raise Refused(gettext("%(name)s has an account already.", name=person.name))
    code = readable_codes.generate(GROUPS)
    _store(person, ClaimKind.HANDED, code, at, actor.user_id)
    audit("claim_code", actor=actor, subject=f"person:{person.id}")
    return code


def new_code(person: Person, *, at: datetime) -> str | None:
    """Make a code to be sent to the telephone on record; None if one was made too short a time ago."""
    recent, last = db.session.execute(
        select(func.count(), func.max(ClaimCode.created_at)).where(
            ClaimCode.person_id == person.id,
            ClaimCode.kind == ClaimKind.SENT,
            ClaimCode.created_at > at - one_time_codes.HOUR,
        )
    ).one()
    if recent >= one_time_codes.MOST_PER_HOUR or (last and last > at - one_time_codes.PAUSE):
        return None
    code = one_time_codes.digits()
    _store(person, ClaimKind.SENT, code, at)
    return code


def attempt(person_id: int, typed: str, *, at: datetime) -> ClaimCode | None:
    """Count a try against every open code of the person and return the one that is right, if any.

    The caller commits before going on, so that many guesses sent at once all count.
    """
    digest = _digest(person_id, typed)
    for kind in ClaimKind:
        found = db.session.scalars(
            update(ClaimCode)
            .where(*_open(person_id, kind, at), ClaimCode.attempts < MOST_TRIES[kind])
            .values(attempts=ClaimCode.attempts + 1)
            .returning(ClaimCode),
            execution_options=NO_SYNC,
        ).first()
        if found is not None and compare_digest(found.code_digest, digest):
            return found
    return None


def spend(code: ClaimCode, *, at: datetime) -> None:
    """Use a code. Raises Refused when it was used already."""
    spent = db.session.execute(
        update(ClaimCode)
        .where(ClaimCode.id == code.id, ClaimCode.used_at.is_(None))
        .values(used_at=at)
        .returning(ClaimCode.id),
        execution_options=NO_SYNC,
    )
    if spent.first() is None:
        raise Refused(wrong_code(), "proof")


def wrong_code() -> str:
    """Return the refusal of a wrong, used or old code."""
    return gettext(
        "This code is wrong, used or too old. Compare it with the message or the slip, or ask for a new one."
    )


def delete_old(*, at: datetime) -> int:
    """Delete codes that expired more than a day ago and return how many."""
    gone = db.session.execute(
        delete(ClaimCode).where(ClaimCode.expires_at < at - KEPT).returning(ClaimCode.id),
        execution_options=NO_SYNC,
    )
    return len(gone.all())


def _store(
    person: Person, kind: ClaimKind, code: str, at: datetime, issued_by: int | None = None
) -> None:
    db.session.execute(
        update(ClaimCode).where(*_open(person.id, kind, at)).values(expires_at=at),
        execution_options=NO_SYNC,
    )
    db.session.add(
        ClaimCode(
            person_id=person.id,
            kind=kind,
            code_digest=_digest(person.id, code),
            issued_by=issued_by,
            created_at=at,
            expires_at=at + LIFE[kind],
        )
    )
    db.session.flush()


def _open(person_id: int, kind: ClaimKind, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ClaimCode.person_id == person_id,
        ClaimCode.kind == kind,
        ClaimCode.used_at.is_(None),
        ClaimCode.expires_at > at,
    )


def _digest(person_id: int, code: str) -> str:
    return crypto.blind_index("claim", f"{person_id}\0{readable_codes.normal(code)}")
