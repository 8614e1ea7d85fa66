"""What an applicant uploads: which kinds are asked, how much of each, what is still missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from flask_babel import gettext
from sqlalchemy import select

from app.actor import Actor
from app.extensions import db
from app.models import Application, Attachment, MaterialKind
from app.services import dossier, facts, files
from app.services.formdef import Form
from app.workflow.engine import Refused

PICTURES = frozenset({"photo"})
"""Kinds that go onto the certificate and therefore must be pictures."""


@dataclass(frozen=True)
class Asked:
    """A kind of material as it stands for one application."""

    kind: MaterialKind
    section: str
    is_required: bool
    attachments: list[Attachment]

    @property
    def types(self) -> tuple[str, ...]:
        return ("jpg", "png") if self.kind.code in PICTURES else ("pdf", "jpg", "png")


def asked(application: Application, form: Form) -> list[Asked]:
    """Return the kinds of material the applicant may upload, in order, with what is there."""
    known = facts.of(application)
    required = set(application.batch.required_materials or ())
    there: dict[str, list[Attachment]] = {}
    for one in files.of(application):
        there.setdefault(one.kind, []).append(one)
    query = select(MaterialKind).order_by(MaterialKind.order, MaterialKind.code)
    return [
        Asked(
            kind,
            form.section_of_material(kind.code),
            kind.must_be_there(known) or kind.code in required,
            there.get(kind.code, []),
        )
        for kind in db.session.scalars(query)
        if kind.applies_to(known)
    ]


def add(
    application: Application,
    kind: str,
    sent: Sequence[tuple[IO[bytes], str]],
    *,
    actor: Actor,
    at: datetime,
) -> list[Attachment]:
    """Store the sent files under a kind: all of them or none; the caller commits.

    Raises Refused when the kind is not asked, closed or full, or a file cannot be taken.
    """
    one = _the_kind(application, kind, actor)
    if not sent:
        raise Refused(gettext("Choose a file."))
    if len(one.attachments) + len(sent) > one.kind.max_count:
        raise Refused(
            gettext(
                "“%(kind)s” takes %(most)s files at most; %(count)s are there. Remove one first, or join pages into one PDF.",
                kind=one.kind.name,
                most=one.kind.max_count,
                count=len(one.attachments),
            )
        )
    stored = [
        (files.store(stream, name, kinds=one.types, max_mb=one.kind.max_mb), name)
        for stream, name in sent
    ]
    dossier.touch(application)
    return [
        files.attach(application, file, kind, name, actor, at, one.section) for file, name in stored
    ]


def remove(application: Application, attachment_id: int, *, actor: Actor, at: datetime) -> None:
    """Take one of the applicant's files out; the caller commits. Raises Refused when it is closed or gone."""
    found = next((one for one in files.of(application) if one.id == attachment_id), None)
    if found is None:
        raise Refused(gettext("This file is not there any more."))
    _the_kind(application, found.kind, actor)
    dossier.touch(application)
    files.detach(found, at)


def why_closed(application: Application, section: str) -> str | None:
    """Return why material of a section cannot be changed now, or None."""
    return dossier.why_closed(application, section)


def _the_kind(application: Application, kind: str, actor: Actor) -> Asked:
    if actor.person_id is None or actor.person_id != application.person_id:
        raise Refused(gettext("Only the applicant changes the application."))
    form = dossier.form_of(application)
    found: Any = next((one for one in asked(application, form) if one.kind.code == kind), None)
    if found is None:
        raise Refused(gettext("This kind of material is not asked for here."))
    if why := why_closed(application, found.section):
        raise Refused(why)
    result: Asked = found
    return result
