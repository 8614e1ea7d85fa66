"""Rows 32, 35, 46 and 47: a committee's validity and scope, its plan, the figures of its meeting."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Level, PlanState, Role, UnitKind
from app.extensions import db
from app.models import Committee, Plan, Result
from app.services.registers import working_days
from app.services.results import results
from tests.bad_input import desk
from tests.bad_input.forms import votes
from tests.support import factories
from tests.support.pressing import LEADER

ENTER, CONFIRM = "/g/1.2.5/act/enter", "/g/1.2.5/act/confirm"


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
        ({"valid_to": "2029-12-31"}, "2028-12-31"),
        ({"valid_to": "2029-01-01"}, "2028-12-31"),
        ({"valid_to": "2026-01-01"}, "2028-12-31"),
        ({"valid_to": "2025-12-31"}, "2028-12-31"),
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
        desk.assert_refused(
            client, "/g/committees/add", form | wrong, named, keeps="series_code" not in wrong
        )
    desk.assert_refused_change(known, valid_to=known.valid_from)
    desk.assert_refused_change(known, min_size=24)
    desk.assert_refused_change(known, series_code="99")


def test_row_32_expired_committee_does_nothing_more(
    app: Flask, office: FlaskClient, committee: Committee, authority: FlaskClient
) -> None:
    batch = factories.batch(committee=committee)
    at_office = factories.application(ApplicationState.AT_OFFICE, batch=batch)
    meeting = {"opens_on": factories.in_days(-3), "closes_on": factories.in_days(3), "batch": batch}
    approved, reported = (
        factories.plan(**meeting),
        factories.plan(**meeting, state=PlanState.REPORTED),
    )
    entered = factories.plan(
        **meeting, state=PlanState.ENTERED, entered_by=factories.user().id, members=25, present=25,
        voted_on=factories.today(),
    )  # fmt: skip
    factories.attachment(entered, results.RESULT_SHEET)
    factories.application(ApplicationState.IN_REVIEW, plan=approved)
    factories.application(ApplicationState.QUALIFIED, batch=batch)
    submitted = factories.batch(
        committee=committee, state="submitted", review_year=factories.today().year + 1
    )
    person = factories.person(unit=factories.unit())
    me = desk.clerk(app, Role.APPLICANT, person=person)
    committee.valid_from, committee.valid_to = factories.in_days(-400), factories.in_days(-1)
    name = committee.name

    desk.assert_refused(
        office,
        "/g/1.2.1/act/audit",
        {"row": desk.row(at_office), "decision": "office_pass", **LEADER},
        name,
    )
    desk.assert_refused(office, "/g/1.2.2/add", plan_form(batch), name)
    desk.assert_refused(office, ENTER, {"row": desk.row(approved)} | figures(approved), name)
    desk.assert_refused(office, CONFIRM, {"row": desk.row(entered), "decision": "confirm"}, name)
    desk.assert_refused(
        authority, "/g/1.2.2/act/audit", {"row": desk.row(reported), "decision": "agree"}, name
    )
    desk.assert_refused(
        authority, "/g/1.4.2/act/audit", {"row": desk.row(submitted), "decision": "agree"}, name
    )
    chosen = {
        "batch": batch.id, "mode": "normal", "level": "2", "title_code": "0502",
        "specialty_code": committee.specialties[0].code, "unit_id": person.unit_id,
    }  # fmt: skip
    desk.assert_refused(me, "/me/apply", chosen, name)


def test_row_32_committee_judges_its_own_level_and_series(app: Flask) -> None:
    low = factories.committee(level=Level.ASSISTANT, name="初级评委会")
    high = factories.committee(is_by_specialty=True)
    office = desk.clerk(app, Role.OFFICE, committee=low)
    other = desk.clerk(app, Role.OFFICE, committee=high)
    batch, upper = factories.batch(committee=low), factories.batch(committee=high)
    senior = factories.application(ApplicationState.AT_OFFICE, batch=batch, level=Level.SENIOR)
    strange = factories.application(
        ApplicationState.AT_OFFICE, batch=upper, series_code=factories.series("03").code
    )
    uncovered = factories.application(
        ApplicationState.AT_OFFICE, batch=upper, specialty_code=factories.specialty("05009").code
    )

    for client, case in ((office, senior), (other, strange), (other, uncovered)):
        typed = {"row": desk.row(case), "decision": "office_pass", **LEADER}
        desk.assert_refused(client, "/g/1.2.1/act/audit", typed)
    person = factories.person(unit=factories.unit())
    me = desk.clerk(app, Role.APPLICANT, person=person)
    chosen = {
        "batch": batch.id, "mode": "normal", "level": "4",
        "title_code": factories.title(Level.ASSISTANT).code, "specialty_code": "05001", "unit_id": person.unit_id,
    }  # fmt: skip
    for wrong in ({"level": "1", "title_code": factories.title(Level.SENIOR).code}, {"title_code": "0301"},
                  {"specialty_code": factories.specialty("03001").code}, {"mode": "transfer", "title_code": "x"}):  # fmt: skip
        desk.assert_refused(me, "/me/apply", chosen | wrong, keeps=False)


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
    factories.application(ApplicationState.QUALIFIED, batch=batch)
    first = working_days.add_working_days(factories.today(), days)

    for day in (factories.in_days(-1), factories.today(), factories.in_days(1)):
        late = plan_form(batch, opens_on=day.isoformat())
        desk.assert_refused(office, "/g/1.2.2/add", late, str(first), str(days))
    before = first - factories.timedelta(days=1)
    desk.assert_refused(
        office, "/g/1.2.2/add", plan_form(batch, opens_on=before.isoformat()), str(first)
    )
    desk.assert_refused(
        office, "/g/1.2.2/add", plan_form(batch, closes_on=factories.in_days(59).isoformat())
    )
    answer = office.post("/g/1.2.2/add", data=plan_form(batch, opens_on=first.isoformat()))
    assert answer.status_code == 303


def test_row_35_nothing_is_entered_before_the_plan_is_agreed_and_the_meeting_open(
    office: FlaskClient, committee: Committee
) -> None:
    batch = factories.batch(committee=committee)
    plan = factories.plan(batch=batch, state=PlanState.REPORTED, opens_on=factories.today())
    ahead = factories.plan(batch=batch)
    for one in (plan, ahead):
        factories.application(ApplicationState.IN_REVIEW, plan=one)

    desk.assert_refused(office, ENTER, {"row": desk.row(plan)} | figures(plan), status=404)
    desk.assert_refused(
        office, ENTER, {"row": desk.row(ahead)} | figures(ahead), str(ahead.opens_on)
    )
    desk.assert_refused_change(plan, closes_on=factories.in_days(-9))
    desk.assert_refused_change(plan, seats=24)


# 46 and 47


def figures(plan: Plan, **typed: Any) -> dict[str, Any]:
    """Return what the entry form sends."""
    data: dict[str, Any] = {
        "members": "25",
        "present": "22",
        "voted_on": factories.today().isoformat(),
    }
    return data | votes(results.candidates(db.session(), plan)) | typed


def test_row_46_who_passed_is_computed_and_never_typed(
    office: FlaskClient, committee: Committee, plan: Plan
) -> None:
    factories.agree_to_size(committee, 13)
    forged = {f"votes-{place}-is_passed": "y" for place in range(3)} | {"is_passed": "1"}
    cases = (
        (13, 8, False),
        (13, 9, True),
        (17, 11, False),
        (17, 12, True),
        (25, 16, False),
        (25, 17, True),
    )

    for present, yes, passes in cases:
        votes = {f"votes-{place}-yes": yes for place in range(3)}
        votes |= {f"votes-{place}-no": 0 for place in range(3)}
        votes |= {f"votes-{place}-abstain": present - yes for place in range(3)}
        counts = {"row": desk.row(plan), "members": present, "present": present}
        answer = office.post(ENTER, data=figures(plan) | counts | votes | forged)
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
        desk.assert_refused(office, ENTER, {"row": desk.row(plan)} | figures(plan) | wrong, named)


def test_row_47_votes_are_on_the_candidates_each_once(office: FlaskClient, plan: Plan) -> None:
    sound = {"row": desk.row(plan)} | figures(plan)
    foreign = factories.application(ApplicationState.IN_REVIEW, plan=factories.plan())
    first, second, _third = results.candidates(db.session(), plan)
    fewer = {name: value for name, value in sound.items() if not name.startswith("votes-2")}

    desk.assert_refused(office, ENTER, fewer, _third.number)
    for key in (foreign.id, second.id, "999999", "9" * 30, "x", ""):
        desk.assert_refused(
            office, ENTER, sound | {"votes-0-application_id": str(key)}, keeps=False
        )
    hundred = {f"votes-{place}-application_id": str(first.id) for place in range(120)}
    desk.assert_refused(office, ENTER, sound | hundred, keeps=False)
    other = factories.plan(batch=plan.batch, opens_on=factories.today())
    desk.assert_refused(
        office, ENTER, sound | {"row": [desk.row(plan), desk.row(other)]}, keeps=False
    )
    desk.assert_refused(
        office, ENTER, sound | {"sheet": (BytesIO(b"no workbook"), "票.xlsx")}, keeps=False
    )
    online = factories.plan(batch=plan.batch, opens_on=factories.today(), mode="online")
    desk.assert_refused(office, ENTER, {"row": desk.row(online)} | figures(online), "线上")


def test_row_47_impossible_figures_are_refused_by_the_database(plan: Plan) -> None:
    stored = factories.result(plan, results.candidates(db.session(), plan)[0])
    plan.members, plan.present = 25, 20

    desk.assert_refused_change(stored, yes=-1)
    desk.assert_refused_change(plan, present=26)
    desk.assert_refused_twin(stored)
