"""Deliver the story's messages with their own dates; the scheduled job would date them all today."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models import Message, Outbox, User
from app.services.messages import outbox, templates

UNREAD_FOR = timedelta(days=7)
"""Age from which messages are marked as read."""


def deliver(session: Session) -> None:
    """Deliver the outbox to the demonstration accounts; nobody signs in to the others."""
    readers = select(User.id).where(User.is_demo.is_(True))
    session.execute(delete(Outbox).where(Outbox.user_id.not_in(readers)))
    waiting = session.scalars(
        select(Outbox).where(Outbox.delivered_at.is_(None)).order_by(Outbox.id)
    ).all()
    last = max((row.created_at for row in waiting), default=None)
    words = templates.defaults()
    for row in waiting:
        subject, body = words.get(row.template) or words[outbox.GENERAL]
        row.delivered_at, row.attempts = row.created_at, 1
        is_old = last is not None and row.created_at < last - UNREAD_FOR
        session.add(
            Message(
                outbox_id=row.id,
                user_id=row.user_id,
                subject=templates.fill(subject, row.payload)[:200],
                body=templates.fill(body, row.payload),
                url=row.payload.get("url", ""),
                sent_at=row.created_at,
                read_at=row.created_at if is_old else None,
            )
        )
    session.flush()
