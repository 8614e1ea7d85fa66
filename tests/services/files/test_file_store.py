"""Row first, file last: whatever ends an upload at any step, no row lacks its content, and nothing stays for ever."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from app.enums import Role
from app.extensions import db
from app.ground import clock, paths
from app.ground.actor import Actor
from app.models import Attachment, StoredFile
from app.services.files import attached_files, file_store
from app.services.files.file_store import TemporaryRefusal
from app.services.jobs import cleanup
from tests.services.dossiers import pdf
from tests.support import factories

ACTOR = Actor(role=Role.APPLICANT)
LATER = timedelta(days=2)
SCRIPT = """
import os, signal, sys
from io import BytesIO
from sqlalchemy import event
from app import create_app
from app.extensions import db
from app.services.files import attached_files
from tests.services.dossiers import pdf

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

with create_app().app_context():
    point = sys.argv[1]
    judged = attached_files.receive(BytesIO(pdf(7)), "a.pdf")
    if point == "received":
        die()
    attached_files.keep(judged)
    db.session.flush()
    if point == "written":
        die()
    if point == "named":
        event.listen(db.session, "before_commit", die)
    db.session.commit()
    die()
"""


@pytest.fixture(autouse=True)
def swept(app: Flask) -> None:
    """What tests before this one left in the place they share is taken away."""
    cleanup.sweep(clock.now() + LATER)
    db.session.remove()


def contents() -> set[str]:
    return {path.name for path in file_store.root().glob("[0-9a-f][0-9a-f]/*/*")}


def temporary() -> list[Path]:
    return list(file_store.root().glob(f"{file_store.NEW}*"))


def digests(session: Session) -> set[str]:
    return set(session.scalars(select(StoredFile.digest)))


def assert_whole(session: Session) -> None:
    """No row without content; after a sweep no content without a row, and no temporary file."""
    session.rollback()
    assert digests(session) <= contents()
    cleanup.sweep(clock.now() + LATER)
    assert contents() == digests(session)
    assert temporary() == []


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def in_the_way(path: Path) -> Iterator[None]:
    """Put a file where a directory belongs; what lies there meanwhile stands aside."""
    aside = path.with_name(f"{path.name}-aside")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.rename(aside)
    path.write_text("")
    try:
        yield
    finally:
        path.unlink()
        if aside.exists():
            aside.rename(path)


def kept(session: Session, pages: int = 1) -> StoredFile:
    stored = attached_files.store(BytesIO(pdf(pages)), "a.pdf")
    session.commit()
    return stored


# each step fails


def test_a_full_disk_is_a_sentence_and_leaves_nothing(session: Session) -> None:
    with small_disk(10_000), pytest.raises(TemporaryRefusal, match="could not be kept just now"):
        file_store.new_file(BytesIO(b"0" * 50_000))

    assert temporary() == []
    assert_whole(session)


def test_a_place_that_cannot_be_made_ends_the_transaction(session: Session) -> None:
    stored = attached_files.store(BytesIO(pdf(3)), "a.pdf")
    blocked = file_store.place(stored.digest).parent.parent
    factory = factories.application()

    with in_the_way(blocked):
        attached_files.attach(factory, stored, "paper", "a.pdf", ACTOR, clock.now())
        with pytest.raises(TemporaryRefusal):
            session.commit()
        session.rollback()

    assert session.scalars(select(Attachment)).all() == []
    assert temporary() == []
    assert_whole(session)


def test_a_constraint_at_the_commit_undoes_row_and_file(session: Session) -> None:
    stored = attached_files.store(BytesIO(pdf(4)), "a.pdf")
    digest = stored.digest
    session.add(StoredFile(digest=digest, size=1, media_type="application/pdf"))

    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()

    assert digest not in contents()
    assert temporary() == []
    assert_whole(session)


def test_a_commit_that_fails_leaves_no_row(session: Session) -> None:
    """The line to the database breaks after the file got its name, before the commit."""
    digest = attached_files.store(BytesIO(pdf(5)), "a.pdf").digest

    def hang_up(held: Session) -> None:
        held.connection().connection.dbapi_connection.close()  # type: ignore[union-attr]  # it is open

    event.listen(db.session, "before_commit", hang_up)
    try:
        with pytest.raises(SQLAlchemyError):
            session.commit()
    finally:
        event.remove(db.session, "before_commit", hang_up)
        db.session.remove()

    assert digest in contents()
    assert digest not in digests(db.session())
    assert_whole(db.session())
    assert digest not in contents()


def test_a_rolled_back_upload_leaves_nothing(session: Session) -> None:
    attached_files.store(BytesIO(pdf(6)), "a.pdf")

    session.rollback()

    assert temporary() == []
    assert_whole(session)


def test_the_same_content_twice_leaves_nothing_temporary(session: Session) -> None:
    attached_files.store(BytesIO(pdf(6)), "扫描.pdf")
    attached_files.store(BytesIO(pdf(6)), "意见.pdf")

    session.commit()

    assert temporary() == []
    assert_whole(session)


def test_a_closed_session_leaves_nothing(session: Session) -> None:
    attached_files.store(BytesIO(pdf(6)), "a.pdf")

    db.session.remove()

    assert temporary() == []


@pytest.mark.parametrize("point", ["received", "written", "named", "committed"])
def test_killed_at_any_step_no_row_lacks_its_content(session: Session, point: str) -> None:
    session.commit()
    session.close()

    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, point],
        cwd=paths.ROOT,
        env=dict(os.environ),
        capture_output=True,
    )

    assert ended.returncode == -9, ended.stderr.decode()
    assert len(digests(session)) == (1 if point == "committed" else 0)
    cleanup.sweep(clock.now())
    assert digests(session) <= contents()
    assert_whole(session)


def test_a_lost_content_is_healed_by_the_same_upload(session: Session) -> None:
    stored = kept(session, 8)
    file_store.place(stored.digest).unlink()

    again = kept(session, 8)

    assert again is stored
    assert file_store.place(stored.digest).is_file()


# taking away


def make_old(digest: str) -> None:
    os.utime(file_store.place(digest), (0, 0))


def age(session: Session, stored: StoredFile) -> None:
    stored.created_at = clock.now() - LATER
    session.commit()
    make_old(stored.digest)


def test_the_sweep_takes_what_nobody_refers_to(session: Session) -> None:
    unused, used, young = kept(session, 1), kept(session, 2), kept(session, 3)
    attached_files.attach(factories.application(), used, "paper", "b.pdf", ACTOR, clock.now())
    gone = unused.digest
    age(session, unused)
    age(session, used)
    orphan = file_store.place("ab" * 32)
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_text("x")
    make_old(orphan.name)

    counts = cleanup.sweep(clock.now())

    assert (counts["rows"], counts["contents"]) == (1, 2)
    assert digests(session) == {used.digest, young.digest}
    assert {used.digest, young.digest} <= contents()
    assert not {gone, orphan.name} & contents()


def test_a_removed_file_of_an_application_stays_on_record(session: Session) -> None:
    stored = kept(session)
    attachment = attached_files.attach(
        factories.application(), stored, "paper", "b.pdf", ACTOR, clock.now()
    )
    attached_files.detach(attachment, clock.now())
    age(session, stored)

    cleanup.sweep(clock.now())

    assert attached_files.open_path(attachment).is_file()


def test_the_hourly_sweep_comes_to_every_place_in_a_day(session: Session) -> None:
    planted = {f"{number:02x}" * 32 for number in range(cleanup.PLACES)}
    for digest in planted:
        path = file_store.place(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        make_old(digest)
    session.commit()
    start = clock.now()
    (file_store.root() / cleanup.STAMP).unlink(missing_ok=True)

    taken = [cleanup.sweep_hourly(start + timedelta(hours=n)) for n in range(24)]
    again = cleanup.sweep_hourly(start + timedelta(hours=23))

    assert sum(taken) >= cleanup.PLACES
    assert again == 0
    assert not planted & contents()


def test_a_place_that_cannot_be_written_does_not_stop_what_is_due(app: Flask) -> None:
    stamp = file_store.root() / cleanup.STAMP
    stamp.unlink(missing_ok=True)
    stamp.mkdir()

    assert cleanup.sweep_hourly(clock.now()) == 0
    stamp.rmdir()


# taking away while somebody begins to refer to it


def beside(app: Flask, act: Any) -> Thread:
    """Run `act` in a thread with a connection of its own."""

    def run() -> None:
        with app.app_context():
            act()
            db.session.remove()

    thread = Thread(target=run)
    thread.start()
    return thread


def test_an_unused_row_that_is_taken_up_stays(app: Flask, session: Session) -> None:
    stored = kept(session, 9)
    age(session, stored)
    application = factories.application()
    session.commit()

    again = attached_files.store(BytesIO(pdf(9)), "b.pdf")
    sweep = beside(app, lambda: cleanup.sweep(clock.now()))
    attached_files.attach(application, again, "paper", "b.pdf", ACTOR, clock.now())
    session.commit()
    sweep.join()

    session.expire_all()
    assert digests(session) == {again.digest}
    assert again.digest in contents()


def test_a_content_that_is_stored_again_stays(app: Flask, session: Session) -> None:
    digest = kept(session, 9).digest
    session.query(StoredFile).delete()
    session.commit()
    make_old(digest)

    attached_files.store(BytesIO(pdf(9)), "b.pdf")
    sweep = beside(app, lambda: cleanup.sweep(clock.now()))
    session.commit()
    sweep.join()

    assert digests(session) == {digest}
    assert digest in contents()


def test_sweeps_and_uploads_of_one_content_at_once(app: Flask, session: Session) -> None:
    content = pdf(10)
    application = factories.application()
    session.commit()
    key = application.id

    def upload(gate: Barrier) -> None:
        judged = attached_files.receive(BytesIO(content), "a.pdf")
        db.session.rollback()
        gate.wait()
        stored = attached_files.keep(judged)
        record = db.session.get_one(type(application), key)
        attached_files.attach(record, stored, "paper", "a.pdf", ACTOR, clock.now())
        db.session.commit()

    def sweep(gate: Barrier) -> None:
        gate.wait()
        cleanup.sweep(clock.now())

    for _round in range(6):
        digest = kept(session, 10).digest
        session.query(Attachment).delete()
        session.query(StoredFile).update({"created_at": clock.now() - LATER})
        session.commit()
        make_old(digest)
        gate = Barrier(3, timeout=60)

        threads = [beside(app, partial(act, gate)) for act in (upload, upload, sweep)]
        for thread in threads:
            thread.join()

        session.rollback()
        assert digests(session) == {digest}
        assert digest in contents()
        assert len(session.scalars(select(Attachment.id)).all()) == 2
