"""How many positions a change of a role concerns."""

from sqlalchemy import func, select

from app.enums import Role
from app.extensions import db
from app.models import Position

COUNTED = 1000
"""Beyond so many positions of a role the number is not counted further."""


def positions_by_role() -> dict[Role, int]:
    """Return the number of active positions of each role, at most COUNTED + 1, in one statement."""
    counts = [
        select(func.count())
        .select_from(
            select(Position.id)
            .where(Position.role == role, Position.is_active)
            .limit(COUNTED + 1)
            .subquery()
        )
        .scalar_subquery()
        for role in Role
    ]
    return dict(zip(Role, db.session.execute(select(*counts)).one(), strict=True))
