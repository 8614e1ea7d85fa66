"""Private notes of judges on a case, the log of case openings, and the number of judges on a case."""

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
    """Return the judge's private note on a case, "" if there is none."""
    query = select(CaseNote.text).where(
        CaseNote.seat_id == seat_id, CaseNote.application_id == application_id
    )
    return session.scalar(query) or ""


def save_note(
    session: Session, seat_id: int, application_id: int, typed: Any, at: datetime
) -> None:
    """Store the judge's private note. Raises Refused at `note` for invalid or too long text."""
    try:
        words = text(str(typed or ""), max_length=LONGEST, multiline=True)
    except Invalid as invalid:
        raise Refused(invalid, "note") from None
    key_values = {"seat_id": seat_id, "application_id": application_id}
    insert = INSERTS[session.get_bind().dialect.name](CaseNote).values(
        **key_values, text=words, saved_at=at
    )
    session.execute(
        insert.on_conflict_do_update(
            index_elements=list(key_values), set_={"text": words, "saved_at": at}
        )
    )


def note_opening(session: Session, seat_id: int, application_id: int, at: datetime) -> None:
    """Record that the judge opened the case: first time, last time and count."""
    key_values = {"seat_id": seat_id, "application_id": application_id}
    insert = INSERTS[session.get_bind().dialect.name](CaseOpening).values(
        **key_values, first_at=at, last_at=at, times=1
    )
    session.execute(
        insert.on_conflict_do_update(
            index_elements=list(key_values), set_={"last_at": at, "times": CaseOpening.times + 1}
        )
    )


def judges_on(session: Session, application: Application) -> int:
    """Return the number of assigned judges of a candidate who are members of the meeting and not recused."""
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
