"""Material an applicant uploads: kinds asked for, limits per kind; adding, removing and restoring files.

An upload has two steps, so that no transaction is open while a file is checked: `accept` says whether the
file may be uploaded, `add` attaches the checked file. Both check the same rules, as the application may
change in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select

from app import settings
from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Attachment, MaterialKind
from app.services.dossier import dossier
from app.services.files import attached_files
from app.services.files.attached_files import CheckedFile
from app.services.form import condition_facts
from app.services.form.form_definition import Form

PICTURES = frozenset({"photo"})
"""Kinds of material printed on the certificate, which therefore must be pictures."""
NOT_SECRET, IS_SECRET = "no", "yes"


@dataclass(frozen=True)
class Asked:
    """A kind of material in one application: its section, whether it is required, its files."""

    kind: MaterialKind
    section: str
    is_required: bool
    attachments: list[Attachment]

    @property
    def types(self) -> tuple[str, ...]:
        """Return the accepted file types as extensions."""
        return ("jpg", "png") if self.kind.code in PICTURES else ("pdf", "jpg", "png")

    @property
    def max_mb(self) -> int:
        """Return the size limit per file in MB: the smaller of the kind's limit and `upload_max_mb`."""
        return int(min(self.kind.max_mb, settings.get("upload_max_mb")))


@dataclass(frozen=True)
class Added:
    """Result of `add`: the new attachments, and a sentence for each file that was there already."""

    attachments: list[Attachment] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)


def asked(application: Application, form: Form) -> list[Asked]:
    """Return the kinds of material the applicant may upload, in order, each with its present files."""
    known = condition_facts.facts_of(application)
    required = set(application.batch.required_materials or ())
    there: dict[str, list[Attachment]] = {}
    for one in attached_files.attachments_of(application):
        there.setdefault(one.kind, []).append(one)
    query = select(MaterialKind).order_by(MaterialKind.order, MaterialKind.code)
    # one that was retired stays where it has files
    return [
        Asked(
            kind,
            form.section_of_material(kind.code),
            kind.is_active and (kind.must_be_there(known) or kind.code in required),
            there.get(kind.code, []),
        )
        for kind in db.session.scalars(query)
        if kind.applies_to(known) and (kind.is_active or kind.code in there)
    ]


def accept(
    application: Application,
    kind: str,
    count: int,
    *,
    secret: str,
    replaces: int | None = None,
    actor: Actor,
) -> Asked:
    """Return the kind when `count` files may be uploaded under it now.

    Raises Refused when the files may be secret, when the kind is not asked for, closed or full, or when the
    file to be replaced is gone. Secret material must never be uploaded (Order 40 and the rules on keeping
    state secrets).
    """
    one = _kind_or_refuse(application, kind, actor)
    _refuse_secret(secret)
    if count < 1:
        raise Refused(gettext("Choose a file."))
    if replaces is not None:
        if count != 1:
            raise Refused(gettext("Choose exactly one file to put in the place of another."))
        _attachment_or_refuse(application, replaces, kind)
    elif len(one.attachments) + count > one.kind.max_count:
        raise Refused(
            gettext(
                "“%(kind)s” takes %(most)s files at most; %(count)s are there. Remove one first, or join pages into one PDF.",
                kind=one.kind.name,
                most=one.kind.max_count,
                count=len(one.attachments),
            )
        )
    return one


def add(
    application: Application,
    kind: str,
    sent: Sequence[CheckedFile],
    *,
    secret: str,
    replaces: int | None = None,
    actor: Actor,
    at: datetime,
) -> Added:
    """Attach checked files, all of them or none; the caller commits.

    A file whose content is attached under this kind already is skipped. With `replaces` the new file takes
    the position of that attachment. Raises Refused as `accept` does, and when every file is a duplicate.
    """
    one = accept(application, kind, len(sent), secret=secret, replaces=replaces, actor=actor)
    old = _attachment_or_refuse(application, replaces, kind) if replaces is not None else None
    dossier.touch(application)
    if old is not None:
        attached_files.detach(old, at)
    there = {found.file_id: found.name for found in one.attachments if found is not old}
    order = old.order if old else max((found.order for found in one.attachments), default=0)
    added = Added()
    for judged in sent:
        stored = attached_files.keep(judged)
        if stored.id in there:
            added.doubles.append(_duplicate_sentence(judged.name, there[stored.id]))
            continue
        order += 0 if old else 1
        made = attached_files.attach(
            application, stored, kind, judged.name, actor, at, one.section, order
        )
        there[stored.id] = made.name
        added.attachments.append(made)
    if not added.attachments:
        raise Refused(" ".join(added.doubles))
    return added


def remove(
    application: Application, attachment_id: int, *, actor: Actor, at: datetime
) -> Attachment:
    """Remove one of the applicant's files, restorably, and return it; the caller commits.

    Raises Refused when its kind is closed or the file is gone.
    """
    found = _attachment_or_refuse(application, attachment_id)
    _kind_or_refuse(application, found.kind, actor)
    dossier.touch(application)
    attached_files.detach(found, at)
    return found


def restore(application: Application, attachment_id: int, *, actor: Actor) -> Attachment:
    """Restore a removed file at its former position; the caller commits.

    Raises Refused when its kind is closed or full, the total limit is exceeded, or the same content is
    attached again.
    """
    found = removed_one(application, attachment_id)
    if found is None:
        raise Refused(gettext("This file was not removed here; nothing was changed."))
    one = _kind_or_refuse(application, found.kind, actor)
    if len(one.attachments) >= one.kind.max_count:
        raise Refused(
            gettext(
                "“%(name)s” does not fit any more: “%(kind)s” takes %(most)s files at most.",
                name=found.name,
                kind=one.kind.name,
                most=one.kind.max_count,
            )
        )
    if same := next((it for it in one.attachments if it.file_id == found.file_id), None):
        raise Refused(_duplicate_sentence(found.name, same.name))
    attached_files.refuse_over_total(application, found.file.size)
    dossier.touch(application)
    found.removed_at = None
    db.session.flush()
    return found


def removed_one(application: Application, attachment_id: int) -> Attachment | None:
    """Return the removed attachment of the application with that id, or None."""
    return db.session.scalars(
        select(Attachment).where(
            Attachment.id == attachment_id,
            Attachment.subject_type == Application.__tablename__,
            Attachment.subject_id == application.id,
            Attachment.removed_at.is_not(None),
        )
    ).one_or_none()


def move_up(application: Application, attachment_id: int, *, actor: Actor) -> Attachment:
    """Move a file one position up within its kind; the caller commits.

    Raises Refused when its kind is closed or the file is gone.
    """
    found = _attachment_or_refuse(application, attachment_id)
    one = _kind_or_refuse(application, found.kind, actor)
    dossier.touch(application)
    ordered = list(one.attachments)
    at = ordered.index(found)
    ordered.insert(max(0, at - 1), ordered.pop(at))
    for number, attachment in enumerate(ordered, start=1):
        attachment.order = number
    db.session.flush()
    return found


def why_closed(application: Application, section: str, kind: str) -> str | None:
    """Return why material of a kind that belongs to `section` cannot be changed now, or None."""
    return dossier.why_kind_closed(application, section, kind)


def _refuse_secret(secret: str) -> None:
    if secret == IS_SECRET:
        raise Refused(
            gettext(
                "Secret material must not be uploaded. Hand it in on paper, through your unit's office for "
                "secrets, to the committee; nothing of it was kept here."
            )
        )
    if secret != NOT_SECRET:
        raise Refused(
            gettext(
                "Not uploaded: first tick that the file contains nothing secret, then upload it."
            )
        )


def _duplicate_sentence(name: str, known: str) -> str:
    return gettext(
        "“%(name)s” is there already under this kind, as “%(known)s”. It was not added again.",
        name=name,
        known=known,
    )


def _attachment_or_refuse(
    application: Application, attachment_id: int, kind: str = ""
) -> Attachment:
    found = next(
        (one for one in attached_files.attachments_of(application) if one.id == attachment_id), None
    )
    if found is None or (kind and found.kind != kind):
        raise Refused(gettext("This file is not there any more."))
    return found


def _kind_or_refuse(application: Application, kind: str, actor: Actor) -> Asked:
    if actor.person_id is None or actor.person_id != application.person_id:
        raise Refused(gettext("Only the applicant changes the application."))
    form = dossier.form_of(application)
    found = next((one for one in asked(application, form) if one.kind.code == kind), None)
    if found is None:
        raise Refused(gettext("This kind of material is not asked for here."))
    if why := why_closed(application, found.section, kind):
        raise Refused(why)
    return found
