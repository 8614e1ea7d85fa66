"""Whether the triggers that protect the logs, what is decided and the rights in force stand as the program made them."""

import re
from collections.abc import Iterable, Iterator

from flask_babel import gettext
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.models import sealed, version_stamps
from app.models.log import APPEND_ONLY, append_only_statements

TRIGGER = re.compile(
    r"CREATE TRIGGER (?P<name>\w+) (?P<what>[A-Z ]+) ON (?P<table>\w+)(?P<rest>.*)", re.DOTALL
)
FUNCTION = re.compile(r"FUNCTION (?P<name>\w+)\(\).*?\$\$(?P<body>.*)\$\$", re.DOTALL)
CALLED = re.compile(r"FUNCTION (\w+)\(\)")
BITS = {"FOR EACH ROW": 1, "BEFORE": 2, "INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
"""Bits of `pg_trigger.tgtype`."""
SQLITE_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
POSTGRES_TRIGGERS = """SELECT t.tgname, t.tgrelid::regclass::text, t.tgtype, p.proname, p.prosrc FROM pg_trigger t
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''"""


def faults(session: Session) -> Iterator[str]:
    """Yield a sentence for each trigger that is missing, switched off or another one."""
    dialect = session.get_bind().dialect.name
    statements = [
        *(one for table in APPEND_ONLY for one in append_only_statements(dialect, table)),
        *sealed.statements(dialect),
        *version_stamps.statements(dialect),
    ]
    check = _postgres_missing if dialect == "postgresql" else _sqlite_missing
    for name, table in check(session, statements):
        yield gettext(
            "The trigger %(name)s, which protects %(table)s, is missing, switched off or changed.",
            name=name,
            table=table,
        )


def _sqlite_missing(session: Session, statements: Iterable[str]) -> Iterator[tuple[str, str]]:
    present = dict(session.execute(text(SQLITE_TRIGGERS)).tuples().all())
    for statement in statements:
        wanted = TRIGGER.match(statement)
        if wanted and present.get(wanted["name"]) != statement:
            yield wanted["name"], wanted["table"]


def _postgres_missing(session: Session, statements: Iterable[str]) -> Iterator[tuple[str, str]]:
    statements = list(statements)
    bodies = {
        one["name"]: one["body"] for one in map(FUNCTION.search, statements) if one and one["body"]
    }
    present = {tuple(row) for row in session.execute(text(POSTGRES_TRIGGERS))}
    for wanted in filter(None, map(TRIGGER.match, statements)):
        called = CALLED.findall(wanted["rest"])[0]
        kind = sum(bit for word, bit in BITS.items() if word in wanted["what"] + wanted["rest"])
        if (wanted["name"], wanted["table"], kind, called, bodies[called]) not in present:
            yield wanted["name"], wanted["table"]
