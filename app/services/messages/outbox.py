"""Outbox of messages to users: written with the act, delivered after it at least once, shown once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, literal, select, update
from sqlalchemy.orm import Session

from app.enums import Role
from app.extensions import db
from app.models import Delivery, Message, MessageTemplate, Outbox, Position
from app.services.ground.numbering import INSERTS
from app.services.messages import channels, choices, wording
from app.services.messages.templates import defaults, external_channels, fill, kinds

GENERAL = "application.moved"
TRIAL = "message.trial"
"""Template of messages by which administrators try a wording out; `of` in their payload names the template tried."""
TRIAL_WORDING = ("【测试】{subject}", "【测试】{body}")
BATCH = 200
UNREAD = select(func.count(Message.id)).where(
    Message.user_id == bindparam("user_id"), Message.read_at.is_(None)
)
"""Built once: every page asks it."""


def queue_message(
    session: Session, user_id: int, template: str, *, at: datetime, url: str = "", **payload: Any
) -> None:
    """Queue a message to one account in the outbox, in the transaction of the act."""
    session.add(
        Outbox(template=template, user_id=user_id, payload={**payload, "url": url}, created_at=at)
    )


def queue_message_to_unit(
    session: Session,
    unit_id: int,
    template: str,
    *,
    at: datetime,
    role: Role | None = None,
    url: str = "",
    **payload: Any,
) -> None:
    """Queue a message to every account with an active position in a unit, or in one role of it."""
    query = select(Position.user_id).where(Position.unit_id == unit_id, Position.is_active)
    if role is not None:
        query = query.where(Position.role == role)
    for user_id in session.scalars(query.distinct()):
        queue_message(session, user_id, template, at=at, url=url, **payload)


def queue_message_to_all(
    session: Session,
    accounts: Select[tuple[int]],
    template: str,
    *,
    at: datetime,
    url: str = "",
    **payload: Any,
) -> None:
    """Queue one message to every account that `accounts` selects, by one statement."""
    chosen = accounts.subquery()
    content = literal({**payload, "url": url}, Outbox.payload.type)
    columns = ["template", "user_id", "payload", "created_at"]
    rows = select(
        literal(template), chosen.c[0], content, literal(at, Outbox.created_at.type)
    ).where(chosen.c[0].is_not(None))
    session.execute(insert(Outbox).from_select(columns, rows))


def deliver(at: datetime) -> int:
    """Deliver waiting messages to the users' inboxes in their halls and return how many; the caller commits.

    Several processes may deliver at once: a row locked by one is skipped by the others, and a second
    delivery of the same row changes nothing.
    """
    session = db.session()
    query = select(Outbox).where(Outbox.delivered_at.is_(None)).order_by(Outbox.id).limit(BATCH)
    waiting = session.scalars(query.with_for_update(skip_locked=True)).all()
    if not waiting:
        return 0
    templates = _wordings(session)
    new = [row for row in waiting if _put_into_hall(session, row, templates, at)]
    _queue_deliveries(session, new, at)
    return len(new)


def unread_count(user_id: int) -> int:
    """Return how many messages the account has not read."""
    return int(db.session.scalar(UNREAD, {"user_id": user_id}) or 0)


def mark_read(user_id: int, *, at: datetime) -> int:
    """Mark all messages of the account as read and return how many there were."""
    unread = update(Message).where(Message.user_id == user_id, Message.read_at.is_(None))
    return int(db.session.execute(unread.values(read_at=at)).rowcount)


def seed_templates(session: Session) -> int:
    """Store the missing default templates and return how many; changed ones are left alone."""
    known = set(session.scalars(select(MessageTemplate.key)))
    new = [
        MessageTemplate(key=key, subject=words[0], body=words[1])
        for key, words in defaults().items()
        if key not in known
    ]
    session.add_all(new)
    session.flush()
    return len(new)


def _wordings(session: Session) -> dict[str, tuple[str, str]]:
    """Return the wording of each template; a stored one with unknown variables gives way to the default."""
    found = {**defaults(), TRIAL: TRIAL_WORDING}
    for one in session.scalars(select(MessageTemplate)):
        if wording.is_sound(one):
            found[one.key] = (one.subject, one.body)
    return found


def _put_into_hall(
    session: Session, row: Outbox, templates: Mapping[str, tuple[str, str]], at: datetime
) -> bool:
    """Show the message in the hall; return False if it stands there already."""
    subject, body = templates.get(row.template) or templates[GENERAL]
    insert = INSERTS[session.get_bind().dialect.name](Message).values(
        outbox_id=row.id,
        user_id=row.user_id,
        subject=fill(subject, row.payload)[:200],
        body=fill(body, row.payload),
        url=str(row.payload.get("url", ""))[:200],
        sent_at=at,
    )
    once = insert.on_conflict_do_nothing(index_elements=[Message.outbox_id])
    made = session.scalars(once.returning(Message.id)).all()
    row.delivered_at = at
    row.attempts += 1
    return bool(made)


def _queue_deliveries(session: Session, rows: Sequence[Outbox], at: datetime) -> None:
    """Queue messages for the external channels of their templates, as their receivers chose (`choices`).

    `deliveries` sends them later; those that fall into quiet hours wait for the end of these.
    """
    usable, wanted = channels.available(), external_channels()
    leaving = [row for row in rows if wanted.get(_sent_as(row))] if usable else []
    known = choices.of_accounts(session, {row.user_id for row in leaving if row.user_id})
    for row in leaving:
        person, choice = known.get(row.user_id or 0, (None, None))
        kind = kinds()[_sent_as(row)]
        session.add_all(
            Delivery(
                outbox_id=row.id,
                channel=way.name,
                next_try_at=choices.earliest(choice, kind, at),
            )
            for way in usable
            if way.name in wanted[_sent_as(row)]
            and choices.is_wanted(choice, kind, way.name)
            and person
            and way.address_of(person)
        )


def _sent_as(row: Outbox) -> str:
    """Return the template whose channels and kind hold for a message: of a test the one that is tried."""
    return str(row.payload.get("of", "")) if row.template == TRIAL else row.template
