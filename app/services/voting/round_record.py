"""The record of a counted round: signed when it is counted, and exported for `tools/verify_ballots.py`.

It names no judge. The export holds the signed record, what the database says now, the signed result of the meeting
and the result as it is shown now; the verifier compares all of them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ground import crypto, signing
from app.models import Plan, Round, RoundShare, SealedBallot
from app.services.results import signed_results
from app.services.voting import ballot_rules, ballots, key_holders, vote_rounds

RECORD_ALG = "zc-ballots-v2"
EXPORT_ALG = "zc-round-export-v1"
BOX_ALG = "zc-box-v1"


def signed(session: Session, vote_round: Round) -> str:
    """Return the record of a round with the program's signature, for the column that keeps it."""
    return signing.stored(facts(session, vote_round))


def export(session: Session, vote_round: Round) -> signing.Signed:
    """Return what a program needs to count a round again, signed as a whole."""
    plan = session.get_one(Plan, vote_round.plan_id)
    return signing.signed(
        {
            "alg": EXPORT_ALG,
            "at_count": _read(vote_round.signed_record),
            "now": facts(session, vote_round),
            "result": _read(plan.signed_result),
            "shown": signed_results.facts(session, plan)["results"],
        }
    )


def box(session: Session, vote_round: Round) -> signing.Signed:
    """Return a closed round's sealed ballots and parts of the key, signed, for `tools/open_box.py`.

    A ballot has no judge, only the numbers its judge is recused from, because they decide whether it is valid.
    """
    return signing.signed(
        {
            "alg": BOX_ALG,
            "plan": vote_round.plan_id,
            "round_id": vote_round.id,
            "sealed_with": vote_round.alg,
            "frozen": vote_round.frozen,
            "frozen_hash": vote_round.frozen_hash,
            "public_key": vote_round.public_key,
            "holders": _shares(session, vote_round),
            "ballots": _sealed(session, vote_round),
        }
    )


def _shares(session: Session, vote_round: Round) -> list[dict[str, str]]:
    holders = key_holders.holders_of_plan(session, vote_round.plan_id)
    query = select(RoundShare).where(
        RoundShare.round_id == vote_round.id, RoundShare.role == RoundShare.for_role
    )
    return [
        {"role": one.role.value, "alg": holders[one.role].alg, "share": one.sealed}
        for one in session.scalars(query.order_by(RoundShare.role))
    ]


def _sealed(session: Session, vote_round: Round) -> list[dict[str, Any]]:
    frozen = vote_rounds.frozen(vote_round)
    query = select(SealedBallot).where(SealedBallot.round_id == vote_round.id)
    return [
        {
            "tracker": one.tracker,
            "digest": one.digest,
            "sealed": one.sealed,
            "away": sorted(ballot_rules.recused_positions(frozen, one.seat_id)),
        }
        for one in session.scalars(query.order_by(SealedBallot.tracker))
    ]


def _read(kept: str | None) -> signing.Signed | None:
    return signing.read(kept) if kept else None


def facts(session: Session, vote_round: Round) -> dict[str, Any]:
    """Return the frozen data, the ballot receipts and the opened votes of a round, to count it again."""
    return {
        "alg": RECORD_ALG,
        "plan": vote_round.plan_id,
        "number": vote_round.number,
        "round_id": vote_round.id,
        "sealed_with": vote_round.alg,
        "frozen": vote_round.frozen,
        "frozen_hash": vote_round.frozen_hash,
        "public_key": vote_round.public_key,
        "frozen_at": _moment(vote_round.frozen_at),
        "opened_at": _moment(vote_round.opened_at),
        "closed_at": _moment(vote_round.closed_at),
        "counted_at": _moment(vote_round.counted_at),
        "receipt_alg": crypto.SIGNATURE_ALG,
        "receipts": _receipts(session, vote_round),
        "cast": vote_round.cast,
        "invalid": vote_round.invalid,
        "candidates": _candidates(session, vote_round),
    }


def _receipts(session: Session, vote_round: Round) -> list[dict[str, str]]:
    query = select(SealedBallot).where(SealedBallot.round_id == vote_round.id)
    cast = session.scalars(query.order_by(SealedBallot.tracker)).all()
    return [
        {
            "tracker": one.tracker,
            "digest": one.digest,
            "signature": ballots.receipt(one).signature,
        }
        for one in cast
    ]


def _candidates(session: Session, vote_round: Round) -> list[dict[str, Any]]:
    return [
        {
            "position": one.position,
            "eligible": one.eligible,
            "opened": one.opened,
            "yes": one.yes,
            "no": one.no,
            "abstain": one.abstain,
        }
        for one in ballots.candidates(session, vote_round)
    ]


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
