"""Tickets behind the QR code with which a phone registers for a waiting browser (guide: 注册新账号).

A ticket has two secrets: the one in the QR code lets a phone register; the other one stays in the browser
and is needed to sign it in. Only digests of both are stored. When the phone has registered, the browser shows a
number made from its own secret; only when the phone has entered that number is the browser signed in. So a QR
code of a stranger's page signs nobody in: the phone's owner would have to type what that page shows now.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from math import ceil
from typing import Literal

from flask_babel import gettext
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.engine import Refused
from app.extensions import db
from app.ground import crypto
from app.models import Ticket, User
from app.services.accounts import sign_in
from app.services.credentials import readable_codes

LIFE = timedelta(minutes=5)
KEPT = timedelta(days=1)
SECRET_BYTES = 24
LONGEST_SECRET = 64
MOST_TRIES = 3
"""So often a phone may enter the number; then the ticket signs no browser in any more."""
Stage = Literal["waiting", "opened", "done", "confirmed", "over"]


@dataclass(frozen=True)
class Opened:
    """A new ticket with its two secrets in plain text, which are not stored."""

    ticket_id: int
    secret: str
    browser: str


@dataclass(frozen=True)
class TicketStatus:
    """Stage of a ticket and the seconds left until it expires by the server's clock."""

    stage: Stage
    left: int


def issue(*, at: datetime, address: str = "", agent: str = "") -> Opened:
    """Create a ticket for a browser; network address and browser are shown to the phone later."""
    secret, browser = (secrets.token_urlsafe(SECRET_BYTES) for _which in range(2))
    ticket = Ticket(
        secret_digest=_digest(secret),
        browser_digest=_digest(browser),
        number_digest=_number_digest(desk_number(browser)),
        address=address[:64],
        agent=agent[:200],
        created_at=at,
        expires_at=at + LIFE,
    )
    db.session.add(ticket)
    db.session.flush()
    return Opened(ticket.id, secret, browser)


def cancel(ticket_id: int, browser: str, *, at: datetime) -> None:
    """Expire the ticket of a browser that asks for a new one; tickets of other browsers stay."""
    db.session.execute(
        update(Ticket)
        .where(
            Ticket.id == ticket_id,
            Ticket.browser_digest == _digest(browser),
            Ticket.expires_at > at,
        )
        .values(expires_at=at),
        execution_options={"synchronize_session": False},
    )


def open_on_phone(session: Session, secret: str, *, at: datetime) -> None:
    """Record that a phone opened the QR code. Raises Refused for an unknown, used or expired one."""
    ticket = session.scalars(
        select(Ticket).where(Ticket.secret_digest == _digest(secret[:LONGEST_SECRET]))
    ).one_or_none()
    if ticket is None:
        raise Refused(
            gettext(
                "This code is not known here. Scan the one on the web page again, or register on this"
                " phone without a code."
            )
        )
    if ticket.completed_at is not None:
        raise Refused(
            gettext(
                "Somebody has registered with this code already, and it works once only. Ask for a new"
                " one on the web page."
            )
        )
    if ticket.expires_at <= at:
        raise Refused(
            gettext(
                "This code has expired; it lives for five minutes. Ask for a new one on the web page, or"
                " register on this phone without a code."
            )
        )
    ticket.opened_at = ticket.opened_at or at


def complete(secret: str, user: User, *, at: datetime) -> bool:
    """Store the registered account in the ticket; return False when it was completed or has expired."""
    done = db.session.execute(
        update(Ticket)
        .where(
            Ticket.secret_digest == _digest(secret[:LONGEST_SECRET]),
            Ticket.completed_at.is_(None),
            Ticket.expires_at > at,
        )
        .values(completed_at=at, user_id=user.id)
        .returning(Ticket.id),
        execution_options={"synchronize_session": False},
    )
    return done.first() is not None


def ticket_status(ticket_id: int, browser: str, *, at: datetime) -> TicketStatus:
    """Return the stage of this browser's ticket; an unknown or foreign ticket counts as over."""
    ticket = db.session.get(Ticket, ticket_id)
    if ticket is None or not compare_digest(ticket.browser_digest, _digest(browser)):
        return TicketStatus("over", 0)
    left = ceil((ticket.expires_at - at).total_seconds())
    if left <= 0 or ticket.used_at is not None:
        return TicketStatus("over", 0)
    return TicketStatus(_stage(ticket), left)


def _stage(ticket: Ticket) -> Stage:
    if ticket.confirmed_at is not None:
        return "confirmed"
    if ticket.completed_at is not None:
        return "over" if ticket.number_tries >= MOST_TRIES else "done"
    return "opened" if ticket.opened_at else "waiting"


def waiting_browser(secret: str, user_id: int, *, at: datetime) -> Ticket | None:
    """Return the ticket with which this account has just registered while its browser waits for the number."""
    return db.session.scalars(
        select(Ticket).where(
            Ticket.secret_digest == _digest(secret[:LONGEST_SECRET]),
            Ticket.user_id == user_id,
            Ticket.confirmed_at.is_(None),
            Ticket.number_tries < MOST_TRIES,
            Ticket.expires_at > at,
        )
    ).one_or_none()


def confirm(secret: str, user_id: int, typed: str, *, at: datetime) -> bool:
    """Count a try of the phone at the number its web page shows; return whether it is right.

    The caller commits at once, so that a wrong try counts whatever follows.
    """
    row = db.session.execute(
        update(Ticket)
        .where(
            Ticket.secret_digest == _digest(secret[:LONGEST_SECRET]),
            Ticket.user_id == user_id,
            Ticket.confirmed_at.is_(None),
            Ticket.number_tries < MOST_TRIES,
            Ticket.expires_at > at,
        )
        .values(number_tries=Ticket.number_tries + 1)
        .returning(Ticket.id, Ticket.number_digest),
        execution_options={"synchronize_session": False},
    ).first()
    if row is None or not compare_digest(row.number_digest, _number_digest(typed)):
        return False
    db.session.execute(
        update(Ticket).where(Ticket.id == row.id).values(confirmed_at=at),
        execution_options={"synchronize_session": False},
    )
    return True


def redeem_ticket(ticket_id: int, browser: str, *, at: datetime) -> User:
    """Mark this browser's ticket as used and return the account to sign in.

    Of two concurrent requests only one succeeds. Raises Refused when nobody has registered with the ticket
    yet, when the phone has not entered the number, when it was used, when it has expired, and, without using it, while the account is disabled.
    """
    spent = db.session.execute(
        update(Ticket)
        .where(
            Ticket.id == ticket_id,
            Ticket.browser_digest == _digest(browser),
            Ticket.confirmed_at.is_not(None),
            Ticket.used_at.is_(None),
            Ticket.expires_at > at,
            Ticket.user_id.in_(select(User.id).where(User.active.is_(True))),
        )
        .values(used_at=at)
        .returning(Ticket.user_id),
        execution_options={"synchronize_session": False},
    ).first()
    if spent is None:
        stage = ticket_status(ticket_id, browser, at=at).stage
        raise Refused(_why_not_redeemed(ticket_id, stage))
    return db.session.get_one(User, spent[0])


def _why_not_redeemed(ticket_id: int, stage: Stage) -> str:
    if stage == "over":
        return gettext(
            "The code has expired or was used. If you have registered on the phone, sign in with"
            " your ID number and password; otherwise ask for a new code."
        )
    user = db.session.scalar(
        select(User).join(Ticket, Ticket.user_id == User.id).where(Ticket.id == ticket_id)
    )
    if user is not None and (why := sign_in.disabled_refusal(user)):
        return why
    if stage == "done":
        return gettext("Enter the number shown here on the phone, then press again.")
    return gettext(
        "The registration on the phone is not finished yet. Finish it there, then press again."
    )


def desk_number(browser: str) -> str:
    """Return the six digits that the waiting browser shows; its secret is not in the QR code."""
    return f"{int(_digest(f'desk {browser}')[:12], 16) % 10**6:06d}"


def delete_old(*, at: datetime) -> int:
    """Delete tickets that expired more than a day ago and return how many."""
    gone = db.session.execute(
        delete(Ticket).where(Ticket.expires_at < at - KEPT).returning(Ticket.id),
        execution_options={"synchronize_session": False},
    )
    return len(gone.all())


def _digest(secret: str) -> str:
    # a cookie or a URL may contain a lone surrogate, which plain UTF-8 encoding refuses
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _number_digest(number: str) -> str:
    # keyed, because a million numbers could be tried against a plain digest in no time
    return crypto.blind_index("desk", readable_codes.normal(number))
