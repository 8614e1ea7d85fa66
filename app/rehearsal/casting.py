"""Invents the people of a rehearsal: one for every role and place that is played, and the pools of experts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import select

from app.demo import pools
from app.demo.register import LEADER, PoolRow
from app.enums import Role, UnitKind
from app.models import OwnRole, Unit
from app.rehearsal.scenes import Scene, Size
from app.rehearsal.world import RehearsalWorld
from app.services.registers import committees

ADMINISTRATORS = {Role.SYSADMIN: "系统管理员", Role.SECADMIN: "安全管理员", Role.AUDITOR: "审计员"}
CLERKS = (1, 2)
"""Numbers of the clerks of an office: one enters results, the other one confirms them."""
POOL_UNITS = 40
"""Number of units from which experts come."""


def administrators(world: RehearsalWorld) -> None:
    """Invent the three administrators, and the authority of every unit at the top of the register."""
    for role, name in ADMINISTRATORS.items():
        world.add_position(world.add_account(role.value, name), role)
    top = select(Unit).where(Unit.parent_id.is_(None), Unit.kind == UnitKind.AUTHORITY)
    for unit in world.session.scalars(top.order_by(Unit.id)).all():
        _clerk(world, Role.HRSS, unit)
        world.top = world.top or world.key_of(unit)


def cast(world: RehearsalWorld, scene: Scene, size: Size) -> None:
    """Invent everybody whom one scene needs but its applicants."""
    committee = scene.batch.committee
    code = world.take_in(committee)
    world.batches[code] = scene.batch
    unit = world.key_of(committee.unit)
    for number in CLERKS:
        user = world.add_account(f"office_{code.lower()}_{number}", world.invent().name)
        world.add_position(user, Role.OFFICE, unit, code)
    supervisor = world.add_account(f"supervisor_{code.lower()}", world.invent().name)
    world.add_position(supervisor, Role.SUPERVISOR, "", code)
    _authority_above(world, committee.unit)
    for filing, route in scene.units:
        _clerk(world, Role.UNIT, filing)
        for superior in _above(world, filing, route):
            _clerk(world, Role.SUPERIOR, superior)
        _newcomer(world, filing)
    for one in (committee.unit, *_playing(world, scene)):
        _leader(world, one)
    _pool(world, scene, size)


def own_roles(world: RehearsalWorld) -> None:
    """Invent somebody in each of the own roles whose base role is played, at the same place."""
    query = select(OwnRole).where(OwnRole.is_active).order_by(OwnRole.id)
    for own in world.session.scalars(query).all():
        like = next((one for (_n, role), one in world.positions.items() if role is own.base), None)
        if like is not None:
            user = world.add_account(f"own_{own.code}", world.invent().name)
            position = world.add_position(user, own.base)
            position.unit_id, position.committee_id = like.unit_id, like.committee_id
            position.own_role_id = own.id


def _above(world: RehearsalWorld, filing: Unit, route: Sequence[Unit]) -> Iterator[Unit]:
    """Yield the units on the way up, and the superior in the register, which grants the posts."""
    yield from route
    parent = filing.parent
    if parent and parent not in route and (str(parent.id), Role.HRSS) not in world.clerks:
        yield parent


def _clerk(world: RehearsalWorld, role: Role, unit: Unit) -> None:
    """Invent the clerk of a role in a unit, unless there is one already."""
    key = world.key_of(unit)
    if (key, role) not in world.clerks:
        user = world.add_account(f"{role.value}_{key}", world.invent().name)
        world.add_position(user, role, key)


def _newcomer(world: RehearsalWorld, unit: Unit) -> None:
    """Invent somebody of the unit who has not applied yet."""
    key = world.key_of(unit)
    person = world.add_person(world.invent(), key, world.employment_in(key))
    world.add_position(world.add_account(f"newcomer_{key}", person.name, person), Role.APPLICANT)


def _authority_above(world: RehearsalWorld, unit: Unit) -> None:
    """Invent the authority that approves plans of the committees of a unit: the first above it, if there is one."""
    at = unit.parent
    while at is not None and at.kind is not UnitKind.AUTHORITY:
        at = at.parent
    if at is not None:
        _clerk(world, Role.HRSS, at)


def _playing(world: RehearsalWorld, scene: Scene) -> Iterator[Unit]:
    for filing, route in scene.units:
        yield filing
        yield from _above(world, filing, route)


def _leader(world: RehearsalWorld, unit: Unit) -> None:
    """Register the person responsible whose name the clerks of a unit type, once."""
    key = world.key_of(unit)
    if key not in world.led:
        world.led.add(key)
        person = replace(world.invent(), name=LEADER)
        world.add_person(person, key, world.employment_in(key))


def _pool(world: RehearsalWorld, scene: Scene, size: Size) -> None:
    """Fill the committee's pool so that its seats can be drawn; every expert has an account."""
    committee = scene.batch.committee
    wanted = committees.least_members(committee) * size.experts
    codes = scene.specialties
    pools.fill(world, PoolRow(committee.code, wanted, wanted, tuple(_homes(world, scene)), codes))


def _homes(world: RehearsalWorld, scene: Scene) -> list[str]:
    """Return the units of experts: others than those whose people apply, if there are any."""
    applying = [unit.id for unit, _route in scene.units]
    query = select(Unit).where(Unit.is_active, Unit.id.not_in(applying))
    others = world.session.scalars(
        query.order_by(Unit.kind == UnitKind.AUTHORITY, Unit.id).limit(POOL_UNITS)
    ).all()
    return [world.key_of(one) for one in others] or [str(one) for one in applying]
