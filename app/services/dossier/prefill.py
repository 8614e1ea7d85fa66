"""What a section can be filled with beforehand: own data, the register of certificates, last year, the years.

Nothing that is typed is ever overwritten: a field is filled only where it is empty, a row added only where it
is not there yet. What was filled in is said and can be taken back as long as nobody changed it since.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, object_session

from app.engine import Refused
from app.enums import ApplicationState, CertificateState
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Certificate
from app.services.dossier import dossier, filling, merging
from app.services.dossier.filling import Saved
from app.services.dossier.merging import Change, Texts
from app.services.form import form_definition
from app.services.form.form_definition import Field, Form, Offered, SectionDef

TITLES, CERTIFICATE_ROW = "titles", "cert"
"""The section of titles held; how the ids of rows begin that come from the register."""
YEARLY: Mapping[str, int] = {"assessments": 5, "continuing": 5}
"""Sections with a row a year → how many years back, unless a title was obtained later."""
REVIEW = "review"
"""The code of 评审 in the dictionary of ways in which a title is obtained."""
PERSONAL = ("email",)
"""Own data that a form may ask for in a field of the same name."""


@dataclass(frozen=True)
class Proposal:
    """What one source would put into one section: rows by id, only what is not there yet."""

    source: str
    section: SectionDef
    rows: dict[str, Texts]

    @property
    def key(self) -> str:
        return f"{self.source}.{self.section.key}"

    @property
    def count(self) -> int:
        """Return how many fields it would fill."""
        return sum(bool(text) for row in self.rows.values() for text in row.values())


@dataclass(frozen=True)
class Source:
    """Where something can be taken from, in words, and what that would be."""

    key: str
    label: str
    proposals: list[Proposal]


@dataclass
class _Case:
    """An application while proposals are made for it: its form, its choices, what is stored."""

    application: Application
    form: Form
    offered: Offered
    stored: dict[str, dict[str, merging.Row]]

    @property
    def session(self) -> Session:
        return object_session(self.application) or db.session()


def sources(application: Application) -> list[Source]:
    """Return everything that could be taken over, section by section; sources with nothing are left out."""
    case = _case(application)
    found = [
        Source(key, label, list(_fitting(case, key, proposed(case))))
        for key, (label, proposed) in _makers(case).items()
    ]
    return [one for one in found if one.proposals]


def take(
    application: Application, keys: Sequence[str], *, actor: Actor, at: datetime
) -> list[tuple[Proposal, Saved]]:
    """Fill in the chosen proposals; the caller commits. Returns each with the section as it is then.

    Raises Refused when a section is closed or would have too many rows.
    """
    taken = []
    for source in sources(application):
        for proposal in source.proposals:
            if proposal.key not in keys:
                continue
            # anew, as an earlier one may have filled the same places
            for fresh in _fitting(
                _case(application), source.key, [(proposal.section, proposal.rows)]
            ):
                now = filling.filled(application, fresh.section.key)
                change = _change(now.rows, fresh)
                saved = filling.save_once(
                    application,
                    fresh.section.key,
                    change,
                    actor=actor,
                    at=at,
                    seen=now.revision,
                )
                taken.append((fresh, saved))
    if not taken:
        raise Refused(gettext("Nothing was chosen that is not there already."))
    return taken


def take_back(
    application: Application,
    filled: Mapping[str, Mapping[str, Texts]],
    *,
    actor: Actor,
    at: datetime,
) -> int:
    """Empty again what `take` filled, {section: {row: {field: text}}}, where it still stands as filled.

    Returns how many fields were emptied. Raises Refused when nothing was.
    """
    count = 0
    for key, rows in filled.items():
        section, _form = filling.open_section(application, key, actor)
        now = filling.filled(application, key)
        change = Change()
        for row, fields in rows.items():
            here = merging.texts(section, now.rows[row]) if row in now.rows else {}
            same = {
                name: (text, "") for name, text in fields.items() if text and here.get(name) == text
            }
            if same:
                change.fields[row] = dict(same)
                count += len(same)
        filling.save_once(application, key, change, actor=actor, at=at, seen=now.revision)
    if not count:
        raise Refused(gettext("There is nothing to put back."))
    return count


def from_register(
    application: Application, section: SectionDef, rows: Mapping[str, Texts]
) -> set[str]:
    """Return the ids of rows that stand as the register of certificates has them."""
    ids = {
        row: row.removeprefix(CERTIFICATE_ROW) for row in rows if row.startswith(CERTIFICATE_ROW)
    }
    wanted = [int(number) for number in ids.values() if number.isdecimal() and len(number) < 10]
    if section.key != TITLES or not wanted:
        return set()
    case = _case(application)
    registered = {
        f"{CERTIFICATE_ROW}{one.id}": _of_certificate(one)
        for one in _certificates(case)
        if one.id in wanted
    }
    return {
        row
        for row in ids
        if row in registered
        and all(
            rows[row].get(key, "") == text
            for key, text in _readable(case, section, registered[row]).items()
        )
    }


def earlier(application: Application) -> Application | None:
    """Return the person's latest other application, from which sections may be taken over."""
    session = object_session(application) or db.session()
    query = (
        select(Application)
        .where(
            Application.person_id == application.person_id,
            Application.id < application.id,
            Application.state != ApplicationState.DISCARDED,
        )
        .order_by(Application.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


# where it comes from

Proposed = Iterator[tuple[SectionDef, dict[str, Texts]]]
Maker = Callable[[_Case], Proposed]


def _makers(case: _Case) -> dict[str, tuple[str, Maker]]:
    makers: dict[str, tuple[str, Maker]] = {
        "person": (gettext("Your own data"), _from_person),
        "register": (gettext("The register of certificates"), _from_certificates),
    }
    if before := earlier(case.application):
        label = gettext(
            "Your application %(number)s of %(year)s",
            number=before.number,
            year=before.review_year,
        )
        makers["earlier"] = (label, lambda one: _from_earlier(one, before))
    makers["years"] = (gettext("The years since your title"), _from_years)
    return makers


def _from_person(case: _Case) -> Proposed:
    """Own data that a section asks for once more, in a field of the same name."""
    for section in case.form.sections:
        names = [one.key for one in section.typed_fields if one.key in PERSONAL]
        if section.is_repeated or not names:
            continue
        person = case.application.person
        yield section, {filling.ONLY: {name: getattr(person, name) or "" for name in names}}


def _from_certificates(case: _Case) -> Proposed:
    section = case.form.section(TITLES)
    if section is None:
        return
    known = {row.get("certificate_number") for row in case.stored.get(TITLES, {}).values()}
    rows = {
        f"{CERTIFICATE_ROW}{one.id}": _of_certificate(one)
        for one in _certificates(case)
        if one.number not in known
    }
    yield section, rows


def _certificates(case: _Case) -> Sequence[Certificate]:
    query = (
        select(Certificate)
        .where(
            Certificate.person_id == case.application.person_id,
            Certificate.state == CertificateState.VALID,
        )
        .options(
            joinedload(Certificate.title),
            joinedload(Certificate.specialty),
            joinedload(Certificate.committee),
        )
        .order_by(Certificate.obtained_on)
    )
    return case.session.scalars(query).all()


def _of_certificate(one: Certificate) -> Texts:
    return {
        "series": one.series_code,
        "level": one.level.value,
        "name": one.title.name,
        "specialty": one.specialty.name,
        "acquisition": REVIEW,
        "obtained_on": one.obtained_on.isoformat(),
        "body": one.committee.name,
        "certificate_number": one.number,
    }


def _from_earlier(case: _Case, before: Application) -> Proposed:
    """Sections of an earlier application; of a field only where its kind is still the same."""
    form = form_definition.load(case.session, before.form_version)
    saved = dossier.stored(before)
    for section in case.form.sections:
        old = form.section(section.key)
        if old is None or section.key not in saved:
            continue
        kinds = {(one.key, one.kind) for one in old.typed_fields}
        names = [one.key for one in section.typed_fields if (one.key, one.kind) in kinds]
        rows = [{n: merging.shown(row.get(n)) for n in names} for row in saved[section.key].rows]
        if not section.is_repeated:
            rows = rows[:1]
        yield section, {_new_id(section, f"e{before.id}x{at}"): row for at, row in enumerate(rows)}


def _from_years(case: _Case) -> Proposed:
    """A row for every year that has none yet, with the employer, back to the latest title."""
    last = case.application.review_year - 1
    obtained = [
        str(row.get("obtained_on") or "")[:4] for row in case.stored.get(TITLES, {}).values()
    ]
    since = max((int(year) for year in obtained if year.isdecimal()), default=0) + 1
    for key, most in YEARLY.items():
        section = case.form.section(key)
        if section is None or "year" not in {one.key for one in section.typed_fields}:
            continue
        first = max(last - most + 1, since)
        there = {str(row.get("year")) for row in case.stored.get(key, {}).values()}
        years = [str(year) for year in range(first, last + 1) if str(year) not in there]
        unit = case.application.unit.name
        yield section, {f"y{year}": {"year": year, "unit": unit} for year in years}


# what of it fits


def _case(application: Application) -> _Case:
    form = dossier.form_of(application)
    session = object_session(application) or db.session()
    stored = {
        key: merging.by_id(one.rows, one.row_ids)
        for key, one in dossier.stored(application).items()
    }
    return _Case(application, form, form_definition.offered(session, form), stored)


def _fitting(
    case: _Case, source: str, proposed: Iterator[Any] | Sequence[Any]
) -> Iterator[Proposal]:
    """Yield what can be read by this form, goes into an open section and is not there yet."""
    for section, rows in proposed:
        if dossier.why_closed(case.application, section.key):
            continue
        stored = filling.texts_of(section, case.stored.get(section.key, {}))
        readable = {key: _readable(case, section, row) for key, row in rows.items()}
        wanted = (
            _new_rows(readable, stored) if section.is_repeated else _empty_fields(readable, stored)
        )
        room = max(section.max_rows - len(stored), 0) if section.is_repeated else 1
        if wanted and room:
            yield Proposal(source, section, dict(list(wanted.items())[:room]))


def _readable(case: _Case, section: SectionDef, row: Mapping[str, str]) -> Texts:
    fields: dict[str, Field] = {one.key: one for one in section.typed_fields}
    known = {key: text for key, text in row.items() if key in fields and text}
    outcome = merging.put_onto(section, case.offered, {}, Change(added={"x": known}))
    return {
        key: text for key, text in merging.texts(section, outcome.rows.get("x", {})).items() if text
    }


def _new_rows(rows: Mapping[str, Texts], stored: Mapping[str, Texts]) -> dict[str, Texts]:
    """Return the rows of which no stored one says the same."""
    return {
        key: row
        for key, row in rows.items()
        if row
        and key not in stored
        and not any(all(one.get(k) == text for k, text in row.items()) for one in stored.values())
    }


def _empty_fields(rows: Mapping[str, Texts], stored: Mapping[str, Texts]) -> dict[str, Texts]:
    here = stored.get(filling.ONLY, {})
    found = {key: text for row in rows.values() for key, text in row.items() if not here.get(key)}
    return {filling.ONLY: found} if found else {}


def _change(stored: Mapping[str, merging.Row], proposal: Proposal) -> Change:
    change = Change()
    for key, row in proposal.rows.items():
        if key in stored:
            change.fields[key] = {name: ("", text) for name, text in row.items()}
        else:
            change.added[key] = row
    return change


def _new_id(section: SectionDef, wanted: str) -> str:
    return wanted if section.is_repeated else filling.ONLY
