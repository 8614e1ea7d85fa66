"""Which deadlines an account has not been told of yet: each record, last day and stage is told once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext
from sqlalchemy import Row, String, delete, inspect, literal, or_, select

from app.enums import DeadlineStage
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import DeadlineNote
from app.services.ground.numbering import INSERTS
from app.todos import deadlines
from app.todos.counting import MOST_COUNTED, STAGES, Waiting

LONGEST_PASSED = timedelta(days=30)
"""A deadline that passed longer ago is not told of any more: it stands in the digest's figures every day."""
NAMES = ("number", "name")


@dataclass(frozen=True)
class Reached:
    """A record whose deadline has reached a stage."""

    stage: DeadlineStage
    due: datetime
    menu: str
    name: str

    @property
    def order(self) -> tuple[int, datetime]:
        return STAGES.index(self.stage), self.due

    @property
    def line(self) -> str:
        """Return the line that tells of it."""
        return gettext(
            "%(stage)s: %(menu)s %(name)s, until %(due)s",
            stage=self.stage.label,
            menu=self.menu,
            name=self.name,
            due=clock.text(self.due),
        )


def note_reached(waiting: list[Waiting], actor: Actor, at: datetime) -> list[Reached]:
    """Store which deadlines are told of to `actor` now and return them, the most urgent first.

    Two statements per to-do with a deadline near. The unique key decides between several processes.
    """
    found = [
        reached
        for one in waiting
        if one.late or one.soon or one.near
        for reached in _note(one, actor, at)
    ]
    return sorted(found, key=lambda reached: reached.order)


def forget(today: date) -> None:
    """Delete the notes of deadlines too old to be told of again; the caller commits."""
    old = DeadlineNote.due_day < today - 2 * LONGEST_PASSED
    db.session.execute(delete(DeadlineNote).where(old))


def _note(one: Waiting, actor: Actor, at: datetime) -> list[Reached]:
    rows = {row.id: row for row in _rows(one, actor, at)}
    if not rows:
        return []
    insert = INSERTS[db.session.get_bind().dialect.name](DeadlineNote).values(
        [
            {
                "user_id": actor.user_id,
                "subject_type": one.view.model.__tablename__,
                "subject_id": row.id,
                "due_day": clock.local_date(_due(row)),
                "stage": DeadlineStage(row.stage),
                "told_at": at,
            }
            for row in rows.values()
        ]
    )
    once = insert.on_conflict_do_nothing().returning(DeadlineNote.subject_id)
    told = db.session.scalars(once).all()
    return [_reached(one, rows[key]) for key in told]


def _rows(one: Waiting, actor: Actor, at: datetime) -> list[Row[tuple[object, ...]]]:
    """Return the rows whose deadline is near or passed not too long ago, with what names them."""
    model, earliest = one.view.model, clock.local_date(at) - LONGEST_PASSED
    stage = deadlines.stage(model, at).label("stage")
    due_at, due_on = deadlines.due_at(model), deadlines.due_on(model)
    named = inspect(model).columns
    names = (
        (getattr(model, key) if key in named else literal("", String)).label(key) for key in NAMES
    )
    query = (
        select(model.id, *names, due_at.label("due_at"), due_on.label("due_on"), stage)
        .where(*one.todo.conditions(one.view, actor), stage.is_not(None))
        .where(or_(due_at >= clock.start_of_day(earliest), due_on >= earliest))
        .order_by(due_at, due_on, model.id)
        .limit(MOST_COUNTED)
    )
    return list(db.session.execute(query).all())


def _due(row: Row[tuple[object, ...]]) -> datetime:
    due: datetime = row.due_at or clock.end_of_day(row.due_on)
    return due


def _reached(one: Waiting, row: Row[tuple[object, ...]]) -> Reached:
    name = " ".join(str(part) for part in (row.number, row.name) if part)
    return Reached(DeadlineStage(row.stage), _due(row), one.title, name)
