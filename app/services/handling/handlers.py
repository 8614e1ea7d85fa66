"""Handlers (经办人): a case in hand is given to one colleague at the station, taken over or taken back.

A case without a handler is everybody's at its station. One with a handler stands on the to-do list of that person and
of the deputy only; colleagues see it, and take it over before they act on it.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act, Refused
from app.enums import ApplicationState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Deputy, Handler, Person, Position
from app.services.handling import colleagues, deputies
from app.services.messages.outbox import queue_message
from app.services.review import custody, proposals

OFFICE_STATES = (ApplicationState.AT_OFFICE, ApplicationState.CORRECTED)
STATES = (
    ApplicationState.AT_UNIT,
    ApplicationState.CHECKED,
    ApplicationState.IN_NOTICE,
    ApplicationState.DISPUTED,
    ApplicationState.NOTICE_OVER,
    ApplicationState.AT_SUPERIOR,
    *OFFICE_STATES,
)
"""States in which a unit, a superior unit or an office has the case in hand."""
PAGES = {Role.OFFICE: "/g/1.2.1/all/{}"}
"""Page of a case for a role; the others have it under 1.1.4."""


def of(application: Application, actor: Actor) -> Position | None:
    """Return the position that handles the case at the station of `actor`; None if it is everybody's there."""
    return _at(application, actor.role, _station(application, actor))


def shown(application: Application) -> str:
    """Return the name of who handles the case where it is now, "" if it is everybody's."""
    position = _at(application, _role_now(application), application.holder_id)
    return position.user.real_name if position else ""


def _at(application: Application, role: Role, unit_id: int | None) -> Position | None:
    at_station = (one for one in application.handlers if (one.role, one.unit_id) == (role, unit_id))
    position = next((one.position for one in at_station), None)
    return position if position is not None and colleagues.is_at_work(position) else None


def _role_now(application: Application) -> Role:
    if application.state is ApplicationState.AT_SUPERIOR:
        return Role.SUPERIOR
    return Role.OFFICE if application.state in OFFICE_STATES else Role.UNIT


def _station(application: Application, actor: Actor) -> int | None:
    return application.committee.unit_id if actor.role is Role.OFFICE else actor.unit_id


# guards


def is_with_actor(act: Act) -> str | None:
    """Refuse a step on a case that a colleague handles, unless the actor is the deputy or the person responsible."""
    position = of(act.record, act.actor)
    if position is None or act.actor.is_head or _acts_for(act, position):
        return None
    return gettext(
        "%(name)s handles the application %(number)s. Take it over first (“Give to a colleague”), or leave it to "
        "%(name)s.",
        name=position.user.real_name,
        number=act.record.number,
    )


def _acts_for(act: Act, position: Position) -> bool:
    """Return whether the actor is this person or stands in for them."""
    return position.user_id == act.actor.user_id or _stands_in(act, position)


def _stands_in(act: Act, position: Position) -> bool:
    query = deputies.principals(act.actor, clock.local_date(act.at))
    return act.session.scalar(query.where(Deputy.position_id == position.id)) is not None


def is_in_hand(act: Act) -> str | None:
    """Refuse to give away what the actor's place does not have in hand, or what waits for the person responsible."""
    if not custody.has_in_hand(act.record, act.actor):
        return gettext(
            "The application %(number)s is now with %(holder)s, not with your unit.",
            number=act.record.number,
            holder=custody.holder_name(act),
        )
    if proposals.pending_of(act.record) is None:
        return None
    return gettext(
        "A step on %(number)s waits for the person responsible; it changes hands after that.",
        number=act.record.number,
    )


def has_handler(act: Act) -> str | None:
    """Refuse to take back what nobody was given."""
    if of(act.record, act.actor) is not None:
        return None
    return gettext(
        "Nobody was given %(number)s; everybody can handle it.", number=act.record.number
    )


def names_colleague(act: Act) -> str | None:
    """Refuse somebody of another place, the applicant, and who has the case already. Raises Refused."""
    position, record = _named(act), act.record
    if position is None or not _is_at_station(act, position):
        raise Refused(colleagues.sentence(), "position_id")
    name = position.user.real_name
    own = select(Person.id).where(Person.id == record.person_id, Person.user_id == position.user_id)
    if act.session.scalar(own) is not None:
        raise Refused(
            gettext(
                "%(number)s is the own application of %(name)s; give it to somebody else.",
                number=record.number, name=name,
            ),
            "position_id",
        )  # fmt: skip
    if (known := of(record, act.actor)) is not None and known.id == position.id:
        raise Refused(
            gettext(
                "%(name)s has %(number)s already; choose somebody else.",
                name=name,
                number=record.number,
            ),
            "position_id",
        )
    return None


def _named(act: Act) -> Position | None:
    typed = str(act.details.get("position_id") or "")
    is_key = typed.isascii() and typed.isdigit() and len(typed) < 10
    return act.session.get(Position, int(typed)) if is_key else None


def _is_at_station(act: Act, position: Position) -> bool:
    """Return whether a position handles cases in the actor's role where the case is now."""
    if position.role is not act.actor.role or not colleagues.is_at_work(position):
        return False
    if not colleagues.may_handle(position):
        return False
    is_of_office = act.actor.role is Role.OFFICE
    if is_of_office and position.committee_id == act.record.committee_id:
        return True
    station = _station(act.record, act.actor)
    return station is not None and position.unit_id == station


# effects


def entrust(act: Act) -> None:
    """Make the named colleague the handler; tell them, and who had the case before."""
    record, session, before = act.record, act.session, of(act.record, act.actor)
    position = _named(act)
    assert position is not None
    _clear(act)
    session.add(
        Handler(
            application_id=record.id,
            role=act.actor.role,
            unit_id=_station(record, act.actor),
            position_id=position.id,
            given_at=act.at,
        )
    )
    session.flush()
    session.expire(record, ["handlers"])
    act.notes["given_to"] = position.user.real_name
    _tell(act, position, "case.entrusted")
    _tell(act, before, "case.taken")


def release(act: Act) -> None:
    """Make the case everybody's again; tell who had it."""
    before = of(act.record, act.actor)
    _clear(act)
    act.session.flush()
    act.session.expire(act.record, ["handlers"])
    if before is not None:
        act.notes["taken_from"] = before.user.real_name
    _tell(act, before, "case.released")


def _clear(act: Act) -> None:
    place = (act.actor.role, _station(act.record, act.actor))
    for one in act.record.handlers:
        if (one.role, one.unit_id) == place:
            act.session.delete(one)
    act.session.flush()


def _tell(act: Act, position: Position | None, template: str) -> None:
    if position is None or position.user_id == act.actor.user_id:
        return
    record = act.record
    queue_message(
        act.session, position.user_id, template, at=act.at,
        url=PAGES.get(act.actor.role, "/g/1.1.4/{}").format(record.id),
        number=record.number, name=record.name, state=str(record.state.label),
        by=act.actor.name, to=act.notes.get("given_to", ""),
    )  # fmt: skip


def note_principal(act: Act) -> None:
    """Note in the log row for whom a deputy acts; an effect of every act on a case and of every proposal."""
    if act.actor.role not in colleagues.ROLES or "given_to" in act.notes:
        return
    case = act.record if isinstance(act.record, Application) else act.record.application
    position = of(case, act.actor)
    if position is not None and position.user_id != act.actor.user_id and _stands_in(act, position):
        act.notes["for"] = position.user.real_name


def log_text(details: Mapping[str, Any]) -> str:
    """Return the text about handlers for a log row: given to whom, taken from whom, acting for whom."""
    texts = (
        ("given_to", gettext("given to %(name)s", name=details.get("given_to"))),
        ("taken_from", gettext("taken back from %(name)s", name=details.get("taken_from"))),
        ("for", gettext("acting for %(name)s", name=details.get("for"))),
    )
    return gettext("; ").join(text for key, text in texts if details.get(key))
