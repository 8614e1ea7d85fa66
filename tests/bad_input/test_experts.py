"""Row 34: who may not enter a pool, as the person, the unit and the office press it."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Employment, ExpertState, Level, Role, Sex
from app.extensions import db
from app.models import Committee, Expert, Person, Unit
from app.services.experts import expert_roster, expert_rules
from app.services.rules.rule_subject import add_months
from tests.bad_input import desk
from tests.bad_input.forms import membership as applied
from tests.support import factories, workbooks

APPLY, ENTER = "/g/my-experts/add", "/g/1.4.1/add"
AUDIT, IMPORT = "/g/1.4.1/waiting/act/audit", "/g/1.4.1/import"


@pytest.fixture
def committee(app: Flask) -> Committee:
    factories.title(Level.SENIOR)
    factories.title(Level.ASSOCIATE)
    factories.title(Level.SENIOR, "01")
    factories.specialty("01001")
    return factories.committee()


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit("长沙机床厂")


@pytest.fixture
def person(unit: Unit) -> Person:
    return factories.person("欧阳春晓", unit=unit, sex=Sex.MALE)


@pytest.fixture
def applicant(app: Flask, person: Person) -> FlaskClient:
    return desk.at(app, factories.position(Role.APPLICANT, person=person))


@pytest.fixture
def office(app: Flask, committee: Committee) -> FlaskClient:
    return desk.clerk(app, Role.OFFICE, committee=committee)


def entered(committee: Committee, person: Person, **typed: Any) -> dict[str, Any]:
    return applied(committee) | {
        "name": person.name, "id_kind": "resident", "id_number": person.id_number,
        "employment": "public_post", "term_from": "2026-01-01", "term_to": "2028-12-31",
    } | typed  # fmt: skip


UNKNOWN = "没有"
SHORT = (add_months(factories.today(), -36) + factories.timedelta(1)).isoformat()
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title_code": "0502"}, "副高"),
    ({"title_code": "0101"}, "其他系列"),
    ({"specialty_code": "01001"}, "不是评委会所评系列的专业"),
    ({"title_since": SHORT, "employed_since": SHORT}, "3 年"),
    ({"employed_since": SHORT}, "3 年"),
    ({"employed_since": "2014-12-31"}, "聘任时间"),
    ({"title_since": "2999-01-01", "employed_since": "2999-01-01"}, "2999-01-01"),
    ({"title_since": "2015-02-30"}, "2015-02-30"),
    ({"title_since": ""}, "填写"),
    ({"committee_id": "999999"}, UNKNOWN),
    ({"committee_id": "一"}, UNKNOWN),
    ({"title_code": "x' OR 1=1 --"}, UNKNOWN),
    ({"specialty_code": "9" * 40}, UNKNOWN),
    ({"research": "工" * 201}, "200"),
    ({"research": "x\u200by"}, "U+200B"),
]  # fmt: skip


def test_row_34_wrong_applications_are_refused(
    applicant: FlaskClient, office: FlaskClient, committee: Committee, person: Person
) -> None:
    for wrong, named in WRONG:
        # what no register holds cannot stay chosen
        keeps = named != UNKNOWN
        desk.assert_refused(applicant, APPLY, applied(committee) | wrong, named, keeps=keeps)
        if "committee_id" not in wrong:
            typed = entered(committee, person) | wrong
            desk.assert_refused(office, ENTER, typed, named, keeps=keeps)


def test_row_34_excluded_people_are_refused_at_every_step(
    app: Flask,
    applicant: FlaskClient,
    office: FlaskClient,
    committee: Committee,
    person: Person,
    unit: Unit,
) -> None:
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    waiting = factories.expert(committee, person=person, state=ExpertState.APPLIED, **held())
    asked = factories.expert(
        committee, person=factories.person(unit=unit), state=ExpertState.RECOMMENDED, **held()
    )
    elsewhere = factories.committee(unit=committee.unit)
    for one in (person, asked.person):
        one.banned_until, one.ban_reason = factories.in_days(30), "列入严重失信主体名单"
    db.session.commit()
    named = "严重失信"

    desk.assert_refused(applicant, APPLY, applied(elsewhere), named)
    desk.assert_refused(office, ENTER, entered(committee, person), named)
    press = {"row": desk.row(waiting), "decision": "recommend"}
    desk.assert_refused(clerk, "/g/expert-recommendation/act/recommend", press, named)
    desk.assert_refused(office, AUDIT, admitted(asked), named)


def held() -> dict[str, Any]:
    return {
        "title_since": factories.date(2015, 1, 1),
        "employed_since": factories.date(2015, 1, 1),
    }


def admitted(expert: Expert, **typed: Any) -> dict[str, Any]:
    return {
        "row": desk.row(expert), "decision": "admit", "term_from": factories.today().isoformat(),
        "term_to": expert_rules.longest_term(factories.today()).isoformat(),
    } | typed  # fmt: skip


def test_row_34_who_was_removed_once_is_never_taken_again(
    applicant: FlaskClient, office: FlaskClient, committee: Committee, person: Person
) -> None:
    factories.expert(factories.committee(), person=person, state=ExpertState.REMOVED)

    desk.assert_refused(applicant, APPLY, applied(committee), "移出专家库")
    desk.assert_refused(office, ENTER, entered(committee, person), "移出专家库")


def test_row_34_nobody_is_in_a_pool_twice(
    applicant: FlaskClient, office: FlaskClient, committee: Committee, person: Person
) -> None:
    for state in (ExpertState.APPLIED, ExpertState.RECOMMENDED, ExpertState.ADMITTED):
        known = factories.expert(committee, person=person, state=state)
        desk.assert_refused(applicant, APPLY, applied(committee), "已在本专家库")
        desk.assert_refused(office, ENTER, entered(committee, person), "已在本专家库")
        db.session.delete(known)
        db.session.commit()


@pytest.mark.parametrize("employment", [Employment.RETIRED, Employment.CIVIL_SERVANT])
def test_row_34_those_out_of_work_are_refused(
    applicant: FlaskClient, committee: Committee, person: Person, employment: Employment
) -> None:
    person.employment = employment
    db.session.commit()

    desk.assert_refused(applicant, APPLY, applied(committee), "在职在岗")


def test_row_34_nobody_beyond_the_age_is_taken(
    applicant: FlaskClient, committee: Committee, person: Person
) -> None:
    person.birth_date = add_months(factories.today(), -12 * 66 - 1)
    db.session.commit()

    desk.assert_refused(applicant, APPLY, applied(committee), "法定退休年龄")
    desk.assert_refused(applicant, APPLY, applied(committee, is_scarce="y"), "法定退休年龄")


TERMS: list[tuple[dict[str, str], str]] = [
    ({"term_from": "2022-01-01", "term_to": "2026-12-31"}, "3 年"),
    ({"term_from": "2026-01-01", "term_to": "2029-01-01"}, "2028-12-31"),
    ({"term_from": "2026-12-31", "term_to": "2026-01-01"}, "3 年"),
    ({"term_from": "2020-01-01", "term_to": "2022-12-31"}, "2022-12-31"),
    ({"term_from": "2090-01-01", "term_to": "2092-12-31"}, "一年"),
    ({"term_from": "2026-02-30"}, "2026-02-30"),
    ({"term_from": "", "term_to": ""}, "聘期"),
]


def test_row_34_term_is_three_years_at_most(
    office: FlaskClient, committee: Committee, person: Person, unit: Unit
) -> None:
    asked = factories.expert(
        committee, person=factories.person(unit=unit), state=ExpertState.RECOMMENDED, **held()
    )

    for wrong, named in TERMS:
        desk.assert_refused(office, AUDIT, admitted(asked, **wrong), named)
        if any(wrong.values()):
            desk.assert_refused(office, ENTER, entered(committee, person, **wrong), named)


def test_row_34_decisions_against_somebody_need_a_reason(
    app: Flask, office: FlaskClient, committee: Committee, unit: Unit
) -> None:
    asked = factories.expert(
        committee, person=factories.person(unit=unit), state=ExpertState.RECOMMENDED
    )
    inside = factories.expert(committee)
    for opinion in ("", "  ", "无", "x" * 1001):
        press = {"row": desk.row(asked), "decision": "refuse", "opinion": opinion}
        desk.assert_refused(office, AUDIT, press)
        for button in ("leave_pool", "remove"):
            press = {"row": desk.row(inside), "opinion": opinion}
            desk.assert_refused(office, f"/g/1.4.1/act/{button}", press)
    for decision in ("apply", "enrol", "end_term", "", "x"):
        press = {"row": desk.row(asked), "decision": decision}
        assert office.post(AUDIT, data=press).status_code in (400, 422)


def test_row_34_leave_has_two_days_in_order(office: FlaskClient, committee: Committee) -> None:
    inside = factories.expert(committee)
    url, sound = "/g/1.4.1/act/leave", {"opinion": "外出访学一年"}
    for first, last in (("", ""), ("2030-01-02", "2030-01-01"), ("2020-01-01", "2020-02-01")):
        press = {"row": desk.row(inside), "leave_from": first, "leave_to": last} | sound
        desk.assert_refused(office, url, press)
    end = {"row": desk.row(inside)}
    desk.assert_refused(office, "/g/1.4.1/act/end_leave", end, "销假")
    desk.assert_refused_change(
        inside, leave_from=factories.in_days(3), leave_to=factories.in_days(2)
    )
    desk.assert_refused_change(inside, term_to=inside.term_from)
    desk.assert_refused_twin(inside)


def roster(*lines: list[Any]) -> io.BytesIO:
    headings = [column.heading for column in expert_roster.columns()]
    return workbooks.filled(
        expert_roster.KEY_SHEET, expert_roster.VERSION, *lines, headings=headings
    )


def test_row_34_roster_with_one_wrong_row_takes_nobody(
    office: FlaskClient, committee: Committee, person: Person, unit: Unit
) -> None:
    sound = [
        person.name, "居民身份证", person.id_number, "", "", "企业在职", unit.name, "0501", "2015-01-01", "2015-01-01",
        "05001", "数控", "否", "2026-01-01", "2028-12-31",
    ]  # fmt: skip
    sound[1], sound[5] = "resident", "enterprise"

    def changed(**cells: Any) -> list[Any]:
        return [cells.get(f"c{place}", value) for place, value in enumerate(sound)]

    other = factories.id_number()
    for wrong, named in (
        (changed(c7="0502", c2=other), "第4行"),
        (changed(c2=other, c13="2022-01-01", c14="2026-12-31"), "3 年"),
        (changed(c2=other[:-1]), "证件号码"),
        (changed(c2=430099198503071010.0), "文本"),
        (changed(c2=other, c6="没有的单位"), "没有的单位"),
        (changed(c2=other, c12="也许"), "也许"),
        (changed(c2=other, c10="=1+1"), "第4行：K列：此处是公式"),
        (sound, "第 3 行"),
        ([None] * 5 + ["x"] * 20, "第4行：P列"),
    ):
        typed = {"committee_id": committee.id, "file": (roster(sound, wrong), "名册.xlsx")}
        desk.assert_refused(office, IMPORT, typed, named)
    typed = {"committee_id": factories.committee().id, "file": (roster(sound), "名册.xlsx")}
    desk.assert_refused(office, IMPORT, typed, keeps=False)
