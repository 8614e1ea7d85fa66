"""Guards for beginning and submitting an application (Order 40, art. 2 and 14 to 16).

Guards take an act and return the refusal sentence, or None; the check `is_committed` raises Refused instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import func, select

from app.engine import Act, Refused
from app.enums import (
    FREES_THE_YEAR,
    ApplicationState,
    ApplyMode,
    BatchState,
    Employment,
    Stage,
    UnitKind,
)
from app.extensions import db
from app.ground import clock
from app.models import (
    Application,
    Batch,
    Committee,
    CommitteeSpecialty,
    EligibilityRule,
    Person,
    Series,
    Specialty,
    Title,
    TransitionLog,
    Unit,
)
from app.services.dossier import completeness, dossier
from app.services.dossier.completeness import Missing
from app.services.registers import deadlines
from app.services.registers.committee_validity import validity_refusal
from app.services.rules import rule_evaluation, rule_personal, standing

NAMED = 3
MOST_DELETED = 20
"""Maximum number of deleted drafts per person and review year."""


@dataclass(frozen=True)
class Window:
    """A period of a batch, first and last day included."""

    first: date
    last: date

    def holds(self, at: datetime) -> bool:
        """Say whether `at` (server time) lies in the period; the last day ends at its 24:00."""
        return clock.start_of_day(self.first) <= at <= clock.end_of_day(self.last)


def missing(application: Application, at: datetime) -> list[Missing]:
    """Return everything that prevents submission, in the order of the form."""
    return completeness.missing(application, at)


def may_begin(act: Act) -> str | None:
    """Refuse to begin an application if person, batch, unit, title or review year do not allow it now."""
    return next(_reasons_not_to_begin(act), None)


def _reasons_not_to_begin(act: Act) -> Iterator[str]:
    session, record = act.session, act.record
    with session.no_autoflush:
        person = session.get(Person, record.person_id) if record.person_id else None
        batch = session.get(Batch, record.batch_id) if record.batch_id else None
        if person is None or act.actor.person_id != person.id:
            yield gettext("You apply for yourself only. Enter your own data first.")
        elif batch is None:
            yield gettext("Choose a batch.")
        else:
            yield from _chosen_refusals(act, person, batch)
            yield from window_refusals(batch, act.at, last_day_to_apply(act, batch))
            yield from unit_refusals(person, session.get(Unit, record.unit_id or 0))
            yield from _combination_refusals(act, batch)
            yield from _year_refusals(act, batch.review_year)
            yield from _deleted_refusals(act, batch.review_year)


def person_refusals(
    person: Person,
    at: datetime,
    batch: Batch | None = None,
    found: Sequence[EligibilityRule] | None = None,
) -> Iterator[str]:
    """Yield why the person may not apply at all, judged by what is known before the form is filled in.

    Source: Order 40, art. 2, 14 and 39. `found` are the active eligibility rules, if the caller read them
    already.
    """
    known = rule_evaluation.active(db.session()) if found is None else found
    yield from rule_evaluation.refusals(rule_evaluation.case_for(person, at, batch=batch), known)


def _chosen_refusals(act: Act, person: Person, batch: Batch) -> Iterator[str]:
    """Yield the hard rules broken by the chosen batch, unit, mode, level and title."""
    record, session = act.record, act.session
    case = rule_evaluation.case_for(
        person,
        act.at,
        batch=batch,
        unit=session.get(Unit, record.unit_id or 0),
        mode=record.mode,
        level=record.level,
        title=session.get(Title, record.title_code or ""),
    )
    yield from rule_evaluation.refusals(case, rule_evaluation.active(session))


def last_day_to_apply(act: Act, batch: Batch) -> date:
    """Return the last day on which the record of the act may be submitted in `batch`, extensions included."""
    deadline = deadlines.of(act.record, Stage.APPLY)
    return batch.apply_end if deadline is None else deadline.day


def window_refusals(batch: Batch, at: datetime, last: date) -> Iterator[str]:
    """Yield why the batch takes no applications at `at`: it is not open, not yet or not after `last`."""
    if batch.state is not BatchState.OPEN:
        yield gettext(
            "The batch “%(batch)s” is not open. Ask the committee's office.", batch=batch.name
        )
    elif not Window(batch.apply_start, last).holds(at):
        yield _outside_window(batch.name, batch.apply_start, last, at)


def unit_refusals(person: Person, unit: Unit | None) -> Iterator[str]:
    """Yield why the application cannot be filed in `unit` (Order 40, art. 18)."""
    if unit is None:
        yield gettext("Choose your unit from the register.")
    elif not unit.is_active:
        yield gettext(
            "“%(unit)s” is closed in the register. Choose the unit that you work in now.",
            unit=unit.name,
        )
    elif person.employment is Employment.PUBLIC_POST and person.unit_id != unit.id:
        yield gettext(
            "Who holds a post in a public institution applies through the own unit only. "
            "If “%(unit)s” is your unit, enter it in your own data first.",
            unit=unit.name,
        )
    elif person.unit_id != unit.id and person.unit is not None and person.unit.kind.is_public:
        yield gettext(
            "People of “%(own)s” (%(kind)s) apply through it, not through “%(unit)s”. If you do not work there any "
            "more, correct your own data first.",
            own=person.unit.name,
            kind=person.unit.kind.label,
            unit=unit.name,
        )
    elif person.unit_id != unit.id and unit.kind is not UnitKind.AGENCY:
        yield gettext(
            "“%(unit)s” is neither your own unit nor a personnel agency. Correct your own data, or choose an agency.",
            unit=unit.name,
        )


def _combination_refusals(act: Act, batch: Batch) -> Iterator[str]:
    """Yield why batch, mode, level, title, specialty and committee do not fit together."""
    record, session = act.record, act.session
    committee = session.get_one(Committee, batch.committee_id)
    title = session.get(Title, record.title_code or "")
    specialty = session.get(Specialty, record.specialty_code or "")
    if record.committee_id != committee.id:
        yield gettext("The batch belongs to the committee “%(name)s”.", name=committee.name)
    if why := validity_refusal(committee, clock.local_date(act.at)):
        yield why
    if record.series_code != committee.series_code:
        name = session.get_one(Series, committee.series_code).name
        yield gettext("This committee judges the series “%(series)s” only.", series=name)
    if record.mode.value not in batch.modes:
        yield gettext("This batch does not take the way “%(mode)s”.", mode=record.mode.label)
    if record.level.value not in batch.levels or not committee.judges(record.level):
        yield gettext("This batch does not take the level “%(level)s”.", level=record.level.label)
    yield from _title_refusals(record, title)
    yield from _specialty_refusals(act, committee, specialty)


def _title_refusals(record: Application, title: Title | None) -> Iterator[str]:
    if title is None or (title.series_code, title.level) != (record.series_code, record.level):
        yield gettext("The title does not belong to the chosen series and level. Choose it again.")
    elif title.is_grassroots != (record.mode is ApplyMode.GRASSROOTS):
        yield gettext(
            "Titles marked as grassroots go with the way “%(mode)s” only, and no other title does.",
            mode=ApplyMode.GRASSROOTS.label,
        )


def _specialty_refusals(
    act: Act, committee: Committee, specialty: Specialty | None
) -> Iterator[str]:
    if specialty is None or specialty.series_code != committee.series_code:
        yield gettext("The specialty does not belong to the series. Choose it again.")
    elif committee.is_by_specialty and not act.session.scalar(
        select(CommitteeSpecialty.id).where(
            CommitteeSpecialty.committee_id == committee.id,
            CommitteeSpecialty.specialty_code == specialty.code,
        )
    ):
        yield gettext("The committee does not cover the specialty “%(name)s”.", name=specialty.name)


def _year_refusals(act: Act, year: int) -> Iterator[str]:
    """Yield a refusal for a second application in the review year; the database refuses it too."""
    record = act.record
    query = select(Application).where(
        Application.person_id == record.person_id,
        Application.review_year == year,
        Application.state.not_in(FREES_THE_YEAR),
        Application.id != record.id,
    )
    if (other := act.session.scalars(query).first()) is not None:
        yield gettext(
            "You already have the application %(number)s of the review year %(year)s (%(state)s); there is one a year.",
            number=other.number,
            year=year,
            state=other.state.label,
        )


def _deleted_refusals(act: Act, year: int) -> Iterator[str]:
    """Yield a refusal after MOST_DELETED deleted drafts in the review year.

    Every deleted draft keeps its files until it is purged, so their number must be limited.
    """
    query = select(func.count(Application.id)).where(
        Application.person_id == act.record.person_id,
        Application.review_year == year,
        Application.state == ApplicationState.DISCARDED,
    )
    if int(act.session.scalar(query) or 0) >= MOST_DELETED:
        yield gettext(
            "You have deleted %(count)s drafts of the review year %(year)s. Restore one of them and change it.",
            count=MOST_DELETED,
            year=year,
        )


def is_owner(act: Act) -> str | None:
    """Refuse everybody but the applicant."""
    if act.actor.person_id is not None and act.actor.person_id == act.record.person_id:
        return None
    return gettext("Only the applicant can do this.")


def is_in_window(act: Act) -> str | None:
    """Refuse outside the application window of the batch, by the server's clock."""
    return next(_window_refusals(act), None)


def _window_refusals(act: Act) -> Iterator[str]:
    batch = act.record.batch
    return window_refusals(batch, act.at, last_day_to_apply(act, batch))


def is_in_resubmit_window(act: Act) -> str | None:
    """Refuse to resubmit in a closed batch or after the end of the stage for returned applications."""
    batch = act.record.batch
    if batch.state is not BatchState.OPEN:
        return gettext(
            "The batch “%(batch)s” is not open. Ask the committee's office.", batch=batch.name
        )
    return deadlines.is_in_time(act)


def is_complete(act: Act) -> str | None:
    """Refuse an application that is incomplete or breaks a hard rule.

    The sentence gives the number of faults and names the first NAMED of them.
    """
    record = act.record
    found = missing(record, act.at)
    of_person = (gap.reason for gap in found if gap.section == completeness.PERSON and gap.is_rule)
    for why in (
        *of_person,
        *_draft_unit_refusals(record),
        *_combination_refusals(act, record.batch),
    ):
        return why
    if not found:
        return None
    first = gettext("; ").join(str(one) for one in found[:NAMED])
    return gettext(
        "Missing or wrong: %(count)s, first: %(first)s. See the list on the application's page.",
        count=len(found),
        first=first,
    )


def _draft_unit_refusals(record: Application) -> Iterator[str]:
    """Yield why the unit of a draft is not allowed any more.

    Asked again for drafts, because the person may have changed the own data since the application was begun.
    """
    if record.state is ApplicationState.DRAFT:
        yield from unit_refusals(record.person, record.unit)


def is_committed(act: Act) -> str | None:
    """Refuse without the declaration about secrets and the commitment in the form's current version.

    Raises Refused, naming the field concerned.
    """
    record = act.record
    if not record.is_secret_free:
        raise Refused(
            gettext(
                "Secret material must never be entered or handed in online. Confirm that there is none, or hand it in on paper."
            ),
            "is_secret_free",
        )
    current = dossier.form_of(record).commitment_version
    if record.committed_at is None or record.commitment_version != current:
        raise Refused(
            gettext("Read the commitment and tick it; it goes with what you filled in."), "is_true"
        )
    return None


def is_untouched(act: Act) -> str | None:
    """Refuse to take a submission back once its review has begun or the application window is over."""
    last = act.session.scalars(
        select(TransitionLog.event)
        .where(
            TransitionLog.subject_type == Application.__tablename__,
            TransitionLog.subject_id == act.record.id,
        )
        .order_by(TransitionLog.id.desc())
        .limit(1)
    ).one_or_none()
    if last not in (None, "submit", "resubmit"):
        return gettext(
            "The review has begun. You can withdraw the application, or wait for the result."
        )
    if next(_window_refusals(act), None) is not None:
        return gettext(
            "The application window is over: what is taken back now could not be handed in again this year."
        )
    return None


def is_not_barred(act: Act) -> str | None:
    """Refuse to pass on the application of a barred person; asked again at every step upwards."""
    return rule_personal.bar_refusal(act.record.person, clock.local_date(act.at))


def is_in_standing(act: Act) -> str | None:
    """Refuse to pass on the application of a person barred or under a penalty; asked when pressed."""
    return standing.refusals(act.session, [act.record], act.at).get(act.record.id)


def _outside_window(name: str, first: date, last: date, at: datetime) -> str:
    now = f"{clock.local(at):%Y-%m-%d %H:%M}"
    if at < clock.start_of_day(first):
        return gettext(
            "“%(batch)s” has not begun: it takes this from %(first)s to %(last)s (server time %(now)s).",
            batch=name,
            first=first,
            last=last,
            now=now,
        )
    return gettext(
        "“%(batch)s” is over: it took this from %(first)s to %(last)s (server time %(now)s). Late acts need "
        "an extension: ask your unit or the committee's office about it.",
        batch=name,
        first=first,
        last=last,
        now=now,
    )
