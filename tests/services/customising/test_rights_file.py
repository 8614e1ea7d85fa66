"""Permissions as a file: what is refused before anything is read."""

import io

import pytest
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import Role
from app.services.customising import rights_file
from app.views.customising.rights_catalogue import RIGHTS
from tests.support import factories as make


def test_file_larger_than_any_export_is_refused(session: Session) -> None:
    actor = make.actor(Role.SECADMIN, user=make.user())
    content = io.BytesIO(b" " * (rights_file.LARGEST + 1))

    with pytest.raises(Refused) as refused:
        rights_file.read(actor, RIGHTS, content)

    assert refused.value.field == "file"


def test_export_is_far_below_the_limit(session: Session) -> None:
    assert len(rights_file.write(RIGHTS).encode()) < rights_file.LARGEST / 10
