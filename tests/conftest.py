"""Fixtures: the application on a prepared database of its own, as SQLite or PostgreSQL (DATABASE=…)."""

import contextvars
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from hypothesis import settings
from sqlalchemy.orm import Session

from app import create_app
from app.extensions import db
from tests import factories, postgres
from tests.databases import PostgresDatabase, Prepared, SqliteFile

DATABASE = os.environ.get("DATABASE", "sqlite")
SOCKET = "TEST_POSTGRES_SOCKET"
TESTING = {
    "TESTING": True,
    "DEMO": False,
    "WTF_CSRF_ENABLED": False,
    "TRUSTED_HOSTS": ["localhost", "127.0.0.1"],
    "PUBLIC_URL": "http://localhost",
    "PROPAGATE_EXCEPTIONS": False,
}
STARTED = ExitStack()
settings.register_profile("short", deadline=None, max_examples=50)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile("long" if os.environ.get("LONG") else "short")


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once, in the process that starts the workers."""
    is_worker = hasattr(config, "workerinput")
    if DATABASE == "postgresql" and not is_worker:
        os.environ[SOCKET] = STARTED.enter_context(postgres.running())


def pytest_unconfigure(config: pytest.Config) -> None:
    STARTED.close()


class Browser(FlaskClient):
    """A client whose requests run as in production: each in a context of its own.

    What the test has arranged is committed first, as another transaction could not see it otherwise; what
    the test holds is read anew afterwards.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.commit()
        kwargs.setdefault("buffered", True)
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    shared_memory = Path("/dev/shm")  # noqa: S108 - the tests' own directory is made inside
    place = shared_memory if os.access(shared_memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="zhicheng-", dir=place) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def prepared(data_dir: Path) -> Prepared:
    return SqliteFile(data_dir) if DATABASE == "sqlite" else PostgresDatabase(os.environ[SOCKET])


@pytest.fixture(scope="session")
def application(data_dir: Path, prepared: Prepared) -> Iterator[Flask]:
    """The one application of this worker: tables, reference data and permissions are there."""
    os.environ |= {"DATA_DIR": str(data_dir), "DATABASE_URL": prepared.url}
    application = create_app(TESTING)
    application.test_client_class = Browser
    result = application.test_cli_runner().invoke(args=["prepare"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    with application.app_context():
        factories.work_days()
        db.session.commit()
        db.session.remove()
        prepared.keep()
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def unseen_writes(app: Flask, prepared: Prepared) -> Iterator[None]:
    """For tests that load past SQLAlchemy: the whole database is put back after them."""
    yield
    prepared.doubt()


@pytest.fixture
def app(application: Flask, prepared: Prepared) -> Iterator[Flask]:
    """The application with its context pushed; what the test writes is gone after it."""
    configured = dict(application.config)
    with application.app_context():
        yield application
        db.session.rollback()
        db.session.remove()
        prepared.restore()
    application.config.clear()
    application.config.update(configured)


@pytest.fixture
def session(app: Flask) -> Session:
    return db.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()
