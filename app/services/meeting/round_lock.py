"""Guards that lock sheets and opinions once a round is frozen; conflict-of-interest guard for meetings."""

from flask_babel import gettext
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import RoundState
from app.ground import read_once
from app.models import Application, Plan, Round, RoundCandidate


def has_round(session: Session, plan_id: int) -> bool:
    """Return whether the meeting has a frozen or entered round that was not given up (void)."""
    standing = select(Round.id).where(Round.plan_id == plan_id, Round.state != RoundState.VOID)
    return bool(session.scalar(select(standing.exists())))


def plans_with_round() -> Select[tuple[int]]:
    """Return the query for the meetings with a round that was not given up (void)."""
    return select(Round.plan_id).where(Round.state != RoundState.VOID)


def bound_candidates() -> Select[tuple[int]]:
    """Return the query for the candidates in a round that was not given up (void)."""
    rounds = select(RoundCandidate.application_id).join(Round, Round.id == RoundCandidate.round_id)
    return rounds.where(Round.state != RoundState.VOID)


def is_bound(session: Session, application_id: int) -> bool:
    """Return whether a candidate is in a round that was not given up (void)."""
    standing = (
        exists()
        .where(RoundCandidate.application_id == application_id)
        .where(RoundCandidate.round_id == Round.id, Round.state != RoundState.VOID)
    )
    with session.no_autoflush:
        return bool(session.scalar(select(standing)))


def is_before_the_round(act: Act) -> str | None:
    """Refuse changes to sheets, opinions and interviews of a candidate in a frozen round (rules 40, 42)."""
    if not is_bound(act.session, act.record.application_id):
        return None
    return gettext(
        "The vote on this candidate is prepared or held; nothing can be handed in or changed any more."
    )


def is_not_own(act: Act) -> str | None:
    """Refuse a person whose own application the meeting judges, in whatever role (domain.md §4.2)."""
    plan_id = act.record.id if isinstance(act.record, Plan) else act.record.plan_id
    if act.actor.person_id is None or plan_id is None:
        return None
    session, person_id = act.session, act.actor.person_id
    own = select(Application.plan_id, Application.number).where(
        Application.person_id == person_id, Application.plan_id.is_not(None)
    )
    with session.no_autoflush:
        numbers = read_once.of(
            session,
            ("own cases in meetings", person_id),
            (Application,),
            lambda: dict(session.execute(own).tuples().all()),
        )
    number = numbers.get(plan_id)
    if number is None:
        return None
    return gettext(
        "Your own application %(number)s is judged in this meeting; somebody else must handle it.",
        number=number,
    )
