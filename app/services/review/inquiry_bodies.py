"""Which body inquires into an objection: the one that has the case now, or one above it when it is accused.

Nobody inquires into their own case (Order 40, art. 27). Whether an objection is about the people who handle the case
is never left to them: it follows from whom the text speaks of and from where it was filed, and the body above may take
over any objection.
"""

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import AT_OWN_UNIT, ApplicationState, Role
from app.models import Application, Notice, Objection, Position, Unit, User
from app.services.messages import outbox
from app.services.registers import regions
from app.services.review import custody
from app.validators import characters

AT_OFFICE = frozenset(
    {
        ApplicationState.AT_OFFICE,
        ApplicationState.IN_CORRECTION,
        ApplicationState.CORRECTED,
        ApplicationState.QUALIFIED,
        ApplicationState.IN_REVIEW,
        ApplicationState.PASSED,
        ApplicationState.IN_RESULT_NOTICE,
        ApplicationState.RESULT_DISPUTED,
        ApplicationState.RESULT_CLEAR,
    }
)
AT_AUTHORITY = frozenset({ApplicationState.IN_FILING, ApplicationState.CERTIFIED})
ABOVE = (Role.SUPERIOR, Role.HRSS)
"""Roles whose unit may receive and take over objections about the people who handle a case."""
MAX_CLIMB = 20
SHORTEST_NAME = 2
STAFF_WORDS = (
    "办公室", "经办", "工作人员", "负责人", "单位领导", "校领导", "院领导", "局领导", "厂领导", "公司领导",
    "校长", "院长", "局长", "厂长", "处长", "科长", "董事长", "总经理",
)  # fmt: skip
"""Words for people who handle a case or lead the body that does; titles such as 主任医师 are not among them."""


@dataclass(frozen=True)
class Body:
    """A unit in one of its roles."""

    role: Role
    unit_id: int


def holder(session: Session, application: Application) -> Body | None:
    """Return the body that has the case now; None when it has ended or was never handed in."""
    state = application.state
    if state in AT_OWN_UNIT:
        return Body(Role.UNIT, application.unit_id)
    if state is ApplicationState.AT_SUPERIOR:
        assert application.holder_id is not None
        return Body(Role.SUPERIOR, application.holder_id)
    if state in AT_OFFICE:
        return Body(Role.OFFICE, application.committee.unit_id)
    return _authority(session, _region(application)) if state in AT_AUTHORITY else None


def _region(application: Application) -> str:
    return application.committee.region_code


def _authority(session: Session, region_code: str) -> Body:
    found = custody.authority_of(session, region_code)
    if found is None:
        raise Refused(
            gettext(
                "No human resources authority is registered for this region. Ask the system administrator to enter it."
            )
        )
    return Body(Role.HRSS, found)


def above(session: Session, body: Body, application: Application) -> Body:
    """Return the body above `body`: its superior with people of its own, else the authority of the region."""
    if body.role is Role.OFFICE:
        return _authority(session, _region(application))
    unit = session.get_one(Unit, body.unit_id)
    if body.role is Role.HRSS:
        return _authority_above(session, unit)
    for _step in range(MAX_CLIMB):
        if unit.parent_id is None:
            break
        unit = session.get_one(Unit, unit.parent_id)
        if unit.is_active and custody.has_people(session, unit.id, Role.SUPERIOR):
            return Body(Role.SUPERIOR, unit.id)
    return _authority(session, application.region_code)


def _authority_above(session: Session, unit: Unit) -> Body:
    """Return the authority above one; that of the province has none above and keeps the case."""
    outer = custody.region_above(session, unit.region_code)
    return Body(Role.HRSS, unit.id) if outer is None else _authority(session, outer)


def names_of(session: Session, body: Body) -> set[str]:
    """Return the names of the people who work for a body."""
    query = (
        select(User.real_name)
        .join(Position, Position.user_id == User.id)
        .where(Position.unit_id == body.unit_id, Position.role == body.role, Position.is_active)
    )
    return {name for name in session.scalars(query.distinct()) if len(name) >= SHORTEST_NAME}


def is_accused(
    session: Session, body: Body, objection: Objection, application: Application
) -> bool:
    """Return whether the text speaks of people of `body`: by name, or as its staff or leaders."""
    told = _joined(objection.content)
    return any(word in told for word in STAFF_WORDS) or is_named(
        session, body, objection, application
    )


def is_named(session: Session, body: Body, objection: Objection, application: Application) -> bool:
    """Return whether the text of an objection names somebody of `body`, other than the applicant."""
    told = _joined(objection.content)
    names = names_of(session, body) - {application.name}
    return any(_joined(name) in told for name in names)


def _joined(words: str) -> str:
    """Return words without blanks, with every dot of a name as names are stored."""
    return "".join(characters.name(words).split())


def can_be_handled(act: Act) -> str | None:
    """Refuse an objection when no body has the case any more."""
    application = act.session.get_one(Application, act.record.application_id)
    if holder(act.session, application) is not None:
        return None
    return gettext(
        "The application %(number)s has ended (“%(state)s”); there is nothing left to object to.",
        number=application.number,
        state=application.state.label,
    )


def assign(act: Act) -> None:
    """Give a registered objection to its body and tell the body, unless it registered the objection itself."""
    session, objection = act.session, act.record
    application = session.get_one(Application, objection.application_id)
    body = holder(session, application)
    assert body is not None
    is_from_above = act.actor.role in ABOVE
    objection.is_about_staff = bool(objection.is_about_staff and is_from_above)
    if is_from_above and body.role is Role.UNIT and act.actor.unit_id is not None:
        body = Body(act.actor.role, act.actor.unit_id)
    elif objection.is_about_staff:
        body = above(session, body, application)
    if not is_from_above and is_accused(session, body, objection, application):
        objection.is_about_staff, body = True, _unnamed(session, body, objection, application)
    objection.recorded_unit_id = act.actor.unit_id
    _give(act, body, "objection.handed_up" if objection.is_about_staff else "objection.handed_on")


def _unnamed(session: Session, body: Body, objection: Objection, application: Application) -> Body:
    """Return the nearest body above of whose people the objection names nobody."""
    for _step in range(MAX_CLIMB):
        higher = above(session, body, application)
        if higher == body or not is_named(session, higher, objection, application):
            return higher
        body = higher
    return body


def _give(act: Act, body: Body, template: str) -> None:
    objection: Objection = act.record
    objection.handler_role, objection.unit_id = body.role, body.unit_id
    if body.unit_id == act.actor.unit_id and body.role is act.actor.role:
        return
    act.notes["handed_to"] = act.session.get_one(Unit, body.unit_id).name
    application = act.session.get_one(Application, objection.application_id)
    outbox.queue_message_to_unit(
        act.session,
        body.unit_id,
        template,
        at=act.at,
        role=body.role,
        url=INBOXES[body.role],
        number=application.number,
        unit=act.actor.unit_name,
        due=objection.due_on.isoformat(),
    )


INBOXES = {
    Role.UNIT: "/g/1.1.1/objections/",
    Role.SUPERIOR: "/g/1.1.3/complaints/",
    Role.OFFICE: "/g/1.2.6/objections/",
    Role.HRSS: "/g/1.1.4/complaints/",
}
"""Role → path of the list in which its people find an objection."""


def may_take_over(act: Act) -> str | None:
    """Refuse everybody but a superior unit or authority above the body that has the objection now."""
    objection, actor = act.record, act.actor
    unit = act.session.get_one(Unit, objection.unit_id)
    if (actor.role, actor.unit_id) == (objection.handler_role, unit.id):
        return gettext("Your unit has this objection already.")
    is_above = {
        Role.SUPERIOR: objection.handler_role is Role.UNIT
        and unit.id != actor.unit_id
        and f"/{actor.unit_id}/" in unit.path,
        Role.HRSS: objection.handler_role is not Role.HRSS
        and regions.covers(actor, unit.region_code),
    }
    if is_above.get(actor.role):
        return None
    return gettext(
        "Only a superior unit or the authority above “%(unit)s” may take it over.", unit=unit.name
    )


def take_over(act: Act) -> None:
    """Move an objection to the actor's unit and tell the body that had it."""
    objection: Objection = act.record
    before = Body(objection.handler_role, objection.unit_id)
    application = act.session.get_one(Application, objection.application_id)
    act.notes["taken_from"] = act.session.get_one(Unit, before.unit_id).name
    objection.is_about_staff = True
    objection.handler_role, objection.unit_id = act.actor.role, act.actor.unit_id or before.unit_id
    outbox.queue_message_to_unit(
        act.session,
        before.unit_id,
        "objection.taken_over",
        at=act.at,
        role=before.role,
        url=INBOXES[before.role],
        number=application.number,
        unit=act.actor.unit_name,
    )


def is_of_region(act: Act, notice: Notice, application: Application) -> bool:
    """Return whether the authority who acts is responsible for the notice's unit or the committee."""
    unit = act.session.get_one(Unit, notice.unit_id)
    return regions.covers(act.actor, unit.region_code) or regions.covers(
        act.actor, application.committee.region_code
    )
