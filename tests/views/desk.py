"""A judge at the desk: an online meeting that is on, seats with clients, candidates assigned to them."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, MeetingMode, ReviewStep, Role
from app.extensions import db
from app.models import Application, Assessment, Person, Plan, Position, Seat
from app.services.judging import assessments
from tests.support import factories
from tests.support.world import enter, token

ITEMS = [{"name": "业绩", "max": 50, "weight": 60}, {"name": "学术", "max": 20, "weight": 40}]
FULL = {"score-0": "40", "score-1": "15"}
"""78.00 points."""
SHEETS = ("1.3.1", "1.3.2", "1.3.3")
LISTS = (*SHEETS, "1.3.5")
STEPS = {
    "1.3.1": ReviewStep.MATERIAL_REVIEW,
    "1.3.2": ReviewStep.INTERVIEW,
    "1.3.3": ReviewStep.MATERIAL_SCORE,
}
WORDING = "业绩突出，同意推荐为高级工程师。"


@dataclass
class Judge:
    """Somebody with a seat, a client whose pages are in English, and a position."""

    client: FlaskClient
    seat: Seat
    position: Position

    @property
    def token(self) -> str:
        return token(factories.actor_of(self.position))

    def sheet_of(
        self, case: Application, step: ReviewStep = ReviewStep.MATERIAL_SCORE
    ) -> Assessment:
        found = assessments.find(db.session(), self.seat.id, case.id, step)
        assert found is not None
        db.session.refresh(found)
        return found


def plan(**values: Any) -> Plan:
    """Make an approved online meeting that is on, with every step and two score items in both scored steps."""
    items = values.pop("score_items", ITEMS)
    steps = (ReviewStep.MATERIAL_SCORE.value, ReviewStep.INTERVIEW.value)
    usual = {
        "opens_on": factories.in_days(-1), "closes_on": factories.in_days(1), "mode": MeetingMode.ONLINE,
        "steps": [step.value for step in ReviewStep],
        "score_items": [{"step": step} | one for step in steps for one in items],
    }  # fmt: skip
    return factories.plan(**usual | values)


def judge(app: Flask, plan: Plan, **values: Any) -> Judge:
    position = factories.position(Role.JUDGE, unit=factories.unit(), committee=plan.committee)
    seat = factories.seat(plan, position.user, **values)
    return Judge(enter(app, factories.actor_of(position)), seat, position)


def candidate(plan: Plan, *judges: Judge, **values: Any) -> Application:
    made = factories.application(ApplicationState.IN_REVIEW, plan=plan, **values)
    for one in judges:
        factories.assign(one.seat, made)
    return made


def hidden_from(judge: Judge, plan: Plan) -> list[Application]:
    """Make what must not exist for the judge: recused, of the own unit, oneself, unassigned, another meeting's."""
    recused = candidate(plan, judge)
    factories.recusal(recused, judge.seat.user)
    colleague = candidate(plan, judge, unit=judge.position.unit)
    own_person = db.session.query(Person).filter_by(user_id=judge.seat.user_id).one()
    oneself = candidate(plan, judge, person=own_person, unit=factories.unit())
    elsewhere = globals()["plan"]()
    return [recused, colleague, oneself, candidate(plan), candidate(elsewhere)]
