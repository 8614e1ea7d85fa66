"""Guards and effects of an interview (menu 1.2.4): sent, received, moved, held, missed."""

from datetime import date, datetime, time

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import AssessmentState, InterviewState, MeetingMode, PlanState, ReviewStep, S
from app.ground import clock
from app.models import Application, Assessment, Interview, Person, Plan
from app.services.interviews import interviews
from app.services.interviews.slotting import LOT
from app.services.messages import outbox
from app.validators import Invalid, text

REASON_LENGTH = 300


def _plan(act: Act) -> Plan:
    return act.session.get_one(Plan, act.record.plan_id)


def _application(act: Act) -> Application:
    return act.session.get_one(Application, act.record.application_id)


# guards


def is_own_committee(act: Act) -> str | None:
    """Refuse the office of another committee."""
    if _plan(act).committee_id in act.actor.committee_ids:
        return None
    return gettext("This belongs to another committee. Switch to your position in that committee.")


def is_not_own(act: Act) -> str | None:
    """Nobody handles the own application in any role."""
    application = _application(act)
    if act.actor.person_id is None or act.actor.person_id != application.person_id:
        return None
    return gettext(
        "The application %(number)s is your own; somebody else must handle it.",
        number=application.number,
    )


def is_meeting_on(act: Act) -> str | None:
    """Interviews belong to agreed online meetings with that step, until their result."""
    plan = _plan(act)
    is_heard = ReviewStep.INTERVIEW.value in plan.steps
    if plan.mode is MeetingMode.ONLINE and plan.state is PlanState.APPROVED and is_heard:
        return None
    return gettext(
        "“%(plan)s” is no agreed online meeting with an interview, or it is over.", plan=plan.name
    )


def is_candidate(act: Act) -> str | None:
    """Only somebody the meeting reviews is heard by it."""
    application = _application(act)
    if application.plan_id == act.record.plan_id and application.state is S.IN_REVIEW:
        return None
    return gettext("%(number)s is no candidate of this meeting.", number=application.number)


def is_mine(act: Act) -> str | None:
    """The notice is answered by the applicant alone."""
    if act.actor.person_id is not None and _application(act).person_id == act.actor.person_id:
        return None
    return gettext("This interview is somebody else's.")


def is_ahead(act: Act) -> str | None:
    """Refuse what makes sense only before the interview."""
    if act.at < act.record.starts_at:
        return None
    return gettext(
        "The interview began at %(time)s; this is no longer possible.",
        time=f"{clock.local(act.record.starts_at):%Y-%m-%d %H:%M}",
    )


def has_begun(act: Act) -> str | None:
    """Nobody was heard or absent before the slot has begun."""
    if act.at >= act.record.starts_at:
        return None
    return gettext(
        "The interview begins at %(time)s; enter then who came.",
        time=f"{clock.local(act.record.starts_at):%Y-%m-%d %H:%M}",
    )


def has_no_sheet(act: Act) -> str | None:
    """Nobody is absent whom a judge has heard: a submitted sheet says so."""
    heard = select(Assessment.id).where(
        Assessment.application_id == act.record.application_id,
        Assessment.step == ReviewStep.INTERVIEW,
        Assessment.state == AssessmentState.SUBMITTED,
    )
    if act.session.scalars(heard.limit(1)).first() is None:
        return None
    return gettext("Judges have scored this interview already; the candidate was there.")


def is_same_day(act: Act) -> str | None:
    """An absence is corrected on the day of the interview, before others rely on it."""
    day = clock.local_date(act.record.starts_at)
    if clock.local_date(act.at) == day:
        return None
    return gettext(
        "An absence can be corrected on the day of the interview only (%(day)s).", day=day
    )


# checks


def has_short_reason(act: Act) -> str | None:
    """The reason stands beside the slot and must fit there."""
    if len(act.opinion) <= REASON_LENGTH:
        return None
    raise Refused(
        gettext("Give the reason in at most %(most)s characters.", most=REASON_LENGTH), "opinion"
    )


def has_free_slot(act: Act) -> str | None:
    """Refuse a new time outside the meeting, in the past, or in a room that is taken then."""
    plan = act.session.get_one(Plan, act.record.plan_id, with_for_update=True)
    room, starts, ends = new_slot(act)
    day = clock.local_date(starts)
    if not plan.is_on(day) or clock.local_date(ends) != day:
        raise Refused(interviews.outside(plan, day), "day")
    if (room, starts) == (act.record.room, act.record.starts_at):
        raise Refused(gettext("Room and time are those of now; enter what changes."), "begins")
    if starts <= act.at:
        raise Refused(gettext("The new time lies in the past."), "begins")
    if other := _clash(act.session, act.record, room, starts, ends):
        raise Refused(
            gettext(
                "The room “%(room)s” is taken from %(first)s to %(last)s. Choose another room or time.",
                room=room,
                first=f"{clock.local(other.starts_at):%H:%M}",
                last=f"{clock.local(other.ends_at):%H:%M}",
            ),
            "begins",
        )
    return None


def new_slot(act: Act) -> tuple[str, datetime, datetime]:
    """Return room, beginning and end of the new slot; it is as long as the old one. Raises Refused."""
    room, day, begins = (act.details.get(key) for key in ("room", "day", "begins"))
    if not isinstance(day, date):
        raise Refused(gettext("Enter the day of the interview."), "day")
    if not isinstance(begins, time):
        raise Refused(gettext("Enter when the interview begins."), "begins")
    try:
        named = text(str(room or ""), min_length=1, max_length=interviews.ROOM_NAME)
    except Invalid as invalid:
        raise Refused(invalid, "room") from None
    starts = interviews.moment(day, begins)
    return named, starts, starts + (act.record.ends_at - act.record.starts_at)


def _clash(
    session: Session, record: Interview, room: str, starts: datetime, ends: datetime
) -> Interview | None:
    query = select(Interview).where(
        Interview.plan_id == record.plan_id,
        Interview.id != record.id,
        Interview.room == room,
        Interview.starts_at < ends,
        Interview.ends_at > starts,
    )
    return session.scalars(query.limit(1)).first()


# effects


def note_lot(act: Act) -> None:
    """Keep in the log row what the lot can be checked with, and the place it led to."""
    act.notes["lot"] = LOT
    act.notes["seed"] = act.details.get("seed", "")
    _note_slot(act)


def _note_slot(act: Act) -> None:
    record = act.record
    act.notes["room"], act.notes["order"] = record.room, record.order
    act.notes["starts_at"] = f"{clock.local(record.starts_at):%Y-%m-%d %H:%M}"


def after_move(act: Act) -> InterviewState:
    """Return where a move leads: a notice that was sent goes out again."""
    is_planned = act.record.state is InterviewState.PLANNED
    return InterviewState.PLANNED if is_planned else InterviewState.SENT


def move(act: Act) -> None:
    """Write the new slot; whoever knows the old one is told."""
    record = act.record
    record.room, record.starts_at, record.ends_at = new_slot(act)
    record.received_at = None
    _note_slot(act)
    if record.state is InterviewState.SENT:
        record.sent_at = act.at
        _tell(act, "interview.move")


def send(act: Act) -> None:
    """Send the notice."""
    act.record.sent_at = act.at
    _tell(act, "interview.send")


def receive(act: Act) -> None:
    """Keep when the applicant confirmed the notice."""
    act.record.received_at = act.at


def keep_reason(act: Act) -> None:
    """Keep why the applicant asks for another time."""
    act.record.move_reason = act.opinion
    act.record.received_at = act.record.received_at or act.at


def tell_refusal(act: Act) -> None:
    """Tell the applicant that the time stays."""
    act.record.sent_at = act.at
    _tell(act, "interview.refuse_move")


def _tell(act: Act, template: str) -> None:
    record, application = act.record, _application(act)
    user_id = act.session.scalar(select(Person.user_id).where(Person.id == application.person_id))
    if user_id is None:
        return
    outbox.tell(
        act.session,
        user_id,
        template,
        at=act.at,
        url=f"/me/application/{application.id}/#interview",
        number=application.number,
        name=application.name,
        time=f"{clock.local(record.starts_at):%Y-%m-%d %H:%M}",
        room=record.room,
        place=_plan(act).place,
        order=record.order,
        opinion=act.opinion,
    )
