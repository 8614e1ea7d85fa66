"""Guards and effects of an interview (menu 1.2.4): notice, confirmation, move, attendance, absence."""

from datetime import date, datetime, time

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import (
    ApplicationState,
    AssessmentState,
    InterviewState,
    MeetingMode,
    PlanState,
    ReviewStep,
)
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


def is_own_committee(act: Act) -> str | None:
    """Refuse the office of another committee."""
    if _plan(act).committee_id in act.actor.committee_ids:
        return None
    return gettext("This belongs to another committee. Switch to your position in that committee.")


def is_not_own(act: Act) -> str | None:
    """Refuse actors on their own application, in any role."""
    application = _application(act)
    if act.actor.person_id is None or act.actor.person_id != application.person_id:
        return None
    return gettext(
        "The application %(number)s is your own; somebody else must handle it.",
        number=application.number,
    )


def is_meeting_on(act: Act) -> str | None:
    """Refuse unless the plan is an approved online meeting with the step interview."""
    plan = _plan(act)
    is_heard = ReviewStep.INTERVIEW.value in plan.steps
    if plan.mode is MeetingMode.ONLINE and plan.state is PlanState.APPROVED and is_heard:
        return None
    return gettext(
        "“%(plan)s” is no agreed online meeting with an interview, or it is over.", plan=plan.name
    )


def is_candidate(act: Act) -> str | None:
    """Refuse an application that is not in review by this meeting."""
    application = _application(act)
    if (
        application.plan_id == act.record.plan_id
        and application.state is ApplicationState.IN_REVIEW
    ):
        return None
    return gettext("%(number)s is no candidate of this meeting.", number=application.number)


def is_mine(act: Act) -> str | None:
    """Refuse an answer to the notice by anyone but the applicant."""
    if act.actor.person_id is not None and _application(act).person_id == act.actor.person_id:
        return None
    return gettext("This interview is somebody else's.")


def is_ahead(act: Act) -> str | None:
    """Refuse the act once the interview has begun."""
    if act.at < act.record.starts_at:
        return None
    return gettext(
        "The interview began at %(time)s; this is no longer possible.",
        time=f"{clock.local(act.record.starts_at):%Y-%m-%d %H:%M}",
    )


def has_begun(act: Act) -> str | None:
    """Refuse to record attendance or absence before the interview begins."""
    if act.at >= act.record.starts_at:
        return None
    return gettext(
        "The interview begins at %(time)s; enter then who came.",
        time=f"{clock.local(act.record.starts_at):%Y-%m-%d %H:%M}",
    )


def has_no_sheet(act: Act) -> str | None:
    """Refuse an absence if a judge has submitted an interview score for the candidate."""
    heard = select(Assessment.id).where(
        Assessment.application_id == act.record.application_id,
        Assessment.step == ReviewStep.INTERVIEW,
        Assessment.state == AssessmentState.SUBMITTED,
    )
    if act.session.scalars(heard.limit(1)).first() is None:
        return None
    return gettext("Judges have scored this interview already; the candidate was there.")


def is_same_day(act: Act) -> str | None:
    """Refuse to correct an absence on any day but the day of the interview; others rely on it afterwards."""
    day = clock.local_date(act.record.starts_at)
    if clock.local_date(act.at) == day:
        return None
    return gettext(
        "An absence can be corrected on the day of the interview only (%(day)s).", day=day
    )


def has_short_reason(act: Act) -> str | None:
    """Refuse a reason longer than REASON_LENGTH; it is shown beside the slot. Raises Refused."""
    if len(act.opinion) <= REASON_LENGTH:
        return None
    raise Refused(
        gettext("Give the reason in at most %(most)s characters.", most=REASON_LENGTH), "opinion"
    )


def has_free_slot(act: Act) -> str | None:
    """Refuse a slot outside the meeting, unchanged, in the past, or in an occupied room. Raises Refused."""
    plan = act.session.get_one(Plan, act.record.plan_id, with_for_update=True)
    room, starts, ends = new_slot(act)
    day = clock.local_date(starts)
    if not plan.is_on(day) or clock.local_date(ends) != day:
        raise Refused(interviews.outside(plan, day), "day")
    if (room, starts) == (act.record.room, act.record.starts_at):
        raise Refused(gettext("Room and time are those of now; enter what changes."), "begins")
    if starts <= act.at:
        raise Refused(gettext("The new time lies in the past."), "begins")
    if other := _overlapping_interview(act.session, act.record, room, starts, ends):
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
    """Return room, start and end (UTC) of the new slot; the duration stays the same. Raises Refused."""
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


def _overlapping_interview(
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


def note_lot(act: Act) -> None:
    """Write the lot algorithm, its seed and the resulting slot into the log row, for verification."""
    act.notes["lot"] = LOT
    act.notes["seed"] = act.details.get("seed", "")
    _note_slot(act)


def _note_slot(act: Act) -> None:
    record = act.record
    act.notes["room"], act.notes["order"] = record.room, record.order
    act.notes["starts_at"] = f"{clock.local(record.starts_at):%Y-%m-%d %H:%M}"


def after_move(act: Act) -> InterviewState:
    """Return the state after a move: PLANNED stays, otherwise SENT because the notice is sent again."""
    is_planned = act.record.state is InterviewState.PLANNED
    return InterviewState.PLANNED if is_planned else InterviewState.SENT


def move(act: Act) -> None:
    """Store the new slot; notify the applicant if the notice was sent before."""
    record = act.record
    record.room, record.starts_at, record.ends_at = new_slot(act)
    record.received_at = None
    _note_slot(act)
    if record.state is InterviewState.SENT:
        record.sent_at = act.at
        _notify_applicant(act, "interview.move")


def send(act: Act) -> None:
    """Record the time and send the notice to the applicant."""
    act.record.sent_at = act.at
    _notify_applicant(act, "interview.send")


def receive(act: Act) -> None:
    """Record when the applicant confirmed the notice."""
    act.record.received_at = act.at


def keep_reason(act: Act) -> None:
    """Store the applicant's reason for another time; the request also confirms the notice."""
    act.record.move_reason = act.opinion
    act.record.received_at = act.record.received_at or act.at


def tell_refusal(act: Act) -> None:
    """Notify the applicant that the request was refused and the time stays."""
    act.record.sent_at = act.at
    _notify_applicant(act, "interview.refuse_move")


def _notify_applicant(act: Act, template: str) -> None:
    record, application = act.record, _application(act)
    user_id = act.session.scalar(select(Person.user_id).where(Person.id == application.person_id))
    if user_id is None:
        return
    outbox.queue_message(
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
