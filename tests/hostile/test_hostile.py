"""Every hostile file is refused with a sentence a clerk understands, or kept without what it carried."""

from contextlib import suppress
from io import BytesIO

import pytest
from flask_babel import force_locale
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.models import StoredFile
from app.services.files import attached_files, file_store, previews
from tests.hostile import corpus
from tests.hostile.endless import ENDURED


@pytest.mark.parametrize("name", corpus.REFUSED)
def test_hostile_file_is_refused(session: Session, name: str) -> None:
    make, words = corpus.REFUSED[name]
    before = set(file_store.root().glob(f"{file_store.NEW}*"))

    with force_locale("en"), pytest.raises(Refused) as caught:
        attached_files.store(BytesIO(make()), "证明材料.pdf")

    assert words in caught.value.sentence
    assert "证明材料.pdf" in caught.value.sentence
    assert set(file_store.root().glob(f"{file_store.NEW}*")) == before
    assert session.scalar(select(func.count(StoredFile.id))) == 0


@pytest.mark.parametrize("name", corpus.NEUTRALISED)
def test_hostile_file_is_kept_without_its_passenger(session: Session, name: str) -> None:
    content = corpus.NEUTRALISED[name]()
    assert corpus.MARK in content

    stored = attached_files.store(BytesIO(content), "证明材料.pdf")

    kept = file_store.path_of(stored.digest).read_bytes()
    assert corpus.MARK not in kept
    assert attached_files.kind_of(stored) == name.split(" ")[0]
    if stored.media_type != "application/pdf":
        with Image.open(BytesIO(kept)) as image:
            assert getattr(image, "n_frames", 1) == 1
            assert not image.getexif()


@pytest.mark.parametrize("name", ENDURED)
def test_hostile_file_comes_to_an_end(session: Session, name: str) -> None:
    content = ENDURED[name]()

    drawn = None
    with suppress(Refused):
        drawn = previews.page(attached_files.store(BytesIO(content), "证明材料.pdf"), 1, "page")

    if drawn is not None:
        with Image.open(drawn) as image:
            assert image.width * image.height <= 16_000_000


def test_there_are_more_than_a_hundred_kinds() -> None:
    assert len(corpus.REFUSED) + len(corpus.NEUTRALISED) >= 100
