"""Ordinary files are taken, all of them, under the names they were sent with, and their pages can be seen."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from app.enums import Role
from app.ground import clock
from app.ground.actor import Actor
from app.services.files import attached_files, previews
from tests.hostile.benign import BENIGN
from tests.support import factories


def test_there_are_fifty_benign_files() -> None:
    assert len(BENIGN) >= 50


@pytest.mark.parametrize("name", BENIGN)
def test_benign_file_is_taken_under_its_name(session: Session, name: str) -> None:
    stored = attached_files.store(BytesIO(BENIGN[name]()), name)

    attachment = attached_files.attach(
        factories.application(), stored, "other", name, Actor(role=Role.APPLICANT), clock.now()
    )
    session.commit()
    session.refresh(attachment)
    assert attachment.name == name
    for page in (1, stored.pages):
        drawn = previews.page(stored, page, "thumb")
        assert drawn is not None
        with Image.open(drawn) as image:
            assert 1 <= image.width <= previews.WIDTHS["thumb"]
