"""What a frozen round fixes in its meeting, and who may not handle a meeting at all."""

from flask_babel import gettext
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import RoundState
from app.models import Application, Plan, Round, RoundCandidate


def has_round(session: Session, plan_id: int) -> bool:
    """Return whether a round of the meeting was frozen or entered and not given up since."""
    standing = select(Round.id).where(Round.plan_id == plan_id, Round.state != RoundState.VOID)
    return bool(session.scalar(select(standing.exists())))


def is_bound(session: Session, application_id: int) -> bool:
    """Return whether a candidate stands in a round that was not given up."""
    standing = (
        exists()
        .where(RoundCandidate.application_id == application_id)
        .where(RoundCandidate.round_id == Round.id, Round.state != RoundState.VOID)
    )
    with session.no_autoflush:
        return bool(session.scalar(select(standing)))


def is_before_the_round(act: Act) -> str | None:
    """Sheets, opinions and interviews stand when a round is frozen, and do not change afterwards (rules 40, 42)."""
    if not is_bound(act.session, act.record.application_id):
        return None
    return gettext(
        "The vote on this candidate is prepared or held; nothing can be handed in or changed any more."
    )


def is_not_own(act: Act) -> str | None:
    """Nobody handles the meeting that judges the own application, in any role (domain.md §4.2)."""
    plan_id = act.record.id if isinstance(act.record, Plan) else act.record.plan_id
    if act.actor.person_id is None or plan_id is None:
        return None
    own = select(Application.number).where(
        Application.plan_id == plan_id, Application.person_id == act.actor.person_id
    )
    with act.session.no_autoflush:
        number = act.session.scalars(own).first()
    if number is None:
        return None
    return gettext(
        "Your own application %(number)s is judged in this meeting; somebody else must handle it.",
        number=number,
    )
