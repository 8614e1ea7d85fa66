"""The demonstration data as a state for tests to begin with, loaded once for all workers of a run."""

from datetime import UTC, datetime

from flask import current_app

from app import demo
from app.extensions import db
from tests.support.databases import Prepared

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
"""The moment at which the data is loaded; tests that act on the data set the clock to it."""


def bring(prepared: Prepared) -> None:
    """Put the demonstration data into the prepared database, as one of an installation for demonstrations.

    Needs an application context; its accounts sign in nowhere else.
    """
    current_app.config["DEMO"] = True
    prepared.bring("demonstration", _load)


def _load() -> None:
    demo.load(db.session(), AT)
    db.session.commit()
