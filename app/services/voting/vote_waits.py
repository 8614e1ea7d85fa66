"""What a judge of a meeting waits for, in the words of the judge's own case."""

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import PlanState, RoundState, SeatState
from app.models import Plan, Round, Seat
from app.services.meeting import seats
from app.services.results import outcomes
from app.services.voting import ballots, vote_rounds

UNDER_WAY = (RoundState.READY, RoundState.OPEN, RoundState.CLOSED)


def of_user(session: Session, user_id: int | None) -> str | None:
    """Return what an account waits for in the meeting it signed in to last, None where there is none."""
    query = (
        select(Seat)
        .join(Plan, Plan.id == Seat.plan_id)
        .where(Seat.user_id == user_id, Seat.state == SeatState.PRESENT)
        .where(Plan.state == PlanState.APPROVED)
    )
    seat = session.scalars(query.order_by(Seat.attended_at.desc()).limit(1)).first()
    return sentence(session, seat) if seat else None


def sentence(session: Session, seat: Seat) -> str:
    """Return what the member of a seat waits for, or has to do."""
    if seat.state is not SeatState.PRESENT:
        return gettext("Sign in under “My seats” first.")
    query = select(Round).where(Round.plan_id == seat.plan_id, Round.state.in_(UNDER_WAY))
    held = session.scalars(query.order_by(Round.id.desc()).limit(1)).first()
    if held is not None:
        return _in_round(session, held, seat)
    if outcomes.next_round(session, seat.plan) is None:
        return gettext("All candidates are decided; the office computes the result.")
    return gettext(
        "You have signed in. The office freezes the round, then whoever presides opens it."
    )


def _in_round(session: Session, held: Round, seat: Seat) -> str:
    if held.state is RoundState.CLOSED:
        return gettext(
            "Round %(number)s is closed; two holders of the key open the ballot box.",
            number=held.number,
        )
    if ballots.voter_of(session, held, seat.user_id) is None:
        return gettext(
            "You signed in after the roll of round %(number)s was frozen; you vote in the next one.",
            number=held.number,
        )
    if seat.id not in vote_rounds.voters(held):
        return ballots.nothing_to_vote_on()
    if held.state is RoundState.OPEN:
        return _in_open_round(session, held, seat)
    presiding = seats.presiding(session, held.plan_id)
    if presiding is not None and presiding.id == seat.id:
        return gettext(
            "Round %(number)s is frozen, and you preside: open the vote under “Review meeting”.",
            number=held.number,
        )
    return gettext(
        "Round %(number)s is frozen; whoever presides opens the vote.", number=held.number
    )


def _in_open_round(session: Session, held: Round, seat: Seat) -> str:
    if ballots.of_user(session, held, seat.user_id) is None:
        return gettext("Round %(number)s is open: vote under “Vote”.", number=held.number)
    return gettext(
        "You have voted in round %(number)s; whoever presides closes it when all have.",
        number=held.number,
    )
