"""run.py on the prepared database of the test, so that what a test made is there and can be looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from tests.support.databases import Prepared
from tests.support.programs import Served, free_port, kept_variables


@pytest.fixture
def served(app: Flask, prepared: Prepared, data_dir: Path) -> Iterator[Served]:
    """The program, not started yet; killed with all it started when the test ends."""
    own = {
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": prepared.url,
        "PORT": str(free_port()),
        "DEMO": "0",
        "WORKERS": "2",
        "THREADS": "2",
    }
    db.session.commit()
    program = Served(kept_variables() | own)
    try:
        yield program
    finally:
        program.close()
        prepared.doubt()
