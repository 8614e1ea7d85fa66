"""Triggers that stamp every change of what administrators changed in the browser, by whatever statement of whatever process.

So a worker that keeps rights (`services/accounts/role_rights.py`) or other values (`services/customising/loading.py`)
under the stamp is never behind.
"""

from secrets import token_hex

from sqlalchemy import Connection, text

RIGHTS, VALUES = "ab_permission_view_role", "custom_value"
VERSION = "customisation_version"
STAMPED = {RIGHTS: "stamp", VALUES: "value_stamp"}
"""Tables whose changes are stamped, with the column of the stamp."""
TABLES = (*STAMPED, VERSION)

SQLITE = """CREATE TRIGGER {table}_stamp_{verb} AFTER {act} ON {table}
BEGIN UPDATE customisation_version SET {column} = lower(hex(randomblob(16))); END"""
POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION {table}_stamped() RETURNS trigger AS $$
BEGIN UPDATE customisation_version SET {column} = replace(gen_random_uuid()::text, '-', ''); RETURN NULL; END $$ LANGUAGE plpgsql"""
POSTGRES = """CREATE TRIGGER {table}_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_stamped()"""


RENEW = text("UPDATE customisation_version SET value_stamp = :stamp")


def renew(connection: Connection) -> None:
    """Stamp a change of something else that workers keep with the values: which versions of the form are published."""
    connection.execute(RENEW, {"stamp": token_hex(16)})


def statements(dialect: str) -> list[str]:
    """Return the DDL of the triggers."""
    if dialect == "postgresql":
        return [
            part.format(table=table, column=column)
            for table, column in STAMPED.items()
            for part in (POSTGRES_FUNCTION, POSTGRES)
        ]
    return [
        SQLITE.format(table=table, column=column, verb=verb, act=verb.upper())
        for table, column in STAMPED.items()
        for verb in ("insert", "update", "delete")
    ]
