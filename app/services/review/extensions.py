"""Extensions of a stage (延期): checked, confirmed, withdrawn, and ended by the clock (menu 1.4.2)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.engine import Act, Refused
from app.enums import FREES_THE_YEAR, BatchState, ExtensionKind, Role, Stage
from app.extensions import db
from app.ground import clock
from app.models import Application, Batch, Committee, Correction, Extension, Person, Position, Unit
from app.services.accounts import persons
from app.services.registers import deadlines, regions
from app.services.registers.committee_validity import validity_refusal
from app.services.registers.deadlines import Case, Deadline
from app.validators import Invalid, person_name, reason, text

NEXT = {
    Stage.APPLY: Stage.UNIT,
    Stage.RESUBMIT: Stage.UNIT,
    Stage.UNIT: Stage.SUPERIOR,
    Stage.SUPERIOR: Stage.OFFICE,
}
"""The stage that takes over what a stage hands on, and must not end before it."""
TARGETS = {
    ExtensionKind.BATCH: "batch_id",
    ExtensionKind.UNIT: "unit_id",
    ExtensionKind.SERIES: "series_code",
    ExtensionKind.PERSON: "person_id",
}
"""The column that says whom an extension is for."""


def person_of(typed: str) -> Person:
    """Return the person with this application number or ID number. Raises Refused without one."""
    number = typed.strip()
    with_number = select(Person).join(Application).where(Application.number == number.upper())
    try:
        found = db.session.scalars(with_number).first() or persons.by_number(number)
    except Invalid:
        found = None
    if found is None:
        raise Refused(
            gettext(
                "There is nobody with the application number or ID number “%(number)s”. Check it, digit by digit.",
                number=number,
            ),
            "person_number",
        )
    return found


def is_own(act: Act) -> str | None:
    """Refuse an authority of another region, which has no say in these batches."""
    record = act.record
    if record.batch_id is not None:
        code = act.session.get_one(Committee, _batch(act, record.batch_id).committee_id).region_code
        if not regions.covers(act.actor, code):
            return gettext("The committee belongs to another region; its own authority decides.")
    if regions.covers(act.actor, record.region_code):
        return None
    return gettext("This extension was entered by another authority; that one decides.")


def is_second_person(act: Act) -> str | None:
    """Refuse a confirmation by whoever entered the extension, where the authority has somebody else."""
    actor = act.actor
    if act.record.proposed_by != actor.user_id:
        return None
    others = select(Position.id).where(
        Position.role == Role.HRSS,
        Position.unit_id == actor.unit_id,
        Position.user_id != actor.user_id,
        Position.is_active,
    )
    if act.session.scalars(others.limit(1)).first() is None:
        return None
    return gettext(
        "You entered this extension yourself; another person of your authority confirms it."
    )


def is_sound(act: Act) -> str | None:
    """Refuse an extension without its document, for nobody, or until a day that helps nobody.

    Raises Refused, naming the field. Asked again at the confirmation.
    """
    with act.session.no_autoflush:
        for field, sentence in _faults(act):
            raise Refused(sentence, field)
    return None


def _faults(act: Act) -> Iterator[tuple[str, str]]:
    record = act.record
    yield from _text_faults(record)
    if getattr(record, TARGETS[record.kind]) is None:
        yield _target_field(record.kind), gettext("Say whom the extension is for.")
    today = clock.local_date(act.at)
    if record.until < today:
        yield (
            "until",
            gettext(
                "“%(label)s” (%(day)s) is already over. Choose today or a later day.",
                label=gettext("Extended until"),
                day=record.until,
            ),
        )
    batches = _covered_batches(act)
    if not batches:
        yield "batch_id", _no_batch(act)
    yield from _day_faults(act, batches)


def _target_field(kind: ExtensionKind) -> str:
    return "person_number" if kind is ExtensionKind.PERSON else TARGETS[kind]


def _text_faults(record: Extension) -> Iterator[tuple[str, str]]:
    checks = {
        "document_number": lambda value: text(value, min_length=4, max_length=60),
        "approved_by": person_name,
        "reason": _why,
    }
    for field, check in checks.items():
        try:
            check(getattr(record, field) or "")
        except Invalid as invalid:
            yield field, str(invalid)


def _why(typed: str) -> str:
    try:
        return reason(typed, max_length=500)
    except Invalid:
        raise Invalid(
            gettext("Say why the time is extended, for example what kept people from acting.")
        ) from None


def _covered_batches(act: Act) -> list[Batch]:
    """Return the open batches in which the extension holds."""
    record = act.record
    query = (
        select(Batch)
        .where(Batch.state == BatchState.OPEN, Batch.review_year == record.review_year)
        .options(joinedload(Batch.committee))
        .order_by(Batch.id)
    )
    if record.batch_id is not None:
        query = query.where(Batch.id == record.batch_id)
    found = act.session.scalars(query)
    return [batch for batch in found if deadlines.covers(act.session, record, batch)]


def _no_batch(act: Act) -> str:
    if act.record.batch_id is not None:
        return gettext(
            "The batch “%(batch)s” is not open, or does not belong to this year or series. Choose an open batch.",
            batch=_batch(act, act.record.batch_id).name,
        )
    return gettext("Your region has no open batch of this year and series. Check both.")


def _batch(act: Act, key: int) -> Batch:
    return act.session.get_one(Batch, key)


def _day_faults(act: Act, batches: list[Batch]) -> Iterator[tuple[str, str]]:
    record = act.record
    known, cases = deadlines.of_batches(act.session, batches), _cases(act, batches)
    has_supplement = any(case.supplement_day for case in cases)
    if record.stage is Stage.SUPPLEMENT and not has_supplement:
        if record.kind is ExtensionKind.PERSON:
            yield "stage", gettext("This person was not asked for a supplement.")
    else:
        yield from _no_gain(record, [known.deadline(case, record.stage) for case in cases])
    for case in cases:
        following = known.deadline(case, NEXT.get(record.stage, record.stage))
        yield from _order_faults(record, case.batch, following)
        committee = act.session.get_one(Committee, case.batch.committee_id)
        if why := validity_refusal(committee, record.until):
            yield "until", why


def _no_gain(record: Extension, now: list[Deadline]) -> Iterator[tuple[str, str]]:
    if now and all(one.day >= record.until for one in now):
        yield (
            "until",
            gettext(
                "“%(stage)s” lasts until %(day)s there anyway. Choose a later day.",
                stage=record.stage.label,
                day=min(one.day for one in now),
            ),
        )


def _order_faults(
    record: Extension, batch: Batch, following: Deadline
) -> Iterator[tuple[str, str]]:
    """Yield a refusal when the next stage would be over before the extended one."""
    if following.stage is record.stage or record.until <= following.day:
        return
    yield (
        "until",
        gettext(
            "In the batch “%(batch)s” “%(next)s” ends on %(day)s, before this extension: what is handed on later "
            "would be stuck. Extend “%(next)s” first, choose a day until then, or name another batch.",
            batch=batch.name,
            next=following.stage.label,
            day=following.day,
        ),
    )


def _cases(act: Act, batches: list[Batch]) -> list[Case]:
    """Return whom the extension is for in each batch; of a unit or person that applied, only where it did."""
    record = act.record
    if record.kind not in (ExtensionKind.UNIT, ExtensionKind.PERSON):
        return [Case(batch) for batch in batches]
    filed = {row.batch_id: row for row in act.session.execute(_filed(record))}
    concerned = [batch for batch in batches if batch.id in filed] or batches
    return [_case(act, batch, filed.get(batch.id)) for batch in concerned]


def _filed(record: Extension) -> Select[Any]:
    """Return the applications of the unit or person, of a person with the day of the supplement."""
    query = select(Application.batch_id).where(Application.review_year == record.review_year)
    if record.kind is ExtensionKind.UNIT:
        return query.where(Application.unit_id == record.unit_id).distinct()
    return (
        query.add_columns(Application.unit_id, Application.holder_id, Correction.deadline)
        .outerjoin(Correction, Correction.application_id == Application.id)
        .where(Application.person_id == record.person_id, Application.state.not_in(FREES_THE_YEAR))
    )


def _case(act: Act, batch: Batch, filed: Any) -> Case:
    record = act.record
    if record.kind is ExtensionKind.UNIT:
        return Case(batch, None, frozenset({record.unit_id}))
    if filed is None:
        unit_id = act.session.get_one(Person, record.person_id).unit_id
        return Case(batch, record.person_id, frozenset({unit_id}))
    units = frozenset({filed.unit_id, filed.holder_id})
    return Case(batch, record.person_id, units, filed.deadline)


def is_over(act: Act) -> str | None:
    """Refuse to mark an extension as ended before its day has passed."""
    until: date = act.record.until
    if act.at > clock.end_of_day(until):
        return None
    return gettext("The extension lasts until %(day)s.", day=until)


def whom(act: Act) -> str:
    """Return whom the extension is for, in words."""
    record, session = act.record, act.session
    if record.kind is ExtensionKind.UNIT:
        return str(session.get_one(Unit, record.unit_id).name)
    if record.kind is ExtensionKind.PERSON:
        return str(session.get_one(Person, record.person_id).name)
    return str(record.kind.label)
