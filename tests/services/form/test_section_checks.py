"""What keeps a section from being handed in: gaps, contradictions, rules over rows."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.ground import clock
from app.services.dossier import completeness
from app.services.form import form_definition, section_checks
from app.services.form.form_parts import Field, SectionDef
from app.services.form.section_checks import Fault
from tests.services import dossiers
from tests.support import factories

TODAY, CUTOFF, SINCE = date(2026, 8, 1), date(2026, 6, 30), date(2020, 12, 30)


@pytest.fixture
def form(session: Session) -> form_definition.Form:
    return form_definition.load(session, 2)


def found(
    form: form_definition.Form, key: str, rows: list[dict[str, Any]], **days: Any
) -> list[Fault]:
    section = form.section(key)
    assert section is not None
    known = {"cutoff": CUTOFF, "today": TODAY, "since": SINCE} | days
    return list(section_checks.faults_of(section, rows, **known))


def places(faults: list[Fault]) -> list[tuple[int, str]]:
    return [(one.row, one.field) for one in faults]


def reasons(faults: list[Fault], field: str) -> list[str]:
    return [one.reason for one in faults if one.field == field]


def job(started: str, ended: str | None = None, note: str = "") -> dict[str, Any]:
    row = {"started": started, "ended": ended, "unit": "甲厂", "work": "设计"}
    return row | {"note": note or None}


def years(*given: int) -> list[dict[str, Any]]:
    return [{"year": year, "grade": "competent", "unit": "甲厂"} for year in given]


# single fields


def test_a_required_text_that_stands_alone_may_be_none(form: form_definition.Form) -> None:
    faults = found(form, "applying", [{"filing_unit": "work", "field": None}])

    assert reasons(faults, "field") == ["Not filled in. If there is none, enter “无”."]


def test_nothing_filled_in_names_every_required_field(form: form_definition.Form) -> None:
    faults = found(form, "basic", [{}])

    assert places(faults) == [(0, "nation"), (0, "work_since"), (0, "technical_since")]


def test_a_section_that_needs_rows_says_so(form: form_definition.Form) -> None:
    assert places(found(form, "work", [])) == [(-1, "")]


def test_a_required_tick_must_be_set(form: form_definition.Form) -> None:
    row = {"has_penalty": "no", "has_dishonesty": "no", "is_declared": False}

    assert reasons(found(form, "conduct", [row]), "is_declared") == ["This must be ticked."]
    assert found(form, "conduct", [row | {"is_declared": True}]) == []


def test_what_appears_after_an_answer_is_needed_then_only(form: form_definition.Form) -> None:
    row = {"has_penalty": "yes", "has_dishonesty": "no", "is_declared": True}

    faults = found(form, "conduct", [row])

    assert places(faults) == [(0, "penalty"), (0, "penalty_from"), (0, "penalty_until")]


def test_what_does_not_appear_breaks_no_rule(form: form_definition.Form) -> None:
    row = {"has_penalty": "no", "has_dishonesty": "no", "is_declared": True}
    hidden = {"penalty_from": "2030-01-01", "penalty_until": "2001-01-01"}

    assert found(form, "conduct", [row | hidden]) == []


def test_a_text_that_is_too_short_is_counted(app: Flask) -> None:
    section = SectionDef("s", ("节", ""), (Field("a", ("栏", ""), kind="area", minimum=10),))

    faults = list(section_checks.faults_of(section, [{"a": "短"}], cutoff=None, today=TODAY))

    assert faults[0].reason == "This has 1 characters; at least 10 are needed."


def test_the_future_is_refused_where_only_the_past_can_be(form: form_definition.Form) -> None:
    faults = found(form, "assessments", [*years(2021, 2022, 2023, 2024, 2025), *years(2027)])

    assert reasons(faults, "year") == ["This lies in the future."]


# rules


def test_months_and_days_are_compared_as_far_as_they_go(app: Flask) -> None:
    fields = (Field("a", ("甲", ""), kind="day"), Field("b", ("乙", ""), kind="month"))
    rules = ({"kind": "order", "first": "a", "last": "b"},)
    section = SectionDef("s", ("节", ""), fields, is_repeated=True, rules=rules)
    rows = [{"a": "2020-05-17", "b": "2020-05"}, {"a": "2020-05-17", "b": "2020-04"}]

    faults = list(section_checks.faults_of(section, rows, cutoff=None, today=TODAY))

    assert places(faults) == [(1, "b")]


def test_achievements_count_from_the_title_to_the_cutoff(form: form_definition.Form) -> None:
    papers = [
        {"published": month, "title": "x", "journal": "x", "issn": "x", "index": "core", "rank": 1, "authors": 1}
        for month in ("2020-11", "2020-12", "2026-06", "2026-07")
    ]  # fmt: skip

    faults = found(form, "papers", papers)

    assert places(faults) == [(3, "published"), (0, "published")]
    assert "before the present title was obtained (2020-12-30)" in faults[1].reason


def achievement(started: str, ended: str | None) -> dict[str, Any]:
    return dossiers.ROWS["achievements"][0] | {"started": started, "ended": ended}


def project(approved: str, closed: str | None) -> dict[str, Any]:
    row = {"name": "x", "body": "x", "level": "county", "role": "host", "rank": 1, "people": 1}
    return row | {"approved": approved, "closed": closed, "close_kind": "acceptance"}


@pytest.mark.parametrize(
    ("key", "row", "expected"),
    [
        ("achievements", achievement("2024-01", "2026-06"), []),
        ("achievements", achievement("2024-01", None), []),
        ("achievements", achievement("2024-01", "2026-07"), [(0, "ended")]),
        ("achievements", achievement("2024-01", "2030-01"), [(0, "ended")]),
        ("projects", project("2024-01", "2026-06"), []),
        ("projects", project("2024-01", "2026-07"), [(0, "closed")]),
    ],
)
def test_what_goes_on_after_the_cutoff_does_not_count(
    form: form_definition.Form, key: str, row: dict[str, Any], expected: list[tuple[int, str]]
) -> None:
    assert places(found(form, key, [row])) == expected


@pytest.mark.parametrize("ended", ["2026-09", "2027-01", "2099-12"])
def test_an_achievement_does_not_end_in_the_future(form: form_definition.Form, ended: str) -> None:
    faults = found(form, "achievements", [achievement("2024-01", ended)], cutoff=date(2100, 1, 1))

    assert places(faults) == [(0, "ended")]
    assert "as long as it goes on" in faults[0].reason


@pytest.mark.parametrize(
    ("kind", "last", "late", "says"),
    [
        ("day", "2026-06-30", "2026-07-01", "until 2026-06-30."),
        ("month", "2026-06", "2026-07", "2026-06 itself counts"),
        ("year", 2026, 2027, "2026 itself counts"),
    ],
)
def test_the_refusal_says_how_a_date_is_compared_with_the_cutoff(
    app: Flask, kind: str, last: Any, late: Any, says: str
) -> None:
    rules = ({"kind": "by_cutoff", "field": "a"},)
    section = SectionDef("s", ("节", ""), (Field("a", ("甲", ""), kind=kind),), rules=rules)

    faults = [
        list(section_checks.faults_of(section, [{"a": value}], cutoff=CUTOFF, today=TODAY))
        for value in (last, late)
    ]

    assert faults[0] == []
    assert faults[1][0].reason.endswith(f"{says}." if kind != "day" else says)


@pytest.mark.parametrize(("least", "count"), [(2, 0), (3, 1), (25, 24)])
def test_a_section_says_how_many_rows_it_needs(app: Flask, least: int, count: int) -> None:
    fields = (Field("a", ("甲", "")),)
    section = SectionDef("s", ("节", ""), fields, is_repeated=True, min_rows=least, max_rows=200)

    faults = list(
        section_checks.faults_of(section, [{"a": "值"}] * count, cutoff=None, today=TODAY)
    )

    assert [one.reason for one in faults] == [
        f"At least {least} entries are needed; there are {count}."
    ]


def test_without_a_title_achievements_have_no_begin(form: form_definition.Form) -> None:
    row = {"published": "1999-01", "title": "x", "journal": "x", "issn": "x", "index": "core", "rank": 1, "authors": 1}  # fmt: skip

    assert found(form, "papers", [row], since=None) == []


def test_a_rank_is_no_larger_than_the_number_of_people(form: form_definition.Form) -> None:
    row = {"title": "x", "journal": "x", "issn": "x", "published": "2024-01", "index": "core"}

    assert reasons(found(form, "papers", [row | {"rank": 3, "authors": 2}]), "rank")
    assert not found(form, "papers", [row | {"rank": 2, "authors": 2}])


def test_exactly_one_education_is_the_basis(form: form_definition.Form) -> None:
    for ticks, row in (((False, False), 0), ((True, True), 1)):
        faults = found(form, "education", [{"is_basis": tick} for tick in ticks])
        assert (row, "is_basis") in places(faults)


def test_a_year_stands_there_once(form: form_definition.Form) -> None:
    faults = found(form, "assessments", years(2021, 2022, 2023, 2024, 2025, 2025))

    assert reasons(faults, "year") == ["2025 is there twice."]


def test_every_year_since_the_title_has_a_row(form: form_definition.Form) -> None:
    faults = found(form, "assessments", years(2021, 2023, 2025))

    assert places(faults) == [(-1, "year")]
    assert "A row is missing for 2022, 2024." in faults[0].reason


def test_a_year_without_assessment_needs_its_reason(form: form_definition.Form) -> None:
    row = {"year": 2021, "grade": "none", "unit": "甲厂"}
    others = years(2022, 2023, 2024, 2025)

    assert places(found(form, "assessments", [row, *others])) == [(0, "absence")]
    assert found(form, "assessments", [row | {"absence": "illness"}, *others]) == []


def test_years_are_asked_up_to_the_cutoff(form: form_definition.Form) -> None:
    assert found(form, "assessments", years(2021, 2022), cutoff=date(2022, 12, 31)) == []


def test_a_rule_may_ask_for_the_last_years_only(app: Flask) -> None:
    rules = ({"kind": "every_year", "field": "a", "years": 2},)
    fields = (Field("a", ("年", ""), kind="year"),)
    section = SectionDef("s", ("节", ""), fields, is_repeated=True, rules=rules)
    rows = [{"a": 2025}]

    faults = list(section_checks.faults_of(section, rows, cutoff=None, today=TODAY, since=SINCE))

    assert "missing for 2024." in faults[0].reason


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([job("2008-07")], []),
        ([job("2008-07", "2012-06"), job("2012-07")], []),
        ([job("2008-07", "2012-06"), job("2012-06")], []),
        ([job("2008-07", "2012-06"), job("2012-10")], []),
        ([job("2008-07", "2012-06"), job("2012-11")], [(1, "note")]),
        ([job("2008-07", "2012-06"), job("2012-11", note="脱产学习")], []),
        ([job("2008-07", "2012-06"), job("2012-11", note="无")], [(1, "note")]),
        ([job("2008-07", "2012-06"), job("2012-11", note="情况说明")], [(1, "note")]),
        ([job("2008-07", "2012-06"), job("2012-11", note="……")], [(1, "note")]),
        ([job("2012-11"), job("2008-07", "2012-06")], [(0, "note")]),
        ([job("2008-07", "2012-06"), job("2012-05")], [(1, "note")]),
        ([job("2008-07", "2012-06"), job("2012-05", note="借调")], []),
        ([job("2008-07", "2012-06", note="兼职"), job("2012-05")], []),
        ([job("2008-07"), job("2012-05")], [(1, "note")]),
        ([job("2008-07", "2020-01"), job("2010-01", "2011-01", "借调"), job("2020-02")], []),
    ],
)
def test_posts_follow_one_another_or_say_why(
    form: form_definition.Form, rows: list[dict[str, Any]], expected: list[tuple[int, str]]
) -> None:
    assert places(found(form, "work", rows)) == expected


def test_two_awards_for_one_achievement_are_pointed_out_but_not_refused(
    form: form_definition.Form,
) -> None:
    section = form.section("awards")
    assert section is not None
    row = {"achievement": "大桥 加固", "name": "奖", "level": "provincial", "body": "厅", "awarded": "2024-01"}  # fmt: skip
    rows = [row, row | {"achievement": "大桥加固", "level": "county"}]

    hints = list(section_checks.hints_of(section, rows))

    assert places(hints) == [(1, "achievement")]
    assert found(form, "awards", rows) == []


# the present title


@pytest.mark.parametrize(
    ("titles", "since"),
    [
        ([], None),
        ([{"level": "3"}], None),
        ([{"series": "05", "level": "3", "obtained_on": "2019-12-01"}], date(2019, 12, 1)),
        (
            [
                {"series": "05", "level": "4", "obtained_on": "2012-12-01"},
                {"series": "05", "level": "3", "obtained_on": "2019-12-01"},
            ],
            date(2019, 12, 1),
        ),
        (
            [
                {"series": "17", "level": "2", "obtained_on": "2022-12-01"},
                {"series": "05", "level": "3", "obtained_on": "2019-12-01"},
            ],
            date(2019, 12, 1),
        ),
        ([{"series": "17", "level": "3", "obtained_on": "2018-01-01"}], date(2018, 1, 1)),
    ],
)
def test_the_present_title_is_the_highest_of_the_series(
    titles: list[dict[str, Any]], since: date | None
) -> None:
    assert section_checks.title_since(titles, "05") == since


def test_what_is_pointed_out_stands_among_the_warnings(app: Flask) -> None:
    application = factories.application()
    award = dossiers.MORE["awards"][0]
    dossiers.fill(application, awards=[award, award | {"level": "county"}])

    now = clock.now()
    warned = [one for one in completeness.warnings(application, now) if one.section == "awards"]

    assert [one.anchor for one in warned] == ["rows-1-achievement"]
    assert not [
        one for one in completeness.missing_entries(application, now) if one.section == "awards"
    ]
