"""The program as people start it: run.py in a process of its own, on a port and a directory of its own."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import run
from config import ROOT, VERSION

Program = subprocess.Popen[str]


def environment(data: Path, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {"DATA_DIR": str(data), "PORT": str(port), "DEMO": "0", "WORKERS": "2", "THREADS": "2"}
    return kept | own


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def lines_until(program: Program, word: str) -> list[str]:
    assert program.stdout is not None
    lines = []
    for line in program.stdout:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError(f"ended without {word!r}: {lines}")


def wait_until(is_so: Callable[[], bool]) -> bool:
    for _attempt in range(150):
        if is_so():
            return True
        time.sleep(0.2)
    return False


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def program(tmp_path: Path, port: int) -> Iterator[Program]:
    """run.py, started; killed with all it started should the test fail."""
    started = subprocess.Popen(
        [sys.executable, "run.py"],
        cwd=ROOT,
        env=environment(tmp_path, port),
        stdout=subprocess.PIPE,
        text=True,
    )
    yield started
    if started.poll() is None:
        family = psutil.Process(started.pid).children(recursive=True)
        for process in [psutil.Process(started.pid), *family]:
            process.kill()
    started.communicate()


def family(program: Program) -> list[psutil.Process]:
    return psutil.Process(program.pid).children(recursive=True)


def is_gone(processes: list[psutil.Process]) -> bool:
    return not any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes
    )


def test_it_prepares_serves_and_stops_all_it_started(program: Program, port: int) -> None:
    before = lines_until(program, f"ready: http://127.0.0.1:{port}/")
    children = family(program)

    status, body = get(port, "/healthz")
    program.send_signal(signal.SIGINT)
    rest, _errors = program.communicate(timeout=60)

    assert status == 200
    assert json.loads(body) == {"status": "ok", "database": "sqlite", "version": VERSION}
    assert len(children) == 4  # the server, its two workers, the clock
    assert program.returncode == 0
    assert is_gone(children)
    logged = [json.loads(line) for line in (*before, *rest.splitlines()) if line.startswith("{")]
    assert {line["route"] for line in logged if line["kind"] == "request"} == {"/healthz"}


def test_its_children_end_when_it_is_killed(program: Program, port: int) -> None:
    lines_until(program, "ready:")
    children = family(program)

    program.kill()

    assert wait_until(lambda: is_gone(children))


def test_a_clock_that_died_is_started_again(program: Program, port: int) -> None:
    lines_until(program, "ready:")

    def clocks() -> list[psutil.Process]:
        return [process for process in family(program) if "run-due" in process.cmdline()]

    (first,) = clocks()
    first.kill()

    assert wait_until(lambda: [process.pid for process in clocks()] not in ([], [first.pid]))


def test_a_taken_port_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "run.py"],
            cwd=ROOT,
            env=environment(tmp_path, port),
            capture_output=True,
            text=True,
        )

    assert result.returncode == 2
    assert result.stderr.startswith(f"Error: 127.0.0.1:{port} cannot be used")
    assert not (tmp_path / "zhicheng.db").exists()


def test_a_weak_secret_key_is_refused_in_one_sentence(tmp_path: Path, port: int) -> None:
    result = subprocess.run(
        [sys.executable, "run.py"],
        cwd=ROOT,
        env=environment(tmp_path, port) | {"SECRET_KEY": "secret"},
        capture_output=True,
        text=True,
    )

    assert result.returncode == 2
    assert result.stderr.startswith("Error: SECRET_KEY is too weak")
    assert len(result.stderr.splitlines()) == 1


def test_eight_preparations_at_once_agree_and_the_next_changes_nothing(tmp_path: Path) -> None:
    command, env = [*run.FLASK, "prepare"], environment(tmp_path, 8080)

    at_once = [subprocess.Popen(command, cwd=ROOT, env=env) for _number in range(8)]
    results = [process.wait(300) for process in at_once]
    first = everything(tmp_path / "zhicheng.db")
    again = subprocess.run(command, cwd=ROOT, env=env)

    assert results == [0] * 8
    assert again.returncode == 0
    assert everything(tmp_path / "zhicheng.db") == first
    assert first["ab_permission_view"]


def everything(path: Path) -> dict[str, list[object]]:
    """Return all rows of all tables."""
    with sqlite3.connect(path) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for (name,) in names
        }
