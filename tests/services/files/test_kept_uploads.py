"""Files kept for a refused form: for their sender only, for a day, and only so many."""

import itertools
import os
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask

from app.ground import clock
from app.services.files import file_store, kept_uploads
from app.services.jobs import cleanup

NUMBERS = itertools.count(1)


@pytest.fixture
def owner(app: Flask) -> int:
    """A person who has kept nothing yet; files stay from one test to the next."""
    return next(NUMBERS)


@pytest.fixture
def stranger(app: Flask) -> int:
    return next(NUMBERS)


def kept(owner: int, content: bytes = b"content") -> kept_uploads.KeptUpload:
    found = kept_uploads.keep(BytesIO(content), "公示证明.pdf", owner=owner)
    assert found is not None
    return found


def made_older(upload: kept_uploads.KeptUpload, age: timedelta) -> None:
    moment = (clock.now() - age).timestamp()
    os.utime(upload.path.parent, (moment, moment))


def test_a_kept_file_is_found_again_by_its_sender(owner: int) -> None:
    stream = BytesIO(b"the whole content")
    stream.read(5)
    first = kept_uploads.keep(stream, "../李\U00031350的\u202e证明.pdf", owner=owner)
    assert first is not None

    found = kept_uploads.find(first.token, owner=owner, at=clock.now())

    assert found is not None
    assert (found.name, found.size) == ("李\U00031350的证明.pdf", 17)
    assert found.path.read_bytes() == b"the whole content"


@pytest.mark.parametrize("token", ["", "x", "../..", "\udcff", "证" * 500])
def test_a_token_that_nobody_got_finds_nothing(owner: int, token: str) -> None:
    kept(owner)

    assert kept_uploads.find(token, owner=owner, at=clock.now()) is None


def test_a_token_of_somebody_else_finds_nothing(owner: int, stranger: int) -> None:
    assert kept_uploads.find(kept(owner).token, owner=stranger, at=clock.now()) is None


@pytest.mark.parametrize(("hours", "is_there"), [(0, True), (23, True), (25, False)])
def test_a_kept_file_is_there_for_a_day(owner: int, hours: int, is_there: bool) -> None:
    upload = kept(owner)

    later = clock.now() + timedelta(hours=hours)

    assert (kept_uploads.find(upload.token, owner=owner, at=later) is not None) is is_there


def test_the_oldest_files_of_a_person_make_room(
    owner: int, stranger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_uploads, "MOST", 3)
    of_other = kept_uploads.keep(BytesIO(b"other"), "a.pdf", owner=stranger)
    assert of_other is not None
    uploads = []
    for number in range(5):
        uploads.append(kept(owner, b"%d" % number))
        made_older(uploads[-1], timedelta(hours=9 - number))

    now = clock.now()
    assert [kept_uploads.find(one.token, owner=owner, at=now) is not None for one in uploads] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert kept_uploads.find(of_other.token, owner=stranger, at=now) is not None


def test_a_file_that_cannot_be_written_is_not_kept(owner: int) -> None:
    class Failing(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("no space left on the device")

    closed = BytesIO(b"x")
    closed.close()

    assert kept_uploads.keep(Failing(b"x"), "a.pdf", owner=owner) is None
    assert kept_uploads.keep(closed, "a.pdf", owner=owner) is None
    assert not list((file_store.root() / kept_uploads.FOLDER).glob(f"{owner}-*"))


def test_the_cleanup_deletes_what_was_not_used_for_a_day(owner: int) -> None:
    old, young = kept(owner, b"old"), kept(owner, b"young")
    made_older(old, timedelta(hours=25))

    done = cleanup.sweep(clock.now())

    assert done["kept"] >= 1
    assert not old.path.exists()
    assert young.path.read_bytes() == b"young"
