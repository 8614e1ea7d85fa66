"""Slots of interviews (menu 1.2.4): generated from rooms and minutes, in the order of a lot."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import InterviewState, MeetingMode, PlanState, ReviewStep, S
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Interview, Plan
from app.models.log import TransitionLog
from app.services.interviews import slotting
from app.services.interviews.slotting import (
    Outcome,
    Placed,
    Room,
    Slot,
    Taken,
    Timetable,
)
from app.services.meeting import meeting_groups
from app.validators import Invalid, text

ROOM_NAME = 64
ROOMS_MAX = 50
AT_ONCE = 500
"""So many candidates get their slots with one press."""


@dataclass(frozen=True)
class Wanted:
    """What was typed to generate slots: one room a line, “room：group” where it is bound to a group."""

    rooms: str
    first: date
    begins: time
    ends: time
    minutes: int
    pause: int = 0
    lunch_from: time | None = None
    lunch_to: time | None = None
    is_anew: bool = False
    """Also place those anew whose slot is planned and not sent."""
    reason: str = ""


def moment(day: date, at: time) -> datetime:
    """Return the moment at which the wall clock of Hunan shows `at` on `day`, in UTC."""
    return datetime.combine(day, at, clock.SHANGHAI).astimezone(UTC)


def absent_ids(session: Session, plan_id: int) -> set[int]:
    """Return the candidates of a meeting who missed their interview."""
    query = select(Interview.application_id).where(
        Interview.plan_id == plan_id, Interview.state == InterviewState.ABSENT
    )
    return set(session.scalars(query))


def plans_with_interviews(session: Session, committee_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return (id, name) of the agreed online plans of these committees with an interview."""
    rows = session.scalars(
        select(Plan)
        .where(
            Plan.committee_id.in_(committee_ids),
            Plan.mode == MeetingMode.ONLINE,
            Plan.state == PlanState.APPROVED,
        )
        .order_by(Plan.id.desc())
    )
    return [(plan.id, plan.name) for plan in rows if ReviewStep.INTERVIEW.value in plan.steps]


# what was typed


def rooms_of(plan: Plan, typed: str) -> list[Room]:
    """Read one room a line, each with the group behind a colon if it is bound to one. Raises Refused."""
    lines = [line.replace("：", ":") for line in typed.splitlines() if line.strip()]
    rooms = [_room(plan, line) for line in lines]
    if not 1 <= len(rooms) <= ROOMS_MAX:
        raise Refused(
            gettext("Enter between 1 and %(most)s rooms, one a line.", most=ROOMS_MAX), "rooms"
        )
    names = [room.name for room in rooms]
    for name in names:
        if names.count(name) > 1:
            raise Refused(gettext("The room “%(name)s” is there twice.", name=name), "rooms")
    return rooms


def _room(plan: Plan, line: str) -> Room:
    name, _colon, group = line.partition(":")
    try:
        name = text(name, min_length=1, max_length=ROOM_NAME)
    except Invalid as invalid:
        raise Refused(
            gettext("Room “%(line)s”: %(why)s", line=line, why=invalid), "rooms"
        ) from None
    known = [str(one["name"]) for one in meeting_groups.of_plan(plan)]
    if (wanted := group.strip()) and wanted not in known:
        raise Refused(
            gettext(
                "Room “%(room)s”: the meeting has no group “%(group)s”. Its groups: %(known)s.",
                room=name,
                group=wanted,
                known="、".join(filter(None, known)) or gettext("none"),
            ),
            "rooms",
        )
    return Room(name, wanted or None)


def timetable(plan: Plan, wanted: Wanted, at: datetime) -> Timetable:
    """Return the timetable over the days of the meeting from the first day on. Raises Refused."""
    if not plan.is_on(wanted.first):
        raise Refused(outside(plan, wanted.first), "first")
    if moment(wanted.first, wanted.begins) <= at:
        raise Refused(gettext("The first interview would lie in the past."), "first")
    if wanted.begins >= wanted.ends:
        raise Refused(gettext("The end of the day must lie after its beginning."), "ends")
    lunch = (wanted.lunch_from, wanted.lunch_to)
    if (lunch[0] is None) != (lunch[1] is None) or (lunch[0] and lunch[1] and lunch[0] >= lunch[1]):
        raise Refused(
            gettext("Enter both ends of the lunch break, the earlier one first, or neither."),
            "lunch_to",
        )
    return Timetable(
        wanted.first,
        plan.closes_on,
        wanted.begins,
        wanted.ends,
        wanted.minutes,
        wanted.pause,
        *lunch,
    )


def outside(plan: Plan, day: date) -> str:
    """Return the sentence for a day that is no day of the meeting."""
    return gettext(
        "%(day)s is outside the meeting (%(first)s to %(last)s).",
        day=day,
        first=plan.opens_on,
        last=plan.closes_on,
    )


# placing


def propose(session: Session, plan: Plan, wanted: Wanted, seed: str, at: datetime) -> Outcome:
    """Place every candidate without a slot, existing slots untouched. Raises Refused if they do not fit."""
    rooms, table = rooms_of(plan, wanted.rooms), timetable(plan, wanted, at)
    waiting = _waiting(session, plan, wanted)
    if not waiting:
        raise Refused(gettext("Every candidate of this meeting has a slot already."), "plan_id")
    by_group: dict[str, list[int]] = {}
    for key, specialty in waiting:
        by_group.setdefault(meeting_groups.group_of(plan, specialty), []).append(key)
    drawn = {group: slotting.by_lot(seed, ids) for group, ids in sorted(by_group.items())}
    outcome = slotting.place(table, rooms, drawn, _taken(session, plan, wanted))
    if outcome.left:
        raise Refused(_too_little(outcome, len(waiting)), "rooms")
    return outcome


def _too_little(outcome: Outcome, count: int) -> str:
    without = gettext("%(fit)s of %(count)s candidates fit.", fit=len(outcome.placed), count=count)
    groups = "、".join(
        f"{group or gettext('The meeting')} {left}" for group, left in outcome.left.items()
    )
    what = gettext(
        "Without a slot: %(groups)s. Add a room for them, begin earlier, end later, take fewer minutes, "
        "or begin on an earlier day of the meeting.",
        groups=groups,
    )
    return f"{without} {what}"


def _waiting(session: Session, plan: Plan, wanted: Wanted) -> list[tuple[int, str]]:
    """Return (id, specialty) of the candidates to be placed."""
    fixed = select(Interview.application_id)
    if wanted.is_anew:
        fixed = fixed.where(Interview.state != InterviewState.PLANNED)
    rows = session.execute(
        select(Application.id, Application.specialty_code)
        .where(
            Application.plan_id == plan.id,
            Application.state == S.IN_REVIEW,
            Application.id.not_in(fixed),
        )
        .order_by(Application.id)
        .limit(AT_ONCE)
    )
    return [(key, code) for key, code in rows]


def _taken(session: Session, plan: Plan, wanted: Wanted) -> list[Taken]:
    query = select(Interview.room, Interview.starts_at, Interview.ends_at).where(
        Interview.plan_id == plan.id
    )
    if wanted.is_anew:
        query = query.where(Interview.state != InterviewState.PLANNED)
    return [Taken(room, wall(first), wall(last)) for room, first, last in session.execute(query)]


def wall(at: datetime) -> datetime:
    """Return `at` on the wall clock of Hunan, without a zone."""
    return clock.local(at).replace(tzinfo=None)


# generating


def generate(
    session: Session, plan: Plan, wanted: Wanted, *, actor: Actor, at: datetime
) -> list[TransitionLog]:
    """Draw the lot and give every candidate a slot; return the log rows, which hold the seed.

    The lot is drawn with the press and not before, so that nobody can choose among several.
    """
    session.refresh(plan, with_for_update=True)
    seed = secrets.token_hex(16)
    outcome = propose(session, plan, wanted, seed, at)
    ids = [one.application_id for one in outcome.placed]
    # loaded at once: the guards look at each
    cases = session.scalars(select(Application).where(Application.id.in_(ids))).all()
    planned = _vacated(session, ids)
    orders = _last_orders(session, plan, ids)
    logs = [
        _fire(one, plan, planned.get(one.application_id), seed, orders, wanted, actor, at)
        for one in outcome.placed
    ]
    assert len(cases) == len(logs)
    return logs


def _vacated(session: Session, ids: Sequence[int]) -> dict[int, Interview]:
    """Return the planned slots that are drawn anew, their old places free for each other."""
    found = session.scalars(select(Interview).where(Interview.application_id.in_(ids))).all()
    for one in found:
        one.room = f"~{one.id}"
    session.flush()
    return {one.application_id: one for one in found}


def _last_orders(session: Session, plan: Plan, ids: Sequence[int]) -> dict[str, int]:
    """Return the highest place of each group among the slots that stay."""
    rows = session.execute(
        select(Interview.group_name, func.max(Interview.order))
        .where(Interview.plan_id == plan.id, Interview.application_id.not_in(ids))
        .group_by(Interview.group_name)
    )
    return dict(rows.tuples().all())


def _fire(
    placed: Placed,
    plan: Plan,
    known: Interview | None,
    seed: str,
    orders: dict[str, int],
    wanted: Wanted,
    actor: Actor,
    at: datetime,
) -> TransitionLog:
    record = known or Interview(plan_id=plan.id, application_id=placed.application_id)
    record.group_name = placed.group
    record.order = orders.get(placed.group, 0) + placed.order
    put(record, placed.slot)
    return engine.fire(
        record,
        "redraw" if known else "plan",
        actor=actor,
        at=at,
        opinion=wanted.reason,
        details={"seed": seed},
    )


def put(record: Interview, slot: Slot) -> None:
    """Write the slot, given in wall-clock time, into the interview."""
    record.room = slot.room
    record.starts_at = moment(slot.starts_at.date(), slot.starts_at.time())
    record.ends_at = moment(slot.ends_at.date(), slot.ends_at.time())
