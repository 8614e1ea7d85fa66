"""Load, check and publish versions of the application form, which is stored as data.

An application stays on the version it began with; a published version never changes. `form_parts` has the
vocabulary of a definition; unknown words are refused on publication, so that applicants never meet them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, event, func, inspect, select
from sqlalchemy.orm import Session, object_session

from app.enums import Level
from app.extensions import db
from app.ground import clock, paths, read_once
from app.models import Application, DictItem, FormDefinition, Series, version_stamps
from app.services.form import condition_facts, form_dictionaries, form_faults
from app.services.form.form_parts import (
    CONDITION_FACTS,
    KINDS,
    LIMITS,
    LONGEST,
    MATERIALS,
    MOST_ROWS,
    RULE_NUMBERS,
    RULES,
    USUAL_ROWS,
    Field,
    Form,
    Offered,
    SectionDef,
    Words,
    for_application,
)

Published = tuple[int, int, datetime | None]
"""A version of the form: number, row and when it was published, None for a draft."""
VERSION = select(FormDefinition.form_version, FormDefinition.id, FormDefinition.published_at).where(
    FormDefinition.form_version == bindparam("version")
)
MOST_REDUCED = 200
SHIPPED = paths.DATA / "form.json"


class BadDefinitionError(ValueError):
    """Error for an unusable form definition; the message names the place of each fault."""


def seed_form(session: Session, *, at: datetime) -> bool:
    """Publish the form shipped with the program unless its version exists; return whether it was published.

    Earlier versions stay for the applications that began with them. The caller commits.
    """
    body = json.loads(SHIPPED.read_text(encoding="utf-8"))
    known = select(FormDefinition.id).where(FormDefinition.form_version == body["version"])
    if session.scalar(known):
        return False
    row = FormDefinition(form_version=body["version"], title=body["title"], body=body)
    session.add(row)
    publish(row, at=at)
    session.flush()
    return True


def publish(row: FormDefinition, *, at: datetime) -> None:
    """Publish a draft: new applications use it from now on, and it cannot be changed any more.

    Raises `BadDefinitionError` with every fault, each naming its place. The caller commits.
    """
    if found := faults(row.body):
        raise BadDefinitionError("\n".join(found))
    row.title = row.body["title"]
    row.published_at = at


def faults(body: Any) -> list[str]:
    """Return the faults that prevent publication, each a sentence naming its place."""
    return list(form_faults.shape_faults(body)) or list(form_faults.reference_faults(body))


def newest_version(session: Session) -> int:
    """Return the number of the newest published version not taken back, which new applications use; 1 if there is none."""
    holds = FormDefinition.published_at.is_not(None) & FormDefinition.withdrawn_at.is_(None)
    return int(session.scalar(select(func.max(FormDefinition.form_version)).where(holds)) or 1)


def load(session: Session, version: int) -> Form:
    """Return the form of `version`; published versions are cached per process."""
    return _load(session, version)[1]


def _load(session: Session, version: int) -> tuple[Published, Form]:
    known = read_once.of(
        session,
        ("form", version),
        (FormDefinition,),
        lambda: session.execute(VERSION, {"version": version}).tuples().one(),
    )
    form = BUILT.get(known) if known[2] else None
    if form is None:
        body_of = select(FormDefinition.body).where(FormDefinition.form_version == version)
        form = _form(version, session.scalars(body_of).one())
        if known[2]:
            BUILT[known] = form
    return known, form


BUILT: dict[Published, Form] = {}
"""Cache of published forms in this process; never stale, as published versions do not change."""
REDUCED: dict[tuple[Published, tuple[tuple[str, str], ...]], Form] = {}
"""Cache of what of a published form applies to the same facts, likewise."""


def of_application(application: Application) -> Form:
    """Return the form version the application began with, reduced to what applies to it."""
    known, form = _load(object_session(application) or db.session(), application.form_version)
    facts = condition_facts.facts_of(application)
    key = (known, tuple(facts.items()))
    reduced = REDUCED.get(key) or for_application(form, facts)
    if known[2]:
        if len(REDUCED) >= MOST_REDUCED:
            REDUCED.clear()
        REDUCED[key] = reduced
    return reduced


def offered(session: Session, form: Form) -> Offered:
    """Return what every dictionary the form uses offers today, and those that come about with it: {dictionary: {code: label}}."""
    found: Offered = {key: dict(form.drafted.get(key, {})) for key in form.dictionaries()}
    for kind, code, label, is_offered in _codes(session, form):
        if is_offered:
            found[kind][code] = label
    if "series" in found:
        known = _series(session)
        found["series"] = {code: name for code, name, is_offered in known if is_offered}
    if "level" in found:
        found["level"] = {level.value: str(level.label) for level in Level}
    return found


def offered_ever(session: Session, form: Form) -> Offered:
    """Return what every dictionary the form uses offers today, then what it offers no more, for values of the past."""
    found = offered(session, form)
    for kind, code, label, _is_offered in _codes(session, form):
        found[kind].setdefault(code, label)
    if "series" in found:
        for code, name, _is_offered in _series(session):
            found["series"].setdefault(code, name)
    return found


def _codes(session: Session, form: Form) -> Sequence[Row[tuple[str, str, str, bool]]]:
    """Return (dictionary, code, label, whether it is offered today) of every code the form may contain."""
    kinds, today = tuple(sorted(form.dictionaries())), clock.local_date(clock.now())
    # hundreds of rows at every page of a form: columns, not objects
    query = select(
        DictItem.kind, DictItem.code, DictItem.label, DictItem.is_offered_on(today)
    ).where(DictItem.kind.in_(kinds))
    return read_once.of(
        session,
        ("codes", kinds, today),
        (DictItem,),
        lambda: session.execute(query.order_by(DictItem.kind, DictItem.order)).all(),
    )


def _series(session: Session) -> Sequence[Row[tuple[str, str, bool]]]:
    query = select(Series.code, Series.name, Series.is_active).order_by(Series.code)
    return read_once.of(session, "series", (Series,), lambda: session.execute(query).all())


def parse(version: int, body: Mapping[str, Any]) -> Form:
    """Build the form described by a definition; raises `BadDefinitionError` naming each fault's place."""
    if found := list(form_faults.shape_faults(body)):
        raise BadDefinitionError("\n".join(found))
    drafted = {key: one["values"] for key, one in form_dictionaries.of(body).items()}
    return replace(_form(version, body), drafted=drafted)


@event.listens_for(FormDefinition, "before_update")
def _keep_published(_mapper: Any, connection: Connection, row: FormDefinition) -> None:
    """Renew the stamp at a publication; raise ValueError when the body of a published version is about to be changed."""
    attributes: Any = inspect(row).attrs
    if attributes.published_at.history.has_changes():
        version_stamps.renew(connection)
    was = attributes.published_at.history
    published = (was.unchanged or was.deleted or [None])[0]
    if published is not None and attributes.body.history.has_changes():
        raise ValueError("a published version of the form was about to be changed")


@event.listens_for(FormDefinition, "after_insert")
def _stamp_published(_mapper: Any, connection: Connection, row: FormDefinition) -> None:
    """Renew the stamp when a version comes published, as the shipped one does."""
    if row.published_at is not None:
        version_stamps.renew(connection)


def _form(version: int, body: Mapping[str, Any]) -> Form:
    commitment = body["commitment"]
    return Form(
        version=version,
        words=_words(body, "title"),
        sections=tuple(_section(part) for part in body["sections"]),
        commitment_version=commitment["version"],
        commitment_words=_words(commitment, "text"),
        secrets_words=_words(commitment, "secrets"),
    )


def _section(part: Mapping[str, Any]) -> SectionDef:
    least, most = _row_limits(part)
    return SectionDef(
        key=part["key"],
        words=_words(part, "label"),
        fields=tuple(_field(one) for one in part["fields"]),
        is_repeated=part.get("is_repeated", False),
        min_rows=least,
        max_rows=most,
        row_title=part.get("row_title", ""),
        help_words=_words(part, "help"),
        materials=tuple(part.get("materials", ())),
        rules=tuple(part.get("rules", ())),
        shown_when=part.get("shown_when") or {},
        hidden_when=part.get("hidden_when") or {},
    )


def _row_limits(part: Mapping[str, Any]) -> tuple[int, int]:
    """Return least and most rows, so that every published section can be filled in.

    Forms published earlier may ask for more rows than fit.
    """
    least = part.get("min_rows", 0)
    if not part.get("is_repeated"):
        return min(least, 1), 1
    return least, max(least, part.get("max_rows", USUAL_ROWS))


def _field(part: Mapping[str, Any]) -> Field:
    kind = part.get("kind", "text")
    least, most = LIMITS.get(kind, (0, 0))
    return Field(
        key=part["key"],
        words=_words(part, "label"),
        kind=kind,
        is_required=part.get("is_required", False),
        is_past=part.get("is_past", False),
        minimum=part.get("min", least),
        maximum=part.get("max", most),
        dictionary=part.get("dictionary", ""),
        source=part.get("source", ""),
        help_words=_words(part, "help"),
        unit_words=_words(part, "unit"),
        shown_when=part.get("shown_when") or {},
        hidden_when=part.get("hidden_when") or {},
        required_when=part.get("required_when") or {},
        visible_when=part.get("visible_when") or {},
    )


def _words(part: Mapping[str, Any], key: str) -> Words:
    return part.get(key, ""), part.get(f"{key}_en", "")


__all__ = [
    "CONDITION_FACTS",
    "KINDS",
    "LIMITS",
    "LONGEST",
    "MATERIALS",
    "MOST_ROWS",
    "RULES",
    "RULE_NUMBERS",
    "BadDefinitionError",
    "Field",
    "Form",
    "Offered",
    "SectionDef",
    "faults",
    "for_application",
    "load",
    "newest_version",
    "of_application",
    "offered",
    "offered_ever",
    "parse",
    "publish",
    "seed_form",
]
