"""Opinions of many cases are read on one page and signed in one press."""

import re

import pytest
from flask import Flask

from app.enums import OpinionState
from app.extensions import db
from app.models import Application, Opinion, OpinionSigner, Plan
from app.services.judging import opinions
from tests.support import factories
from tests.support.counting import statements_of
from tests.views import desk
from tests.views.desk import Judge

PAGE = "/g/1.3.5/sign"
MOST_STATEMENTS = 14


@pytest.fixture
def plan(app: Flask) -> Plan:
    return desk.plan()


@pytest.fixture
def group(app: Flask, plan: Plan) -> list[Judge]:
    return [desk.judge(app, plan) for _count in range(3)]


@pytest.fixture
def written(plan: Plan, group: list[Judge]) -> list[Opinion]:
    """Three opinions, two signed by the first judge alone and one by two."""
    cases = [desk.candidate(plan, *group) for _count in range(3)]
    made = [factories.opinion(one, group[0].seat) for one in cases[:2]]
    made.append(factories.opinion(cases[2], group[0].seat, group[2].seat))
    db.session.commit()
    return made


def tick(opinion: Opinion) -> str:
    return f"{opinion.id}:{opinions.digest(opinion.text)}"


def signed_by(judge: Judge) -> set[int]:
    db.session.expire_all()
    query = db.session.query(OpinionSigner.opinion_id).filter_by(seat_id=judge.seat.id)
    return {key for (key,) in query}


def press(judge: Judge, *ticks: str) -> tuple[int, str]:
    data = {"csrf_token": judge.token, "read": list(ticks)}
    answer = judge.client.post(PAGE, data=data)
    said = judge.client.get("/g/1.3.5/").text if answer.status_code == 303 else answer.text
    return answer.status_code, said


def test_those_read_are_signed_and_the_others_named(
    group: list[Judge], written: list[Opinion]
) -> None:
    judge, (first, second, third) = group[1], written
    assert "Read and sign 3 opinions" in judge.client.get("/g/1.3.5/").text
    shown = judge.client.get(PAGE).text
    assert len(re.findall(r'name="read"', shown)) == 3

    status, said = press(judge, tick(first), tick(third))

    assert status == 303
    assert "Signed 2 of 3 opinions." in said
    assert f"Not marked as read and not signed: {second.application.name}." in said
    assert signed_by(judge) == {first.id, third.id}
    assert [one.state for one in written] == [
        OpinionState.DRAFT, OpinionState.DRAFT, OpinionState.COMPLETE,
    ]  # fmt: skip


def test_one_changed_meanwhile_keeps_all_unsigned(
    group: list[Judge], written: list[Opinion]
) -> None:
    judge, (first, second, _third) = group[1], written
    before = tick(second)
    second.text = "业绩一般，本次不同意推荐。"
    db.session.commit()

    status, said = press(judge, tick(first), before)

    assert status == 422
    assert "Nothing is signed: 1 of those marked cannot be signed now." in said
    assert "The opinion was changed meanwhile." in said
    assert said.count("checked") == 1
    assert signed_by(judge) == set()


@pytest.mark.parametrize("ticks", [[], ["x"], ["99999999999:ab"], [":"], ["0:"]])
def test_nothing_marked_is_refused_with_a_sentence(
    group: list[Judge], written: list[Opinion], ticks: list[str]
) -> None:
    status, said = press(group[1], *ticks)

    assert (status, "Nothing is marked as read." in said) == (422, True)
    assert signed_by(group[1]) == set()


def test_an_opinion_on_a_case_of_others_is_not_signed(
    app: Flask, plan: Plan, group: list[Judge], written: list[Opinion]
) -> None:
    stranger = desk.judge(app, plan)

    assert "No opinion waits for your signature now." in stranger.client.get(PAGE).text
    assert press(stranger, tick(written[0]))[0] == 422
    assert signed_by(stranger) == set()


def test_the_case_opened_is_marked(group: list[Judge], written: list[Opinion]) -> None:
    case: Application = written[0].application
    group[1].client.get(f"/g/1.3.5/{case.id}")

    shown = group[1].client.get(PAGE).text

    assert (shown.count("Case opened"), shown.count("Case not opened")) == (1, 2)


def test_the_page_takes_few_statements_however_many_wait(
    app: Flask, plan: Plan, group: list[Judge], written: list[Opinion]
) -> None:
    judge = group[1]
    # the first page of a session notes when it was seen
    statements_of(judge.client, PAGE)
    few = statements_of(judge.client, PAGE)
    for _count in range(5):
        factories.opinion(desk.candidate(plan, *group), group[0].seat)
    db.session.commit()

    assert statements_of(judge.client, PAGE) == few <= MOST_STATEMENTS


def test_the_page_is_read_in_chinese(
    app: Flask, group: list[Judge], written: list[Opinion]
) -> None:
    judge = group[1]
    with judge.client.session_transaction() as held:
        held["locale"] = "zh_Hans_CN"

    shown = judge.client.get(PAGE)

    assert shown.status_code == 200
    assert "已有1人签名" in shown.text
    assert " 已阅<" in shown.text
