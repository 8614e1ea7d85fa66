"""Files kept for a refused form: for their sender only, for a day, and only so many."""

import os
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask

from app.ground import clock
from app.services.files import file_store, kept_uploads
from app.services.jobs import cleanup

OWNER, STRANGER = 7, 77


def kept(content: bytes = b"content", name: str = "公示证明.pdf") -> kept_uploads.KeptUpload:
    found = kept_uploads.keep(BytesIO(content), name, owner=OWNER)
    assert found is not None
    return found


def made_older(upload: kept_uploads.KeptUpload, age: timedelta) -> None:
    moment = (clock.now() - age).timestamp()
    os.utime(upload.path.parent, (moment, moment))


def test_a_kept_file_is_found_again_by_its_sender(app: Flask) -> None:
    stream = BytesIO(b"the whole content")
    stream.read(5)
    first = kept_uploads.keep(stream, "../李\U00031350的\u202e证明.pdf", owner=OWNER)
    assert first is not None

    found = kept_uploads.find(first.token, owner=OWNER, at=clock.now())

    assert found is not None
    assert (found.name, found.size) == ("李\U00031350的证明.pdf", 17)
    assert found.path.read_bytes() == b"the whole content"


@pytest.mark.parametrize("token", ["", "x", "../..", "\udcff", "证" * 500])
def test_a_token_that_nobody_got_finds_nothing(app: Flask, token: str) -> None:
    kept()

    assert kept_uploads.find(token, owner=OWNER, at=clock.now()) is None


def test_a_token_of_somebody_else_finds_nothing(app: Flask) -> None:
    assert kept_uploads.find(kept().token, owner=STRANGER, at=clock.now()) is None


@pytest.mark.parametrize(("hours", "is_there"), [(0, True), (23, True), (25, False)])
def test_a_kept_file_is_there_for_a_day(app: Flask, hours: int, is_there: bool) -> None:
    upload = kept()

    later = clock.now() + timedelta(hours=hours)

    assert (kept_uploads.find(upload.token, owner=OWNER, at=later) is not None) is is_there


def test_the_oldest_files_of_a_person_make_room(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_uploads, "MOST", 3)
    of_other = kept_uploads.keep(BytesIO(b"other"), "a.pdf", owner=STRANGER)
    assert of_other is not None
    uploads = []
    for number in range(5):
        uploads.append(kept(b"%d" % number))
        made_older(uploads[-1], timedelta(hours=9 - number))

    now = clock.now()
    assert [kept_uploads.find(one.token, owner=OWNER, at=now) is not None for one in uploads] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert kept_uploads.find(of_other.token, owner=STRANGER, at=now) is not None


def test_a_file_that_cannot_be_written_is_not_kept(app: Flask) -> None:
    class Failing(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("no space left on the device")

    assert kept_uploads.keep(Failing(b"x"), "a.pdf", owner=OWNER) is None
    assert not list((file_store.root() / kept_uploads.FOLDER).glob(f"{OWNER}-*"))


def test_the_cleanup_deletes_what_was_not_used_for_a_day(app: Flask) -> None:
    old, young = kept(b"old"), kept(b"young")
    made_older(old, timedelta(hours=25))

    done = cleanup.sweep(clock.now())

    assert done["kept"] == 1
    assert not old.path.exists()
    assert young.path.read_bytes() == b"young"
