"""Write the sample's province: 20,000 units in four levels, committees, review trees and batches."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.inventing import LEADS, credit_code
from app.enums import ApplyMode, BatchState, Level, RouteState, UnitKind
from app.models import Committee, Region, Series, Specialty, Title
from app.sample.times import Year, stamp
from app.sample.writer import Writer

UNITS = 20_000
AUTHORITY = UnitKind.AUTHORITY
PUBLIC, PRIVATE, STATE_FIRM = UnitKind.PUBLIC, UnitKind.PRIVATE_FIRM, UnitKind.STATE_FIRM
THEMES = (
    ("22", PUBLIC, "中学", 20), ("22", PUBLIC, "小学", 18), ("04", PUBLIC, "医院", 12),
    ("04", PUBLIC, "卫生院", 10), ("05", PRIVATE, "工程技术有限公司", 12),
    ("05", PRIVATE, "机械制造有限公司", 7), ("05", STATE_FIRM, "建设集团有限公司", 3),
    ("06", PUBLIC, "农业技术推广站", 8), ("21", PUBLIC, "职业中等专业学校", 5),
    ("09", PUBLIC, "图书馆", 3), ("11", PUBLIC, "档案馆", 2),
)  # fmt: skip
"""Series of a unit's people, kind of unit, ending of its name, share in percent."""
SERIES = tuple(dict.fromkeys(theme[0] for theme in THEMES))
COUNTY_SERIES = ("22", "04")
SIZES = {1: 25, 2: 11, 3: 7}
TOPS = {1: Level.SENIOR, 2: Level.MIDDLE, 3: Level.ASSISTANT}
JUDGED = {1: "12", 2: "345", 3: "45"}
NAMED = {1: "高级", 2: "中级", 3: "初级"}
FIRST_CODE = 1001


@dataclass(frozen=True)
class Leaf:
    """An employer at the bottom of the tree of units."""

    id: int
    region: str
    county: int
    city: int
    city_region: str
    series: str
    needs_quota: bool


@dataclass(frozen=True)
class Jury:
    """A committee: `tier` 1 province, 2 city, 3 county."""

    id: int
    code: str
    name: str
    unit: int
    series: str
    tier: int


@dataclass
class Province:
    """Records that applications refer to."""

    leaves: list[Leaf] = field(default_factory=list)
    juries: dict[tuple[str, str], Jury] = field(default_factory=dict)
    batches: dict[tuple[int, int], int] = field(default_factory=dict)
    offices: dict[str, int] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    specialties: dict[str, list[str]] = field(default_factory=dict)

    def jury(self, leaf: Leaf, level: str) -> Jury:
        """Return the committee that judges `level` for a unit's people."""
        if level in JUDGED[1]:
            return self.juries[leaf.series, "430000"]
        own = self.juries.get((leaf.series, leaf.region)) if level in JUDGED[3] else None
        return own or self.juries[leaf.series, leaf.city_region]

    @staticmethod
    def route(leaf: Leaf, jury: Jury) -> tuple[int, ...]:
        """Return the superior units on the way from a unit to a committee, lowest first."""
        return {1: (leaf.county, leaf.city), 2: (leaf.county,), 3: ()}[jury.tier]


def build(
    session: Session, writer: Writer, random: Random, years: list[Year], today: date
) -> Province:
    """Write the province and return the records that applications refer to."""
    province = Province()
    _read_codes(session, province)
    regions = _regions(session)
    codes = _free_codes(session)
    series_names = dict(session.execute(select(Series.code, Series.name)).tuples().all())
    session.rollback()
    _write_offices(writer, province, regions)
    _write_leaves(writer, province, regions, random)
    for tier, served in ((1, SERIES), (2, SERIES), (3, COUNTY_SERIES)):
        for region in (one for one in regions if one.level == tier):
            for series in served:
                name = f"{region.name}{series_names[series]}{NAMED[tier]}职称评审委员会"
                _write_jury(writer, province, (region.code, series, tier, name, next(codes)), today)
    _write_trees(writer, province, stamp(years[0].first))
    for jury in province.juries.values():
        for year in years:
            province.batches[jury.id, year.number] = _write_batch(writer, jury, year)
    writer.flush()
    return province


def _read_codes(session: Session, province: Province) -> None:
    titles = select(Title).where(Title.is_grassroots.is_(False)).order_by(Title.code.desc())
    for title in session.scalars(titles):
        province.titles[title.series_code, title.level.value] = title.code
    for code, series in session.execute(
        select(Specialty.code, Specialty.series_code).order_by(Specialty.code)
    ):
        province.specialties.setdefault(series, []).append(code)


def _regions(session: Session) -> list[Region]:
    query = select(Region).where(Region.is_statistical.is_(False)).order_by(Region.code)
    regions = list(session.scalars(query))
    session.expunge_all()
    return regions


def _free_codes(session: Session) -> Iterator[str]:
    taken = set(session.scalars(select(Committee.code)))
    return (f"{number:04d}" for number in count(FIRST_CODE) if f"{number:04d}" not in taken)


def _write_offices(writer: Writer, province: Province, regions: list[Region]) -> None:
    """Write the title offices of the province, its cities and counties, each under the one above it."""
    paths: dict[str, str] = {}
    for region in sorted(regions, key=lambda one: one.level):
        parent = province.offices.get(region.parent_code or "")
        name = f"{region.name}职称改革工作领导小组办公室"
        path = paths.get(region.parent_code or "", "/")
        paths[region.code] = f"{path}{writer.last['unit'] + 1}/"
        key = _write_unit(writer, name, AUTHORITY, region.code, parent, paths[region.code])
        province.offices[region.code] = key


def _write_unit(
    writer: Writer, name: str, kind: UnitKind, region: str, parent: int | None, path: str
) -> int:
    number = writer.last["unit"] + 1
    code = credit_code(f"{LEADS[kind]}{region}", f"{number:08d}")
    phone = f"0731-{80000000 + number}"
    return writer.add("unit", code, name, kind.value, region, parent, path, 0, "人事科", phone, 1)


def _write_leaves(
    writer: Writer, province: Province, regions: list[Region], random: Random
) -> None:
    counties = [region for region in regions if region.level == 3]
    weights = [theme[3] for theme in THEMES]
    above = province.offices["430000"]
    for number in range(UNITS - len(province.offices)):
        county = counties[random.randrange(len(counties))]
        series, kind, ending, _share = random.choices(THEMES, weights)[0]
        county_id, city_id = (
            province.offices[county.code],
            province.offices[county.parent_code or ""],
        )
        name = f"{county.name}第{number + 1}{ending}"
        path = f"/{above}/{city_id}/{county_id}/{writer.last['unit'] + 1}/"
        key = _write_unit(writer, name, kind, county.code, county_id, path)
        leaf = Leaf(
            key, county.code, county_id, city_id, county.parent_code or "", series, kind is PUBLIC
        )
        province.leaves.append(leaf)


def _write_jury(
    writer: Writer, province: Province, row: tuple[str, str, int, str, str], today: date
) -> None:
    region, series, tier, name, code = row
    unit = province.offices[region]
    first, last = today - timedelta(days=500), today + timedelta(days=590)
    approval = f"湘职改办〔{first.year}〕{code}号"
    key = writer.add(
        "committee", code, name, series, TOPS[tier].value, 0, unit, region, approval,
        first.isoformat(), last.isoformat(), SIZES[tier], approval, 1,
    )  # fmt: skip
    province.juries[series, region] = Jury(key, code, name, unit, series, tier)


def _write_trees(writer: Writer, province: Province, at: str) -> None:
    """Give every unit its confirmed place in the trees of the committees that judge its people."""
    placed: set[tuple[int, int]] = set()
    for leaf in province.leaves:
        for level in "234":
            jury = province.jury(leaf, level)
            way = (leaf.id, *province.route(leaf, jury))
            for unit, superior in zip(way, (*way[1:], None), strict=True):
                if (jury.id, unit) not in placed:
                    placed.add((jury.id, unit))
                    writer.add(
                        "route_node",
                        jury.id,
                        unit,
                        superior,
                        "12345",
                        RouteState.CONFIRMED.value,
                        at,
                        1,
                        at,
                    )
    writer.flush_if_full()


def _write_batch(writer: Writer, jury: Jury, year: Year) -> int:
    state = BatchState.OPEN if year.is_current else BatchState.CLOSED
    modes = json.dumps([ApplyMode.NORMAL.value, ApplyMode.EXCEPTIONAL.value])
    dates = [day.isoformat() for day in year.deadlines]
    return writer.add(
        "batch", f"{year.number}年度{jury.name}评审", jury.id, year.number, modes, JUDGED[jury.tier],
        *dates, dates[1], f"{year.number}-12-31", 40, 55, "[]", "", state.value, 2, stamp(year.first),
    )  # fmt: skip
