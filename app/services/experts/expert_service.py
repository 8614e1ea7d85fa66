"""Service record of experts in the meetings of their committee: seats, answers, attendance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true
from sqlalchemy.orm import Session, joinedload

from app.enums import Role, SeatState
from app.ground.actor import Actor
from app.models import Expert, Person, Plan, Seat

SHOWN = 100
ANSWERED_YES = tuple(state for state in SeatState if state.is_member)
CALLED = (SeatState.CALLED, SeatState.DECLINED, *ANSWERED_YES)


@dataclass(frozen=True)
class Service:
    """How often an expert was called to a meeting, accepted, declined and attended."""

    called: int = 0
    accepted: int = 0
    declined: int = 0
    attended: int = 0


def visible_meetings(actor: Actor, day: date) -> ColumnElement[bool]:
    """Return the condition for meetings whose judges `actor` may know on `day`.

    Office and supervisor may know them for every meeting, others only after the meeting has closed.
    """
    if actor.role in (Role.OFFICE, Role.SUPERVISOR):
        return true()
    return Plan.closes_on < day


def seats_of(session: Session, expert: Expert, known: ColumnElement[bool]) -> Sequence[Seat]:
    """Return the expert's latest seats in meetings of the committee that are `known`, with their plans."""
    query = (
        select(Seat)
        .join(Plan, Plan.id == Seat.plan_id)
        .join(Person, Person.user_id == Seat.user_id)
        .where(
            Person.id == expert.person_id,
            Plan.committee_id == expert.committee_id,
            Seat.state.in_(CALLED),
            known,
        )
        .options(joinedload(Seat.plan))
        .order_by(Seat.id.desc())
    )
    return session.scalars(query.limit(SHOWN)).all()


def counts(
    session: Session, which: Select[Any], known: ColumnElement[bool]
) -> Mapping[int, Service]:
    """Return the service in `known` meetings by membership id, for the ids that `which` selects.

    One statement counts all of them; memberships that were never called are left out.
    """
    query = (
        select(
            Expert.id,
            func.count(Seat.id),
            _count_where(Seat.state.in_(ANSWERED_YES)),
            _count_where(Seat.state == SeatState.DECLINED),
            _count_where(Seat.attended_at.is_not(None)),
        )
        .join(Person, Person.id == Expert.person_id)
        .join(Seat, and_(Seat.user_id == Person.user_id, Seat.state.in_(CALLED)))
        .join(Plan, and_(Plan.id == Seat.plan_id, Plan.committee_id == Expert.committee_id))
        .where(Expert.id.in_(which), known)
        .group_by(Expert.id)
    )
    return {row[0]: Service(*row[1:]) for row in session.execute(query).tuples()}


def service_of(session: Session, expert: Expert, known: ColumnElement[bool]) -> Service:
    """Return the service of one membership in `known` meetings."""
    found = counts(session, select(Expert.id).where(Expert.id == expert.id), known)
    return found.get(expert.id, Service())


def _count_where(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
