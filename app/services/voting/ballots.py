"""Casting sealed ballots: once per judge, by judges on the roll who are present (Order 40, art. 21)."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act, Refused
from app.enums import RoundState, SeatState
from app.extensions import db
from app.ground import clock, crypto, signing
from app.ground.actor import Actor
from app.models import Round, RoundCandidate, RoundVoter, SealedBallot, Seat
from app.services.meeting import seats
from app.services.voting import ballot_rules, round_integrity, sealing, vote_rounds

TRACKER_BYTES = 10


@dataclass(frozen=True)
class Receipt:
    """A judge's signed proof that the ballot was stored; it does not contain the choices."""

    alg: str
    tracker: str
    digest: str
    frozen_hash: str
    round_id: int
    signature: str

    @property
    def number(self) -> str:
        """Return tracker and digest as `tools/verify_ballots.py` takes them."""
        return f"{self.tracker}:{self.digest}"


def seal_letters(vote_round: Round, letters: str, seat_id: int) -> str:
    """Seal a ballot on the server, for browsers that cannot.

    Raises Refused for a ballot that would not be valid: incomplete, a choice where the judge of the seat is
    recused, more yes votes than a limit allows.
    """
    if why := ballot_rules.refusal(letters, vote_rounds.frozen(vote_round), seat_id):
        raise Refused(why)
    return sealing.seal(
        vote_round.public_key or "",
        letters.encode(),
        vote_rounds.ballot_context(vote_round),
        vote_round.alg,
    )


def cast(vote_round: Round, sealed: str, *, actor: Actor, at: datetime) -> SealedBallot:
    """Store a sealed ballot of a round and return it; the caller commits. Raises Refused."""
    seat = seats.seat_of_user(db.session(), vote_round.plan_id, actor.user_id)
    record = SealedBallot(
        round_id=vote_round.id,
        seat_id=seat.id if seat else 0,
        alg=vote_round.alg,
        sealed=sealed,
        digest=sealing.digest(sealed),
        tracker=secrets.token_hex(TRACKER_BYTES),
    )
    round_integrity.seal_ballot(record)
    engine.fire(record, "cast", actor=actor, at=at)
    return record


def receipt(record: SealedBallot) -> Receipt:
    """Return the signed receipt of a ballot; repeated calls return the same receipt."""
    vote_round = record.round
    facts = (
        crypto.SIGNATURE_ALG,
        record.tracker,
        record.digest,
        vote_round.frozen_hash,
        vote_round.id,
    )
    return Receipt(*facts, crypto.sign(receipt_text(*facts)))


def box_of(vote_round: Round) -> list[tuple[str, str]]:
    """Return tracker and digest of every ballot in the signed record of a round, [] before the count."""
    if vote_round.signed_record is None:
        return []
    receipts = signing.facts_of(vote_round.signed_record)["receipts"]
    return [(one["tracker"], one["digest"]) for one in receipts]


def receipt_text(alg: str, tracker: str, digest: str, frozen_hash: str, round_id: int) -> str:
    """Return the text that the signature of a receipt covers."""
    return "\0".join(("zc-receipt-v1", alg, str(round_id), frozen_hash, tracker, digest))


def ballot_of_user(session: Session, vote_round: Round, user_id: int | None) -> SealedBallot | None:
    """Return the ballot that an account has cast in a round."""
    query = (
        select(SealedBallot)
        .join(Seat, Seat.id == SealedBallot.seat_id)
        .where(SealedBallot.round_id == vote_round.id, Seat.user_id == user_id)
    )
    return session.scalars(query).one_or_none()


def count_candidates(vote_round: Round) -> int:
    """Return the number of candidates on the ballot of a round."""
    return len(vote_rounds.frozen(vote_round)["candidates"])


def voter_of(session: Session, vote_round: Round, user_id: int | None) -> Seat | None:
    """Return the seat of an account on the roll of a round."""
    query = (
        select(Seat)
        .join(RoundVoter, RoundVoter.seat_id == Seat.id)
        .where(RoundVoter.round_id == vote_round.id, Seat.user_id == user_id)
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
    return [
        vote_round
        for vote_round, seat in session.execute(query)
        if seat in vote_rounds.voters(vote_round)
    ]


def is_open(act: Act) -> str | None:
    """Refuse a ballot unless the round is open.

    Locks the round first, so that a concurrent closing happens entirely before or after the cast.
    """
    query = select(Round).where(Round.id == act.record.round_id).with_for_update(read=True)
    vote_round = act.session.scalars(query.execution_options(populate_existing=True)).one()
    if vote_round.state is RoundState.OPEN:
        return None
    return gettext(
        "%(round)s is in the state “%(state)s”; no ballot can be cast now.",
        round=vote_round.title,
        state=vote_round.state.label,
    )


def is_in_time(act: Act) -> str | None:
    """Refuse a ballot outside the days of the meeting, even if a round was left open."""
    plan = act.session.get_one(Round, act.record.round_id).plan
    if plan.is_on(clock.local_date(act.at)):
        return None
    return gettext(
        "The meeting ran until %(day)s; no ballot can be cast any more.", day=plan.closes_on
    )


def is_on_the_roll(act: Act) -> str | None:
    """Refuse anyone but the present judge of the ballot's seat on the roll; no proxy voting (art. 21)."""
    vote_round = act.session.get_one(Round, act.record.round_id)
    seat = voter_of(act.session, vote_round, act.actor.user_id)
    if seat is None or seat.id != act.record.seat_id:
        return gettext("You are not on the roll of this round; you can vote in the next one.")
    if seat.id not in vote_rounds.voters(vote_round):
        return nothing_to_vote_on()
    if seat.state is not SeatState.PRESENT:
        return gettext("You have left the meeting; sign in again to vote in the next round.")
    return None


def nothing_to_vote_on() -> str:
    """Return the sentence for a judge who is recused from every candidate of the round."""
    return gettext(
        "You are recused from every candidate of this round; you have nothing to vote on."
    )


def box_is_untouched(act: Act) -> str | None:
    """Refuse a ballot in a round that was changed in the database, whose key may be a stranger's."""
    vote_round = act.session.get_one(Round, act.record.round_id)
    return round_integrity.ballot_faults(act.session, vote_round)


def note_round(act: Act) -> None:
    """Name the round in the log, so that a missing ballot is noticed when the round is closed."""
    act.notes["round"] = act.record.round_id


def is_first(act: Act) -> str | None:
    """Refuse a second ballot of the same judge; a ballot cannot be changed."""
    vote_round = act.session.get_one(Round, act.record.round_id)
    if ballot_of_user(act.session, vote_round, act.actor.user_id) is None:
        return None
    return gettext("You have voted in this round already; a ballot cannot be changed.")


def is_sealed(act: Act) -> str | None:
    """Refuse a sealed text of wrong length or alphabet; all ballots of a round have the same length."""
    vote_round = act.session.get_one(Round, act.record.round_id)
    sealed = act.record.sealed or ""
    wanted = sealing.sealed_length(count_candidates(vote_round), vote_round.alg)
    if (
        len(sealed) == wanted
        and sealed.isascii()
        and sealed.replace("-", "").replace("_", "").isalnum()
    ):
        return None
    return gettext("The ballot did not arrive whole. Load the page again and vote once more.")


def candidates(session: Session, vote_round: Round) -> list[RoundCandidate]:
    """Return the candidates of a round by their number on the ballot."""
    query = select(RoundCandidate).where(RoundCandidate.round_id == vote_round.id)
    return list(session.scalars(query.order_by(RoundCandidate.position)))
