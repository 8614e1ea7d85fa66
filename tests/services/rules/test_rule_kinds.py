"""Kinds of rules as pure functions: what they say, and that more never makes the answer worse."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Employment, Level, Sex, UnitKind
from app.models import Person, Unit
from app.services.rules import rule_kinds
from app.services.rules.rule_subject import Case, Degree, add_months
from app.services.rules.rule_titles import years_for
from app.validators import Invalid

pytestmark = pytest.mark.usefixtures("app")

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
LAST = date(2026, 12, 31)
BASIS = {"is_basis": True}
DEGREES = {
    Degree.DOCTOR: {"level": "11", "degree": "2"},
    Degree.MASTER: {"level": "14", "degree": "3"},
    Degree.BACHELOR: {"level": "21", "degree": "4"},
    Degree.COLLEGE: {"level": "31", "degree": "0"},
    Degree.SECONDARY: {"level": "41", "degree": "0"},
    Degree.OTHER: {"level": "90", "degree": "0"},
}
TABLE = [
    {"degree": "doctor", "years": 2},
    {"degree": "master", "years": 4},
    {"degree": "bachelor", "years": 5},
]
YEARS = {"table": TABLE, "counts_from": "title", "basic_adds": 1, "failed_adds": 2}
RETIREMENT = [
    {"sex": "1", "title": "any", "years": 60, "delay_from": 1965, "delay_every": 4, "most": 63},
    {"sex": "2", "title": "any", "years": 55, "delay_from": 1970, "delay_every": 4, "most": 58},
    {"sex": "2", "title": "senior", "years": 60, "delay_from": 1965, "delay_every": 4, "most": 63},
]


def case(**values: Any) -> Case:
    person = Person(
        name="李四",
        employment=values.pop("employment", Employment.PUBLIC_POST),
        sex=values.pop("sex", Sex.MALE),
        birth_date=values.pop("birth", date(1985, 3, 7)),
        banned_until=values.pop("banned_until", None),
        ban_reason="",
    )
    usual: dict[str, Any] = {
        "facts": {"series": "05"},
        "level": Level.ASSOCIATE,
        "review_year": 2026,
        "seniority_date": LAST,
        "material_cutoff": date(2026, 9, 30),
    }
    return Case(at=AT, person=person, **(usual | values))


def title(level: str = "3", since: str = "2020-12-30", series: str = "05") -> dict[str, str]:
    return {"series": series, "level": level, "obtained_on": since}


def filled(degree: Degree = Degree.BACHELOR, **sections: Any) -> Case:
    usual = {"titles": [title()], "education": [BASIS | DEGREES[degree]]}
    return case(sections=usual | sections)


def verdict(kind: str, of: Case, **numbers: Any) -> Any:
    one = rule_kinds.KINDS[kind]
    return one.compute(of, one.read(numbers))


def is_met(kind: str, of: Case, **numbers: Any) -> bool | None:
    found: bool | None = verdict(kind, of, **numbers).is_met
    return found


# every kind


@pytest.mark.parametrize("kind", rule_kinds.KINDS)
def test_kind_computes_with_its_defaults_whatever_is_known(kind: str) -> None:
    empty = case(facts={}, level=None, review_year=None, seniority_date=None, material_cutoff=None)
    for of in (empty, replace(empty, is_final=True), filled(), case(birth=None, sex=None)):
        assert verdict(kind, of).sentence


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("degree_and_years", {"table": []}),
        ("degree_and_years", {"table": [{"degree": "wizard", "years": 2}]}),
        ("degree_and_years", {"table": [{"degree": "doctor", "years": -1}]}),
        ("degree_and_years", {"table": [{"degree": "doctor", "years": "2"}]}),
        ("degree_and_years", {"table": "doctor"}),
        ("degree_and_years", {"counts_from": "birth"}),
        ("assessments", {"years": 0}),
        ("assessments", {"years": True}),
        ("assessments", {"years": 2.5}),
        ("assessments", {"good": []}),
        ("assessments", {"good": [1]}),
        ("papers", {"since_title": "yes"}),
        ("papers", "five"),
        ("papers", [1]),
        ("magic", {}),
    ],
)
def test_numbers_that_cannot_be_computed_with_are_refused(kind: str, numbers: Any) -> None:
    with pytest.raises(Invalid):
        rule_kinds.read(kind, numbers)


# employment, bars, penalties


@pytest.mark.parametrize(
    ("employment", "expected"),
    [
        (Employment.PUBLIC_POST, True),
        (Employment.FREELANCE, True),
        (Employment.CIVIL_SERVANT, False),
        (Employment.RETIRED, False),
    ],
)
def test_employment_excludes_civil_servants_and_retired(
    employment: Employment, expected: bool
) -> None:
    assert is_met("employment", case(employment=employment)) is expected


def test_employment_follows_its_numbers() -> None:
    freelance = case(employment=Employment.FREELANCE)

    assert is_met("employment", freelance, refused=["freelance"]) is False


@pytest.mark.parametrize(
    ("until", "expected"),
    [(None, True), (date(2026, 5, 31), True), (date(2026, 6, 1), False), (date(2029, 1, 1), False)],
)
def test_a_bar_counts_through_its_last_day(until: date | None, expected: bool) -> None:
    assert is_met("not_barred", case(banned_until=until)) is expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"has_penalty": "no"}, True),
        ({"has_penalty": "yes", "penalty": "warning", "penalty_until": "2030-01-01"}, True),
        ({"has_penalty": "yes", "penalty": "demerit", "penalty_until": "2026-05-31"}, True),
        ({"has_penalty": "yes", "penalty": "demerit", "penalty_until": "2026-06-01"}, False),
        ({"has_penalty": "yes", "penalty": "demerit"}, False),
        ({"has_penalty": "no", "penalty": "demerit", "penalty_until": "2030-01-01"}, True),
    ],
)
def test_a_penalty_counts_through_its_last_day(row: dict[str, Any], expected: bool) -> None:
    assert is_met("no_penalty", case(sections={"conduct": [row]})) is expected


def test_a_penalty_may_count_for_years_after_it_began() -> None:
    row = {"has_penalty": "yes", "penalty": "criminal", "penalty_from": "2023-07-01"}
    of = case(sections={"conduct": [row]})

    assert is_met("no_penalty", of, kinds=["criminal"], years=3) is False
    assert is_met("no_penalty", of, kinds=["criminal"], years=2) is True


# age


@pytest.mark.parametrize(
    ("sex", "birth", "expected"),
    [
        # men born in 1964: 60; from January 1965 on one month later for every four months of birth
        (Sex.MALE, date(1964, 12, 31), False),
        (Sex.MALE, date(1966, 5, 1), True),
        (Sex.MALE, date(1966, 4, 30), False),
        (Sex.MALE, date(1966, 1, 1), False),
        (Sex.FEMALE, date(1970, 12, 1), False),
        (Sex.FEMALE, date(1972, 1, 1), True),
    ],
)
def test_age_limit_moves_month_by_month(sex: Sex, birth: date, expected: bool) -> None:
    of = case(sex=sex, birth=birth, sections={"titles": []})

    assert is_met("age", of, counted_on="cutoff", table=RETIREMENT) is expected


def test_a_senior_title_lets_women_go_on() -> None:
    born = date(1969, 1, 1)
    senior = case(sex=Sex.FEMALE, birth=born, sections={"titles": [title("2")]})
    middle = case(sex=Sex.FEMALE, birth=born, sections={"titles": [title("3")]})
    unknown = case(sex=Sex.FEMALE, birth=born)

    found = [is_met("age", of, table=RETIREMENT) for of in (senior, middle, unknown)]

    assert found == [True, False, None]


@pytest.mark.parametrize(
    ("birth", "expected"),
    [(date(1961, 1, 1), True), (date(1960, 12, 31), False), (date(1961, 12, 31), True)],
)
def test_sixty_five_counts_to_the_end_of_the_year(birth: date, expected: bool) -> None:
    table = [
        {"sex": "", "title": "any", "years": 65, "delay_from": 2100, "delay_every": 4, "most": 65}
    ]
    of = case(birth=birth)

    found = is_met("age", of, counted_on="year_end", is_inclusive=True, table=table)

    assert found is expected


@given(
    birth=st.dates(date(1950, 1, 1), date(2005, 1, 1)),
    younger=st.integers(0, 4000),
    sex=st.sampled_from(Sex),
)
def test_who_is_younger_is_never_worse_off(birth: date, younger: int, sex: Sex) -> None:
    sections = {"titles": [title()]}
    old = is_met("age", case(birth=birth, sex=sex, sections=sections), table=RETIREMENT)
    young = is_met(
        "age",
        case(birth=birth + timedelta(days=younger), sex=sex, sections=sections),
        table=RETIREMENT,
    )

    assert young or not old


# titles


@pytest.mark.parametrize(
    ("level", "held", "expected"),
    [
        (Level.SENIOR, [title("4")], False),
        (Level.SENIOR, [title("2")], True),
        (Level.ASSOCIATE, [title("3")], True),
        (Level.ASSOCIATE, [title("3"), title("4")], True),
        (Level.ASSOCIATE, [title("2")], False),
        (Level.ASSOCIATE, [title("1")], False),
        (Level.ASSOCIATE, [title("3", series="03")], False),
        (Level.ASSOCIATE, [], False),
        (Level.MIDDLE, [], True),
        (Level.MIDDLE, [title("5")], False),
        (Level.MIDDLE, [title("5"), title("4")], True),
        (Level.MIDDLE, [title("5", series="03")], False),
        (Level.CLERK, [], True),
    ],
)
def test_titles_are_taken_one_after_another(level: Level, held: Any, expected: bool) -> None:
    assert is_met("step", case(level=level, sections={"titles": held})) is expected


@pytest.mark.parametrize("wanted", Level)
@pytest.mark.parametrize("held", [None, *Level])
def test_of_all_pairs_of_levels_only_the_next_one_follows(
    held: Level | None, wanted: Level
) -> None:
    titles = [title(held.value)] if held else []
    is_next = wanted.rank == held.rank + 1 if held else wanted.rank <= Level.MIDDLE.rank

    assert is_met("step", case(level=wanted, sections={"titles": titles})) is is_next


@pytest.mark.parametrize("entry", Level)
def test_the_entry_level_is_for_those_without_a_title(entry: Level) -> None:
    for wanted in Level:
        first = case(level=wanted, sections={"titles": []})
        second = case(level=wanted, sections={"titles": [title(Level.CLERK.value)]})
        assert is_met("step", first, entry=entry.value) is (wanted.rank <= entry.rank)
        assert is_met("step", second, entry=entry.value) is (wanted is Level.ASSISTANT)


def test_titles_not_entered_yet_are_not_known() -> None:
    assert is_met("step", case()) is None
    assert is_met("step", case(is_final=True)) is False
    assert is_met("transfer", case()) is None


@pytest.mark.parametrize(
    ("held", "expected"),
    [([title("2", series="03")], True), ([title("3", series="03")], False), ([title("2")], False)],
)
def test_a_change_of_series_keeps_the_level(held: Any, expected: bool) -> None:
    assert is_met("transfer", case(sections={"titles": held})) is expected


@pytest.mark.parametrize(
    ("degree", "since", "expected"),
    [
        (Degree.BACHELOR, "2021-12-31", True),
        (Degree.BACHELOR, "2022-01-01", False),
        (Degree.MASTER, "2022-12-31", True),
        (Degree.DOCTOR, "2024-12-31", True),
        (Degree.DOCTOR, "2025-01-01", False),
        (Degree.COLLEGE, "2001-01-01", False),
    ],
)
def test_years_follow_the_degree(degree: Degree, since: str, expected: bool) -> None:
    of = filled(degree, titles=[title(since=since)])

    assert is_met("degree_and_years", of, **YEARS) is expected


def test_years_say_when_they_are_reached() -> None:
    found = verdict("degree_and_years", filled(titles=[title(since="2022-12-30")]), **YEARS)

    assert "5" in found.sentence
    assert "2027-12-30" in found.sentence
    assert (found.section, found.field) == ("titles", "obtained_on")


def test_poor_assessments_add_years() -> None:
    grades = [{"year": 2023, "grade": "basic"}, {"year": 2024, "grade": "failed"}]
    of = filled(titles=[title(since="2020-12-30")], assessments=grades)

    assert is_met("degree_and_years", filled(), **YEARS) is True
    assert is_met("degree_and_years", of, **YEARS) is False
    assert is_met("degree_and_years", of, **YEARS | {"basic_adds": 0, "failed_adds": 1}) is True


def test_without_a_title_years_may_count_from_the_work() -> None:
    numbers = YEARS | {"counts_from": "title_or_work"}
    of = filled(titles=[], basic=[{"technical_since": "2010-07"}])

    assert is_met("degree_and_years", of, **numbers) is True
    assert is_met("degree_and_years", of, **YEARS) is None


def test_the_education_ticked_counts() -> None:
    rows = [DEGREES[Degree.DOCTOR], BASIS | DEGREES[Degree.BACHELOR]]
    since = [title(since="2023-01-01")]

    assert is_met("degree_and_years", filled(education=rows, titles=since), **YEARS) is False
    assert is_met("degree_and_years", filled(education=rows[::-1][1:], titles=since), **YEARS)
    assert filled(education=[DEGREES[Degree.DOCTOR], DEGREES[Degree.MASTER]]).degree() is None


TABLES = st.lists(
    st.fixed_dictionaries({"degree": st.sampled_from(list(DEGREES)), "years": st.integers(0, 30)}),
    min_size=1,
    max_size=8,
)


@given(table=TABLES, since=st.dates(date(1990, 1, 1), LAST), longer=st.integers(0, 9000))
def test_more_years_are_never_worse(table: Any, since: date, longer: int) -> None:
    numbers = YEARS | {"table": table}
    short = is_met("degree_and_years", filled(titles=[title(since=since.isoformat())]), **numbers)
    earlier = (since - timedelta(days=longer)).isoformat()
    long = is_met("degree_and_years", filled(titles=[title(since=earlier)]), **numbers)

    assert long or not short


@given(table=TABLES)
def test_a_higher_education_never_needs_more_years(table: Any) -> None:
    needed = [years_for(degree, table) for degree in sorted(Degree, key=lambda one: one.rank)]
    known = [years for years in needed if years is not None]

    assert known == sorted(known, reverse=True)
    assert needed[len(needed) - len(known) :] == known


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 1200))
def test_months_are_added_without_leaving_the_month(day: date, months: int) -> None:
    later = add_months(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


# counting


def graded(*grades: str, last: int = 2025) -> Case:
    rows = [{"year": last - place, "grade": grade} for place, grade in enumerate(grades)]
    return case(sections={"assessments": rows})


def test_assessments_of_the_last_years_must_be_good() -> None:
    good = ["competent"] * 5

    assert is_met("assessments", graded(*good), years=5) is True
    assert is_met("assessments", graded(*good[:4]), years=5) is False
    assert is_met("assessments", graded(*good[:4], "basic"), years=5) is False
    assert is_met("assessments", graded(*good[:4], "none"), years=5) is True
    assert is_met("assessments", graded(*good, "failed"), years=5) is True
    assert is_met("assessments", graded(*good), years=5, excellent=1) is False
    assert is_met("assessments", graded("excellent", *good[:4]), years=5, excellent=1) is True


def test_assessments_begin_with_the_first_full_year_of_work() -> None:
    of = replace(
        graded("competent", "competent"),
        sections={
            "basic": [{"work_since": "2023-07"}],
            **graded("competent", "competent").sections,
        },
    )

    assert is_met("assessments", of, years=5) is True


def test_hours_are_needed_in_each_year() -> None:
    rows = [{"year": year, "public_hours": 30, "special_hours": 60.5} for year in (2024, 2025)]
    short = [rows[0], rows[1] | {"public_hours": 29.5}]
    numbers = {"years": 2, "public": 30, "professional": 60}

    assert is_met("continuing_education", case(sections={"continuing": rows}), **numbers) is True
    assert is_met("continuing_education", case(sections={"continuing": short}), **numbers) is False
    assert (
        is_met("continuing_education", case(sections={"continuing": rows[:1]}), **numbers) is False
    )


@given(hours=st.integers(0, 200), more=st.integers(0, 200))
def test_more_hours_are_never_worse(hours: int, more: int) -> None:
    def met(count: int) -> bool | None:
        row = {"year": 2025, "public_hours": count, "special_hours": count}
        return is_met("continuing_education", case(sections={"continuing": [row]}), years=1)

    assert met(hours + more) or not met(hours)


def paper(**values: Any) -> dict[str, Any]:
    return {"title": "文", "index": "core", "rank": 1, "published": "2023-05"} | values


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (paper(), True),
        (paper(index="general"), False),
        (paper(rank=3), False),
        (paper(rank=3, is_corresponding=True), True),
        (paper(published="2026-10"), False),
        (paper(published="2020-12"), True),
        (paper(published="2020-11"), False),
        (paper(published=None), False),
    ],
)
def test_papers_count_by_index_rank_and_day(row: dict[str, Any], expected: bool) -> None:
    of = filled(papers=[row])
    numbers = {"count": 1, "levels": ["core", "sci"], "rank": 2, "since_title": True}

    assert is_met("papers", of, **numbers) is expected


def test_achievements_count_by_role() -> None:
    rows = [{"level": "county", "role": "join", "rank": 1, "started": "2022-01"}]
    of = filled(achievements=rows)

    assert is_met("achievements", of, roles=["host", "main"]) is False
    assert is_met("achievements", of) is True


@given(
    rows=st.lists(
        st.sampled_from([paper(), paper(rank=9), paper(published="2001-01")]), max_size=6
    ),
    more=st.lists(st.sampled_from([paper(), paper(rank=9)]), max_size=3),
    count=st.integers(0, 6),
)
def test_more_entries_are_never_worse(rows: Any, more: Any, count: int) -> None:
    numbers = {"count": count, "rank": 2}
    few = is_met("papers", filled(papers=rows), **numbers)
    many = is_met("papers", filled(papers=[*rows, *more]), **numbers)

    assert many or not few


# proof, unit, work


def test_a_proof_is_known_to_be_missing_only_when_handing_in() -> None:
    numbers = {"material": "exceptional"}

    assert is_met("proof", case(), **numbers) is None
    assert is_met("proof", case(is_final=True), **numbers) is False
    assert is_met("proof", case(materials=frozenset({"exceptional"})), **numbers) is True


@pytest.mark.parametrize(
    ("kind", "region", "expected"),
    [
        (UnitKind.PUBLIC, "430124", True),
        (UnitKind.PUBLIC, "430100", False),
        (UnitKind.PUBLIC, "430000", False),
        (UnitKind.PRIVATE_FIRM, "430124", False),
    ],
)
def test_grassroots_units_lie_in_counties(kind: UnitKind, region: str, expected: bool) -> None:
    of = case(unit=Unit(name="乡镇卫生院", kind=kind, region_code=region))

    assert is_met("grassroots_unit", of, kinds=["public"]) is expected


@pytest.mark.parametrize(
    ("kind", "paying", "expected"),
    [
        (UnitKind.PRIVATE_FIRM, "甲公司", True),
        (UnitKind.PRIVATE_FIRM, "乙公司", False),
        (UnitKind.PRIVATE_FIRM, None, False),
        (UnitKind.AGENCY, "乙公司", True),
    ],
)
def test_the_unit_pays_social_insurance(kind: UnitKind, paying: Any, expected: bool) -> None:
    of = case(
        unit=Unit(name="甲公司", kind=kind, region_code="430100"),
        sections={"basic": [{"insurance_unit": paying}]},
        materials=frozenset({"social_insurance"}),
    )

    assert is_met("insured", of) is expected
    if expected:
        assert is_met("insured", replace(of, materials=frozenset(), is_final=True)) is False


@pytest.mark.parametrize(("since", "expected"), [("2016-12", True), ("2017-01", False)])
def test_years_of_work_are_full_years(since: str, expected: bool) -> None:
    of = case(sections={"basic": [{"technical_since": since}]})

    assert is_met("years_at_work", of, years=10) is expected


def test_every_kind_has_words(app: Flask) -> None:
    assert all(str(label) for _key, label in rule_kinds.choices())
