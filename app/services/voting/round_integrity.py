"""Whether a round and its ballots stand in the database as the program stored them.

Every row carries a digest made with a key that is not in the database (`crypto.keyed_digest`). Who writes the
database without the program's keys can change a row, but not its digest. The triggers of `app/models/sealed.py`
refuse such changes first; their owner can drop them.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.engine import Act
from app.models import (
    Application,
    Round,
    RoundCandidate,
    RoundShare,
    RoundVoter,
    SealedBallot,
    Seat,
    TransitionLog,
)
from app.services.voting import key_holders, row_digests, sealing, vote_rounds


def seal_frozen(act: Act) -> None:
    """Store the digest of a round that was just frozen."""
    seal_round(act.session, act.record)


def seal_round(session: Session, vote_round: Round) -> None:
    """Store the digest of a round as it stands, with its roll, its candidates and the holders of its key."""
    vote_round.row_digest = row_digests.make("round", _facts_of_round(session, vote_round))


def seal_ballot(ballot: SealedBallot) -> None:
    """Store the digest of a ballot that is about to be cast."""
    ballot.row_digest = row_digests.make("sealed_ballot", _facts_of_ballot(ballot))


def is_as_frozen(act: Act) -> str | None:
    """Refuse to go on with a round whose frozen data, key, roll or candidates were changed."""
    return _sentence(_faults_of_round(act.session, act.record))


def is_as_cast(act: Act) -> str | None:
    """Refuse to close or to count a round that was changed, or whose ballots are not those that were cast."""
    return _sentence(faults(act.session, act.record))


def ballot_faults(session: Session, vote_round: Round) -> str | None:
    """Return the sentence for a judge whose round was changed, so that nobody votes in it, or None."""
    return _sentence(_faults_of_round(session, vote_round))


def faults(session: Session, vote_round: Round) -> list[str]:
    """Return what was changed in a round and its ballots without the program, in words for its people."""
    return [
        *_faults_of_round(session, vote_round),
        *_faults_of_shares(session, vote_round),
        *_faults_of_ballots(session, vote_round),
    ]


def _sentence(found: Sequence[str]) -> str | None:
    if not found:
        return None
    return gettext(
        "Somebody changed the database without this program: %(what)s. Nothing of this round can be relied on. Make "
        "it void, tell the supervisor and the administrator, and vote again.",
        what=gettext("; ").join(found),
    )


def _faults_of_round(session: Session, vote_round: Round) -> list[str]:
    facts = vote_rounds.frozen(vote_round)
    found = []
    if hashlib.sha256(vote_round.frozen.encode()).hexdigest() != vote_round.frozen_hash:
        found.append(gettext("what was frozen does not have its digest any more"))
    if facts.get("public_key", vote_round.public_key) != vote_round.public_key:
        found.append(gettext("the key of the ballot box is not the frozen one"))
    if sorted(facts["roll"]) != [seat for seat, _user in _roll(session, vote_round)]:
        found.append(gettext("the roll is not the frozen one"))
    if facts["candidates"] != _numbers(session, vote_round):
        found.append(gettext("the candidates are not the frozen ones"))
    if not found and not row_digests.fits(
        "round", _facts_of_round(session, vote_round), vote_round.row_digest
    ):
        found.append(gettext("the round, its roll, its candidates or the holders of its key"))
    return found


def _faults_of_shares(session: Session, vote_round: Round) -> list[str]:
    query = select(RoundShare.role).where(
        RoundShare.round_id == vote_round.id, RoundShare.role == RoundShare.for_role
    )
    if set(session.scalars(query)) == set(vote_rounds.ORDER):
        return []
    return [gettext("a part of the key is missing")]


def _faults_of_ballots(session: Session, vote_round: Round) -> list[str]:
    cast = session.scalars(select(SealedBallot).where(SealedBallot.round_id == vote_round.id)).all()
    changed = [one.tracker for one in cast if not _is_cast_so(one)]
    found = []
    if changed:
        listed = gettext(", ").join(sorted(changed))
        found.append(
            gettext("ballots with these receipts were changed or put in: %(who)s", who=listed)
        )
    if (missing := _count_cast_acts(session, vote_round) - len(cast)) > 0:
        found.append(gettext("%(count)s ballots that were cast are missing", count=missing))
    return found


def _is_cast_so(ballot: SealedBallot) -> bool:
    is_own = row_digests.fits("sealed_ballot", _facts_of_ballot(ballot), ballot.row_digest)
    return is_own and sealing.digest(ballot.sealed or "") == ballot.digest


def _count_cast_acts(session: Session, vote_round: Round) -> int:
    """Return how many ballots the log says were cast in a round; rows of an earlier version name no round."""
    query = select(func.count(TransitionLog.id)).where(
        TransitionLog.subject_type == SealedBallot.__tablename__,
        TransitionLog.event == "cast",
        TransitionLog.details["round"].as_integer() == vote_round.id,
    )
    return int(session.scalar(query) or 0)


def _facts_of_round(session: Session, vote_round: Round) -> list[Any]:
    return [
        vote_round.id,
        vote_round.plan_id,
        vote_round.number,
        vote_round.alg,
        vote_round.frozen,
        vote_round.frozen_hash,
        vote_round.public_key,
        _roll(session, vote_round),
        _candidates(session, vote_round),
        _holders(session, vote_round),
    ]


def _roll(session: Session, vote_round: Round) -> list[list[int]]:
    """Return the seats of the roll with the accounts that hold them."""
    query = (
        select(Seat.id, Seat.user_id)
        .join(RoundVoter, RoundVoter.seat_id == Seat.id)
        .where(RoundVoter.round_id == vote_round.id)
        .order_by(Seat.id)
    )
    return [list(row) for row in session.execute(query)]


def _candidates(session: Session, vote_round: Round) -> list[list[int]]:
    query = (
        select(RoundCandidate.position, RoundCandidate.application_id, RoundCandidate.eligible)
        .where(RoundCandidate.round_id == vote_round.id)
        .order_by(RoundCandidate.position)
    )
    return [list(row) for row in session.execute(query)]


def _numbers(session: Session, vote_round: Round) -> list[str]:
    query = (
        select(Application.number)
        .join(RoundCandidate, RoundCandidate.application_id == Application.id)
        .where(RoundCandidate.round_id == vote_round.id)
        .order_by(RoundCandidate.position)
    )
    return [str(number) for number in session.scalars(query)]


def _holders(session: Session, vote_round: Round) -> list[list[Any]]:
    known = key_holders.holders_of_plan(session, vote_round.plan_id)
    return [
        [role.value, known[role].user_id, known[role].public_key]
        for role in sorted(known, key=lambda one: one.value)
    ]


def _facts_of_ballot(ballot: SealedBallot) -> list[Any]:
    return [
        ballot.round_id,
        ballot.seat_id,
        ballot.alg,
        ballot.digest,
        ballot.tracker,
        ballot.sealed,
    ]
