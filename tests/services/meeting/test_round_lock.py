"""What a frozen round fixes, who may not handle a meeting, and what must still be so when the vote opens."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import engine
from app.engine import Refused
from app.enums import (
    AssessmentState,
    InterviewState,
    KeyRole,
    OverCap,
    ReviewStep,
    Role,
    RoundState,
)
from app.extensions import db
from app.forms.review import StoredUpload
from app.ground import clock
from app.models import Person, Plan, Round
from app.services.files import attached_files
from app.services.judging import opinions
from app.services.results import paper_rounds, results
from app.services.voting import ballots, vote_rounds
from tests.support import factories, meetings
from tests.support.meetings import candidates, fire

Sat = tuple[Plan, list[Any], dict[KeyRole, Any]]


@pytest.fixture
def sat(app: Flask) -> Sat:
    return meetings.ready()


@pytest.fixture
def held(sat: Sat) -> Round:
    return meetings.freeze(sat[0], sat[2][KeyRole.OFFICE][0])


def why_not(record: Any, event: str, actor: Any, **values: Any) -> str | None:
    return engine.why_not(record, event, actor=actor, at=clock.now(), **values)


def test_vote_does_not_open_when_too_many_left(sat: Sat, held: Round) -> None:
    _plan, judges, holders = sat
    for position, seat in judges[1:5]:
        fire(seat, "depart", factories.actor_of(position))
    chair = holders[KeyRole.CHAIR][0]
    enough = why_not(held, "open", chair)
    fire(judges[5][1], "depart", factories.actor_of(judges[5][0]))

    assert enough is None
    assert "Only 8 of 13 members are still there; at least 9" in str(why_not(held, "open", chair))


def test_rules_of_recusal_hold_anew_when_a_round_is_frozen(sat: Sat) -> None:
    plan, judges, holders = sat
    case = candidates(plan)[0]
    position, seat = judges[6]
    factories.assign(seat, case)
    person = db.session.query(Person).filter_by(user_id=position.user_id).one()
    factories.relation(person, name=case.name)

    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])

    place = next(one.position for one in held.candidates if one.application_id == case.id)
    assert [seat.id, place] in vote_rounds.frozen(held)["recused"]
    assert held.candidates[place - 1].eligible == 12


def test_unreadable_ballot_abstains_and_the_rest_is_counted(sat: Sat, held: Round) -> None:
    _plan, judges, holders = sat
    fire(held, "open", holders[KeyRole.CHAIR][0])
    for position, _seat in judges[1:]:
        meetings.cast(held, position, "yyy")
    length = len(meetings.seal(held, "yyy"))
    actor = factories.actor_of(judges[0][0])
    ballots.cast(held, "A" * length, actor=actor, at=clock.now())

    meetings.count(held, holders)

    assert held.state is RoundState.COUNTED
    assert (held.cast, held.invalid) == (13, 1)
    assert {(one.yes, one.abstain) for one in held.candidates} == {(12, 1)}


def test_ballot_after_the_days_of_the_meeting_is_refused(sat: Sat, held: Round) -> None:
    plan, judges, holders = sat
    fire(held, "open", holders[KeyRole.CHAIR][0])
    plan.opens_on, plan.closes_on = factories.in_days(-3), factories.in_days(-1)

    with pytest.raises(Refused, match="no ballot can be cast any more"):
        meetings.cast(held, judges[0][0], "yyy")


def test_signature_of_a_recused_judge_completes_no_opinion(sat: Sat) -> None:
    plan, judges, holders = sat
    case = candidates(plan)[0]
    assert opinions.candidates_without_opinion(db.session(), plan.id, [case.id]) == []
    factories.recusal(case, judges[1][0].user)

    assert opinions.candidates_without_opinion(db.session(), plan.id, [case.id]) == [case.id]
    with pytest.raises(Refused, match="experts who are not recused"):
        meetings.freeze(plan, holders[KeyRole.OFFICE][0])


def test_absence_is_not_entered_against_a_score_or_a_round(app: Flask) -> None:
    plan = meetings.online(steps=["material_score", "interview", "vote"])
    case, other = candidates(plan)[:2]
    begun = {"starts_at": clock.now() - timedelta(hours=1), "state": InterviewState.SENT}
    heard, due = (
        factories.interview(case, **begun),
        factories.interview(other, room="第二答辩室", **begun),
    )
    clerk = meetings.office(plan)
    _position, seat = meetings.judge(plan)
    scored = {"step": ReviewStep.INTERVIEW, "state": AssessmentState.SUBMITTED}
    factories.assessment(seat, case, **scored)

    assert "scored this interview already" in str(why_not(heard, "miss", clerk))
    assert why_not(due, "miss", clerk) is None
    factories.ballot_round(plan, other, seats=(seat,))
    assert "prepared or held" in str(why_not(due, "miss", clerk))


def test_nobody_handles_the_meeting_that_judges_the_own_application(sat: Sat, held: Round) -> None:
    plan, _judges, _holders = sat
    clerk = meetings.office(plan)
    person = candidates(plan)[0].person
    own = factories.actor(Role.OFFICE, committee=plan.committee, person=person)

    assert why_not(held, "ask_void", clerk) is None
    for record, event in ((held, "ask_void"), (plan, "compute")):
        assert "somebody else must handle it" in str(why_not(record, event, own))


def test_one_person_does_not_sign_and_confirm(app: Flask) -> None:
    plan = meetings.online()
    meetings.vote(plan, 20, 20, 20)
    clerk = meetings.computed(plan)
    _chair, watcher = meetings.signed(plan)
    both = factories.actor(Role.OFFICE, committee=plan.committee, user=watcher.user)

    assert "You have signed this result" in str(why_not(plan, "confirm", both))
    assert "somebody" not in str(why_not(plan, "confirm", meetings.office(plan)))
    assert why_not(plan, "confirm", clerk) is not None


def test_new_figures_need_a_new_scan(app: Flask) -> None:
    plan = factories.plan(opens_on=factories.today())
    case = factories.application(factories.ApplicationState.IN_REVIEW, plan=plan)
    clerk = meetings.office(plan)
    scan = StoredUpload(factories.attachment(plan, "other").file, "结果表.pdf")
    least = plan.committee.min_size
    votes = results.Votes(case.id, least, 0, 0)
    entry = results.Entry(least, least, factories.today(), (votes,))
    fire(plan, "enter", clerk, details={"entry": entry, "scan": scan})
    assert len(attached_files.attachments_of(plan, results.RESULT_SHEET)) == 1

    fire(plan, "enter", meetings.office(plan), details={"entry": entry})

    assert attached_files.attachments_of(plan, results.RESULT_SHEET) == []
    assert "scan of the signed result sheet is missing" in str(why_not(plan, "confirm", clerk))


def test_where_all_members_are_there_the_recused_are_among_them(app: Flask) -> None:
    plan = meetings.online()
    case = candidates(plan)[0]
    seats = [meetings.judge(plan, state=factories.SeatState.ACCEPTED) for _place in range(5)]
    factories.recusal(case, seats[0][0].user)

    assert paper_rounds.eligible_judges(db.session(), plan, 5) == {case.id: 4}
    assert paper_rounds.eligible_judges(db.session(), plan, 4) == {}


def test_scores_come_before_the_vote_where_they_decide(app: Flask) -> None:
    plan, judges, holders = meetings.ready(count=2, over_cap=OverCap.RANK)
    plan.steps = ["material_score", "opinion", "vote"]
    case, other = candidates(plan)
    factories.assessment(judges[1][1], case)

    with pytest.raises(Refused, match=f"no score yet: {other.number}"):
        meetings.freeze(plan, holders[KeyRole.OFFICE][0])
