"""Chooses what is played: running batches, and for each some units whose way up is confirmed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from app.engine import Refused
from app.enums import BatchState, Level, RouteState, UnitKind
from app.models import Batch, RouteNode, Specialty, Unit
from app.rehearsal.world import RehearsalWorld
from app.services.review import route_tree

MOVED = (
    "apply_start", "apply_end", "resubmit_end", "unit_end", "superior_end", "office_end",
    "special_quota_end", "material_cutoff",
)  # fmt: skip
"""Days of a batch that move together; the day of seniority is the year's and stays."""
LEVELS = (Level.ASSOCIATE, Level.MIDDLE, Level.ASSISTANT, Level.SENIOR, Level.CLERK)
"""Levels in the order in which one is chosen for the invented cases."""
LOOKED_AT = 50
"""Number of units that are tried for one committee."""
SPECIALTIES = 3


@dataclass(frozen=True)
class Size:
    """How much is invented: committees, units of each, and experts for each seat."""

    committees: int
    units: int
    experts: int = 3


SIZES = {"small": Size(3, 2), "medium": Size(8, 3), "large": Size(20, 5)}


@dataclass(frozen=True)
class Scene:
    """One running batch with a level, specialties, and units with the units above each on the way up."""

    batch: Batch
    level: Level
    specialties: tuple[str, ...]
    units: tuple[tuple[Unit, tuple[Unit, ...]], ...]


def open_batches(session: Session, today: date) -> list[Batch]:
    """Return the batches that are open and not over, the newest year first."""
    query = select(Batch).where(Batch.state == BatchState.OPEN, Batch.apply_end >= today)
    return list(session.scalars(query.order_by(Batch.review_year.desc(), Batch.id)))


def move_forward(batch: Batch, today: date) -> str | None:
    """Let a batch that has not begun yet begin so that today is the middle of its time to apply.

    Return the sentence that says so, or None if it runs already.
    """
    if batch.apply_start <= today:
        return None
    middle = batch.apply_start + (batch.apply_end - batch.apply_start) / 2
    by = timedelta(days=(middle - today).days)
    first = batch.apply_start
    for name in MOVED:
        if day := getattr(batch, name):
            setattr(batch, name, day - by)
    return gettext(
        "%(batch)s begins on %(first)s; in the rehearsal all its days are %(days)s days earlier.",
        batch=batch.name,
        first=first,
        days=by.days,
    )


def choose(world: RehearsalWorld, batches: Sequence[Batch], size: Size) -> Iterator[Scene]:
    """Yield a scene for each batch for which there are units, at most as many as `size` names."""
    count = 0
    for batch in batches:
        scene = _scene(world, batch, size) if count < size.committees else None
        if scene is not None:
            count += 1
            yield scene


def too_few(scenes: Sequence[Scene]) -> str | None:
    """Return the sentence that says why nothing is played, None if something is."""
    if scenes:
        return None
    return gettext(
        "There are no invented cases: no batch is open whose committee has a confirmed review tree with units"
        " that can apply today. Everything else is there."
    )


def _scene(world: RehearsalWorld, batch: Batch, size: Size) -> Scene | None:
    committee = batch.committee
    if not committee.is_active or not world.title_code(committee.series_code, Level.SENIOR):
        return None
    fitting = (one for one in LEVELS if one.value in batch.levels and committee.judges(one))
    for level in fitting:
        units = tuple(_units(world.session, batch, level, size.units))
        codes = _specialties(world.session, batch)
        if units and codes:
            return Scene(batch, level, codes, units)
    return None


def _specialties(session: Session, batch: Batch) -> tuple[str, ...]:
    own = [one.code for one in batch.committee.specialties if one.is_active]
    series = select(Specialty.code).where(
        Specialty.series_code == batch.committee.series_code, Specialty.is_active
    )
    return tuple((own or list(session.scalars(series.order_by(Specialty.code))))[:SPECIALTIES])


def _units(
    session: Session, batch: Batch, level: Level, most: int
) -> Iterator[tuple[Unit, tuple[Unit, ...]]]:
    """Yield units at the lower ends of the review tree, each with the units that its cases pass."""
    below = aliased(RouteNode)
    is_above = exists().where(
        below.committee_id == RouteNode.committee_id, below.superior_id == RouteNode.unit_id
    )
    ends = (
        select(Unit)
        .join(RouteNode, RouteNode.unit_id == Unit.id)
        .where(
            RouteNode.committee_id == batch.committee_id,
            RouteNode.state == RouteState.CONFIRMED,
            Unit.is_active,
            Unit.kind.not_in((UnitKind.AUTHORITY, UnitKind.AGENCY)),
            ~is_above,
        )
        .order_by(Unit.id)
        .limit(LOOKED_AT)
    )
    found = 0
    for unit in session.scalars(ends).all():
        route = _route(session, unit, batch, level)
        if route is not None and found < most:
            found += 1
            yield unit, route


def _route(session: Session, unit: Unit, batch: Batch, level: Level) -> tuple[Unit, ...] | None:
    """Return the units on the way up, None if the tree leads nowhere."""
    try:
        ids = route_tree.route_for(unit.id, batch.committee_id, level)
    except Refused:
        return None
    return tuple(session.get_one(Unit, one) for one in ids)
