"""Rows 5 to 14 and 17: who may not apply for what is refused in a sentence that says what to do."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import engine
from app.enums import ApplicationState, ApplyMode, Employment, Level, Role, Sex, UnitKind
from app.extensions import db
from app.ground import clock
from app.models import Application, Person, Position
from tests.bad_input import desk
from tests.bad_input.applicant import TICKED, address, chosen, complete
from tests.services import dossiers
from tests.support import factories

YEAR = factories.today().year


def title(level: str, since: str = f"{YEAR - 6}-12-30", series: str = "05") -> dict[str, Any]:
    row = dossiers.ROWS["titles"][0]
    return row | {"level": level, "obtained_on": since, "series": series}


def is_refused(me: FlaskClient, application: Application, *says: str) -> None:
    """Nothing moves on the web and on the phone, and the sentence says `says`."""
    desk.assert_refused(me, address(application), TICKED, *says)
    desk.assert_refused(me, address(application).replace("/me", "/m"), TICKED, *says)
    assert application.state is ApplicationState.DRAFT


# 5, 6


def test_row_05_the_last_second_counts_and_the_next_one_does_not(
    app: Flask, person: Person
) -> None:
    application = complete(person)
    midnight = clock.start_of_day(application.batch.apply_end + timedelta(days=1))
    application.due_at = clock.end_of_day(application.batch.apply_end)
    db.session.commit()

    with time_machine.travel(midnight, tick=False) as now:
        me = desk.clerk(app, Role.APPLICANT, person=person)
        is_refused(me, application, str(application.batch.apply_end))
        now.move_to(midnight - timedelta(seconds=1))
        in_time = desk.at(app, db.session.scalars(select(Position)).one())
        page = in_time.get(address(application)).text
        answer = in_time.post(address(application), data=TICKED)

    assert "还剩 0 分钟" in page
    assert answer.status_code == 303
    assert application.state is ApplicationState.AT_UNIT


def test_row_05_the_first_second_counts_and_the_one_before_does_not(
    app: Flask, person: Person
) -> None:
    batch = factories.batch(apply_start=factories.in_days(2))
    position = factories.position(Role.APPLICANT, person=person)
    db.session.commit()
    opening = clock.start_of_day(batch.apply_start)

    with time_machine.travel(opening - timedelta(seconds=1), tick=False) as now:
        early = desk.at(app, position)
        desk.assert_refused(
            early, "/me/apply", chosen(batch, person), str(batch.apply_start), keeps=False
        )
        now.move_to(opening)
        answer = desk.at(app, position).post("/me/apply", data=chosen(batch, person))

    assert answer.status_code == 303


def test_row_06_two_tabs_begin_one_application(me: FlaskClient, person: Person) -> None:
    first, second = factories.batch(), factories.batch()
    db.session.commit()
    for batch in (first, second):
        assert me.get(f"/me/apply?batch={batch.id}&mode=normal&level=2").status_code == 200

    made = me.post("/me/apply", data=chosen(first, person))
    number = db.session.scalars(select(Application.number)).one()
    desk.assert_refused(me, "/me/apply", chosen(second, person), number)

    assert made.status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Application)) == 1


@pytest.mark.parametrize(
    "state", [ApplicationState.ENDED, ApplicationState.LAPSED, ApplicationState.FAILED]
)
def test_row_06_whoever_was_refused_waits_for_next_year(
    me: FlaskClient, person: Person, state: ApplicationState
) -> None:
    ended = factories.application(state, person=person)

    desk.assert_refused(me, "/me/apply", chosen(factories.batch(), person), ended.number, str(YEAR))


# 7, 8, 9


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"employment": Employment.RETIRED}, "离退休人员不得申报"),
        ({"employment": Employment.CIVIL_SERVANT}, "公务员"),
        ({"birth_date": date(YEAR - 66, 1, 1)}, "已超过65周岁"),
        (
            {"birth_date": date(YEAR - 66, 1, 1), "employment": Employment.FREELANCE},
            "已超过65周岁",
        ),
        ({"banned_until": date(2090, 1, 1), "ban_reason": "材料造假"}, "2090-01-01"),
    ],
)
def test_rows_07_to_09_who_may_not_apply_neither_begins_nor_hands_in(
    me: FlaskClient, person: Person, values: dict[str, Any], says: str
) -> None:
    application = complete(person)
    batch = factories.batch(review_year=YEAR + 1, apply_start=factories.in_days(-1))
    for name, value in values.items():
        setattr(person, name, value)
    db.session.commit()

    desk.assert_refused(me, "/me/apply", chosen(batch, person), says, keeps=False)
    is_refused(me, application, says)


@pytest.mark.parametrize("kind", [UnitKind.PUBLIC, UnitKind.AUTHORITY, UnitKind.STATE_FIRM])
@pytest.mark.parametrize("employment", [Employment.FREELANCE, Employment.ENTERPRISE])
def test_row_07_no_employment_leads_round_the_age_of_the_unit(
    me: FlaskClient, person: Person, kind: UnitKind, employment: Employment
) -> None:
    application = complete(person)
    application.unit.kind, person.employment = kind, employment
    person.birth_date = date(YEAR - 64, 1, 1)
    db.session.commit()

    is_refused(me, application, "已达到退休年龄")


@pytest.mark.parametrize("kind", [UnitKind.PUBLIC, UnitKind.AUTHORITY, UnitKind.STATE_FIRM])
def test_row_07_no_agency_leads_round_the_own_unit(
    me: FlaskClient, person: Person, kind: UnitKind
) -> None:
    agency = factories.unit("长沙市人才服务中心", kind=UnitKind.AGENCY)
    own = person.unit
    assert own is not None
    own.kind, person.employment = kind, Employment.FREELANCE
    db.session.commit()
    typed = chosen(factories.batch(), person) | {"unit_id": agency.id}

    desk.assert_refused(me, "/me/apply", typed, own.name, keeps=False)


def test_row_07_women_with_a_senior_title_go_on_longer(app: Flask, person: Person) -> None:
    assert person.unit is not None
    person.unit.kind = UnitKind.PUBLIC
    person.sex, person.birth_date = Sex.FEMALE, date(YEAR - 58, 1, 1)
    client = desk.clerk(app, Role.APPLICANT, person=person)
    middle = complete(person)

    is_refused(client, middle, "已达到退休年龄")
    middle.state = ApplicationState.WITHDRAWN
    senior = complete(person, {"titles": [title("2")]}, level=Level.SENIOR)
    answer = client.post(address(senior), data=TICKED)

    assert answer.status_code == 303, desk.sentences(desk.parse(answer.text))


def test_row_09_a_penalty_in_force_refuses(me: FlaskClient, person: Person) -> None:
    penalty = {
        "has_penalty": "yes", "penalty": "demerit", "penalty_from": f"{YEAR}-01-02", "penalty_until": "2090-01-01",
        "penalty_note": "处分决定", "has_dishonesty": "no", "is_declared": "y",
    }  # fmt: skip
    application = complete(person, {"conduct": [penalty]})

    is_refused(me, application, "处分影响期至2090-01-01")


def test_row_09_a_bar_is_asked_again_at_report_and_qualification_check(app: Flask) -> None:
    for state, event, role in (
        (ApplicationState.AT_UNIT, "check_pass", Role.UNIT),
        (ApplicationState.NOTICE_OVER, "report", Role.UNIT),
        (ApplicationState.AT_OFFICE, "office_pass", Role.OFFICE),
    ):
        application = factories.application(state)
        application.person.banned_until = factories.in_days(9)
        values = (
            {"committee": application.committee}
            if role is Role.OFFICE
            else {"unit": application.unit}
        )
        if event == "report":
            factories.notice([application], ends_on=factories.in_days(-1), state="over")
        actor = factories.actor(role, **values)

        why = engine.why_not(application, event, actor=actor, at=clock.now())

        assert str(factories.in_days(9)) in str(why), event


# 10, 11, 12


@pytest.mark.parametrize(
    ("level", "held", "says"),
    [
        (Level.SENIOR, [title("4")], "逐级"),
        (Level.SENIOR, [title("3")], "逐级"),
        (Level.ASSOCIATE, [], "逐级"),
        (Level.ASSOCIATE, [title("4")], "逐级"),
        (Level.MIDDLE, [title("5")], "逐级"),
        (Level.ASSOCIATE, [title("2")], "已"),
        (Level.ASSOCIATE, [title("3", series="03")], "转"),
    ],
)
def test_rows_10_and_11_titles_are_taken_step_by_step(
    me: FlaskClient, person: Person, level: Level, held: Any, says: str
) -> None:
    factories.series("03")

    is_refused(
        me, complete(person, {"titles": held}, level=level), says, "《职称评审管理暂行规定》"
    )


def test_row_10_an_exceptional_application_needs_its_proof(me: FlaskClient, person: Person) -> None:
    basis = {
        "clause": "获省部级奖励",
        "reason": "主持的项目获省科技进步一等奖。",
        "experts": "王某、李某",
    }
    application = complete(person, {"titles": [title("4")]}, mode=ApplyMode.EXCEPTIONAL)
    application.level = Level.SENIOR
    application.title_code = factories.title(Level.SENIOR).code
    dossiers.fill(application, exceptional=[basis], titles=[title("4")])
    for one in db.session.scalars(select(factories.Attachment).filter_by(kind="exceptional")):
        one.removed_at = clock.now()

    is_refused(me, application, "破格申报材料")


def test_row_11_a_change_of_series_keeps_the_level(me: FlaskClient, person: Person) -> None:
    factories.series("03")
    held = [title("3", series="03")]

    application = complete(person, {"titles": held}, mode=ApplyMode.TRANSFER)

    is_refused(me, application, "转")


@pytest.mark.parametrize(
    ("since", "degree", "says"),
    [
        (f"{YEAR - 4}-12-30", {}, f"{YEAR + 1}-12-30"),
        (f"{YEAR - 1}-12-31", {"level": "11", "degree": "2"}, f"{YEAR + 1}-12-31"),
        (f"{YEAR - 6}-12-30", {"level": "31", "degree": "0"}, "大学专科"),
    ],
)
def test_row_12_years_count_to_the_day_of_the_batch(
    me: FlaskClient, person: Person, since: str, degree: dict[str, str], says: str
) -> None:
    rows = {
        "titles": [title("3", since)],
        "education": [dossiers.ROWS["education"][0] | degree],
    }

    is_refused(me, complete(person, rows), says)


def test_row_12_years_reached_on_the_day_itself_do(me: FlaskClient, person: Person) -> None:
    application = complete(person, {"titles": [title("3", f"{YEAR - 5}-12-31")]})

    answer = me.post(address(application), data=TICKED)

    assert answer.status_code == 303, desk.sentences(desk.parse(answer.text))


# 13


@pytest.mark.parametrize(
    ("started", "ended"),
    [(f"{YEAR - 8}-01", f"{YEAR - 7}-02"), (f"{factories.today():%Y-%m}", "")],
)
def test_row_13_achievements_lie_between_title_and_cutoff(
    me: FlaskClient, person: Person, started: str, ended: str
) -> None:
    batch = factories.batch(material_cutoff=factories.in_days(-45))
    row = dossiers.ROWS["achievements"][0] | {"started": started, "ended": ended}

    is_refused(me, complete(person, {"achievements": [row]}, batch=batch), "业绩")


# 14


@pytest.mark.parametrize(
    "change",
    [
        {"title_code": "0302"},
        {"title_code": "0501"},
        {"specialty_code": "03001"},
        {"mode": "grassroots"},
        {"level": "9"},
        {"mode": "magic"},
    ],
)
def test_row_14_only_what_goes_together_begins(
    me: FlaskClient, person: Person, change: dict[str, str]
) -> None:
    factories.title(Level.ASSOCIATE, "03")
    factories.specialty("03001")
    batch = factories.batch()
    db.session.commit()
    before = desk.stored()

    answer = me.post("/me/apply", data=chosen(batch, person) | change)

    assert answer.status_code in (200, 422)
    assert desk.stored() == before


def test_row_14_a_lower_committee_judges_no_higher_level(me: FlaskClient, person: Person) -> None:
    batch = factories.batch(committee=factories.committee(level=Level.MIDDLE))

    desk.assert_refused(me, "/me/apply", chosen(batch, person), "高级", keeps=False)


# 17


@pytest.mark.parametrize(
    ("typed", "says"),
    [({}, "涉密"), ({"is_true": "y"}, "涉密"), ({"is_secret_free": "y"}, "承诺")],
)
def test_row_17_nothing_goes_in_unsigned(
    me: FlaskClient, person: Person, typed: dict[str, str], says: str
) -> None:
    application = complete(person)

    desk.assert_refused(me, address(application), typed, says)

    assert application.state is ApplicationState.DRAFT


# the table itself


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"number_years": "-3"}, "-3"),
        ({"number_years": "九"}, "九"),
        ({"number_years": "5.5"}, "5.5"),
        ({"code": "步骤"}, "小写字母"),
        ({"name": ""}, "填写"),
        ({"valid_to": "1999"}, "1999"),
        ({"valid_from": "2030", "valid_to": "2026"}, "早于起始年度"),
        ({"order": "1" * 30}, "1"),
    ],
)
def test_a_condition_that_does_not_do_is_not_stored(
    app: Flask, values: dict[str, str], says: str
) -> None:
    client = desk.clerk(app, Role.SYSADMIN)
    typed = {
        "code": "own_rule", "name": "工作满年限", "clause": "某规定", "number_years": "5",
        "valid_from": "2000", "valid_to": "", "order": "9", "is_active": "y",
    }  # fmt: skip

    desk.assert_refused(client, "/g/eligibility-rules/add?kind=years_at_work", typed | values, says)


def test_a_table_without_rows_is_not_stored(app: Flask) -> None:
    client = desk.clerk(app, Role.SYSADMIN)
    typed = {"code": "own_rule", "name": "学历年限", "number_counts_from": "title"}
    typed |= {
        "number_basic_adds": "0",
        "number_failed_adds": "0",
        "valid_from": "2000",
        "order": "9",
    }

    desk.assert_refused(
        client,
        "/g/eligibility-rules/add?kind=degree_and_years",
        typed,
        "学历对应年限表",
        keeps=False,
    )


def test_a_grassroots_title_goes_with_its_way_only(me: FlaskClient, person: Person) -> None:
    person.unit.kind = UnitKind.PUBLIC
    batch = factories.batch(modes=["normal"])

    desk.assert_refused(me, "/me/apply", chosen(batch, person, mode="grassroots"), keeps=False)
