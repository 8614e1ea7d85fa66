"""Begin an application, and copy sections from an earlier one."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app import engine
from app.engine import Refused
from app.enums import ApplyMode, Level
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Batch, Person, Title, Unit
from app.services.dossier import dossier, prefill
from app.services.form import form_definition
from app.services.ground import numbering


def begin_application(
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
    """Create an application for the actor's own person and fire its event `begin`; the caller commits.

    Raises Refused without person or unit, when a guard refuses, or on a second one in the review year.
    """
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
        form_version=form_definition.newest_version(db.session()),
        number=numbering.application_number(db.session(), batch.review_year),
    )
    try:
        engine.fire(record, "begin", actor=actor, at=at)
    except IntegrityError as error:
        # the same person pressed in two windows at once, and both passed the guard
        db.session.rollback()
        raise Refused(
            gettext("You already have an application of this review year; there is one a year.")
        ) from error
    return record


def copy_earlier_sections(application: Application, *, actor: Actor, at: datetime) -> int:
    """Copy sections of the earlier application that are empty here; return their number.

    Raises Refused when there is no earlier application or the application is closed for changes.
    """
    if prefill.earlier(application) is None:
        raise Refused(gettext("There is no earlier application to take anything from."))
    if why := dossier.why_closed(application, ""):
        raise Refused(why)
    offered = [one for one in prefill.sources(application) if one.key == "earlier"]
    filled = {key for key, one in dossier.stored(application).items() if one.rows}
    keys = [
        one.key for source in offered for one in source.proposals if one.section.key not in filled
    ]
    if not keys:
        return 0
    return len(prefill.fill_in(application, keys, actor=actor, at=at))


earlier = prefill.earlier
