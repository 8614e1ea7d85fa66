"""Recusals in force by judge and candidate (Order 40, art. 26); `recusal_rules` has the automatic rules."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act
from app.enums import RecusalSource, RecusalState
from app.models import Application, Person, Plan, Recusal, Seat
from app.services.draw import recusal_rules
from app.services.meeting.seats import MEMBERS


def recused_pairs(session: Session, plan_id: int) -> set[tuple[int, int]]:
    """Return the (seat, application) pairs of a meeting in which the member is recused from the candidate."""
    query = (
        select(Seat.id, Recusal.application_id)
        .join(Recusal, Recusal.user_id == Seat.user_id)
        .join(Application, Application.id == Recusal.application_id)
        .where(
            Seat.plan_id == plan_id,
            Seat.state.in_(MEMBERS),
            Application.plan_id == plan_id,
            Recusal.state == RecusalState.IN_FORCE,
        )
    )
    return {(seat, application) for seat, application in session.execute(query)}


def is_in_force(user_id: Any, application_id: Any) -> ColumnElement[bool]:
    """Return the condition that the judge of one column is recused from the candidate of another."""
    return (
        select(Recusal.id)
        .where(
            Recusal.user_id == user_id,
            Recusal.application_id == application_id,
            Recusal.state == RecusalState.IN_FORCE,
        )
        .exists()
    )


def users_kept_from(application_id: int) -> Select[tuple[int | None]]:
    """Return the query for the accounts of the judges recused from a candidate."""
    return select(Recusal.user_id).where(
        Recusal.application_id == application_id,
        Recusal.state == RecusalState.IN_FORCE,
        Recusal.user_id.is_not(None),
    )


def automatic(session: Session, seat: Seat) -> dict[int, RecusalSource]:
    """Return the automatic recusals of a judge: application → source of the first matching rule."""
    plan = session.get_one(Plan, seat.plan_id)
    person = session.scalars(select(Person).where(Person.user_id == seat.user_id)).one_or_none()
    if person is None:
        return {}
    found: dict[int, RecusalSource] = {}
    for source, rule in recusal_rules.RULES:
        for application_id in rule(session, plan, seat, person):
            found.setdefault(application_id, source)
    return found


def create_automatic_recusals(act: Act, seat: Seat) -> list[int]:
    """Create the missing automatic recusals of a judge; return the candidates concerned."""
    known = select(Recusal.application_id).where(
        Recusal.user_id == seat.user_id, Recusal.state == RecusalState.IN_FORCE
    )
    in_force = set(act.session.scalars(known))
    new = {key: rule for key, rule in automatic(act.session, seat).items() if key not in in_force}
    for application_id, source in sorted(new.items()):
        create_recusal(act, seat, application_id, source)
    return sorted(new)


def create_recusal(act: Act, seat: Seat, application_id: int, source: RecusalSource) -> None:
    """Create a recusal in force of a seat's judge from a candidate."""
    made = Recusal(
        application_id=application_id,
        plan_id=seat.plan_id,
        user_id=seat.user_id,
        source=source,
        decided_at=act.at,
    )
    engine.fire(made, "note", actor=act.actor, at=act.at)
