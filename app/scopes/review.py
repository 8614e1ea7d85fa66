"""Scopes of notices, objections and places in the review tree."""

from sqlalchemy import false, select, true

from app.enums import (
    NoticeKind,
    ProposalState,
    Role,
)
from app.ground.actor import Actor
from app.models import (
    Application,
    Committee,
    Notice,
    NoticeItem,
    Objection,
    Proposal,
    RouteChange,
    RouteChangeLine,
    RouteNode,
    Unit,
)
from app.scopes.applications import of_my_committees, own_person
from app.scopes.meeting import of_my_plans
from app.scopes.relations import Condition, below_my_unit, has_key, in_region, unit_in_region


def proposals_of_my_desk(actor: Actor) -> Condition:
    """Acts proposed in the actor's unit, or in the committee's office, in the actor's role."""
    mine: Condition
    if actor.role is Role.OFFICE:
        mine = Proposal.application_id.in_(select(Application.id).where(of_my_committees(actor)))
    else:
        mine = has_key(Proposal.unit_id, actor.unit_id)
    return (Proposal.role == actor.role) & mine


def is_not_proposed() -> Condition:
    """Applications without an act that waits for the person responsible."""
    waiting = select(Proposal.id).where(
        Proposal.application_id == Application.id, Proposal.state == ProposalState.PENDING
    )
    return ~waiting.exists()


def notices_of_own_unit(actor: Actor) -> Condition:
    """Notices that the actor's unit opened for its own people."""
    return has_key(Notice.unit_id, actor.unit_id) & (Notice.kind == NoticeKind.UNIT)


def notices_of_own_person(actor: Actor) -> Condition:
    """Notices that name the person."""
    mine = select(Application.id).where(own_person(actor))
    return Notice.id.in_(select(NoticeItem.notice_id).where(NoticeItem.application_id.in_(mine)))


def notices_of_my_subtree(actor: Actor) -> Condition:
    """Notices inside the units below the actor's in the register of units."""
    return below_my_unit(Notice.unit_id, actor) & (Notice.kind == NoticeKind.UNIT)


def notices_of_my_committees(actor: Actor) -> Condition:
    """Notices of results of the office's committees."""
    return (Notice.kind == NoticeKind.RESULT) & of_my_plans(Notice.plan_id, actor)


def notices_of_my_region(actor: Actor) -> Condition:
    """Notices of units and results in the authority's region."""
    return unit_in_region(Notice.unit_id, actor)


def objections_in_hand(actor: Actor) -> Condition:
    """Objections that the actor's body handles."""
    is_handler = Objection.handler_role == actor.role
    if actor.role is Role.OFFICE:
        return is_handler & _about(Application.committee_id.in_(actor.committee_ids))
    return is_handler & has_key(Objection.unit_id, actor.unit_id)


def objections_of_own_unit(actor: Actor) -> Condition:
    """Objections the actor's unit handles or has recorded; not those that others received about it."""
    return objections_in_hand(actor) | has_key(Objection.recorded_unit_id, actor.unit_id)


def objections_of_units_below(actor: Actor) -> Condition:
    """Objections the actor's unit handles or recorded, and all in notices of units below it, to take over."""
    return objections_of_own_unit(actor) | of_notices(notices_of_my_subtree(actor))


def objections_of_my_committees(actor: Actor) -> Condition:
    """Objections the office handles or has recorded against applications to its committees."""
    recorded = has_key(Objection.recorded_unit_id, actor.unit_id)
    return objections_in_hand(actor) | (
        recorded & _about(Application.committee_id.in_(actor.committee_ids))
    )


def objections_of_my_region(actor: Actor) -> Condition:
    """Objections in the authority's region, and those it handles."""
    return objections_in_hand(actor) | of_notices(notices_of_my_region(actor))


def _about(which: Condition) -> Condition:
    return Objection.application_id.in_(select(Application.id).where(which))


def route_nodes_of_own_unit(actor: Actor) -> Condition:
    """The places of the actor's unit in the review trees."""
    return has_key(RouteNode.unit_id, actor.unit_id)


def route_nodes_of_my_committees(actor: Actor) -> Condition:
    """The review trees of the office's committees."""
    return RouteNode.committee_id.in_(actor.committee_ids)


def of_notices(which: Condition) -> Condition:
    return Objection.notice_id.in_(select(Notice.id).where(which))


def route_changes_of_my_committees(actor: Actor) -> Condition:
    """Changes of the review trees of the office's committees."""
    return RouteChange.committee_id.in_(actor.committee_ids)


def route_changes_of_own_unit(actor: Actor) -> Condition:
    """Changes of review trees that the actor's unit confirms, or that move its own place."""
    own = select(RouteChangeLine.change_id).where(has_key(RouteChangeLine.unit_id, actor.unit_id))
    return route_changes_asked_of_me(actor) | RouteChange.id.in_(own)


def route_changes_asked_of_me(actor: Actor) -> Condition:
    """Changes of review trees that the actor's unit confirms for all."""
    return has_key(RouteChange.asked_unit_id, actor.unit_id)


def trees_to_check(actor: Actor) -> Condition:
    """Committees whose review tree the actor looks after: the office's, the region's, all for the system."""
    if actor.role is Role.OFFICE:
        return Committee.id.in_(actor.committee_ids)
    if actor.role is Role.HRSS:
        return in_region(Committee.region_code, actor)
    return true() if actor.role is Role.SYSADMIN else false()


def units_to_check(actor: Actor) -> Condition:
    """Units that should stand in some review tree, as far as the actor looks after whole regions."""
    if actor.role is Role.HRSS:
        return in_region(Unit.region_code, actor)
    return true() if actor.role is Role.SYSADMIN else false()
