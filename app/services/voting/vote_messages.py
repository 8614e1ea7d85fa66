"""Messages to whoever can go on with a round of votes: who presides, who votes, who holds a part of the key."""

from sqlalchemy import select

from app.engine import Act
from app.models import Plan, Seat, User
from app.services.meeting import seats
from app.services.messages import recipients
from app.services.results import outcomes
from app.services.voting import key_holders, vote_rounds
from app.services.voting.round_voids import ROUNDS

VOTE = "/g/1.3.4/"


def tell_presiding(act: Act) -> None:
    """Tell whoever presides that a frozen round can be opened."""
    seat = seats.presiding(act.session, act.record.plan_id)
    _tell(act, [seat.user_id if seat else None], "round.open_due", _address(act))


def tell_voters(act: Act) -> None:
    """Tell the judges of the roll who may vote on a candidate that the vote is open."""
    roll = select(Seat.user_id).where(Seat.id.in_(vote_rounds.voters(act.record)))
    _tell(act, list(act.session.scalars(roll)), "round.vote_due", VOTE)


def tell_key_holders(act: Act) -> None:
    """Tell the holders of the key that their codes are due."""
    holders = key_holders.holders_of_plan(act.session, act.record.plan_id).values()
    _tell(act, [one.user_id for one in holders], "round.code_due", _address(act))


def _address(act: Act) -> str:
    return f"{ROUNDS}{act.record.id}"


def _tell(act: Act, accounts: list[int | None], template: str, url: str) -> None:
    plan: Plan = outcomes.plan_of(act)
    chosen = select(User.id).where(User.id.in_([one for one in accounts if one]))
    # templates that an administrator changed may still ask for the number
    recipients.tell(
        act, chosen, template, url=url, plan=plan.name, round=act.record.title, number=act.record.number
    )  # fmt: skip
