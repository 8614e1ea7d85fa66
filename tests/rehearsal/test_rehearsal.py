"""A rehearsal from beginning to end: what holds in it, that nothing personal is, and that nothing is left."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import MetaData, NullPool, create_engine, text

from app.extensions import db
from app.migrations import guards
from config import ROOT
from tests.journeys import stage
from tests.rehearsal import source
from tests.support import children
from tests.support.databases import Prepared

CLOCK = """
import os
from datetime import datetime
import time_machine
time_machine.travel(datetime.fromisoformat(os.environ["TRAVELLED_TO"]), tick=True).start()
"""
"""What every process of the rehearsal begins with: it takes place on the day of the journeys."""
OUTSIDE = {
    "SMTP_HOST": "mail.example.invalid",
    "SMTP_FROM": "zc@example.invalid",
    "OIDC_ISSUER": "https://id.example.invalid",
    "OIDC_CLIENT_ID": "zc",
    "OIDC_CLIENT_SECRET": "secret-of-the-provider",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
    "FIELD_KEY": "ab" * 32,
}
"""Settings of the program in force that a rehearsal does not take over."""


@dataclass
class Rehearsed:
    """A rehearsal as it was begun: its place, the marks planted in the source, and the source before."""

    folder: Path
    marks: list[str]
    before: dict[str, list[str]]
    environment: dict[str, str]


@pytest.fixture(scope="module")
def rehearsed(
    application: Flask, prepared: Prepared, data_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rehearsed]:
    clock_of_children = tmp_path_factory.mktemp("clock")
    (clock_of_children / "sitecustomize.py").write_text(CLOCK)
    moment = stage.moment(stage.BEGIN)
    sms = str(clock_of_children / "sms.jsonl")
    own = {
        "SMS_FILE": sms,
        "PYTHONPATH": str(clock_of_children),
        "TRAVELLED_TO": moment.isoformat(),
    }
    with pytest.MonkeyPatch.context() as patch, application.app_context():
        for name, value in (OUTSIDE | own).items():
            patch.setenv(name, value)
        with time_machine.travel(moment, tick=False):
            source.build()
            marks = _plant()
            before = rows_of(prepared.url)
            begun = application.test_cli_runner().invoke(args=["rehearsal", "begin"])
        assert begun.exit_code == 0, begun.output
        yield Rehearsed(data_dir / "rehearsal", marks, before, dict(os.environ))
        db.session.remove()
        ended = application.test_cli_runner().invoke(args=["rehearsal", "end"])
        assert ended.exit_code in (0, 1), ended.output
        prepared.doubt()
        prepared.restore()


def _plant() -> list[str]:
    """Plant the marks past all rules of the database."""
    engine = create_engine(db.engine.url, poolclass=NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
            connection.commit()
        else:
            connection.execute(text("SET session_replication_role = replica"))
            checks = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid > 0"
            for table, name in connection.execute(text(checks)).all():
                if not table.startswith(("kept.", "pg_", "information_schema")):
                    connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
        guards.take_down(connection)
        marks = source.plant(connection)
        guards.put_up(connection)
        connection.commit()
    engine.dispose()
    return marks


def rows_of(url: str) -> dict[str, list[str]]:
    """Return all rows of all tables of a database."""
    engine = create_engine(url, poolclass=NullPool)
    stored = MetaData()
    stored.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"'))))
            for name in stored.tables
        }


@pytest.fixture(scope="module")
def inside(rehearsed: Rehearsed) -> dict[str, Any]:
    """What a process of the rehearsal says of it, and what came of the case it played."""
    command = [sys.executable, "-m", "tests.rehearsal.inside"]
    asked = subprocess.run(
        command,
        cwd=ROOT,
        env=rehearsed.environment | {"REHEARSAL": "1"},
        capture_output=True,
        text=True,
        timeout=children.PATIENCE,
    )
    assert asked.returncode == 0, asked.stderr[-4000:]
    found: dict[str, Any] = json.loads(asked.stdout.splitlines()[-1])
    return found


def test_no_personal_value_is_found_in_anything_of_it(rehearsed: Rehearsed) -> None:
    content = b"".join(one.read_bytes() for one in rehearsed.folder.rglob("*") if one.is_file())

    assert len(rehearsed.marks) > 200
    assert [mark for mark in rehearsed.marks if mark.encode() in content] == []
    assert "真实人员".encode() not in content
    for secret in (OUTSIDE["OIDC_CLIENT_SECRET"], OUTSIDE["SECRET_KEY"], OUTSIDE["SMTP_HOST"]):
        assert secret.encode() not in content


def test_keys_are_its_own(rehearsed: Rehearsed, data_dir: Path) -> None:
    own = {one.name: one.read_bytes() for one in (rehearsed.folder / "keys").iterdir()}
    of_source = {one.name: one.read_bytes() for one in (data_dir / "keys").iterdir()}

    assert set(own) == {"secret.key", "field.key", "program.key"}
    assert not set(own.values()) & set(of_source.values())
    assert bytes.fromhex(OUTSIDE["FIELD_KEY"]) not in own.values()


def test_configuration_holds_as_in_the_database_in_force(inside: dict[str, Any]) -> None:
    assert inside["megabytes"] == source.MEGABYTES
    assert source.VALUE in inside["nations"]
    assert source.FIELD in inside["fields"]
    assert source.HEADING in inside["headings"]
    assert inside["export"] == 403
    assert inside["own_roles"] == [source.OWN]
    assert inside["holders_of_own_roles"] == 1
    assert [unit for unit, _superior in inside["tree"]] == [source.BOARD, source.WORKS]


def test_a_batch_that_has_not_begun_runs_already_with_the_same_lengths(
    inside: dict[str, Any],
) -> None:
    state, first, last = inside["batch"]

    assert state == "open"
    assert first < stage.BEGIN.isoformat() < last
    assert (
        stage.date.fromisoformat(last) - stage.date.fromisoformat(first)
        == source.LAST - source.FIRST
    )


def test_invented_people_stand_in_every_role_and_state(inside: dict[str, Any]) -> None:
    assert inside["roles"] == sorted(
        [
            "applicant",
            "unit",
            "superior",
            "office",
            "judge",
            "hrss",
            "supervisor",
            "sysadmin",
            "secadmin",
            "auditor",
        ]
    )
    assert inside["is_demo"] == [True]
    assert set(inside["states"]) >= {
        "draft", "at_unit", "checked", "in_notice", "notice_over", "at_superior", "at_office", "qualified",
    }  # fmt: skip
    assert inside["drawable"] == inside["experts"] == 33


def test_nothing_is_sent_outside(inside: dict[str, Any], rehearsed: Rehearsed) -> None:
    assert inside["channels"] == []
    assert inside["issuer"] == ""
    assert not Path(rehearsed.environment["SMS_FILE"]).exists()


def test_every_page_says_what_it_is(inside: dict[str, Any]) -> None:
    assert "<title>【演练】" in inside["page"]
    assert "演练环境 · 使用本年度配置和虚构人员 · 数据随时清除" in inside["page"]
    assert inside["cookie"] == "zhicheng-rehearsal"


def test_a_case_is_played_to_a_certificate_that_is_marked(
    inside: dict[str, Any], prepared: Prepared
) -> None:
    assert inside["number"].startswith("Y")
    assert inside["is_number"]
    assert "演练" in inside["paper"]
    assert inside["number"] not in str(rows_of(prepared.url)["certificate"])


def test_it_ends_without_a_trace_and_the_source_is_as_before(
    inside: dict[str, Any], rehearsed: Rehearsed, application: Flask, prepared: Prepared
) -> None:
    """Stands last: the rehearsal is gone afterwards."""
    with application.app_context():
        ended = application.test_cli_runner().invoke(args=["rehearsal", "end"])
        again = application.test_cli_runner().invoke(args=["rehearsal", "end"])

    assert ended.exit_code == 0, ended.output
    assert not rehearsed.folder.exists()
    assert rows_of(prepared.url) == rehearsed.before
    assert again.exit_code == 1
