"""The verifiable record of a draw: pseudonymous tokens instead of names, and all inputs of the result.

It is signed when the seats are drawn. The export holds that signed record and what the database says now, so that
`tools/verify_draw.py` notices a change of either.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.engine import Act
from app.ground import signing
from app.models import Draw, Expert, Seat
from app.services.draw import draw_rules
from app.services.draw.draw_rules import LATER

EXPORT_ALG = "zc-draw-export-v1"


def sign(act: Act) -> None:
    """Sign the record of a draw whose seats were just drawn, and note its digest."""
    draw: Draw = act.record
    draw.signed_record = signing.stored(record(act.session, draw))
    act.notes["record"] = signing.digest(draw.signed_record)


def export(session: Session, draw: Draw) -> signing.Signed:
    """Return the signed record and the present one, signed as a whole, for `tools/verify_draw.py`."""
    kept = signing.read(draw.signed_record) if draw.signed_record else None
    return signing.signed({"alg": EXPORT_ALG, "at_draw": kept, "now": record(session, draw)})


def record(session: Session, draw: Draw) -> dict[str, Any]:
    """Return the facts of a draw, without names, ID numbers and salt; seats called later are among them.

    The draw must have its result.
    """
    return {
        "alg": draw.alg,
        "plan": draw.plan_id,
        "attempt": draw.attempt,
        "pool": draw.pool,
        "pool_hash": draw.pool_hash,
        "office": {"commitment": draw.office_digest, "secret": draw.office_secret},
        "supervisor": {"commitment": draw.supervisor_digest, "secret": draw.supervisor_secret},
        "public_source": draw.public_source,
        "public_value": draw.public_value,
        "seed": draw.seed,
        "drawn_at": draw.drawn_at.isoformat() if draw.drawn_at else None,
        "seats": _seats(session, draw),
    }


def _seats(session: Session, draw: Draw) -> list[dict[str, Any]]:
    """Return the stored seats by place; `kind` tells seats, alternates and those called later apart."""
    kinds = [
        one.kind for one in draw_rules.draw_seats(draw_rules.read_pool(draw.pool), str(draw.seed))
    ]
    query = (
        select(Seat.place, Seat.expert_id, Seat.group_name)
        .where(Seat.draw_id == draw.id)
        .order_by(Seat.place)
    )
    return [
        {
            "place": place,
            "token": draw_rules.token(draw.salt, expert_id or 0),
            "group": group,
            "kind": kinds[place - 1] if place <= len(kinds) else LATER,
        }
        for place, expert_id, group in session.execute(query)
    ]


def seats_of(session: Session, draw: Draw) -> Sequence[Seat]:
    """Return the seats of a draw with names and units, by place; for the office and the supervisor only."""
    query = (
        select(Seat)
        .where(Seat.draw_id == draw.id)
        .options(joinedload(Seat.user), joinedload(Seat.expert).joinedload(Expert.unit))
        .order_by(Seat.place)
    )
    return session.scalars(query).unique().all()
