"""Create and drop the triggers that make logs append-only, seal decided records and stamp changed rights.

They are dropped before every upgrade or downgrade and created again after it: SQLite changes a table by
copying it, which loses its triggers and fails on triggers that name it.
"""

from sqlalchemy import Connection, inspect, text

from app.models import sealed, version_stamps
from app.models.log import APPEND_ONLY, append_only_statements

POSTGRES_NAMES = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
SQLITE_NAMES = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"


def put_up(connection: Connection) -> None:
    """Create the triggers of all tables that exist."""
    take_down(connection)
    dialect = connection.dialect.name
    existing = set(inspect(connection).get_table_names())
    for tables, statements in (
        *(((table,), append_only_statements(dialect, table)) for table in APPEND_ONLY),
        (sealed.TABLES, sealed.statements(dialect)),
        (version_stamps.TABLES, version_stamps.statements(dialect)),
    ):
        for statement in statements if existing.issuperset(tables) else ():
            connection.exec_driver_sql(statement.replace("%", "%%"))


def take_down(connection: Connection) -> None:
    """Drop the triggers, so that the tables can be changed."""
    is_postgres = connection.dialect.name == "postgresql"
    for name, table in connection.execute(text(POSTGRES_NAMES if is_postgres else SQLITE_NAMES)):
        if table in (*APPEND_ONLY, *sealed.TABLES, *version_stamps.TABLES):
            on_table = f" ON {table}" if is_postgres else ""
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on_table}")
