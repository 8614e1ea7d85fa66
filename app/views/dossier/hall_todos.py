"""What waits for an applicant: applications to hand in, and interviews to come to."""

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, or_, select

from app.enums import ApplicationState, PlanState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Interview, Plan
from app.todos.declared import Menu, Todo
from app.views.dossier.hall_interview_card import AHEAD


def with_interview_ahead(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for applications in review with an interview that is not over."""
    ahead = (
        select(Interview.id)
        .join(Plan, Plan.id == Interview.plan_id)
        .where(
            Interview.application_id == Application.id,
            Interview.plan_id == Application.plan_id,
            Interview.state.in_(AHEAD),
            Interview.ends_at > clock.now(),
            Plan.state == PlanState.APPROVED,
        )
    )
    return (Application.state == ApplicationState.IN_REVIEW) & ahead.exists()


TODOS = (
    Todo(
        "hand_in",
        _("To be filled in and handed in"),
        ("submit", "resubmit", "answer_correction"),
    ),
    Todo(
        "interview",
        _("Interview ahead"),
        moves=((Interview, "receive"),),
        whose=with_interview_ahead,
        roles=(Role.APPLICANT,),
    ),
)


def waits(menu: Menu, actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the applications that wait for their owner: those that the menu counts."""
    return or_(*(and_(*todo.conditions(menu, actor)) for todo in menu.all_todos()))
