"""What a rehearsal refuses, each in one sentence, and that a refusal leaves nothing behind."""

import fcntl
import os
import resource
import signal
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import NullPool, create_engine, inspect, text

import run
from app.extensions import db
from app.ground import rehearsal
from config import ROOT, SettingError
from tests.support import children
from tests.support.databases import Database, Prepared
from tests.support.programs import kept_variables

SMALL = 300 * 1024
"""Bytes beyond which no file grows, for a disk that is full."""


@pytest.fixture
def folder(app: Flask, data_dir: Path) -> Path:
    """Where the rehearsal of this worker would stand."""
    return data_dir / "rehearsal"


def refusal(runner: FlaskCliRunner, *args: str) -> str:
    """Run a command that is to be refused, and return the sentence."""
    ended = runner.invoke(args=["rehearsal", *args])
    assert ended.exit_code == 1, ended.output
    (line,) = ended.output.strip().splitlines()
    return line


def test_no_database_in_force(
    runner: FlaskCliRunner, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none.db")

    assert "没有正式数据库" in refusal(runner, "begin")
    assert not (tmp_path / "none.db").exists()
    assert not folder.exists()


def test_a_database_in_force_that_does_not_answer(
    runner: FlaskCliRunner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret-word@127.0.0.1:1/zc")

    said = refusal(runner, "begin")

    assert "无法读取正式数据库" in said
    assert "secret-word" not in said
    assert not folder.exists()


def test_another_version_of_the_tables(
    database: Database, runner: FlaskCliRunner, folder: Path, prepared: Prepared
) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    prepared.doubt()

    assert "属于程序的另一版本（0001）" in refusal(runner, "begin")
    assert not folder.exists()


def test_the_database_in_force_as_that_of_the_rehearsal(
    database: Database, runner: FlaskCliRunner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REHEARSAL_DATABASE_URL", os.environ["DATABASE_URL"])

    assert "指向的是正式数据库" in refusal(runner, "begin")
    assert not folder.exists()


def test_a_database_that_holds_something_else(
    database: Database,
    runner: FlaskCliRunner,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = database.empty(tmp_path, "other")
    execute(url, "CREATE TABLE diary (page INTEGER)")
    monkeypatch.setenv("REHEARSAL_DATABASE_URL", url)

    assert "不为空，也不是演练数据库" in refusal(runner, "begin")
    assert tables_of(url) == ["diary"]
    assert not folder.exists()


def test_a_directory_that_was_not_made_for_it(runner: FlaskCliRunner, folder: Path) -> None:
    folder.mkdir()
    try:
        (folder / "diary.txt").write_text("…")

        assert "不是为演练建立的" in refusal(runner, "begin")
        assert "没有演练环境" in refusal(runner, "end")
        assert (folder / "diary.txt").exists()
    finally:
        (folder / "diary.txt").unlink()
        folder.rmdir()


def test_settings_of_the_rehearsal_itself(
    runner: FlaskCliRunner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REHEARSAL", "1")

    assert "请去掉 REHEARSAL=1" in refusal(runner, "begin")
    assert "请去掉 REHEARSAL=1" in refusal(runner, "end")


def test_what_fills_it_is_no_command_of_the_program_in_force(runner: FlaskCliRunner) -> None:
    assert "由 `flask rehearsal begin` 执行" in refusal(runner, "fill")


def test_a_full_disk_leaves_nothing(
    database: Database, runner: FlaskCliRunner, folder: Path
) -> None:
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, limits[1]))
    try:
        said = refusal(runner, "begin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    assert "演练环境未能建立，也没有留下任何内容" in said
    assert not folder.exists()


@pytest.fixture
def environment(database: Database, tmp_path: Path) -> dict[str, str]:
    """The variables of an installation with prepared, empty tables, and a database for its rehearsal."""
    own = {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": "", "DEMO": "0", "LANG": "C.UTF-8"}
    if database.kind == "postgresql":
        own["DATABASE_URL"] = database.empty(tmp_path, "in_force")
        own["REHEARSAL_DATABASE_URL"] = database.empty(tmp_path, "rehearsal")
    return kept_variables() | own


def flask(environment: dict[str, str], *args: str, **more: str) -> tuple[int, str]:
    """Run a command in a process of its own; return its exit status and what it said."""
    ended = subprocess.run(
        [*run.FLASK, *args],
        cwd=ROOT,
        env=environment | more,
        capture_output=True,
        text=True,
        timeout=children.PATIENCE,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_a_life_of_a_rehearsal_in_processes_of_its_own(
    database: Database,
    environment: dict[str, str],
    runner: FlaskCliRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Begun, not begun twice, never served for the other one, not ended while it runs, ended."""
    own = Path(environment["DATA_DIR"]) / "rehearsal"
    url = environment.get("REHEARSAL_DATABASE_URL") or f"sqlite:///{own}/zhicheng.db"
    assert flask(environment, "prepare")[0] == 0

    begun, said = flask(environment, "rehearsal", "begin")
    assert begun == 0, said
    assert "没有生成虚构申报" in said
    assert rehearsal.MARK in tables_of(url)
    assert (own / "ready").exists()

    as_if_in_force = environment | {"DATABASE_URL": url}
    assert flask(as_if_in_force, "prepare") == (1, f"Error: {rehearsal.MARKED}\n")
    assert flask(environment, "prepare", REHEARSAL="1")[0] == 0
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert "已有演练环境" in refusal(runner, "begin")
    with (own / rehearsal.LOCK).open("a") as running:
        fcntl.flock(running, fcntl.LOCK_SH)
        assert "演练环境仍在运行" in refusal(runner, "end")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("REHEARSAL_DATABASE_URL", f"sqlite:///{own.parent}/elsewhere.db")
        assert "演练环境在数据库" in refusal(runner, "end")

    assert runner.invoke(args=["rehearsal", "end"]).exit_code == 0
    assert not own.exists()
    assert leftovers(url) == []
    assert "没有演练环境" in refusal(runner, "end")


@pytest.mark.parametrize("is_rehearsal", [True, False])
def test_a_database_is_opened_only_by_the_program_it_is_for(
    database: Database, tmp_path: Path, is_rehearsal: bool
) -> None:
    url = database.empty(tmp_path, "guarded")
    if not is_rehearsal:
        execute(url, rehearsal.CREATE_MARK)
    engine = create_engine(url, poolclass=NullPool)
    rehearsal.guard(engine, is_rehearsal=is_rehearsal)

    with pytest.raises(SettingError, match="no rehearsal" if is_rehearsal else "holds a rehearsal"):
        engine.connect()


def execute(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))


def tables_of(url: str) -> list[str]:
    return sorted(inspect(create_engine(url, poolclass=NullPool)).get_table_names())


def leftovers(url: str) -> list[str]:
    """Return what is left in a database, or its file."""
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite"):
        return [str(one) for one in file.parent.glob("*")] if file.parent.exists() else []
    engine = create_engine(url, poolclass=NullPool)
    own = "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
    with engine.connect() as connection:
        return [*tables_of(url), *connection.scalars(text(own))]
