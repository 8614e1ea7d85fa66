"""Judges who press at the same moment: one sheet, one lock, one signature each, one first wording."""

import os

import pytest
from flask import Flask

from app.enums import AssessmentState, OpinionState
from app.extensions import db
from app.models import Assessment, Opinion, OpinionSigner
from app.services.judging import opinions
from tests.races.test_races import posts, sends, together
from tests.support.signing import cookie, replays
from tests.views import desk
from tests.views.desk import FULL, WORDING

ROUNDS = range(40 if os.environ.get("LONG") else 4)


@pytest.mark.parametrize("turn", ROUNDS)
def test_two_windows_begin_one_sheet(app: Flask, turn: int) -> None:
    plan = desk.plan()
    me = desk.judge(app, plan)
    case = desk.candidate(plan, me)
    other = replays(app, cookie(me.client))
    url = f"/g/1.3.3/{case.id}/sheet"

    together(app, sends(me.client, url, {"score-0": "40"}), sends(other, url, {"score-0": "41"}))

    assert db.session.query(Assessment).filter_by(application_id=case.id).count() == 1


@pytest.mark.parametrize("turn", ROUNDS)
def test_draft_never_changes_what_is_submitted_at_the_same_moment(app: Flask, turn: int) -> None:
    plan = desk.plan()
    me = desk.judge(app, plan)
    case = desk.candidate(plan, me)
    url = f"/g/1.3.3/{case.id}/sheet"
    me.client.post(url, json=FULL)
    other, third = (replays(app, cookie(me.client)) for _count in range(2))

    together(
        app,
        posts(me.client, url, FULL | {"do": "submit"}),
        posts(third, url, FULL | {"score-1": "20", "do": "submit"}),
        sends(other, url, FULL | {"score-0": "50"}),
    )

    sheet = db.session.query(Assessment).filter_by(application_id=case.id).one()
    totals = {15: 7800, 20: 8800}
    assert sheet.state is AssessmentState.SUBMITTED
    assert sheet.scores["业绩"] == 40
    assert sheet.total == totals[sheet.scores["学术"]]


@pytest.mark.parametrize("turn", ROUNDS)
def test_group_signs_at_the_same_moment(app: Flask, turn: int) -> None:
    plan = desk.plan()
    judges = [desk.judge(app, plan) for _count in range(4)]
    case = desk.candidate(plan, *judges)
    url = f"/g/1.3.5/{case.id}/opinion"
    judges[0].client.post(url, data={"do": "write", "text": WORDING})
    read = {"do": "sign", "read": opinions.digest(WORDING)}

    answers = together(app, *(posts(one.client, url, read) for one in judges[1:]))

    opinion = db.session.query(Opinion).filter_by(application_id=case.id).one()
    signers = db.session.query(OpinionSigner).filter_by(opinion_id=opinion.id).count()
    assert sorted(answer.status_code for answer in answers) == [303, 303, 422]
    assert (opinion.state, signers) == (OpinionState.COMPLETE, 3)


@pytest.mark.parametrize("turn", ROUNDS)
def test_two_first_wordings_at_the_same_moment_leave_one(app: Flask, turn: int) -> None:
    plan = desk.plan()
    judges = [desk.judge(app, plan) for _count in range(2)]
    case = desk.candidate(plan, *judges)
    url = f"/g/1.3.5/{case.id}/opinion"
    wordings = [WORDING, "业绩一般，本次不同意推荐。"]

    answers = together(
        app,
        *(
            posts(one.client, url, {"do": "write", "text": words})
            for one, words in zip(judges, wordings, strict=True)
        ),
    )

    opinion = db.session.query(Opinion).filter_by(application_id=case.id).one()
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert opinion.text in wordings
    assert len(opinion.signers) == 1
