"""The commands of `flask`."""

import json
import os
from pathlib import Path

from alembic import command
from flask import Flask
from flask.testing import FlaskCliRunner
from flask_babel import Domain, gettext
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.commands import preparing
from app.extensions import db, migrate
from app.ground import catalogue
from app.models import Region

CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Refuse"
msgstr "{}"
"""


def write(source: Path, translation: str, age: int) -> None:
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(CATALOGUE.format(translation), encoding="utf-8")
    os.utime(source, (1_000_000 + age, 1_000_000 + age))


def test_translations_are_compiled_when_their_source_is_newer(app: Flask, tmp_path: Path) -> None:
    source = tmp_path / "zh_Hans_CN/LC_MESSAGES/messages.po"
    compiled = source.with_suffix(".mo")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = f"elsewhere;{tmp_path}"
    write(source, "不通过", age=0)

    preparing.compile_translations()
    first = compiled.read_bytes()
    os.utime(compiled, (1_000_001, 1_000_001))
    preparing.compile_translations()
    unchanged = compiled.stat().st_mtime
    write(source, "退回", age=2)
    preparing.compile_translations()

    assert "不通过".encode() in first
    assert unchanged == 1_000_001
    assert "退回".encode() in compiled.read_bytes()
    assert sorted(path.name for path in source.parent.iterdir()) == ["messages.mo", "messages.po"]


def test_what_was_looked_up_before_another_process_compiled_is_looked_up_again(
    app: Flask, tmp_path: Path
) -> None:
    source = tmp_path / "zh_Hans_CN/LC_MESSAGES/messages.po"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tmp_path)
    write(source, "不通过", age=0)

    with app.app_context():
        Domain(translation_directories=str(tmp_path)).as_default()
        before = gettext("Refuse")
        catalogue.compile_newer(tmp_path)
        still = gettext("Refuse")
        preparing.compile_translations()
        after = gettext("Refuse")

    assert (before, still, after) == ("Refuse", "Refuse", "不通过")


def test_prepare_again_puts_back_only_what_is_missing(
    runner: FlaskCliRunner, session: Session
) -> None:
    session.execute(text("DELETE FROM material_kind"))
    session.commit()

    result = runner.invoke(args=["prepare"])

    assert result.exit_code == 0
    # that there is no account yet, and that the system is prepared
    assert len(result.output.splitlines()) == 2
    assert session.scalar(text("SELECT count(*) FROM material_kind")) > 0
    assert session.get(Region, "430000") is not None


def test_prepare_refuses_the_database_of_a_newer_program(
    runner: FlaskCliRunner, session: Session
) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = 'of-tomorrow'"))
    session.commit()

    result = runner.invoke(args=["prepare"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert len(result.output.splitlines()) == 1


def test_run_due_prints_what_it_did(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["run-due"])

    assert result.exit_code == 0
    assert set(json.loads(result.stdout).values()) == {0}


def test_a_revision_is_written_only_when_models_changed(app: Flask) -> None:
    config = migrate.get_config()

    command.check(config)

    assert db.session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
