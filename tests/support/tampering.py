"""Change sealed records as the database's owner can, to test that the program detects it."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.extensions import db
from app.migrations import guards


@contextmanager
def unsealed() -> Iterator[None]:
    """Take the seals of the database off for a while."""
    db.session.flush()
    guards.take_down(db.session.connection())
    yield
    db.session.flush()
    guards.put_up(db.session.connection())
