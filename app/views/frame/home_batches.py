"""The running batches on the start page: the last day of each stage, and which one lasts now."""

from datetime import date

from flask_babel import gettext
from sqlalchemy import select

from app import scopes
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch
from app.services.registers import deadlines
from app.services.registers.deadlines import Extensions
from app.views.base import coming
from app.views.base.aliases import Page

SHOWN = 3


def running(actor: Actor) -> tuple[list[Page], bool]:
    """Return the steps of up to SHOWN running batches that concern `actor`, the next end first.

    Also return whether there are more.
    """
    today = clock.local_date(clock.now())
    query = (
        select(Batch)
        .where(scopes.batches_of_concern(actor), scopes.is_running(today))
        .order_by(Batch.office_end, Batch.id)
        .limit(SHOWN + 1)
    )
    found = db.session.scalars(query).all()
    shown, units = found[:SHOWN], frozenset({actor.unit_id})
    known = deadlines.of_batches(db.session(), shown, deadlines.concern(None, units))
    return [_steps(one, known, units, today) for one in shown], len(found) > SHOWN


def _steps(batch: Batch, known: Extensions, units: frozenset[int | None], today: date) -> Page:
    steps = list(coming.last_days(batch, known, units))
    ahead = next(((label, day) for label, day in steps if day >= today), None)
    return {
        "title": batch.name,
        "now": _now(ahead[0], ahead[1], today) if ahead else "",
        "steps": [
            {
                "label": label,
                "span": f"{batch.apply_start:%m-%d} – {day:%m-%d}"
                if number == 0
                else gettext("until %(day)s", day=f"{day:%m-%d}"),
                "tone": "rest" if day < today else "ok" if (label, day) == ahead else "wait",
            }
            for number, (label, day) in enumerate(steps)
        ],
        "next": coming.stage_end(batch.name, steps, today),
    }


def _now(step: str, day: date, today: date) -> str:
    """Return in words which stage lasts now and for how long."""
    if day == today:
        return gettext("Now: %(step)s, last day today", step=step)
    left = (day - today).days
    return gettext("Now: %(step)s, days left: %(count)s", step=step, count=left)
