"""Sentences are compared in English, whatever language the program opens in."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from tests.support import mail


@pytest.fixture(autouse=True)
def english(request: pytest.FixtureRequest) -> Iterator[None]:
    if "app" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("app")
    with force_locale("en"):
        yield


@pytest.fixture
def box(app: Flask) -> Iterator[mail.Mailbox]:
    """A mail server that runs beside the test, used by the program."""
    with mail.running() as made:
        mail.use(app, made)
        yield made
