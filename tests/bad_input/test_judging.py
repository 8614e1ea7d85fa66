"""Rows 39, 40 and 42: sheets only of one's own cases, points in range and whole and once, opinions of three."""

import pytest
from flask import Flask

from app.enums import InterviewState
from app.extensions import db
from app.models import Application, Assessment, Plan
from app.services.judging import opinions
from tests.bad_input import desk as bad
from tests.support import factories
from tests.views import desk
from tests.views.desk import FULL, WORDING, Judge

LIMIT = "0到50的整数"


@pytest.fixture
def plan(app: Flask) -> Plan:
    return desk.plan()


def chinese(judge: Judge) -> Judge:
    with judge.client.session_transaction() as held:
        held["locale"] = "zh_Hans_CN"
    return judge


@pytest.fixture
def me(app: Flask, plan: Plan) -> Judge:
    return chinese(desk.judge(app, plan))


@pytest.fixture
def case(plan: Plan, me: Judge) -> Application:
    return desk.candidate(plan, me)


def test_row_39_nobody_scores_what_is_not_assigned(plan: Plan, me: Judge) -> None:
    for one in desk.hidden_from(me, plan):
        for guide in desk.SHEETS:
            before = bad.stored()
            for sent in ({"data": FULL | {"do": "submit"}}, {"json": FULL}):
                assert me.client.post(f"/g/{guide}/{one.id}/sheet", **sent).status_code == 404
            assert bad.stored() == before


def test_row_39_nobody_scores_from_an_empty_seat_or_outside_of_the_meeting(
    plan: Plan, me: Judge, case: Application
) -> None:
    url = f"/g/1.3.3/{case.id}/sheet"

    me.seat.state = "gone"
    assert me.client.post(url, data=FULL | {"do": "submit"}).status_code == 404
    me.seat.state = "present"
    plan.opens_on, plan.closes_on = factories.in_days(1), factories.in_days(2)
    assert me.client.post(url, data=FULL | {"do": "submit"}).status_code == 404
    assert db.session.query(Assessment).count() == 0


def test_row_39_absent_candidate_gets_no_interview_score(me: Judge, case: Application) -> None:
    factories.interview(case, state=InterviewState.ABSENT)

    bad.assert_refused(
        me.client, f"/g/1.3.2/{case.id}/sheet", FULL | {"do": "submit"}, "未到场", keeps=False
    )


@pytest.mark.parametrize(
    "value", ["101", "51", "-1", "九十", "NaN", "1e1", "9.5", "0x10", "99999999999999999999"]
)
def test_row_40_points_are_whole_and_in_range(me: Judge, case: Application, value: str) -> None:
    url = f"/g/1.3.3/{case.id}/sheet"

    for do in ("save", "submit", "next"):
        bad.assert_refused(me.client, url, FULL | {"score-0": value, "do": do}, value[:20], LIMIT)


@pytest.mark.parametrize("missing", ["score-0", "score-1"])
def test_row_40_every_item_is_scored(me: Judge, case: Application, missing: str) -> None:
    typed = FULL | {missing: "", "do": "submit"}

    said = bad.assert_refused(me.client, f"/g/1.3.3/{case.id}/sheet", typed, "没有填分")
    left_out = {name: value for name, value in typed.items() if name != missing}
    bad.assert_refused(me.client, f"/g/1.3.3/{case.id}/sheet", left_out, "没有填分")

    assert ("业绩" in said) == (missing == "score-0")


def test_row_40_note_and_reason_are_plain_text(me: Judge, case: Application) -> None:
    for typed in ({"note": "<script>"}, {"note": "长" * 2001}, {"note": "零\u200b宽"}):
        bad.assert_refused(me.client, f"/g/1.3.3/{case.id}/sheet", FULL | {"do": "save"} | typed)
    for reason in ("", "无", "不通过", "<b>x</b>", "长" * 1001):
        typed = {"is_passed": "0", "reason": reason, "do": "submit"}
        bad.assert_refused(me.client, f"/g/1.3.1/{case.id}/sheet", typed)
    bad.assert_refused(me.client, f"/g/1.3.1/{case.id}/sheet", {"do": "submit"}, "请选择")


def test_row_40_submitted_sheet_never_changes(me: Judge, case: Application) -> None:
    sheet = factories.assessment(me.seat, case)
    url = f"/g/1.3.3/{case.id}/sheet"

    for do in ("save", "submit", "next"):
        bad.assert_refused(me.client, url, FULL | {"do": do}, "锁定", keeps=False)
    bad.assert_refused_change(sheet, total=10_001)
    bad.assert_refused_change(sheet, total=-1)
    bad.assert_refused_twin(sheet)


def test_row_40_sheets_are_locked_once_the_vote_is_on(
    plan: Plan, me: Judge, case: Application
) -> None:
    factories.ballot_round(plan, case, seats=(me.seat,), state="open")

    bad.assert_refused(
        me.client,
        f"/g/1.3.3/{case.id}/sheet",
        FULL | {"do": "submit"},
        "已准备或进行表决",
        keeps=False,
    )


@pytest.mark.parametrize(
    "text", ["", "   ", "同意", "同意推荐", "<script>x</script>同意推荐该同志", "长" * 2001]
)
def test_row_42_opinion_says_something(me: Judge, case: Application, text: str) -> None:
    url = f"/g/1.3.5/{case.id}/opinion"

    bad.assert_refused(me.client, url, {"do": "write", "text": text})


def test_row_42_two_signatures_are_no_opinion(app: Flask, plan: Plan, me: Judge) -> None:
    second = chinese(desk.judge(app, plan))
    stranger = desk.judge(app, plan)
    case = desk.candidate(plan, me, second)
    url = f"/g/1.3.5/{case.id}/opinion"
    me.client.post(url, data={"do": "write", "text": WORDING})
    read = {"do": "sign", "read": opinions.digest(WORDING)}

    bad.assert_refused(me.client, url, read, "已经签名")
    bad.assert_refused(second.client, url, {"do": "sign", "read": "x"}, "有人改过", keeps=False)
    assert stranger.client.post(url, data=read).status_code == 404
    second.client.post(url, data=read)

    assert opinions.candidates_without_opinion(db.session(), plan.id, [case.id]) == [case.id]
