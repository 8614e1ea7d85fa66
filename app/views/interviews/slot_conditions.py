"""On which interviews an act of the office can work: conditions of its buttons."""

from sqlalchemy import ColumnElement, select

from app.enums import ApplicationState, AssessmentState, PlanState, ReviewStep
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Assessment, Interview, Plan
from app.services.meeting import round_lock


def in_review(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for interviews whose candidate is still in review."""
    candidates = select(Application.id).where(Application.state == ApplicationState.IN_REVIEW)
    return Interview.application_id.in_(candidates)


def to_come(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for interviews that have not begun."""
    return (Interview.starts_at > clock.now()) & in_review(actor)


def begun(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for interviews that have begun, of meetings that are not over."""
    agreed = select(Plan.id).where(Plan.state == PlanState.APPROVED)
    return (Interview.starts_at <= clock.now()) & Interview.plan_id.in_(agreed)


def unheard(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for interviews that have begun, of candidates without a submitted sheet or a round."""
    scored = select(Assessment.application_id).where(
        Assessment.step == ReviewStep.INTERVIEW, Assessment.state == AssessmentState.SUBMITTED
    )
    not_voted = Interview.application_id.not_in(round_lock.bound_candidates())
    return begun(actor) & not_voted & Interview.application_id.not_in(scored)


def of_today(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for interviews of today whose candidate is in no round."""
    today = clock.local_date(clock.now())
    is_today = Interview.starts_at.between(clock.start_of_day(today), clock.end_of_day(today))
    return is_today & Interview.application_id.not_in(round_lock.bound_candidates())
