"""Snapshots of an application's content, one per submission (提交留存).

Staff judge the submitted content, never the applicant's unfinished changes; the next submission is compared
with it (`submission_diff`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, object_session

from app.engine import Act
from app.extensions import db
from app.ground import read_once
from app.models import Application, Attachment, Submission
from app.services.dossier import dossier, dossier_values, fingerprints
from app.services.files import attached_files

Row = dict[str, Any]
AT_ONCE = 200


@dataclass(frozen=True)
class Content:
    """Content of an application: rows by section, and files as {id, kind, section, name, digest}."""

    sections: Mapping[str, Sequence[Row]]
    files: Sequence[Mapping[str, Any]]


def keep_submission(act: Act) -> None:
    """Store a snapshot of the submitted content, its fingerprints and what lists show of it; effect of the events that submit."""
    submitted = current_content(act.record)
    act.session.add(
        Submission(
            application_id=act.record.id,
            event=act.event,
            handed_in_at=act.at,
            sections=dict(submitted.sections),
            files=list(submitted.files),
        )
    )
    fingerprints.write(act.record, submitted.sections, submitted.files)
    dossier_values.write(act.record, submitted.sections)


def current_content(application: Application) -> Content:
    """Return the present content of the application."""
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
            for one in attached_files.attachments_of(application)
        ],
    )


def submissions_of(application: Application) -> list[Submission]:
    """Return all submissions, oldest first."""
    query = (
        select(Submission)
        .where(Submission.application_id == application.id)
        .order_by(Submission.id)
    )
    session = _session(application)
    found = read_once.of(
        session,
        ("submissions", application.id),
        (Submission,),
        lambda: session.scalars(query).all(),
    )
    return list(found)


def latest(application: Application) -> Submission | None:
    """Return the last submission, or None.

    There is none for a draft, and none for applications submitted before snapshots were introduced.
    """
    return next(reversed(submissions_of(application)), None)


def content(submission: Submission) -> Content:
    """Return the content stored in a submission."""
    return Content(submission.sections, submission.files)


def for_staff(application: Application) -> Content | None:
    """Return the last submission's content while the applicant may edit, else None; staff read it instead."""
    if application.state not in dossier.EDITABLE_STATES:
        return None
    submission = latest(application)
    return content(submission) if submission else None


def attachments(application: Application, submitted: Content) -> list[Attachment]:
    """Return the attachments of a submission, including those removed afterwards."""
    keys = [one["id"] for one in submitted.files]
    query = (
        select(Attachment)
        .where(Attachment.id.in_(keys))
        .options(joinedload(Attachment.file))
        .order_by(Attachment.id)
    )
    return list(_session(application).scalars(query))


def is_kept(attachment: Attachment) -> bool:
    """Say whether a file belongs to any submission of its application; staff keep seeing such files."""
    return any(attachment.id == one["id"] for one in _submitted_files(attachment))


def is_unseen(attachment: Attachment) -> bool:
    """Say whether a file was added by the applicant and is not submitted yet."""
    application = db.session.get(Application, attachment.subject_id)
    if application is None or application.state not in dossier.EDITABLE_STATES:
        return False
    submission = latest(application)
    is_own = attachment.added_by is not None and attachment.added_by == application.person.user_id
    return (
        submission is not None
        and is_own
        and all(attachment.id != one["id"] for one in submission.files)
    )


def handed_in_after(key: int) -> list[int]:
    """Return up to AT_ONCE ids above `key` of applications that were submitted, in order."""
    query = select(Application.id).where(
        Application.id > key, Application.submitted_at.is_not(None)
    )
    return list(db.session.scalars(query.order_by(Application.id).limit(AT_ONCE)))


def write_fingerprints(keys: Sequence[int]) -> None:
    """Write the fingerprints of applications as last submitted, each locked meanwhile; the caller commits."""
    query = select(Application).where(Application.id.in_(keys)).order_by(Application.id)
    for application in db.session.scalars(query.with_for_update(of=Application)):
        submitted = for_staff(application) or current_content(application)
        fingerprints.write(application, submitted.sections, submitted.files)


def _submitted_files(attachment: Attachment) -> list[Mapping[str, Any]]:
    query = select(Submission.files).where(Submission.application_id == attachment.subject_id)
    return [one for submitted in db.session.scalars(query) for one in submitted]


def _session(application: Application) -> Any:
    return object_session(application) or db.session()
