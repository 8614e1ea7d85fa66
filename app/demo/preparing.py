"""Create batches and post quotas of the demonstration, in each of their states."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from app.demo.world import World
from app.enums import ApplyMode, BatchState, Level, QuotaKind, QuotaState, Role
from app.ground.actor import Actor
from app.models import Batch, Quota
from app.services.files import attached_files
from app.services.quotas import special_grounds


@dataclass(frozen=True)
class BatchRow:
    """A batch, dated by working days of the story; running ones end a number of calendar days from today."""

    key: str
    committee: str
    levels: str
    submitted: int
    dates: tuple[date, ...]
    ends_as: BatchState = BatchState.OPEN
    name: str = ""


MODES = [ApplyMode.NORMAL, ApplyMode.EXCEPTIONAL, ApplyMode.GREEN, ApplyMode.TRANSFER]


def rows(world: World) -> tuple[BatchRow, ...]:
    """Return the batches: some open for applications, some under review, one closed last year."""
    day, ahead = world.days.day, world.days.in_days
    now = (day(-45), ahead(10), ahead(14), ahead(20), ahead(23), ahead(26))
    over = tuple(day(number) for number in (-78, -45, -43, -35, -30, -25))
    last_year = tuple(day(number) for number in (-330, -310, -308, -300, -295, -285))
    expired = (day(-45), day(-25), day(-23), day(-12), day(-6), ahead(-1))
    return (
        BatchRow("last_year", "eng", "12", -335, last_year, BatchState.CLOSED),
        BatchRow("eng", "eng", "12", -80, over),
        BatchRow("health", "health", "12", -80, over),
        BatchRow("primary", "primary", "45", -80, over),
        BatchRow("refused", "middle", "3", -84, over, BatchState.RETURNED),
        BatchRow("middle", "middle", "3", -80, over),
        BatchRow("edu", "edu", "23", -47, now),
        BatchRow("university", "university", "12", -47, now),
        BatchRow("expired", "expired", "3", -47, expired),
        BatchRow("waiting", "waiting", "3", -3, (ahead(5), *now[1:]), BatchState.SUBMITTED),
        BatchRow(
            "sketch", "waiting", "3", -2, (ahead(5), *now[1:]), BatchState.DRAFT, "补充批次（草稿）"
        ),
    )


def plan_batches(world: World) -> None:
    """Schedule submission and approval of every batch."""
    for row in rows(world):
        batch = _batch(world, row)
        world.batches[row.key] = batch
        if row.ends_as is BatchState.DRAFT:
            batch.state = BatchState.DRAFT
            world.add(batch)
            continue
        world.on(row.submitted, 10, partial(_submit, world, row, batch))
        if row.ends_as is not BatchState.SUBMITTED:
            world.on(row.submitted + 1, 15, partial(_decide, world, row, batch))
        if row.ends_as is BatchState.CLOSED:
            world.on(-255, 15, partial(_close, world, row, batch))


def _batch(world: World, row: BatchRow) -> Batch:
    committee = world.committees[row.committee]
    year = row.dates[0].year
    start, end, resubmit, unit, superior, office = row.dates
    return Batch(
        name=f"{year}年度{committee.name.removesuffix('评审委员会')}评审{row.name}",
        committee_id=committee.id,
        review_year=year,
        modes=[mode.value for mode in MODES],
        levels=row.levels,
        apply_start=start,
        apply_end=end,
        resubmit_end=resubmit,
        unit_end=unit,
        superior_end=superior,
        office_end=office,
        material_cutoff=end,
        seniority_date=date(year, 12, 31),
        senior_cap=40,
        associate_cap=55,
        required_materials=[],
        note="业绩材料取得时间以材料截止日为准。",
        created_at=world.days.at(row.submitted),
    )


def _submit(world: World, row: BatchRow, batch: Batch, at: datetime) -> None:
    world.fire(batch, "submit", world.actor(Role.OFFICE, row.committee), at)


def _decide(world: World, row: BatchRow, batch: Batch, at: datetime) -> None:
    hrss = world.actor(Role.HRSS, "hunan")
    if row.ends_as is BatchState.RETURNED:
        world.fire(
            batch, "return", hrss, at, opinion="单位上报截止日与中秋国庆假期重叠，请调整后重新提交"
        )
    else:
        world.fire(batch, "agree", hrss, at)


def _close(world: World, row: BatchRow, batch: Batch, at: datetime) -> None:
    world.fire(batch, "close", world.actor(Role.HRSS, "hunan"), at)


GRANTED = (
    ("taoxi", Level.ASSOCIATE, ("22001", "22002", "22003", "22004"), 3),
    ("taoxi", Level.MIDDLE, ("22001", "22002"), 4),
    ("qiming", Level.ASSOCIATE, ("22001", "22002", "22003"), 3),
    ("qiming", Level.ASSISTANT, ("22001", "22002"), 4),
    ("boya", Level.ASSOCIATE, ("22001", "22002", "22003", "22004"), 4),
    ("yuanli", Level.ASSOCIATE, ("04001", "04015"), 3),
    ("xianglu", Level.ASSOCIATE, ("04001", "04002"), 3),
    ("nongji", Level.MIDDLE, ("06001",), 1),
    ("university", Level.ASSOCIATE, ("01004", "01008"), 5),
)  # fmt: skip
"""Unit, level, specialties and posts of quotas granted before any application was reported."""


def plan_quotas(world: World) -> None:
    """Schedule granted quotas for all reported applicants, and one quota in each other state."""
    for unit, level, specialties, posts in GRANTED:
        for code in specialties:
            quota = _quota(world, unit, level, code, posts)
            world.on(-79, 9, partial(_ask, world, unit, quota))
            world.on(-78, 16, partial(_approve, world, unit, quota))
    waiting = _quota(world, "taoxi", Level.ASSOCIATE, "22008", 1)
    world.on(-3, 9, partial(_ask, world, "taoxi", waiting))
    refused = _quota(world, "qiming", Level.ASSOCIATE, "22012", 2)
    world.on(-4, 9, partial(_ask, world, "qiming", refused))
    world.on(-3, 15, partial(_refuse, world, "qiming", refused))
    special = _quota(world, "taoxi", Level.ASSOCIATE, "22009", 1, kind=QuotaKind.GRASSROOTS)
    world.on(-2, 9, partial(_ask_specially, world, "taoxi", special))
    sketch = _quota(world, "boya", Level.ASSOCIATE, "22006", 2)
    sketch.state = QuotaState.DRAFT
    world.add(sketch)


def _quota(world: World, unit: str, level: Level, code: str, asked: int, **values: Any) -> Quota:
    held = world.inventor.random.randrange(3, 9)
    return Quota(
        unit_id=world.units[unit].id,
        review_year=world.batches["edu"].review_year,
        level=level,
        specialty_code=code,
        **{
            "kind": QuotaKind.VACANCY,
            "posts": held + asked,
            "held": held,
            "asked": asked,
            "created_at": world.days.at(-79),
        }
        | values,
    )


def _ask(world: World, unit: str, quota: Quota, at: datetime) -> None:
    world.fire(quota, "ask", world.actor(Role.UNIT, unit), at)


def _ask_specially(world: World, unit: str, quota: Quota, at: datetime) -> None:
    """Ask for a post beyond the vacancies for long grassroots service, with the report as proof."""
    quota.posts = quota.held
    quota.note = "该教师在乡镇专业技术岗位连续工作满二十年，业绩突出，按特殊情况申报职数。"
    stored, name = world.drawer.sheet(special_grounds.PROOF)
    actor = world.actor(Role.UNIT, unit)
    world.fire(quota, "ask", actor, at, details={"proof": [(stored, name)]})
    if not attached_files.attachments_of(quota, special_grounds.PROOF):
        attached_files.attach(quota, stored, special_grounds.PROOF, name, actor, at)


def _approve(world: World, unit: str, quota: Quota, at: datetime) -> None:
    world.fire(quota, "approve", _superior(world, unit), at, details={"granted": quota.asked})


def _refuse(world: World, unit: str, quota: Quota, at: datetime) -> None:
    why = "该学科岗位核准数与岗位设置方案不一致，请核对后重新申报"
    world.fire(quota, "refuse", _superior(world, unit), at, opinion=why)


def _superior(world: World, unit: str) -> Actor:
    """Return the clerk of the unit's superior, or the authority if the superior has no clerk."""
    parent = world.units[unit].parent_id
    key = next(key for key, one in world.units.items() if one.id == parent)
    role = Role.SUPERIOR if (key, Role.SUPERIOR) in world.clerks else Role.HRSS
    return world.actor(role, key)
