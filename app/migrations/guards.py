"""The triggers that make the logs append-only: put up again after every revision, taken down before undoing one.

SQLite changes a table by copying it, which loses its triggers; putting them up is therefore repeatable and
belongs to every revision.
"""

from sqlalchemy import Connection, inspect, text

from app.models.log import APPEND_ONLY, append_only_statements

POSTGRES_NAMES = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
SQLITE_NAMES = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"


def put_up(connection: Connection) -> None:
    """Put up the triggers of the logs that exist."""
    take_down(connection)
    existing = set(inspect(connection).get_table_names())
    if existing.issuperset(APPEND_ONLY):
        for statement in append_only_statements(connection.dialect.name):
            connection.exec_driver_sql(statement.replace("%", "%%"))


def take_down(connection: Connection) -> None:
    """Remove the triggers of the logs, so that the tables can be changed."""
    is_postgres = connection.dialect.name == "postgresql"
    for name, table in connection.execute(text(POSTGRES_NAMES if is_postgres else SQLITE_NAMES)):
        if table in APPEND_ONLY:
            on_table = f" ON {table}" if is_postgres else ""
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on_table}")
