"""Run a measurement on SQLite and on PostgreSQL, each in its own process and new database."""

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from flask_babel import force_locale

from app import create_app
from tests.support import postgres


def databases(module: str, measure: Callable[[], None]) -> None:
    """Call `measure` in a prepared app for the database in argv; without one, spawn a run for each kind."""
    if len(sys.argv) > 1:
        _prepared(measure)
    else:
        spawn(module)


def spawn(module: str, *arguments: str) -> None:
    """Run a module with the address of a new database as its last argument, on SQLite and on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        _spawn(module, folder, f"sqlite:///{Path(folder) / 'bench.sqlite'}", arguments)
    with tempfile.TemporaryDirectory() as folder, postgres.running() as socket:
        _spawn(module, folder, postgres.empty_database(socket, "bench"), arguments)


def _spawn(module: str, folder: str, url: str, arguments: Sequence[str]) -> None:
    environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder}
    subprocess.run([sys.executable, "-m", module, *arguments, url], env=environment, check=True)


def _prepared(measure: Callable[[], None]) -> None:
    app = create_app({"DEMO": False, "TRUSTED_HOSTS": ["localhost"]})
    result = app.test_cli_runner().invoke(args=["prepare"], catch_exceptions=False)
    if result.exit_code:
        raise SystemExit(result.output)
    logging.disable()
    with app.app_context(), force_locale("en"):
        measure()
