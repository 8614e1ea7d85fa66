"""Spread of scores: only of sheets that count, the same by page and by list, shown and exported beside the score."""

import io

import openpyxl
from flask import Flask

from app.enums import AssessmentState, PlanState, ReviewStep, Role, SeatState
from app.extensions import db
from app.services.judging import score_spread
from app.services.judging.scoring import Spread
from tests.support import factories, meetings
from tests.support.counting import statements_of
from tests.support.signing import client_of

MOST_STATEMENTS = 12


def test_spread_stands_beside_the_score_in_list_and_export(app: Flask) -> None:
    plan, sat = meetings.sitting(count=2, judges=5)
    plan.steps = ["material_score", "vote"]
    case, other = meetings.candidates(plan)
    totals = (7000, 8000, 9000, 1000, 2000)
    for (_position, seat), total in zip(sat, totals, strict=True):
        factories.assessment(
            seat, case, step=ReviewStep.MATERIAL_SCORE, state=AssessmentState.SUBMITTED, total=total
        )
    factories.recusal(case, sat[3][0].user)
    sat[4][1].state = SeatState.DECLINED
    factories.result(plan, case, score=8000)
    factories.result(plan, other)
    plan.state = PlanState.ENTERED
    clerk = client_of(app, factories.position(Role.OFFICE, committee=plan.committee))
    db.session.commit()

    found = score_spread.spreads_of(db.session(), plan)

    assert found == {case.id: {ReviewStep.MATERIAL_SCORE: Spread(3, 7000, 9000, 816)}}
    said = "3 scores, 70.00–90.00, deviation 8.16"
    assert said in clerk.get("/g/1.2.5/candidates/").text
    assert statements_of(clerk, "/g/1.2.5/candidates/") <= MOST_STATEMENTS
    book = openpyxl.load_workbook(io.BytesIO(clerk.get("/g/1.2.5/candidates/export.xlsx").data))
    texts = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
    assert said in texts
    assert said in clerk.get(f"/g/1.2.5/{plan.id}").text


def test_two_steps_are_named(app: Flask) -> None:
    one = Spread(2, 7000, 9000, 1000)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert score_spread.text({}) == score_spread.text(None) == ""
        both = score_spread.text({ReviewStep.INTERVIEW: one, ReviewStep.MATERIAL_SCORE: one})
        assert both.index(str(ReviewStep.MATERIAL_SCORE.label)) < both.index(
            str(ReviewStep.INTERVIEW.label)
        )
    assert score_spread.of_totals("interview:7000,interview:9000") == {ReviewStep.INTERVIEW: one}
    assert score_spread.of_totals(None) == {}
