"""Delete, restore and purge drafts.

A draft that was never submitted belongs to the applicant alone: it can be deleted, restored until the batch
closes, and is purged after some months. A submitted application is withdrawn instead and stays on record.
"""

from datetime import date, datetime, timedelta

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import engine, settings
from app.engine import Act, Refused
from app.enums import FREES_THE_YEAR, ApplicationState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Attachment, Batch, Fingerprint, Section, TransitionLog, Upload
from app.services.dossier import eligibility
from app.services.ground.audit import audit

MONTH = timedelta(days=30)
AT_ONCE = 200


def was_never_handed_in(act: Act) -> str | None:
    """Refuse to delete an application that was ever submitted; it is withdrawn and kept instead."""
    if act.record.submitted_at is None:
        return None
    return gettext("This was handed in once, so it stays on record. Withdraw it instead.")


def was_handed_in(act: Act) -> str | None:
    """Refuse to withdraw a draft that was never submitted; it is deleted instead and can be restored."""
    if act.record.state is not ApplicationState.DRAFT or act.record.submitted_at is not None:
        return None
    return gettext("This draft was never handed in. Delete it instead; it can be restored.")


def may_come_back(act: Act) -> str | None:
    """Refuse to restore a draft outside the batch's window or beside another application of the year."""
    record = act.record
    if why := eligibility.is_in_window(act):
        return why
    other = act.session.scalars(
        select(Application.number).where(
            Application.person_id == record.person_id,
            Application.review_year == record.review_year,
            Application.state.not_in(FREES_THE_YEAR),
            Application.id != record.id,
        )
    ).first()
    if other is None:
        return None
    return gettext(
        "You have the application %(number)s of this review year; there is one a year. Delete or withdraw that one first.",
        number=other,
    )


def restore(application: Application, *, actor: Actor, at: datetime) -> TransitionLog:
    """Restore a deleted draft and return the log row; the caller commits.

    Raises Refused when a guard refuses or another application of the review year was begun meanwhile.
    """
    number = application.number
    try:
        return engine.fire(application, "restore", actor=actor, at=at)
    except IntegrityError as error:
        # another window of the same person has begun or restored one meanwhile
        db.session.rollback()
        raise Refused(
            gettext(
                "The draft %(number)s stays deleted: another application of this review year was begun meanwhile.",
                number=number,
            )
        ) from error


def purge(at: datetime) -> int:
    """Delete up to AT_ONCE never-submitted drafts untouched for `draft_keep_months`; return their number.

    Personal data is not kept longer than needed (Personal Information Protection Law, art. 19). The
    transition log stays, as it holds no content of the draft. The caller commits and calls again until 0 is
    returned.
    """
    before = at - settings.get("draft_keep_months") * MONTH
    keys = _stale_draft_ids(before, clock.local_date(at))
    if keys:
        _delete_with_content(keys)
        audit("draft_purge", details={"count": len(keys)})
    return len(keys)


def _stale_draft_ids(before: datetime, today: date) -> list[int]:
    """Return ids of never-submitted drafts begun before `before` whose sections were not saved since.

    While its batch takes applications, a draft can still be submitted, or restored if it was deleted.
    """
    touched = select(Section.application_id).where(Section.saved_at > before)
    running = select(Batch.id).where(Batch.apply_end >= today)
    query = (
        select(Application.id)
        .where(
            Application.state.in_((ApplicationState.DRAFT, ApplicationState.DISCARDED)),
            Application.submitted_at.is_(None),
            Application.created_at <= before,
            Application.id.not_in(touched),
            Application.batch_id.not_in(running),
        )
        .order_by(Application.id)
        .limit(AT_ONCE)
    )
    return list(db.session.scalars(query))


def _delete_with_content(keys: list[int]) -> None:
    attached = (Attachment.subject_type == Application.__tablename__) & Attachment.subject_id.in_(
        keys
    )
    plain = {"synchronize_session": False}
    db.session.execute(delete(Attachment).where(attached), execution_options=plain)
    for model in (Section, Upload, Fingerprint):
        db.session.execute(
            delete(model).where(model.application_id.in_(keys)), execution_options=plain
        )
    db.session.execute(delete(Application).where(Application.id.in_(keys)), execution_options=plain)
