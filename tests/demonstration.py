"""The demonstration as a state that tests begin with: loaded once for all workers of a run."""

from datetime import UTC, datetime

from app import demo
from app.extensions import db
from tests.databases import Prepared

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
"""The moment it is made around; a test that acts in it travels there."""


def bring(prepared: Prepared) -> None:
    """Bring the prepared database to the demonstration, inside a context of the application."""
    prepared.bring("demonstration", _load)


def _load() -> None:
    demo.load(db.session(), AT)
    db.session.commit()
