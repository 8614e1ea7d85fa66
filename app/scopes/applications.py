"""Scopes of applications: own, of the unit, of the review tree, of committees, of the region."""

from typing import Any

from sqlalchemy import CompoundSelect, select, union_all
from sqlalchemy.orm import aliased

from app.enums import (
    AT_OWN_UNIT,
    ON_THE_WAY,
    ApplicationState,
    Role,
)
from app.ground import clock
from app.ground.actor import Actor
from app.models import (
    Application,
    Person,
    Plan,
    RouteStep,
    Unit,
)
from app.scopes.relations import Condition, below_my_unit, has_key, in_region, passes_my_unit

UNSEEN = (ApplicationState.DRAFT, ApplicationState.DISCARDED)
"""States in which only the applicant sees an application."""


def own_person(actor: Actor) -> Condition:
    """The applicant's own applications."""
    return has_key(Application.person_id, actor.person_id)


def of_own_unit(actor: Actor) -> Condition:
    """Applications filed in the actor's unit, never drafts."""
    return has_key(Application.unit_id, actor.unit_id) & Application.state.not_in(UNSEEN)


def held_by_my_unit(actor: Actor) -> Condition:
    """Applications filed in the actor's unit that it has in hand."""
    return of_own_unit(actor) & has_key(Application.holder_id, actor.unit_id)


def held_by_my_node(actor: Actor) -> Condition:
    """Applications that stand with the actor's unit on their way up."""
    return of_my_subtree(actor) & has_key(Application.holder_id, actor.unit_id)


def of_my_subtree(actor: Actor) -> Condition:
    """Applications of units below the actor's in the review tree, from the moment they arrive."""
    return passes_my_unit(Application.id, actor)


def of_my_region(actor: Actor) -> Condition:
    """Applications of the authority's region, never drafts."""
    return in_region(Application.region_code, actor) & Application.state.not_in(UNSEEN)


def of_my_committees(actor: Actor) -> Condition:
    """Applications to the office's committees, from the moment the office got them."""
    return Application.committee_id.in_(actor.committee_ids) & Application.office_at.is_not(None)


def barred_in_my_hands(actor: Actor) -> Condition:
    """Applications of barred people that the actor may take out; the authority's are those in a filing."""
    barred = _is_barred_now_or_at_the_vote()
    is_in_filing = Application.state == ApplicationState.IN_FILING
    if actor.role is Role.UNIT:
        return barred & held_by_my_unit(actor)
    if actor.role is Role.HRSS:
        return barred & is_in_filing & of_my_region(actor)
    return barred & ~is_in_filing & of_my_committees(actor)


def _is_barred_now_or_at_the_vote() -> Condition:
    """Applications whose person is barred today, or was on the day of the vote (`review.barring`)."""
    today = clock.local_date(clock.now())
    voted_on = select(Plan.voted_on).where(Plan.id == Application.plan_id).scalar_subquery()
    ever = Application.person_id.in_(select(Person.id).where(Person.banned_until.is_not(None)))
    until = select(Person.banned_until).where(Person.id == Application.person_id).scalar_subquery()
    return ever & ((until >= today) | (until >= voted_on))


def stopped_by_closed_units(actor: Actor) -> Condition:
    """Applications that a closed unit stops: in the authority's region, or by a unit below the superior's."""
    closed = Unit.is_active.is_(False)
    if actor.role is Role.HRSS:
        return of_my_region(actor) & Application.id.in_(_stopped_by(closed))
    return Application.id.in_(_stopped_by(closed & below_my_unit(Unit.id, actor)))


def _stopped_by(which: Condition) -> CompoundSelect[Any]:
    """Return the ids of applications filed in, held by, or next to come to one of the units."""
    case, units = aliased(Application), select(Unit.id).where(which)
    on_the_way = case.state.in_(ON_THE_WAY)
    filed = select(case.id).where(case.unit_id.in_(units), case.state.in_(AT_OWN_UNIT))
    held = select(case.id).where(case.holder_id.in_(units), on_the_way)
    coming = (
        select(case.id)
        .join(RouteStep, RouteStep.application_id == case.id)
        .where(
            RouteStep.unit_id.in_(units),
            RouteStep.position == case.route_position + 1,
            on_the_way,
            case.state != ApplicationState.RETURNED,
        )
    )
    return union_all(filed, held, coming)
