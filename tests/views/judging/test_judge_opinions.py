"""Menu 1.3.5: one judge writes the opinion of the group, three sign it; the page counts and names nobody."""

import pytest
from flask import Flask

from app.enums import OpinionState, ReviewStep
from app.extensions import db
from app.models import Application, Opinion, Plan
from app.services.judging import opinions
from tests.bad_input.desk import stored
from tests.support import factories
from tests.views import desk
from tests.views.desk import WORDING, Judge

CHANGED = "业绩一般，本次不同意推荐。"


@pytest.fixture
def plan(app: Flask) -> Plan:
    return desk.plan()


@pytest.fixture
def group(app: Flask, plan: Plan) -> list[Judge]:
    return [desk.judge(app, plan) for _count in range(4)]


@pytest.fixture
def case(plan: Plan, group: list[Judge]) -> Application:
    return desk.candidate(plan, *group)


def opinion() -> Opinion:
    found = db.session.query(Opinion).one()
    db.session.refresh(found)
    return found


def press(judge: Judge, case: Application, do: str, **typed: str) -> int:
    known = db.session.query(Opinion).one_or_none()
    read = {"read": opinions.digest(known.text)} if known else {}
    status: int = judge.client.post(
        f"/g/1.3.5/{case.id}/opinion", data={"do": do} | read | typed
    ).status_code
    return status


def test_opinion_is_complete_with_three_signatures(
    plan: Plan, group: list[Judge], case: Application
) -> None:
    first, second, third, fourth = group

    written = press(first, case, "write", text=WORDING)
    missing_then = opinions.candidates_without_opinion(db.session(), plan.id, [case.id])
    page = second.client.get(f"/g/1.3.5/{case.id}").text
    signed = [press(judge, case, "sign") for judge in (second, third)]

    assert (written, signed) == (303, [303, 303])
    assert missing_then == [case.id]
    assert "Signed 1 of 3" in page
    assert WORDING in page
    assert (opinion().state, len(opinion().signers)) == (OpinionState.COMPLETE, 3)
    assert opinions.candidates_without_opinion(db.session(), plan.id, [case.id]) == []
    assert "The opinion is complete." in fourth.client.get(f"/g/1.3.5/{case.id}").text


def test_changed_wording_loses_its_signatures(group: list[Judge], case: Application) -> None:
    first, second, third, _fourth = group
    press(first, case, "write", text=WORDING)
    press(second, case, "sign")

    changed = press(third, case, "rewrite", text=CHANGED)

    assert changed == 303
    assert (opinion().text, opinion().state) == (CHANGED, OpinionState.DRAFT)
    assert [one.seat_id for one in opinion().signers] == [third.seat.id]


def test_nobody_signs_or_overwrites_what_was_not_read(
    group: list[Judge], case: Application
) -> None:
    first, second, third, _fourth = group
    press(first, case, "write", text=WORDING)
    read = opinions.digest(WORDING)
    press(second, case, "rewrite", text=CHANGED)

    signed = press(third, case, "sign", read=read)
    overwritten = third.client.post(
        f"/g/1.3.5/{case.id}/opinion", data={"do": "rewrite", "text": WORDING, "read": read}
    )

    assert (signed, overwritten.status_code) == (422, 422)
    assert WORDING in overwritten.text
    assert CHANGED in overwritten.text
    assert (opinion().text, len(opinion().signers)) == (CHANGED, 1)


def test_opinion_is_signed_once(group: list[Judge], case: Application) -> None:
    first, second, _third, _fourth = group

    too_early = press(second, case, "sign")
    press(first, case, "write", text=WORDING)
    twice = press(first, case, "sign")

    assert (too_early, twice) == (422, 422)
    assert len(opinion().signers) == 1


def test_second_first_wording_is_kept_and_shown_beside_the_first(
    group: list[Judge], case: Application
) -> None:
    first, second, _third, _fourth = group
    press(first, case, "write", text=WORDING)

    answer = second.client.post(
        f"/g/1.3.5/{case.id}/opinion", data={"do": "write", "text": CHANGED}
    )

    assert answer.status_code == 422
    assert WORDING in answer.text
    assert CHANGED in answer.text
    assert opinion().text == WORDING


def test_list_counts_signatures_and_says_what_is_left(
    group: list[Judge], plan: Plan, case: Application
) -> None:
    first, second, third, fourth = group
    other = desk.candidate(plan, first, second)
    before = second.client.get("/g/1.3.5/").text
    press(first, case, "write", text=WORDING)
    due = second.client.get("/g/1.3.5/").text
    press(second, case, "sign")
    signed = second.client.get("/g/1.3.5/").text
    press(third, case, "sign")
    complete = fourth.client.get("/g/1.3.5/").text

    assert "0 of 2 done" in before
    assert "Your signature is due" in due
    assert ("1 of 2 done" in signed, "Signed by you" in signed, "2 / 3" in signed) == (True,) * 3
    assert ("1 of 1 done" in complete, "3 / 3" in complete) == (True, True)
    assert other.number in before


def test_colleagues_are_counted_never_named(group: list[Judge], case: Application) -> None:
    first, second, _third, _fourth = group
    first.seat.user.real_name = "欧阳评委"
    press(first, case, "write", text=WORDING)

    page = second.client.get(f"/g/1.3.5/{case.id}").text
    twice = first.client.post(f"/g/1.3.5/{case.id}/opinion", data={"do": "sign", "read": ""})

    assert "欧阳评委" not in page
    assert "已签" not in page
    assert twice.status_code == 422


def test_sheets_of_the_group_are_summed_once_the_own_is_submitted(
    group: list[Judge], case: Application
) -> None:
    first, second, _third, _fourth = group
    review = ReviewStep.MATERIAL_REVIEW
    factories.assessment(second.seat, case, total=6100)
    factories.assessment(second.seat, case, step=review, is_passed=True, scores={}, total=None)

    before = first.client.get(f"/g/1.3.5/{case.id}").text
    factories.assessment(first.seat, case, total=7000)
    factories.assessment(first.seat, case, step=review, is_passed=False, scores={}, total=None)
    after = first.client.get(f"/g/1.3.5/{case.id}").text

    assert "65.50" not in before
    assert before.count("shown once your own sheet is submitted") == 3
    assert "65.50 points of 2 sheets" in after
    assert "1 passed, 1 not passed" in after


def test_too_few_judges_are_said(app: Flask, plan: Plan) -> None:
    pair = [desk.judge(app, plan) for _count in range(2)]
    case = desk.candidate(plan, *pair)

    page = pair[0].client.get(f"/g/1.3.5/{case.id}").text

    assert "Only 2 judges work on this candidate; 3 must sign." in page


def test_opinion_stays_once_the_vote_is_on(
    group: list[Judge], plan: Plan, case: Application
) -> None:
    press(group[0], case, "write", text=WORDING)
    factories.ballot_round(plan, case, seats=(group[0].seat,), state="open")

    statuses = [
        press(group[1], case, "sign"),
        press(group[1], case, "rewrite", text=CHANGED),
    ]

    assert statuses == [422, 422]
    assert (opinion().text, len(opinion().signers)) == (WORDING, 1)
    assert (
        "The vote on this candidate is prepared or held"
        in group[1].client.get(f"/g/1.3.5/{case.id}").text
    )


def test_what_is_not_the_judges_takes_no_opinion(group: list[Judge], plan: Plan) -> None:
    hidden = desk.hidden_from(group[0], plan)
    before = stored()

    statuses = {
        group[0]
        .client.post(f"/g/1.3.5/{one.id}/{route}", data={"text": WORDING, "note": "看"})
        .status_code
        for one in hidden
        for route in ("opinion", "note")
    }

    assert statuses == {404}
    assert stored() == before
