"""What a judge notes on a case for oneself, when it was opened, and who else works on it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.engine import Refused
from app.models import Application, Assignment, CaseNote, CaseOpening, Seat
from app.services.draw import recusals
from app.services.meeting.seats import MEMBERS
from app.validators import Invalid, text

LONGEST = 2000
INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def note_of(session: Session, seat_id: int, application_id: int) -> str:
    """Return what the judge noted for oneself, an empty text if nothing."""
    query = select(CaseNote.text).where(
        CaseNote.seat_id == seat_id, CaseNote.application_id == application_id
    )
    return session.scalar(query) or ""


def save_note(
    session: Session, seat_id: int, application_id: int, typed: Any, at: datetime
) -> None:
    """Store the judge's own note. Raises Refused at `note` for what is no plain text or too long."""
    try:
        words = text(str(typed or ""), max_length=LONGEST, multiline=True)
    except Invalid as invalid:
        raise Refused(invalid, "note") from None
    place = {"seat_id": seat_id, "application_id": application_id}
    insert = INSERTS[session.get_bind().dialect.name](CaseNote).values(
        **place, text=words, saved_at=at
    )
    session.execute(
        insert.on_conflict_do_update(
            index_elements=list(place), set_={"text": words, "saved_at": at}
        )
    )


def note_opening(session: Session, seat_id: int, application_id: int, at: datetime) -> None:
    """Write down that the judge opened the case: the first and the last time, and how often."""
    place = {"seat_id": seat_id, "application_id": application_id}
    insert = INSERTS[session.get_bind().dialect.name](CaseOpening).values(
        **place, first_at=at, last_at=at, times=1
    )
    session.execute(
        insert.on_conflict_do_update(
            index_elements=list(place), set_={"last_at": at, "times": CaseOpening.times + 1}
        )
    )


def judges_on(session: Session, application: Application) -> int:
    """Return how many judges work on the candidate: assigned, members of the meeting, not kept from it."""
    query = (
        select(func.count(Seat.id))
        .join(Assignment, Assignment.seat_id == Seat.id)
        .where(
            Assignment.application_id == application.id,
            Seat.plan_id == application.plan_id,
            Seat.state.in_(MEMBERS),
            Seat.user_id.not_in(recusals.users_kept_from(application.id)),
        )
    )
    return int(session.scalar(query) or 0)
