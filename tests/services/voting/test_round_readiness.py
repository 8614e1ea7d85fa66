"""Freezing names everything that is missing at once, and asks below the share of scores."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app import settings
from app.engine import Refused
from app.enums import AssessmentState, KeyRole, OverCap, ReviewStep, SeatRole, SeatState
from app.extensions import db
from app.ground import clock
from app.models import Opinion, OpinionSigner, Plan, TransitionLog
from app.services.judging import scoring
from app.services.voting import vote_rounds
from tests.support import factories, meetings
from tests.support.signing import client_of


def refusal(plan: Plan, clerk: Any, **details: Any) -> Refused:
    record = vote_rounds.draft(db.session(), plan, clock.now())
    with pytest.raises(Refused) as refused:
        meetings.fire(record, "freeze", clerk, details=details)
    return refused.value


def scored(plan: Plan, sat: Any, *, by: int) -> None:
    """Let two judges read the first candidate, of whom `by` score."""
    plan.steps = ["material_score", "opinion", "vote"]
    case = meetings.candidates(plan)[0]
    for place, (_position, seat) in enumerate(sat[:2]):
        factories.assign(seat, case)
        if place < by:
            factories.assessment(
                seat,
                case,
                step=ReviewStep.MATERIAL_SCORE,
                state=AssessmentState.SUBMITTED,
                total=8000,
            )
    db.session.commit()


def test_refusal_names_everything_that_is_missing(app: Flask) -> None:
    plan, sat = meetings.sitting()
    sat[0][1].role = SeatRole.MEMBER
    first, second, _third = meetings.candidates(plan)
    for _position, seat in sat[6:]:
        seat.state = SeatState.ACCEPTED
    opinion = db.session.query(Opinion).filter_by(application_id=first.id).one()
    db.session.query(OpinionSigner).filter_by(opinion_id=opinion.id).delete()
    factories.recusal(second)
    db.session.flush()

    with app.test_request_context():
        why = refusal(plan, meetings.office(plan)).sentence

    for place in range(1, 6):
        assert f"({place}) " in why
    for words in (
        *(str(one.label) for one in KeyRole),
        "6 of 13" if "6 of 13" in why else "6",
        f"{first.number} {first.name}",
        f"{second.number} {second.name}",
    ):
        assert words in why, words


def test_one_missing_thing_is_said_plainly(app: Flask) -> None:
    plan, _sat, holders = meetings.ready()
    case = meetings.candidates(plan)[1]
    factories.recusal(case)
    db.session.flush()

    why = refusal(plan, holders[KeyRole.OFFICE][0]).sentence

    assert case.name in why
    assert "(1)" not in why


def test_too_few_scores_are_asked_about_and_noted(app: Flask) -> None:
    plan, sat, holders = meetings.ready(over_cap=OverCap.SECOND_ROUND)
    scored(plan, sat, by=1)
    clerk = holders[KeyRole.OFFICE][0]
    case = meetings.candidates(plan)[0]

    asked = refusal(plan, clerk)
    db.session.rollback()

    assert asked.field == "goes_on"
    assert f"{case.number} {case.name}" in asked.sentence
    assert "1/2" in asked.sentence
    record = vote_rounds.draft(db.session(), plan, clock.now())
    meetings.fire(record, "freeze", clerk, details={"goes_on": True})
    log = db.session.query(TransitionLog).filter_by(event="freeze", subject_type="round").one()
    assert log.details["below_share"] == [f"{case.number} material_score 1/2"]
    assert log.details["score_share_percent"] == 100


@pytest.mark.parametrize(("share", "by"), [(50, 1), (0, 0), (100, 2)])
def test_nothing_is_asked_from_the_share_on(app: Flask, share: int, by: int) -> None:
    plan, sat, holders = meetings.ready(over_cap=OverCap.SECOND_ROUND)
    scored(plan, sat, by=by)
    with app.test_request_context():
        settings.store_value("score_share_percent", str(share))

    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])

    log = db.session.query(TransitionLog).filter_by(event="freeze", subject_id=record.id).one()
    assert "below_share" not in log.details


def test_the_form_shows_the_tick_only_once_asked(app: Flask) -> None:
    plan, sat, _holders = meetings.ready(over_cap=OverCap.SECOND_ROUND)
    scored(plan, sat, by=1)
    client = client_of(
        app, factories.position(meetings.office(plan).role, committee=plan.committee)
    )
    path, typed = f"/g/meeting/rounds/add?plan={plan.id}", {"plan_id": str(plan.id)}
    db.session.commit()
    assert 'name="goes_on"' not in client.get(path).text

    asked = client.post(path, data=typed)
    assert asked.status_code == 422
    assert 'name="goes_on"' in asked.text
    assert "1/2" in asked.text
    assert client.post(path, data={**typed, "goes_on": "1", "try": "1"}).status_code == 200
    frozen = client.post(path, data={**typed, "goes_on": "1"})
    assert frozen.status_code == 303, frozen.text


@given(st.lists(st.integers(0, 10000), min_size=1, max_size=30))
def test_spread_is_the_population_deviation(totals: list[int]) -> None:
    found = scoring.spread(totals)

    assert found is not None
    mean = sum(totals) / len(totals)
    exact = (sum((one - mean) ** 2 for one in totals) / len(totals)) ** 0.5
    assert abs(found.deviation - exact) <= 0.51
    assert (found.count, found.lowest, found.highest) == (len(totals), min(totals), max(totals))


def test_no_scores_have_no_spread() -> None:
    assert scoring.spread([]) is None
    assert scoring.spread([7000, 9000]) == scoring.Spread(2, 7000, 9000, 1000)
