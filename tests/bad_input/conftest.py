"""Who sits where. Every rule here counts days, so the official calendar is always there."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role, Sex, UnitKind
from app.models import Committee, Person, Plan, Unit
from tests.bad_input import desk
from tests.support import factories, meetings


@pytest.fixture(autouse=True)
def official_calendar(app: Flask) -> None:
    factories.work_days()


@pytest.fixture
def person(app: Flask) -> Person:
    return factories.person(unit=factories.unit(), sex=Sex.MALE)


@pytest.fixture
def me(app: Flask, person: Person) -> FlaskClient:
    return desk.clerk(app, Role.APPLICANT, person=person)


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit("长沙机床厂")


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return desk.clerk(app, Role.UNIT, unit=unit)


@pytest.fixture
def committee(app: Flask) -> Committee:
    return factories.committee(name="湖南省工程系列高级评委会")


@pytest.fixture
def office(app: Flask, committee: Committee) -> FlaskClient:
    return desk.clerk(app, Role.OFFICE, committee=committee)


@pytest.fixture
def authority(app: Flask) -> FlaskClient:
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    return desk.clerk(app, Role.HRSS, unit=bureau)


@pytest.fixture
def plan(committee: Committee) -> Plan:
    """An approved offline meeting that began yesterday, with three candidates."""
    return meetings.offline(batch=factories.batch(committee=committee))
