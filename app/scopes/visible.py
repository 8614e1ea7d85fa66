"""The widest scope of each role over each model, used by lists, details, files and the API."""

from typing import Any

from sqlalchemy import false

from app.enums import (
    Role,
)
from app.ground.actor import Actor
from app.models import (
    Application,
    Assessment,
    Batch,
    Certificate,
    Deputy,
    Draw,
    EmploymentChange,
    Expert,
    ExpertAccount,
    Extension,
    Filing,
    IntegrityRecord,
    Interview,
    Notice,
    Objection,
    Opinion,
    Plan,
    PlanChange,
    Proposal,
    Quota,
    Recusal,
    Relation,
    Result,
    Round,
    RouteChange,
    RouteNode,
    SealedBallot,
    Seat,
)
from app.scopes.accounts import (
    employment_changes_of_own_person,
    employment_changes_of_own_unit,
)
from app.scopes.applications import (
    of_my_committees,
    of_my_region,
    of_my_subtree,
    of_own_unit,
    own_person,
)
from app.scopes.certificates import (
    certificates_of_my_committees,
    certificates_of_my_region,
    certificates_of_my_subtree,
    certificates_of_own_person,
    certificates_of_own_unit,
    filings_of_my_committees,
    filings_of_my_region,
    integrity_of_my_committees,
    integrity_of_my_region,
    integrity_of_own_person,
)
from app.scopes.draw import (
    draws_of_my_committees,
    own_recusals,
    own_seats,
    plans_of_my_seats,
    recusals_of_my_committees,
    recusals_of_own_person,
    seats_of_my_committees,
)
from app.scopes.experts import (
    expert_accounts_of_my_committees,
    experts_of_my_committees,
    experts_of_my_region,
    experts_of_own_person,
    experts_of_own_unit,
    relations_of_own_person,
)
from app.scopes.handling import deputies_of_my_position
from app.scopes.interviews import interviews_of_my_committees, interviews_of_own_person
from app.scopes.judging import (
    opinions_of_my_committees,
    opinions_of_my_seats,
    own_assessments,
    seat_of_mine,
)
from app.scopes.meeting import (
    plan_changes_of_my_committees,
    plan_changes_of_my_region,
    plans_of_my_committees,
    plans_of_my_region,
)
from app.scopes.quotas import quotas_of_my_region, quotas_of_my_subtree, quotas_of_own_unit
from app.scopes.registers import (
    batches_of_my_committees,
    batches_of_my_region,
    batches_of_my_unit,
    batches_opened,
    extensions_of_my_committees,
    extensions_of_my_region,
)
from app.scopes.relations import Condition, Scope, passes_my_unit
from app.scopes.results import results_of_my_committees, results_of_my_region
from app.scopes.review import (
    notices_of_my_committees,
    notices_of_my_region,
    notices_of_my_subtree,
    notices_of_own_person,
    notices_of_own_unit,
    objections_of_my_committees,
    objections_of_my_region,
    objections_of_own_unit,
    objections_of_units_below,
    proposals_of_my_desk,
    route_changes_of_my_committees,
    route_changes_of_own_unit,
    route_nodes_of_my_committees,
    route_nodes_of_own_unit,
)
from app.scopes.voting import own_ballots, rounds_of_my_committees, rounds_of_my_seats

VISIBLE: dict[type[Any], dict[Role, Scope]] = {
    Application: {
        Role.APPLICANT: own_person,
        Role.UNIT: of_own_unit,
        Role.SUPERIOR: of_my_subtree,
        Role.OFFICE: of_my_committees,
        Role.JUDGE: seat_of_mine,
        Role.HRSS: of_my_region,
    },
    Notice: {
        Role.APPLICANT: notices_of_own_person,
        Role.UNIT: notices_of_own_unit,
        Role.SUPERIOR: notices_of_my_subtree,
        Role.OFFICE: notices_of_my_committees,
        Role.HRSS: notices_of_my_region,
    },
    Objection: {
        Role.UNIT: objections_of_own_unit,
        Role.SUPERIOR: objections_of_units_below,
        Role.OFFICE: objections_of_my_committees,
        Role.HRSS: objections_of_my_region,
    },
    Proposal: {
        Role.UNIT: proposals_of_my_desk,
        Role.SUPERIOR: proposals_of_my_desk,
        Role.OFFICE: proposals_of_my_desk,
    },
    Deputy: {
        Role.UNIT: deputies_of_my_position,
        Role.SUPERIOR: deputies_of_my_position,
        Role.OFFICE: deputies_of_my_position,
    },
    Plan: {
        Role.OFFICE: plans_of_my_committees,
        Role.SUPERVISOR: plans_of_my_committees,
        Role.JUDGE: plans_of_my_seats,
        Role.HRSS: plans_of_my_region,
    },
    PlanChange: {
        Role.OFFICE: plan_changes_of_my_committees,
        Role.HRSS: plan_changes_of_my_region,
    },
    Draw: {Role.OFFICE: draws_of_my_committees, Role.SUPERVISOR: draws_of_my_committees},
    Seat: {
        Role.OFFICE: seats_of_my_committees,
        Role.SUPERVISOR: seats_of_my_committees,
        Role.JUDGE: own_seats,
    },
    Recusal: {
        Role.APPLICANT: recusals_of_own_person,
        Role.OFFICE: recusals_of_my_committees,
        Role.SUPERVISOR: recusals_of_my_committees,
        Role.JUDGE: own_recusals,
    },
    Interview: {
        Role.APPLICANT: interviews_of_own_person,
        Role.OFFICE: interviews_of_my_committees,
    },
    Assessment: {Role.JUDGE: own_assessments},
    Opinion: {Role.JUDGE: opinions_of_my_seats, Role.OFFICE: opinions_of_my_committees},
    Round: {
        Role.OFFICE: rounds_of_my_committees,
        Role.SUPERVISOR: rounds_of_my_committees,
        Role.JUDGE: rounds_of_my_seats,
    },
    SealedBallot: {Role.JUDGE: own_ballots},
    Result: {Role.OFFICE: results_of_my_committees, Role.HRSS: results_of_my_region},
    Filing: {Role.OFFICE: filings_of_my_committees, Role.HRSS: filings_of_my_region},
    Quota: {
        Role.UNIT: quotas_of_own_unit,
        Role.SUPERIOR: quotas_of_my_subtree,
        Role.HRSS: quotas_of_my_region,
    },
    Certificate: {
        Role.APPLICANT: certificates_of_own_person,
        Role.UNIT: certificates_of_own_unit,
        Role.SUPERIOR: certificates_of_my_subtree,
        Role.OFFICE: certificates_of_my_committees,
        Role.HRSS: certificates_of_my_region,
    },
    IntegrityRecord: {
        Role.APPLICANT: integrity_of_own_person,
        Role.OFFICE: integrity_of_my_committees,
        Role.HRSS: integrity_of_my_region,
    },
    RouteChange: {
        Role.UNIT: route_changes_of_own_unit,
        Role.SUPERIOR: route_changes_of_own_unit,
        Role.OFFICE: route_changes_of_my_committees,
    },
    RouteNode: {
        Role.UNIT: route_nodes_of_own_unit,
        Role.SUPERIOR: route_nodes_of_own_unit,
        Role.OFFICE: route_nodes_of_my_committees,
    },
    Batch: {
        Role.APPLICANT: batches_opened,
        Role.UNIT: batches_opened,
        Role.SUPERIOR: batches_opened,
        Role.OFFICE: batches_of_my_committees,
        Role.HRSS: batches_of_my_region,
    },
    Extension: {
        Role.OFFICE: extensions_of_my_committees,
        Role.HRSS: extensions_of_my_region,
    },
    Expert: {
        Role.APPLICANT: experts_of_own_person,
        Role.UNIT: experts_of_own_unit,
        Role.OFFICE: experts_of_my_committees,
        Role.HRSS: experts_of_my_region,
    },
    ExpertAccount: {Role.OFFICE: expert_accounts_of_my_committees},
    Relation: {Role.APPLICANT: relations_of_own_person},
    EmploymentChange: {
        Role.APPLICANT: employment_changes_of_own_person,
        Role.UNIT: employment_changes_of_own_unit,
    },
}


def for_role(model: type[Any], role: Role) -> Scope:
    """Return the widest scope of `role` over `model`; nobody sees rows of a model that is not listed."""
    return VISIBLE.get(model, {}).get(role, nothing)


def visible(model: type[Any], actor: Actor) -> Condition:
    """Return the condition for the rows of `model` that the actor may see in the present position."""
    return for_role(model, actor.role)(actor)


def applications(actor: Actor) -> Condition:
    """Every application the actor may see, whatever its state (menu 1.1.4); for lists and figures."""
    if actor.role is Role.SUPERIOR:
        return passes_my_unit(Application.id, actor, is_for_all=True)
    return visible(Application, actor)


def batches_of_concern(actor: Actor) -> Condition:
    """The batches the actor works with: units and superiors may see every opened one, but not all concern them."""
    is_of_unit = actor.role in (Role.UNIT, Role.SUPERIOR)
    return batches_of_my_unit(actor) if is_of_unit else visible(Batch, actor)


def nothing(actor: Actor) -> Condition:
    return false()
