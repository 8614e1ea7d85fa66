"""Times the statements that a block of code sends, whether the database is SQLite or PostgreSQL."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from app.extensions import db
from tests.support.counting import NO_QUERY


@dataclass
class Sent:
    """The statements of a block: (milliseconds, text, parameters). Rows read later by SQLite are not in its time."""

    statements: list[tuple[float, str, Any]] = field(default_factory=list)

    @property
    def total(self) -> float:
        return sum(one[0] for one in self.statements)

    @property
    def slowest(self) -> tuple[float, str, Any]:
        return max(self.statements, key=lambda one: one[0], default=(0.0, "", None))


@contextmanager
def timed() -> Iterator[Sent]:
    """Collect the statements sent inside the block with their times, transaction control left out."""
    sent, engine = Sent(), db.engine

    def begin(
        _connection: Any, _cursor: Any, _text: str, _values: Any, context: Any, _many: bool
    ) -> None:
        context.bench_start = time.perf_counter()

    def end(
        _connection: Any, _cursor: Any, text: str, values: Any, context: Any, _many: bool
    ) -> None:
        if not text.lstrip().upper().startswith(NO_QUERY):
            taken = (time.perf_counter() - context.bench_start) * 1000
            sent.statements.append((taken, text, values))

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", begin)
        event.remove(engine, "after_cursor_execute", end)


def plan_of(sent: tuple[float, str, Any]) -> Iterator[str]:
    """Yield the lines in which the database says how it answers a statement."""
    asked = (
        "EXPLAIN QUERY PLAN "
        if db.engine.dialect.name == "sqlite"
        else "EXPLAIN (ANALYZE, BUFFERS) "
    )
    for row in db.session.connection().exec_driver_sql(asked + sent[1], sent[2]):
        yield str(row[-1])
