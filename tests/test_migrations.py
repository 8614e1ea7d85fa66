"""From an empty database to the models and back, on the database of this run."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.extensions import db, migrate
from app.models.base import metadata
from app.models.log import APPEND_ONLY
from tests import postgres
from tests.conftest import DATABASE, SOCKET, TESTING


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without any table."""
    if DATABASE == "sqlite":
        url = f"sqlite:///{tmp_path}/empty.db"
    else:
        url = postgres.empty_database(os.environ[SOCKET], "empty")
    application = create_app({**TESTING, "SQLALCHEMY_DATABASE_URI": url})
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


def differences() -> list[Any]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_empty_to_head_is_what_the_models_say(empty: Flask) -> None:
    command.upgrade(migrate.get_config(), "head")

    assert differences() == []
    assert tables() == set(metadata.tables)


def test_one_step_down_and_up_again(empty: Flask) -> None:
    config = migrate.get_config()
    command.upgrade(config, "head")

    command.downgrade(config, "-1")
    below = differences()
    command.upgrade(config, "head")

    assert below != []
    assert differences() == []


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET id = id + 1"])
def test_the_database_itself_refuses_to_change_a_log(app: Flask, table: str, change: str) -> None:
    columns = {
        "transition_log": "(at, subject_type, subject_id, event, source, target, opinion, details,"
        " actor_name, actor_role, unit_name, request_id)"
        " VALUES ('2026-01-01', 'x', 1, 'x', '', 'x', '', '{}', '', 'unit', '', '')",
        "audit_log": "(at, kind, is_success, actor_name, subject, details, address, request_id)"
        " VALUES ('2026-01-01', 'x', true, '', '', '{}', '', '')",
    }
    with db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} {columns[table]}"))

    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(change.format(table)))
