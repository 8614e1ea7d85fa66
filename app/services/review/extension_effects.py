"""Effects of extensions: deadlines of the applications concerned, log and messages."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, or_, select

from app.engine import Act
from app.enums import ExtensionKind, Role
from app.ground.actor import prefix_of
from app.models import Application, Batch, Committee, Extension, Person, Position, Series
from app.services.review import deadline_changes, extensions


def note(act: Act) -> None:
    """Put what was granted into the log row."""
    record = act.record
    act.notes.update(
        kind=record.kind.value,
        stage=record.stage.value,
        until=record.until.isoformat(),
        document_number=record.document_number,
        approved_by=record.approved_by,
        batch_id=record.batch_id,
        unit_id=record.unit_id,
        series_code=record.series_code,
        person_id=record.person_id,
        reason=record.reason,
    )


def apply(act: Act) -> None:
    """Make a confirmed extension count: store the new deadlines and tell those it concerns."""
    note(act)
    _change(act, "deadline.extended")


def take_away(act: Act) -> None:
    """Store the deadlines without a withdrawn extension and tell those it concerned."""
    note(act)
    _change(act, "deadline.withdrawn")


def _change(act: Act, template: str) -> None:
    record, session = act.record, act.session
    session.flush()
    concerned = _concerned(record)
    in_stage = Application.state.in_(deadline_changes.states_of(record.stage))
    deadline_changes.refresh(session, concerned, in_stage)
    deadline_changes.tell(
        session,
        template,
        [record.stage],
        concerned,
        also=_named(act),
        at=act.at,
        stage=str(record.stage.label),
        until=record.until.isoformat(),
        document=record.document_number,
        approver=record.approved_by,
        reason=record.reason,
        opinion=act.opinion,
        whom=extensions.whom(act),
        batch=_where(act),
    )


def _where(act: Act) -> str:
    """Return in which batches the extension holds, in words."""
    record, session = act.record, act.session
    if record.batch_id is not None:
        return str(session.get_one(Batch, record.batch_id).name)
    if record.series_code is not None:
        name = session.get_one(Series, record.series_code).name
        return gettext("%(year)s, series “%(series)s”", year=record.review_year, series=name)
    return gettext("all batches of %(year)s", year=record.review_year)


def _concerned(record: Extension) -> ColumnElement[bool]:
    """Return the condition for the applications the extension may concern; `deadlines` decides on each."""
    condition = Application.review_year == record.review_year
    if record.batch_id is not None:
        condition &= Application.batch_id == record.batch_id
    else:
        condition &= Application.committee_id.in_(_committees(record))
    if record.kind is ExtensionKind.UNIT:
        condition &= or_(
            Application.unit_id == record.unit_id, Application.holder_id == record.unit_id
        )
    if record.kind is ExtensionKind.PERSON:
        condition &= Application.person_id == record.person_id
    return condition


def _committees(record: Extension) -> Select[tuple[int]]:
    query = select(Committee.id).where(
        Committee.region_code.startswith(prefix_of(record.region_code))
    )
    if record.series_code is not None:
        query = query.where(Committee.series_code == record.series_code)
    return query


def _named(act: Act) -> Select[Any]:
    """Return the accounts told in any case: of the person, of the unit, or of the committees' offices."""
    record = act.record
    if record.kind is ExtensionKind.PERSON:
        return select(Person.user_id).where(
            Person.id == record.person_id, Person.user_id.is_not(None)
        )
    if record.kind is ExtensionKind.UNIT:
        return deadline_changes.clerks(Role.UNIT, Role.SUPERIOR).where(
            Position.unit_id == record.unit_id
        )
    if record.batch_id is not None:
        return deadline_changes.office_of(act.session.get_one(Batch, record.batch_id), act.session)
    organisers = select(Committee.unit_id).where(Committee.id.in_(_committees(record)))
    return deadline_changes.clerks(Role.OFFICE).where(Position.unit_id.in_(organisers))
