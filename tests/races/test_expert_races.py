"""Two presses at one moment never bring one person into one pool twice, nor give two positions."""

import os

from flask import Flask
from sqlalchemy import func, select

from app.enums import ExpertState, Level, Role, Sex
from app.extensions import db
from app.models import Expert, ExpertAccount, Position, User
from tests.bad_input import desk
from tests.bad_input.test_experts import admitted, applied, entered, held
from tests.races.test_races import posts, statuses, tabs, together
from tests.support import factories

ROUNDS = 50 if os.environ.get("LONG") else 2


def test_one_person_is_entered_once_whatever_the_terms(app: Flask) -> None:
    factories.title(Level.SENIOR)
    unit = factories.unit()
    for _ in range(ROUNDS):
        committee = factories.committee()
        person = factories.person(unit=unit, sex=Sex.MALE)
        factories.user(person=person)
        clerks = [desk.clerk(app, Role.OFFICE, committee=committee) for _ in range(4)]
        terms = [f"2026-01-0{number}" for number in range(1, 5)]

        answers = together(
            app,
            *(
                posts(clerk, "/g/1.4.1/add", entered(committee, person, term_from=first))
                for clerk, first in zip(clerks, terms, strict=True)
            ),
        )

        assert statuses(answers) == [303, 422, 422, 422]
        assert _memberships(person.id) == 1
        # the account waits for the office; it gives no position before
        assert _positions(person.user_id) == 0
        assert _accounts(person.id) == 1


def test_one_person_applies_once(app: Flask) -> None:
    factories.title(Level.SENIOR)
    for _ in range(ROUNDS):
        committee = factories.committee()
        person = factories.person(unit=factories.unit(), sex=Sex.MALE)
        window = desk.clerk(app, Role.APPLICANT, person=person)
        first, second = tabs(app, window, 2)

        answers = together(
            app,
            posts(first, "/g/my-experts/add", applied(committee)),
            posts(second, "/g/my-experts/add", applied(committee)),
        )

        assert statuses(answers) == [303, 422]
        assert _memberships(person.id) == 1


def test_admission_and_withdrawal_at_once_leave_one_of_them(app: Flask) -> None:
    factories.title(Level.SENIOR)
    for _ in range(ROUNDS):
        committee = factories.committee()
        person = factories.person(unit=factories.unit(), sex=Sex.MALE)
        owner = desk.clerk(app, Role.APPLICANT, person=person)
        office = desk.clerk(app, Role.OFFICE, committee=committee)
        asked = factories.expert(committee, person=person, state=ExpertState.RECOMMENDED, **held())
        key = asked.id

        answers = together(
            app,
            posts(office, "/g/1.4.1/waiting/act/audit", admitted(asked)),
            posts(owner, "/g/my-experts/act/withdraw", {"row": desk.row(asked)}),
        )

        assert statuses(answers) == [303, 422]
        state = db.session.scalar(select(Expert.state).where(Expert.id == key))
        assert (state is ExpertState.ADMITTED) == (_positions(person.user_id) == 1)
        db.session.rollback()


def _memberships(person_id: int) -> int:
    query = select(func.count(Expert.id)).where(Expert.person_id == person_id)
    return db.session.scalar(query) or 0


def _accounts(person_id: int) -> int:
    query = select(func.count(ExpertAccount.id)).where(ExpertAccount.person_id == person_id)
    return db.session.scalar(query) or 0


def _positions(user_id: int | None) -> int:
    query = select(func.count(Position.id)).join(User, User.id == Position.user_id)
    query = query.where(Position.role == Role.JUDGE, User.id == user_id)
    return db.session.scalar(query) or 0
