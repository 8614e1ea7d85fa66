"""The opinion of a group: who may write and sign it, when it is complete, what closes it (Order 40, art. 22)."""

from typing import Any

import pytest
from flask import Flask

from app import engine, settings
from app.engine import Act, Refused
from app.enums import OpinionState, PlanState, Role, RoundState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Opinion, Plan, TransitionLog
from app.services.judging import opinions
from tests.support import factories
from tests.views import desk
from tests.views.desk import WORDING, Judge


@pytest.fixture
def plan(app: Flask) -> Plan:
    return desk.plan(groups=[{"name": "第一组", "seats": 5, "specialties": []}])


@pytest.fixture
def group(app: Flask, plan: Plan) -> list[Judge]:
    return [desk.judge(app, plan) for _count in range(5)]


@pytest.fixture
def case(plan: Plan, group: list[Judge]) -> Application:
    return desk.candidate(plan, *group)


@pytest.fixture
def actors(group: list[Judge]) -> list[Actor]:
    return [factories.actor_of(one.position) for one in group]


def write(case: Application, actor: Actor, wording: str = WORDING) -> Opinion:
    return opinions.begin(case, wording, actor=actor, at=clock.now())


def sign(opinion: Opinion, actor: Actor, **details: Any) -> TransitionLog:
    details = {"read": opinions.digest(opinion.text)} | details
    return engine.fire(opinion, "sign", actor=actor, at=clock.now(), details=details)


def test_opinion_is_complete_with_the_third_signature(
    plan: Plan, case: Application, actors: list[Actor]
) -> None:
    opinion = write(case, actors[0])
    states = [opinion.state]
    for actor in actors[1:3]:
        sign(opinion, actor)
        states.append(opinion.state)

    assert states == [OpinionState.DRAFT, OpinionState.DRAFT, OpinionState.COMPLETE]
    assert (opinion.group_name, opinion.plan_id, opinion.text) == ("第一组", plan.id, WORDING)
    with pytest.raises(Refused):
        sign(opinion, actors[3])


def test_more_signatures_may_be_asked_for(case: Application, actors: list[Actor]) -> None:
    settings.store_value("opinion_signers", "4")
    opinion = write(case, actors[0])

    for actor in actors[1:3]:
        sign(opinion, actor)
    state = opinion.state
    sign(opinion, actors[3])

    assert (state, opinion.state) == (OpinionState.DRAFT, OpinionState.COMPLETE)


def test_rewritten_opinion_has_the_writers_signature_alone(
    case: Application, actors: list[Actor], group: list[Judge]
) -> None:
    opinion = write(case, actors[0])
    for actor in actors[1:3]:
        sign(opinion, actor)

    engine.fire(
        opinion,
        "rewrite",
        actor=actors[4],
        at=clock.now(),
        details={"text": "不同意推荐，业绩不足以支撑。"},
    )

    assert opinion.state is OpinionState.DRAFT
    assert [one.seat_id for one in opinion.signers] == [group[4].seat.id]


@pytest.mark.parametrize(
    "wording", ["", "  ", "同意", "同意推荐该同志啊", "长" * 2001, "<script>alert(1)</script>"]
)
def test_opinion_says_something(case: Application, actors: list[Actor], wording: str) -> None:
    with pytest.raises(Refused) as refused:
        write(case, actors[0], wording)

    assert refused.value.field == "text"


def test_opinion_is_signed_once_and_as_it_was_read(case: Application, actors: list[Actor]) -> None:
    opinion = write(case, actors[0])

    with pytest.raises(Refused, match="signed this opinion already"):
        sign(opinion, actors[0])
    with pytest.raises(Refused, match="changed meanwhile"):
        sign(opinion, actors[1], read="")
    assert len(opinion.signers) == 1


def test_only_judges_of_the_candidate_write_and_sign(
    app: Flask, plan: Plan, case: Application, actors: list[Actor], group: list[Judge]
) -> None:
    stranger = factories.actor_of(desk.judge(app, plan).position)
    opinion = write(case, actors[0])
    factories.recusal(case, group[1].seat.user)
    group[2].seat.state = "gone"

    for actor in (stranger, actors[1], actors[2]):
        with pytest.raises(Refused, match="not assigned to your seat"):
            sign(opinion, actor)
    with pytest.raises(Refused, match="may not take this step"):
        sign(opinion, Actor(role=Role.OFFICE, user_id=actors[3].user_id))
    other = desk.candidate(plan, group[0])
    with pytest.raises(Refused, match="not assigned to your seat"):
        write(other, actors[3])
    assert len(opinion.signers) == 1


def test_signature_of_a_stranger_is_refused_whatever_the_guards_say(
    app: Flask, plan: Plan, case: Application, actors: list[Actor]
) -> None:
    opinion = write(case, actors[0])
    stranger = factories.actor_of(desk.judge(app, plan).position)

    with pytest.raises(Refused, match="not assigned to your seat"):
        opinions.sign(Act(opinion, "sign", stranger, clock.now()))


def test_candidate_without_a_meeting_has_no_opinion(app: Flask, actors: list[Actor]) -> None:
    with pytest.raises(Refused, match="not assigned to your seat"):
        write(factories.application(factories.ApplicationState.QUALIFIED), actors[0])


@pytest.mark.parametrize("state", [state for state in RoundState if state is not RoundState.VOID])
def test_vote_closes_the_opinion(
    plan: Plan, case: Application, actors: list[Actor], group: list[Judge], state: RoundState
) -> None:
    opinion = write(case, actors[0])
    factories.ballot_round(plan, case, seats=(group[0].seat,), state=state)

    for event in ("sign", "rewrite"):
        why = engine.why_not(opinion, event, actor=actors[1], at=clock.now())
        assert why is not None
        assert "vote on this candidate is prepared or held" in why


def test_void_round_leaves_the_opinion_open(
    plan: Plan, case: Application, actors: list[Actor], group: list[Judge]
) -> None:
    opinion = write(case, actors[0])
    factories.ballot_round(plan, case, seats=(group[0].seat,), state=RoundState.VOID)

    assert sign(opinion, actors[1]).target == "draft"


def test_opinion_is_written_while_the_meeting_is_on(
    plan: Plan, case: Application, actors: list[Actor]
) -> None:
    plan.state = PlanState.CONCLUDED

    with pytest.raises(Refused, match="nothing can be handed in outside of it"):
        write(case, actors[0])


def test_missing_are_those_without_a_complete_opinion(
    plan: Plan, group: list[Judge], case: Application
) -> None:
    begun, complete = desk.candidate(plan), desk.candidate(plan)
    factories.opinion(begun, *(one.seat for one in group[:2]))
    factories.opinion(complete, *(one.seat for one in group[:3]))
    keys = [case.id, begun.id, complete.id]

    assert opinions.candidates_without_opinion(db.session(), plan.id, keys) == [case.id, begun.id]
    assert opinions.candidates_without_opinion(db.session(), plan.id, []) == []
