"""Uploads in pieces: whatever dies between two steps, the next piece goes on at the right place."""

import resource
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.models import Application, Upload
from app.services.dossier import uploads
from app.services.dossier.uploads import WrongOffset
from app.services.files.file_store import TemporaryRefusal
from app.services.jobs import cleanup
from tests.services.dossiers import owner_of
from tests.support import factories


def applied() -> Application:
    person = factories.person(unit=factories.unit())
    person.user_id = factories.user(person=person).id
    return factories.application(person=person)


def begun(application: Application, size: int = 1000) -> tuple[Upload, str]:
    return uploads.begin(
        application,
        "paper",
        "论文.pdf",
        size,
        secret="no",
        actor=owner_of(application.person),
        at=clock.now(),
    )


def add(upload: Upload, offset: int, piece: bytes) -> int:
    return uploads.add_piece(upload, offset, piece, at=clock.now())


def test_a_piece_whose_row_was_not_written_is_written_over(session: Session) -> None:
    upload, _token = begun(applied())
    session.commit()
    add(upload, 0, b"x" * 600)
    session.rollback()

    assert upload.received == 0
    add(upload, 0, b"a" * 500)
    add(upload, 500, b"b" * 500)

    with uploads.open_complete(upload) as stream:
        assert stream.read() == b"a" * 500 + b"b" * 500


def test_what_lies_behind_the_announced_end_is_cut_off(session: Session) -> None:
    upload, _token = begun(applied(), 4)
    add(upload, 0, b"1234")
    with uploads.part_of(upload).open("ab") as file:
        file.write(b"rest")

    with uploads.open_complete(upload) as stream:
        assert stream.read() == b"1234"


def test_a_full_disk_is_a_sentence_and_the_piece_is_sent_again(session: Session) -> None:
    upload, _token = begun(applied(), 300_000)
    session.commit()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))

    try:
        with pytest.raises(TemporaryRefusal, match="could not be kept just now"):
            add(upload, 0, b"0" * 200_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    session.rollback()

    assert upload.received == 0
    assert add(upload, 0, b"0" * 200_000) == 200_000


def test_opening_too_early_tells_where_to_go_on(session: Session) -> None:
    upload, _token = begun(applied())
    add(upload, 0, b"0" * 10)

    with pytest.raises(WrongOffset) as caught, uploads.open_complete(upload):
        pytest.fail("half a file was handed on")

    assert caught.value.received == 10


def test_two_windows_take_turns(app: Flask, session: Session) -> None:
    application = applied()
    upload, token = begun(application)
    actor, key = owner_of(application.person), application.id
    session.commit()
    gate = Barrier(4, timeout=60)

    def send(letter: bytes) -> int:
        with app.app_context():
            gate.wait()
            record = db.session.get_one(Application, key)
            mine = uploads.find(record, token, actor=actor, at=clock.now(), is_locked=True)
            assert mine is not None
            try:
                received = add(mine, 0, letter * 400)
                db.session.commit()
            except WrongOffset as misplaced:
                received = misplaced.received
                db.session.rollback()
            db.session.remove()
            return received

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(send, (b"a", b"b", b"c", b"d")))

    session.refresh(upload)
    assert told == [400] * 4
    assert upload.received == 400
    assert len(set(uploads.part_of(upload).read_bytes())) == 1


def test_ending_twice_is_refused(session: Session) -> None:
    upload, _token = begun(applied())
    uploads.end(upload)

    with pytest.raises(Refused, match="finished in another window"):
        uploads.end(upload)


def test_an_unfinished_upload_goes_after_a_day(session: Session) -> None:
    application = applied()
    old, _ = begun(application)
    young, _ = begun(application)
    for one in (old, young):
        add(one, 0, b"0" * 10)
    old.touched_at = clock.now() - timedelta(days=1, minutes=1)
    session.commit()
    gone, kept = uploads.part_of(old), uploads.part_of(young)

    counts = cleanup.sweep(clock.now())

    assert counts["uploads"] == 1
    assert not gone.exists()
    assert kept.exists()
    assert session.scalars(select(Upload)).all() == [young]


def test_pieces_without_a_row_go_after_a_day(session: Session) -> None:
    lost = uploads.parts() / ("ab" * 32)
    lost.write_bytes(b"0")

    cleanup.sweep(clock.now())
    assert lost.exists()
    cleanup.sweep(clock.now() + timedelta(days=2))

    assert not lost.exists()
