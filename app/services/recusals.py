"""Who is kept from which candidate (Order 40, art. 26): by rule, by request, by decision."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.enums import RecusalState
from app.models import Application, Recusal, Seat
from app.services.seats import MEMBERS


def pairs(session: Session, plan_id: int) -> set[tuple[int, int]]:
    """Return the (seat, application) pairs of a meeting in which the member is kept from the candidate."""
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


def users_kept_from(application_id: int) -> Select[tuple[int | None]]:
    """Return the query for the accounts of the judges who are kept from a candidate."""
    return select(Recusal.user_id).where(
        Recusal.application_id == application_id,
        Recusal.state == RecusalState.IN_FORCE,
        Recusal.user_id.is_not(None),
    )
