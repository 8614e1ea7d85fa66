"""Reference data: complete, consistent, added once and never overwritten."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import delete, func, select

from app.enums import ApplyMode, Employment, Level, UnitKind
from app.extensions import db
from app.models.calendar import WorkDay
from app.models.dictionary import DictItem, MaterialKind, Region, Series, Specialty, Title
from app.models.phrase import Phrase
from app.services.registers.seeding import known_calendar, seed_reference

FACTS = {
    "by": {"applicant", "unit"},
    "mode": set(ApplyMode),
    "level": set(Level),
    "employment": set(Employment),
    "unit_kind": set(UnitKind),
}


pytestmark = pytest.mark.usefixtures("app")


def test_seeding_again_adds_nothing() -> None:
    assert seed_reference(db.session) == 0


def test_seeding_adds_what_is_missing_and_counts_it() -> None:
    db.session.execute(delete(DictItem).where(DictItem.kind == "nation"))
    db.session.execute(delete(WorkDay).where(WorkDay.day == date(2024, 9, 14)))

    assert seed_reference(db.session) == 58 + 1
    assert db.session.get_one(WorkDay, date(2024, 9, 14)).is_working


def test_seeding_keeps_what_was_edited() -> None:
    item = db.session.scalars(select(DictItem).filter_by(kind="politics", code="13")).one()
    item.label, item.is_active = "群众（含无党派）", False
    db.session.get_one(WorkDay, date(2024, 9, 14)).is_working = False
    db.session.get_one(MaterialKind, "photo").max_mb = 3

    seed_reference(db.session)
    db.session.expire_all()

    assert (item.label, item.is_active) == ("群众（含无党派）", False)
    assert not db.session.get_one(WorkDay, date(2024, 9, 14)).is_working
    assert db.session.get_one(MaterialKind, "photo").max_mb == 3


def test_phrases_are_seeded_only_while_no_role_has_any() -> None:
    first = db.session.query(Phrase).order_by(Phrase.id).first()
    first.text = "改过的用语"
    db.session.flush()

    assert seed_reference(db.session) == 0
    db.session.execute(delete(Phrase))
    assert seed_reference(db.session) > 10


def test_regions_are_the_province_with_14_prefectures_122_counties_and_12_zones() -> None:
    regions = db.session.scalars(select(Region)).all()

    kinds = Counter((region.level, region.is_statistical) for region in regions)
    assert kinds == {(1, False): 1, (2, False): 14, (3, False): 122, (3, True): 12}
    for region in regions:
        above = {1: None, 2: "430000", 3: region.code[:4] + "00"}[region.level]
        assert region.parent_code == above


def test_series_are_27_each_with_titles_and_specialties() -> None:
    codes = set(db.session.scalars(select(Series.code)))

    assert codes == {f"{number:02}" for number in range(1, 28)}
    for model in (Title, Specialty):
        counts = db.session.execute(
            select(model.series_code, func.count()).group_by(model.series_code)
        )
        found = dict(counts.tuples().all())
        assert set(found) == codes
        assert min(found.values()) >= 3


def test_titles_have_the_levels_down_to_assistant_in_every_series() -> None:
    levels: dict[str, set[Level]] = {}
    for title in db.session.scalars(select(Title)):
        assert title.code[:2] == title.series_code
        levels.setdefault(title.series_code, set()).add(title.level)

    assert all(found >= set(Level) - {Level.CLERK} for found in levels.values())
    assert Level.CLERK not in levels["01"]
    assert Level.CLERK in levels["05"]


@pytest.mark.parametrize(
    ("code", "level", "name", "is_grassroots"),
    [
        ("0102", Level.ASSOCIATE, "副教授", False),
        ("0421", Level.SENIOR, "主任护师", False),
        ("0505", Level.CLERK, "技术员", False),
        ("0613", Level.ASSISTANT, "助理兽医师", False),
        ("0614", Level.SENIOR, "农业技术推广研究员", False),
        ("0706", Level.ASSOCIATE, "主任编辑", False),
        ("0801", Level.SENIOR, "编审", False),
        ("2202", Level.ASSOCIATE, "高级教师", False),
        ("2292", Level.ASSOCIATE, "高级教师（基层）", True),
    ],
)
def test_title_codes_follow_the_national_list(
    code: str, level: Level, name: str, is_grassroots: bool
) -> None:
    title = db.session.get_one(Title, code)

    assert (title.level, title.name, title.is_grassroots) == (level, name, is_grassroots)
    assert str(title) == name


def test_equal_title_names_of_several_series_have_codes_of_their_own() -> None:
    codes = set(db.session.scalars(select(Title.code).where(Title.name == "研究馆员")))

    assert codes == {"0901", "1001", "1101"}


def test_dictionaries_carry_the_codes_of_their_standards() -> None:
    standards = db.session.execute(
        select(DictItem.kind, DictItem.standard).where(DictItem.standard != "").distinct()
    )
    nations = dict(
        db.session.execute(select(DictItem.code, DictItem.label).where(DictItem.kind == "nation"))
        .tuples()
        .all()
    )

    assert dict(standards.tuples().all()) == {
        "nation": "GB/T 3304-1991",
        "politics": "GB/T 4762-1984",
        "education": "GB/T 4658-2006",
        "degree": "GB/T 6864-2003",
    }
    assert len(nations) == 58
    assert (nations["06"], nations["12"], nations["15"]) == ("苗族", "侗族", "土家族")


def test_material_conditions_name_known_facts_and_values() -> None:
    series = set(db.session.scalars(select(Series.code)))
    for kind in db.session.scalars(select(MaterialKind)):
        for condition in (kind.condition or {}, kind.required_when or {}):
            for fact, values in condition.items():
                assert set(values) <= (series if fact == "series" else FACTS[fact])


def test_material_kind_applies_only_where_its_condition_holds() -> None:
    exceptional = db.session.get_one(MaterialKind, "exceptional")

    assert exceptional.applies_to({"by": "applicant", "mode": ApplyMode.EXCEPTIONAL})
    assert not exceptional.applies_to({"by": "applicant", "mode": ApplyMode.NORMAL})
    assert not exceptional.applies_to({"by": "unit", "mode": ApplyMode.EXCEPTIONAL})
    assert not exceptional.applies_to({})
    assert MaterialKind(code="x", name="x", condition=None).applies_to({})


def test_calendar_covers_whole_years_and_names_what_is_special() -> None:
    calendar = {row["day"]: row for row in known_calendar()}

    assert min(calendar) == date(2018, 1, 1)
    assert (max(calendar).month, max(calendar).day) == (12, 31)
    assert len(calendar) == (max(calendar) - min(calendar)).days + 1
    assert calendar[date(2024, 10, 1)]["note"] == "国庆节"
    assert calendar[date(2024, 9, 14)]["note"] == "中秋调休上班"
    assert calendar[date(2024, 9, 11)]["note"] == ""
