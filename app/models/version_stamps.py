"""Triggers that stamp every change of what administrators changed in the browser, by whatever statement of whatever process.

So a worker that keeps rights (`services/accounts/role_rights.py`) or other values (`services/customising/loading.py`)
under the stamp is never behind.
"""

RIGHTS = "ab_permission_view_role"
VERSION = "customisation_version"
STAMPED = (RIGHTS, "custom_value")
"""Tables whose changes are stamped."""
TABLES = (*STAMPED, VERSION)

SQLITE = """CREATE TRIGGER {table}_stamp_{verb} AFTER {act} ON {table}
BEGIN UPDATE customisation_version SET stamp = lower(hex(randomblob(16))); END"""
POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION stamp_customisation() RETURNS trigger AS $$
BEGIN UPDATE customisation_version SET stamp = replace(gen_random_uuid()::text, '-', ''); RETURN NULL; END $$ LANGUAGE plpgsql"""
POSTGRES = """CREATE TRIGGER {table}_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION stamp_customisation()"""


def statements(dialect: str) -> list[str]:
    """Return the DDL of the triggers."""
    if dialect == "postgresql":
        return [POSTGRES_FUNCTION, *(POSTGRES.format(table=table) for table in STAMPED)]
    return [
        SQLITE.format(table=table, verb=verb, act=verb.upper())
        for table in STAMPED
        for verb in ("insert", "update", "delete")
    ]
