"""Chapter 1.1 through HTTP: own rows move, other rows do not exist, refusals keep what was typed."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.enums import ApplicationState, NoticeKind, NoticeState, ObjectionState, Role, UnitKind
from app.ground import clock
from app.models import Application, Attachment, Notice, Objection, TransitionLog, Unit
from app.services.review import notices, routing
from tests.bad_input.forms import notice as notice_form
from tests.support import factories
from tests.support.counting import statements_of
from tests.support.pressing import LEADER, check_pass, returned
from tests.support.signing import client_of

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
    b"0000000105 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n172\n%%EOF\n"
)


@pytest.fixture(autouse=True)
def official_calendar(app: Flask) -> None:
    factories.work_days()


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit("长沙机床厂")


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return client_of(app, factories.position(Role.UNIT, unit=unit))


def press(client: FlaskClient, url: str, *records: Any, **typed: Any) -> Any:
    rows = [f"{record.id}:{record.version}" for record in records]
    return client.post(url, data={"row": rows, **LEADER, **typed})


# who may enter

PAGES = {
    "/g/1.1.1/": {Role.UNIT},
    "/g/1.1.1/check/": {Role.UNIT},
    "/g/1.1.1/objections/": {Role.UNIT},
    "/g/1.1.1/add": {Role.UNIT},
    "/g/1.1.2/": {Role.UNIT},
    "/g/1.1.2/summary": {Role.UNIT},
    "/g/1.1.3/": {Role.SUPERIOR},
    "/g/1.1.3/summary": {Role.SUPERIOR},
    "/g/1.1.4/": {Role.UNIT, Role.SUPERIOR, Role.HRSS},
}


@pytest.mark.parametrize("role", list(Role))
def test_pages_open_for_their_roles_alone(role: Role, app: Flask) -> None:
    place = {} if role.is_maintenance or role is Role.APPLICANT else {"unit": factories.unit()}
    client = client_of(app, factories.position(role, **place))

    statuses = {page: client.get(page).status_code for page in PAGES}

    assert statuses == {page: 200 if role in roles else 403 for page, roles in PAGES.items()}


@pytest.mark.parametrize(
    "url", ["/g/1.1.1/check/act/audit", "/g/1.1.2/act/report", "/g/1.1.3/act/audit"]
)
def test_acts_of_another_role_are_forbidden(app: Flask, url: str) -> None:
    record = factories.application(ApplicationState.AT_UNIT)
    client = client_of(app, factories.position(Role.HRSS, unit=factories.unit()))

    assert press(client, url, record).status_code == 403
    assert record.state is ApplicationState.AT_UNIT


# the first check


def test_check_lists_and_passes_own_applications(clerk: FlaskClient, unit: Unit) -> None:
    own, strange = (
        factories.application(ApplicationState.AT_UNIT, unit=unit),
        factories.application(ApplicationState.AT_UNIT),
    )

    page = clerk.get("/g/1.1.1/check/")
    answer = press(clerk, "/g/1.1.1/check/act/audit", own, **check_pass(own))

    assert own.number in page.text
    assert strange.number not in page.text
    assert answer.status_code == 303
    assert own.state is ApplicationState.CHECKED


def test_check_of_another_units_application_does_not_exist(clerk: FlaskClient) -> None:
    strange = factories.application(ApplicationState.AT_UNIT)

    answers = [
        press(clerk, "/g/1.1.1/check/act/audit", strange, **check_pass(strange)),
        clerk.get(f"/g/1.1.1/check/act/audit?pk={strange.id}"),
        clerk.get(f"/g/1.1.1/check/{strange.id}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert strange.state is ApplicationState.AT_UNIT


def test_check_of_one_own_and_one_strange_application_moves_none(
    clerk: FlaskClient, unit: Unit
) -> None:
    own, strange = (
        factories.application(ApplicationState.AT_UNIT, unit=unit),
        factories.application(ApplicationState.AT_UNIT),
    )

    answer = press(clerk, "/g/1.1.1/check/act/audit", own, strange, **check_pass(own, strange))

    assert answer.status_code == 404
    assert (own.state, strange.state) == (ApplicationState.AT_UNIT, ApplicationState.AT_UNIT)


def test_check_return_keeps_reasons_by_section(clerk: FlaskClient, unit: Unit) -> None:
    record = factories.application(ApplicationState.AT_UNIT, unit=unit)
    answer = press(
        clerk,
        "/g/1.1.1/check/act/audit",
        record,
        opinion="论文材料不完整，请补充",
        **returned(record, "papers", "第二篇缺刊号"),
    )

    assert answer.status_code == 303
    assert record.state is ApplicationState.RETURNED
    assert record.returned_sections == {"papers": "第二篇缺刊号", "": "论文材料不完整，请补充"}


@pytest.mark.parametrize("opinion", ["……", "无"])
def test_check_return_with_an_opinion_that_says_nothing_keeps_what_was_typed(
    clerk: FlaskClient, unit: Unit, opinion: str
) -> None:
    record = factories.application(ApplicationState.AT_UNIT, unit=unit)

    answer = press(
        clerk,
        "/g/1.1.1/check/act/audit",
        record,
        opinion=opinion,
        **returned(record, "papers", "第二篇缺刊号"),
    )

    assert answer.status_code == 422
    assert "第二篇缺刊号" in answer.text
    assert record.state is ApplicationState.AT_UNIT


def test_check_return_refuses_a_section_without_its_reason(clerk: FlaskClient, unit: Unit) -> None:
    record = factories.application(ApplicationState.AT_UNIT, unit=unit)

    answer = press(
        clerk,
        "/g/1.1.1/check/act/audit",
        record,
        opinion="论文材料不完整，请补充",
        **returned(record, "papers", ""),
    )

    assert answer.status_code == 422
    assert "at least one section" in answer.text
    assert "论文材料不完整，请补充" in answer.text
    assert record.state is ApplicationState.AT_UNIT


def test_check_by_a_second_clerk_is_told_who_was_faster(
    app: Flask, clerk: FlaskClient, unit: Unit
) -> None:
    record = factories.application(ApplicationState.AT_UNIT, unit=unit)
    other = client_of(app, factories.position(Role.UNIT, unit=unit))
    seen = {"row": [f"{record.id}:{record.version}"], **check_pass(record)}

    first = clerk.post("/g/1.1.1/check/act/audit", data=seen)
    second = other.post("/g/1.1.1/check/act/audit", data=seen)

    assert (first.status_code, second.status_code) == (303, 422)
    assert "Already dealt with" in second.text


# the notice


def test_notice_is_opened_with_a_computed_end(
    clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    chosen = factories.application(ApplicationState.CHECKED, unit=unit)

    answer = clerk.post("/g/1.1.1/add", data=notice_form(chosen, ends_on="2099-01-01"))

    assert answer.status_code == 303
    notice = session.query(Notice).one()
    assert notice.ends_on == notices.last_day(NoticeKind.UNIT, factories.today())
    assert chosen.state is ApplicationState.IN_NOTICE
    assert clerk.get(answer.location).status_code == 200


def test_notice_offers_own_checked_applications_only(clerk: FlaskClient, unit: Unit) -> None:
    own = factories.application(ApplicationState.CHECKED, unit=unit)
    others = [
        factories.application(ApplicationState.CHECKED),
        factories.application(ApplicationState.AT_UNIT, unit=unit),
    ]

    page = clerk.get("/g/1.1.1/add").text
    answer = clerk.post("/g/1.1.1/add", data=notice_form(own, *others))

    assert own.number in page
    assert not any(one.number in page for one in others)
    assert answer.status_code == 422
    assert own.state is ApplicationState.CHECKED


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_on": "2001-01-01"},
        {"starts_on": "morgen"},
        {"phone": "x"},
        {"place": ""},
        {"application_ids": []},
        {"application_ids": ["99999999999999999999"]},
    ],
)
def test_refused_notice_keeps_what_was_typed(
    clerk: FlaskClient, unit: Unit, session: Session, wrong: dict[str, Any]
) -> None:
    chosen = factories.application(ApplicationState.CHECKED, unit=unit)

    answer = clerk.post("/g/1.1.1/add", data=notice_form(chosen) | wrong)

    assert answer.status_code == 422
    assert "2026年职称申报公示" in answer.text
    assert session.query(Notice).count() == 0
    assert chosen.state is ApplicationState.CHECKED


def test_notice_after_the_units_deadline_needs_the_tick(clerk: FlaskClient, unit: Unit) -> None:
    day = factories.today()
    batch = factories.batch(
        apply_end=day, resubmit_end=day, material_cutoff=day, unit_end=factories.in_days(1)
    )
    chosen = factories.application(ApplicationState.CHECKED, unit=unit, batch=batch)

    warned = clerk.post("/g/1.1.1/add", data=notice_form(chosen))
    accepted = clerk.post("/g/1.1.1/add", data=notice_form(chosen, accept_late="y"))

    assert warned.status_code == 422
    assert batch.unit_end.isoformat() in warned.text
    assert accepted.status_code == 303
    assert chosen.state is ApplicationState.IN_NOTICE


def test_notice_where_the_calendar_is_unknown_is_refused_in_words(
    clerk: FlaskClient, unit: Unit
) -> None:
    chosen = factories.application(ApplicationState.CHECKED, unit=unit)

    answer = clerk.post("/g/1.1.1/add", data=notice_form(chosen, starts_on="2090-01-03"))

    assert answer.status_code == 422
    assert "calendar for 2090" in answer.text


def test_notice_sheet_shows_name_unit_and_title_but_no_number(
    clerk: FlaskClient, unit: Unit
) -> None:
    record = factories.application(ApplicationState.IN_NOTICE, unit=unit)
    notice = factories.notice([record])

    sheet = clerk.get(f"/g/1.1.1/{notice.id}/sheet").text

    assert all(word in sheet for word in (record.name, unit.name, record.title.name))
    assert record.person.id_number not in sheet
    assert record.number not in sheet
    assert str(record.person.phone) not in sheet


def test_another_units_notice_does_not_exist(clerk: FlaskClient) -> None:
    strange = factories.notice([factories.application(ApplicationState.IN_NOTICE)])

    answers = [
        clerk.get(f"/g/1.1.1/{strange.id}"),
        clerk.get(f"/g/1.1.1/{strange.id}/sheet"),
        press(clerk, "/g/1.1.1/act/cancel", strange, opinion="名单有误，重新公示"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert strange.state is NoticeState.RUNNING


def test_notice_is_cancelled_with_a_reason(clerk: FlaskClient, unit: Unit) -> None:
    record = factories.application(ApplicationState.IN_NOTICE, unit=unit)
    notice = factories.notice([record])

    refused = press(clerk, "/g/1.1.1/act/cancel", notice, opinion="无")
    answer = press(clerk, "/g/1.1.1/act/cancel", notice, opinion="名单有误，重新公示")

    assert (refused.status_code, answer.status_code) == (422, 303)
    assert (notice.state, record.state) == (NoticeState.CANCELLED, ApplicationState.CHECKED)


# objections


def objection_form(notice: Notice, **typed: Any) -> dict[str, Any]:
    when = clock.local(clock.now() - timedelta(minutes=5))
    return {
        "item_id": str(notice.items[0].id),
        "content": "第二篇论文不是本人所写",
        "author": "赵铁柱",
        "contact": "13900000000",
        "received_on": f"{when:%Y-%m-%d}",
        "received_time": f"{when:%H:%M}",
    } | typed


@pytest.fixture
def notice(unit: Unit) -> Notice:
    return factories.notice([factories.application(ApplicationState.IN_NOTICE, unit=unit)])


def test_objection_is_registered_and_settled(
    clerk: FlaskClient, notice: Notice, session: Session
) -> None:
    record = notice.items[0].application

    saved = clerk.post("/g/1.1.1/objections/add", data=objection_form(notice))
    objection = session.query(Objection).one()
    assert saved.status_code == 303
    assert record.state is ApplicationState.DISPUTED
    assert "赵铁柱" in clerk.get(saved.location).text

    settled = press(
        clerk,
        "/g/1.1.1/objections/act/settle",
        objection,
        decision="reject",
        opinion="经核查，论文确为本人撰写",
    )
    assert settled.status_code == 303
    assert (objection.state, record.state) == (ObjectionState.REJECTED, ApplicationState.IN_NOTICE)


def test_objection_keeps_its_evidence(clerk: FlaskClient, notice: Notice, session: Session) -> None:
    typed = objection_form(notice, evidence=(io.BytesIO(PDF), "证据.pdf"))

    answer = clerk.post("/g/1.1.1/objections/add", data=typed)

    assert answer.status_code == 303
    kept = session.query(Attachment).filter_by(subject_type="objection").one()
    assert kept.name == "证据.pdf"
    assert "证据.pdf" in clerk.get(answer.location).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"received_time": "25:00"},
        {"received_on": "2001-01-01"},
        {"item_id": "0"},
        {"content": ""},
        {"evidence": (io.BytesIO(b"MZ\x90\x00"), "x.pdf")},
    ],
)
def test_refused_objection_keeps_what_was_typed(
    clerk: FlaskClient, notice: Notice, session: Session, wrong: dict[str, Any]
) -> None:
    answer = clerk.post("/g/1.1.1/objections/add", data=objection_form(notice) | wrong)

    assert answer.status_code == 422
    assert "赵铁柱" in answer.text
    assert session.query(Objection).count() == 0
    assert notice.items[0].application.state is ApplicationState.IN_NOTICE


def test_another_units_objection_does_not_exist(clerk: FlaskClient) -> None:
    record = factories.application(ApplicationState.DISPUTED)
    objection = factories.objection(factories.notice([record]), record)

    answers = [
        clerk.get(f"/g/1.1.1/objections/{objection.id}"),
        press(
            clerk,
            "/g/1.1.1/objections/act/settle",
            objection,
            decision="reject",
            opinion="经核查不属实",
        ),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert (objection.state, record.state) == (ObjectionState.OPEN, ApplicationState.DISPUTED)


# the report


def ready(unit: Unit, *superiors: Unit) -> Application:
    record = factories.application(
        ApplicationState.NOTICE_OVER,
        unit=unit,
        superiors=superiors,
        submitted_at=clock.now() - timedelta(days=20),
    )
    factories.notice([record], ends_on=factories.in_days(-1))
    return record


def test_report_uploads_the_proof_and_goes_up(
    clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    county = factories.unit()
    people = [ready(unit, county), ready(unit)]

    answer = press(
        clerk,
        "/g/1.1.2/act/report",
        *people,
        recommendation="业绩突出，同意推荐",
        proof=(io.BytesIO(PDF), "公示证明.pdf"),
    )

    assert answer.status_code == 303
    assert [one.state for one in people] == [
        ApplicationState.AT_SUPERIOR,
        ApplicationState.AT_OFFICE,
    ]
    kept = session.query(Attachment).filter_by(kind=routing.PROOF).all()
    assert {one.subject_id for one in kept} == {one.id for one in people}
    logs = session.query(TransitionLog).filter_by(event="report").count()
    assert logs == 2


def test_report_refuses_all_when_one_has_an_open_objection(
    clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    good, bad = ready(unit), ready(unit)
    factories.objection(factories.notice([bad], ends_on=factories.in_days(-1)), bad)

    answer = press(
        clerk,
        "/g/1.1.2/act/report",
        good,
        bad,
        recommendation="业绩突出，同意推荐",
        proof=(io.BytesIO(PDF), "公示证明.pdf"),
    )

    assert answer.status_code == 422
    assert "业绩突出，同意推荐" in answer.text
    assert "They must be settled first." in answer.text
    assert (good.state, bad.state) == (ApplicationState.NOTICE_OVER, ApplicationState.NOTICE_OVER)
    assert session.query(Attachment).count() == 0


@pytest.mark.parametrize(
    "typed",
    [
        {"recommendation": ""},
        {"recommendation": "同意推荐"},
        {"recommendation": "同意推荐", "proof": (io.BytesIO(b"nothing"), "x.pdf")},
    ],
)
def test_report_without_words_or_proof_is_refused(
    clerk: FlaskClient, unit: Unit, typed: dict[str, Any]
) -> None:
    record = ready(unit)

    answer = press(clerk, "/g/1.1.2/act/report", record, **typed)

    assert answer.status_code == 422
    assert typed["recommendation"] in answer.text
    assert record.state is ApplicationState.NOTICE_OVER


def test_report_of_another_units_application_does_not_exist(clerk: FlaskClient) -> None:
    strange = ready(factories.unit())

    answer = press(clerk, "/g/1.1.2/act/report", strange, recommendation="同意推荐")

    assert answer.status_code == 404
    assert strange.state is ApplicationState.NOTICE_OVER


def test_report_detail_shows_the_post_balance_of_public_institutions(app: Flask) -> None:
    school = factories.unit(kind=UnitKind.PUBLIC)
    factories.quota(school, granted=2, used=1)
    client = client_of(app, factories.position(Role.UNIT, unit=school))

    page = client.get(f"/g/1.1.2/{ready(school).id}")

    assert page.status_code == 200
    assert "Granted 2, used 1, left 1." in page.text


def test_summary_lists_recommended_people_of_the_unit(clerk: FlaskClient, unit: Unit) -> None:
    shown = [ready(unit), factories.application(ApplicationState.AT_OFFICE, unit=unit)]
    hidden = [
        factories.application(ApplicationState.AT_UNIT, unit=unit),
        factories.application(ApplicationState.AT_OFFICE),
    ]

    page = clerk.get("/g/1.1.2/summary").text

    assert all(one.number in page for one in shown)
    assert not any(one.number in page for one in hidden)


# the superior unit


@pytest.fixture
def county(app: Flask) -> Unit:
    return factories.unit("岳麓区人社局", kind=UnitKind.AUTHORITY)


@pytest.fixture
def superior(app: Flask, county: Unit) -> FlaskClient:
    return client_of(app, factories.position(Role.SUPERIOR, unit=county))


def test_superior_passes_what_it_holds(superior: FlaskClient, county: Unit) -> None:
    people = [
        factories.application(ApplicationState.AT_SUPERIOR, superiors=(county,)) for _ in range(2)
    ]

    page = superior.get("/g/1.1.3/").text
    answer = press(superior, "/g/1.1.3/act/audit", *people, decision="superior_pass")

    assert all(one.number in page for one in people)
    assert answer.status_code == 303
    assert [one.state for one in people] == [ApplicationState.AT_OFFICE, ApplicationState.AT_OFFICE]


@pytest.mark.parametrize(
    ("way", "state"),
    [("superior_return", ApplicationState.RETURNED), ("superior_end", ApplicationState.ENDED)],
)
def test_superior_refuses_in_two_ways(
    superior: FlaskClient, county: Unit, way: str, state: ApplicationState
) -> None:
    record = factories.application(ApplicationState.AT_SUPERIOR, superiors=(county,))

    silent = press(superior, "/g/1.1.3/act/audit", record, decision="refuse", way=way)
    answer = press(
        superior,
        "/g/1.1.3/act/audit",
        record,
        decision="refuse",
        way=way,
        opinion="公示时间不足五个工作日",
    )

    assert (silent.status_code, answer.status_code) == (422, 303)
    assert record.state is state


def test_superior_sees_nothing_before_it_arrives_nor_of_another_branch(
    superior: FlaskClient, county: Unit
) -> None:
    lower = factories.unit()
    coming = factories.application(ApplicationState.AT_SUPERIOR, superiors=(lower, county))
    strange = factories.application(ApplicationState.AT_SUPERIOR, superiors=(factories.unit(),))

    lists = [superior.get(page).text for page in ("/g/1.1.3/", "/g/1.1.4/")]
    answers = [
        press(superior, "/g/1.1.3/act/audit", one, decision="superior_pass")
        for one in (coming, strange)
    ]

    assert not any(one.number in page for one in (coming, strange) for page in lists)
    assert [answer.status_code for answer in answers] == [404, 404]
    assert (coming.state, strange.state) == (
        ApplicationState.AT_SUPERIOR,
        ApplicationState.AT_SUPERIOR,
    )


# the query


def test_query_shows_each_role_its_scope(app: Flask, unit: Unit, county: Unit) -> None:
    own = factories.application(ApplicationState.AT_UNIT, unit=unit)
    passed = factories.application(ApplicationState.AT_OFFICE, unit=unit, superiors=(county,))
    other = factories.application(
        ApplicationState.AT_OFFICE, unit=factories.unit(region_code="430700")
    )
    draft = factories.application(ApplicationState.DRAFT, unit=unit)
    clients = {
        "unit": client_of(app, factories.position(Role.UNIT, unit=unit)),
        "superior": client_of(app, factories.position(Role.SUPERIOR, unit=county)),
        "hrss": client_of(app, factories.position(Role.HRSS, unit=factories.unit())),
    }

    pages = {name: client.get("/g/1.1.4/").text for name, client in clients.items()}

    seen = {
        name: {one.id for one in (own, passed, other, draft) if one.number in page}
        for name, page in pages.items()
    }
    assert seen == {
        "unit": {own.id, passed.id},
        "superior": {passed.id},
        "hrss": {own.id, passed.id},
    }


def test_query_detail_has_the_course_and_masks_the_number(clerk: FlaskClient, unit: Unit) -> None:
    record = factories.application(ApplicationState.AT_UNIT, unit=unit)
    press(clerk, "/g/1.1.1/check/act/audit", record, **check_pass(record))

    page = clerk.get(f"/g/1.1.4/{record.id}").text

    assert "Pass the first check" in page
    assert record.person.id_number not in page


def test_query_exports_own_scope_without_numbers_of_persons(clerk: FlaskClient, unit: Unit) -> None:
    from openpyxl import load_workbook

    own, strange = (
        factories.application(ApplicationState.AT_UNIT, unit=unit),
        factories.application(ApplicationState.AT_UNIT),
    )

    answer = clerk.get("/g/1.1.4/export.xlsx")

    assert answer.status_code == 200
    cells = {
        str(cell)
        for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
        for cell in row
    }
    assert own.number in cells
    assert strange.number not in cells
    assert own.person.id_number not in cells


@pytest.mark.parametrize("page", ["/g/1.1.1/", "/g/1.1.1/check/", "/g/1.1.2/", "/g/1.1.4/"])
def test_lists_ask_the_same_number_of_statements_for_one_row_and_for_thirty(
    clerk: FlaskClient, unit: Unit, page: str
) -> None:
    counts = []
    # what a worker keeps between requests is there from the first one on
    clerk.get(page)
    for rows in (1, 29):
        for _ in range(rows):
            checked = factories.application(ApplicationState.AT_UNIT, unit=unit)
            over = ready(unit)
            factories.notice([checked, over])
        counts.append(statements_of(clerk, f"{page}?size=50"))

    assert counts[0] == counts[1]
    assert counts[0] <= 12
