"""Reminders (催办): who waits for an application reminds whoever holds it, each side once a day."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act, Refused
from app.enums import ON_THE_WAY, ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Person, Reminder, TransitionLog, Unit, User
from app.services.messages import recipients
from app.services.messages.recipients import Accounts
from app.services.review import custody

NOTICES = (ApplicationState.IN_NOTICE, ApplicationState.IN_RESULT_NOTICE)
"""States in which nobody can go on before the public notice is over."""
HOLDERS = {ApplicationState.AT_SUPERIOR: Role.SUPERIOR, ApplicationState.IN_FILING: Role.HRSS}
"""Role that acts for the holding unit, by state; the unit's own clerks elsewhere on the way up."""
STAFF_PAGE, OFFICE_PAGE, OWN_PAGE = "/g/1.1.4/{}", "/g/1.2.1/all/{}", "/me/application/{}/"


def draft(application: Application, actor: Actor, at: datetime) -> Reminder:
    """Return an unsaved reminder of today from the actor's side."""
    return Reminder(application_id=application.id, role=actor.role, day=clock.local_date(at))


def remind(application: Application, *, actor: Actor, at: datetime) -> TransitionLog:
    """Remind the holder of `application`; the caller commits. Raises Refused, then the caller rolls back."""
    try:
        return engine.fire(draft(application, actor, at), "remind", actor=actor, at=at)
    except IntegrityError:  # two of the same side pressed at the same moment
        db.session.rollback()
        raise Refused(_once_a_day()) from None


def waits(application: Application, actor: Actor) -> bool:
    """Return whether `actor` waits for somebody else who holds the application and can go on."""
    is_held = application.held_since is not None and application.state not in NOTICES
    is_own = actor.person_id is not None and actor.person_id == application.person_id
    if actor.role is Role.APPLICANT:
        return is_held and is_own and application.holder_id is not None
    return is_held and not is_own and not custody.has_in_hand(application, actor)


def is_waiting(act: Act) -> str | None:
    """Refuse whoever has the application in hand or whose own it is, and a reminder that nobody can follow."""
    application = _application(act)
    if waits(application, act.actor):
        return None
    if application.state in NOTICES:
        return gettext("The public notice runs its days; nobody can go on before it is over.")
    return gettext(
        "There is nobody to remind: %(number)s waits for nobody else than you, or it is over.",
        number=application.number,
    )


def is_first_today(act: Act) -> str | None:
    """Refuse a second reminder of the same side on one day."""
    record: Reminder = act.record
    query = select(Reminder.id).where(
        Reminder.application_id == record.application_id,
        Reminder.role == record.role,
        Reminder.day == record.day,
    )
    with act.session.no_autoflush:
        found = act.session.scalars(query).first()
    return None if found is None else _once_a_day()


def _once_a_day() -> str:
    return gettext("A reminder was sent today already; you can send the next one tomorrow.")


def reaches_somebody(act: Act) -> str | None:
    """Refuse a reminder that no account would get, and say whom to call."""
    application = _application(act)
    with act.session.no_autoflush:
        if act.session.scalars(_accounts(act.session, application)[0].limit(1)).first() is not None:
            return None
        unit = act.session.get(Unit, application.holder_id) if application.holder_id else None
    return gettext(
        "Nobody who holds it has an account here. Call instead: %(name)s %(phone)s.",
        name=unit.name if unit else application.name,
        phone=unit.phone if unit else "",
    )


def tell_holder(act: Act) -> None:
    """Send the reminder to the accounts of the holder."""
    application = _application(act)
    accounts, page = _accounts(act.session, application)
    is_own = act.actor.role is Role.APPLICANT
    recipients.tell(
        act,
        accounts,
        "reminder.remind",
        url=page.format(application.id),
        number=application.number,
        name=application.name,
        state=str(application.state.label),
        by=application.name if is_own else act.actor.unit_name or str(act.actor.role.label),
        since=clock.text(application.held_since) if application.held_since else "",
    )
    act.notes["number"] = application.number


def _application(act: Act) -> Application:
    return act.session.get_one(Application, act.record.application_id)


def _accounts(session: Session, application: Application) -> tuple[Accounts, str]:
    """Return the accounts of the holder, and the address of the application's page for them."""
    holder, state = application.holder_id, application.state
    if holder is None:
        own = select(User.id).join(Person, Person.user_id == User.id)
        own = own.where(Person.id == application.person_id)
        return own, OWN_PAGE
    if state in ON_THE_WAY or state in HOLDERS:
        return recipients.of_unit(holder, HOLDERS.get(state, Role.UNIT)), STAFF_PAGE
    return recipients.of_committee(session, application.committee_id, Role.OFFICE), OFFICE_PAGE
