"""Scopes of a judge's cases, sheets and opinions."""

from sqlalchemy import false, select, true

from app.enums import (
    ApplicationState,
)
from app.ground.actor import Actor
from app.models import (
    Application,
    Assessment,
    Assignment,
    Opinion,
    Person,
    Seat,
)
from app.scopes.draw import my_seats, own_seats, recused_from
from app.scopes.meeting import of_my_plans
from app.scopes.relations import Condition
from app.scopes.voting import in_my_rounds


def seat_of_mine(actor: Actor) -> Condition:
    """Candidates of running meetings that are assigned to the judge's seat, or voted on in an open round.

    Excludes the judge's own application, candidates of the judge's unit and those the judge is recused from.
    """
    if actor.user_id is None:
        return false()
    person = select(Person).where(Person.user_id == actor.user_id)
    unit = person.with_only_columns(Person.unit_id).where(Person.unit_id.is_not(None))
    assigned = select(Assignment.application_id).where(Assignment.seat_id.in_(my_seats(actor)))
    return (
        (Application.state == ApplicationState.IN_REVIEW)
        & (Application.id.in_(assigned) | Application.id.in_(in_my_rounds(actor)))
        & Application.id.not_in(recused_from(actor))
        & Application.unit_id.not_in(unit)
        & Application.person_id.not_in(person.with_only_columns(Person.id))
        & (true() if actor.unit_id is None else Application.unit_id != actor.unit_id)
    )


def assigned_to_me(actor: Actor) -> Condition:
    """The judge's candidates to read, score and write an opinion on; not those that are only voted on."""
    assigned = select(Assignment.application_id).where(Assignment.seat_id.in_(my_seats(actor)))
    return seat_of_mine(actor) & Application.id.in_(assigned)


def own_assessments(actor: Actor) -> Condition:
    """The judge's own sheets on candidates that the judge may still see."""
    seats = select(Seat.id).where(own_seats(actor))
    cases = select(Application.id).where(seat_of_mine(actor))
    return Assessment.seat_id.in_(seats) & Assessment.application_id.in_(cases)


def opinions_of_my_seats(actor: Actor) -> Condition:
    """Opinions on candidates that the judge may see."""
    return Opinion.application_id.in_(select(Application.id).where(seat_of_mine(actor)))


def opinions_of_my_committees(actor: Actor) -> Condition:
    """Opinions of the office's own meetings."""
    return of_my_plans(Opinion.plan_id, actor)
