"""Guards and effects of recusal: applicants request, judges declare, the office decides or imposes."""

from collections.abc import Callable
from datetime import date

from flask_babel import gettext
from sqlalchemy import func, select

from app.engine import Act, Refused
from app.enums import FINAL, ApplicationState, RecusalSource, RecusalState
from app.ground import clock
from app.models import Application, Person, Recusal, Seat
from app.services.draw import assignments, recusals, seat_invitations
from app.services.meeting import round_lock
from app.services.meeting.seats import LIVE, MEMBERS
from app.services.messages import outbox
from app.validators import Invalid, person_name, reason, text

MOST_REQUESTS = 5
TOO_LATE = frozenset(
    {*FINAL, ApplicationState.PASSED, ApplicationState.IN_RESULT_NOTICE, ApplicationState.RESULT_DISPUTED, ApplicationState.RESULT_CLEAR, ApplicationState.IN_FILING, ApplicationState.DISCARDED}
)  # fmt: skip


def _application(act: Act) -> Application | None:
    with act.session.no_autoflush:
        return act.session.get(Application, act.record.application_id or 0)


def is_own_application(act: Act) -> str | None:
    """Refuse a request on another person's application."""
    application = _application(act)
    is_own = application is not None and application.person_id == act.actor.person_id
    return None if is_own else gettext("This application is not yours.")


def why_too_late(application: Application, day: date) -> str | None:
    """Return why a request is too late on `day` (meeting opened, or application decided), or None."""
    plan = application.plan
    has_opened = (
        plan is not None
        and application.state is ApplicationState.IN_REVIEW
        and day >= plan.opens_on
    )
    if application.state in TOO_LATE or has_opened:
        return gettext("Recusal can be asked for until the meeting opens; it is too late now.")
    return None


def is_in_time(act: Act) -> str | None:
    """Refuse a request once the meeting has opened (Order 40, art. 26)."""
    application = _application(act)
    assert application is not None
    return why_too_late(application, clock.local_date(act.at))


def has_few_requests(act: Act) -> str | None:
    """Refuse more than MOST_REQUESTS requests on one application."""
    query = select(func.count(Recusal.id)).where(
        Recusal.application_id == act.record.application_id,
        Recusal.source == RecusalSource.APPLICANT,
    )
    with act.session.no_autoflush:
        count = act.session.scalar(query) or 0
    if count < MOST_REQUESTS:
        return None
    return gettext("At most %(most)s requests can be made for one application.", most=MOST_REQUESTS)


def _unit_name(typed: str) -> str:
    return text(typed, min_length=0, max_length=120)


CLEAN: dict[str, Callable[[str], str]] = {
    "named": person_name,
    "named_unit": _unit_name,
    "reason": reason,
}


def names_somebody(act: Act) -> str | None:
    """Refuse a request without a name or a reason; store the cleaned values."""
    for field, clean in CLEAN.items():
        _clean_field(act, field, clean)
    return None


def says_why(act: Act) -> str | None:
    """Refuse a recusal without a reason."""
    _clean_field(act, "reason", reason)
    return None


def _clean_field(act: Act, field: str, clean: Callable[[str], str]) -> None:
    try:
        setattr(act.record, field, clean(getattr(act.record, field) or ""))
    except Invalid as invalid:
        raise Refused(invalid, field) from None


def note_asked(act: Act) -> None:
    """Record who made the request, and the application's meeting."""
    application = _application(act)
    act.record.asked_by = act.actor.user_id
    act.record.plan_id = application.plan_id if application else None


def is_own_committee(act: Act) -> str | None:
    """Refuse the office of another committee."""
    application = _application(act)
    if application is not None and application.committee_id in act.actor.committee_ids:
        return None
    return gettext("This belongs to another committee. Switch to your position in that committee.")


def binds_in_time(act: Act) -> str | None:
    """Refuse recusals on a candidate after the roll of a round with the candidate was frozen."""
    if not round_lock.is_bound(act.session, act.record.application_id):
        return None
    return gettext("The vote on this candidate is prepared or held; recusal is too late.")


def note_decided(act: Act) -> None:
    """Record the time of the decision."""
    act.record.decided_at = act.at


def recuse_named_members(act: Act) -> None:
    """Recuse the present members of the requested name; those called later are recused on acceptance."""
    application = act.session.get_one(Application, act.record.application_id)
    query = (
        select(Seat)
        .join(Person, Person.user_id == Seat.user_id)
        .where(
            Seat.plan_id == application.plan_id,
            Seat.state.in_(MEMBERS),
            Person.name == act.record.named,
        )
    )
    for seat in act.session.scalars(query).all():
        recusals.create_automatic_recusals(act, seat)
        if (seat.id, application.id) in recusals.recused_pairs(act.session, seat.plan_id):
            assignments.withdraw(act.session, seat.user_id, application.id)


def tell_applicant(act: Act) -> None:
    """Notify the applicant of the decision, without naming a judge."""
    application = act.session.get_one(Application, act.record.application_id)
    user_id = act.session.scalar(select(Person.user_id).where(Person.id == application.person_id))
    if user_id is None:
        return
    outbox.queue_message(
        act.session,
        user_id,
        f"recusal.{act.event}",
        at=act.at,
        url=f"/me/application/{application.id}/",
        number=application.number,
        opinion=act.opinion,
    )


def is_about_oneself(act: Act) -> str | None:
    """Refuse a declaration on behalf of another judge."""
    is_own = act.actor.user_id is not None and act.record.user_id == act.actor.user_id
    return None if is_own else gettext("This seat is not yours.")


def is_of_meeting(act: Act) -> str | None:
    """Refuse a judge without a seat in the candidate's meeting; store the meeting in the record."""
    record, application = act.record, _application(act)
    plan_id = (
        application.plan_id
        if application and application.state is ApplicationState.IN_REVIEW
        else None
    )
    with act.session.no_autoflush:
        seat_invitations.lock_plan(act.session, plan_id)
        query = select(func.count(Seat.id)).where(
            Seat.plan_id == plan_id, Seat.user_id == record.user_id, Seat.state.in_(LIVE)
        )
        has_seat = act.session.scalar(query)
    if not has_seat:
        raise Refused(
            gettext("Choose a judge and a candidate of the same meeting."), "application_id"
        )
    record.plan_id = plan_id
    return None


def is_new(act: Act) -> str | None:
    """Refuse a second recusal of a judge from the same candidate."""
    known = select(func.count(Recusal.id)).where(
        Recusal.user_id == act.record.user_id,
        Recusal.application_id == act.record.application_id,
        Recusal.state == RecusalState.IN_FORCE,
    )
    with act.session.no_autoflush:
        if not act.session.scalar(known):
            return None
    raise Refused(gettext("This judge is kept from this candidate already."), "application_id")


def record_recusal(act: Act) -> None:
    """Record the recusal's author and time, and delete the judge's assignment of the candidate."""
    record = act.record
    record.asked_by, record.decided_at = act.actor.user_id, act.at
    assignments.withdraw(act.session, record.user_id, record.application_id)


def lock(act: Act) -> str | None:
    """Lock the plan, so that a decision and an answer to a call run one after the other; never refuses."""
    application = act.session.get_one(Application, act.record.application_id)
    seat_invitations.lock_plan(act.session, application.plan_id)
    return None
