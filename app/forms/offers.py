"""Choices that several forms of staff offer, read from the registers."""

from collections.abc import Sequence
from typing import Any

import wtforms
from flask import request
from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.enums import BatchState
from app.extensions import db
from app.forms.base.aliases import Pair
from app.ground.actor import Actor
from app.models import Batch, Committee, MaterialKind

KEYS_END = 2**31
"""Above all keys of rows."""


def material_kinds() -> list[Pair]:
    """Return the kinds of material a batch may ask every applicant for."""
    query = select(MaterialKind).where(MaterialKind.is_active)
    kinds = db.session.scalars(query.order_by(MaterialKind.order, MaterialKind.code))
    return [(kind.code, kind.name) for kind in kinds if _is_of_applicant(kind)]


def _is_of_applicant(kind: MaterialKind) -> bool:
    uploaders = (kind.condition or {}).get("by")
    return uploaders is None or "applicant" in uploaders


def committees_of(actor: Actor) -> list[Pair]:
    """Return the committees of the actor's office, as choices."""
    query = select(Committee.id, Committee.name).where(Committee.id.in_(actor.committee_ids))
    return list(db.session.execute(query.order_by(Committee.id)).tuples().all())


def open_batches_of(actor: Actor) -> list[Pair]:
    """Return the open batches of the actor's committees, as choices."""
    query = select(Batch.id, Batch.name).where(
        Batch.committee_id.in_(actor.committee_ids), Batch.state == BatchState.OPEN
    )
    return list(db.session.execute(query.order_by(Batch.id.desc())).tuples().all())


def set_choices(field: wtforms.Field, pairs: Sequence[Pair]) -> None:
    """Set the choices of a field at request time."""
    field.offered = list(pairs)
    field.__dict__.pop("_pairs", None)


def choose_only(field: wtforms.Field) -> None:
    """Preselect the only choice, if there is just one."""
    if len(field.offered) == 1:
        field.data = field.offered[0][0]


def choose_meeting(field: wtforms.Field) -> None:
    """Preselect the meeting of the page the press came from (`?plan=`), else the only one.

    A meeting that is not offered leaves the field empty, so that no other is taken for it.
    """
    if "plan" not in request.args:
        choose_only(field)
        return
    asked = request.args.get("plan", type=int)
    field.data = next((key for key, _name in field.offered if key == asked), None)


def of_asked_meeting(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Return the condition for rows of the meeting of the page the press came from (`?plan=`), else for all."""
    if "plan" not in request.args:
        return true()
    key = request.args.get("plan", type=int) or 0
    return column == key if 0 < key < KEYS_END else false()
