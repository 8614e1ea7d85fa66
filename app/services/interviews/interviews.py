"""Generates interview slots (menu 1.2.4) from rooms and a timetable, in random order by lot."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import engine, settings
from app.engine import Refused
from app.enums import ApplicationState, InterviewState, MeetingMode, PlanState, ReviewStep
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
"""Maximum of candidates who get slots in one act."""


@dataclass(frozen=True)
class Wanted:
    """The typed input for generating slots; `rooms`: one a line, “room：group” if reserved for a group."""

    rooms: str
    first: date
    begins: time
    ends: time
    minutes: int
    pause: int = 0
    lunch_from: time | None = None
    lunch_to: time | None = None
    is_anew: bool = False
    """Also draw new slots for candidates whose slot is planned but not sent."""
    reason: str = ""


def moment(day: date, at: time) -> datetime:
    """Convert local date and time (Asia/Shanghai) to UTC."""
    return datetime.combine(day, at, clock.SHANGHAI).astimezone(UTC)


def plans_with_interviews(session: Session, committee_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return (id, name) of these committees' approved online plans with the step interview, newest first."""
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


def rooms_of(plan: Plan, typed: str) -> list[Room]:
    """Parse one room a line, with its group after a colon if it is reserved for one. Raises Refused."""
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
    known = [str(one["name"]) for one in meeting_groups.groups_of_plan(plan)]
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
    """Return the timetable from the wanted first day to the last day of the meeting. Raises Refused."""
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
    """Return the refusal sentence for a day outside the meeting."""
    return gettext(
        "%(day)s is outside the meeting (%(first)s to %(last)s).",
        day=day,
        first=plan.opens_on,
        last=plan.closes_on,
    )


def propose(session: Session, plan: Plan, wanted: Wanted, seed: str, at: datetime) -> Outcome:
    """Return slots for the candidates without one, at most AT_ONCE; existing slots stay.

    Raises Refused if they do not fit.
    """
    rooms, table = rooms_of(plan, wanted.rooms), timetable(plan, wanted, at)
    waiting = _candidates_without_slot(session, plan, wanted)
    if not waiting:
        raise Refused(gettext("Every candidate of this meeting has a slot already."), "plan_id")
    by_group: dict[str, list[int]] = {}
    for key, specialty in waiting:
        by_group.setdefault(meeting_groups.group_of(plan, specialty), []).append(key)
    _check_judges(plan, rooms, sorted(by_group))
    drawn = {group: slotting.by_lot(seed, ids) for group, ids in sorted(by_group.items())}
    outcome = slotting.place(table, rooms, drawn, _taken_slots(session, plan, wanted))
    if outcome.left:
        raise Refused(_no_room_sentence(outcome, len(waiting)), "rooms")
    return outcome


def _check_judges(plan: Plan, rooms: Sequence[Room], groups: Sequence[str]) -> None:
    """Refuse more rooms side by side for a group than its seats can fill with judges. Raises Refused."""
    least = settings.get("interview_room_judges")
    judges = {str(one["name"]): int(one["seats"]) for one in meeting_groups.groups_of_plan(plan)}
    for group in groups:
        wanted, most = len(slotting.rooms_of(rooms, group)), max(1, judges[group] // least)
        if wanted > most:
            raise Refused(
                gettext(
                    "%(group)s has %(judges)s judges, enough for %(most)s rooms side by side with %(least)s "
                    "judges each; %(wanted)s rooms are entered for it. Take rooms away, or put “: group” "
                    "behind the rooms of other groups.",
                    group=group or gettext("The meeting"),
                    judges=judges[group],
                    most=most,
                    least=least,
                    wanted=wanted,
                ),
                "rooms",
            )


def _no_room_sentence(outcome: Outcome, count: int) -> str:
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


def _candidates_without_slot(session: Session, plan: Plan, wanted: Wanted) -> list[tuple[int, str]]:
    """Return (id, specialty) of the candidates who need a slot, at most AT_ONCE."""
    fixed = select(Interview.application_id)
    if wanted.is_anew:
        fixed = fixed.where(Interview.state != InterviewState.PLANNED)
    rows = session.execute(
        select(Application.id, Application.specialty_code)
        .where(
            Application.plan_id == plan.id,
            Application.state == ApplicationState.IN_REVIEW,
            Application.id.not_in(fixed),
        )
        .order_by(Application.id)
        .limit(AT_ONCE)
    )
    return [(key, code) for key, code in rows]


def _taken_slots(session: Session, plan: Plan, wanted: Wanted) -> list[Taken]:
    query = select(Interview.room, Interview.starts_at, Interview.ends_at).where(
        Interview.plan_id == plan.id
    )
    if wanted.is_anew:
        query = query.where(Interview.state != InterviewState.PLANNED)
    return [
        Taken(room, wall_clock(first), wall_clock(last))
        for room, first, last in session.execute(query)
    ]


def wall_clock(at: datetime) -> datetime:
    """Convert a moment to local time (Asia/Shanghai) without time zone."""
    return clock.local(at).replace(tzinfo=None)


def generate(
    session: Session, plan: Plan, wanted: Wanted, *, actor: Actor, at: datetime
) -> list[TransitionLog]:
    """Draw the lot, store a slot for every candidate and return the log rows, which contain the seed.

    The seed is made inside this act, so that nobody can try several lots and choose one.
    """
    session.refresh(plan, with_for_update=True)
    seed = secrets.token_hex(16)
    outcome = propose(session, plan, wanted, seed, at)
    ids = [one.application_id for one in outcome.placed]
    # one query for all applications, because the guards of each interview read its own
    cases = session.scalars(select(Application).where(Application.id.in_(ids))).all()
    planned = _free_planned_slots(session, ids)
    orders = _last_orders(session, plan, ids)
    logs = [
        _schedule(one, plan, planned.get(one.application_id), seed, orders, wanted, actor, at)
        for one in outcome.placed
    ]
    assert len(cases) == len(logs)
    return logs


def _free_planned_slots(session: Session, ids: Sequence[int]) -> dict[int, Interview]:
    """Return the planned interviews to be drawn again; a placeholder room frees their old, unique slots."""
    found = session.scalars(select(Interview).where(Interview.application_id.in_(ids))).all()
    for one in found:
        one.room = f"~{one.id}"
    session.flush()
    return {one.application_id: one for one in found}


def _last_orders(session: Session, plan: Plan, ids: Sequence[int]) -> dict[str, int]:
    """Return the highest order number of each group among the slots that stay."""
    rows = session.execute(
        select(Interview.group_name, func.max(Interview.order))
        .where(Interview.plan_id == plan.id, Interview.application_id.not_in(ids))
        .group_by(Interview.group_name)
    )
    return dict(rows.tuples().all())


def _schedule(
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
    set_slot(record, placed.slot)
    return engine.fire(
        record,
        "redraw" if known else "plan",
        actor=actor,
        at=at,
        opinion=wanted.reason,
        details={"seed": seed},
    )


def set_slot(record: Interview, slot: Slot) -> None:
    """Store a slot, given in local time, in the interview as UTC."""
    record.room = slot.room
    record.starts_at = moment(slot.starts_at.date(), slot.starts_at.time())
    record.ends_at = moment(slot.ends_at.date(), slot.ends_at.time())
