"""Register of units: every organisation once, identified by its credit code, in one tree."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select, update

from app.engine import Refused
from app.extensions import db
from app.models import Unit
from app.validators import Invalid, credit_code

COLUMNS = ("name", "kind", "region_code", "is_self_review", "contact", "phone", "is_active")


def build(data: dict[str, Any]) -> Unit:
    """Return a new unit, added to the session. Raises Refused for an invalid or known credit code."""
    unit = Unit(credit_code=_free_code(data["credit_code"]), path="")
    write(unit, data)
    return unit


def write(unit: Unit, data: dict[str, Any]) -> None:
    """Write `data` to `unit` and move it to its place in the tree. Raises Refused as `move`."""
    for name in COLUMNS:
        setattr(unit, name, data[name])
    move(unit, data.get("parent_id"))


def move(unit: Unit, parent_id: Any) -> None:
    """Set the superior of `unit`, None for the top level, and move its subtree along.

    Raises Refused when the new superior is the unit itself or one below it.
    """
    parent = db.session.get(Unit, parent_id) if parent_id else None
    if parent is not None and unit.id is not None and f"/{unit.id}/" in parent.path:
        raise Refused(
            gettext("%(unit)s is below this unit; choose another superior.", unit=parent.name),
            "parent_id",
        )
    unit.parent_id = parent.id if parent else None
    if unit.id is None:
        db.session.add(unit)
        db.session.flush()
    _move(unit, f"{parent.path if parent else '/'}{unit.id}/")


def _move(unit: Unit, path: str) -> None:
    old, unit.path = unit.path, path
    if old and old != path:
        below = Unit.path.startswith(old, autoescape=True) & (Unit.id != unit.id)
        moved = path + func.substr(Unit.path, len(old) + 1)
        db.session.execute(
            update(Unit).where(below).values(path=moved),
            execution_options={"synchronize_session": False},
        )


def _free_code(typed: str) -> str:
    try:
        code = credit_code(typed)
    except Invalid as invalid:
        raise Refused(invalid, "credit_code") from None
    known = db.session.scalar(select(Unit.name).where(Unit.credit_code == code))
    if known:
        raise Refused(
            gettext("This credit code is already registered for %(unit)s.", unit=known),
            "credit_code",
        )
    return code
