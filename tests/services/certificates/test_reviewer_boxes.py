"""The boxes of the review form: each says what is stored, by whom and when, and nothing before it is decided."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.enums import (
    ApplicationState,
    FilingState,
    NoticeState,
    ObjectionState,
    Role,
)
from app.ground import clock
from app.models import Application, Plan, TransitionLog
from app.services.certificates import certificates, reviewer_boxes
from app.services.dossier.review_form import Box
from tests.support import factories, meetings
from tests.support.counting import statements
from tests.support.tampering import unsealed

UNIT, SUPERIOR, OFFICE = "湘江设计院", "省交通厅", "省工程系列评委会办公室"
JUDGE = "司徒雷鸣"
PLACES = ("first", "notice", "superior", "office", "group", "vote", "result_notice", "filing")


@pytest.fixture
def plan(app: Flask) -> Plan:
    factories.work_days()
    return factories.plan(
        state="concluded", members=25, present=23, voted_on=factories.in_days(-20)
    )


@pytest.fixture
def case(plan: Plan) -> Application:
    """A candidate who went the whole way and was passed; the filing is not agreed yet."""
    made = factories.application(
        ApplicationState.IN_FILING,
        plan=plan,
        unit=factories.unit(UNIT),
        superiors=(factories.unit(SUPERIOR),),
        submitted_at=at(-90),
        recommendation="业绩突出，同意推荐。",
    )
    for one in made.route:
        one.passed_at = at(-50)
    log(made, "submit", -90)
    log(made, "report", -70, unit=UNIT)
    log(
        made,
        "superior_pass",
        -50,
        "材料属实，同意上报。",
        unit=SUPERIOR,
        unit_id=made.route[0].unit_id,
    )
    log(made, "office_pass", -40, "资格符合申报条件。", unit=OFFICE)
    hung(made, -80, -72)
    factories.result(plan, made, yes=20, no=2, abstain=1)
    seats = [factories.seat(plan, factories.user(f"{JUDGE}{place}")) for place in range(3)]
    factories.opinion(made, *seats, text="同意推荐为高级工程师。", group_name="桥梁组")
    return made


def at(days: int) -> datetime:
    return clock.start_of_day(factories.in_days(days))


def hung(case: Application, first: int, last: int, **values: Any) -> Any:
    days = {"starts_on": factories.in_days(first), "ends_on": factories.in_days(last)}
    return factories.notice(
        [case], **days | {"state": NoticeState.OVER, "created_at": at(first)} | values
    )


def log(
    record: Any, event: str, days: int, opinion: str = "", unit: str = "", **values: Any
) -> TransitionLog:
    return factories.add(
        TransitionLog(
            **{
                "at": at(days), "subject_type": record.__tablename__, "subject_id": record.id,
                "event": event, "target": "x", "opinion": opinion, "actor_role": Role.UNIT,
                "unit_name": unit, "actor_name": "经办人甲", "details": {},
            } | values
        )
    )  # fmt: skip


def drawn(case: Application, **options: Any) -> dict[str, Box]:
    """Return the boxes by their place; that of the result notice only if it is there."""
    found = reviewer_boxes.boxes(case, **options)
    labels = [box.label for box in found]
    places = [p for p in PLACES if p != "result_notice" or "Public notice of the result" in labels]
    return dict(zip(places, found, strict=False))


def words(box: Box) -> str:
    figures = " ".join(f"{label}={value}" for label, value in box.figures)
    return " ".join([*box.lines, figures, box.signed])


def day(days: int) -> str:
    return factories.in_days(days).isoformat()


def test_every_act_stands_in_its_box_with_body_and_date(case: Application) -> None:
    boxes = drawn(case)

    assert words(boxes["first"]) == f"业绩突出，同意推荐。  {UNIT}  {day(-70)}"
    assert words(boxes["superior"]) == f"材料属实，同意上报。  {SUPERIOR}  {day(-50)}"
    assert words(boxes["office"]) == f"资格符合申报条件。  {OFFICE}  {day(-40)}"


def test_every_superior_unit_of_the_route_has_its_own_box(case: Application) -> None:
    below, above = factories.unit("长沙市交通局"), factories.unit("省国资委")
    second = factories.application(
        ApplicationState.AT_OFFICE, batch=case.batch, superiors=(below, above)
    )
    log(second, "superior_pass", -4, "同意", unit=below.name, unit_id=below.id)
    log(second, "superior_pass", -3, unit=above.name, unit_id=above.id)

    found = [box for box in reviewer_boxes.boxes(second) if box.label.startswith("Check by")]

    assert [words(box) for box in found] == [
        f"同意  长沙市交通局  {day(-4)}", f"Audit passed  省国资委  {day(-3)}",
    ]  # fmt: skip


def test_notice_names_its_days_place_and_objections(case: Application) -> None:
    box = drawn(case)["notice"]

    assert f"{day(-80)} to {day(-72)}" in words(box)
    assert "单位公告栏" in words(box)
    assert "No objection was received." in box.lines
    assert box.signed == f"{UNIT}  {day(-72)}"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (ObjectionState.OPEN, "upheld: 0, not upheld: 0, under inquiry: 1"),
        (ObjectionState.REJECTED, "upheld: 0, not upheld: 1, under inquiry: 0"),
        (ObjectionState.UPHELD, "upheld: 1, not upheld: 0, under inquiry: 0"),
    ],
)
def test_objections_are_counted_by_what_became_of_them(
    case: Application, state: ObjectionState, said: str
) -> None:
    notice = hung(case, -79, -71)
    factories.objection(notice, case, state=state)

    assert said in words(drawn(case)["notice"])
    assert "论文不是本人所写" not in words(drawn(case)["notice"])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": NoticeState.RUNNING}, "Posted since"),
        ({"state": NoticeState.CANCELLED}, "was cancelled"),
    ],
)
def test_notice_that_has_not_ended_is_not_signed(
    case: Application, values: dict[str, Any], said: str
) -> None:
    hung(case, -2, 6, **values)

    box = drawn(case)["notice"]
    assert said in words(box)
    assert box.signed == ""


def test_notice_of_earlier_material_does_not_count(case: Application) -> None:
    case.submitted_at = at(-60)

    assert drawn(case)["notice"] == Box("Public notice inside the unit")


def test_acts_before_the_material_was_handed_in_anew_do_not_count(case: Application) -> None:
    log(case, "resubmit", -30)

    boxes = drawn(case)
    assert boxes["first"].signed == ""
    assert (boxes["office"].lines, boxes["office"].signed) == ((), "")


def test_supplement_does_not_undo_the_acts_before_it(case: Application) -> None:
    log(case, "ask_correction", -48, "缺学历证书", unit=OFFICE)
    log(case, "answer_correction", -45)
    log(case, "office_pass", -39, unit=OFFICE)

    box = drawn(case)["office"]
    assert f"asked for on {day(-48)}, handed in on {day(-45)}" in words(box)
    assert box.lines[-1] == "Audit passed"
    assert drawn(case)["superior"].signed


def test_refusal_is_printed_as_a_refusal(case: Application) -> None:
    case.state = ApplicationState.ENDED
    log(case, "office_refuse", -38, "学历不符合条件", unit=OFFICE)

    assert words(drawn(case)["office"]) == f"Audit not passed: 学历不符合条件  {OFFICE}  {day(-38)}"


def test_opinion_and_vote_name_the_committee_but_no_judge(case: Application, plan: Plan) -> None:
    boxes = drawn(case)

    group, vote = boxes["group"], boxes["vote"]
    assert group.lines == ["同意推荐为高级工程师。", "Signed by 3 experts of the group."]
    assert group.signed.startswith(f"{plan.committee.name} 桥梁组")
    assert [value for _label, value in vote.figures] == ["25", "23", "20", "2", "1", "Passed"]
    assert vote.signed == f"{plan.committee.name}  {day(-20)}"
    assert JUDGE not in "".join(words(box) for box in boxes.values())


@pytest.mark.parametrize(
    "state",
    [ApplicationState.QUALIFIED, ApplicationState.IN_REVIEW, ApplicationState.AT_OFFICE],
)
def test_nothing_of_the_meeting_is_printed_before_the_result_is_confirmed(
    case: Application, state: ApplicationState
) -> None:
    case.state = state

    boxes = drawn(case)
    assert (boxes["group"].lines, boxes["group"].signed) == ((), "")
    assert {value for _label, value in boxes["vote"].figures} == {""}
    assert boxes["first"].lines


def test_own_copy_is_empty_until_the_case_is_decided(case: Application) -> None:
    case.state = ApplicationState.IN_REVIEW
    before = drawn(case, is_own=True)
    case.state = ApplicationState.PASSED
    after = drawn(case, is_own=True)

    assert not any(box.lines or box.signed for box in before.values())
    assert {value for _label, value in before["vote"].figures} == {""}
    assert "业绩突出" in words(after["first"])
    assert after["vote"].signed


def test_round_that_decided_has_the_counts_of_an_online_vote(app: Flask) -> None:
    plan = meetings.online(count=1)
    held = meetings.vote(plan, 16, of=21)
    case = meetings.candidates(plan)[0]
    factories.result(
        plan, case, yes=16, no=5, abstain=0, round_id=held.id, counted_of=20, reason="passed"
    )
    plan.members, plan.present = 99, 98
    case.state = ApplicationState.PASSED

    vote = drawn(case)["vote"]

    assert [value for _label, value in vote.figures] == ["25", "21", "16", "5", "0", "Passed"]
    assert "counted of 20" in words(vote)
    assert vote.signed == f"{plan.committee.name}  {day(0)}"


def test_result_notice_stands_beside_the_vote(case: Application, plan: Plan) -> None:
    hung(case, -15, -7, plan=plan)

    boxes = drawn(case)
    assert f"{day(-15)} to {day(-7)}" in words(boxes["result_notice"])
    assert boxes["filing"].label == "Filing by the human resources authority"


def test_filing_names_document_certificate_body_and_date(case: Application, plan: Plan) -> None:
    filing = factories.filing(plan, state=FilingState.AGREED, approval_number="湘职改办〔2026〕9号")
    log(filing, "agree", -3, unit="省职改办")
    case.state = ApplicationState.CERTIFIED
    certificate = factories.certificate(case, issued_on=factories.in_days(-3))

    box = drawn(case)["filing"]

    assert "湘职改办〔2026〕9号" in words(box)
    assert certificates.grouped(certificate.number) in words(box)
    assert box.signed == f"省职改办  {day(-3)}"


@pytest.mark.parametrize("state", [FilingState.REPORTED, FilingState.RETURNED])
def test_filing_that_is_not_agreed_is_left_open(
    case: Application, plan: Plan, state: FilingState
) -> None:
    factories.filing(plan, state=state)

    assert drawn(case)["filing"] == Box("Filing by the human resources authority")


@pytest.mark.parametrize(
    ("event", "words_of_it"),
    [
        ("result_objection_upheld", "cancelled after an objection"),
        ("bar_out", "cancelled because of a bar"),
    ],
)
def test_cancelled_pass_is_not_printed_as_filed(
    case: Application, plan: Plan, event: str, words_of_it: str
) -> None:
    factories.filing(plan, state=FilingState.AGREED, approval_number="湘职改办〔2026〕9号")
    log(case, event, -5, "论文系抄袭", unit=OFFICE)
    case.state = ApplicationState.CANCELLED

    box = drawn(case)["filing"]

    assert words_of_it in words(box)
    assert "湘职改办" not in words(box)
    assert box.signed == f"{OFFICE}  {day(-5)}"


def test_who_was_not_passed_has_no_box_for_a_filing(case: Application) -> None:
    with unsealed():
        case.state = ApplicationState.FAILED

    labels = [box.label for box in reviewer_boxes.boxes(case)]
    assert "Filing by the human resources authority" not in labels
    assert "Review and vote of the committee" in labels


def test_boxes_take_as_many_statements_for_many_acts_as_for_few(case: Application) -> None:
    with statements() as few:
        reviewer_boxes.boxes(case)
    for days in range(-35, -25):
        log(case, "ask_correction", days)
    with statements() as many:
        reviewer_boxes.boxes(case)

    assert len(many) <= len(few)
