"""What an application held each time it was handed in.

Staff judge what was handed in, never what the applicant has half changed since; the next hand-in is compared
with it (changes.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, object_session

from app.engine import Act
from app.extensions import db
from app.models import Application, Attachment, Handing
from app.services.dossier import dossier
from app.services.files import attached_files

Row = dict[str, Any]


@dataclass(frozen=True)
class Content:
    """The rows of every section, and the files as {id, kind, section, name, digest}."""

    sections: Mapping[str, Sequence[Row]]
    files: Sequence[Mapping[str, Any]]


def keep(act: Act) -> None:
    """Store what is handed in, as an effect of handing in."""
    held = now(act.record)
    act.session.add(
        Handing(
            application_id=act.record.id,
            event=act.event,
            handed_in_at=act.at,
            sections=dict(held.sections),
            files=list(held.files),
        )
    )


def now(application: Application) -> Content:
    """Return what the application holds at present."""
    saved = dossier.stored(application)
    form = dossier.form_of(application)
    return Content(
        {key: one.rows for key, one in saved.items() if one.rows},
        [
            {
                "id": one.id,
                "kind": one.kind,
                "section": form.section_of_material(one.kind),
                "name": one.name,
                "digest": one.file.digest,
            }
            for one in attached_files.of(application)
        ],
    )


def of(application: Application) -> list[Handing]:
    """Return every hand-in, the first one first."""
    query = select(Handing).where(Handing.application_id == application.id).order_by(Handing.id)
    return list(_session(application).scalars(query))


def latest(application: Application) -> Handing | None:
    """Return the last hand-in, None for a draft and for what was handed in before they were kept."""
    query = select(Handing).where(Handing.application_id == application.id)
    return _session(application).scalars(query.order_by(Handing.id.desc()).limit(1)).one_or_none()


def content(handing: Handing) -> Content:
    return Content(handing.sections, handing.files)


def for_staff(application: Application) -> Content | None:
    """Return what staff see instead of the present text: the last hand-in, while the applicant changes it."""
    if application.state not in dossier.OPEN:
        return None
    handing = latest(application)
    return content(handing) if handing else None


def attachments(application: Application, held: Content) -> list[Attachment]:
    """Return the files of a hand-in, those included that were removed afterwards."""
    keys = [one["id"] for one in held.files]
    query = (
        select(Attachment)
        .where(Attachment.id.in_(keys))
        .options(joinedload(Attachment.file))
        .order_by(Attachment.id)
    )
    return list(_session(application).scalars(query))


def is_kept(attachment: Attachment) -> bool:
    """Say whether a file went in with its application at some time: then staff go on seeing it."""
    return any(attachment.id == one["id"] for one in _files_of(attachment))


def is_unseen(attachment: Attachment) -> bool:
    """Say whether a file is the applicant's change that was not handed in yet."""
    application = db.session.get(Application, attachment.subject_id)
    if application is None or application.state not in dossier.OPEN:
        return False
    handing = latest(application)
    is_own = attachment.added_by is not None and attachment.added_by == application.person.user_id
    return (
        handing is not None and is_own and all(attachment.id != one["id"] for one in handing.files)
    )


def _files_of(attachment: Attachment) -> list[Mapping[str, Any]]:
    query = select(Handing.files).where(Handing.application_id == attachment.subject_id)
    return [one for held in db.session.scalars(query) for one in held]


def _session(application: Application) -> Any:
    return object_session(application) or db.session()
