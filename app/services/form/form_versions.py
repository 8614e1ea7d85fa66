"""Versions of the application form: which exist, which one new applications use, and taking one back."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import func, select, update

from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, FormDefinition, version_stamps
from app.services.form import form_definition
from app.services.ground.audit import audit


@dataclass(frozen=True)
class Listed:
    """A version in the list of versions; `applications` is the number of applications on it."""

    definition: FormDefinition
    is_newest: bool
    applications: int

    @property
    def is_draft(self) -> bool:
        return self.definition.published_at is None


def versions() -> list[Listed]:
    """Return all versions, newest first."""
    newest = form_definition.newest_version(db.session())
    counted = select(Application.form_version, func.count()).group_by(Application.form_version)
    counts = dict(iter(db.session.execute(counted).tuples()))
    query = select(FormDefinition).order_by(FormDefinition.form_version.desc())
    return [
        Listed(
            one,
            one.published_at is not None and one.form_version == newest,
            counts.get(one.form_version, 0),
        )
        for one in db.session.scalars(query)
    ]


def draft() -> FormDefinition | None:
    """Return the draft, or None."""
    return db.session.scalar(select(FormDefinition).where(FormDefinition.published_at.is_(None)))


def published() -> list[FormDefinition]:
    """Return the versions that were published, those taken back as well, oldest first."""
    query = select(FormDefinition).where(FormDefinition.published_at.is_not(None))
    return list(db.session.scalars(query.order_by(FormDefinition.form_version)))


def in_force() -> FormDefinition:
    """Return the version that new applications begin with."""
    newest = form_definition.newest_version(db.session())
    query = select(FormDefinition).where(FormDefinition.form_version == newest)
    return db.session.scalars(query).one()


def before(definition: FormDefinition) -> FormDefinition | None:
    """Return the version that holds again once this one is taken back, None if there is none."""
    query = select(FormDefinition).where(
        FormDefinition.published_at.is_not(None),
        FormDefinition.withdrawn_at.is_(None),
        FormDefinition.form_version < definition.form_version,
    )
    return db.session.scalar(query.order_by(FormDefinition.form_version.desc()).limit(1))


def applications_on(definition: FormDefinition) -> int:
    """Return how many applications began with a version."""
    query = select(func.count()).where(Application.form_version == definition.form_version)
    return db.session.scalar(query) or 0


def take_back(definition: FormDefinition, *, actor: Actor, at: datetime) -> FormDefinition:
    """Take the version in force back and return the one before it, which new applications use again.

    Applications that began with the version keep it. Raises Refused for any other version than the one in force and
    where none is before it.
    """
    former = before(definition)
    if form_definition.newest_version(db.session()) != definition.form_version:
        raise Refused(
            gettext(
                "Version %(version)s is not in use; only the version in use can be taken back. Look at the list of versions.",
                version=definition.form_version,
            )
        )
    if former is None:
        raise Refused(
            gettext(
                "There is no earlier version that could hold again. Publish a new version instead of taking this one back."
            )
        )
    count = applications_on(definition)
    moved = db.session.execute(
        update(FormDefinition)
        .where(FormDefinition.id == definition.id, FormDefinition.withdrawn_at.is_(None))
        .values(withdrawn_at=at),
        execution_options={"synchronize_session": False},
    )
    version_stamps.renew(db.session.connection())
    db.session.refresh(definition)
    if moved.rowcount != 1:
        raise Refused(gettext("Somebody else has taken this version back at this moment."))
    audit(
        "form_withdraw",
        actor=actor,
        subject=subject_of(definition),
        details={"what": "withdrawn", "holds": former.form_version, "kept_by": count},
    )
    return former


def subject_of(definition: FormDefinition) -> str:
    """Return the subject of a version in the audit log."""
    return f"form_definition:{definition.form_version}"
