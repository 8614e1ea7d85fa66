"""Cases that cannot go on because a unit was closed in the register: at it, or on its way to it.

The unit above or the authority hands them on to another unit. Nothing is asked of the applicant again.
"""

from flask_babel import gettext

from app.engine import Act, Refused
from app.enums import AT_OWN_UNIT, ON_THE_WAY, ApplicationState, Role
from app.models import Application, Unit
from app.services.messages import outbox
from app.services.registers import deadlines, regions
from app.services.review import custody, routing


def closed_unit(application: Application) -> Unit | None:
    """Return the closed unit that stops an application, or None: its holder, its own unit, the next of its route."""
    if application.state not in ON_THE_WAY:
        return None
    units = [application.holder]
    if application.state in AT_OWN_UNIT:
        units.append(application.unit)
    if application.state is not ApplicationState.RETURNED:
        units.append(next_unit(application))
    return next((unit for unit in units if unit is not None and not unit.is_active), None)


def next_unit(application: Application) -> Unit | None:
    """Return the next unit on the route of an application, None when the committee's office comes next."""
    wanted = application.route_position + 1
    return next((step.unit for step in application.route if step.position == wanted), None)


def is_stopped(act: Act) -> str | None:
    """Refuse to hand on a case that no closed unit stops."""
    if closed_unit(act.record) is not None:
        return None
    return gettext(
        "No closed unit stops the application %(number)s; it goes its usual way.",
        number=act.record.number,
    )


def is_in_charge(act: Act) -> str | None:
    """Refuse everybody but a unit above the closed one and the authority of the application's region."""
    unit = closed_unit(act.record)
    is_above = unit is not None and f"/{act.actor.unit_id}/" in unit.path
    if act.actor.role is Role.SUPERIOR and is_above:
        return None
    if act.actor.role is Role.HRSS and regions.covers(act.actor, act.record.region_code):
        return None
    return gettext(
        "The closed unit has another superior; only that one or the authority hands its cases on."
    )


def names_successor(act: Act) -> str | None:
    """Refuse a successor that is closed, has nobody for the task, or has the case already. Raises Refused."""
    unit = act.session.get(Unit, act.details.get("unit_id") or 0)
    if unit is None or not unit.is_active:
        raise Refused(gettext("Choose an active unit from the register."), "unit_id")
    role = Role.UNIT if _is_at_own_unit(act) else Role.SUPERIOR
    if not custody.has_people(act.session, unit.id, role):
        raise Refused(
            gettext(
                "“%(unit)s” has nobody in the role “%(role)s” who could go on with the case. Choose another unit, or "
                "ask the system administrator to give somebody this position first.",
                unit=unit.name,
                role=role.label,
            ),
            "unit_id",
        )
    if role is Role.UNIT and unit.id in {step.unit_id for step in act.record.route}:
        raise Refused(
            gettext(
                "“%(unit)s” reviews this case later on its way, so it cannot recommend it too. Choose another unit.",
                unit=unit.name,
            ),
            "unit_id",
        )
    if role is Role.SUPERIOR and unit.id in _seen_by(act.record):
        raise Refused(
            gettext(
                "“%(unit)s” has dealt with this case already, so it cannot review it again. Choose another unit.",
                unit=unit.name,
            ),
            "unit_id",
        )
    return None


def _seen_by(record: Application) -> set[int]:
    """Return the unit it is filed in and those that it has passed or stands at."""
    passed = {step.unit_id for step in record.route if step.position <= record.route_position}
    return passed | {record.unit_id}


def _is_at_own_unit(act: Act) -> bool:
    """Return whether the closed unit is the one that the application is filed in."""
    record = act.record
    return record.state in AT_OWN_UNIT and not record.unit.is_active


def state_as_before(act: Act) -> ApplicationState:
    """Return the state of the record; handing on moves no step."""
    state: ApplicationState = act.record.state
    return state


def hand_on(act: Act) -> None:
    """Put the successor in the place of the closed unit and tell it."""
    record, session = act.record, act.session
    closed = closed_unit(record)
    assert closed is not None
    successor = session.get_one(Unit, act.details["unit_id"])
    act.notes["handed_from"], act.notes["handed_to"] = closed.name, successor.name
    if _is_at_own_unit(act):
        record.unit_id = successor.id
        if record.holder_id is not None:
            record.holder_id, record.held_since = successor.id, act.at
        deadline = deadlines.of(record)
        record.due_at = None if deadline is None else deadline.moment
    else:
        routing.replace_step(act, closed.id, successor.id)
    session.flush()
    session.expire(record, ["unit", "holder", "route"])
    outbox.queue_message_to_unit(
        session,
        successor.id,
        "case.handed_on",
        at=act.at,
        role=Role.UNIT if record.unit_id == successor.id else Role.SUPERIOR,
        url="/g/1.1.1/check/" if record.unit_id == successor.id else "/g/1.1.3/",
        number=record.number,
        unit=act.actor.unit_name,
        before=closed.name,
    )


def next_is_open(act: Act) -> str | None:
    """Refuse to pass a case on to a closed unit."""
    unit = next_unit(act.record)
    if unit is None or unit.is_active:
        return None
    return gettext(
        "“%(unit)s”, the next unit on the way, is closed in the register. The unit above it or the human resources "
        "authority hands the case on to another unit (menu 1.1.4); then it can be passed on.",
        unit=unit.name,
    )
