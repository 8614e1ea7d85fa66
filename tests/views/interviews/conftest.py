"""An applicant and the browser in which the applicant answers an interview notice."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role
from app.models import Person
from tests.support import factories as f
from tests.support.signing import english, signed_in


@pytest.fixture
def person(app: Flask) -> Person:
    return f.person(unit=f.unit())


@pytest.fixture
def me(app: Flask, person: Person) -> FlaskClient:
    return english(signed_in(app.test_client(), f.position(Role.APPLICANT, person=person)))
