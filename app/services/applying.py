"""Beginning an application, and taking over what an earlier one held."""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.actor import Actor
from app.enums import ApplyMode, Level
from app.extensions import db
from app.models import Application, Batch, Person, Section, Title, Unit
from app.services import dossier, formdef, numbering
from app.workflow import engine
from app.workflow.engine import Refused


def begin(
    *,
    batch: Batch,
    mode: ApplyMode,
    level: Level,
    title_code: str,
    specialty_code: str,
    unit_id: int,
    actor: Actor,
    at: datetime,
) -> Application:
    """Begin an application of the actor's own person; the caller commits. Raises Refused."""
    person = db.session.get(Person, actor.person_id or 0)
    unit = db.session.get(Unit, unit_id)
    if person is None:
        raise Refused(gettext("You apply for yourself only. Enter your own data first."))
    if unit is None:
        raise Refused(gettext("Choose your unit from the register."), "unit_id")
    title = db.session.get(Title, title_code)
    record = Application(
        person_id=person.id,
        name=person.name,
        batch_id=batch.id,
        committee_id=batch.committee_id,
        review_year=batch.review_year,
        unit_id=unit.id,
        region_code=unit.region_code,
        mode=mode,
        series_code=title.series_code if title else batch.committee.series_code,
        level=level,
        title_code=title_code,
        specialty_code=specialty_code,
        form_version=formdef.newest_version(db.session()),
        number=numbering.application_number(db.session(), batch.review_year),
    )
    try:
        engine.fire(record, "begin", actor=actor, at=at)
    except IntegrityError as error:
        # two windows of the same person were faster than the rule
        db.session.rollback()
        raise Refused(
            gettext("You already have an application of this review year; there is one a year.")
        ) from error
    return record


def earlier(application: Application) -> Application | None:
    """Return the person's latest other application, from which sections may be taken over."""
    query = (
        select(Application)
        .where(
            Application.person_id == application.person_id,
            Application.id < application.id,
            Application.form_version == application.form_version,
        )
        .order_by(Application.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).one_or_none()


def take_over(application: Application, *, actor: Actor, at: datetime) -> int:
    """Copy the sections of the earlier application that are still empty here; return how many."""
    source = earlier(application)
    if source is None:
        raise Refused(gettext("There is no earlier application to take anything from."))
    if why := dossier.why_closed(application, ""):
        raise Refused(why)
    here = dossier.stored(application)
    copied = 0
    for key, section in dossier.stored(source).items():
        known: Section | None = here.get(key)
        if section.rows and (known is None or not known.rows):
            rows: list[dict[str, Any]] = section.rows
            revision = known.revision if known else 0
            dossier.save_section(application, key, rows, actor=actor, at=at, seen_revision=revision)
            copied += 1
    return copied
