"""Which rows somebody may see: one function per relation, from an actor to an SQL condition.

Lists, details, acts, files, exports and the API all ask here. A position without the unit, committee or
person that a relation speaks of sees nothing.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.enums import (
    BatchState,
    InterviewState,
    NoticeKind,
    PlanState,
    RecusalSource,
    RecusalState,
    Role,
    RoundState,
    S,
    SeatState,
)
from app.ground import clock
from app.ground.actor import Actor
from app.models import (
    Application,
    Assessment,
    Assignment,
    Batch,
    Certificate,
    Committee,
    Draw,
    Expert,
    Filing,
    Interview,
    Notice,
    NoticeItem,
    Objection,
    Opinion,
    Person,
    Plan,
    Quota,
    Recusal,
    Relation,
    Result,
    Round,
    RoundCandidate,
    RoundVoter,
    RouteNode,
    RouteStep,
    SealedBallot,
    Seat,
    Unit,
)

UNSEEN = (S.DRAFT, S.DISCARDED)
"""States in which an application is the applicant's alone."""
SITTING = tuple(state for state in SeatState if state.is_member)
"""States of a seat whose judge is a member of the meeting."""
PROVINCE = 2
"""Length of a region prefix that stands for a whole province."""
Condition = ColumnElement[bool]
Scope = Callable[[Actor], Condition]


# applications


def own_person(actor: Actor) -> Condition:
    """The applicant's own applications."""
    return _is(Application.person_id, actor.person_id)


def of_own_unit(actor: Actor) -> Condition:
    """Applications filed in the actor's unit, never drafts."""
    return _is(Application.unit_id, actor.unit_id) & Application.state.not_in(UNSEEN)


def held_by_my_unit(actor: Actor) -> Condition:
    """Applications filed in the actor's unit that it has in hand."""
    return of_own_unit(actor) & _is(Application.holder_id, actor.unit_id)


def held_by_my_node(actor: Actor) -> Condition:
    """Applications that stand with the actor's unit on their way up."""
    return of_my_subtree(actor) & _is(Application.holder_id, actor.unit_id)


def of_my_subtree(actor: Actor) -> Condition:
    """Applications of units below the actor's in the review tree, from the moment they arrive."""
    return _passes_me(Application.id, actor)


def of_my_region(actor: Actor) -> Condition:
    """Applications of the authority's region, never drafts."""
    return _in_region(Application.region_code, actor) & Application.state.not_in(UNSEEN)


def of_my_committees(actor: Actor) -> Condition:
    """Applications to the office's committees, from the moment the office got them."""
    return Application.committee_id.in_(actor.committee_ids) & Application.office_at.is_not(None)


def seat_of_mine(actor: Actor) -> Condition:
    """Candidates of running meetings that are assigned to the judge's seat, or voted on in an open round.

    Never a candidate of the own unit, never oneself, nobody the judge is recused from.
    """
    if actor.user_id is None:
        return false()
    person = select(Person).where(Person.user_id == actor.user_id)
    unit = person.with_only_columns(Person.unit_id).where(Person.unit_id.is_not(None))
    assigned = select(Assignment.application_id).where(Assignment.seat_id.in_(_my_seats(actor)))
    return (
        (Application.state == S.IN_REVIEW)
        & (Application.id.in_(assigned) | Application.id.in_(in_my_rounds(actor)))
        & Application.id.not_in(recused_from(actor))
        & Application.unit_id.not_in(unit)
        & Application.person_id.not_in(person.with_only_columns(Person.id))
        & (true() if actor.unit_id is None else Application.unit_id != actor.unit_id)
    )


def assigned_to_me(actor: Actor) -> Condition:
    """Of the judge's candidates those to read, score and write an opinion on; others are only voted on."""
    assigned = select(Assignment.application_id).where(Assignment.seat_id.in_(_my_seats(actor)))
    return seat_of_mine(actor) & Application.id.in_(assigned)


def _my_seats(actor: Actor) -> Any:
    """The judge's seats in meetings that are on today."""
    today = clock.local_date(clock.now())
    return (
        select(Seat.id)
        .join(Plan, Plan.id == Seat.plan_id)
        .where(
            Seat.user_id == actor.user_id,
            Seat.state.in_((SeatState.ACCEPTED, SeatState.PRESENT)),
            Plan.state == PlanState.APPROVED,
            Plan.opens_on <= today,
            Plan.closes_on >= today,
        )
    )


def in_my_rounds(actor: Actor) -> Any:
    """Candidates of the open round on whose roll the judge stands."""
    return (
        select(RoundCandidate.application_id)
        .join(Round, Round.id == RoundCandidate.round_id)
        .join(RoundVoter, RoundVoter.round_id == Round.id)
        .where(Round.state == RoundState.OPEN, RoundVoter.seat_id.in_(_my_seats(actor)))
    )


def recused_from(actor: Actor) -> Any:
    """Return the query for the candidates from whom the judge is kept (Order 40, art. 26)."""
    return select(Recusal.application_id).where(
        Recusal.user_id == actor.user_id, Recusal.state == RecusalState.IN_FORCE
    )


# persons


def persons_of_own_unit(actor: Actor) -> Condition:
    """Persons registered with the actor's unit."""
    return _is(Person.unit_id, actor.unit_id)


# notices and objections


def notices_of_own_unit(actor: Actor) -> Condition:
    """Notices that the actor's unit opened for its own people."""
    return _is(Notice.unit_id, actor.unit_id) & (Notice.kind == NoticeKind.UNIT)


def notices_of_own_person(actor: Actor) -> Condition:
    """Notices that name the person."""
    mine = select(Application.id).where(own_person(actor))
    return Notice.id.in_(select(NoticeItem.notice_id).where(NoticeItem.application_id.in_(mine)))


def notices_of_my_subtree(actor: Actor) -> Condition:
    """Notices inside the units below the actor's in the register of units."""
    return _below(Notice.unit_id, actor) & (Notice.kind == NoticeKind.UNIT)


def notices_of_my_committees(actor: Actor) -> Condition:
    """Notices of results of the office's committees."""
    return (Notice.kind == NoticeKind.RESULT) & _of_plan(Notice.plan_id, actor)


def notices_of_my_region(actor: Actor) -> Condition:
    """Notices of units and results in the authority's region."""
    return _unit_in_region(Notice.unit_id, actor)


def objections_of_own_unit(actor: Actor) -> Condition:
    """Objections the actor's unit handles."""
    return _of_notice(notices_of_own_unit(actor))


def objections_handed_up(actor: Actor) -> Condition:
    """Complaints about heads of units below the actor's, which its unit handles in their place."""
    below = (Notice.kind == NoticeKind.UNIT) & (Notice.unit_id != actor.unit_id)
    return _is(Objection.unit_id, actor.unit_id) & _of_notice(below)


def objections_of_my_committees(actor: Actor) -> Condition:
    """Objections against results of the office's committees."""
    return _of_notice(notices_of_my_committees(actor))


def objections_of_my_region(actor: Actor) -> Condition:
    """Objections in the authority's region."""
    return _of_notice(notices_of_my_region(actor))


# meetings, results, filings


def plans_of_my_committees(actor: Actor) -> Condition:
    """Plans of the actor's committees."""
    return Plan.committee_id.in_(actor.committee_ids)


def plans_of_my_region(actor: Actor) -> Condition:
    """Reported plans of committees in the authority's region."""
    return _committee_in_region(Plan.committee_id, actor) & (Plan.state != PlanState.DRAFT)


def plans_of_my_seats(actor: Actor) -> Condition:
    """Plans in whose meeting the judge sits."""
    return Plan.id.in_(select(Seat.plan_id).where(own_seats(actor), Seat.state.in_(SITTING)))


def results_of_my_committees(actor: Actor) -> Condition:
    """Results of the office's own meetings."""
    return _of_plan(Result.plan_id, actor)


def results_of_my_region(actor: Actor) -> Condition:
    """Results in the authority's region, once they are filed."""
    filed = select(Filing.plan_id)
    return Result.plan_id.in_(filed) & Result.plan_id.in_(_plan_ids(plans_of_my_region(actor)))


def filings_of_my_committees(actor: Actor) -> Condition:
    """Filings of the office's own meetings."""
    return _of_plan(Filing.plan_id, actor)


def filings_of_my_region(actor: Actor) -> Condition:
    """Filings of committees in the authority's region."""
    return Filing.plan_id.in_(_plan_ids(plans_of_my_region(actor)))


def seats_of_my_committees(actor: Actor) -> Condition:
    """Seats of the actor's committees: names of judges are for the office and the supervisor alone."""
    return _of_plan(Seat.plan_id, actor)


def own_seats(actor: Actor) -> Condition:
    """The judge's own seats, from the moment the judge is called."""
    called = Seat.state.not_in((SeatState.RESERVE, SeatState.RELEASED))
    return _is(Seat.user_id, actor.user_id) & called


def draws_of_my_committees(actor: Actor) -> Condition:
    """Draws of the actor's committees."""
    return _of_plan(Draw.plan_id, actor)


def recusals_of_my_committees(actor: Actor) -> Condition:
    """Recusals and requests about candidates of the actor's committees."""
    cases = select(Application.id).where(Application.committee_id.in_(actor.committee_ids))
    return Recusal.application_id.in_(cases)


def recusals_of_own_person(actor: Actor) -> Condition:
    """What the applicant asked for."""
    mine = select(Application.id).where(own_person(actor))
    return Recusal.application_id.in_(mine) & (Recusal.source == RecusalSource.APPLICANT)


def own_recusals(actor: Actor) -> Condition:
    """The judge's own recusals."""
    return _is(Recusal.user_id, actor.user_id)


def interviews_of_my_committees(actor: Actor) -> Condition:
    """Interviews of the office's meetings."""
    return _of_plan(Interview.plan_id, actor)


def interviews_of_own_person(actor: Actor) -> Condition:
    """The applicant's own interviews, once the notice was sent."""
    mine = select(Application.id).where(own_person(actor))
    return Interview.application_id.in_(mine) & (Interview.state != InterviewState.PLANNED)


def own_assessments(actor: Actor) -> Condition:
    """What the judge wrote on candidates that are still the judge's to see."""
    seats = select(Seat.id).where(own_seats(actor))
    cases = select(Application.id).where(seat_of_mine(actor))
    return Assessment.seat_id.in_(seats) & Assessment.application_id.in_(cases)


def opinions_of_my_seats(actor: Actor) -> Condition:
    """Opinions on candidates that are the judge's to see."""
    return Opinion.application_id.in_(select(Application.id).where(seat_of_mine(actor)))


def opinions_of_my_committees(actor: Actor) -> Condition:
    """Opinions of the office's own meetings."""
    return _of_plan(Opinion.plan_id, actor)


def rounds_of_my_committees(actor: Actor) -> Condition:
    """Rounds of the actor's committees."""
    return _of_plan(Round.plan_id, actor)


def rounds_of_my_seats(actor: Actor) -> Condition:
    """Rounds of meetings in which the judge sits."""
    return Round.plan_id.in_(_plan_ids(plans_of_my_seats(actor)))


def own_ballots(actor: Actor) -> Condition:
    """The judge's own ballots: that they were cast, sealed."""
    return SealedBallot.seat_id.in_(select(Seat.id).where(own_seats(actor)))


# quotas, certificates, review trees, batches, experts


def quotas_of_own_unit(actor: Actor) -> Condition:
    """Quota lines of the actor's unit."""
    return _is(Quota.unit_id, actor.unit_id)


def quotas_of_my_subtree(actor: Actor) -> Condition:
    """Quota lines of the units below the actor's in the register of units."""
    return _below(Quota.unit_id, actor)


def quotas_of_my_region(actor: Actor) -> Condition:
    """Quota lines of units in the authority's region."""
    return _unit_in_region(Quota.unit_id, actor)


def certificates_of_own_person(actor: Actor) -> Condition:
    """The person's own certificates."""
    return _is(Certificate.person_id, actor.person_id)


def certificates_of_own_unit(actor: Actor) -> Condition:
    """Certificates of people who applied through the actor's unit."""
    return _is(Certificate.unit_id, actor.unit_id)


def certificates_of_my_subtree(actor: Actor) -> Condition:
    """Certificates from applications that passed the actor's unit."""
    return _passes_me(Certificate.application_id, actor)


def certificates_of_my_region(actor: Actor) -> Condition:
    """Certificates of the authority's region."""
    return _in_region(Certificate.region_code, actor)


def certificates_of_my_committees(actor: Actor) -> Condition:
    """Certificates from the office's committees."""
    return Certificate.committee_id.in_(actor.committee_ids)


def route_nodes_of_own_unit(actor: Actor) -> Condition:
    """The places of the actor's unit in the review trees."""
    return _is(RouteNode.unit_id, actor.unit_id)


def route_nodes_of_my_committees(actor: Actor) -> Condition:
    """The review trees of the office's committees."""
    return RouteNode.committee_id.in_(actor.committee_ids)


def batches_of_my_committees(actor: Actor) -> Condition:
    """Batches of the actor's committees."""
    return Batch.committee_id.in_(actor.committee_ids)


def batches_of_my_region(actor: Actor) -> Condition:
    """Batches that committees in the authority's region have submitted."""
    return _committee_in_region(Batch.committee_id, actor) & (Batch.state != BatchState.DRAFT)


def batches_opened(actor: Actor) -> Condition:
    """Batches that were opened: everybody who files or handles an application knows their dates."""
    return Batch.state.in_((BatchState.OPEN, BatchState.CLOSED))


def experts_of_own_person(actor: Actor) -> Condition:
    """The person's own memberships of pools."""
    return _is(Expert.person_id, actor.person_id)


def experts_of_own_unit(actor: Actor) -> Condition:
    """Applications to pools and memberships of people of the actor's unit."""
    return _is(Expert.unit_id, actor.unit_id)


def relations_of_own_person(actor: Actor) -> Condition:
    """What the expert declared."""
    return _is(Relation.person_id, actor.person_id)


def experts_of_my_committees(actor: Actor) -> Condition:
    """The pools of the office's committees."""
    return Expert.committee_id.in_(actor.committee_ids)


def experts_of_my_region(actor: Actor) -> Condition:
    """The pools of committees in the authority's region."""
    return _committee_in_region(Expert.committee_id, actor)


# what a role may see of a model at all

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
        Role.SUPERIOR: objections_handed_up,
        Role.OFFICE: objections_of_my_committees,
        Role.HRSS: objections_of_my_region,
    },
    Plan: {
        Role.OFFICE: plans_of_my_committees,
        Role.SUPERVISOR: plans_of_my_committees,
        Role.JUDGE: plans_of_my_seats,
        Role.HRSS: plans_of_my_region,
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
    Expert: {
        Role.APPLICANT: experts_of_own_person,
        Role.UNIT: experts_of_own_unit,
        Role.OFFICE: experts_of_my_committees,
        Role.HRSS: experts_of_my_region,
    },
    Relation: {Role.APPLICANT: relations_of_own_person},
}


def for_role(model: type[Any], role: Role) -> Scope:
    """Return the widest scope of `role` over `model`; a model that is not listed shows nobody anything."""
    return VISIBLE.get(model, {}).get(role, nothing)


def visible(model: type[Any], actor: Actor) -> Condition:
    """Return which rows of `model` the actor may see in the present position."""
    return for_role(model, actor.role)(actor)


def applications(actor: Actor) -> Condition:
    """Every application the actor may see, whatever its state (menu 1.1.4)."""
    return visible(Application, actor)


def nothing(actor: Actor) -> Condition:
    return false()


# the relations


def _is(column: InstrumentedAttribute[Any], key: int | None) -> Condition:
    """An actor without a unit or person must not match rows without one."""
    return false() if key is None else column == key


def _in_region(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    if not actor.region_code:
        return false()
    prefix = actor.region_prefix
    if len(prefix) == PROVINCE:
        # nearly every row: a range would lead the planner to an index that only makes it sort them all
        return column.startswith(prefix)
    return column.between(prefix.ljust(6, "0"), prefix.ljust(6, "9"))


def _unit_in_region(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    return column.in_(select(Unit.id).where(_in_region(Unit.region_code, actor)))


def _committee_in_region(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    return column.in_(select(Committee.id).where(_in_region(Committee.region_code, actor)))


def _passes_me(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    if actor.unit_id is None:
        return false()
    return (
        select(RouteStep.id)
        .where(
            RouteStep.application_id == column,
            RouteStep.unit_id == actor.unit_id,
            RouteStep.arrived_at.is_not(None),
        )
        .exists()
    )


def _below(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    """Units whose path runs through the actor's unit, without that unit itself."""
    if actor.unit_id is None:
        return false()
    inside = select(Unit.id).where(
        Unit.path.contains(f"/{actor.unit_id}/", autoescape=True), Unit.id != actor.unit_id
    )
    return column.in_(inside)


def _plan_ids(which: Condition) -> Any:
    return select(Plan.id).where(which)


def _of_plan(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    return column.in_(_plan_ids(plans_of_my_committees(actor)))


def _of_notice(which: Condition) -> Condition:
    return Objection.notice_id.in_(select(Notice.id).where(which))
