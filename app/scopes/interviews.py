"""Scopes of interviews."""

from sqlalchemy import select

from app.enums import (
    InterviewState,
)
from app.ground.actor import Actor
from app.models import (
    Application,
    Interview,
)
from app.scopes.applications import own_person
from app.scopes.meeting import of_my_plans
from app.scopes.relations import Condition


def interviews_of_my_committees(actor: Actor) -> Condition:
    """Interviews of the office's meetings."""
    return of_my_plans(Interview.plan_id, actor)


def interviews_of_own_person(actor: Actor) -> Condition:
    """The applicant's own interviews, once the notice was sent."""
    mine = select(Application.id).where(own_person(actor))
    return Interview.application_id.in_(mine) & (Interview.state != InterviewState.PLANNED)
