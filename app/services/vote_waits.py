"""Why a judge has nothing to vote on now, in the words of the judge's own case."""

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import PlanState, RoundState, SeatState
from app.models import Plan, Round, Seat
from app.services import ballots, rounds, seats

UNDER_WAY = (RoundState.READY, RoundState.OPEN)


def sentence(session: Session, user_id: int | None) -> str | None:
    """Return what the judge waits for, None where no meeting is on in which the judge has signed in."""
    query = (
        select(Seat)
        .join(Plan, Plan.id == Seat.plan_id)
        .where(Seat.user_id == user_id, Seat.state == SeatState.PRESENT)
        .where(Plan.state == PlanState.APPROVED)
    )
    seat = session.scalars(query.order_by(Seat.attended_at.desc()).limit(1)).first()
    if seat is None:
        return None
    held = _under_way(session, seat.plan_id)
    if held is None:
        return gettext(
            "You have signed in. The office freezes the round, then whoever presides opens it."
        )
    return _in_round(session, held, seat)


def _under_way(session: Session, plan_id: int) -> Round | None:
    query = select(Round).where(Round.plan_id == plan_id, Round.state.in_(UNDER_WAY))
    return session.scalars(query.order_by(Round.id.desc()).limit(1)).first()


def _in_round(session: Session, held: Round, seat: Seat) -> str:
    if ballots.voter_of(session, held, seat.user_id) is None:
        return gettext(
            "You signed in after the roll of round %(number)s was frozen; you vote in the next one.",
            number=held.number,
        )
    if seat.id not in rounds.voters(held):
        return gettext(
            "You are recused from every candidate of this round; you have nothing to vote on."
        )
    presiding = seats.presiding(session, held.plan_id)
    if presiding is not None and presiding.id == seat.id:
        return gettext(
            "Round %(number)s is frozen, and you preside: open the vote under “Review meeting”.",
            number=held.number,
        )
    return gettext(
        "Round %(number)s is frozen; whoever presides opens the vote.", number=held.number
    )
