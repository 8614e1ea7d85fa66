"""Status sentence for a judge of a meeting: what to do or wait for next."""

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import PlanState, RoundState, SeatState
from app.models import Plan, Round, Seat
from app.services.meeting import seats
from app.services.results import outcomes
from app.services.voting import ballots, vote_rounds

UNDER_WAY = (RoundState.READY, RoundState.OPEN, RoundState.CLOSED)


def status_for_user(session: Session, user_id: int | None) -> str | None:
    """Return the status sentence for the meeting the account signed in to last, None if there is none."""
    query = (
        select(Seat)
        .join(Plan, Plan.id == Seat.plan_id)
        .where(Seat.user_id == user_id, Seat.state == SeatState.PRESENT)
        .where(Plan.state == PlanState.APPROVED)
    )
    seat = session.scalars(query.order_by(Seat.attended_at.desc()).limit(1)).first()
    return sentence(session, seat) if seat else None


def sentence(session: Session, seat: Seat) -> str:
    """Return the sentence that says what the judge of a seat has to do or waits for."""
    if seat.state is not SeatState.PRESENT:
        return gettext("Sign in under “My seats” first.")
    query = select(Round).where(Round.plan_id == seat.plan_id, Round.state.in_(UNDER_WAY))
    vote_round = session.scalars(query.order_by(Round.id.desc()).limit(1)).first()
    if vote_round is not None:
        return _in_round(session, vote_round, seat)
    counted = select(Round.id).where(
        Round.plan_id == seat.plan_id, Round.state == RoundState.COUNTED
    )
    # before the first round everybody is to be voted on, and nothing has to be worked out
    has_counted = session.scalar(counted.limit(1)) is not None
    if has_counted and outcomes.next_round(session, seat.plan) is None:
        return gettext("All candidates are decided; the office computes the result.")
    return gettext(
        "You have signed in. The office freezes the round, then whoever presides opens it."
    )


def _in_round(session: Session, vote_round: Round, seat: Seat) -> str:
    if vote_round.state is RoundState.CLOSED:
        return gettext(
            "%(round)s is closed; two holders of the key open the ballot box.",
            round=vote_round.title,
        )
    if ballots.voter_of(session, vote_round, seat.user_id) is None:
        return gettext(
            "You signed in after the roll of %(round)s was frozen; you vote in the next one.",
            round=vote_round.title,
        )
    if seat.id not in vote_rounds.voters(vote_round):
        return ballots.nothing_to_vote_on()
    if vote_round.state is RoundState.OPEN:
        return _in_open_round(session, vote_round, seat)
    presiding = seats.presiding(session, vote_round.plan_id)
    if presiding is not None and presiding.id == seat.id:
        return gettext(
            "%(round)s is frozen, and you preside: open the vote under “Review meeting”.",
            round=vote_round.title,
        )
    return gettext("%(round)s is frozen; whoever presides opens the vote.", round=vote_round.title)


def _in_open_round(session: Session, vote_round: Round, seat: Seat) -> str:
    if ballots.ballot_of_user(session, vote_round, seat.user_id) is None:
        return gettext("%(round)s is open: vote under “Vote”.", round=vote_round.title)
    return gettext(
        "You have voted in %(round)s; whoever presides closes it when all have.",
        round=vote_round.title,
    )
