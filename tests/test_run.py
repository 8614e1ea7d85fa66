"""The program as people start it: run.py in a process of its own, on a port and a directory of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import psutil
import pytest
from sqlalchemy import MetaData, NullPool, create_engine

import run
from config import ROOT, VERSION
from tests.support import children
from tests.support.databases import Database
from tests.support.programs import RUN, free_port, is_gone, kept_variables, wait_until, words

Program = subprocess.Popen[str]
AT_ONCE = 8 if os.environ.get("LONG") else 4
"""So many machines prepare one database at once."""


@pytest.fixture
def environment(database: Database, tmp_path: Path) -> dict[str, str]:
    """The variables of a program that has everything of its own: port, directory, empty database."""
    own = {"DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port()), "DATABASE_URL": ""}
    if database.kind == "postgresql":
        own["DATABASE_URL"] = database.empty(tmp_path, "run")
    return kept_variables() | own | {"DEMO": "0", "WORKERS": "2", "THREADS": "2"}


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=children.PATIENCE)
    try:
        connection.request("GET", path, headers=headers or {})
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


@pytest.fixture
def program(environment: dict[str, str]) -> Iterator[Program]:
    """run.py, started; killed with all it started should the test fail."""
    with children.started(RUN, cwd=ROOT, env=environment, stdout=PIPE) as (process,):
        yield process


def family(program: Program) -> list[psutil.Process]:
    return psutil.Process(program.pid).children(recursive=True)


def test_it_prepares_serves_and_stops_all_it_started(
    database: Database, program: Program, environment: dict[str, str]
) -> None:
    port = int(environment["PORT"])
    before = lines_until(program, f"ready: http://127.0.0.1:{port}/")
    started = family(program)

    status, body = get(port, "/healthz")
    mounted, _page = get(port, "/healthz", {"SCRIPT_NAME": "/elsewhere", "PATH_INFO": "/x"})
    program.send_signal(signal.SIGINT)
    rest, _errors = program.communicate(timeout=children.PATIENCE)

    assert (status, mounted) == (200, 200)
    assert json.loads(body) == {"status": "ok", "database": database.kind, "version": VERSION}
    assert len(started) == 4  # the server, its two workers, the clock
    assert program.returncode == 0
    assert is_gone(started)
    logged = [json.loads(line) for line in (*before, *rest.splitlines()) if line.startswith("{")]
    assert {line["route"] for line in logged if line["kind"] == "request"} == {"/healthz"}


def test_a_clock_that_died_is_started_again_and_all_end_when_it_is_killed(
    program: Program,
) -> None:
    lines_until(program, "ready:")

    def clocks() -> list[psutil.Process]:
        return [process for process in family(program) if "run-due" in words(process)]

    (first,) = clocks()
    first.kill()

    assert wait_until(lambda: [process.pid for process in clocks()] not in ([], [first.pid]))
    started = family(program)
    program.kill()
    assert len(started) == 4
    assert wait_until(lambda: is_gone(started))


def refused(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Start run.py, which is to refuse to start."""
    return subprocess.run(
        RUN, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=children.PATIENCE
    )


def test_a_taken_port_is_named_and_nothing_is_started(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment["PORT"] = str(taken.getsockname()[1])
        result = refused(environment)

    assert result.returncode == 2
    assert result.stderr.startswith(f"Error: 127.0.0.1:{environment['PORT']} cannot be used")
    assert not (Path(environment["DATA_DIR"]) / "zhicheng.db").exists()


def test_a_weak_secret_key_is_refused_in_one_sentence(environment: dict[str, str]) -> None:
    environment["SECRET_KEY"] = "secret"

    result = refused(environment)

    assert result.returncode == 2
    assert result.stderr.startswith("Error: SECRET_KEY is too weak")
    assert len(result.stderr.splitlines()) == 1


def test_preparations_at_once_agree_and_the_next_changes_nothing(
    database: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    command = [*run.FLASK, "prepare"]
    # on PostgreSQL each has a directory of its own, as on machines of their own
    places = [str(tmp_path / str(number)) for number in range(AT_ONCE)]
    own = [{"DATA_DIR": place} if database.kind == "postgresql" else {} for place in places]

    variables = [environment | place for place in own]
    with children.started(*[command] * AT_ONCE, cwd=ROOT, env=variables) as processes:
        results = [code for code, *_said in children.ended(processes)]
    first = tables(environment)
    again = subprocess.run(command, cwd=ROOT, env=environment, timeout=children.PATIENCE)

    assert results == [0] * AT_ONCE
    assert again.returncode == 0
    assert tables(environment) == first
    assert first["ab_permission_view"]


def tables(environment: dict[str, str]) -> dict[str, list[str]]:
    """Return all rows of all tables."""
    file = Path(environment["DATA_DIR"]) / "zhicheng.db"
    engine = create_engine(environment["DATABASE_URL"] or f"sqlite:///{file}", poolclass=NullPool)
    stored = MetaData()
    stored.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(table.select())))
            for name, table in stored.tables.items()
        }
