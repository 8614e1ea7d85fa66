"""What an account chose for its messages outside of the hall: channels per kind, and quiet hours.

The hall shows every message. What concerns the security of the account is sent at once on every channel.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import MessageKind
from app.ground import clock
from app.models import MessageChoice, Person
from app.services.ground.numbering import INSERTS

CHOSEN = tuple(kind for kind in MessageKind if not kind.is_urgent)
"""The kinds of messages for which channels can be chosen."""


def of_account(session: Session, user_id: int) -> MessageChoice | None:
    """Return what an account chose, None if it never did."""
    return session.scalars(select(MessageChoice).where(MessageChoice.user_id == user_id)).first()


def of_accounts(
    session: Session, user_ids: Collection[int]
) -> dict[int, tuple[Person, MessageChoice | None]]:
    """Return the person and the choice of each account that has a person, in one statement."""
    if not user_ids:
        return {}
    query = (
        select(Person, MessageChoice)
        .outerjoin(MessageChoice, MessageChoice.user_id == Person.user_id)
        .where(Person.user_id.in_(user_ids))
    )
    found = session.execute(query).tuples()
    return {person.user_id: (person, choice) for person, choice in found if person.user_id}


def is_wanted(choice: MessageChoice | None, kind: MessageKind, channel: str) -> bool:
    """Return whether messages of a kind are to be sent through a channel."""
    return choice is None or kind.is_urgent or f"{kind}.{channel}" not in choice.silenced


def earliest(choice: MessageChoice | None, kind: MessageKind, at: datetime) -> datetime:
    """Return from when a message of `at` may be sent: `at`, or the end of the quiet hours it falls into."""
    if choice is None or kind.is_urgent or choice.quiet_from is None or choice.quiet_to is None:
        return at
    return quiet_end(choice.quiet_from, choice.quiet_to, at) or at


def quiet_end(start: int, end: int, at: datetime) -> datetime | None:
    """Return when the quiet hours `at` falls into end, None outside of them. Hours of Asia/Shanghai, 0 to 23."""
    there = clock.local(at)
    is_over_midnight = start > end
    is_quiet = (
        there.hour >= start or there.hour < end if is_over_midnight else start <= there.hour < end
    )
    if not is_quiet:
        return None
    day = there.date() + timedelta(days=1 if is_over_midnight and there.hour >= start else 0)
    return datetime.combine(day, time(end), clock.SHANGHAI).astimezone(at.tzinfo)


def store(
    session: Session,
    user_id: int,
    wanted: Iterable[tuple[MessageKind, str]],
    offered: Iterable[str],
    quiet: tuple[int, int] | None,
) -> None:
    """Store the choice of an account; the caller commits.

    `wanted`: (kind, channel) pairs ticked among the channels `offered`; choices for others stay as they are.
    """
    known, before = set(offered), of_account(session, user_id)
    kept = [one for one in (before.silenced if before else ()) if one.split(".")[-1] not in known]
    chosen = {f"{kind}.{channel}" for kind, channel in wanted}
    every = (f"{kind}.{channel}" for kind in CHOSEN for channel in sorted(known))
    start, end = quiet or (None, None)
    values = {
        "silenced": kept + [one for one in every if one not in chosen],
        "quiet_from": start,
        "quiet_to": end,
    }
    insert = INSERTS[session.get_bind().dialect.name](MessageChoice)
    session.execute(
        insert.values(user_id=user_id, **values).on_conflict_do_update(
            index_elements=[MessageChoice.user_id], set_=values
        )
    )
