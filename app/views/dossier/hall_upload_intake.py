"""Taking files in, whichever way they came: judged first, then attached, all of them or none."""

from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext

from app.extensions import db
from app.ground import clock
from app.services.dossier import materials
from app.services.dossier.materials import Added
from app.services.files import attached_files
from app.services.files.attached_files import Judged
from app.views.dossier.hall_base import HallPage, commit
from app.web.security import the_actor

LONGEST_NUMBER = 12


class Taking(HallPage):
    """What the plain form and the upload in pieces end with."""

    def take(
        self,
        pk: int,
        kind: str,
        sent: list[tuple[Any, str]],
        *,
        first: Callable[[], None] = lambda: None,
    ) -> Added:
        """Judge the sent files and attach them under `kind`; commits. `first` runs in the same transaction.

        Raises Refused for the first that is not fit, or when they may not be added.
        """
        actor = the_actor()
        wish: dict[str, Any] = {
            "secret": secrecy(),
            "replaces": number(request.form.get("replaces")),
            "actor": actor,
        }
        asked = materials.accept(self.find(pk, actor), kind, len(sent), **wish)
        judged = _judge(sent, asked)
        try:
            first()
            added = materials.add(self.find(pk, actor), kind, judged, at=clock.now(), **wish)
            commit()
        finally:
            _discard(judged)
        return added


def _judge(sent: list[tuple[Any, str]], asked: materials.Asked) -> list[Judged]:
    """Judge all files while no transaction is open; raises Refused for the first that is not fit."""
    types, limit = asked.types, asked.max_mb
    db.session.rollback()
    judged: list[Judged] = []
    try:
        for stream, name in sent:
            judged.append(attached_files.receive(stream, name, kinds=types, max_mb=limit))
    except BaseException:
        _discard(judged)
        raise
    return judged


def _discard(judged: list[Judged]) -> None:
    """Take away what was not stored."""
    for one in judged:
        one.discard()


def secrecy() -> str:
    """Return the answer whether the file is secret; "yes" outweighs a tick that was set before."""
    answers = request.form.getlist("secret")
    return materials.IS_SECRET if materials.IS_SECRET in answers else "".join(answers[:1])


def told(added: Added) -> dict[str, Any]:
    """Return what an upload brought, in words."""
    return {
        "message": gettext("%(count)s files uploaded.", count=len(added.attachments)),
        "doubles": added.doubles,
    }


def number(text: str | None) -> int | None:
    """Return a number somebody sent, or None when it is none."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        return None
    return int(text)
