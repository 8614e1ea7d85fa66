"""Rows 58 to 60, 63 and 64: who sees what, the log, the ID number, the calendar, the parameters of a batch."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import delete, text, update

from app.enums import ApplicationState, BatchState, Role
from app.extensions import db
from app.models import (
    Application,
    Attachment,
    AuditLog,
    Committee,
    Person,
    TransitionLog,
    WorkDay,
)
from app.services.files import attached_files
from app.services.ground.audit import audit
from tests.bad_input import desk
from tests.services.dossiers import picture
from tests.support import factories, world
from tests.support.pressing import LEADER, check_pass

REASON = "学历证书扫描件不清楚，请重新上传"


# 58


@pytest.fixture
def theirs(app: Flask) -> Application:
    """An application of a unit that the ones who ask have nothing to do with."""
    return factories.application(
        ApplicationState.AT_UNIT, unit=factories.unit("湘雅医院"), name="欧阳春华"
    )


PATHS = (
    "/g/1.1.1/check/{id}", "/g/1.1.2/{id}", "/g/1.1.3/{id}", "/g/1.1.4/{id}", "/g/1.2.1/{id}",
    "/g/1.2.1/all/{id}", "/api/v1/g/1.1.4/{id}", "/me/application/{id}/", "/file/{file}",
)  # fmt: skip


def test_row_58_record_out_of_scope_does_not_exist(app: Flask, theirs: Application) -> None:
    stored = attached_files.store(BytesIO(picture()), "证件照.png")
    attachment = factories.add(
        Attachment(
            subject_type="application",
            subject_id=theirs.id,
            kind="photo",
            name="a.png",
            file_id=stored.id,
        )
    )
    paths = [path.format(id=theirs.id, file=attachment.id) for path in PATHS]
    places = {
        Role.UNIT: {"unit": factories.unit()},
        Role.SUPERIOR: {"unit": factories.unit()},
        Role.OFFICE: {"committee": factories.committee()},
        Role.HRSS: {"unit": factories.unit(region_code="430700")},
        Role.APPLICANT: {"person": factories.person(unit=theirs.unit)},
        Role.SYSADMIN: {},
    }

    for role, place in places.items():
        position = factories.position(role, **place)
        client, secret = desk.at(app, position), world.token(factories.actor_of(position))
        for path in paths:
            headers = world.bearer(secret) if path.startswith("/api/") else {}
            answer = client.get(path, headers=headers)
            assert answer.status_code in (403, 404), (role, path)
            assert theirs.name not in answer.text
    anonymous = app.test_client()
    for path in paths:
        answer = anonymous.get(path)
        assert answer.status_code in (302, 401), path
    desk.assert_refused(
        anonymous, "/g/1.1.1/check/act/audit", {"row": desk.row(theirs)}, status=401
    )


def test_row_58_lists_exports_and_lookups_stay_in_scope(app: Flask, theirs: Application) -> None:
    own = factories.unit()
    mine = factories.application(ApplicationState.AT_UNIT, unit=own)
    position = factories.position(Role.UNIT, unit=own)
    clerk, secret = desk.at(app, position), world.token(factories.actor_of(position))
    forged = f"q.unit={theirs.unit_id}&q.name={theirs.name}&unit_id={theirs.unit_id}&_flt_0_unit={theirs.unit_id}"

    for query in ("", f"?{forged}", "?sort=name&dir=desc", "?size=99999"):
        pages = [
            clerk.get(f"/g/1.1.4/{query}").text,
            clerk.get(f"/api/v1/g/1.1.4/{query}", headers=world.bearer(secret)).text,
            cells(clerk.get(f"/g/1.1.4/export.xlsx{query}").data),
        ]
        assert not any(theirs.number in page for page in pages), query
    assert mine.number in clerk.get("/g/1.1.4/").text
    for query in ("q.person_id=1", "q.phone=1", "q.person.id_number=4", "sort=id_index", "sort=person.id_number",
                  "page=0", "page=x", "size=-1", "dir=up", "q.submitted_at.from=x", "q.unit=x", "q.state=x"):  # fmt: skip
        desk.assert_answer(clerk, clerk.get(f"/g/1.1.4/?{query}"), 400)


def cells(workbook: bytes) -> str:
    """Return all cells of the first sheet as one text."""
    sheet = load_workbook(BytesIO(workbook), read_only=True).worksheets[0]
    return "\n".join(str(cell) for line in sheet.values for cell in line)


# 59


def test_row_59_logs_are_never_changed(app: Flask) -> None:
    unit = factories.unit()
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    passed = clerk.post(
        "/g/1.1.1/check/act/audit", data={"row": desk.row(case), **check_pass(case)}
    )
    assert passed.status_code == 303
    audit("sign_in", subject="x")
    log = db.session.query(TransitionLog).one()

    for model in (TransitionLog, AuditLog):
        desk.assert_refused_by_database(update(model).values(actor_name="别人"))
        desk.assert_refused_by_database(delete(model))
    desk.assert_refused_by_database(
        text("UPDATE transition_log SET opinion = 'x' WHERE id = 0 OR 1 = 1")
    )
    auditor = desk.clerk(app, Role.AUDITOR)
    for address in (
        "/g/acts/add",
        f"/g/acts/{log.id}/edit",
        "/g/acts/act/delete",
        f"/g/acts/delete/{log.id}",
    ):
        desk.assert_refused(
            auditor, address, {"row": f"{log.id}:0"}, status=auditor.post(address).status_code
        )
        assert auditor.post(address).status_code in (403, 404, 405)


# 60


def test_row_60_id_number_is_shown_to_nobody_it_does_not_concern(app: Flask) -> None:
    unit, county, bureau = factories.unit(), factories.unit(), factories.unit(region_code="430000")
    committee = factories.committee(unit=bureau)
    person = factories.person("欧阳春华", unit=unit)
    case = factories.application(
        ApplicationState.AT_OFFICE,
        unit=unit,
        person=person,
        batch=factories.batch(committee=committee),
        superiors=(county,),
    )
    notice = factories.notice([case])
    plan = factories.plan(batch=case.batch)
    issued = factories.certificate(case)
    shown = factories.notice([case], plan=plan)
    pages = {
        Role.UNIT: ({"unit": unit}, ["/g/1.1.4/", "/g/1.1.4/export.xlsx", f"/g/1.1.1/{notice.id}/sheet", f"/g/1.1.1/{notice.id}"]),
        Role.SUPERIOR: ({"unit": county}, ["/g/1.1.4/", f"/g/1.1.4/{case.id}"]),
        Role.OFFICE: ({"committee": committee}, ["/g/1.2.1/", "/g/1.2.1/all/export.xlsx", f"/g/1.2.6/{shown.id}/sheet"]),
        Role.HRSS: ({"unit": bureau}, ["/g/1.7.1/", "/g/1.7.1/export.xlsx", f"/g/1.7.1/{issued.id}"]),
    }  # fmt: skip

    for role, (place, paths) in pages.items():
        client = desk.clerk(app, role, **place)
        for path in paths:
            answer = client.get(path)
            said = cells(answer.data) if path.endswith("xlsx") else answer.text
            assert answer.status_code == 200, path
            assert case.name in said or issued.name in said, path
            assert not any(secret in said for secret in secrets_of(person)), path
    anonymous = app.test_client().get(f"/public/notices/{shown.id}").text
    assert not any(secret in anonymous for secret in secrets_of(person))


def secrets_of(person: Person) -> list[str]:
    return [person.id_number, person.id_number[6:14], str(person.phone), person.id_index]


def test_row_60_part_of_an_id_number_finds_nobody(app: Flask) -> None:
    unit = factories.unit()
    person = factories.person(unit=unit)
    case = factories.application(ApplicationState.AT_UNIT, unit=unit, person=person)
    clerk, number = desk.clerk(app, Role.UNIT, unit=unit), person.id_number

    def found(typed: str) -> bool:
        answer = clerk.post("/g/1.1.4/search", data={"q.id_number": typed})
        assert number not in answer.location
        return case.number in clerk.get(answer.location).text

    assert found(f" {number[:6]} {number[6:].lower()} ")
    for part in (
        number[:6],
        number[6:14],
        number[-4:],
        number[:17],
        f"{number[:17]}%",
        number + "0",
        "______",
    ):
        assert not found(part), part


def test_row_60_id_number_is_encrypted_at_rest(app: Flask) -> None:
    person = factories.person(unit=factories.unit())
    secret = secrets_of(person)[:3]
    db.session.commit()

    raw = str(db.session.execute(text("SELECT * FROM person")).all())

    assert not any(part in raw for part in (secret[0], secret[2]))


# 63


@pytest.fixture
def unknown_future(official_calendar: None) -> None:
    """The working calendar ends today."""
    db.session.execute(delete(WorkDay).where(WorkDay.day > factories.today()))


@pytest.mark.usefixtures("unknown_future")
def test_row_63_nothing_is_counted_beyond_the_calendar(app: Flask) -> None:
    unit, committee = factories.unit(), factories.committee()
    batch = factories.batch(committee=committee)
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    office = desk.clerk(app, Role.OFFICE, committee=committee)
    checked = factories.application(ApplicationState.CHECKED, unit=unit, batch=batch)
    at_office = factories.application(ApplicationState.AT_OFFICE, batch=batch)
    factories.application(ApplicationState.QUALIFIED, batch=batch)
    named = factories.notice([factories.application(ApplicationState.IN_NOTICE, unit=unit)])
    passed = factories.plan(batch=batch, state="concluded", voted_on=factories.today())
    factories.application(ApplicationState.PASSED, plan=passed)
    said = "工作日"
    today, year = factories.today().isoformat(), str(factories.today().year)
    notice = {
        "title": "职称申报公示",
        "place": "公告栏",
        "contact": "王芳",
        "phone": "0731-12345678",
        "starts_on": today,
    }
    plan = {
        "batch_id": batch.id, "name": "高级评审会", "mode": "offline", "place": "长沙", "seats": "25",
        "opens_on": factories.in_days(60).isoformat(), "closes_on": factories.in_days(62).isoformat(),
        "steps": ["opinion", "vote"], "senior_cap": "40", "associate_cap": "55", "over_cap": "rank", "pick": "all",
    }  # fmt: skip
    objection = {
        "item_id": named.items[0].id, "content": "论文不是本人所写", "received_on": today, "received_time": "00:00",
    }  # fmt: skip
    correction = {
        "row": desk.row(at_office), "decision": "ask_correction", "opinion": REASON, **LEADER,
        "items-0-section": "education", "items-0-text": REASON,
    }  # fmt: skip

    assert clerk.get("/g/1.1.1/add").status_code == 200
    for client, url, typed in (
        (clerk, "/g/1.1.1/add", notice | {"application_ids": [checked.id]}),
        (clerk, "/g/1.1.1/objections/add", objection),
        (office, "/g/1.2.1/act/audit", correction),
        (office, "/g/1.2.2/add", plan),
        (office, "/g/1.2.6/add", notice | {"plan_id": passed.id}),
    ):
        desk.assert_refused(client, url, typed, said, year)


def test_row_63_far_days_are_refused_in_words(app: Flask) -> None:
    unit = factories.unit()
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    case = factories.application(ApplicationState.CHECKED, unit=unit)
    notice = {
        "title": "职称申报公示", "place": "公告栏", "contact": "王芳", "phone": "0731-12345678",
        "application_ids": [case.id],
    }  # fmt: skip

    for day, named in (
        ("2090-01-03", "2090"),
        ("2100-12-31", "21"),
        ("2101-01-01", "2101"),
        ("9999-12-31", "9999"),
        ("0000-00-00", "0000"),
    ):
        desk.assert_refused(clerk, "/g/1.1.1/add", notice | {"starts_on": day}, named)


# 64


def batch_form(committee: Committee, **typed: Any) -> dict[str, Any]:
    ends = {"apply_start": 0, "apply_end": 10, "resubmit_end": 20, "unit_end": 30, "superior_end": 40,
            "office_end": 50, "material_cutoff": 10}  # fmt: skip
    return {
        "committee_id": committee.id, "name": "高级评审批次", "review_year": factories.today().year,
        "modes": ["normal", "green"], "levels": ["2", "1"], "seniority_date": f"{factories.today().year}-12-31",
        "senior_cap": "40", "associate_cap": "55", **{name: day(count) for name, count in ends.items()},
    } | typed  # fmt: skip


def day(count: int) -> str:
    return factories.in_days(count).isoformat()


WRONG_BATCHES: list[dict[str, Any]] = [
    {"apply_end": day(60), "material_cutoff": day(10)},
    {"apply_end": day(-1), "material_cutoff": day(-1)},
    {"apply_start": day(11)},
    {"resubmit_end": day(9)},
    {"unit_end": day(19)},
    {"superior_end": day(29)},
    {"office_end": day(39)},
    {"material_cutoff": day(11)},
    {"seniority_date": "1999-12-31"},
    {"review_year": "2010"},
    {"review_year": "20260"},
    {"review_year": "两千"},
    {"senior_cap": "140"},
    {"senior_cap": "-1"},
    {"associate_cap": "55.5"},
    {"associate_cap": "101"},
    {"associate_cap": ""},
    {"office_end": "2026-02-30"},
    {"office_end": ""},
    {"levels": []},
    {"levels": ["9"]},
    {"modes": []},
    {"required_materials": ["no_such"]},
    {"committee_id": "424242"},
    {"name": "批"},
]


def test_row_64_parameters_of_a_batch_must_agree(app: Flask, committee: Committee) -> None:
    office = desk.clerk(app, Role.OFFICE, committee=committee)

    for wrong in WRONG_BATCHES:
        desk.assert_refused(office, "/g/1.4.2/add", batch_form(committee, **wrong))
    elsewhere = factories.committee()
    desk.assert_refused(office, "/g/1.4.2/add", batch_form(elsewhere), keeps=False)


def test_row_64_one_open_batch_a_year(app: Flask, committee: Committee) -> None:
    office = desk.clerk(app, Role.OFFICE, committee=committee)
    authority = desk.clerk(app, Role.HRSS, unit=factories.unit(region_code="430000"))
    first = factories.batch(committee=committee)
    waiting = factories.batch(committee=committee, state=BatchState.SUBMITTED)
    agree = {"row": desk.row(waiting), "decision": "agree"}

    desk.assert_refused(office, "/g/1.4.2/add", batch_form(committee), first.name)
    desk.assert_refused(authority, "/g/1.4.2/act/audit", agree, first.name)
    desk.assert_refused(
        authority, "/g/1.4.2/act/close", {"row": desk.row(first)}, str(first.apply_end)
    )
    desk.assert_refused_change(waiting, state="open")


CONTRADICTIONS: list[dict[str, Any]] = [
    {"apply_end": factories.in_days(-99)},
    {"resubmit_end": factories.in_days(-99)},
    {"unit_end": factories.in_days(-99)},
    {"superior_end": factories.in_days(-99)},
    {"office_end": factories.in_days(-99)},
    {"material_cutoff": factories.in_days(99)},
    {"senior_cap": 140},
    {"associate_cap": -1},
    {"review_year": 1999},
]


def test_row_64_contradictions_are_refused_by_the_database(committee: Committee) -> None:
    batch = factories.batch(committee=committee)

    for contradiction in CONTRADICTIONS:
        desk.assert_refused_change(batch, **contradiction)
