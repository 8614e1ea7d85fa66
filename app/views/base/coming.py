"""What comes next for somebody for whom nothing waits: the next day of a batch, the next own meeting."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import scopes
from app.enums import BatchState, PlanState, Stage
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch, Plan
from app.services.registers import deadlines
from app.services.registers.deadlines import Case, Extensions
from app.views.base.aliases import Label

STAGES: dict[Stage, Label] = {
    Stage.APPLY: _("Personal applications"),
    Stage.UNIT: _("Units report"),
    Stage.SUPERIOR: _("Superior units"),
    Stage.OFFICE: _("Qualification check"),
}


class Coming(NamedTuple):
    """A day ahead, and the sentence that says what is on it."""

    day: date
    sentence: str


def next_text(actor: Actor) -> str:
    """Return the sentence about the nearest day ahead, "" if none is known; at most five statements."""
    today = clock.local_date(clock.now())
    known = (_running(actor, today), _beginning(actor, today), _meeting(actor, today))
    found = [one for one in known if one is not None]
    return min(found).sentence if found else ""


def last_days(
    batch: Batch, known: Extensions, units: frozenset[int | None]
) -> Iterator[tuple[Label, date]]:
    """Yield the stages of a batch with their last days for these units."""
    case = Case(batch, None, units)
    for stage, label in STAGES.items():
        yield label, known.deadline(case, stage).day


def _running(actor: Actor, today: date) -> Coming | None:
    """Return the end of the present stage of the running batch that ends first."""
    query = select(Batch).where(
        scopes.visible(Batch, actor),
        Batch.state == BatchState.OPEN,
        Batch.apply_start <= today,
        Batch.office_end >= today,
    )
    batch = db.session.scalars(query.order_by(Batch.office_end, Batch.id).limit(1)).first()
    if batch is None:
        return None
    units = frozenset({actor.unit_id})
    known = deadlines.of_batches(db.session(), [batch], deadlines.concern(None, units))
    for label, day in last_days(batch, known, units):
        if day >= today:
            return Coming(
                day,
                gettext(
                    "Next in %(batch)s: %(step)s, until %(day)s.",
                    batch=batch.name,
                    step=label,
                    day=day.isoformat(),
                ),
            )
    return None


def _beginning(actor: Actor, today: date) -> Coming | None:
    """Return the beginning of the next batch."""
    query = select(Batch.apply_start, Batch.name).where(
        scopes.visible(Batch, actor), Batch.state == BatchState.OPEN, Batch.apply_start > today
    )
    row = db.session.execute(query.order_by(Batch.apply_start, Batch.id).limit(1)).first()
    if row is None:
        return None
    day, name = row
    return Coming(day, gettext("Next: %(batch)s opens on %(day)s.", batch=name, day=day))


def _meeting(actor: Actor, today: date) -> Coming | None:
    """Return the next agreed meeting of the actor's committees, region or seats, or the one under way."""
    query = select(Plan.opens_on, Plan.name).where(
        scopes.visible(Plan, actor), Plan.state == PlanState.APPROVED, Plan.closes_on >= today
    )
    row = db.session.execute(query.order_by(Plan.opens_on, Plan.id).limit(1)).first()
    if row is None:
        return None
    day, name = row
    return Coming(day, gettext("Next: the meeting “%(plan)s”, from %(day)s.", plan=name, day=day))
