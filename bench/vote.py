"""What opening a box costs: 25 judges, 200 candidates, on both databases: `python -m bench.vote`.

Prints milliseconds (median of three) to close the round, and from the second code to the counted votes.
"""

import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from flask_babel import force_locale

from app import create_app
from app.enums import KeyRole
from app.extensions import db
from tests import factories, meetings, postgres

ROUNDS, JUDGES, CANDIDATES = 3, 25, 200


def main() -> None:
    """Measure the database named by the argument; without one both kinds, each in a process of its own."""
    if len(sys.argv) > 1:
        measure()
        return
    with tempfile.TemporaryDirectory() as folder:
        _spawn(folder, f"sqlite:///{Path(folder) / 'bench.sqlite'}")
    with tempfile.TemporaryDirectory() as folder, postgres.running() as socket:
        _spawn(folder, postgres.empty_database(socket, "bench"))


def _spawn(folder: str, url: str) -> None:
    environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder}
    subprocess.run([sys.executable, "-m", "bench.vote", url], env=environment, check=True)


def measure() -> None:
    app = create_app({"DEMO": False, "TRUSTED_HOSTS": ["localhost"]})
    result = app.test_cli_runner().invoke(args=["prepare"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    logging.disable()
    with app.app_context(), force_locale("en"):
        factories.work_days()
        taken = [_play() for _round in range(ROUNDS)]
        names = ("freeze", "cast all", "close", "count")
        figures = (statistics.median(one[place] for one in taken) for place in range(len(names)))
        shown = ", ".join(f"{name} {value:.0f}" for name, value in zip(names, figures, strict=True))
        print(f"{db.engine.dialect.name}: {JUDGES} × {CANDIDATES}, ms: {shown}")


def _play() -> tuple[float, ...]:
    plan, judges = meetings.sitting(judges=JUDGES, count=CANDIDATES)
    holders: dict[KeyRole, Any] = meetings.keys(plan, judges[0][0])
    db.session.commit()
    moments = [time.perf_counter()]
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    _tick(moments)
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    for position, _seat in judges:
        meetings.cast(held, position, "yna" * (CANDIDATES // 3) + "yy")
        db.session.commit()
    _tick(moments)
    meetings.fire(held, "close", holders[KeyRole.CHAIR][0])
    _tick(moments)
    for role in (KeyRole.CHAIR, KeyRole.SUPERVISOR):
        actor, code = holders[role]
        meetings.fire(held, "release", actor, details={"code": code})
    _tick(moments)
    return tuple(
        (later - earlier) * 1000 for earlier, later in zip(moments, moments[1:], strict=False)
    )


def _tick(moments: list[float]) -> None:
    db.session.commit()
    moments.append(time.perf_counter())


if __name__ == "__main__":
    main()
