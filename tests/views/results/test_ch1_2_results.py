"""Menu 1.2.5 through HTTP: entry, confirmation, the signed sheet, and who may do none of it."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader

from app.enums import ApplicationState, Level, OverCap, PlanState, Role, UnitKind
from app.extensions import db
from app.models import Attachment, Plan, Result, Round
from app.services.exports import workbook
from app.services.results import results
from tests.bad_input.desk import row
from tests.bad_input.forms import votes
from tests.services.dossiers import a_scan as a_pdf
from tests.support import factories, meetings
from tests.support.meetings import on_the_sheet as candidates
from tests.support.signing import english, signed_in


@pytest.fixture
def plan(app: Any) -> Plan:
    """An approved offline meeting that began yesterday, with three candidates."""
    factories.work_days()
    return meetings.offline()


@pytest.fixture
def office(app: Any, plan: Plan, client: FlaskClient) -> FlaskClient:
    """The clerk of the committee's office."""
    return english(signed_in(client, factories.position(Role.OFFICE, committee=plan.committee)))


def colleague(app: Any, plan: Plan) -> FlaskClient:
    holder = factories.position(Role.OFFICE, committee=plan.committee)
    return english(signed_in(app.test_client(), holder))


def figures(plan: Plan, **changes: Any) -> dict[str, Any]:
    """Return what the entry form sends."""
    data: dict[str, Any] = {
        "row": row(plan),
        "members": "25",
        "present": "22",
        "voted_on": factories.today().isoformat(),
    }
    return data | votes(candidates(plan)) | changes


def enter(client: FlaskClient, plan: Plan, **changes: Any) -> Any:
    return client.post("/g/1.2.5/act/enter", data=figures(plan, **changes))


# 1.2.5


def test_entry_page_has_a_row_for_every_candidate(office: FlaskClient, plan: Plan) -> None:
    page = office.get(f"/g/1.2.5/act/enter?pk={plan.id}")

    assert page.status_code == 200
    for item in candidates(plan):
        assert f"{item.number} {item.name}" in page.text
    assert page.text.count('name="votes-') == 3 * 6
    assert "data-row-remove" not in page.text


def test_result_is_entered_and_confirmed_by_a_second_person(
    app: Any, office: FlaskClient, plan: Plan
) -> None:
    entered = enter(office, plan, scan=a_pdf(), opinions=a_pdf(), opinions_signed="y")
    own = office.post("/g/1.2.5/act/confirm", data={"row": row(plan), "decision": "confirm"})
    state_after_own = plan.state
    confirmed = colleague(app, plan).post(
        "/g/1.2.5/act/confirm", data={"row": row(plan), "decision": "confirm"}
    )

    assert (entered.status_code, own.status_code, confirmed.status_code) == (303, 422, 303)
    assert "second person" in own.text
    assert state_after_own is PlanState.ENTERED
    assert plan.state is PlanState.CONCLUDED
    assert [item.state for item in candidates(plan)] == [ApplicationState.PASSED] * 3


def test_refused_entry_keeps_what_was_typed(office: FlaskClient, plan: Plan) -> None:
    answer = enter(office, plan, present="16", **{"votes-1-note": "备注一二三"})

    assert answer.status_code == 422
    assert "17" in answer.text
    assert 'value="16"' in answer.text
    assert "备注一二三" in answer.text
    assert candidates(plan)[1].name in answer.text
    assert plan.state is PlanState.APPROVED
    assert db.session.query(Result).count() == 0


@pytest.mark.parametrize("typed", ["", "abc", "-1", "1.5", "99999999999999999999"])
def test_impossible_number_is_refused_at_its_field(
    office: FlaskClient, plan: Plan, typed: str
) -> None:
    answer = enter(office, plan, **{"votes-0-yes": typed})

    assert answer.status_code == 422
    assert 'id="votes-0-yes-error"' in answer.text
    assert plan.state is PlanState.APPROVED


@pytest.mark.parametrize("key", ["", "x", "999999", "99999999999999"])
def test_forged_candidate_is_refused(office: FlaskClient, plan: Plan, key: str) -> None:
    answer = enter(office, plan, **{"votes-0-application_id": key})

    assert answer.status_code == 422
    assert plan.state is PlanState.APPROVED


def test_two_meetings_are_not_entered_at_once(office: FlaskClient, plan: Plan) -> None:
    other = factories.plan(batch=plan.batch, opens_on=factories.in_days(-1))

    page = office.get(f"/g/1.2.5/act/enter?pk={plan.id}&pk={other.id}")
    answer = office.post("/g/1.2.5/act/enter", data={"row": [row(plan), row(other)]})

    assert (page.status_code, answer.status_code) == (200, 422)
    assert (plan.state, other.state) == (PlanState.APPROVED, PlanState.APPROVED)


def test_entry_of_an_older_page_is_refused(office: FlaskClient, plan: Plan) -> None:
    before = figures(plan)
    enter(office, plan)

    answer = office.post("/g/1.2.5/act/enter", data=before | {"votes-0-yes": "1"})

    assert answer.status_code == 422
    assert all(result.is_passed for result in plan.results)


def test_votes_come_from_excel(office: FlaskClient, plan: Plan) -> None:
    template = office.get(f"/g/1.2.5/{plan.id}/template.xlsx")
    book = load_workbook(io.BytesIO(template.data))
    for line in book.worksheets[0].iter_rows(min_row=workbook.FIRST_ROW, min_col=5, max_col=7):
        for cell, count in zip(line, (14, 8, 0), strict=True):
            cell.value = count
    stream = io.BytesIO()
    book.save(stream)
    empty = {f"votes-{place}-{name}": "" for place in range(3) for name in ("yes", "no", "abstain")}

    answer = enter(office, plan, sheet=(io.BytesIO(stream.getvalue()), "表决.xlsx"), **empty)

    assert template.mimetype == workbook.XLSX
    assert answer.status_code == 303
    assert [(result.yes, result.is_passed) for result in plan.results] == [(14, False)] * 3


def test_wrong_rows_of_excel_are_named_and_nothing_is_taken(
    office: FlaskClient, plan: Plan
) -> None:
    template = office.get(f"/g/1.2.5/{plan.id}/template.xlsx").data

    unfilled = enter(office, plan, sheet=(io.BytesIO(template), "表决.xlsx"))
    no_excel = enter(office, plan, sheet=(io.BytesIO(b"x"), "表决.xlsx"))

    assert (unfilled.status_code, no_excel.status_code) == (422, 422)
    assert all(f"Row {number}" in unfilled.text for number in (3, 4, 5))
    assert plan.state is PlanState.APPROVED


def test_large_meeting_is_entered_from_excel_only(office: FlaskClient, plan: Plan) -> None:
    for _count in range(98):
        factories.application(ApplicationState.IN_REVIEW, plan=plan)

    page = office.get(f"/g/1.2.5/act/enter?pk={plan.id}")
    answer = office.post(
        "/g/1.2.5/act/enter", data={k: v for k, v in figures(plan).items() if "votes" not in k}
    )

    assert 'name="votes-' not in page.text
    assert answer.status_code == 422
    assert "template" in answer.text


def test_result_sheet_is_printed_and_its_scan_added(office: FlaskClient, plan: Plan) -> None:
    enter(office, plan)

    sheet = office.get(f"/g/1.2.5/{plan.id}/sheet.pdf")
    page = office.get(f"/g/1.2.5/{plan.id}/scan")
    wrong = office.post(f"/g/1.2.5/{plan.id}/scan", data={"scan": (io.BytesIO(b"MZ"), "a.pdf")})
    none = office.post(f"/g/1.2.5/{plan.id}/scan")
    added = office.post(f"/g/1.2.5/{plan.id}/scan", data={"scan": a_pdf()})

    assert len(PdfReader(io.BytesIO(sheet.data)).pages) == 1
    codes = [answer.status_code for answer in (page, wrong, none, added)]
    assert codes == [200, 422, 422, 303]
    scans = db.session.query(Attachment).filter_by(subject_type="plan", subject_id=plan.id).all()
    assert [scan.kind for scan in scans] == [results.RESULT_SHEET]


def test_places_are_shown_before_anything_is_entered(office: FlaskClient, plan: Plan) -> None:
    for _count in range(5):
        meetings.candidate(plan, level=Level.SENIOR)
    unit = factories.unit("长沙市第三医院", kind=UnitKind.PUBLIC)
    factories.quota(unit, level=Level.SENIOR, granted=1)
    meetings.candidate(plan, level=Level.SENIOR, unit=unit)

    for address in (f"/g/1.2.5/act/enter?pk={plan.id}", f"/g/1.2.5/{plan.id}"):
        page = office.get(address).text
        assert "How many may pass" in page
        assert "May pass at most" in page
        assert "40%" in page
        assert "Rank by votes, then by score" in page
        assert "Posts of public institutions" in page
        assert "长沙市第三医院" in page


def test_scores_are_typed_where_they_decide(office: FlaskClient, plan: Plan) -> None:
    scores = {"votes-0-score": "85.5", "votes-1-score": "１００", "votes-2-score": ""}
    enter(office, plan, **scores)
    page = office.get(f"/g/1.2.5/act/enter?pk={plan.id}").text

    assert [one.score for one in plan.results] == [8550, 10000, None]
    assert 'value="85.50"' in page
    plan.over_cap = OverCap.SECOND_ROUND
    db.session.commit()
    assert "-score" not in office.get(f"/g/1.2.5/act/enter?pk={plan.id}").text
    assert enter(office, plan, **scores).status_code == 303
    assert [one.score for one in plan.results] == [None] * 3


@pytest.mark.parametrize("typed", ["101", "-1", "85.555", "八十", "1e2", "100.01", "8 5"])
def test_impossible_score_is_refused_at_its_field(
    office: FlaskClient, plan: Plan, typed: str
) -> None:
    answer = enter(office, plan, **{"votes-1-score": typed})

    assert answer.status_code == 422
    assert 'id="votes-1-score-error"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert plan.state is PlanState.APPROVED


def test_second_person_sees_all_votes_and_what_follows(
    app: Any, office: FlaskClient, plan: Plan
) -> None:
    people = [meetings.candidate(plan, level=Level.SENIOR) for _count in range(5)]
    order = {item.id: place for place, item in enumerate(candidates(plan))}
    counts = dict(zip((item.id for item in people), (22, 20, 18, 3, 2), strict=True))
    typed: dict[str, str] = {}
    for key, yes in counts.items():
        typed |= {f"votes-{order[key]}-yes": str(yes), f"votes-{order[key]}-no": str(22 - yes)}

    enter(office, plan, **typed)
    said = office.get("/g/1.2.5/")
    second = colleague(app, plan)
    pages = [
        second.get(f"/g/1.2.5/act/confirm?pk={plan.id}").text,
        second.get(f"/g/1.2.5/{plan.id}").text,
    ]

    for text in (said.text, *pages):
        assert "Passed 5" in text
        assert "Beyond the pass rate 1" in text
    for page in pages:
        assert all(item.name in page for item in candidates(plan))
        assert all(f"{yes} / {22 - yes} / 0" in page for yes in counts.values())
        assert "2 of at most 2 (40% of 5)" in page


def test_further_round_is_entered_where_it_is_due(
    app: Any, office: FlaskClient, plan: Plan
) -> None:
    plan.over_cap = OverCap.SECOND_ROUND
    people = [meetings.candidate(plan, level=Level.SENIOR) for _count in range(3)]
    typed = {f"votes-{place}-yes": "20" for place in range(6)}
    enter(office, plan, **typed)
    refused = colleague(app, plan).post(
        "/g/1.2.5/act/confirm", data={"row": row(plan), "decision": "confirm"}
    )
    page = office.get(f"/g/1.2.5/{plan.id}").text
    form = office.get(f"/g/1.2.5/paper/add?plan={plan.id}").text

    assert refused.status_code == 422
    assert "3 candidates are to be voted on again for 1 places" in refused.text
    assert f"/g/1.2.5/paper/add?plan={plan.id}" in page
    assert all(item.number in form for item in people)
    assert 'name="opinions' not in form


def test_second_person_sees_the_votes_of_a_round_and_nobody_undoes_it(
    app: Any, office: FlaskClient, plan: Plan
) -> None:
    plan.over_cap = OverCap.SECOND_ROUND
    people = [meetings.candidate(plan, level=Level.SENIOR) for _count in range(3)]
    typed = {f"votes-{place}-yes": "20" for place in range(6)}
    enter(office, plan, **typed)
    again = {
        f"votes-{place}-{name}": value
        for place, item in enumerate(people)
        for name, value in (
            ("application_id", str(item.id)), ("yes", "20" if place == 0 else "1"), ("no", "1"), ("abstain", "0"),
        )
    }  # fmt: skip
    facts = {key: value for key, value in figures(plan).items() if not key.startswith("votes-")}
    entered = office.post(
        "/g/1.2.5/paper/add", data=facts | again | {"plan_id": str(plan.id), "scan": a_pdf()}
    )
    held = db.session.query(Round).one()
    second = colleague(app, plan)
    page = second.get(f"/g/1.2.5/paper/act/confirm?pk={held.id}").text
    confirmed = second.post(
        "/g/1.2.5/paper/act/confirm", data={"row": row(held), "decision": "confirm_paper"}
    )
    undone = enter(office, plan, **typed, **{"votes-0-note": "再录一次"})

    assert entered.status_code == 303, entered.text
    assert all(item.name in page for item in people)
    assert "What follows from the votes" in page
    assert "Passed 4" in page
    assert confirmed.status_code == 303
    assert undone.status_code == 422
    assert "Round 1 (voted again) on paper was confirmed" in undone.text
    assert plan.state is PlanState.ENTERED


def test_scores_come_from_excel(office: FlaskClient, plan: Plan) -> None:
    template = office.get(f"/g/1.2.5/{plan.id}/template.xlsx")
    book = load_workbook(io.BytesIO(template.data))
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[2]]
    for line in sheet.iter_rows(min_row=workbook.FIRST_ROW, max_row=5):
        for heading, value in (("Yes", 20), ("No", 2), ("Abstained", 0), ("Score", 88.25)):
            line[headings.index(heading)].value = value
    stream = io.BytesIO()
    book.save(stream)
    empty = {f"votes-{place}-{name}": "" for place in range(3) for name in ("yes", "no", "abstain")}

    answer = enter(office, plan, sheet=(io.BytesIO(stream.getvalue()), "表决.xlsx"), **empty)

    assert answer.status_code == 303
    assert [one.score for one in plan.results] == [8825] * 3


def test_signed_opinions_are_added_like_the_sheet(office: FlaskClient, plan: Plan) -> None:
    enter(office, plan)

    added = office.post(f"/g/1.2.5/{plan.id}/scan", data={"opinions": a_pdf()})

    assert added.status_code == 303
    scans = db.session.query(Attachment).filter_by(subject_type="plan", subject_id=plan.id).all()
    assert [scan.kind for scan in scans] == [results.OPINION_SHEET]


def test_scan_is_added_only_while_the_result_waits(office: FlaskClient, plan: Plan) -> None:
    answer = office.post(f"/g/1.2.5/{plan.id}/scan", data={"scan": a_pdf()})

    assert answer.status_code == 302
    assert db.session.query(Attachment).count() == 0


def test_case_shows_votes_and_links_to_the_entry(office: FlaskClient, plan: Plan) -> None:
    before = office.get(f"/g/1.2.5/{plan.id}").text
    enter(office, plan)
    after = office.get(f"/g/1.2.5/{plan.id}").text
    tab = office.get("/g/1.2.5/candidates/").text

    assert f"/g/1.2.5/act/enter?pk={plan.id}" in before
    assert all(item.name in before for item in candidates(plan))
    assert "Passed" in after
    assert all(item.number in tab for item in candidates(plan))


@pytest.mark.parametrize(
    "address", ["{0}", "act/enter?pk={0}", "{0}/template.xlsx", "{0}/sheet.pdf", "{0}/scan"]
)
def test_meeting_of_another_committee_does_not_exist(app: Any, plan: Plan, address: str) -> None:
    holder = factories.position(Role.OFFICE, committee=factories.committee())
    stranger = signed_in(app.test_client(), holder)

    assert stranger.get(f"/g/1.2.5/{address.format(plan.id)}").status_code == 404
    assert enter(stranger, plan).status_code == 404
    assert plan.state is PlanState.APPROVED


@pytest.mark.parametrize("role", [Role.UNIT, Role.SUPERIOR, Role.HRSS, Role.JUDGE, Role.SUPERVISOR])
def test_other_roles_have_no_result_menu(app: Any, plan: Plan, role: Role) -> None:
    holder = factories.position(role, unit=plan.committee.unit, committee=plan.committee)
    other = signed_in(app.test_client(), holder)

    assert other.get("/g/1.2.5/").status_code == 403
    assert other.get(f"/g/1.2.5/{plan.id}/sheet.pdf").status_code == 403
    assert enter(other, plan).status_code == 403


def test_online_meeting_cannot_be_entered(office: FlaskClient, plan: Plan) -> None:
    plan.mode = "online"

    answer = enter(office, plan)

    assert answer.status_code == 422
    assert "votes online" in answer.text
