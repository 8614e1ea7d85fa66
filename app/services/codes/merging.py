"""Merge two values of a dictionary: records and rules take the one that stays, the other is retired.

Submissions keep what was handed in; `submission_diff` takes both codes for the same value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.engine import Refused
from app.ground.actor import Actor
from app.models import Application, DictItem, DossierFill, EligibilityRule, Section
from app.services.codes import dictionary_uses, program_codes, rule_values, usage, used_forms
from app.services.codes.usage import Fields
from app.services.ground.audit import audit

AT_ONCE = 500
Row = dict[str, Any]


@dataclass(frozen=True)
class Extent:
    """What a merge concerns: applications that have the value, names of the rules that name it."""

    applications: int
    rules: tuple[str, ...]


def extent(session: Session, source: DictItem) -> Extent:
    """Return what merging `source` into another value would change."""
    return Extent(
        usage.count_applications(session, source.kind, source.code),
        tuple(rule.name for rule in _rules(session, source)),
    )


def targets(session: Session, source: DictItem, *, today: date) -> list[DictItem]:
    """Return the values into which `source` may be merged: the others that are offered today."""
    query = select(DictItem).where(
        DictItem.kind == source.kind, DictItem.id != source.id, DictItem.is_offered_on(today)
    )
    return list(session.scalars(query.order_by(DictItem.order, DictItem.id)))


def merge(
    session: Session, source: DictItem, target: DictItem, *, actor: Actor, today: date
) -> Extent:
    """Give every application and rule that has `source` the value `target`, and retire `source`.

    Raises Refused where another value would mean something else to a form or to the program. The caller commits.
    """
    _require_mergeable(session, source, target, today=today)
    found = extent(session, source)
    _change_sections(session, source, target.code)
    # what lists show of dossiers is filled in anew
    session.execute(update(DossierFill).values(last_id=0, done_at=None))
    for rule in _rules(session, source):
        _change_rule(rule, source, target, actor)
    source.is_active, source.merged_into = False, target.code
    for earlier in session.scalars(
        select(DictItem).filter_by(kind=source.kind, merged_into=source.code)
    ):
        earlier.merged_into = target.code
    session.flush()
    audit(
        "maintenance",
        actor=actor,
        subject=f"dict_item:{source.id}",
        details={
            "from": gettext("%(code)s %(name)s", code=source.code, name=source.label),
            "to": gettext("merged into %(code)s %(name)s", code=target.code, name=target.label),
            "applications": found.applications,
            "rules": gettext("; ").join(found.rules) or "—",
        },
    )
    return found


def _require_mergeable(
    session: Session, source: DictItem, target: DictItem, *, today: date
) -> None:
    if source.merged_into:
        raise Refused(gettext("“%(name)s” is merged already.", name=source.label))
    if target.id not in {one.id for one in targets(session, source, today=today)}:
        raise Refused(gettext("Choose a value of the same dictionary that is in use."))
    dictionary_uses.require_none_closed(session, source.kind)
    if places := _places_that_differ(session, source, target):
        raise Refused(
            gettext(
                "“%(source)s” and “%(target)s” cannot be merged: they mean different things to %(places)s.",
                source=source.label,
                target=target.label,
                places=dictionary_uses.joined(places),
            )
        )


def _places_that_differ(session: Session, source: DictItem, target: DictItem) -> list[str]:
    """Return the places where one of two values counts and the other does not."""
    kind, both = source.kind, {source.code, target.code}
    forms = used_forms.used_forms(session)
    found = [
        str(place)
        for place, codes in used_forms.conditions_on(forms, kind)
        if len(codes & both) == 1
    ]
    if program_codes.meaning(kind, source.code) != program_codes.meaning(kind, target.code):
        found.append(str(program_codes.PLACES[kind]))
    return list(dict.fromkeys(found))


def _rules(session: Session, source: DictItem) -> list[EligibilityRule]:
    wanted = rule_values.of_dictionary(source.kind)
    return [
        rule
        for rule in rule_values.rules(session)
        if source.code in rule_values.codes_in(rule, wanted)
    ]


def _change_rule(rule: EligibilityRule, source: DictItem, target: DictItem, actor: Actor) -> None:
    wanted = rule_values.of_dictionary(source.kind)
    rule.parameters = rule_values.replaced(rule, wanted, source.code, target.code)
    audit(
        "rule",
        actor=actor,
        subject=f"eligibility_rule:{rule.id}",
        details={"name": rule.name, "from": source.label, "to": target.label},
    )


def _change_sections(session: Session, source: DictItem, new: str) -> None:
    """Write `new` for the code of `source` wherever a section has it, a page of sections at a time."""
    fields = usage.fields_by_version(session, source.kind)
    last = 0
    while found := _sections(session, fields, source.code, last):
        for key, version, name in found:
            _change_section(session, key, fields[version][name], source.code, new)
        last = found[-1][0]


def _sections(
    session: Session, fields: Fields, code: str, last: int
) -> Sequence[tuple[int, int, str]]:
    query = (
        select(Section.id, Application.form_version, Section.key)
        .join(Application, Application.id == Section.application_id)
        .where(
            usage.has_value(fields, code, Section.rows, Section.previous_rows), Section.id > last
        )
    )
    return session.execute(query.order_by(Section.id).limit(AT_ONCE)).tuples().all()


def _change_section(session: Session, key: int, names: frozenset[str], old: str, new: str) -> None:
    """Change one section; an applicant who saves it at the same moment loses nothing."""
    columns = (Section.rows, Section.previous_rows, Section.revision)
    while True:
        rows, before, revision = (
            session.execute(select(*columns).where(Section.id == key)).tuples().one()
        )
        done = session.execute(
            update(Section)
            .where(Section.id == key, Section.revision == revision)
            .values(
                rows=[_changed(row, names, old, new) for row in rows],
                previous_rows=before
                and [{**one, "row": _changed(one["row"], names, old, new)} for one in before],
                revision=revision + 1,
            )
            .execution_options(synchronize_session="fetch")
        )
        if done.rowcount:  # type: ignore[attr-defined]  # the result of an UPDATE has one
            return


def _changed(row: Row, names: frozenset[str], old: str, new: str) -> Row:
    return {name: new if name in names and value == old else value for name, value in row.items()}
