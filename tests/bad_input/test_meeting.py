"""Rows 32, 35, 46, 47 and 51 to 54: committee, plan, figures, result notice, filing, certificates."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import (
    CertificateState,
    FilingState,
    Level,
    NoticeState,
    PlanState,
    Role,
    S,
    UnitKind,
)
from app.extensions import db
from app.models import Certificate, Committee, Filing, Notice, Plan, Result
from app.services import caps, certificates, numbering, results, working_days
from tests import factories, world
from tests.bad_input import desk
from tests.services.dossiers import pdf

ENTER, CONFIRM, AUDIT = "/g/1.2.5/act/enter", "/g/1.2.5/act/confirm", "/g/1.2.7/act/audit"
NUMBER = {"approval_number": "湘职改办〔2026〕9号"}


@pytest.fixture
def committee(app: Flask) -> Committee:
    return factories.committee(name="湖南省工程系列高级评委会")


@pytest.fixture
def office(app: Flask, committee: Committee) -> FlaskClient:
    return desk.clerk(app, Role.OFFICE, committee=committee)


@pytest.fixture
def authority(app: Flask) -> FlaskClient:
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    return desk.clerk(app, Role.HRSS, unit=bureau)


def scan(name: str = "扫描件.pdf") -> tuple[BytesIO, str]:
    return BytesIO(pdf()), name


# 32


def committee_form(**typed: Any) -> dict[str, Any]:
    organiser = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    return {
        "code": "9001", "name": "湖南省工程系列高级评委会", "series_code": factories.series().code,
        "level": "1", "unit_id": organiser.id, "region_code": "430000", "approval_number": "湘职改办〔2026〕1号",
        "valid_from": "2026-01-01", "valid_to": "2028-12-31", "min_size": "25", "is_active": "y",
    } | typed  # fmt: skip


def test_row_32_committee_is_valid_for_three_years_at_most(app: Flask) -> None:
    client, known = desk.clerk(app, Role.SYSADMIN), factories.committee()
    form = committee_form()

    for wrong, named in (
        ({"valid_to": "2029-12-31"}, "2029-01-01"),
        ({"valid_to": "2026-01-01"}, "2029-01-01"),
        ({"valid_to": "2025-12-31"}, "2029-01-01"),
        ({"valid_from": "2026-13-01"}, "2026-13-01"),
        ({"min_size": "24"}, "单数"),
        ({"min_size": "0"}, "3"),
        ({"min_size": "25.0"}, "25.0"),
        ({"series_code": "05,03"}, ""),
        ({"series_code": "99"}, ""),
        ({"code": "90O1"}, ""),
        ({"code": "９"}, ""),
        ({"code": known.code}, ""),
    ):
        desk.refused(client, "/g/committees/add", form | wrong, named, keeps="series_code" not in wrong)
    desk.refused_change(known, valid_to=known.valid_from)
    desk.refused_change(known, min_size=24)
    desk.refused_change(known, series_code="99")


def test_row_32_expired_committee_does_nothing_more(
    app: Flask, office: FlaskClient, committee: Committee, authority: FlaskClient
) -> None:
    batch = factories.batch(committee=committee)
    at_office = factories.application(S.AT_OFFICE, batch=batch)
    meeting = {"opens_on": factories.in_days(-3), "closes_on": factories.in_days(3), "batch": batch}
    approved, reported = factories.plan(**meeting), factories.plan(**meeting, state=PlanState.REPORTED)
    entered = factories.plan(
        **meeting, state=PlanState.ENTERED, entered_by=factories.user().id, members=25, present=25,
        voted_on=factories.today(),
    )  # fmt: skip
    factories.attachment(entered, results.RESULT_SHEET)
    factories.application(S.IN_REVIEW, plan=approved)
    factories.application(S.QUALIFIED, batch=batch)
    submitted = factories.batch(committee=committee, state="submitted", review_year=factories.today().year + 1)
    person = factories.person(unit=factories.unit())
    me = desk.clerk(app, Role.APPLICANT, person=person)
    committee.valid_from, committee.valid_to = factories.in_days(-400), factories.in_days(-1)
    name = committee.name

    desk.refused(office, "/g/1.2.1/act/audit", {"row": desk.row(at_office), "decision": "office_pass"}, name)
    desk.refused(office, "/g/1.2.2/add", plan_form(batch), name)
    desk.refused(office, ENTER, {"row": desk.row(approved)} | figures(approved), name)
    desk.refused(office, CONFIRM, {"row": desk.row(entered), "decision": "confirm"}, name)
    desk.refused(authority, "/g/1.2.2/act/audit", {"row": desk.row(reported), "decision": "agree"}, name)
    desk.refused(authority, "/g/1.4.2/act/audit", {"row": desk.row(submitted), "decision": "agree"}, name)
    chosen = {
        "batch": batch.id, "mode": "normal", "level": "2", "title_code": "0502",
        "specialty_code": committee.specialties[0].code, "unit_id": person.unit_id,
    }  # fmt: skip
    desk.refused(me, "/me/apply", chosen, name)


def test_row_32_committee_judges_its_own_level_and_series(app: Flask) -> None:
    low = factories.committee(level=Level.ASSISTANT, name="初级评委会")
    high = factories.committee(is_by_specialty=True)
    office = desk.clerk(app, Role.OFFICE, committee=low)
    other = desk.clerk(app, Role.OFFICE, committee=high)
    batch, upper = factories.batch(committee=low), factories.batch(committee=high)
    senior = factories.application(S.AT_OFFICE, batch=batch, level=Level.SENIOR)
    strange = factories.application(
        S.AT_OFFICE, batch=upper, series_code=factories.series("03").code
    )
    uncovered = factories.application(
        S.AT_OFFICE, batch=upper, specialty_code=factories.specialty("05009").code
    )

    for client, case in ((office, senior), (other, strange), (other, uncovered)):
        typed = {"row": desk.row(case), "decision": "office_pass"}
        desk.refused(client, "/g/1.2.1/act/audit", typed)
    person = factories.person(unit=factories.unit())
    me = desk.clerk(app, Role.APPLICANT, person=person)
    chosen = {
        "batch": batch.id, "mode": "normal", "level": "4",
        "title_code": factories.title(Level.ASSISTANT).code, "specialty_code": "05001", "unit_id": person.unit_id,
    }  # fmt: skip
    for wrong in ({"level": "1", "title_code": factories.title(Level.SENIOR).code}, {"title_code": "0301"},
                  {"specialty_code": factories.specialty("03001").code}, {"mode": "transfer", "title_code": "x"}):  # fmt: skip
        desk.refused(me, "/me/apply", chosen | wrong, keeps=False)


# 35


def plan_form(batch: Any, **typed: Any) -> dict[str, Any]:
    return {
        "batch_id": batch.id, "name": "高级评审会", "mode": "offline", "place": "长沙", "seats": "25",
        "opens_on": factories.in_days(60).isoformat(), "closes_on": factories.in_days(62).isoformat(),
        "steps": ["opinion", "vote"], "senior_cap": "40", "associate_cap": "55", "over_cap": "rank", "pick": "all",
    } | typed  # fmt: skip


@pytest.mark.parametrize(("is_self_review", "days"), [(False, 15), (True, 10)])
def test_row_35_plan_is_reported_early_enough(
    app: Flask, office: FlaskClient, committee: Committee, is_self_review: bool, days: int
) -> None:
    committee.unit.is_self_review = is_self_review
    batch = factories.batch(committee=committee)
    factories.application(S.QUALIFIED, batch=batch)
    first = working_days.add_working_days(factories.today(), days)

    for day in (factories.in_days(-1), factories.today(), factories.in_days(1)):
        late = plan_form(batch, opens_on=day.isoformat())
        desk.refused(office, "/g/1.2.2/add", late, str(first), str(days))
    before = first - factories.timedelta(days=1)
    desk.refused(office, "/g/1.2.2/add", plan_form(batch, opens_on=before.isoformat()), str(first))
    desk.refused(office, "/g/1.2.2/add", plan_form(batch, closes_on=factories.in_days(59).isoformat()))
    answer = office.post("/g/1.2.2/add", data=plan_form(batch, opens_on=first.isoformat()))
    assert answer.status_code == 303


def test_row_35_nothing_is_entered_before_the_plan_is_agreed_and_the_meeting_open(
    office: FlaskClient, committee: Committee
) -> None:
    batch = factories.batch(committee=committee)
    plan = factories.plan(batch=batch, state=PlanState.REPORTED, opens_on=factories.today())
    ahead = factories.plan(batch=batch)
    for one in (plan, ahead):
        factories.application(S.IN_REVIEW, plan=one)

    desk.refused(office, ENTER, {"row": desk.row(plan)} | figures(plan), status=404)
    desk.refused(office, ENTER, {"row": desk.row(ahead)} | figures(ahead), str(ahead.opens_on))
    desk.refused_change(plan, closes_on=factories.in_days(-9))
    desk.refused_change(plan, seats=24)


# 46 and 47


@pytest.fixture
def plan(committee: Committee) -> Plan:
    """An approved offline meeting that began yesterday, with three candidates."""
    made = factories.plan(
        batch=factories.batch(committee=committee),
        opens_on=factories.in_days(-1),
        closes_on=factories.in_days(1),
    )
    for _count in range(3):
        factories.application(S.IN_REVIEW, plan=made, level=Level.MIDDLE)
    return made


def figures(plan: Plan, **typed: Any) -> dict[str, Any]:
    """Return what the entry form sends."""
    data: dict[str, Any] = {"members": "25", "present": "22", "voted_on": factories.today().isoformat()}
    for place, item in enumerate(results.candidates(db.session(), plan)):
        data |= {
            f"votes-{place}-application_id": str(item.id),
            f"votes-{place}-yes": "20",
            f"votes-{place}-no": "2",
            f"votes-{place}-abstain": "0",
        }
    return data | typed


@pytest.mark.parametrize(
    ("present", "yes", "passes"),
    [(13, 8, False), (13, 9, True), (17, 11, False), (17, 12, True), (25, 16, False), (25, 17, True)],
)
def test_row_46_who_passed_is_computed_and_never_typed(
    office: FlaskClient, committee: Committee, plan: Plan, present: int, yes: int, passes: bool
) -> None:
    committee.min_size = 13
    members = present if present % 2 else present + 1
    forged = {f"votes-{place}-is_passed": "y" for place in range(3)} | {"is_passed": "1"}
    counts = {"members": members, "present": present}
    votes = {f"votes-{place}-{kind}": count for place in range(3) for kind, count in
             (("yes", yes), ("no", 0), ("abstain", present - yes))}  # fmt: skip

    answer = office.post(ENTER, data={"row": desk.row(plan)} | figures(plan) | counts | votes | forged)

    assert answer.status_code == 303
    assert {one.is_passed for one in db.session.query(Result)} == {passes}


WRONG_FIGURES: list[tuple[dict[str, Any], str]] = [
    ({"present": "26"}, "26"),
    ({"present": "16"}, "17"),
    ({"present": "-1"}, "-1"),
    ({"present": "二十二"}, "二十二"),
    ({"present": "22.0"}, "22.0"),
    ({"present": "1e2"}, "1e2"),
    ({"members": "24"}, "24"),
    ({"members": "23"}, "25"),
    ({"members": ""}, "填写"),
    ({"members": "99999999999999999999"}, "9"),
    ({"voted_on": factories.in_days(-2).isoformat()}, str(factories.in_days(-2))),
    ({"voted_on": factories.in_days(1).isoformat()}, str(factories.in_days(1))),
    ({"voted_on": "昨天"}, "昨天"),
    ({"votes-0-yes": "23"}, "22"),
    ({"votes-0-no": "3"}, "23"),
    ({"votes-1-abstain": "-1"}, "-1"),
    ({"votes-1-yes": "NaN"}, "NaN"),
    ({"votes-1-yes": "九十"}, "九十"),
    ({"votes-2-yes": ""}, "填写"),
    ({"votes-2-note": "x\u200by"}, "U+200B"),
]


def test_row_47_figures_must_agree(office: FlaskClient, plan: Plan) -> None:
    for wrong, named in WRONG_FIGURES:
        desk.refused(office, ENTER, {"row": desk.row(plan)} | figures(plan) | wrong, named)


def test_row_47_votes_are_on_the_candidates_each_once(office: FlaskClient, plan: Plan) -> None:
    sound = {"row": desk.row(plan)} | figures(plan)
    foreign = factories.application(S.IN_REVIEW, plan=factories.plan())
    first, second, _third = results.candidates(db.session(), plan)
    fewer = {name: value for name, value in sound.items() if not name.startswith("votes-2")}

    desk.refused(office, ENTER, fewer, _third.number)
    for key in (foreign.id, second.id, "999999", "9" * 30, "x", ""):
        desk.refused(office, ENTER, sound | {"votes-0-application_id": str(key)}, keeps=False)
    hundred = {f"votes-{place}-application_id": str(first.id) for place in range(120)}
    desk.refused(office, ENTER, sound | hundred, keeps=False)
    other = factories.plan(batch=plan.batch, opens_on=factories.today())
    desk.refused(office, ENTER, sound | {"row": [desk.row(plan), desk.row(other)]}, keeps=False)
    desk.refused(office, ENTER, sound | {"sheet": (BytesIO(b"no workbook"), "票.xlsx")}, keeps=False)
    online = factories.plan(batch=plan.batch, opens_on=factories.today(), mode="online")
    desk.refused(office, ENTER, {"row": desk.row(online)} | figures(online), "线上")


def test_row_47_impossible_figures_are_refused_by_the_database(plan: Plan) -> None:
    stored = factories.result(plan, results.candidates(db.session(), plan)[0])
    plan.members, plan.present = 25, 20

    desk.refused_change(stored, yes=-1)
    desk.refused_change(plan, present=26)
    desk.refused_twin(stored)


# 51


@pytest.fixture
def concluded(plan: Plan) -> Plan:
    """The meeting with its result confirmed: three passed."""
    plan.state, plan.members, plan.present = PlanState.CONCLUDED, 25, 25
    plan.voted_on = factories.today()
    for item in results.candidates(db.session(), plan):
        item.state = S.PASSED
        factories.result(plan, item)
    factories.attachment(plan, results.RESULT_SHEET)
    return plan


def notice_form(plan: Plan, **typed: Any) -> dict[str, Any]:
    return {
        "plan_id": plan.id, "title": "2026年度评审结果公示", "place": "单位公告栏", "contact": "王芳",
        "phone": "0731-12345678", "starts_on": factories.today().isoformat(),
    } | typed  # fmt: skip


def filing_form(plan: Plan, **typed: Any) -> dict[str, Any]:
    return {
        "plan_id": plan.id, "document_number": "湘评〔2026〕3号", "summary": "会议情况良好",
        "minutes": scan("会议纪要.pdf"), "notice_proof": scan("公示证明.pdf"),
    } | typed  # fmt: skip


def test_row_51_result_notice_is_never_shorter(office: FlaskClient, concluded: Plan) -> None:
    for wrong in ("1999-12-31", factories.in_days(-1).isoformat(), "2026-02-30", "x", ""):
        desk.refused(office, "/g/1.2.6/add", notice_form(concluded, starts_on=wrong))
    early = factories.plan(batch=concluded.batch, state=PlanState.ENTERED)
    for plan in (early, factories.plan(state=PlanState.CONCLUDED)):
        desk.refused(office, "/g/1.2.6/add", notice_form(plan))
    desk.refused(office, "/g/1.2.7/add", filing_form(concluded))
    answer = office.post("/g/1.2.6/add", data=notice_form(concluded, ends_on=factories.today().isoformat()))

    assert answer.status_code == 303
    notice = db.session.query(Notice).one()
    assert (notice.ends_on - notice.starts_on).days >= 5
    desk.refused(office, "/g/1.2.6/add", notice_form(concluded))
    desk.refused(office, "/g/1.2.7/add", filing_form(concluded))
    desk.refused(office, "/g/1.2.6/act/cancel", {"row": desk.row(notice)}, status=404)
    desk.refused_change(notice, plan_id=None)


def test_row_51_filing_waits_for_every_objection(office: FlaskClient, concluded: Plan) -> None:
    people = results.candidates(db.session(), concluded)
    for item in people:
        item.state = S.RESULT_CLEAR
    people[1].state = S.RESULT_DISPUTED
    over = factories.notice(
        people, plan=concluded, starts_on=factories.in_days(-9), ends_on=factories.in_days(-1), state=NoticeState.OVER
    )
    factories.objection(over, people[1])

    desk.refused(office, "/g/1.2.7/add", filing_form(concluded), people[1].number, "异议")


# 52


@pytest.fixture
def filing(concluded: Plan) -> Filing:
    for item in results.candidates(db.session(), concluded):
        item.state = S.IN_FILING
    return factories.filing(concluded)


def test_row_52_one_wrong_line_refuses_the_whole_filing(
    authority: FlaskClient, filing: Filing
) -> None:
    plan = filing.plan
    first, second, third = results.candidates(db.session(), plan)
    agree = {"row": desk.row(filing), "decision": "agree"} | NUMBER
    unit = factories.unit("长沙市第一中学", kind=UnitKind.PUBLIC)
    quota = factories.quota(unit, level=Level.MIDDLE, granted=1, used=1)
    stored = db.session.query(Result).filter_by(application_id=second.id).one()

    first.unit_id, second.unit_id = unit.id, unit.id
    desk.refused(authority, AUDIT, agree, unit.name, quota.specialty.name)
    first.unit_id = second.unit_id = third.unit_id
    stored.yes, stored.no = 16, 8
    desk.refused(authority, AUDIT, agree, second.number, second.name, "17")
    stored.yes, stored.no = 20, 4
    third.person.banned_until = factories.today()
    desk.refused(authority, AUDIT, agree, third.number, third.name)
    third.person.banned_until, plan.present = None, 16
    desk.refused(authority, AUDIT, agree, "17")
    plan.present = 25
    for number in ("", " ", "长" * 65):
        desk.refused(authority, AUDIT, agree | {"approval_number": number})
    assert authority.post(AUDIT, data=agree).status_code == 303
    assert db.session.query(Certificate).count() == 3


def test_row_52_rate_is_computed_again(authority: FlaskClient, filing: Filing) -> None:
    for item in results.candidates(db.session(), filing.plan):
        item.level, item.title_code = Level.SENIOR, factories.title(Level.SENIOR).code
    allowed = caps.cap(3, 40)

    agree = {"row": desk.row(filing), "decision": "agree"} | NUMBER
    desk.refused(authority, AUDIT, agree, "3", str(allowed))


def test_row_52_office_files_and_the_authority_decides(
    app: Flask, office: FlaskClient, authority: FlaskClient, filing: Filing
) -> None:
    agree = {"row": desk.row(filing), "decision": "agree"} | NUMBER
    county = desk.clerk(app, Role.HRSS, unit=factories.unit(region_code="430700"))
    body = {"event": "agree", "rows": [{"id": filing.id, "version": 0}], "details": NUMBER}

    desk.refused(office, AUDIT, agree, status=403)
    desk.refused(authority, "/g/1.2.7/add", filing_form(filing.plan), status=403)
    desk.refused(county, AUDIT, agree, status=404)
    desk.refused(office, "/g/1.2.7/add", filing_form(filing.plan))
    desk.refused(office, f"/g/1.2.7/{filing.id}/edit", filing_form(filing.plan), status=302)
    secret = world.token(factories.actor(Role.OFFICE, committee=filing.plan.committee))
    desk.refused_by_api(app.test_client(), secret, "1.2.7/act/audit", body)
    desk.refused_twin(filing)


def test_row_52_filing_needs_its_papers(office: FlaskClient, concluded: Plan) -> None:
    people = results.candidates(db.session(), concluded)
    for item in people:
        item.state = S.RESULT_CLEAR
    factories.notice(
        people, plan=concluded, starts_on=factories.in_days(-9), ends_on=factories.in_days(-1), state=NoticeState.OVER
    )
    none = (BytesIO(b""), "")

    desk.refused(office, "/g/1.2.7/add", filing_form(concluded, minutes=none, notice_proof=none), "纪要", "公示")
    desk.refused(office, "/g/1.2.7/add", filing_form(concluded, minutes=(BytesIO(b"MZ"), "纪要.pdf")), "纪要.pdf")
    for wrong in ({"document_number": ""}, {"summary": "无"}, {"document_number": "湘\u200b评"}):
        desk.refused(office, "/g/1.2.7/add", filing_form(concluded) | wrong)


# 53


@pytest.fixture
def certificate(concluded: Plan) -> Certificate:
    item = results.candidates(db.session(), concluded)[0]
    item.state = S.CERTIFIED
    factories.filing(concluded, state=FilingState.AGREED, approval_number="湘职改办〔2026〕9号")
    return factories.certificate(item, name="欧阳春华")


def test_row_53_certificate_only_comes_from_a_filing(
    authority: FlaskClient, filing: Filing
) -> None:
    case = results.candidates(db.session(), filing.plan)[0]

    typed = {"application_id": case.id, "number": "43202605012300017K"}
    for url in ("/g/1.7.1/add", f"/g/1.7.1/{case.id}/edit"):
        desk.refused(authority, url, typed, status=403)
    desk.refused(authority, "/g/1.7.1/act/issue", {"row": desk.row(case)}, status=404)
    for address in ("/g/1.2.7/act/issue", "/g/1.2.7/act/certify"):
        desk.refused(authority, address, {"row": desk.row(filing)}, status=404)


def test_row_53_number_and_token_are_given_once(certificate: Certificate) -> None:
    desk.refused_twin(certificate, state="revoked", number="X")
    desk.refused_twin(certificate, state="revoked", token="X")
    desk.refused_twin(certificate, number="X", token="X")


def test_row_53_number_is_never_given_again(authority: FlaskClient, certificate: Certificate) -> None:
    before = certificates.new_number(db.session(), certificate.application)
    typed = {"decision_number": "湘人社决〔2026〕2号", "opinion": "姓名录入有误，予以更正", "name": "欧阳春花"}
    old = desk.row(certificate)

    assert authority.post("/g/1.7.1/act/correct", data={"row": old} | typed).status_code == 303
    desk.refused(authority, "/g/1.7.1/act/correct", {"row": desk.row(certificate)} | typed)

    new = db.session.query(Certificate).filter_by(state=CertificateState.VALID).one()
    assert len({certificate.number, before, new.number}) == 3
    assert numbering.next_number(db.session(), f"certificate:{new.number[:-6]}") == 3


# 54


@pytest.mark.parametrize(
    "wrong",
    [{"decision_number": ""}, {"decision_number": "号" * 65}, {"opinion": "无"}, {"opinion": ""}],
)
def test_row_54_revocation_needs_a_decision(
    authority: FlaskClient, certificate: Certificate, wrong: dict[str, str]
) -> None:
    typed = {"row": desk.row(certificate), "decision_number": "湘人社决〔2026〕2号", "opinion": "论文系代写，查证属实"}

    desk.refused(authority, "/g/1.7.1/act/revoke", typed | wrong)


def test_row_54_revoked_certificate_says_so(
    app: Flask, authority: FlaskClient, certificate: Certificate
) -> None:
    typed = {"row": desk.row(certificate), "decision_number": "湘人社决〔2026〕2号", "opinion": "论文系代写，查证属实"}
    assert authority.post("/g/1.7.1/act/revoke", data=typed).status_code == 303
    visitor = app.test_client()

    scanned = visitor.get(f"/public/certificates/{certificate.token}")
    asked = visitor.post("/public/certificates/", data={"number": certificate.number, "name": "欧阳春华"})

    for page in (scanned, asked):
        assert page.status_code == 200
        assert "已撤销" in desk.parse(page.text).text
        assert certificate.person.id_number not in page.text
    desk.refused(authority, "/g/1.7.1/act/revoke", typed | {"row": desk.row(certificate)})


def test_row_54_guessing_finds_nothing_and_ends(app: Flask, certificate: Certificate) -> None:
    visitor = app.test_client()
    number, token = certificate.number, certificate.token
    guesses = [token[:-1], token.swapcase(), token + "0", "%", "' OR 1=1 --", "0" * 32, "证书"]

    for guess in guesses:
        assert visitor.get(f"/public/certificates/{guess}").status_code == 404
    for name in ("欧阳", "%", "欧阳春华%", "*"):
        page = visitor.post("/public/certificates/", data={"number": number, "name": name}).text
        assert certificates.grouped(number) not in page
    statuses = [
        visitor.post("/public/certificates/", data={"number": f"{count}", "name": "张三"}).status_code
        for count in range(31)
    ]
    assert statuses[-1] == 429
    desk.check(visitor, visitor.get(f"/public/certificates/{token}"), 429)
