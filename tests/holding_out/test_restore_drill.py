"""The drill: a backup is made and restored while people work; nothing acknowledged before it is missing."""

import os
import random
import subprocess
import threading
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.services.backup import manifest, snapshot, verification
from config import ROOT
from run import FLASK
from tests.holding_out.test_kills import ROWS, Desk
from tests.support import children
from tests.support.damage import flipped
from tests.support.databases import Database
from tests.support.programs import Served, free_port, wait_until

DAMAGES = 100 if os.environ.get("LONG") else 5
PASSED = text("SELECT subject_id FROM transition_log WHERE event = 'superior_pass'")


def test_backup_under_load_is_restored_and_serves(
    served: Served, database: Database, tmp_path: Path
) -> None:
    desk = Desk.new(served)
    desk.lay_out()
    served.start()
    stop = threading.Event()
    threads = [threading.Thread(target=desk.press_on, args=(stop,)) for _one in range(2)]
    for thread in threads:
        thread.start()
    assert wait_until(lambda: len(desk.acknowledged) >= ROWS)

    acknowledged = dict(desk.acknowledged)
    place = Path(flask(served, "backup", str(tmp_path / "b"), "--keys", str(tmp_path / "k")))
    keys = tmp_path / "k" / place.name
    own = {"DATA_DIR": str(tmp_path / "new"), "DATABASE_URL": "", "PORT": str(free_port())}
    if database.kind == "postgresql":
        own["DATABASE_URL"] = database.empty(tmp_path, "drill")
    second = Served(served.variables | own)
    flask(second, "restore", str(place), "--keys", str(keys))
    stop.set()
    for thread in threads:
        thread.join()

    assert set(acknowledged.values()) <= passed_in(place) == passed_by(second, tmp_path)
    assert {len(passed_in(place).intersection(press)) for press in desk.sent} <= {0, ROWS}
    try:
        second.start()
        # the session of before is valid there: same key, same rows
        answer = second.ask("GET", "/api/v1/g/1.1.3/", None, desk.headers)
        assert answer.status == 200
    finally:
        second.close()
    assert found_damages(place, keys) == DAMAGES


def passed_in(place: Path) -> set[int]:
    with snapshot.opened(place / manifest.DATABASE) as copy:
        return {key for (key,) in copy.execute(str(PASSED))}


def passed_by(restored: Served, folder: Path) -> set[int]:
    address = restored.variables["DATABASE_URL"] or f"sqlite:///{folder}/new/zhicheng.db"
    with create_engine(address, poolclass=NullPool).connect() as connection:
        return set(connection.scalars(PASSED))


def found_damages(place: Path, keys: Path) -> int:
    """Damage one byte after the other, anywhere in the backup; return how many were found."""
    contents = (place.parent / manifest.CONTENTS).rglob("*")
    parts = [path for path in (*place.iterdir(), *keys.iterdir(), *contents) if path.is_file()]
    chance, found = random.Random(19), 0
    for number in range(DAMAGES):
        path = parts[number % len(parts)]
        with flipped(path, chance.randrange(path.stat().st_size), chance.randrange(1, 256)):
            found += bool(verification.verify(place, keys).faults)
    assert verification.verify(place, keys).faults == ()
    return found


def flask(program: Served, *command: str) -> str:
    """Run a command on the database and directory of a program; return what it printed."""
    result = subprocess.run(
        [*FLASK, *command],
        cwd=ROOT,
        env=program.variables,
        capture_output=True,
        text=True,
        timeout=children.PATIENCE,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()
