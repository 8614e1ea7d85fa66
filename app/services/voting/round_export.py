"""The record of a counted round, from which anybody counts again (`tools/verify_ballots.py`); no judge is named."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ground import crypto
from app.models import Round, SealedBallot
from app.services.voting import ballots, sealing

RECORD_ALG = "zc-ballots-v1"


def record(session: Session, held: Round) -> dict[str, Any]:
    """Return what was frozen, the receipts of the ballots and the opened votes of a round."""
    cast = session.scalars(
        select(SealedBallot).where(SealedBallot.round_id == held.id).order_by(SealedBallot.tracker)
    ).all()
    return {
        "alg": RECORD_ALG,
        "sealed_with": sealing.ALG,
        "round_id": held.id,
        "frozen": held.frozen,
        "frozen_hash": held.frozen_hash,
        "public_key": held.public_key,
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
        "cast": held.cast,
        "invalid": held.invalid,
        "candidates": [
            {
                "position": one.position,
                "eligible": one.eligible,
                "opened": one.opened,
                "yes": one.yes,
                "no": one.no,
                "abstain": one.abstain,
            }
            for one in ballots.candidates(session, held)
        ],
    }
