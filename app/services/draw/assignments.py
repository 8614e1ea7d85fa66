"""Which candidates a member of a meeting works on: those of the own group, but for recusals."""

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.enums import RecusalState
from app.models import Application, Assignment, Plan, Recusal, Seat
from app.services.draw import draw_pool
from app.services.meeting import meeting_groups


def lay(session: Session, seat: Seat) -> int:
    """Lay out the candidates of a seat's group as its cases and return how many; laid ones stay."""
    plan = session.get_one(Plan, seat.plan_id)
    kept_from = select(Recusal.application_id).where(
        Recusal.user_id == seat.user_id, Recusal.state == RecusalState.IN_FORCE
    )
    laid = select(Assignment.application_id).where(Assignment.seat_id == seat.id)
    query = select(Application.id, Application.specialty_code).where(
        *draw_pool.candidates(plan),
        Application.id.not_in(kept_from),
        Application.id.not_in(laid),
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
    """Take every case from a seat."""
    session.execute(delete(Assignment).where(Assignment.seat_id == seat_id))


def withdraw(session: Session, user_id: int, application_id: int) -> None:
    """Take one candidate from the seats of a judge."""
    seats = select(Seat.id).where(Seat.user_id == user_id)
    session.execute(
        delete(Assignment).where(
            Assignment.application_id == application_id, Assignment.seat_id.in_(seats)
        )
    )
