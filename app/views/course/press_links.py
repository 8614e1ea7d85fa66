"""Addresses of the presses on a meeting's page; whatever they open leads back to it (`returning.meeting_page`)."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext, pgettext

from app.enums import PlanState, SeatState
from app.extensions import appbuilder
from app.models import Seat
from app.services.course.meeting_facts import Facts


@dataclass(frozen=True)
class Press:
    """A button: its name and its address."""

    label: str
    url: str


def page_of(plan_id: int) -> str:
    """Return the address of the meeting's page, to which a press made from it leads back."""
    return url_for("MeetingRoomView.show", pk=plan_id)


def route_press(label: str, permission: str, view: str, route: str, **values: Any) -> Press | None:
    """Return the button to a route of a view, None without its permission."""
    if not appbuilder.sm.has_access(f"can_{permission}", view):
        return None
    return Press(label, url_for(f"{view}.{route}", **values))


def of_seat(seat: Seat, facts: Facts) -> list[tuple[str, str | None]]:
    """Return the links at a seat before the first round: note an answer, decide on a refusal, appoint."""
    if facts.standing or facts.plan.state is not PlanState.APPROVED:
        return []
    values = {"pk": seat.id, "back": page_of(facts.plan.id)}
    found = (
        route_press(label, name, "MeetingSeatView", "act", button=name, **values)
        for name, label in _offered(seat)
    )
    return [(one.label, one.url) for one in found if one]


def _offered(seat: Seat) -> list[tuple[str, str]]:
    if seat.state is not SeatState.CALLED:
        return [("appoint", gettext("Appoint"))]
    if seat.decline_noted_by is not None:
        return [("check_decline", gettext("Decide on the refusal"))]
    return [
        ("accept", pgettext("seat", "Accept")),
        ("note_decline", gettext("Refusal by telephone")),
    ]
