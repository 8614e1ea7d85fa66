"""Consent of a second administrator: an act is kept as it was asked for and done when another one agrees.

How an act comes to need it:

1. `KIND = consents.register(consents.Kind("name", _("Label"), carry_out=…, why_not=…))` beside the service
   that does the act. `carry_out(act)` is an effect: `act.record` is the `Consent` (its `user_id` and `details` say
   what to do), `act.actor` the administrator who agreed. It runs in the transaction of the agreement; a
   Refused it raises undoes everything.
2. The press calls `consents.ask(actor, "name", subject=…, …)` instead of doing the act.

The other administrators find the act in “Acts awaiting consent” and are told; the one who asked is told how it
ended. Who asked and who agreed are two accounts, and neither is the account concerned. Both a system and a
security administrator may agree, so that an installation with one of each works; a kind may narrow it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app import engine
from app.engine import Act, Refused
from app.enums import ConsentState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Consent, Position, User
from app.services.accounts import two_administrators
from app.services.messages import outbox

LIFE = timedelta(days=7)
"""How long an act waits for consent; then it lapses."""
ADMINISTRATORS = (Role.SYSADMIN, Role.SECADMIN)
LIST = "/g/consents/"
LONGEST_SUBJECT = 200
TOLD = frozenset({"agree", "decline", "lapse"})
"""Events about which the administrator who asked gets a message."""


@dataclass(frozen=True)
class Kind:
    """An act that needs consent. `why_not` returns why it cannot be done any more, or None; `lines` what it does in
    detail, for acts of which the subject cannot say all."""

    name: str
    label: Any
    carry_out: Callable[[Act], None]
    why_not: Callable[[Consent], str | None] = lambda consent: None
    answerers: tuple[Role, ...] = ADMINISTRATORS
    lines: Callable[[Consent], Sequence[str]] = lambda consent: ()


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Add a kind of act; called once, where the act's service is defined."""
    KINDS[kind.name] = kind
    return kind


def ask(
    actor: Actor,
    kind: str,
    *,
    subject: str,
    reason: str,
    at: datetime,
    user: User | None = None,
    details: Mapping[str, Any] | None = None,
) -> Consent:
    """Keep an act until a second administrator agrees, and tell the administrators who may; the caller commits.

    `subject` says what the act is about and is readable by every administrator: no personal data beyond user
    name and name. `reason` is asked for and checked here. Raises Refused, also while the same act waits.
    """
    typed = engine.require_reason(reason, "reason")
    if (earlier := waiting(kind, subject)) is not None:
        raise Refused(
            gettext(
                "%(name)s asked for this at %(time)s; it waits for another administrator.",
                name=earlier.asker,
                time=f"{clock.local(earlier.created_at):%Y-%m-%d %H:%M}",
            )
        )
    consent = Consent(
        kind=kind,
        subject=subject,
        user_id=user.id if user else None,
        details=dict(details or {}),
        reason=typed,
        asked_by=actor.user_id,
        asker=actor.name,
        asker_role=actor.role,
        created_at=at,
        expires_at=at + LIFE,
    )
    engine.fire(consent, "ask", actor=actor, at=at)
    return consent


def waiting(kind: str, subject: str) -> Consent | None:
    """Return the act of this kind about `subject` that waits for consent, or None."""
    return db.session.scalars(
        select(Consent).where(
            Consent.kind == kind, Consent.subject == subject, Consent.state == ConsentState.ASKED
        )
    ).one_or_none()


def asker_of(consent: Consent) -> Actor:
    """Return who asked, in whose name the act is done."""
    return Actor(role=consent.asker_role, user_id=consent.asked_by, name=consent.asker)


def label_of(consent: Consent) -> str:
    """Return the words for the act."""
    kind = KINDS.get(consent.kind)
    return str(kind.label) if kind else consent.kind


def lines_of(consent: Consent) -> Sequence[str]:
    """Return what the act does in detail, a sentence each; none where its subject says all."""
    kind = KINDS.get(consent.kind)
    return kind.lines(consent) if kind else ()


def may_ask(act: Act) -> str | None:
    """Refuse to ask for an act on the own account, or where no other administrator could agree."""
    consent = act.record
    if consent.user_id is not None and consent.user_id == act.actor.user_id:
        return gettext("Nobody may do this to the own account; ask a colleague of the same role.")
    if not list(db.session.scalars(_answerers(consent).limit(1))):
        return gettext(
            "A second administrator has to agree, and there is none. Have the operator create one on the"
            " server with “flask make-administrator”."
        )
    return None


def is_second(act: Act) -> str | None:
    """Allow only another administrator than the one who asked, and not the owner of the account concerned."""
    consent, actor = act.record, act.actor
    if actor.user_id == consent.asked_by:
        return gettext("You asked for this yourself; another administrator has to agree.")
    if actor.user_id == consent.user_id:
        return gettext("This concerns your own account; another administrator has to decide.")
    if actor.role not in KINDS[consent.kind].answerers:
        return gettext("Your role does not decide on this act.")
    return None


def is_asker(act: Act) -> str | None:
    """Allow only the administrator who asked."""
    if act.actor.user_id == act.record.asked_by:
        return None
    return gettext("Only %(name)s, who asked for this, takes it back.", name=act.record.asker)


def is_in_time(act: Act) -> str | None:
    """Refuse to agree after the time is over."""
    if act.at < act.record.expires_at:
        return None
    return gettext("The time to agree is over. Ask for the act anew.")


def is_over(act: Act) -> str | None:
    """Let an act lapse only after its time."""
    return None if act.at >= act.record.expires_at else gettext("The time to agree is not over.")


def is_possible(act: Act) -> str | None:
    """Refuse to agree to an act that cannot be done any more, or that was asked by who is no administrator now."""
    consent: Consent = act.record
    if not two_administrators.holds(consent.asked_by, consent.asker_role):
        return gettext(
            "%(name)s, who asked for this, is no %(role)s any more. Decline it.",
            name=consent.asker,
            role=str(consent.asker_role.label),
        )
    return KINDS[consent.kind].why_not(consent)


def keep_answer(act: Act) -> None:
    """Store who answered, and the reason typed."""
    consent = act.record
    consent.answered_by, consent.second = act.actor.user_id, act.actor.name
    consent.answer = act.opinion[:500]


def carry_out(act: Act) -> None:
    """Do the act that was asked for."""
    KINDS[act.record.kind].carry_out(act)


def note(act: Act) -> None:
    """Record in the log row which act is meant, on which account."""
    consent = act.record
    act.notes["act"], act.notes["subject"] = consent.kind, consent.subject


def tell(act: Act) -> None:
    """Tell the administrators who may agree that an act waits, and who asked how it ended."""
    consent = act.record
    facts = {
        "act": label_of(consent),
        "subject": consent.subject,
        "asker": consent.asker,
        "reason": consent.reason,
        "second": consent.second,
        "opinion": act.opinion,
        "time": f"{clock.local(act.at):%Y-%m-%d %H:%M}",
        "until": f"{clock.local(consent.expires_at):%Y-%m-%d %H:%M}",
    }
    url = f"{LIST}{consent.id}"
    if act.event == "ask":
        others = _answerers(consent)
        outbox.queue_message_to_all(act.session, others, "consent.ask", at=act.at, url=url, **facts)
    elif act.event in TOLD:
        outbox.queue_message(
            act.session, consent.asked_by, f"consent.{act.event}", at=act.at, url=url, **facts
        )


def _answerers(consent: Consent) -> Any:
    """Select the accounts that may agree to an act."""
    return (
        select(Position.user_id)
        .join(User, User.id == Position.user_id)
        .where(
            two_administrators.can_act(),
            Position.role.in_(KINDS[consent.kind].answerers),
            User.id.not_in([consent.asked_by, consent.user_id or 0]),
        )
        .distinct()
    )
