"""Create the base data of the demonstration: units, committees, review trees, accounts, expert pools."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from app.demo import pools, register
from app.demo.register import IN_COMMITTEE, LEADER, POOLS, STAFF, TREES
from app.demo.world import World
from app.enums import Employment, Role
from app.models import RouteNode, User

CONFIRM_FROM = -340
"""Working day of the story on which the review trees are created."""


def create_base_data(world: World) -> None:
    """Create everything that exists before the first application."""
    _units(world)
    _committees(world)
    _staff(world)
    for pool in POOLS:
        pools.fill(world, pool)
    pools.plan_candidates(world)
    _newcomers(world)
    for key in TREES:
        _tree(world, key)


def _units(world: World) -> None:
    for row in register.UNITS:
        world.add_unit(
            row.key,
            row.parent,
            name=row.name,
            kind=row.kind,
            region_code=row.region,
            is_self_review=row.is_self_review,
        )


def _committees(world: World) -> None:
    days = world.days
    for number, row in enumerate(register.COMMITTEES, start=1):
        is_expired = row.key == "expired"
        world.add_committee(
            row.key,
            row.specialties,
            code=row.code,
            name=row.name,
            series_code=row.series,
            level=row.level,
            unit_id=world.units[row.unit].id,
            region_code=row.region,
            approval_number=f"湘职改办〔{days.in_days(-560).year}〕{number}号",
            valid_from=days.in_days(-560),
            valid_to=days.in_days(-1 if is_expired else -560 + 1090),
            min_size=row.size,
        )


def _staff(world: World) -> None:
    for row in STAFF:
        user = world.add_account(row.username, row.name or world.invent().name)
        for role, place in row.positions:
            place_of(world, user, role, place)
    _leaders(world)


def _leaders(world: World) -> None:
    """Register in every unit with clerks the person whose name they type as the one responsible."""
    signing = {
        key for row in STAFF for role, key in row.positions if role in (Role.UNIT, Role.SUPERIOR)
    }
    for unit in sorted(signing | {row.unit for row in register.COMMITTEES}):
        leader = replace(world.invent(), name=LEADER)
        world.add_person(leader, unit, world.employment_in(unit))


def place_of(world: World, user: User, role: Role, place: str) -> None:
    """Give an account a position in a unit or committee; offices sit in their committee's organising unit."""
    if role in IN_COMMITTEE:
        committee = next(row for row in register.COMMITTEES if row.key == place)
        world.add_position(user, role, committee.unit if role is Role.OFFICE else "", place)
    else:
        world.add_position(user, role, place)


def _newcomers(world: World) -> None:
    """Add people with an account but without an application."""
    for number, unit in enumerate(("taoxi", "qiming"), start=1):
        person = world.add_person(world.invent(), unit, Employment.PUBLIC_POST)
        user = world.add_account(f"applicant_new{number}", person.name, person)
        world.add_position(user, Role.APPLICANT)


def _tree(world: World, key: str) -> None:
    """Have the office create its review tree and units confirm it; one does not answer, one disputes."""
    for unit, superior, levels in TREES[key]:
        node = world.add_node(key, unit, superior, levels)
        world.on(CONFIRM_FROM, 9, partial(_place, world, key, node))
        if (key, unit) != register.UNCONFIRMED:
            world.on(CONFIRM_FROM + 1, 10, partial(_answer, world, key, unit, node))


def _place(world: World, key: str, node: RouteNode, at: datetime) -> None:
    world.fire(node, "place", world.actor(Role.OFFICE, key), at)


def _answer(world: World, key: str, unit: str, node: RouteNode, at: datetime) -> None:
    role = Role.UNIT if (unit, Role.UNIT) in world.clerks else Role.SUPERIOR
    actor = world.actor(role, unit)
    if (key, unit) == register.DISPUTED:
        world.fire(
            node, "dispute", actor, at, opinion="我校自今年起由市教育局直接管理，请调整上级单位"
        )
    else:
        world.fire(node, "confirm", actor, at)
