"""Triggers that make the database refuse changes to frozen rounds, cast ballots, draws, plan changes, confirmed meetings.

Source: Order 40, art. 23. Columns that are still NULL may be filled in, as a count writes its figures after
the state has changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Seal:
    """Refuses changes to `columns` of `table`, and deletion, once `condition` is true of the old row.

    Without columns no column may change; the SQL condition names the two rows `old` and `new`. A second seal of
    one table has a `name` of its own.
    """

    table: str
    condition: str
    columns: tuple[str, ...] = ()
    name: str = "sealed"


@dataclass(frozen=True)
class Refusal:
    """Refuses what a statement does to a row of `table` while `condition` is true; `verb` is one of SQL's."""

    table: str
    verb: str
    condition: str
    name: str


def _round_of(row: str) -> str:
    return f"FROM round WHERE round.id = {row}.round_id"


IS_FROZEN = "(SELECT NOT round.is_on_paper AND round.frozen_hash <> '' {})"
COUNTED = f"(SELECT state {_round_of('old')}) = 'counted'"
FROZEN = IS_FROZEN.format(_round_of("old"))
NEWLY_FROZEN = IS_FROZEN.format(_round_of("new"))
IS_OVER = f"(SELECT state {_round_of('old')}) IN ('counted', 'void')"
HAS_ROUND = (
    "EXISTS (SELECT 1 FROM round WHERE round.plan_id = old.plan_id AND NOT round.is_on_paper "
    "AND round.state IN ('ready', 'open', 'closed'))"
)
SEALS = (
    Seal("result", "(SELECT state FROM plan WHERE id = old.plan_id) = 'concluded'"),
    Seal(
        "round",
        "old.state = 'counted'",
        (
            "state", "plan_id", "number", "is_on_paper", "places", "members", "present", "frozen", "frozen_hash",
            "public_key", "frozen_at", "counted_at", "cast", "invalid", "signed_record",
        ),
    ),
    Seal(
        "round",
        "(NOT old.is_on_paper AND old.frozen_hash <> '')",
        (
            "plan_id", "number", "is_on_paper", "places", "members", "present", "alg", "frozen", "frozen_hash",
            "public_key", "frozen_at", "opened_at", "closed_at",
        ),
        "frozen",
    ),
    Seal(
        "round_candidate",
        COUNTED,
        ("round_id", "application_id", "position", "eligible", "opened", "yes", "no", "abstain"),
    ),
    Seal("round_candidate", FROZEN, ("round_id", "application_id", "position", "eligible"), "frozen"),
    Seal("round_voter", FROZEN),
    Seal("sealed_ballot", "(1 = 1)", ("round_id", "seat_id", "alg", "digest", "tracker", "row_digest")),
    Seal("key_holder", HAS_ROUND, ("plan_id", "role", "user_id", "alg", "public_key", "row_digest")),
    Seal(
        "draw",
        "old.seed IS NOT NULL",
        (
            "plan_id", "attempt", "alg", "salt", "pool", "pool_hash", "public_source", "public_value",
            "office_digest", "office_secret", "supervisor_digest", "supervisor_secret", "seed", "drawn_at",
            "signed_record",
        ),
    ),
    Seal("plan_change", "(1 = 1)", ("plan_id", "snapshot", "figures", "reason", "asked_by", "reported_at")),
    Seal("plan_change", "old.state <> 'reported'", ("state",), "decided"),
    Seal(
        "plan",
        "old.state = 'concluded'",
        (
            "state", "minutes", "chair_signed_by", "chair_signed_at", "supervisor_signed_by", "supervisor_signed_at",
            "signed_result",
        ),
    ),
)  # fmt: skip
REFUSALS = (
    Refusal("round_candidate", "INSERT", NEWLY_FROZEN, "closed"),
    Refusal("round_voter", "INSERT", NEWLY_FROZEN, "closed"),
    Refusal(
        "sealed_ballot",
        "INSERT",
        f"COALESCE((SELECT state {_round_of('new')}), '') <> 'open'",
        "closed",
    ),
    Refusal(
        "sealed_ballot",
        "UPDATE",
        f"new.sealed IS DISTINCT FROM old.sealed AND NOT (new.sealed IS NULL AND {IS_OVER})",
        "emptied",
    ),
    Refusal("round_share", "UPDATE", "(1 = 1)", "kept"),
    Refusal("round_share", "DELETE", f"NOT ({IS_OVER})", "destroyed"),
)
"""A ballot comes into an open box only, and its sealed text only goes when the round is counted or void."""
TABLES = tuple(sorted({one.table for one in (*SEALS, *REFUSALS)}))

POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION refuse_{name}_{table}() RETURNS trigger AS $$
BEGIN
  IF {condition} AND (TG_OP = 'DELETE' OR {changed}) THEN
    RAISE EXCEPTION '% is sealed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN old; END IF;
  RETURN new;
END $$ LANGUAGE plpgsql"""
POSTGRES_GUARD = """CREATE TRIGGER {table}_{name} BEFORE {verbs} ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_{name}_{table}()"""
SQLITE_GUARD = """CREATE TRIGGER {table}_{name}_{verb} BEFORE {verb} ON {table} WHEN {condition}
BEGIN SELECT RAISE(ABORT, '{table} is sealed'); END"""


def statements(dialect: str) -> list[str]:
    """Return the DDL that creates the triggers."""
    is_postgres = dialect == "postgresql"
    seal, refusal = (_postgres, _postgres_refusal) if is_postgres else (_sqlite, _sqlite_refusal)
    sealed = [statement for one in SEALS for statement in seal(one)]
    return sealed + [statement for one in REFUSALS for statement in refusal(one)]


def _postgres(seal: Seal) -> list[str]:
    facts = {
        "table": seal.table,
        "name": seal.name,
        "condition": seal.condition,
        "changed": _changed(seal.columns),
        "verbs": "UPDATE OR DELETE",
    }
    return [POSTGRES_FUNCTION.format(**facts), POSTGRES_GUARD.format(**facts)]


def _postgres_refusal(refusal: Refusal) -> list[str]:
    facts = {
        "table": refusal.table,
        "name": refusal.name,
        "condition": refusal.condition,
        "changed": "true",
        "verbs": refusal.verb,
    }
    return [POSTGRES_FUNCTION.format(**facts), POSTGRES_GUARD.format(**facts)]


def _sqlite(seal: Seal) -> list[str]:
    update = f"{seal.condition} AND {_changed(seal.columns)}"
    names = {"table": seal.table, "name": seal.name}
    return [
        SQLITE_GUARD.format(**names, verb="UPDATE", condition=update),
        SQLITE_GUARD.format(**names, verb="DELETE", condition=seal.condition),
    ]


def _sqlite_refusal(refusal: Refusal) -> list[str]:
    return [
        SQLITE_GUARD.format(
            table=refusal.table,
            name=refusal.name,
            verb=refusal.verb,
            condition=refusal.condition,
        )
    ]


def _changed(columns: Sequence[str]) -> str:
    """Return the SQL condition that a column with a value is to be changed."""
    if not columns:
        return "(1 = 1)"
    each = (
        f"(old.{name} IS NOT NULL AND old.{name} IS DISTINCT FROM new.{name})" for name in columns
    )
    return f"({' OR '.join(each)})"
