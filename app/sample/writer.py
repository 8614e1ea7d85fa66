"""Bulk-write rows without the ORM: `executemany` for SQLite, COPY for PostgreSQL.

Rows are tuples in the form the database stores: enums as values, times as UTC text, JSON as text, booleans as
0 and 1.
"""

from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models.base import metadata

FLUSH_ROWS = 60_000
STATEFUL = " version created_at"
COPIED = "name unit_id region_code committee_id series_code level title_code specialty_code"

TABLES = {
    table: ("id", *columns.split())
    for table, columns in {
        "unit": "credit_code name kind region_code parent_id path is_self_review contact phone is_active",
        "committee": "code name series_code level is_by_specialty unit_id region_code approval_number "
        "valid_from valid_to min_size size_approval_number is_active",
        "route_node": "committee_id unit_id superior_id levels state settled_at" + STATEFUL,
        "batch": "name committee_id review_year modes levels apply_start apply_end resubmit_end unit_end "
        "superior_end office_end material_cutoff seniority_date senior_cap associate_cap "
        "required_materials note state" + STATEFUL,
        "plan": "name committee_id batch_id mode opens_on closes_on place seats groups steps score_items "
        "senior_cap associate_cap over_cap note reported_at members present voted_on state"
        + STATEFUL,
        "filing": "plan_id document_number summary reported_at approval_number state" + STATEFUL,
        "notice": "kind title unit_id plan_id place contact phone starts_on ends_on state"
        + STATEFUL,
        "person": "name id_kind id_number id_index sex birth_date phone employment unit_id ban_reason",
        "expert": "committee_id person_id unit_id title_code specialty_code term_from term_to state"
        + STATEFUL,
        "application": f"number person_id batch_id review_year mode form_version state holder_id {COPIED} "
        "held_since due_at submitted_at frozen_at office_at route_position recommendation "
        "returned_sections is_secret_free committed_at commitment_version plan_id rules_unmet"
        + STATEFUL,
        "route_step": "application_id position unit_id arrived_at passed_at",
        "correction": "application_id items deadline state asked_at settled_at",
        "notice_item": "notice_id application_id",
        "objection": "notice_id application_id unit_id author contact content received_at due_on findings "
        "state" + STATEFUL,
        "result": "plan_id application_id yes no abstain is_passed note",
        "certificate": f"number token application_id person_id {COPIED} obtained_on issued_on "
        "approval_number state decision_number decision_reason" + STATEFUL,
        "transition_log": "at subject_type subject_id event source target opinion details actor_name actor_role "
        "unit_name request_id",
        "quota": "unit_id review_year level specialty_code kind posts held asked granted used note state"
        + STATEFUL,
    }.items()
}
"""Table → columns, parent tables first. Columns not named here stay empty."""


class Writer:
    """Buffer that assigns ids to rows and writes them in the order of TABLES."""

    def __init__(self, session: Session) -> None:
        self.last = {table: _last_id(session, table) for table in TABLES}
        self.rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in TABLES}
        self.written = dict.fromkeys(TABLES, 0)
        self.waiting = 0
        session.commit()
        self.sink = _sink(db.engine)

    def add(self, table: str, *values: Any) -> int:
        """Add a row (values without the id) and return its id."""
        key = self.last[table] = self.last[table] + 1
        self.rows[table].append((key, *values))
        self.waiting += 1
        return key

    def flush_if_full(self) -> None:
        if self.waiting >= FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write and commit the buffered rows."""
        self.sink.write({table: rows for table, rows in self.rows.items() if rows})
        for table, rows in self.rows.items():
            self.written[table] += len(rows)
            rows.clear()
        self.waiting = 0

    def close(self) -> None:
        """Write the remaining rows, update the database's id sequences and close the connection."""
        self.flush()
        self.sink.finish(self.last)


class SqliteSink:
    """Writer with a separate SQLite connection, not durable against a power cut while it writes."""

    PRAGMAS = (
        "synchronous = OFF",
        "foreign_keys = OFF",
        "cache_size = -262144",
        "temp_store = MEMORY",
    )

    def __init__(self, engine: Engine) -> None:
        raw = engine.raw_connection()
        raw.detach()
        self.connection: Any = raw
        self.cursor = raw.cursor()
        for pragma in self.PRAGMAS:
            self.cursor.execute(f"PRAGMA {pragma}")

    def write(self, tables: dict[str, list[tuple[Any, ...]]]) -> None:
        self.cursor.execute("BEGIN IMMEDIATE")
        for table, rows in tables.items():
            columns = TABLES[table]
            marks = ", ".join("?" * len(columns))
            self.cursor.executemany(
                f"INSERT INTO {table} ({_quoted(columns)}) VALUES ({marks})",  # noqa: S608 - names from TABLES above
                rows,
            )
        self.cursor.execute("COMMIT")

    def finish(self, last: dict[str, int]) -> None:
        self.cursor.execute("PRAGMA synchronous = FULL")
        self.cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.cursor.execute("ANALYZE")
        self.connection.close()


class PostgresSink:
    """Writer with COPY over a separate connection; a superuser account skips foreign key checks."""

    def __init__(self, engine: Engine) -> None:
        raw = engine.raw_connection()
        raw.detach()
        self.connection: Any = raw
        self.cursor: Any = raw.cursor()
        self.cursor.execute("SET synchronous_commit = off")
        self.cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if self.cursor.fetchone() == (True,):
            self.cursor.execute("SET session_replication_role = replica")
        self.connection.commit()

    def write(self, tables: dict[str, list[tuple[Any, ...]]]) -> None:
        for table, rows in tables.items():
            with self.cursor.copy(f"COPY {table} ({_quoted(TABLES[table])}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        self.connection.commit()

    def finish(self, last: dict[str, int]) -> None:
        for table, number in last.items():
            self.cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(%s, 1))", (table, number)
            )
        self.connection.commit()
        for table in TABLES:
            self.cursor.execute(f"ANALYZE {table}")
        self.connection.commit()
        self.connection.close()


def _sink(engine: Engine) -> SqliteSink | PostgresSink:
    return PostgresSink(engine) if engine.dialect.name == "postgresql" else SqliteSink(engine)


def _last_id(session: Session, table: str) -> int:
    return int(session.scalar(select(func.max(metadata.tables[table].c.id))) or 0)


def _quoted(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
