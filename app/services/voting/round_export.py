"""The public record of a counted round, for `tools/verify_ballots.py`; it names no judge."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ground import crypto
from app.models import Round, SealedBallot
from app.services.voting import ballots, sealing

RECORD_ALG = "zc-ballots-v1"


def record(session: Session, vote_round: Round) -> dict[str, Any]:
    """Return the frozen data, the ballot receipts and the opened votes of a round, to count it again."""
    cast = session.scalars(
        select(SealedBallot)
        .where(SealedBallot.round_id == vote_round.id)
        .order_by(SealedBallot.tracker)
    ).all()
    return {
        "alg": RECORD_ALG,
        "sealed_with": sealing.ALG,
        "round_id": vote_round.id,
        "frozen": vote_round.frozen,
        "frozen_hash": vote_round.frozen_hash,
        "public_key": vote_round.public_key,
        "receipt_alg": crypto.RECEIPT_ALG,
        "receipt_key": crypto.receipt_key(),
        "receipts": [
            {
                "tracker": one.tracker,
                "digest": one.digest,
                "signature": ballots.receipt(one).signature,
            }
            for one in cast
        ],
        "cast": vote_round.cast,
        "invalid": vote_round.invalid,
        "candidates": [
            {
                "position": one.position,
                "eligible": one.eligible,
                "opened": one.opened,
                "yes": one.yes,
                "no": one.no,
                "abstain": one.abstain,
            }
            for one in ballots.candidates(session, vote_round)
        ],
    }
