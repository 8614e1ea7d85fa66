"""Daily digest (每日待办汇总): one message a day to everybody for whom work waits, and to applicants near a deadline.

It goes over the accounts in pages, each in a transaction of its own, from the hour of the day that
`digest_hour` names. Several clock processes may run it: the row of the day is locked while a page is written.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import current_app
from flask_babel import gettext
from sqlalchemy import Row, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from app import settings
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, DigestRun, Person, Position, Unit, User
from app.services.accounts import grants
from app.services.credentials import sessions
from app.services.dossier import dossier
from app.services.ground.numbering import INSERTS
from app.services.messages import message_links, outbox
from app.services.registers import working_days
from app.todos import counting, deadline_notes, deadlines
from app.todos.counting import Waiting
from app.todos.deadline_notes import Reached
from app.todos.declared import Menu

ACCOUNTS, PAGES = 5, 40
"""Accounts in one transaction, and such pages in one pass: neither writers nor other scheduled jobs wait long."""
MOST_NAMED = 10
"""Most deadlines that a message names; the others are counted."""
LATEST_TOLD = timedelta(days=7)
"""An applicant's deadline that passed longer ago was told of before."""
DAILY, DEADLINE = "digest.daily", "digest.deadline"
Holder = Row[tuple[Position, User, Unit | None, int | None]]
Entries = Sequence[tuple[Menu, Menu]]
logger = logging.getLogger(__name__)


@dataclass
class Digest:
    """What one account is told: the lines of each position, and the deadlines it has not been told of."""

    lines: list[str] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)
    count: int = 0
    fresh: int = 0
    is_staff: bool = False


@dataclass(frozen=True)
class Moment:
    """When a digest is made, since when arrivals count as new, and the permissions of the roles met so far."""

    at: datetime
    since: datetime
    is_workday: bool
    permissions: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def permissions_of(self, actor: Actor) -> frozenset[tuple[str, str]]:
        """Return the permissions of the actor's role or own role, read once."""
        name = actor.own_role or actor.role.value
        if name not in self.permissions:
            self.permissions[name] = grants.permissions_of_role(actor.role, actor.own_role)
        return self.permissions[name]


def run(entries: Iterable[tuple[Menu, Menu]], at: datetime) -> int:
    """Send the digests of the day that are still missing and return how many; commits page by page."""
    if not settings.get("digest_on") or clock.local(at).hour < settings.get("digest_hour"):
        return 0
    menus, sent = tuple(entries), 0
    for _page in range(PAGES):
        written = write_page(menus, at)
        db.session.commit()
        if written is None:
            break
        sent += written
    return sent


def write_page(menus: Entries, at: datetime) -> int | None:
    """Write the digests of the next accounts; None when none is left or another process is at it."""
    held = _hold(clock.local_date(at), at)
    if held is None:
        return None
    accounts = _next_accounts(held.reached, at)
    if not accounts:
        held.finished_at = at
        deadline_notes.forget(held.day)
        return None
    moment = Moment(at, _previous(held), working_days.is_probably_working(held.day))
    sent = sum(_send(menus, positions, moment) for positions in accounts)
    held.reached = accounts[-1][0].Position.user_id
    return sent


def _hold(day: date, at: datetime) -> DigestRun | None:
    """Lock the row of the day; None if it is finished or locked by another process."""
    insert = INSERTS[db.session.get_bind().dialect.name](DigestRun).values(
        day=day, started_at=at, reached=0
    )
    db.session.execute(insert.on_conflict_do_nothing(index_elements=[DigestRun.day]))
    query = select(DigestRun).where(DigestRun.day == day, DigestRun.finished_at.is_(None))
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def _previous(held: DigestRun) -> datetime:
    """Return when the digest before was begun; a day ago if there was none."""
    query = select(DigestRun.started_at).where(DigestRun.day < held.day)
    before = db.session.scalar(query.order_by(DigestRun.day.desc()).limit(1))
    return before or held.started_at - timedelta(days=1)


def _next_accounts(after: int, at: datetime) -> list[list[Holder]]:
    """Return the positions of the next accounts by id, in two statements.

    Of applicants only those with an application of theirs due: the digest tells them of deadlines alone.
    """
    today = clock.local_date(at)
    due = (
        select(Person.user_id)
        .join(Application, Application.person_id == Person.id)
        .where(
            Application.state.in_(sorted(dossier.EDITABLE_STATES)),
            Application.due_at >= clock.start_of_day(today - LATEST_TOLD),
            Application.due_at <= clock.end_of_day(today + deadlines.FIRST_TOLD),
        )
    )
    is_usable = User.active.is_(True)
    if not current_app.config["DEMO"]:
        is_usable &= User.is_demo.is_(False)
    is_concerned = (Position.role != Role.APPLICANT) | Position.user_id.in_(due)
    keys = (
        select(Position.user_id)
        .join(User, User.id == Position.user_id)
        .where(Position.user_id > after, Position.is_active, is_usable, is_concerned)
        .distinct()
        .order_by(Position.user_id)
        .limit(ACCOUNTS)
    )
    query = (
        select(Position, User, Unit, Person.id)
        .join(User, User.id == Position.user_id)
        .outerjoin(Unit, Unit.id == Position.unit_id)
        .outerjoin(Person, Person.user_id == User.id)
        .where(Position.user_id.in_(db.session.scalars(keys).all()), Position.is_active)
        .options(joinedload(Position.committee))
        .order_by(Position.user_id, Position.id)
    )
    rows = db.session.execute(query).all()
    return [list(group) for _key, group in groupby(rows, key=lambda row: row.Position.user_id)]


def _send(menus: Entries, positions: list[Holder], moment: Moment) -> int:
    """Queue the digest of one account and return how many messages that is; a fault skips the account."""
    user_id = positions[0].Position.user_id
    try:
        with db.session.begin_nested():
            digest = _digest(menus, positions, moment)
            if not digest.reached and not (digest.is_staff and digest.lines and moment.is_workday):
                return 0
            _queue(digest, user_id, moment.at)
    except SQLAlchemyError:
        logger.exception("digest failed", extra={"account": user_id})
        return 0
    return 1


def _digest(menus: Entries, positions: list[Holder], moment: Moment) -> Digest:
    digest = Digest()
    for position, user, unit, person_id in positions:
        actor = sessions.actor_in(position, user, unit, person_id)
        granted = moment.permissions_of(actor)
        found = counting.of(menus, actor, granted, at=moment.at, fresh_after=moment.since)
        waiting = counting.by_urgency(found, moment.at)
        digest.reached += deadline_notes.note_reached(waiting, actor, moment.at)
        digest.count += sum(one.count for one in waiting)
        digest.fresh += sum(one.fresh for one in waiting)
        digest.is_staff |= actor.role.is_staff and bool(waiting)
        if waiting:
            heading = gettext("[ %(position)s ]", position=position.label)
            digest.lines += [heading, *(f"· {line(one)}" for one in waiting)]
    return digest


def _queue(digest: Digest, user_id: int, at: datetime) -> None:
    named = sorted(digest.reached, key=lambda reached: reached.order)
    told = [f"· {one.line}" for one in named[:MOST_NAMED]]
    if len(named) > MOST_NAMED:
        told.append(gettext("· and %(count)s more", count=len(named) - MOST_NAMED))
    outbox.queue_message(
        db.session(),
        user_id,
        DAILY if digest.is_staff else DEADLINE,
        at=at,
        url="/" if digest.is_staff else "/me/",
        day=clock.local_date(at).isoformat(),
        count=digest.count,
        fresh=digest.fresh,
        deadlines="\n".join(told),
        lines="\n".join(digest.lines),
    )


def line(one: Waiting) -> str:
    """Return the line of one to-do: its list, how many, how many of them new, late and soon due, the oldest."""
    count = f"{counting.MOST_COUNTED - 1}+" if one.is_cut else str(one.count)
    figures = [gettext("%(count)s waiting", count=count)]
    if one.late:
        figures.append(gettext("%(count)s overdue", count=one.late))
    if one.soon:
        figures.append(gettext("%(count)s due within one day", count=one.soon))
    if one.near:
        figures.append(gettext("%(count)s due within three days", count=one.near))
    if one.fresh:
        figures.append(gettext("%(count)s new", count=one.fresh))
    if one.since and not one.is_cut:
        day = clock.local_date(one.since).isoformat()
        figures.append(gettext("the oldest since %(day)s", day=day))
    name = message_links.link(f"{one.number} {one.title}".strip(), one.url)
    return f"{name}{gettext(': ')}{gettext(', ').join(figures)}"
