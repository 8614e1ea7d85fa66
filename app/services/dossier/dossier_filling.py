"""Fills in, and takes away, the values of fields that became columns of lists, or no longer are; in pages.

Any number of processes may do so at once, and one that was stopped goes on where it was: how far each field is
stands in `dossier_fill`. Applications are locked while they are read, so that a submission at the same moment is
either read here or writes the values itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from app.extensions import db
from app.models import Application, DossierFill, DossierValue
from app.services.dossier import dossier_values
from app.services.dossier.dossier_columns import DossierColumns
from app.services.form import condition_facts, form_definition
from app.services.form.form_parts import Form, for_application
from app.services.ground.numbering import INSERTS

AT_ONCE = 500
"""Applications of one page."""
REMOVED_AT_ONCE = 5_000


@dataclass(frozen=True)
class Progress:
    """How many of the submitted applications are filled in for a field."""

    done: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.done >= self.total


def fill_page(at: datetime) -> int:
    """Do the next page of what is due and return how many records it took; 0 if there is none. The caller commits."""
    _note_declared()
    return _remove_page() or _fill_page(at)


def _note_declared() -> None:
    """Begin with fields that were declared since, and turn to removing those that are declared no more."""
    declared = dossier_values.declared_keys(db.session())
    known = {
        one.key: one for one in db.session.scalars(select(DossierFill).order_by(DossierFill.key))
    }
    insert = INSERTS[db.session.get_bind().dialect.name](DossierFill)
    for key in declared:
        if key not in known:
            db.session.execute(insert.values(key=key).on_conflict_do_nothing())
    gone = [key for key, one in known.items() if key not in declared and not one.is_removing]
    back = [key for key, one in known.items() if key in declared and one.is_removing]
    _turn(gone, is_removing=True)
    _turn(back, is_removing=False)


def _turn(keys: Sequence[str], *, is_removing: bool) -> None:
    if keys:
        db.session.execute(
            update(DossierFill)
            .where(DossierFill.key.in_(keys))
            .values(is_removing=is_removing, last_id=0, done_at=None)
        )


def _fill_page(at: datetime) -> int:
    """Fill in the next applications of the fields that are least far, which go on together."""
    waiting = db.session.scalars(
        select(DossierFill)
        .where(DossierFill.done_at.is_(None), DossierFill.is_removing.is_(False))
        .order_by(DossierFill.last_id, DossierFill.key)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    fills = [one for one in waiting if one.last_id == waiting[0].last_id]
    if not fills:
        return 0
    found = _applications_after(fills[0].last_id)
    _write([one for one in found if one.submitted_at is not None], sorted(one.key for one in fills))
    for fill in fills:
        fill.last_id = found[-1].id if found else fill.last_id
        fill.done_at = at if len(found) < AT_ONCE else None
    return len(found) or 1


def _applications_after(key: int) -> Sequence[Application]:
    """Return the next applications, drafts included, as one may be handed in at this moment."""
    query = (
        select(Application)
        .where(Application.id > key)
        .order_by(Application.id)
        .limit(AT_ONCE)
        .options(*DossierColumns.loading)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def _write(applications: Sequence[Application], keys: Collection[str]) -> None:
    sections = {key.partition(".")[0] for key in keys}
    contents = DossierColumns(db.session()).contents(applications, sections)
    forms: dict[int, Form] = {}
    values: list[dossier_values.Written] = []
    for one in applications:
        if one.form_version not in forms:
            forms[one.form_version] = form_definition.load(db.session(), one.form_version)
        own = for_application(forms[one.form_version], condition_facts.facts_of(one))
        values += dossier_values.values_of(one.id, own, contents[one.id], keys)
    dossier_values.replace([one.id for one in applications], keys, values)


def _remove_page() -> int:
    """Delete the next values of a field that is no column any more; rows that a submission holds wait."""
    fill = db.session.scalars(
        select(DossierFill)
        .where(DossierFill.is_removing.is_(True))
        .order_by(DossierFill.key)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if fill is None:
        return 0
    values = select(DossierValue.id).where(DossierValue.key == fill.key)
    ids = db.session.scalars(values.limit(REMOVED_AT_ONCE).with_for_update(skip_locked=True)).all()
    if ids:
        db.session.execute(
            delete(DossierValue).where(DossierValue.id.in_(ids)),
            execution_options={"synchronize_session": False},
        )
    elif db.session.scalar(values.limit(1)) is None:
        db.session.delete(fill)
        return 1
    return len(ids)


def submitted() -> int:
    """Return how many applications have been handed in."""
    query = select(func.count()).where(Application.submitted_at.is_not(None))
    return int(db.session.scalar(query) or 0)


def progress(keys: Collection[str]) -> dict[str, Progress]:
    """Return how far each of these fields is filled in."""
    total = submitted()
    fills = {
        one.key: one
        for one in db.session.scalars(select(DossierFill).where(DossierFill.key.in_(keys)))
    }
    return {key: _progress(fills.get(key), total) for key in keys}


def _progress(fill: DossierFill | None, total: int) -> Progress:
    if fill is None or fill.is_removing:
        return Progress(0, total)
    if fill.done_at is not None:
        return Progress(total, total)
    query = select(func.count()).where(
        Application.submitted_at.is_not(None), Application.id <= fill.last_id
    )
    return Progress(int(db.session.scalar(query) or 0), total)
