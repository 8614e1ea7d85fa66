"""What a new annual batch takes over from the last one (menu 1.4.2)."""

from sqlalchemy import select

from app import scopes
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch
from app.services.registers import batch_takeover
from app.views.base.declarations import TakenOver


def last_batch(actor: Actor, like: Batch | None) -> TakenOver | None:
    """Return what a new batch takes over from `like`, or from the newest of the actor's committees."""
    last = like or _newest(actor)
    if last is None:
        return None
    found = batch_takeover.of_batch(last, clock.local_date(clock.now()))
    return TakenOver(last.name, found.values, found.left_empty)


def _newest(actor: Actor) -> Batch | None:
    query = select(Batch).where(scopes.batches_of_my_committees(actor))
    return db.session.scalars(
        query.order_by(Batch.review_year.desc(), Batch.id.desc()).limit(1)
    ).first()
