"""Messages to the two sides of a draw; they contain no judge's name."""

from sqlalchemy import select

from app.engine import Act
from app.enums import Role
from app.models import Committee, Plan, Position
from app.services.messages import outbox


def tell_side(act: Act, plan: Plan, role: Role, template: str, *, url: str, **payload: str) -> None:
    """Queue a message to everybody who works as `role` (office or supervisor) of the plan's committee."""
    committee = act.session.get_one(Committee, plan.committee_id)
    query = select(Position.user_id).where(
        Position.role == role,
        Position.is_active,
        (Position.unit_id == committee.unit_id) | (Position.committee_id == committee.id)
        if role is Role.OFFICE
        else Position.committee_id == committee.id,
    )
    for user_id in act.session.scalars(query.distinct()):
        outbox.queue_message(
            act.session, user_id, template, at=act.at, url=url, plan=plan.name, **payload
        )
