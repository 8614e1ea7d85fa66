"""Health check of review trees: what would stop an application in them, each with a count and the first names.

Every check is one statement whatever the size of the trees; no table is read whole into memory.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, false, func, or_, select
from sqlalchemy.orm import aliased

from app import settings
from app.enums import (
    AT_OWN_UNIT,
    ON_THE_WAY,
    ApplicationState,
    Duty,
    Role,
    RouteState,
)
from app.extensions import db
from app.models import Application, Committee, Position, RouteNode, Unit, User
from app.services.review import tree_circles
from app.services.review.two_persons import ROLES, Need

SHOWN = 20
"""Names shown of each finding."""
AT_PLACES = (Role.UNIT, Role.SUPERIOR)
"""Roles in which somebody acts at a place of a tree."""
Condition = ColumnElement[bool]
Has = Callable[[Duty | None], Condition]
"""Whether somebody is there with a duty, with any for None."""
Staffing = Callable[[Role, Has], Condition]


@dataclass(frozen=True)
class Named:
    """A unit or committee with a fault; `place_id` is its place in the tree, `more` a number or a name beside it."""

    unit_id: int | None
    name: str
    committee: str
    place_id: int | None = None
    more: Any = None


@dataclass(frozen=True)
class Finding:
    """What one check found: how many, and the first of them by name."""

    key: str
    count: int = 0
    names: Sequence[Named] = field(default_factory=list)


def check(trees: Condition, units: Condition, *, days: int, at: datetime) -> list[Finding]:
    """Return the findings of all checks, also of those that found nothing.

    `trees` is the condition for the committees looked at, `units` for those that should stand in some tree; `days` is
    how long a case may lie at a station.
    """
    own = RouteNode.committee_id.in_(select(Committee.id).where(trees))
    return [
        _places("broken", own, _is_broken()),
        _without_place(trees),
        _in_no_tree(units),
        _circles(own),
        _places("closed", own, Unit.is_active.is_(False)),
        _places("nobody", own, Unit.is_active.is_(True), staff=_has_nobody),
        _places("two_persons", own, Unit.is_active.is_(True), staff=_lacks_one_of_two),
        _offices(trees),
        _places("pending", own, RouteNode.state == RouteState.PENDING),
        _places("disputed", own, RouteNode.state == RouteState.DISPUTED),
        _stuck(trees, at - timedelta(days=days)),
    ]


def _places(key: str, own: Condition, fault: Condition, staff: Staffing | None = None) -> Finding:
    """Find places with a fault, and of those only the ones whose staff is as `staff` says."""
    query = (
        select(func.count().over(), Unit.id, Unit.name, Committee.name, RouteNode.id)
        .select_from(RouteNode)
        .join(Unit, Unit.id == RouteNode.unit_id)
        .join(Committee, Committee.id == RouteNode.committee_id)
        .where(own, fault)
        .order_by(Unit.name, RouteNode.id)
    )
    if staff is not None:
        counts = _staff()
        query = query.outerjoin(counts, counts.c.unit_id == RouteNode.unit_id)
        query = query.where(_at_each_role(counts, staff))
    return _finding(key, query)


def _finding(key: str, query: Select[Any]) -> Finding:
    """Return what a query finds; its first column is how many there are in all."""
    rows = db.session.execute(query.limit(SHOWN)).tuples().all()
    return Finding(key, int(rows[0][0]) if rows else 0, [Named(*row[1:]) for row in rows])


def _is_broken() -> Condition:
    """The superior of the place has no place in the same tree."""
    above = aliased(RouteNode)
    place = select(above.id).where(
        above.committee_id == RouteNode.committee_id, above.unit_id == RouteNode.superior_id
    )
    return RouteNode.superior_id.is_not(None) & ~place.exists()


def _has_lower() -> Condition:
    lower = aliased(RouteNode)
    return (
        select(lower.id)
        .where(lower.committee_id == RouteNode.committee_id, lower.superior_id == RouteNode.unit_id)
        .exists()
    )


def _staff() -> Subquery:
    """Count the active positions of all units by role and duty at once, instead of looking them up for each place."""
    counts = [
        func.sum(case(((Position.role == role) & (Position.duty == duty), 1), else_=0)).label(
            _column(role, duty)
        )
        for role in AT_PLACES
        for duty in Duty
    ]
    query = (
        select(Position.unit_id, *counts)
        .join(User, User.id == Position.user_id)
        .where(Position.is_active, User.active.is_(True), Position.role.in_(AT_PLACES))
        .group_by(Position.unit_id)
    )
    return query.subquery("staff")


def _column(role: Role, duty: Duty) -> str:
    return f"{role.value}_{duty.value}"


def _at_each_role(counts: Subquery, staff: Staffing) -> Condition:
    """Return where `staff` holds: for superiors at units with others below them, for units at all others."""
    has_lower = _has_lower()

    def has(role: Role, duty: Duty | None) -> Condition:
        duties = list(Duty) if duty is None else [duty]
        return or_(*(func.coalesce(counts.c[_column(role, one)], 0) > 0 for one in duties))

    def at(role: Role) -> Condition:
        return staff(role, lambda duty: has(role, duty))

    return or_(and_(has_lower, at(Role.SUPERIOR)), and_(~has_lower, at(Role.UNIT)))


def _has_nobody(role: Role, has: Has) -> Condition:
    return ~has(None)


def _lacks_one_of_two(role: Role, has: Has) -> Condition:
    """Two people are needed and the person responsible is missing, or there is only this one."""
    return has(None) & _lacks_duty(role, has)


def _lacks_duty(role: Role, has: Has) -> Condition:
    need = Need(settings.get(ROLES[role]))
    if need is Need.NEVER:
        return false()
    lacks_handler = ~has(Duty.HANDLER)
    return lacks_handler | ~has(Duty.HEAD) if need is Need.ALWAYS else lacks_handler


def _positions(role: Role) -> Select[tuple[int]]:
    """Select the active positions of a role."""
    query = select(Position.id).join(User, User.id == Position.user_id)
    return query.where(Position.role == role, Position.is_active, User.active.is_(True))


def _offices(trees: Condition) -> Finding:
    """Find committees whose office has nobody, or lacks one of two persons."""
    place = or_(
        Position.committee_id == Committee.id,
        and_(Position.unit_id == Committee.unit_id, Position.committee_id.is_(None)),
    )

    def has(duty: Duty | None) -> Condition:
        query = _positions(Role.OFFICE).where(place)
        return (query if duty is None else query.where(Position.duty == duty)).exists()

    query = (
        select(func.count().over(), Committee.unit_id, Unit.name, Committee.name)
        .join(Unit, Unit.id == Committee.unit_id)
        .where(trees, Committee.is_active, ~has(None) | _lacks_duty(Role.OFFICE, has))
        .order_by(Committee.name, Committee.id)
    )
    return _finding("office", query)


def _without_place(trees: Condition) -> Finding:
    """Find units with applications not handed on yet to a committee in whose tree they have no place."""
    waiting = (ApplicationState.DRAFT, *AT_OWN_UNIT)
    place = select(RouteNode.id).where(
        RouteNode.committee_id == Application.committee_id, RouteNode.unit_id == Application.unit_id
    )
    cases = func.count(Application.id)
    query = (
        select(func.count().over(), Unit.id, Unit.name, Committee.name, Committee.id, cases)
        .select_from(Application)
        .join(Unit, Unit.id == Application.unit_id)
        .join(Committee, Committee.id == Application.committee_id)
        .where(trees, Application.state.in_(waiting), ~place.exists())
        .group_by(Unit.id, Unit.name, Committee.id, Committee.name)
        .order_by(cases.desc(), Unit.name, Unit.id)
    )
    rows = db.session.execute(query.limit(SHOWN)).tuples().all()
    names = [Named(unit, name, of, more=count) for _n, unit, name, of, _of, count in rows]
    return Finding("without_place", int(rows[0][0]) if rows else 0, names)


def _in_no_tree(units: Condition) -> Finding:
    """Find active units whose clerks could take applications, but that stand in no tree at all."""
    stands = select(RouteNode.id).where(RouteNode.unit_id == Unit.id)
    clerks = _positions(Role.UNIT).with_only_columns(Position.unit_id)
    query = (
        select(func.count().over(), Unit.id, Unit.name)
        .where(units, Unit.is_active, ~stands.exists(), Unit.id.in_(clerks))
        .order_by(Unit.name, Unit.id)
    )
    rows = db.session.execute(query.limit(SHOWN)).tuples().all()
    names = [Named(unit, name, "") for _count, unit, name in rows]
    return Finding("in_no_tree", int(rows[0][0]) if rows else 0, names)


def _stuck(trees: Condition, since: datetime) -> Finding:
    """Find stations at which cases lie since before `since`; `count` counts the cases, names are the fullest stations."""
    cases = func.count(Application.id)
    query = (
        select(func.sum(cases).over(), Unit.id, Unit.name, Committee.name, Committee.id, cases)
        .select_from(Application)
        .join(Unit, Unit.id == Application.holder_id)
        .join(Committee, Committee.id == Application.committee_id)
        .where(trees, Application.state.in_(ON_THE_WAY), Application.held_since < since)
        .group_by(Unit.id, Unit.name, Committee.id, Committee.name)
        .order_by(cases.desc(), Unit.name, Unit.id)
    )
    rows = db.session.execute(query.limit(SHOWN)).tuples().all()
    names = [Named(unit, name, of, more=count) for _n, unit, name, of, _of, count in rows]
    return Finding("stuck", int(rows[0][0]) if rows else 0, names)


def _circles(own: Condition) -> Finding:
    """Find units that never reach the committee: circles, and what hangs below them."""
    count, circles = tree_circles.find(own)
    return Finding("circle", count, list(_circle_names(circles)))


def _circle_names(circles: Sequence[tree_circles.Circle]) -> Iterator[Named]:
    for one in circles[:SHOWN]:
        yield Named(one.unit_id, one.name, one.committee, one.place_id, one.way)
