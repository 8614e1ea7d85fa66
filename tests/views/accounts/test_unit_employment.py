"""The unit's list of changes of employment, and the person's own page about them."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import Employment, EmploymentChangeState, Role, UnitKind
from app.models import EmploymentChange, Person, Unit
from tests.bad_input import desk
from tests.support import factories

LIST = "/g/employment-changes/"


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit(kind=UnitKind.PUBLIC)


@pytest.fixture
def person(unit: Unit) -> Person:
    return factories.person("欧阳春晓", unit=unit, employment=Employment.PUBLIC_POST)


@pytest.fixture
def me(app: Flask, person: Person) -> FlaskClient:
    return desk.clerk(app, Role.APPLICANT, person=person)


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return desk.clerk(app, Role.UNIT, unit=unit)


def ask(me: FlaskClient, person: Person, employment: str = "freelance") -> str:
    typed = {
        "phone": "13900000000",
        "employment": employment,
        "unit_id": person.unit_id,
        "version": person.version,
    }
    return page_after(me, "/me/person/", typed)


def page_after(me: FlaskClient, url: str, typed: dict[str, Any] | None = None) -> str:
    """Send `typed` and return the page it leads to."""
    answer = me.post(url, data=typed or {})
    assert answer.status_code == 303
    return me.get(answer.location).text


def change_of(session: Session, person: Person) -> EmploymentChange:
    query = select(EmploymentChange).where(EmploymentChange.person_id == person.id)
    return session.scalars(query.order_by(EmploymentChange.id.desc()).limit(1)).one()


def test_change_is_asked_for_and_confirmed(
    me: FlaskClient, clerk: FlaskClient, person: Person, session: Session
) -> None:
    page = ask(me, person)
    change = change_of(session, person)

    assert "确认前仍登记为" in page
    assert "撤回变更申请" in page
    assert "欧阳春晓" in clerk.get(LIST).text
    answer = clerk.post(
        f"{LIST}act/decide",
        data={"row": f"{change.id}:{change.version}", "decision": "confirm"},
    )

    session.expire_all()
    assert answer.status_code == 303
    assert person.employment is Employment.FREELANCE
    assert "欧阳春晓" not in clerk.get(LIST).text
    assert "欧阳春晓" in clerk.get(f"{LIST}all/").text
    assert "撤回变更申请" not in me.get("/me/person/").text


@pytest.mark.parametrize("opinion", ["", "不同意", "没有问题", "……", "1"])
def test_refusal_without_a_reason_changes_nothing(
    me: FlaskClient, clerk: FlaskClient, person: Person, session: Session, opinion: str
) -> None:
    ask(me, person)
    change = change_of(session, person)
    typed = {
        "row": f"{change.id}:{change.version}",
        "decision": "refuse",
        "opinion": opinion,
    }

    assert clerk.post(f"{LIST}act/decide", data=typed).status_code == 422

    session.expire_all()
    assert change.state is EmploymentChangeState.ASKED


def test_change_is_withdrawn(me: FlaskClient, person: Person, session: Session) -> None:
    ask(me, person)

    page = page_after(me, "/me/person/withdraw")

    session.expire_all()
    assert "已撤回" in page
    assert change_of(session, person).state is EmploymentChangeState.WITHDRAWN
    assert person.employment is Employment.PUBLIC_POST
    assert "没有待单位确认的变更" in page_after(me, "/me/person/withdraw")


def test_change_of_another_unit_does_not_exist(
    app: Flask, me: FlaskClient, person: Person, session: Session
) -> None:
    ask(me, person)
    change = change_of(session, person)
    stranger = desk.clerk(app, Role.UNIT, unit=factories.unit())

    assert stranger.get(f"{LIST}{change.id}").status_code == 404
    typed = {"row": f"{change.id}:{change.version}", "decision": "confirm"}
    assert stranger.post(f"{LIST}act/decide", data=typed).status_code == 404
    session.expire_all()
    assert person.employment is Employment.PUBLIC_POST
