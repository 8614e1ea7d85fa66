"""Until when a stage lasts for an application, a person or a unit: the only place that answers it.

A stage ends at 24:00 of the batch's day, or of the latest extension in force for the batch, its series, the
unit concerned or the person. An extension needs no job to end: after its day the stage is over like any other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.interfaces import LoaderOption

from app import settings
from app.engine import Act
from app.enums import ApplicationState, ExtensionKind, ExtensionState, Stage
from app.extensions import db
from app.ground import clock, read_once
from app.models import Application, Batch, Committee, Correction, Extension, Person
from app.services.registers import regions

LAST_DAY = {
    Stage.APPLY: "apply_end",
    Stage.RESUBMIT: "resubmit_end",
    Stage.UNIT: "unit_end",
    Stage.SUPERIOR: "superior_end",
    Stage.OFFICE: "office_end",
}
"""The column of the batch with the last day of a stage; a supplement has a day of its own."""
STAGE_OF = {
    ApplicationState.DRAFT: Stage.APPLY,
    ApplicationState.DISCARDED: Stage.APPLY,
    ApplicationState.RETURNED: Stage.RESUBMIT,
    ApplicationState.AT_UNIT: Stage.UNIT,
    ApplicationState.CHECKED: Stage.UNIT,
    ApplicationState.IN_NOTICE: Stage.UNIT,
    ApplicationState.DISPUTED: Stage.UNIT,
    ApplicationState.NOTICE_OVER: Stage.UNIT,
    ApplicationState.AT_SUPERIOR: Stage.SUPERIOR,
    ApplicationState.AT_OFFICE: Stage.OFFICE,
    ApplicationState.CORRECTED: Stage.OFFICE,
    ApplicationState.IN_CORRECTION: Stage.SUPPLEMENT,
}
"""The stage of an application by its state; the states after the qualification check have none."""
COUNTING = (ExtensionState.IN_FORCE, ExtensionState.ENDED)
"""States of an extension whose day counts; the day of one that ended is over, but still says until when."""


@dataclass(frozen=True)
class Deadline:
    """The last day of a stage, and the extension that set it, if it is not the batch's own day."""

    stage: Stage
    day: date
    extension: Extension | None = None

    @property
    def moment(self) -> datetime:
        return clock.end_of_day(self.day)

    def is_over(self, at: datetime) -> bool:
        return at > self.moment


@dataclass(frozen=True)
class Case:
    """Whose deadline is asked for. `supplement_day` is the day set for the supplement, if one was asked for."""

    batch: Batch
    person_id: int | None = None
    unit_ids: frozenset[int | None] = frozenset()
    supplement_day: date | None = None


class Extensions:
    """Extensions read at once, to answer for many cases without a query for each."""

    def __init__(self, session: Session, found: Iterable[Extension]) -> None:
        self.session, self.found = session, list(found)

    def deadline(self, case: Case, stage: Stage) -> Deadline:
        """Return the deadline of `stage` for the case."""
        day = self._own_day(case, stage)
        late = [one for one in self.found if one.stage is stage and self._concerns(one, case)]
        latest = max(late, key=lambda one: one.until, default=None)
        if latest is None or latest.until <= day:
            return Deadline(stage, day)
        return Deadline(stage, latest.until, latest)

    def _own_day(self, case: Case, stage: Stage) -> date:
        """Return the day of the batch or of the supplement.

        What was supplemented may be checked for some days after the supplement was due.
        """
        if stage is Stage.SUPPLEMENT:
            return case.supplement_day or case.batch.office_end
        day: date = getattr(case.batch, LAST_DAY[stage])
        if stage is Stage.OFFICE and case.supplement_day is not None:
            supplied = self.deadline(case, Stage.SUPPLEMENT).day
            day = max(day, supplied + timedelta(days=settings.get("supplement_check_days")))
        return day

    def _concerns(self, one: Extension, case: Case) -> bool:
        return {
            ExtensionKind.BATCH: True,
            ExtensionKind.SERIES: True,
            ExtensionKind.UNIT: one.unit_id in case.unit_ids,
            ExtensionKind.PERSON: one.person_id == case.person_id,
        }[one.kind] and covers(self.session, one, case.batch)


def covers(session: Session, extension: Extension, batch: Batch) -> bool:
    """Return whether an extension holds in a batch: its own one, or one of the year, region and series."""
    committee = session.get_one(Committee, batch.committee_id)
    return (
        extension.review_year == batch.review_year
        and extension.batch_id in (None, batch.id)
        and extension.series_code in (None, committee.series_code)
        and regions.lies_in(committee.region_code, extension.region_code)
    )


def of_batches(
    session: Session,
    batches: Sequence[Batch],
    *narrowed: ColumnElement[bool],
    load: Sequence[LoaderOption] = (),
) -> Extensions:
    """Return the extensions that may hold in `batches`, of everybody or as far as `narrowed` says."""
    if not batches:
        return Extensions(session, ())
    with session.no_autoflush:
        query: Select[tuple[Extension]] = select(Extension).where(
            Extension.state.in_(COUNTING),
            Extension.review_year.in_({batch.review_year for batch in batches}),
            or_(
                Extension.batch_id.is_(None),
                Extension.batch_id.in_({batch.id for batch in batches}),
            ),
            *narrowed,
        )
        return Extensions(session, session.scalars(query.options(*load)))


def of_person(session: Session, batches: Sequence[Batch], person: Person) -> dict[int, Deadline]:
    """Return until when the person may apply in each of `batches`, by the number of the batch."""
    units = frozenset({person.unit_id})
    known = of_batches(session, batches, concern(person.id, units))
    return {
        batch.id: known.deadline(Case(batch, person.id, units), Stage.APPLY) for batch in batches
    }


def of(application: Application, stage: Stage | None = None) -> Deadline | None:
    """Return the deadline of an application's present stage, or of `stage`; None after the last stage.

    The unit concerned is the one it is filed in, and the one that holds it now.
    """
    wanted = stage or STAGE_OF.get(application.state)
    if wanted is None:
        return None
    session, case = _session_of(application), case_of(application)
    with session.no_autoflush:
        known = read_once.of(
            session,
            _key(case),
            (Extension,),
            lambda: of_batches(session, [case.batch], concern(case.person_id, case.unit_ids)),
        )
    return known.deadline(case, wanted)


def read_for(applications: Sequence[Application]) -> None:
    """Read at once the extensions that `of` needs for each of `applications`, their stages now and later."""
    session = _session_of(applications[0])
    supplements(session, [one.id for one in applications])
    cases = [case_of(one) for one in applications]
    batches = {one.batch.id: one.batch for one in cases}
    places = [_places_of(one) for one in applications]
    people, units = {one.person_id for one in cases}, set().union(*places) - {None}
    narrowed = or_(
        Extension.kind.in_((ExtensionKind.BATCH, ExtensionKind.SERIES)),
        Extension.unit_id.in_(units),
        Extension.person_id.in_(people),
    )
    known = of_batches(session, list(batches.values()), narrowed)
    for case, near, application in zip(cases, places, applications, strict=True):
        for holder in near:
            units_then = frozenset({application.unit_id, holder})
            read_once.put(session, _key(replace(case, unit_ids=units_then)), (Extension,), known)


def _places_of(application: Application) -> set[int | None]:
    """Return the units that hold the application now or may hold it after the next act."""
    on_the_way = {step.unit_id for step in application.route}
    fixed = {None, application.unit_id, application.holder_id, application.committee.unit_id}
    return fixed | on_the_way


def _key(case: Case) -> tuple[Any, ...]:
    return ("extensions", case.batch.id, case.person_id, case.unit_ids)


def case_of(application: Application) -> Case:
    """Return whose deadlines those of an application are."""
    session = _session_of(application)
    with session.no_autoflush:
        batch = application.batch or session.get_one(Batch, application.batch_id)
    units = frozenset({application.unit_id, application.holder_id})
    return Case(batch, application.person_id, units, _supplement_day(application))


def stage_on(batch: Batch, today: date) -> Stage | None:
    """Return the stage of a batch whose own last day is the next one from `today` on, None after the last."""
    return next((stage for stage, name in LAST_DAY.items() if getattr(batch, name) >= today), None)


def is_in_time(act: Act) -> str | None:
    """Refuse an act of a stage after the stage's end; guard of every act that belongs to one."""
    deadline = of(act.record)
    if deadline is None or not deadline.is_over(act.at):
        return None
    return gettext(
        "“%(stage)s” in the batch “%(batch)s” was possible until %(day)s 24:00%(extended)s. Late acts need "
        "an extension: ask the human resources authority, which enters it with its document under 1.4.2.",
        stage=deadline.stage.label,
        batch=act.record.batch.name,
        day=deadline.day,
        extended=extended_text(deadline),
    )


def leaves_time_to_change(act: Act) -> str | None:
    """Refuse to return an application when its applicant could no longer submit it again."""
    deadline = of(act.record, Stage.RESUBMIT)
    if deadline is None or not deadline.is_over(act.at):
        return None
    return gettext(
        "Who is returned in the batch “%(batch)s” could submit again until %(day)s 24:00%(extended)s; a return "
        "now would leave no time. Choose another outcome, or ask the human resources authority to extend "
        "“%(stage)s” for this person first.",
        batch=act.record.batch.name,
        day=deadline.day,
        extended=extended_text(deadline),
        stage=deadline.stage.label,
    )


def words(deadline: Deadline | None) -> str:
    """Return a deadline with its stage and its extension in words; empty without a deadline."""
    if deadline is None:
        return ""
    return (
        gettext("%(day)s 24:00 (%(stage)s)", day=deadline.day, stage=deadline.stage.label)
    ) + extended_text(deadline)


def extended_text(deadline: Deadline) -> str:
    """Return the words about the extension of a deadline, empty for a batch's own day."""
    if deadline.extension is None:
        return ""
    return gettext(" (extended by %(document)s)", document=deadline.extension.document_number)


def concern(person_id: int | None, unit_ids: Iterable[int | None]) -> ColumnElement[bool]:
    """Return the condition for extensions of everybody, of the person or of one of the units."""
    return or_(
        Extension.kind.in_((ExtensionKind.BATCH, ExtensionKind.SERIES)),
        Extension.unit_id.in_([key for key in unit_ids if key is not None]),
        false() if person_id is None else Extension.person_id == person_id,
    )


def _session_of(application: Application) -> Session:
    return object_session(application) or db.session()


def _supplement_day(application: Application) -> date | None:
    if application.state not in (ApplicationState.IN_CORRECTION, ApplicationState.CORRECTED):
        return None
    found = supplements(_session_of(application), [application.id])[application.id]
    return None if found is None else found.deadline


def supplements(session: Session, keys: Sequence[int]) -> Mapping[int, Correction | None]:
    """Return the supplement that each of these applications was asked for, None for those without."""

    def read(missing: Sequence[int]) -> Mapping[int, Correction | None]:
        query = select(Correction).where(Correction.application_id.in_(missing))
        return {one.application_id: one for one in session.scalars(query)}

    return read_once.of_many(session, "supplement", keys, (Correction,), read, None)
