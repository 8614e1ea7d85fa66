"""Read-only data of an online meeting for its supervisor (监督过程): who did what when, without choices.

The module reads no ballots, counts, scores or opinions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.enums import SeatState
from app.models import Application, CaseOpening, Draw, Plan, Round, Seat, TransitionLog, User

FOLLOWED = (Plan, Draw, Seat, Round)
"""Models whose log rows are shown; not ballots, because their times might reveal who cast which."""


@dataclass(frozen=True)
class Opening:
    """A judge's openings of a case: first time, last time, count."""

    judge: str
    number: str
    first_at: datetime
    last_at: datetime
    times: int


def draws(session: Session, plan_id: int) -> Sequence[Draw]:
    """Return all draws of the plan by attempt, including void ones."""
    return session.scalars(select(Draw).where(Draw.plan_id == plan_id).order_by(Draw.attempt)).all()


def seats(session: Session, plan_id: int) -> Sequence[Seat]:
    """Return all seats of the plan by place in the draw, including those no longer in force."""
    query = select(Seat).where(Seat.plan_id == plan_id).options(joinedload(Seat.user))
    return session.scalars(query.order_by(Seat.place, Seat.id)).all()


def count_seats(found: Sequence[Seat]) -> Counter[SeatState]:
    """Return the number of seats by state."""
    return Counter(seat.state for seat in found)


def count_openings(session: Session, plan_id: int) -> int:
    """Return the number of (judge, case) pairs with an opening."""
    query = select(func.count(CaseOpening.id)).join(Seat, Seat.id == CaseOpening.seat_id)
    return int(session.scalar(query.where(Seat.plan_id == plan_id)) or 0)


def openings(session: Session, plan_id: int, limit: int) -> list[Opening]:
    """Return the case openings of judges, newest first, at most `limit`."""
    query = (
        select(
            User.real_name,
            Application.number,
            CaseOpening.first_at,
            CaseOpening.last_at,
            CaseOpening.times,
        )
        .join(Seat, Seat.id == CaseOpening.seat_id)
        .join(User, User.id == Seat.user_id)
        .join(Application, Application.id == CaseOpening.application_id)
        .where(Seat.plan_id == plan_id)
        .order_by(CaseOpening.last_at.desc(), CaseOpening.id.desc())
        .limit(limit)
    )
    return [Opening(*row) for row in session.execute(query)]


def acts(session: Session, plan_id: int, limit: int) -> list[TransitionLog]:
    """Return the latest `limit` log rows of the plan, its draws, seats and rounds, oldest first."""
    about = [
        (TransitionLog.subject_type == Plan.__tablename__) & (TransitionLog.subject_id == plan_id)
    ]
    for model in (Draw, Seat, Round):
        keys = select(model.id).where(model.plan_id == plan_id)
        about.append(
            (TransitionLog.subject_type == model.__tablename__) & TransitionLog.subject_id.in_(keys)
        )
    query = select(TransitionLog).where(or_(*about)).order_by(TransitionLog.id.desc()).limit(limit)
    return list(reversed(session.scalars(query).all()))
