"""Menus 1.2.6 and 1.2.7 through HTTP: notice, objection, filing, and who may do none of it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.enums import (
    ApplicationState,
    FilingState,
    NoticeKind,
    NoticeState,
    ObjectionState,
    PlanState,
    Role,
)
from app.extensions import db
from app.models import Certificate, Filing, Notice, Objection, Plan
from app.services.certificates import filings
from tests.bad_input.desk import row
from tests.services.dossiers import a_scan as a_pdf
from tests.support import factories, meetings
from tests.support.meetings import on_the_sheet as candidates
from tests.support.signing import english, signed_in
from tests.support.tampering import unsealed


@pytest.fixture
def plan(app: Any) -> Plan:
    """An approved offline meeting that began yesterday, with three candidates."""
    factories.work_days()
    return meetings.offline()


@pytest.fixture
def office(app: Any, plan: Plan, client: FlaskClient) -> FlaskClient:
    """The clerk of the committee's office."""
    return english(signed_in(client, factories.position(Role.OFFICE, committee=plan.committee)))


def authority(app: Any, region_code: str = "430000") -> FlaskClient:
    unit = factories.unit(kind="authority", region_code=region_code)
    return english(signed_in(app.test_client(), factories.position(Role.HRSS, unit=unit)))


# 1.2.6


@pytest.fixture
def concluded(plan: Plan) -> Plan:
    """The meeting with its result confirmed: three passed."""
    return meetings.confirmed(plan)


def publish(client: FlaskClient, plan: Plan, **changes: Any) -> Any:
    data = {
        "plan_id": plan.id,
        "title": "2026年度评审结果公示",
        "place": "单位公告栏",
        "contact": "王芳",
        "phone": "0731-12345678",
        "starts_on": factories.today().isoformat(),
    }
    return client.post("/g/1.2.6/add", data=data | changes)


def test_result_is_put_into_notice(office: FlaskClient, concluded: Plan) -> None:
    form = office.get("/g/1.2.6/add")
    answer = publish(office, concluded)

    notice = db.session.query(Notice).one()
    assert concluded.name in form.text
    assert answer.status_code == 303
    assert (notice.kind, notice.state) == (NoticeKind.RESULT, NoticeState.RUNNING)
    assert (notice.ends_on - notice.starts_on).days >= 5
    assert [item.state for item in candidates(concluded)] == [ApplicationState.IN_RESULT_NOTICE] * 3
    shown = office.get(f"/g/1.2.6/{notice.id}").text
    assert all(item.name in shown for item in candidates(concluded))
    assert office.get(f"/g/1.2.6/{notice.id}/sheet").status_code == 200


def test_notice_of_an_unconfirmed_or_foreign_result_is_refused(
    app: Any, office: FlaskClient, plan: Plan
) -> None:
    unconfirmed = publish(office, plan)
    missing = publish(office, plan, plan_id="999999")
    past = publish(office, plan, starts_on=factories.in_days(-3).isoformat())

    assert {answer.status_code for answer in (unconfirmed, missing, past)} == {422}
    assert db.session.query(Notice).count() == 0


def test_notice_cannot_begin_in_the_past(office: FlaskClient, concluded: Plan) -> None:
    answer = publish(
        office, concluded, starts_on=factories.in_days(-1).isoformat(), place="一楼大厅"
    )

    assert answer.status_code == 422
    assert "一楼大厅" in answer.text
    assert [item.state for item in candidates(concluded)] == [ApplicationState.PASSED] * 3


def test_objection_is_registered_and_settled(office: FlaskClient, concluded: Plan) -> None:
    publish(office, concluded)
    item = db.session.query(Notice).one().items[0]
    data = {
        "item_id": item.id,
        "content": "业绩材料与事实不符",
        "author": "钱某",
        "received_on": factories.today().isoformat(),
        "received_time": "00:00",
    }

    added = office.post("/g/1.2.6/objections/add", data=data)
    objection = db.session.query(Objection).one()
    state_while_open = item.application.state
    settled = office.post(
        "/g/1.2.6/objections/act/settle",
        data={
            "row": row(objection),
            "decision": "uphold_end",
            "opinion": "经查业绩系他人完成，情况属实",
        },
    )

    assert (added.status_code, settled.status_code) == (303, 303)
    assert state_while_open is ApplicationState.RESULT_DISPUTED
    assert objection.state is ObjectionState.UPHELD
    assert item.application.state is ApplicationState.CANCELLED
    shown = office.get(f"/g/1.2.6/objections/{objection.id}").text
    assert "钱某" in shown


# 1.2.7


@pytest.fixture
def noticed(concluded: Plan) -> Plan:
    """The result with its notice ended."""
    people = candidates(concluded)
    for item in people:
        item.state = ApplicationState.RESULT_CLEAR
    factories.notice(
        people,
        plan=concluded,
        starts_on=factories.in_days(-10),
        ends_on=factories.in_days(-1),
        state=NoticeState.OVER,
    )
    return concluded


def file(client: FlaskClient, plan: Plan, **changes: Any) -> Any:
    data = {
        "plan_id": plan.id,
        "document_number": "湘评〔2026〕3号",
        "summary": "会议情况良好",
        "minutes": a_pdf(),
        "result_sheet": a_pdf(),
        "notice_proof": a_pdf(),
    }
    return client.post(
        "/g/1.2.7/add", data={k: v for k, v in (data | changes).items() if v is not None}
    )


def test_result_is_filed_and_agreed(app: Any, office: FlaskClient, noticed: Plan) -> None:
    filed = file(office, noticed)
    filing = db.session.query(Filing).one()
    clerk = authority(app)
    shown = clerk.get(f"/g/1.2.7/{filing.id}")
    without = clerk.post("/g/1.2.7/act/audit", data={"row": row(filing), "decision": "agree"})
    agreed = clerk.post(
        "/g/1.2.7/act/audit",
        data={"row": row(filing), "decision": "agree", "approval_number": "湘职改办〔2026〕9号"},
    )

    assert filed.status_code == 303, filed.text
    assert shown.status_code == 200
    assert "are right" in shown.text
    assert (without.status_code, agreed.status_code) == (422, 303)
    assert filing.state is FilingState.AGREED
    assert [item.state for item in candidates(noticed)] == [ApplicationState.CERTIFIED] * 3
    assert db.session.query(Certificate).count() == 3


def test_filing_without_papers_keeps_what_was_typed(office: FlaskClient, noticed: Plan) -> None:
    answer = file(office, noticed, minutes=None)

    assert answer.status_code == 422
    assert "Minutes of the meeting" in answer.text
    assert "会议情况良好" in answer.text
    assert db.session.query(Filing).count() == 0
    assert [item.state for item in candidates(noticed)] == [ApplicationState.RESULT_CLEAR] * 3


def test_returned_filing_is_changed_and_filed_again(
    app: Any, office: FlaskClient, noticed: Plan
) -> None:
    file(office, noticed)
    filing = db.session.query(Filing).one()
    returned = authority(app).post(
        "/g/1.2.7/act/audit",
        data={"row": row(filing), "decision": "return", "opinion": "会议纪要缺少签字页"},
    )
    form = office.get(f"/g/1.2.7/{filing.id}/edit")
    again = office.post(
        f"/g/1.2.7/{filing.id}/edit",
        data={
            "version": filing.version,
            "document_number": "湘评〔2026〕4号",
            "summary": "会议情况良好",
        },
    )

    assert returned.status_code == 303
    assert "湘评〔2026〕3号" in form.text
    assert again.status_code == 303, again.text
    assert (filing.state, filing.document_number) == (FilingState.REPORTED, "湘评〔2026〕4号")
    assert [item.state for item in candidates(noticed)] == [ApplicationState.IN_FILING] * 3


def test_wrong_line_refuses_the_whole_filing(app: Any, office: FlaskClient, noticed: Plan) -> None:
    file(office, noticed)
    filing = db.session.query(Filing).one()
    result = noticed.results[0]
    with unsealed():
        result.yes, result.no = 16, 9

    answer = authority(app).post(
        "/g/1.2.7/act/audit",
        data={"row": row(filing), "decision": "agree", "approval_number": "湘职改办〔2026〕9号"},
    )

    assert answer.status_code == 422
    assert result.application.number in answer.text
    assert filing.state is FilingState.REPORTED
    assert db.session.query(Certificate).count() == 0


def test_authority_of_another_region_sees_no_filing(
    app: Any, office: FlaskClient, noticed: Plan
) -> None:
    file(office, noticed)
    filing = db.session.query(Filing).one()
    stranger = authority(app, "430700")

    assert stranger.get(f"/g/1.2.7/{filing.id}").status_code == 404
    answer = stranger.post("/g/1.2.7/act/audit", data={"row": row(filing), "decision": "agree"})
    assert answer.status_code == 404
    assert filing.state is FilingState.REPORTED


def test_office_cannot_agree_and_authority_cannot_file(
    app: Any, office: FlaskClient, noticed: Plan
) -> None:
    file(office, noticed)
    filing = db.session.query(Filing).one()

    answer = office.post("/g/1.2.7/act/audit", data={"row": row(filing), "decision": "agree"})

    assert answer.status_code == 403
    assert authority(app).get("/g/1.2.7/add").status_code == 403
    assert [kind for kind, _name in filings.paper_labels()] == list(filings.PAPERS)


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (ApplicationState.CANCELLED, "Pass cancelled"),
        (ApplicationState.REVOKED, "Certificate revoked"),
    ],
)
def test_who_lost_the_pass_is_not_listed_as_passed(
    app: Any, office: FlaskClient, noticed: Plan, state: ApplicationState, label: str
) -> None:
    file(office, noticed)
    filing = db.session.query(Filing).one()
    lost = candidates(noticed)[0]
    lost.state = state
    db.session.commit()

    pages = [
        office.get(f"/g/1.2.7/{filing.id}").text,
        authority(app).get(f"/g/1.2.7/{filing.id}").text,
        office.get(f"/g/1.2.5/{noticed.id}").text,
    ]

    for page in pages:
        assert page.count(f">{label}<") == 1
        assert page.count(">Passed<") == 2
    assert label in office.get("/g/1.2.5/candidates/").text


def test_rank_list_of_a_filing_shows_who_lost_the_pass(app: Any) -> None:
    plan = meetings.online(count=2)
    held = meetings.vote(plan, 20, 21)
    plan.state, plan.voted_on = PlanState.CONCLUDED, factories.today()
    for one in meetings.candidates(plan):
        factories.result(plan, one, round_id=held.id, counted_of=25, reason="passed", rank=1)
        one.state = ApplicationState.IN_FILING
    meetings.candidates(plan)[0].state = ApplicationState.CANCELLED
    filing = factories.filing(plan)

    page = authority(app).get(f"/g/1.2.7/{filing.id}").text

    assert page.count(">Pass cancelled<") == 1
    assert page.count(">Passed<") == 1


@pytest.mark.parametrize(("left_out", "count"), [((), 4), (("result_sheet",), 3)])
def test_papers_of_a_filing_are_named_by_kind_and_all_counted(
    app: Any, office: FlaskClient, noticed: Plan, left_out: tuple[str, ...], count: int
) -> None:
    file(office, noticed, **dict.fromkeys(left_out))
    filing = db.session.query(Filing).one()

    page = authority(app).get(f"/g/1.2.7/{filing.id}").text

    files = page[page.index('id="s-files"') :].partition("</section>")[0]
    assert f'Files <span class="muted">{count}<' in files
    assert files.count('class="paper"') == count
    assert files.count("<b>Minutes of the meeting</b>: ") == 1
    assert files.count("<b>Signed result sheet</b>: ") == count - 2
    assert files.count("<b>Proof of the notice</b>: ") == 1
