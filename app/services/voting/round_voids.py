"""Voiding a round: one side asks with a reason, another person of the other side decides.

One side is the committee: whoever presides and the office; the other is the supervisor.
"""

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act
from app.enums import Role, RoundState
from app.models import Round, TransitionLog
from app.services.draw import draw_messages
from app.services.results import outcomes, paper_rounds
from app.services.voting import round_rules

REASON_LENGTH = 500
ROUNDS = "/g/meeting/rounds/"


def may_ask(act: Act) -> str | None:
    """Refuse everyone except the presiding judge and office and supervisor of the committee."""
    if act.actor.role is Role.JUDGE:
        return round_rules.is_presiding(act)
    return paper_rounds.is_own_committee(act)


def is_not_asked(act: Act) -> str | None:
    """Refuse a second request to void the same round."""
    if act.record.void_asked_by is None:
        return None
    return gettext("It was asked for already; the other side decides.")


def keep_state(act: Act) -> RoundState:
    """Return the current state of the round: the act does not change it."""
    return RoundState(act.record.state)


def note_asked(act: Act) -> None:
    """Store who asked to void the round, and the reason; tell the other side."""
    vote_round: Round = act.record
    vote_round.void_reason = act.opinion[:REASON_LENGTH]
    vote_round.void_asked_by = act.actor.user_id
    other = Role.OFFICE if act.actor.role is Role.SUPERVISOR else Role.SUPERVISOR
    draw_messages.tell_side(
        act,
        outcomes.plan_of(act),
        other,
        "round.void_asked",
        url=f"{ROUNDS}{vote_round.id}",
        round=vote_round.title,
        number=str(vote_round.number),
        opinion=vote_round.void_reason,
    )


def is_other_side(act: Act) -> str | None:
    """Refuse a decision without a request, or by the side or the person that made the request."""
    vote_round: Round = act.record
    if vote_round.void_asked_by is None:
        return gettext("Nobody has asked to make this round void.")
    asked_by_role = act.session.scalar(
        select(TransitionLog.actor_role)
        .where(
            TransitionLog.subject_type == Round.__tablename__,
            TransitionLog.subject_id == vote_round.id,
            TransitionLog.event == "ask_void",
        )
        .order_by(TransitionLog.id.desc())
        .limit(1)
    )
    is_same_side = (asked_by_role is Role.SUPERVISOR) == (act.actor.role is Role.SUPERVISOR)
    if is_same_side or vote_round.void_asked_by == act.actor.user_id:
        return gettext("Your side asked for it; the other side and another person decides.")
    return None


def forget_request(act: Act) -> None:
    """Delete the request to void the round."""
    act.record.void_reason, act.record.void_asked_by = "", None
