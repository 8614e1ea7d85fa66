"""Reminders (催办) in a meeting: office or chair remind single persons of what is missing, once a day of each duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act, Refused
from app.enums import MeetingDuty, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import MeetingReminder, Plan, User
from app.services.course.meeting_duties import Owed
from app.services.messages import recipients
from app.services.voting import key_holders

SEATS, PAGE, RESULT = "/g/my-seats/", "/g/meeting/{}/", "/g/meeting-result/{}"
Reminded = set[tuple[int, MeetingDuty]]
"""Account and duty."""


@dataclass(frozen=True)
class Sent:
    """How many reminders were sent, and how many were left out as they had been sent on the same day."""

    sent: int
    again: int


def reminded_on(session: Session, plan_id: int, day: date) -> Reminded:
    """Return who was reminded of what in a meeting on `day`."""
    query = select(MeetingReminder.user_id, MeetingReminder.duty).where(
        MeetingReminder.plan_id == plan_id, MeetingReminder.day == day
    )
    return {(user, duty) for user, duty in session.execute(query)}


def remind(plan: Plan, owed: Sequence[Owed], *, actor: Actor, at: datetime) -> Sent:
    """Remind these persons, except the actor and whoever was reminded of the same today; the caller commits.

    Raises Refused if nobody is left; the caller then rolls back.
    """
    day = clock.local_date(at)
    others = [one for one in owed if one.user_id != actor.user_id]
    if not others:
        raise Refused(gettext("There is nobody to remind: nothing is missing from anybody else."))
    known = reminded_on(db.session(), plan.id, day)
    new = [one for one in others if (one.user_id, one.duty) not in known]
    if not new:
        raise Refused(
            gettext("All were reminded today already; you can send the next reminder tomorrow.")
        )
    try:
        for one in new:
            record = MeetingReminder(plan_id=plan.id, user_id=one.user_id, duty=one.duty, day=day)
            engine.fire(record, "remind", actor=actor, at=at, details={"owed": one})
    except IntegrityError:  # two pressed at the same moment
        db.session.rollback()
        raise Refused(
            gettext("Somebody else sent this reminder at the same moment; load the page again.")
        ) from None
    return Sent(len(new), len(others) - len(new))


def may_remind(act: Act) -> str | None:
    """Refuse everybody but the meeting's office and the judges who may preside over it."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    if key_holders.may_hold(act.session, plan, act.actor):
        return None
    return gettext("Only the office of the meeting and whoever presides over it send reminders.")


def tell(act: Act) -> None:
    """Send the reminder to its person, and note in the log what it was about."""
    record, owed = act.record, act.details["owed"]
    plan = act.session.get_one(Plan, record.plan_id)
    recipients.tell(
        act,
        select(User.id).where(User.id == record.user_id),
        "meeting.remind",
        url=_page(record.duty).format(plan.id),
        plan=plan.name,
        what=text(owed),
        by=_sender(act.actor),
    )
    act.notes.update(plan=plan.name, duty=record.duty.value, missing=owed.missing, due=owed.due)


def text(owed: Owed) -> str:
    """Return what is missing: the duty, with its numbers where it has several parts."""
    if owed.duty not in (MeetingDuty.SHEETS, MeetingDuty.OPINIONS):
        return str(owed.duty.label)
    return gettext(
        "%(duty)s: %(missing)s of %(due)s missing",
        duty=owed.duty.label, missing=owed.missing, due=owed.due,
    )  # fmt: skip


def _sender(actor: Actor) -> str:
    """Return who reminds; of a judge only the role, as judges do not read each other's names (Order 40, art. 25)."""
    if actor.role is Role.JUDGE:
        return gettext("Whoever presides")
    return actor.unit_name or str(actor.role.label)


def _page(duty: MeetingDuty) -> str:
    return {MeetingDuty.SEAT: SEATS, MeetingDuty.SIGNATURE: RESULT}.get(duty, PAGE)
