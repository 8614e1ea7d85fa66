"""Alembic environment: one connection and one transaction, for SQLite and PostgreSQL."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from app.extensions import db
from app.models.base import metadata


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Render our column types as the plain types they are stored as, as revisions outlive our classes."""
    if kind != "type":
        return False
    if isinstance(item, sa.Enum):
        values = ", ".join(repr(value) for value in item.enums)
        return (
            f"sa.Enum({values}, name={str(item.name)!r}, native_enum=False, "
            f"length={item.length}, create_constraint=True)"
        )
    if isinstance(item, sa.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def skip_empty(migration_context: Any, revision: Any, directives: list[Any]) -> None:
    """Create no revision when nothing has changed."""
    options = context.config.cmd_opts
    if getattr(options, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives.clear()


def options() -> dict[str, Any]:
    given = dict(current_app.extensions["migrate"].configure_args)
    return given | {
        "target_metadata": metadata,
        "render_item": render_item,
        "process_revision_directives": skip_empty,
        "render_as_batch": db.engine.dialect.name == "sqlite",
        "transactional_ddl": True,
    }


def run() -> None:
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        if is_sqlite:
            # SQLite changes a table by copying it; with foreign keys on, dropping the old one would empty
            # others. The pragma takes effect only outside of a transaction.
            _pragma(connection, "foreign_keys = OFF")
        try:
            context.configure(connection=connection, **options())
            with context.begin_transaction():
                context.run_migrations()
                if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("the migration would leave rows that point nowhere")
        finally:
            if is_sqlite:
                _pragma(connection, "foreign_keys = ON")


def _pragma(connection: sa.Connection, pragma: str) -> None:
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.cursor().execute(f"PRAGMA {pragma}")


run()
