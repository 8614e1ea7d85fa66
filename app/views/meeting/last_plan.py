"""What a new review plan takes over from the last one (menu 1.2.2)."""

from sqlalchemy import select

from app import scopes
from app.enums import BatchState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch, Plan
from app.services.meeting import plan_takeover
from app.views.base.declarations import TakenOver


def last_plan(actor: Actor, like: Plan | None) -> TakenOver | None:
    """Return what a new plan takes over from `like`, or from the newest of the actor's committees."""
    last = like or _newest(actor)
    if last is None:
        return None
    found = plan_takeover.of_plan(last, _open_batch(last), clock.local_date(clock.now()))
    return TakenOver(last.name, found.values, found.left_empty)


def _newest(actor: Actor) -> Plan | None:
    query = select(Plan).where(scopes.plans_of_my_committees(actor))
    return db.session.scalars(query.order_by(Plan.id.desc()).limit(1)).first()


def _open_batch(last: Plan) -> Batch | None:
    """Return the newest open batch of the committee, None without one."""
    query = select(Batch).where(
        Batch.committee_id == last.committee_id, Batch.state == BatchState.OPEN
    )
    return db.session.scalars(query.order_by(Batch.id.desc()).limit(1)).first()
