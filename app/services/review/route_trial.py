"""A route tried out: the stations of an application in order, who could act there, what would refuse it, until when."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import func, or_, select

from app import settings
from app.engine import Refused
from app.enums import BatchState, Duty, Level, Role, Stage
from app.extensions import db
from app.models import Batch, Committee, Position, RouteNode, Unit, User
from app.services.registers import deadlines
from app.services.registers.deadlines import Case, Deadline
from app.services.review import route_tree
from app.services.review.two_persons import ROLES, Need

STAGES = {Role.UNIT: Stage.UNIT, Role.SUPERIOR: Stage.SUPERIOR, Role.OFFICE: Stage.OFFICE}


@dataclass
class Station:
    """A station of a route: the unit, its committee's office or where the way ends. `is_skipped`: the level passes by.

    `refusals` are the sentences that would stop an application here.
    """

    name: str
    role: Role | None
    unit_id: int | None = None
    handlers: int = 0
    heads: int = 0
    is_skipped: bool = False
    deadline: Deadline | None = None
    refusals: list[str] = field(default_factory=list)


def newest_batch(committee_id: int) -> Batch | None:
    """Return the batch of a committee that is open, of several the newest; None without one."""
    query = select(Batch).where(Batch.committee_id == committee_id, Batch.state == BatchState.OPEN)
    return db.session.scalars(query.order_by(Batch.id.desc()).limit(1)).first()


def stations(
    unit: Unit, committee: Committee, level: Level, batch: Batch | None, *, at: datetime
) -> list[Station]:
    """Return the stations of an application of the unit, lowest first, the committee's office last."""
    places, broken = _climbed(unit.id, committee.id)
    found = list(_units(places, level))
    if broken:
        found.append(Station(gettext("The way ends here"), None, refusals=[broken]))
    else:
        found.append(Station(committee.name, Role.OFFICE, committee.unit_id))
    _count_people(found, committee)
    for one in found:
        one.refusals += _refusals_of_people(one)
    if batch is not None:
        _set_deadlines(found, unit, batch, at)
    found[0].refusals += _refusals_of_batch(committee, level, batch)
    return found


def _climbed(unit_id: int, committee_id: int) -> tuple[list[RouteNode], str | None]:
    """Return the places up to the committee or to where the way is broken, with the sentence about that."""
    places: list[RouteNode] = []
    try:
        for place in route_tree.climb(unit_id, committee_id):
            places.append(place)
    except Refused as refusal:
        return places, refusal.sentence
    return places, None


def _units(places: Sequence[RouteNode], level: Level) -> Iterator[Station]:
    for number, place in enumerate(places):
        role = Role.SUPERIOR if number else Role.UNIT
        is_skipped = bool(number) and level.value not in place.levels
        closed = None if is_skipped else route_tree.closed_refusal(place)
        why = [one for one in (route_tree.unconfirmed_refusal(place), closed) if one]
        yield Station(place.unit.name, role, place.unit_id, is_skipped=is_skipped, refusals=why)


def _count_people(found: Iterable[Station], committee: Committee) -> None:
    """Count the active positions of all stations, by one statement."""
    units = [one.unit_id for one in found if one.unit_id is not None]
    is_here = or_(Position.unit_id.in_(units), Position.committee_id == committee.id)
    query = (
        select(Position.unit_id, Position.role, Position.duty, func.count())
        .join(User, User.id == Position.user_id)
        .where(is_here, Position.role.in_(STAGES))
        .where(Position.is_active, User.active.is_(True))
        .group_by(Position.unit_id, Position.role, Position.duty)
    )
    counts: Counter[tuple[int | None, Role, Duty]] = Counter()
    for unit_id, role, duty, count in db.session.execute(query).tuples():
        counts[committee.unit_id if role is Role.OFFICE else unit_id, role, duty] += count
    for one in found:
        if one.role is not None:
            one.handlers = counts[one.unit_id, one.role, Duty.HANDLER]
            one.heads = counts[one.unit_id, one.role, Duty.HEAD]


def _refusals_of_people(station: Station) -> Iterator[str]:
    if station.role is None or station.is_skipped:
        return
    if not station.handlers + station.heads:
        yield gettext(
            "Nobody has an active position in the role “%(role)s” here; the case would lie. Ask the security administrator to grant one.",
            role=station.role.label,
        )
        return
    need = Need(settings.get(ROLES[station.role]))
    if need is Need.ALWAYS and not station.heads:
        yield gettext("Two persons are needed here and no person responsible has a position.")
    if need is not Need.NEVER and not station.handlers:
        yield gettext("Two persons are needed here and only the person responsible has a position.")


def _set_deadlines(found: Iterable[Station], unit: Unit, batch: Batch, at: datetime) -> None:
    units = frozenset({unit.id, *(one.unit_id for one in found)})
    known = deadlines.of_batches(db.session(), [batch], deadlines.concern(None, units))
    for one in found:
        if one.role is None or one.is_skipped:
            continue
        case = Case(batch, None, frozenset({unit.id, one.unit_id}))
        one.deadline = known.deadline(case, STAGES[one.role])
        if one.deadline.is_over(at):
            one.refusals.append(
                gettext("The stage is over since %(day)s 24:00.", day=one.deadline.day)
            )


def _refusals_of_batch(committee: Committee, level: Level, batch: Batch | None) -> Iterator[str]:
    if not committee.judges(level):
        yield gettext(
            "“%(committee)s” judges up to %(highest)s only.",
            committee=committee.name,
            highest=committee.level.label,
        )
    if batch is None:
        yield gettext("The committee has no open batch, so there are no deadlines either.")
    elif level.value not in batch.levels:
        yield gettext(
            "The batch “%(batch)s” does not take applications of this level.", batch=batch.name
        )
