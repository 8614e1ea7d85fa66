"""How a wording reads: a preview with invented values, and a message to oneself that is marked as a test."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.ground.actor import Actor
from app.services.ground.audit import audit
from app.services.messages import deliveries, outbox, templates

SHORT, PART = 70, 67
"""Characters of one short message, and of each part where it needs several."""


@dataclass(frozen=True)
class Preview:
    """A message filled with invented values; `sms_length` in characters and `sms_parts` are 0 if no SMS is sent."""

    subject: str
    body: str
    sms_length: int
    sms_parts: int


def preview(key: str, subject: str, body: str) -> Preview:
    """Return how a message reads with the invented values of its variables."""
    examples = {name: one.example for name, one in templates.variables_of(key).items()}
    text = templates.fill(body, examples)
    by_sms = "sms" in templates.external_channels().get(key, ())
    length = len(deliveries.text_to_send(text, "/me/application/123/")) if by_sms else 0
    parts = 1 if length <= SHORT else -(-length // PART)
    return Preview(templates.fill(subject, examples)[:200], text, length, parts if by_sms else 0)


def try_out(
    session: Session, key: str, subject: str, body: str, *, actor: Actor, at: datetime
) -> None:
    """Queue the wording, filled with invented values and marked as a test, for the actor alone; the caller commits."""
    shown = preview(key, subject, body)
    payload: dict[str, Any] = {"of": key, "subject": shown.subject, "body": shown.body}
    outbox.queue_message(session, actor.user_id or 0, outbox.TRIAL, at=at, **payload)
    audit("message_trial", actor=actor, subject=f"message_template:{key}")
