"""Backups: what was saved is verified, every damage is found, and what is restored is what was saved."""

import hashlib
import io
import json
import os
import random
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import MetaData, NullPool, create_engine
from sqlalchemy.orm import Session

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.services.backup import backups, manifest, verification
from app.services.files import file_store
from config import ROOT
from run import FLASK
from tests.support import children
from tests.support import factories as make
from tests.support.damage import flipped
from tests.support.databases import Database
from tests.support.programs import kept_variables

DAMAGES = 100 if os.environ.get("LONG") else 20
TEXTS = (b"%PDF-1.7 one", b"%PDF-1.7 two", "三".encode() * 1000)


@pytest.fixture
def saved(app: Flask, session: Session, tmp_path: Path) -> tuple[Path, Path]:
    """A backup of a database with rows of many kinds and with stored files; its place and that of its keys."""
    make.application(person=make.person(email=None))
    make.expert(make.committee())
    for number, text in enumerate(TEXTS):
        content = file_store.new_file(io.BytesIO(text))
        file_store.keep(content, "application/pdf", number + 1)
    db.session.commit()
    place = backups.make(tmp_path / "backup", tmp_path / "keys", at=clock.now())
    return place, tmp_path / "keys" / place.name


def faults(place: Path, keys: Path | None = None) -> tuple[str, ...]:
    return verification.verify(place, keys).faults


def test_backup_agrees_with_itself_and_holds_no_key(
    app: Flask, saved: tuple[Path, Path], tmp_path: Path
) -> None:
    place, keys = saved

    report = verification.verify(place, keys)

    assert (report.faults, report.notes) == ((), ())
    assert report.facts is not None
    assert report.facts.files == len(TEXTS)
    assert report.facts.tables["application"] == 1
    everything = b"".join(p.read_bytes() for p in (tmp_path / "backup").rglob("*") if p.is_file())
    assert (keys / "field.key").read_bytes() == app.config["FIELD_KEY"]
    assert not any(key.read_bytes() in everything for key in keys.iterdir())
    assert {p.stat().st_mode & 0o077 for p in [*place.iterdir(), *keys.iterdir(), place, keys]} == {
        0
    }


def test_each_damaged_byte_is_found(saved: tuple[Path, Path]) -> None:
    place, keys = saved
    contents = (place.parent / "files").rglob("*")
    parts = [path for path in (*place.iterdir(), *keys.iterdir(), *contents) if path.is_file()]
    chance, found = random.Random(7), 0

    for number in range(DAMAGES):
        path = parts[number % len(parts)]
        at = chance.randrange(path.stat().st_size)
        with flipped(path, at, 1 << chance.randrange(8)):
            found += bool(faults(place, keys))

    assert found == DAMAGES
    assert faults(place, keys) == ()


def forget_a_row(place: Path) -> None:
    with closing(sqlite3.connect(place / manifest.DATABASE)) as copy:
        copy.execute("DELETE FROM expert")
        copy.commit()


def orphan_a_row(place: Path) -> None:
    with closing(sqlite3.connect(place / manifest.DATABASE)) as copy:
        copy.execute("UPDATE application SET batch_id = 987654")
        copy.commit()


def shorten(place: Path) -> None:
    database = place / manifest.DATABASE
    os.truncate(database, database.stat().st_size // 2)


def lose_a_content(place: Path) -> None:
    digest = hashlib.sha256(TEXTS[0]).hexdigest()
    (place.parent / "files" / digest[:2] / digest[2:4] / digest).unlink()


def forge(place: Path) -> None:
    """Change the database and describe it anew, checksum included, but without the keys."""
    forget_a_row(place)
    facts = manifest.read(place)
    told: dict[str, Any] = json.loads((place / manifest.MANIFEST).read_text())
    told |= {
        "digest": manifest.digest_of(place / manifest.DATABASE),
        "tables": facts.tables | {"expert": 0},
    }
    manifest.write(manifest.Manifest(**told), place)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (forget_a_row, "Table expert has another number of rows"),
        (orphan_a_row, "of application refers to a row of batch that is missing"),
        (shorten, "The database of the backup is damaged"),
        (lambda place: (place / manifest.DATABASE).unlink(), "cannot be read"),
        (lambda place: (place / manifest.MANIFEST).unlink(), "cannot be read"),
        (lambda place: (place / manifest.CHECKSUM).write_text("0" * 64), "cannot be read"),
        (lose_a_content, "is missing"),
        (forge, "it is forged"),
    ],
)
def test_what_is_wrong_is_named(
    saved: tuple[Path, Path], spoil: Callable[[Path], None], said: str, app: Flask
) -> None:
    place, keys = saved

    spoil(place)

    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert said in " ".join(faults(place, keys))


def test_keys_of_another_backup_are_named_and_missing_ones_are_said(
    app: Flask, saved: tuple[Path, Path], tmp_path: Path
) -> None:
    place, _keys = saved
    others = tmp_path / "others"
    others.mkdir()
    (others / "field.key").write_bytes(b"x" * 32)

    with_others = verification.verify(place, others)
    app.config["FIELD_KEY"] = b"y" * 32
    without = verification.verify(place)

    assert len(with_others.faults) == len(without.facts.keys if without.facts else ())
    assert (without.faults, len(without.notes)) == ((), 1)


def test_keys_never_lie_in_the_backup(app: Flask, database: Database, tmp_path: Path) -> None:
    for folder, keys in (("a", "a/keys"), ("a/b", "a"), ("a", "a")):
        with pytest.raises(Refused):
            backups.make(tmp_path / folder, tmp_path / keys, at=clock.now())
    assert list(tmp_path.iterdir()) == []


def test_next_backup_copies_no_content_again(saved: tuple[Path, Path], tmp_path: Path) -> None:
    before = {path: path.stat().st_ino for path in (tmp_path / "backup/files").rglob("*")}

    later = backups.make(tmp_path / "backup", None, at=clock.now() + timedelta(days=1))

    assert {path: path.stat().st_ino for path in before} == before
    assert faults(later) == ()


def test_commands_end_with_a_status_that_a_nightly_job_can_ask(
    saved: tuple[Path, Path], runner: FlaskCliRunner
) -> None:
    place, keys = saved

    good = runner.invoke(args=["verify-backup", str(place), "--keys", str(keys)])
    (place / manifest.DATABASE).unlink()
    bad = runner.invoke(args=["verify-backup", str(place), "--keys", str(keys)])
    refused = runner.invoke(args=["restore", str(place), "--keys", str(keys)])

    assert [good.exit_code, bad.exit_code, refused.exit_code] == [0, 1, 1]


def test_restored_is_what_was_saved(
    saved: tuple[Path, Path], database: Database, data_dir: Path, tmp_path: Path
) -> None:
    place, keys = saved
    db.session.rollback()
    before = stored(db.engine.url.render_as_string(hide_password=False))
    own = {"DATA_DIR": str(tmp_path / "restored"), "DATABASE_URL": "", "DEMO": "0"}
    if database.kind == "postgresql":
        own["DATABASE_URL"] = database.empty(tmp_path, "restored")

    first, again = (flask(own, "restore", str(place), "--keys", str(keys)) for _time in range(2))

    address = own["DATABASE_URL"] or f"sqlite:///{tmp_path}/restored/zhicheng.db"
    assert first.returncode == 0, first.stderr
    assert stored(address) == before
    assert again.returncode == 1
    for key in keys.iterdir():
        assert (tmp_path / "restored/keys" / key.name).read_bytes() == key.read_bytes()
    for text in TEXTS:
        digest = file_store.new_file(io.BytesIO(text)).digest
        path = tmp_path / "restored/files" / digest[:2] / digest[2:4] / digest
        assert path.read_bytes() == text
    # a new row gets a number that nobody has had
    assert flask(own, "make-administrator", "sysadmin", "later", "后来").returncode == 0


def flask(own: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the program in a process of its own."""
    return subprocess.run(
        [*FLASK, *command],
        cwd=ROOT,
        env=kept_variables() | own,
        capture_output=True,
        text=True,
        timeout=children.PATIENCE,
    )


def stored(address: str) -> dict[str, list[str]]:
    """Return all rows of all tables as the driver gives them."""
    engine = create_engine(address, poolclass=NullPool)
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(table.select())))
            for name, table in found.tables.items()
        }
