"""A case that goes back to an earlier station of its own route: to its unit, or to a superior that passed it.

Nothing is asked of the applicant. From there the case takes the usual way up again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import update

from app.engine import Act, Refused
from app.enums import ApplicationState, Role
from app.models import Application, RouteStep
from app.services.messages import outbox
from app.services.registers import deadlines
from app.services.review import custody, routing

CHECK, REPORT = "check", "report"
"""Keys of the two stations at the unit the application is filed in."""
STEP = "step-"
"""Prefix of the keys of superior units, followed by their position on the route."""


@dataclass(frozen=True)
class Station:
    """A place on the way up: the state in which a case stands there, who acts there, and in which menu."""

    key: str
    name: str
    state: ApplicationState
    unit_id: int
    role: Role
    url: str
    position: int = 0


def passed_by(application: Application) -> list[Station]:
    """Return the stations that the application has passed, in the order of its route.

    Those of units that are closed in the register are left out: nobody there could act.
    """
    is_above = application.state is not ApplicationState.AT_SUPERIOR
    closed = {step.unit_id for step in application.route if not step.unit.is_active}
    closed |= set() if application.unit.is_active else {application.unit_id}
    return [
        one
        for one in _stations(application)
        if (is_above or one.position < application.route_position) and one.unit_id not in closed
    ]


def _stations(application: Application) -> list[Station]:
    """Return the stations of the whole route below the office."""
    unit = application.unit
    at_unit = [
        Station(CHECK, gettext("%(unit)s: first check", unit=unit.name), ApplicationState.AT_UNIT,
                unit.id, Role.UNIT, "/g/1.1.1/check/"),
        Station(REPORT, gettext("%(unit)s: recommendation and report", unit=unit.name),
                ApplicationState.NOTICE_OVER, unit.id, Role.UNIT, "/g/1.1.2/"),
    ]  # fmt: skip
    return at_unit + [_of_step(step) for step in application.route]


def _of_step(step: RouteStep) -> Station:
    return Station(
        f"{STEP}{step.position}",
        gettext("%(unit)s: review", unit=step.unit.name),
        ApplicationState.AT_SUPERIOR,
        step.unit_id,
        Role.SUPERIOR,
        "/g/1.1.3/",
        step.position,
    )


def choices(applications: Sequence[Application]) -> list[tuple[str, str]]:
    """Return the stations to choose from, with the units' names for one application.

    Several applications have only the stations at their own units in common.
    """
    if len(applications) == 1:
        return [(one.key, one.name) for one in passed_by(applications[0])]
    return [
        (CHECK, gettext("Own unit: first check")),
        (REPORT, gettext("Own unit: recommendation and report")),
    ]


def name_of(application: Application, key: str) -> str:
    """Return the name of a station of an application by its key, the key itself if it is none any more."""
    return next((one.name for one in _stations(application) if one.key == key), key)


def names_station(act: Act) -> None:
    """Refuse a return without a station that the case has passed, or to one whose time is over. Raises Refused."""
    key = act.details.get("station")
    station = next((one for one in passed_by(act.record) if one.key == key), None)
    if station is None:
        raise Refused(
            gettext(
                "Choose the station to which the case goes back; only those it has passed count."
            ),
            "station",
        )
    deadline = deadlines.of(act.record, deadlines.STAGE_OF[station.state])
    if deadline is not None and deadline.is_over(act.at):
        raise Refused(
            gettext(
                "“%(station)s” could act until %(day)s 24:00%(extended)s; a return now would leave no time. Choose a "
                "later station, or ask the human resources authority for an extension first (menu 1.4.2).",
                station=station.name,
                day=deadline.day,
                extended=deadlines.extended_text(deadline),
            ),
            "station",
        )


def state_there(act: Act) -> ApplicationState:
    """Return the state in which the case stands at the chosen station."""
    return _chosen(act).state


def send_back(act: Act) -> None:
    """Give the case to the chosen station and tell its people; what was passed from there on is passed anew."""
    station = _chosen(act)
    record, session = act.record, act.session
    act.notes["sent_back_to"] = station.name
    session.execute(
        update(RouteStep)
        .where(RouteStep.application_id == record.id, RouteStep.position >= station.position)
        .values(passed_at=None)
    )
    session.expire(record, ["route"])
    if station.role is Role.SUPERIOR:
        routing.move_to_step(act, station.position)
    else:
        record.route_position = 0
        custody.give_to_unit(act)
    outbox.queue_message_to_unit(
        session,
        station.unit_id,
        "case.sent_back",
        at=act.at,
        role=station.role,
        url=station.url,
        number=record.number,
        name=record.name,
        unit=act.actor.unit_name,
        station=station.name,
        opinion=act.opinion,
    )


def log_text(details: Mapping[str, Any]) -> str:
    """Return the words about the station for a log row, empty if the row records none."""
    name = details.get("sent_back_to")
    return gettext("back to “%(station)s”", station=name) if name else ""


def _chosen(act: Act) -> Station:
    """Return the chosen station; `names_station` has found it among those passed."""
    return next(one for one in _stations(act.record) if one.key == act.details["station"])
