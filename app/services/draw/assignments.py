"""Assigns candidates to the seats of a meeting: those of the seat's group, without recused ones."""

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.enums import RecusalState
from app.models import Application, Assignment, Plan, Recusal, Seat
from app.services.draw import draw_pool
from app.services.meeting import meeting_groups


def assign_cases(session: Session, seat: Seat) -> int:
    """Assign the candidates of a seat's group to the seat and return how many; existing ones stay."""
    plan = session.get_one(Plan, seat.plan_id)
    recused = select(Recusal.application_id).where(
        Recusal.user_id == seat.user_id, Recusal.state == RecusalState.IN_FORCE
    )
    assigned = select(Assignment.application_id).where(Assignment.seat_id == seat.id)
    query = select(Application.id, Application.specialty_code).where(
        *draw_pool.candidate_conditions(plan),
        Application.id.not_in(recused),
        Application.id.not_in(assigned),
    )
    found = session.execute(query.order_by(Application.id)).all()
    groups = {code: meeting_groups.group_of(plan, code) for code in {row[1] for row in found}}
    cases = [
        {"seat_id": seat.id, "application_id": application}
        for application, code in found
        if seat.group_name in (meeting_groups.WHOLE, groups[code])
    ]
    if cases:
        session.execute(insert(Assignment), cases)
    return len(cases)


def clear(session: Session, seat_id: int) -> None:
    """Delete all assignments of a seat."""
    session.execute(delete(Assignment).where(Assignment.seat_id == seat_id))


def withdraw(session: Session, user_id: int, application_id: int) -> None:
    """Delete the assignments of one candidate to the seats of a judge."""
    seats = select(Seat.id).where(Seat.user_id == user_id)
    session.execute(
        delete(Assignment).where(
            Assignment.application_id == application_id, Assignment.seat_id.in_(seats)
        )
    )
