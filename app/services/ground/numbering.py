"""Sequential numbers, unique per counter; a number whose transaction rolled back may be given again."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models import Counter

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def next_number(session: Session, name: str) -> int:
    """Return the next number of the counter `name`, from 1.

    One statement increments the counter and locks its row until the caller's transaction ends, so that
    concurrent callers wait for each other instead of reading the same value.
    """
    insert = INSERTS[session.get_bind().dialect.name](Counter).values(name=name, value=1)
    taken = insert.on_conflict_do_update(
        index_elements=[Counter.name], set_={"value": Counter.value + 1}
    ).returning(Counter.value)
    return int(session.execute(taken).scalar_one())


def application_number(session: Session, year: int) -> str:
    """Return a new application number: the review year and nine digits, for example 2026000001182."""
    return f"{year:04d}{next_number(session, f'application:{year}'):09d}"
