"""The way from lists and pages about a meeting to its one page (`app/views/voting/meeting_room.py`)."""

from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from app.enums import MeetingMode, PlanState
from app.extensions import appbuilder
from app.models import Plan, Round, Seat
from app.services.meeting import seats
from app.views.base import columns
from app.views.base.aliases import Label
from app.views.base.columns import Cell, Column

LONGEST = 24


def linked(model: type[Any], key: str) -> Column:
    """Return the column `key` of a list, the name of a plan, as a link to the meeting's page."""

    def cell(row: Any) -> Cell | None:
        plan: Plan | None = row if isinstance(row, Plan) else row.plan
        if plan is None:
            return None
        is_open = not isinstance(row, Seat) or row.state in seats.MEMBERS
        return Cell(
            plan.name,
            url=url_of(plan) if is_open else None,
            title=plan.name if len(plan.name) > LONGEST else None,
        )

    return replace(columns.resolve(model, key), value=cell)


def draw_state() -> Column:
    """Return the column of meetings with the state of their last draw of judges."""

    def cell(plan: Plan) -> Cell:
        if plan.mode is not MeetingMode.ONLINE:
            return Cell("—")
        if not plan.draws:
            return Cell(gettext("Not begun"), tone="wait", kind="tag")
        return columns.cell_of(plan.draws[-1].state, is_state=True)

    return Column("draw", _("Draw of judges"), cell, "tag", load=(selectinload(Plan.draws),))


def round_title() -> Column:
    """Return the column with the name of a round within its meeting, sorted by its number."""
    number = columns.resolve(Round, "number")
    return replace(number, value=lambda row: row.title, kind="short", export=lambda row: row.number)


def round_link() -> Column:
    """Return the same column on a meeting's page, each name leading to the page of its round."""

    def cell(row: Round) -> Cell:
        is_open = not row.is_on_paper and appbuilder.sm.has_access("can_show", "RoundView")
        return Cell(
            row.title, url=url_for("RoundView.show", pk=row.id) if is_open else None, kind="short"
        )

    return replace(columns.resolve(Round, "number"), value=cell)


def url_of(plan: Plan) -> str | None:
    """Return the address of the meeting's page, None for who may not open it and for offline meetings."""
    if plan.mode is not MeetingMode.ONLINE or plan.state is PlanState.DRAFT:
        return None
    if not appbuilder.sm.has_access("can_show", "MeetingRoomView"):
        return None
    return url_for("MeetingRoomView.show", pk=plan.id)


def links(plan: Plan) -> list[tuple[Label, str]]:
    """Return the link of another page about the meeting to its page, [] where there is none to open."""
    url = url_of(plan)
    return [(gettext("Course of the meeting"), url)] if url else []
