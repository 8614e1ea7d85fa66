"""Results of acts on all rows that match: how many moved, and which were left as they were with the reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from app.extensions import db
from app.ground.actor import Actor
from app.models import BulkAct, BulkSkip

KEPT = timedelta(days=30)
"""How long a result can be looked at."""
LONGEST_LABEL, LONGEST_REASON = 200, 500


def begin(actor: Actor, menu: str, label: str, meant: int, *, at: datetime) -> BulkAct:
    """Return the result of an act that begins; results older than KEPT are deleted. The caller commits."""
    old = select(BulkAct.id).where(BulkAct.at < at - KEPT)
    db.session.execute(delete(BulkSkip).where(BulkSkip.bulk_id.in_(old)))
    db.session.execute(delete(BulkAct).where(BulkAct.at < at - KEPT))
    bulk = BulkAct(user_id=actor.user_id, menu=menu, label=label, at=at, meant=meant, done=0)
    db.session.add(bulk)
    db.session.flush()
    return bulk


def find(actor: Actor, menu: str, key: int) -> BulkAct | None:
    """Return the actor's own result, None for anybody else's."""
    query = select(BulkAct).where(
        BulkAct.id == key, BulkAct.menu == menu, BulkAct.user_id == actor.user_id
    )
    return db.session.scalars(query).one_or_none()


def newest(actor: Actor, menu: str) -> BulkAct | None:
    """Return the actor's newest result of a list, None without any."""
    mine = select(BulkAct).where(BulkAct.user_id == actor.user_id, BulkAct.menu == menu)
    return db.session.scalars(mine.order_by(BulkAct.id.desc()).limit(1)).one_or_none()


def skip(bulk: BulkAct, subject_id: int, label: str, why: str) -> None:
    """Note a row that was left as it was."""
    db.session.add(
        BulkSkip(
            bulk_id=bulk.id,
            subject_id=subject_id,
            label=label[:LONGEST_LABEL],
            reason=why[:LONGEST_REASON],
        )
    )


def skipped_count(bulk: BulkAct) -> int:
    """Return how many rows were left as they were."""
    query = select(func.count()).select_from(BulkSkip).where(BulkSkip.bulk_id == bulk.id)
    return db.session.scalar(query) or 0


def skipped(bulk: BulkAct, limit: int | None = None) -> Sequence[BulkSkip]:
    """Return the rows left as they were, at most `limit`, in the order of the list."""
    query = select(BulkSkip).where(BulkSkip.bulk_id == bulk.id).order_by(BulkSkip.id)
    return db.session.scalars(query.limit(limit)).all()
