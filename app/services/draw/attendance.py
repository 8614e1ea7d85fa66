"""Guards and effects of a judge's seat: answer, role, sign-in and sign-out (Order 40, art. 20 and 25)."""

from flask_babel import gettext
from sqlalchemy import func, select

from app.engine import Act, Refused
from app.enums import PlanState, Role, SeatRole, SeatState
from app.ground import clock
from app.models import Plan, Seat
from app.services.draw import assignments, recusals, seat_invitations
from app.services.meeting import round_lock
from app.services.meeting.seats import LIVE

REASON_LENGTH = 300


def is_own_or_office(act: Act) -> str | None:
    """Refuse judges on seats of others, and the office of another committee."""
    seat, actor = act.record, act.actor
    if actor.role is Role.JUDGE:
        return None if seat.user_id == actor.user_id else gettext("This seat is not yours.")
    plan = act.session.get_one(Plan, seat.plan_id)
    if plan.committee_id in actor.committee_ids:
        return None
    return gettext("This belongs to another committee. Switch to your position in that committee.")


def is_answerable(act: Act) -> str | None:
    """Refuse an answer to a call when a round is frozen, the meeting is over or its plan is not approved."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    if plan.state is not PlanState.APPROVED or clock.local_date(act.at) > plan.closes_on:
        return gettext("The meeting “%(name)s” is over.", name=plan.name)
    return is_before_the_first_round(act)


def is_day_of_meeting(act: Act) -> str | None:
    """Refuse to sign in on a day on which the meeting is not held."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    if plan.state is not PlanState.APPROVED:
        return gettext("The meeting “%(name)s” is over.", name=plan.name)
    if plan.is_on(clock.local_date(act.at)):
        return None
    return gettext(
        "Sign in on a day of the meeting: %(first)s to %(last)s.",
        first=plan.opens_on,
        last=plan.closes_on,
    )


def lock(act: Act) -> str | None:
    """Lock the plan, so that acts on the seats of one meeting run one after the other; never refuses."""
    seat_invitations.lock_plan(act.session, act.record.plan_id)
    return None


def still_answerable(act: Act) -> str | None:
    """Lock the plan and check again: refuse an answer if a round was frozen while it waited for the lock."""
    seat_invitations.lock_plan(act.session, act.record.plan_id)
    return is_before_the_first_round(act)


def is_before_the_first_round(act: Act) -> str | None:
    """Refuse changes of seats and chair once a round is frozen; alternates are called before that only."""
    if not round_lock.has_round(act.session, act.record.plan_id):
        return None
    return gettext("A round was frozen already; the judges and whoever presides stay as they are.")


def note_answer(act: Act) -> None:
    """Store time and reason of the answer to a call."""
    act.record.answered_at, act.record.reason = act.at, act.opinion[:REASON_LENGTH]


def assign_new_member(act: Act) -> None:
    """Create the automatic recusals of a new member and assign the remaining candidates."""
    renew_recusals(act, act.record)
    act.notes["cases"] = assignments.assign_cases(act.session, act.record)


def renew_recusals(act: Act, seat: Seat) -> None:
    """Apply the recusal rules again (art. 26) and delete the assignments of candidates newly recused.

    Relations are declared and units change while a meeting is under way.
    """
    for application_id in recusals.create_automatic_recusals(act, seat):
        assignments.withdraw(act.session, seat.user_id, application_id)


def clear_assignments(act: Act) -> None:
    """Delete all assignments of the seat."""
    assignments.clear(act.session, act.record.id)


def sign_in(act: Act) -> None:
    """Record the first sign-in, clear the sign-out and apply the recusal rules again."""
    seat = act.record
    seat.attended_at, seat.left_at = seat.attended_at or act.at, None
    renew_recusals(act, seat)


def sign_out(act: Act) -> None:
    """Record when the judge left."""
    act.record.left_at = act.at


def keep_state(act: Act) -> SeatState:
    """Return the current state of the seat: the act does not change it."""
    return SeatState(act.record.state)


def is_role(act: Act) -> str | None:
    """Refuse an unknown role, and a second chair in one meeting (Order 40, art. 20)."""
    role = act.details.get("role")
    if role not in list(SeatRole):
        raise Refused(gettext("Choose chair, vice chair or member."), "role")
    lock(act)
    place = _other_chair(act) if SeatRole(role) is SeatRole.CHAIR else None
    if place is not None:
        raise Refused(
            gettext(
                "The meeting has a chair already: place %(place)s. Make that one a member first.",
                place=place,
            ),
            "role",
        )
    return None


def _other_chair(act: Act) -> int | None:
    query = select(func.max(Seat.place)).where(
        Seat.plan_id == act.record.plan_id,
        Seat.id != act.record.id,
        Seat.role == SeatRole.CHAIR,
        Seat.state.in_(LIVE),
    )
    return act.session.scalar(query)


def appoint(act: Act) -> None:
    """Set the role of the seat: chair, vice chair or member."""
    act.record.role = SeatRole(act.details["role"])
    act.notes["role"] = act.record.role.value
