"""Send queued messages by email and SMS, after the act and outside of any transaction.

Each delivery is claimed, sent and marked in separate transactions, so that several machines may send at
once. The claim of a machine that died expires and is taken over. So every message is sent at least once,
until it is given up.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext
from sqlalchemy import select, update

from app.extensions import db
from app.models import Delivery, Message, Outbox, Person
from app.services.messages import channels, message_links
from app.services.messages.channels import Channel, Undelivered

MOST = 200
"""Most deliveries sent in one pass, so that other scheduled jobs are not held up."""
CLAIMED_FOR = timedelta(minutes=15)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)
FAULT_LENGTH = 200
ID_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Claim:
    """A delivery claimed by this process, with all data needed to send it without the database."""

    key: int
    channel: Channel
    attempt: int
    since: datetime
    address: str | None
    subject: str
    text: str


def send_waiting(at: datetime) -> int:
    """Send the deliveries due by `at` and return how many were sent. Commits one by one.

    A channel that is down is skipped for the rest of the pass.
    """
    working = {way.name: way for way in channels.available()}
    sent = 0
    for _turn in range(MOST):
        claim = _claim_next(working, at)
        if claim is None:
            break
        try:
            _send(claim, at)
        except Undelivered as fault:
            _postpone(claim, fault, at)
            if fault.is_down:
                del working[claim.channel.name]
        else:
            _mark(claim, sent_at=at, next_try_at=None, fault="")
            sent += 1
    return sent


def _claim_next(working: dict[str, Channel], at: datetime) -> _Claim | None:
    """Claim the delivery that has waited longest, or return None when none is due."""
    while row := _longest_waiting(working, at):
        seen = row.next_try_at
        taken = db.session.execute(
            update(Delivery)
            .where(Delivery.id == row.id, Delivery.sent_at.is_(None), Delivery.next_try_at == seen)
            .values(next_try_at=at + CLAIMED_FOR, attempts=Delivery.attempts + 1)
            .execution_options(synchronize_session=False)
        )
        claim = _load(row.id, working[row.channel]) if taken.rowcount else None
        db.session.commit()
        if claim:
            return claim
    db.session.rollback()
    return None


def _longest_waiting(working: Iterable[str], at: datetime) -> Delivery | None:
    query = (
        select(Delivery)
        .where(
            Delivery.sent_at.is_(None),
            Delivery.next_try_at <= at,
            Delivery.channel.in_(list(working)),
        )
        .order_by(Delivery.next_try_at, Delivery.id)
        .limit(1)
    )
    return db.session.scalars(query.with_for_update(skip_locked=True)).first()


def _load(key: int, channel: Channel) -> _Claim:
    delivery, outbox, message, person = db.session.execute(
        select(Delivery, Outbox, Message, Person)
        .join(Outbox, Outbox.id == Delivery.outbox_id)
        .join(Message, Message.outbox_id == Outbox.id)
        .outerjoin(Person, Person.user_id == Message.user_id)
        .where(Delivery.id == key)
        .execution_options(populate_existing=True)
    ).one()
    return _Claim(
        key=key,
        channel=channel,
        attempt=delivery.attempts,
        since=outbox.created_at,
        address=channel.address_of(person) if person else None,
        subject=message.subject,
        text=text_to_send(message.body, message.url),
    )


def text_to_send(body: str, url: str) -> str:
    """Return the text of a message as it is sent: without ID numbers and with the address of its page."""
    body = message_links.plain(body, current_app.config["PUBLIC_URL"])
    lines = [ID_NUMBER.sub("******", body)]
    if url:
        lines.append(current_app.config["PUBLIC_URL"] + url)
    return "\n\n".join([*lines, gettext("This message was sent by a program; do not answer it.")])


def _send(claim: _Claim, at: datetime) -> None:
    if claim.address is None:
        raise Undelivered("no address any more", is_final=True)
    if at - claim.since > GIVE_UP_AFTER:
        raise Undelivered("too late", is_final=True)
    channels.hand_over(claim.channel, claim.address, claim.subject, claim.text)


def _postpone(claim: _Claim, fault: Undelivered, at: datetime) -> None:
    """Store the kind of fault and the time of the next try, or none when the delivery is given up."""
    pause = min(FIRST_PAUSE * 2 ** min(claim.attempt - 1, 16), LONGEST_PAUSE)
    is_over = fault.is_final or at + pause - claim.since > GIVE_UP_AFTER
    _mark(claim, next_try_at=None if is_over else at + pause, fault=fault.kind[:FAULT_LENGTH])
    logger.warning(
        "message not sent",
        extra={
            "fields": {
                "message": "message not sent",
                "delivery": claim.key,
                "channel": claim.channel.name,
                "fault": fault.kind,
                "given_up": is_over,
            }
        },
    )


def _mark(claim: _Claim, **values: object) -> None:
    """Store the result of a claim, unless another process took it over and has sent it meanwhile."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.id == claim.key, Delivery.sent_at.is_(None))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
