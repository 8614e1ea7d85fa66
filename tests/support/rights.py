"""Change permissions in tests: collect, publish, and read what holds."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import force_locale

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import ChangeSet, OwnRole
from app.services.accounts import grants, own_roles
from app.services.customising import change_sets
from app.services.customising.catalogue import Cell
from app.views.customising.rights_catalogue import RIGHTS

REPORT: Cell = ("UnitReportView", "can_report", "unit")
EXPORT: Cell = ("ApplicationQueryView", "can_export", "unit")
OWN: Cell = ("AuditView", "can_export", "auditor")
"""A right that two administrators take from the auditor."""


def collected(actor: Actor, values: Mapping[Cell, bool]) -> ChangeSet:
    """Return the actor's draft with `values` collected."""
    change_sets.collect(actor, RIGHTS, values, at=clock.now())
    db.session.commit()
    found = change_sets.draft_of(actor)
    assert found is not None
    return found


def published(
    actor: Actor, values: Mapping[Cell, bool], *, effective_from: datetime | None = None
) -> ChangeSet:
    """Return a set published by `actor`, or scheduled for a later moment."""
    draft = collected(actor, values)
    change_sets.publish(actor, draft, note="", effective_from=effective_from, at=clock.now())
    db.session.commit()
    return draft


def own_role(
    base: Role = Role.UNIT,
    name: str = "单位查询员",
    name_en: str = "Unit viewer",
    start: str = "full",
) -> OwnRole:
    """Return a new own role."""
    data = {"base": base.value, "name": name, "name_en": name_en, "remark": "", "start": start}
    made = own_roles.build(data)
    db.session.commit()
    return made


def holds(cell: Cell) -> bool:
    view, permission, role = cell
    return (permission, view) in grants.permissions_of_role(Role(role))


def refusal(act: object) -> str:
    """Return the sentence with which an act is refused, in English; "" if it is not. The session is rolled back."""
    try:
        with force_locale("en"):
            act()  # type: ignore[operator]  # a function without parameters
    except Refused as refused:
        db.session.rollback()
        return refused.sentence
    return ""
