"""Accept uploaded files, from the plain form or in pieces: check all, then attach all or none."""

from collections.abc import Callable
from typing import IO, Any

from flask import request, session
from flask_babel import gettext

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.services.dossier import materials
from app.services.dossier.materials import Added
from app.services.files import attached_files
from app.services.files.attached_files import CheckedFile
from app.services.files.file_store import TemporaryRefusal
from app.views.dossier.hall_base import HallPage, commit
from app.web.security import require_actor

LONGEST_NUMBER = 12
DECLARED = "not_secret"
"""In the session of whoever has declared in this visit that the files hold nothing secret."""


class FileRefused(Refused):
    """Refusal of one of several files; `number` is its place among them, counted from 0."""

    def __init__(self, refusal: Refused, number: int) -> None:
        super().__init__(refusal.sentence)
        self.number = number


class UploadIntake(HallPage):
    """Last step shared by the plain upload form and the upload in pieces."""

    def take(
        self,
        pk: int,
        kind: str,
        sent: list[tuple[IO[bytes], str]],
        *,
        first: Callable[[], None] = lambda: None,
    ) -> Added:
        """Check the sent files, attach them under `kind` and commit.

        `first` runs in the same transaction before the files are attached.
        Raises FileRefused for the first unacceptable file, and Refused if files may not be added.
        """
        actor = require_actor()
        wish: dict[str, Any] = {
            "secret": secrecy(),
            "replaces": parse_number(request.form.get("replaces")),
            "actor": actor,
        }
        asked = materials.accept(self.find(pk, actor), kind, len(sent), **wish)
        judged = _check_files(sent, asked)
        try:
            first()
            added = materials.add(self.find(pk, actor), kind, judged, at=clock.now(), **wish)
            commit()
            session[DECLARED] = True
        finally:
            _discard_files(judged)
        return added


def _check_files(sent: list[tuple[IO[bytes], str]], asked: materials.Asked) -> list[CheckedFile]:
    """Check all files while no transaction is open. Raises FileRefused for the first unacceptable file."""
    types, limit = asked.types, asked.max_mb
    db.session.rollback()
    judged: list[CheckedFile] = []
    try:
        for stream, name in sent:
            judged.append(attached_files.receive(stream, name, kinds=types, max_mb=limit))
    except TemporaryRefusal:
        _discard_files(judged)
        raise
    except Refused as refusal:
        _discard_files(judged)
        raise FileRefused(refusal, len(judged)) from refusal
    except BaseException:
        _discard_files(judged)
        raise
    return judged


def _discard_files(judged: list[CheckedFile]) -> None:
    """Delete the temporary copies that were not stored."""
    for one in judged:
        one.discard()


def secrecy() -> str:
    """Return the answer whether the file is secret; "yes" outweighs an earlier tick for "no"."""
    answers = request.form.getlist("secret")
    return materials.IS_SECRET if materials.IS_SECRET in answers else "".join(answers[:1])


def upload_answer(added: Added) -> dict[str, Any]:
    """Return the result of an upload as text: a message, and hints about duplicate files."""
    return {
        "message": gettext("%(count)s files uploaded.", count=len(added.attachments)),
        "doubles": added.doubles,
    }


def parse_number(text: str | None) -> int | None:
    """Return `text` as a non-negative integer, None if it is not one or has over LONGEST_NUMBER digits."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        return None
    return int(text)
