"""Rows 46 to 48 and 50 for online meetings: computed results, rounds on paper, caps, what is sealed."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from app.enums import Level, OverCap, PlanState, Role, RoundState, SeatRole, UnitKind
from app.extensions import db
from app.models import Committee, Plan, Result, Round, RoundCandidate
from app.services.results import outcomes
from tests.bad_input import desk
from tests.bad_input.forms import votes
from tests.services.dossiers import a_scan as a_pdf
from tests.support import factories, meetings

ENTER, COMPUTE, MINUTES = "/g/1.2.5/act/enter", "/g/1.2.5/act/compute", "/g/1.2.5/act/minutes"
CONFIRM, PAPER, SIGN = "/g/1.2.5/act/confirm", "/g/1.2.5/paper/add", "/g/meeting-result/act/sign"


@pytest.fixture
def plan(committee: Committee) -> Plan:
    """An online meeting of five full senior candidates, of whom two may pass."""
    return meetings.online(
        count=5, level=Level.SENIOR, senior_cap=40, batch=factories.batch(committee=committee)
    )


def figures(plan: Plan, **typed: Any) -> dict[str, Any]:
    """Return what the form of a round on paper sends: twenty yes for everybody."""
    data: dict[str, Any] = {
        "plan_id": str(plan.id),
        "members": "25",
        "present": "22",
        "voted_on": factories.today().isoformat(),
        "scan": a_pdf(),
        "opinions_signed": "y",
        "opinions": a_pdf(),
    }
    return data | votes(meetings.candidates(plan)) | typed


# 46


def test_row_46_online_result_is_never_typed(office: FlaskClient, plan: Plan) -> None:
    typed = {key: value for key, value in figures(plan).items() if key != "scan"}
    desk.assert_refused(office, ENTER, {"row": desk.row(plan)} | typed, "线上", keeps=False)

    meetings.vote(plan, 16, 16, 16, 16, 16)
    forged = {"is_passed": "1", "votes-0-is_passed": "y", "yes": "25", "reason": "passed"}
    answer = office.post(COMPUTE, data={"row": desk.row(plan)} | forged)

    assert answer.status_code == 303
    assert {(one.is_passed, one.yes) for one in db.session.query(Result)} == {(False, 16)}


@pytest.mark.parametrize(
    ("present", "yes", "passes"), [(13, 8, False), (13, 9, True), (17, 11, False), (17, 12, True)]
)
def test_row_46_two_thirds_are_computed_in_whole_numbers(
    office: FlaskClient, committee: Committee, present: int, yes: int, passes: bool
) -> None:
    plan = meetings.online(count=1, batch=factories.batch(committee=committee))
    meetings.vote(plan, yes, of=present)

    answer = office.post(COMPUTE, data={"row": desk.row(plan)})

    assert answer.status_code == 303
    assert [one.is_passed for one in plan.results] == [passes]


def test_row_46_nothing_is_computed_before_everything_is_counted(
    office: FlaskClient, plan: Plan
) -> None:
    press = {"row": desk.row(plan)}
    desk.assert_refused(office, COMPUTE, press, "计票")
    meetings.vote(plan, 25, 20, 20, 20, 3)
    desk.assert_refused(office, COMPUTE, press, "3", "1")
    held = factories.ballot_round(plan, number=2, state=RoundState.CLOSED)
    desk.assert_refused(office, COMPUTE, press, "第二轮", str(held.state.label))


# 47


WRONG_FIGURES: list[tuple[dict[str, Any], str]] = [
    ({"present": "26"}, "26"),
    ({"present": "16"}, "17"),
    ({"present": "-1"}, "-1"),
    ({"present": "二十二"}, "二十二"),
    ({"members": "24"}, "24"),
    ({"members": "23"}, "25"),
    ({"members": ""}, "填写"),
    ({"voted_on": factories.in_days(-2).isoformat()}, str(factories.in_days(-2))),
    ({"voted_on": factories.in_days(1).isoformat()}, str(factories.in_days(1))),
    ({"voted_on": "昨天"}, "昨天"),
    ({"votes-0-yes": "23"}, "22"),
    ({"votes-0-no": "3"}, "23"),
    ({"votes-1-abstain": "-1"}, "-1"),
    ({"votes-1-yes": "NaN"}, "NaN"),
    ({"votes-2-yes": ""}, "填写"),
    ({"votes-2-note": "x\u200by"}, "U+200B"),
    ({"votes-2-application_id": "999999"}, ""),
    ({"votes-2-application_id": "x"}, ""),
    ({"plan_id": "999999"}, ""),
    ({"plan_id": ""}, ""),
]


@pytest.mark.parametrize(("typed", "said"), WRONG_FIGURES)
def test_row_47_impossible_figures_of_a_paper_round_are_refused(
    office: FlaskClient, plan: Plan, typed: dict[str, Any], said: str
) -> None:
    is_forged = {"plan_id", "votes-2-application_id"} & set(typed)

    desk.assert_refused(office, PAPER, figures(plan) | typed, said, keeps=not is_forged)


def test_row_47_paper_round_needs_its_signed_sheet(office: FlaskClient, plan: Plan) -> None:
    for scan in ("", (io.BytesIO(b"MZ"), "计票表.pdf"), (io.BytesIO(b""), "计票表.pdf")):
        desk.assert_refused(office, PAPER, figures(plan, scan=scan), keeps=False)


def test_row_47_paper_round_needs_a_second_person(office: FlaskClient, plan: Plan) -> None:
    assert office.post(PAPER, data=figures(plan)).status_code == 303
    held = db.session.query(Round).one()

    desk.assert_refused(
        office, "/g/1.2.5/paper/act/confirm", {"row": desk.row(held), "decision": "confirm_paper"}, "第二人"
    )  # fmt: skip
    desk.assert_refused(
        office, "/g/1.2.5/paper/act/confirm", {"row": desk.row(held), "decision": "drop_paper"}
    )
    desk.assert_refused(office, PAPER, figures(plan), "第一轮")


# 48


@pytest.mark.parametrize("rule", list(OverCap))
def test_row_48_the_fourteenth_of_thirty_three_does_not_pass(
    office: FlaskClient, committee: Committee, rule: OverCap
) -> None:
    plan = meetings.online(
        count=33, level=Level.SENIOR, senior_cap=40, over_cap=rule, batch=factories.batch(committee=committee)
    )  # fmt: skip
    meetings.vote(plan, *[25] * 14, *[3] * 19)

    desk.assert_refused(office, COMPUTE, {"row": desk.row(plan)}, "14", "13")
    again = outcomes.next_round(db.session(), plan)
    assert again is not None
    meetings.counted(plan, {key: 25 - place for place, key in enumerate(again.application_ids)})
    assert office.post(COMPUTE, data={"row": desk.row(plan)}).status_code == 303

    # the thirteenth has 13 of 25 in the further round, the fourteenth 12: two thirds are 17
    assert again.places == 13
    assert sum(one.is_passed for one in plan.results) == 9


def test_row_48_no_more_pass_than_there_are_posts(office: FlaskClient, plan: Plan) -> None:
    school = factories.unit(kind=UnitKind.PUBLIC)
    factories.quota(school, level=Level.SENIOR, granted=1)
    for item in meetings.candidates(plan)[:2]:
        item.unit_id = school.id
    meetings.vote(plan, 25, 24, 20, 3, 3)

    assert office.post(COMPUTE, data={"row": desk.row(plan)}).status_code == 303

    found = {one.application_id: one.is_passed for one in plan.results}
    passed = [found[item.id] for item in meetings.candidates(plan)]
    assert passed == [True, False, True, False, False]


# 50


@pytest.fixture
def entered(plan: Plan) -> Plan:
    """The meeting with its result computed by somebody else."""
    meetings.vote(plan, 25, 24, 20, 18, 3)
    meetings.computed(plan)
    return plan


def test_row_50_minutes_are_a_text(office: FlaskClient, entered: Plan) -> None:
    for typed, said in (
        ("", "填写"),
        ("会议", "20"),
        ("会" * 20_001, ""),
        ("会议\u202e纪要" * 9, "U+202E"),
    ):
        press = {"row": desk.row(entered), "minutes": typed}
        desk.assert_refused(office, MINUTES, press, said)


def test_row_50_nothing_is_confirmed_without_minutes_and_both_signatures(
    app: Flask, office: FlaskClient, entered: Plan
) -> None:
    press = {"decision": "confirm"}
    chair, _seat = meetings.judge(entered, SeatRole.CHAIR)
    member, _seat = meetings.judge(entered)

    desk.assert_refused(
        office, CONFIRM, {"row": desk.row(entered)} | press, "会议纪要", "主任委员", "监督员"
    )
    desk.assert_refused(desk.at(app, chair), SIGN, {"row": desk.row(entered)}, "纪要")
    desk.assert_refused(desk.at(app, member), SIGN, {"row": desk.row(entered)}, status=404)
    meetings.fire(
        entered, "write_minutes", meetings.office(entered), details={"minutes": meetings.MINUTES}
    )
    assert desk.at(app, chair).post(SIGN, data={"row": desk.row(entered)}).status_code == 303
    desk.assert_refused(desk.at(app, chair), SIGN, {"row": desk.row(entered)}, "已经签名")
    desk.assert_refused(office, CONFIRM, {"row": desk.row(entered)} | press, "监督员")


def test_row_50_tally_is_not_edited_after_the_signatures(
    office: FlaskClient, entered: Plan
) -> None:
    meetings.signed(entered)
    vote = outcomes.counted_rounds(db.session(), entered)[0].candidates[0]
    typed = {key: value for key, value in figures(entered).items() if key != "scan"}

    desk.assert_refused(office, ENTER, {"row": desk.row(entered)} | typed, "线上", keeps=False)
    desk.assert_refused(office, COMPUTE, {"row": desk.row(entered)})
    desk.assert_refused(office, PAPER, figures(entered), keeps=False)
    desk.assert_refused_change(vote, yes=1)
    desk.assert_refused_change(vote, no=25)
    desk.assert_refused_change(vote.round, present=20)
    desk.assert_refused_by_database(delete(RoundCandidate))


def test_row_50_confirmed_result_does_not_change(office: FlaskClient, entered: Plan) -> None:
    meetings.signed(entered)
    meetings.fire(entered, "confirm", meetings.office(entered))
    one = entered.results[0]
    press = {"row": desk.row(entered)}

    desk.assert_refused(office, COMPUTE, press)
    desk.assert_refused(office, MINUTES, press | {"minutes": meetings.MINUTES + "补充。"})
    desk.assert_refused(
        office, CONFIRM, press | {"decision": "reopen", "opinion": "票数有误，重新汇总"}
    )
    desk.assert_refused_change(one, is_passed=False)
    desk.assert_refused_change(one, yes=1)
    desk.assert_refused_change(entered, minutes="改过的纪要")
    desk.assert_refused_change(entered, chair_signed_at=None)
    desk.assert_refused_change(entered, state=PlanState.ENTERED)
    desk.assert_refused_by_database(delete(Result))
    desk.assert_refused_by_database(update(Result).values(rank=1))


def test_row_50_other_offices_do_not_see_the_meeting(app: Flask, entered: Plan) -> None:
    stranger = desk.clerk(app, Role.OFFICE, committee=factories.committee())

    for url in (COMPUTE, MINUTES, CONFIRM):
        desk.assert_refused(stranger, url, {"row": desk.row(entered)}, status=404)
