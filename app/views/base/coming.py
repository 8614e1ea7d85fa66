"""What comes next for somebody for whom nothing waits: the next day of a batch, the next own meeting."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import literal, select, union_all

from app import scopes
from app.enums import BatchState, PlanState, Stage
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch, Plan
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


def next_text(actor: Actor, *known: Coming | None) -> str:
    """Return the sentence about the nearest day ahead, "" if there is none; one statement.

    `known`: what the page has read already, such as the end of a stage (`stage_end`).
    """
    found = [*(one for one in known if one is not None), *_ahead(actor)]
    return min(found).sentence if found else ""


def last_days(
    batch: Batch, known: Extensions, units: frozenset[int | None]
) -> Iterator[tuple[Label, date]]:
    """Yield the stages of a batch with their last days for these units."""
    case = Case(batch, None, units)
    for stage, label in STAGES.items():
        yield label, known.deadline(case, stage).day


def stage_end(name: str, steps: Iterable[tuple[Label, date]], today: date) -> Coming | None:
    """Return the end of the present stage of a running batch with these last days."""
    for label, day in steps:
        if day >= today:
            sentence = gettext(
                "Next in %(batch)s: %(step)s, until %(day)s.",
                batch=name,
                step=label,
                day=day.isoformat(),
            )
            return Coming(day, sentence)
    return None


def _ahead(actor: Actor) -> list[Coming]:
    """Return the beginning of the next batch and the next agreed meeting of the actor's, or the one under way."""
    today = clock.local_date(clock.now())
    batches = select(literal("batch"), Batch.apply_start.label("day"), Batch.name).where(
        scopes.visible(Batch, actor), Batch.state == BatchState.OPEN, Batch.apply_start > today
    )
    meetings = select(literal("plan"), Plan.opens_on.label("day"), Plan.name).where(
        scopes.visible(Plan, actor), Plan.state == PlanState.APPROVED, Plan.closes_on >= today
    )
    nearest = (
        select(query.order_by(query.selected_columns[1]).limit(1).subquery())
        for query in (batches, meetings)
    )
    rows = db.session.execute(union_all(*nearest)).all()
    return [Coming(day, _sentence(kind, name, day)) for kind, day, name in rows]


def _sentence(kind: str, name: str, day: date) -> str:
    if kind == "batch":
        return gettext("Next: %(batch)s opens on %(day)s.", batch=name, day=day)
    return gettext("Next: the meeting “%(plan)s”, from %(day)s.", plan=name, day=day)
