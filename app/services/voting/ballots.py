"""Casting: once, sealed, by whoever is on the roll and still there (Order 40, art. 21)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act, Refused
from app.enums import Choice, RoundState, SeatState
from app.extensions import db
from app.ground import clock, crypto
from app.ground.actor import Actor
from app.models import Round, RoundCandidate, RoundVoter, SealedBallot, Seat
from app.services.meeting import seats
from app.services.voting import sealing, vote_rounds

RECUSED = "-"
LETTERS = frozenset(choice.value for choice in Choice) | {RECUSED}
TRACKER_BYTES = 10


@dataclass(frozen=True)
class Receipt:
    """What a judge keeps: that the ballot lies in the box, not what it says."""

    alg: str
    tracker: str
    digest: str
    frozen_hash: str
    round_id: int
    signature: str


def seal_letters(held: Round, letters: str) -> str:
    """Return a ballot sealed by the program, where the browser cannot. Raises Refused for no ballot."""
    if set(letters) - LETTERS or len(letters) != count_candidates(held):
        raise Refused(gettext("Choose yes, no or abstention for every candidate."))
    return sealing.seal(held.public_key or "", letters.encode(), vote_rounds.ballot_context(held))


def cast(held: Round, sealed: str, *, actor: Actor, at: datetime) -> SealedBallot:
    """Put a sealed ballot into the box of a round and return it; the caller commits. Raises Refused."""
    seat = seats.of_user(db.session(), held.plan_id, actor.user_id)
    record = SealedBallot(
        round_id=held.id,
        seat_id=seat.id if seat else 0,
        alg=sealing.ALG,
        sealed=sealed,
        digest=digest(sealed),
        tracker=secrets.token_hex(TRACKER_BYTES),
    )
    engine.fire(record, "cast", actor=actor, at=at)
    return record


def is_as_cast(record: SealedBallot) -> bool:
    """Return whether the sealed text is the one whose digest stands in the receipt."""
    return digest(record.sealed or "") == record.digest


def digest(sealed: str) -> str:
    """Return the digest of a sealed ballot."""
    return hashlib.sha256(sealed.encode()).hexdigest()


def receipt(record: SealedBallot) -> Receipt:
    """Return the signed receipt of a ballot; the same one however often it is asked for."""
    held = record.round
    facts = (crypto.RECEIPT_ALG, record.tracker, record.digest, held.frozen_hash, held.id)
    return Receipt(*facts, crypto.sign_receipt(receipt_text(*facts)))


def receipt_text(alg: str, tracker: str, digest: str, frozen_hash: str, round_id: int) -> str:
    """Return the text that a receipt signs."""
    return "\0".join(("zc-receipt-v1", alg, str(round_id), frozen_hash, tracker, digest))


def of_user(session: Session, held: Round, user_id: int | None) -> SealedBallot | None:
    """Return the ballot that an account has cast in a round."""
    query = (
        select(SealedBallot)
        .join(Seat, Seat.id == SealedBallot.seat_id)
        .where(SealedBallot.round_id == held.id, Seat.user_id == user_id)
    )
    return session.scalars(query).one_or_none()


def count_candidates(held: Round) -> int:
    return len(vote_rounds.frozen(held)["candidates"])


def voter_of(session: Session, held: Round, user_id: int | None) -> Seat | None:
    """Return the seat of an account on the roll of a round."""
    query = (
        select(Seat)
        .join(RoundVoter, RoundVoter.seat_id == Seat.id)
        .where(RoundVoter.round_id == held.id, Seat.user_id == user_id)
    )
    return session.scalars(query).one_or_none()


def open_rounds(session: Session, user_id: int | None) -> list[Round]:
    """Return the open rounds in which an account may vote on somebody, the oldest first."""
    query = (
        select(Round, Seat.id)
        .join(RoundVoter, RoundVoter.round_id == Round.id)
        .join(Seat, Seat.id == RoundVoter.seat_id)
        .where(Round.state == RoundState.OPEN, Seat.user_id == user_id)
        .order_by(Round.id)
    )
    return [held for held, seat in session.execute(query) if seat in vote_rounds.voters(held)]


# checks: the round is held fast first, so that a close at the same moment comes before or after


def is_open(act: Act) -> str | None:
    """A ballot is cast while the round is open, never later."""
    query = select(Round).where(Round.id == act.record.round_id).with_for_update(read=True)
    held = act.session.scalars(query.execution_options(populate_existing=True)).one()
    if held.state is RoundState.OPEN:
        return None
    return gettext(
        "Round %(number)s is in the state “%(state)s”; no ballot can be cast now.",
        number=held.number,
        state=held.state.label,
    )


def is_in_time(act: Act) -> str | None:
    """A meeting votes on its days only; a round that was left open takes nothing afterwards."""
    plan = act.session.get_one(Round, act.record.round_id).plan
    if plan.is_on(clock.local_date(act.at)):
        return None
    return gettext(
        "The meeting ran until %(day)s; no ballot can be cast any more.", day=plan.closes_on
    )


def is_on_the_roll(act: Act) -> str | None:
    """Only the judge of a seat on the roll casts, in person, while being there: no proxy (art. 21)."""
    held = act.session.get_one(Round, act.record.round_id)
    seat = voter_of(act.session, held, act.actor.user_id)
    if seat is None or seat.id != act.record.seat_id:
        return gettext("You are not on the roll of this round; you can vote in the next one.")
    if seat.id not in vote_rounds.voters(held):
        return nothing_to_vote_on()
    if seat.state is not SeatState.PRESENT:
        return gettext("You have left the meeting; sign in again to vote in the next round.")
    return None


def nothing_to_vote_on() -> str:
    """Return what somebody reads who is recused from every candidate."""
    return gettext(
        "You are recused from every candidate of this round; you have nothing to vote on."
    )


def is_first(act: Act) -> str | None:
    """A ballot is cast once and never changed."""
    held = act.session.get_one(Round, act.record.round_id)
    if of_user(act.session, held, act.actor.user_id) is None:
        return None
    return gettext("You have voted in this round already; a ballot cannot be changed.")


def is_sealed(act: Act) -> str | None:
    """All ballots of a round are of one length, whatever they say."""
    held = act.session.get_one(Round, act.record.round_id)
    sealed = act.record.sealed or ""
    wanted = sealing.sealed_length(count_candidates(held))
    if (
        len(sealed) == wanted
        and sealed.isascii()
        and sealed.replace("-", "").replace("_", "").isalnum()
    ):
        return None
    return gettext("The ballot did not arrive whole. Load the page again and vote once more.")


def candidates(session: Session, held: Round) -> list[RoundCandidate]:
    """Return the candidates of a round by their number on the ballot."""
    query = select(RoundCandidate).where(RoundCandidate.round_id == held.id)
    return list(session.scalars(query.order_by(RoundCandidate.position)))
