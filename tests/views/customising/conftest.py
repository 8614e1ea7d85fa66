"""The administrators who change permissions, and who reads what they changed."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.enums import Role
from tests.support import factories as make
from tests.support.signing import client_of


@pytest.fixture
def secadmin(app: Flask, session: Session) -> FlaskClient:
    return client_of(app, make.position(Role.SECADMIN, user=make.user()))


@pytest.fixture
def sysadmin(app: Flask, session: Session) -> FlaskClient:
    return client_of(app, make.position(Role.SYSADMIN, user=make.user()))
