"""Brings the values of the stored areas to a request; each worker keeps them for as long as their stamp holds."""

from collections import defaultdict
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.enums import ChangeSetState, Role
from app.extensions import db
from app.ground import in_force
from app.ground.in_force import Cell, Values
from app.models import ChangeSet, CustomisationVersion, CustomValue, Override
from app.services.customising.stored_area import AS_EVERYBODY

KEPT = "zhicheng.custom_values"
Kept = tuple[str, Values, dict[Role | None, dict[str, Any]]]
"""Stamp, values, and by role what was computed of them."""


def load(role: Role | None, stamp: str | None = None) -> None:
    """Let the published values hold for this request.

    `stamp` was read with the session, in the same transaction and before the values, so what is kept under it is never
    older than it; without one it is read here.
    """
    stamp = stamp or db.session.scalar(select(CustomisationVersion.value_stamp))
    if stamp is None:
        in_force.forget()
        return
    kept: Kept | None = current_app.extensions.get(KEPT)
    if kept is None or kept[0] != stamp:
        kept = current_app.extensions[KEPT] = stamp, _published(), {}
    in_force.put(kept[1], role, stamp, kept[2].setdefault(role, {}))


def load_draft(role: Role | None, author_id: int) -> None:
    """Let what the draft of an author changes hold for this request, on top of the published values."""
    found = db.session.execute(
        select(
            Override.area, Override.target, Override.key, Override.scope, Override.new, ChangeSet.version
        )
        .join(ChangeSet)
        .where(ChangeSet.author_id == author_id, ChangeSet.state == ChangeSetState.DRAFT)
    ).all()  # fmt: skip
    drafted = _by_area(row[:5] for row in found)
    kept: Kept = current_app.extensions[KEPT]
    both = {
        area: _without_inherited({**kept[1].get(area, {}), **drafted.get(area, {})})
        for area in {*kept[1], *drafted}
    }
    version = max((row.version for row in found), default=0)
    in_force.put(both, role, f"{kept[0]}:{author_id}:{version}")


def _without_inherited(cells: dict[Cell, Any]) -> dict[Cell, Any]:
    return {cell: value for cell, value in cells.items() if value != AS_EVERYBODY}


def _published() -> Values:
    return _by_area(
        db.session.execute(
            select(
                CustomValue.area,
                CustomValue.target,
                CustomValue.key,
                CustomValue.scope,
                CustomValue.value,
            )
        )
    )


def _by_area(rows: Any) -> dict[str, dict[Cell, Any]]:
    found: dict[str, dict[Cell, Any]] = defaultdict(dict)
    for area, target, key, scope, value in rows:
        found[area][target, key, scope] = value
    return dict(found)
