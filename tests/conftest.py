"""Fixtures: the application with a prepared database of its own, SQLite or PostgreSQL (DATABASE=…).

The compiled translations and the PostgreSQL server are made before the workers start; the prepared database
and other states that many tests begin with by the first worker that needs them (`tests/support/databases.py`).
`tests/support/halves.py` decides which tests run on one database only.
"""

import contextvars
import gc
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
from app.ground import catalogue
from config import ROOT
from tests.support import factories, halves, postgres, run_day
from tests.support.databases import Database, PostgresDatabase, Prepared, SqliteFile
from tests.support.halves import DATABASE

SHARED = "TEST_SHARED"
"""Environment variable: the directory that all workers of a run share."""
SOCKET = "TEST_POSTGRES_SOCKET"
"""Environment variable: the directory of the PostgreSQL server's socket."""
TESTING = {
    "TESTING": True,
    "DEMO": False,
    "WTF_CSRF_ENABLED": False,
    "TRUSTED_HOSTS": ["localhost", "127.0.0.1"],
    "PUBLIC_URL": "http://localhost",
    "PROPAGATE_EXCEPTIONS": False,
}
STARTED = ExitStack()
"""What `pytest_configure` started and `pytest_unconfigure` ends."""
settings.register_profile("short", deadline=None, max_examples=50)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile("long" if os.environ.get("LONG") else "short")


def pytest_configure(config: pytest.Config) -> None:
    """Hold the day, and create what the workers share: translations, shared directory, PostgreSQL server.

    The latter only in the process that starts the workers, not in them.
    """
    config.pluginmanager.register(halves)
    STARTED.enter_context(run_day.held())
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    catalogue.compile_newer(ROOT / "translations")
    os.environ[SHARED] = STARTED.enter_context(_shared_folder())
    if DATABASE == "postgresql":
        os.environ[SOCKET] = STARTED.enter_context(postgres.running())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the PostgreSQL server and delete the shared directory."""
    STARTED.close()


def _shared_folder() -> tempfile.TemporaryDirectory[str]:
    memory = Path("/dev/shm")  # noqa: S108 - the tests' own directory is made inside
    place = memory if os.access(memory, os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="zhicheng-", dir=place)


class Browser(FlaskClient):
    """A test client that runs each request in a context of its own, as in production.

    It commits before the request, because the request's transaction could not see the test's rows otherwise;
    the test reloads its objects afterwards.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.commit()
        kwargs.setdefault("buffered", True)
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture(scope="session")
def database() -> Database:
    """The database of this run. Every test that stores anything must depend on it (`tests/support/halves.py`)."""
    return Database(DATABASE, os.environ.get(SOCKET, ""))


@pytest.fixture(scope="session")
def home() -> Path:
    """The directory of this worker; its keys are the same for all workers, so that states can be shared."""
    shared = Path(os.environ[SHARED])
    own = shared / os.environ.get("PYTEST_XDIST_WORKER", "alone")
    (own / "data").mkdir(parents=True)
    (shared / "keys").mkdir(exist_ok=True)
    (own / "data" / "keys").symlink_to(shared / "keys")
    return own


@pytest.fixture(scope="session")
def data_dir(home: Path) -> Path:
    """The application's DATA_DIR of this worker."""
    return home / "data"


@pytest.fixture(scope="session")
def prepared(database: Database, home: Path) -> Prepared:
    """This worker's database, restored to the prepared state after each test."""
    return SqliteFile(home) if database.kind == "sqlite" else PostgresDatabase(home, database)


@pytest.fixture(scope="session")
def application(data_dir: Path, prepared: Prepared) -> Iterator[Flask]:
    """The only application of this worker, with tables, reference data and permissions."""
    os.environ |= {"DATA_DIR": str(data_dir), "DATABASE_URL": prepared.url}
    application = create_app(TESTING)
    application.test_client_class = Browser
    with application.app_context():
        prepared.begin(lambda: _prepare(application))
    # what lives as long as the process need not be looked through at every collection
    gc.collect()
    gc.freeze()
    yield application
    with application.app_context():
        db.engine.dispose()


def _prepare(application: Flask) -> None:
    result = application.test_cli_runner().invoke(args=["prepare"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    factories.work_days()
    factories.second_factor(is_on=False)
    db.session.commit()
    db.session.remove()


@pytest.fixture
def unseen_writes(app: Flask, prepared: Prepared) -> Iterator[None]:
    """For tests that write without SQLAlchemy: the whole database is restored afterwards."""
    yield
    prepared.doubt()


@pytest.fixture
def app(application: Flask, prepared: Prepared) -> Iterator[Flask]:
    """The application with its context pushed; what the test writes is removed afterwards."""
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
    """The database session of the application."""
    return db.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A test client that is not signed in."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Runs `flask` commands."""
    return app.test_cli_runner()
