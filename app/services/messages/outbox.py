"""Outbox of messages to users: written with the act, delivered after it at least once, shown once."""

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, func, insert, literal, select, update
from sqlalchemy.orm import Session

from app.enums import MessageKind, Role
from app.extensions import db
from app.ground import paths
from app.models import Delivery, Message, MessageTemplate, Outbox, Position
from app.services.ground.numbering import INSERTS
from app.services.messages import channels, choices

DEFAULTS = paths.DATA / "message_templates.csv"
GENERAL = "application.moved"
BATCH = 200
PLACE = re.compile(r"\{(\w{1,40})\}")


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
    templates = _templates(session)
    new = [row for row in waiting if _put_into_hall(session, row, templates, at)]
    _queue_deliveries(session, new, at)
    return len(new)


def unread_count(user_id: int) -> int:
    """Return how many messages the account has not read."""
    query = select(func.count(Message.id)).where(
        Message.user_id == user_id, Message.read_at.is_(None)
    )
    return int(db.session.scalar(query) or 0)


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


@cache
def defaults() -> Mapping[str, tuple[str, str]]:
    """Return the default templates: key → subject and text."""
    return {row["key"]: (row["subject"], row["body"]) for row in _default_rows()}


@cache
def external_channels() -> Mapping[str, frozenset[str]]:
    """Return the external channels of each template: key → channel names, empty for none."""
    return {row["key"]: frozenset((row["channels"] or "").split()) for row in _default_rows()}


@cache
def kinds() -> Mapping[str, MessageKind]:
    """Return what the messages of each template are about: key → kind."""
    return {row["key"]: MessageKind(row["kind"]) for row in _default_rows()}


def _default_rows() -> list[dict[str, str]]:
    with DEFAULTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _templates(session: Session) -> dict[str, tuple[str, str]]:
    changed = session.execute(
        select(MessageTemplate.key, MessageTemplate.subject, MessageTemplate.body)
    )
    return {**defaults(), **{key: (subject, body) for key, subject, body in changed}}


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
    leaving = [row for row in rows if wanted.get(row.template)] if usable else []
    known = choices.of_accounts(session, {row.user_id for row in leaving if row.user_id})
    for row in leaving:
        person, choice = known.get(row.user_id or 0, (None, None))
        kind = kinds()[row.template]
        session.add_all(
            Delivery(
                outbox_id=row.id,
                channel=way.name,
                next_try_at=choices.earliest(choice, kind, at),
            )
            for way in usable
            if way.name in wanted[row.template]
            and choices.is_wanted(choice, kind, way.name)
            and person
            and way.address_of(person)
        )


def fill(wording: str, payload: Mapping[str, Any]) -> str:
    """Return a wording with its placeholders filled; a placeholder without a value stays as it is.

    Only plain names in braces are placeholders: format specifications could exhaust the memory.
    """
    return PLACE.sub(lambda place: str(payload.get(place[1], place[0])), wording).strip()
