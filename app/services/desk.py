"""What the judge's desk keeps beside the sheets: private notes, and when a case was opened."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import CaseNote, CaseOpening, Seat
from app.services.numbering import INSERTS
from app.validators import Invalid, text
from app.workflow.engine import Refused

LONGEST_NOTE = 4000


def note_of(session: Session, seat: Seat, application_id: int) -> str:
    """Return what the judge noted on the candidate; nobody else reads it."""
    query = select(CaseNote.text).where(
        CaseNote.seat_id == seat.id, CaseNote.application_id == application_id
    )
    return session.scalar(query) or ""


def keep_note(
    session: Session, seat: Seat, application_id: int, wording: str, *, at: datetime
) -> None:
    """Keep the note in place of the earlier one. Raises Refused at the note when it is too long."""
    try:
        cleaned = text(wording, max_length=LONGEST_NOTE, multiline=True)
    except Invalid as invalid:
        raise Refused(invalid, "note") from None
    insert = INSERTS[session.get_bind().dialect.name](CaseNote).values(
        seat_id=seat.id, application_id=application_id, text=cleaned, saved_at=at
    )
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[CaseNote.seat_id, CaseNote.application_id],
            set_={"text": cleaned, "saved_at": at},
        )
    )


def note_opening(session: Session, seat: Seat, application_id: int, *, at: datetime) -> None:
    """Count that the judge opened the case; the supervisor reads who opened what when."""
    insert = INSERTS[session.get_bind().dialect.name](CaseOpening).values(
        seat_id=seat.id, application_id=application_id, first_at=at, last_at=at, times=1
    )
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[CaseOpening.seat_id, CaseOpening.application_id],
            set_={"last_at": at, "times": CaseOpening.times + 1},
        )
    )
