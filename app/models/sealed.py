"""Triggers that make the database refuse changes to counted rounds and confirmed meetings.

Source: Order 40, art. 23. Columns that are still NULL may be filled in, as a count writes its figures after
the state has changed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Seal:
    """Refuses changes to `columns` of `table`, and deletion, once `condition` is true of the old row.

    Without columns no column may change; the SQL condition names the two rows `old` and `new`.
    """

    table: str
    condition: str
    columns: tuple[str, ...] = ()


COUNTED = "(SELECT state FROM round WHERE id = old.round_id) = 'counted'"
SEALS = (
    Seal("result", "(SELECT state FROM plan WHERE id = old.plan_id) = 'concluded'"),
    Seal(
        "round",
        "old.state = 'counted'",
        (
            "state", "plan_id", "number", "is_on_paper", "places", "members", "present", "frozen", "frozen_hash",
            "public_key", "frozen_at", "counted_at", "cast", "invalid",
        ),
    ),
    Seal(
        "round_candidate",
        COUNTED,
        ("round_id", "application_id", "position", "eligible", "opened", "yes", "no", "abstain"),
    ),
    Seal(
        "plan",
        "old.state = 'concluded'",
        (
            "state", "minutes", "chair_signed_by", "chair_signed_at", "supervisor_signed_by", "supervisor_signed_at",
        ),
    ),
)  # fmt: skip
TABLES = tuple(seal.table for seal in SEALS)

POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION refuse_sealed_{table}() RETURNS trigger AS $$
BEGIN
  IF {condition} AND (TG_OP = 'DELETE' OR {changed}) THEN RAISE EXCEPTION '% is sealed', TG_TABLE_NAME; END IF;
  IF TG_OP = 'DELETE' THEN RETURN old; END IF;
  RETURN new;
END $$ LANGUAGE plpgsql"""
POSTGRES_GUARD = """CREATE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_sealed_{table}()"""
SQLITE_GUARD = """CREATE TRIGGER {table}_sealed_{verb} BEFORE {verb} ON {table} WHEN {condition}
BEGIN SELECT RAISE(ABORT, '{table} is sealed'); END"""


def statements(dialect: str) -> list[str]:
    """Return the DDL that creates the triggers."""
    make = _postgres if dialect == "postgresql" else _sqlite
    return [statement for seal in SEALS for statement in make(seal)]


def _postgres(seal: Seal) -> list[str]:
    facts = {"table": seal.table, "condition": seal.condition, "changed": _changed(seal)}
    return [POSTGRES_FUNCTION.format(**facts), POSTGRES_GUARD.format(**facts)]


def _sqlite(seal: Seal) -> list[str]:
    update = f"{seal.condition} AND {_changed(seal)}"
    return [
        SQLITE_GUARD.format(table=seal.table, verb="UPDATE", condition=update),
        SQLITE_GUARD.format(table=seal.table, verb="DELETE", condition=seal.condition),
    ]


def _changed(seal: Seal) -> str:
    """Return the SQL condition that a column with a value is to be changed."""
    if not seal.columns:
        return "(1 = 1)"
    each = (
        f"(old.{name} IS NOT NULL AND old.{name} IS DISTINCT FROM new.{name})"
        for name in seal.columns
    )
    return f"({' OR '.join(each)})"
