"""Prefill sections from own data, the certificate register, an earlier application and past years.

Prefilling never overwrites: only empty fields are filled and only missing rows are added. The caller gets the
values filled in; they can be taken back as long as nobody changed them since.
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
from app.services.dossier.filling import SaveResult
from app.services.dossier.merging import Change, Texts
from app.services.form import form_definition, form_uses
from app.services.form.form_definition import Field, Form, Offered, SectionDef
from app.services.form.form_uses import Use

TITLES, CERTIFICATE_ROW = "titles", "cert"
"""Key of the section of titles held; prefix of the ids of rows taken from the register."""
YEARLY: Mapping[str, int] = {"assessments": 5, "continuing": 5}
"""Section with one row per year → number of years back; fewer if a title was obtained later."""
REVIEW = "review"
"""Code of 评审 (by review) in the dictionary of ways to obtain a title."""
PERSONAL = ("email",)
"""Columns of the person that a form may ask for in a field of the same name."""


@dataclass(frozen=True)
class Proposal:
    """Values one source offers for one section: rows by id, only what is not there yet."""

    source: str
    section: SectionDef
    rows: dict[str, Texts]

    @property
    def key(self) -> str:
        """Return the key by which `take` chooses the proposal: source and section."""
        return f"{self.source}.{self.section.key}"

    @property
    def count(self) -> int:
        """Return the number of fields the proposal fills."""
        return sum(bool(text) for row in self.rows.values() for text in row.values())


@dataclass(frozen=True)
class Source:
    """A source of values, its label and its proposals."""

    key: str
    label: str
    proposals: list[Proposal]


@dataclass
class _Context:
    """Context for making proposals: the application, its form, the choices and the stored rows."""

    application: Application
    form: Form
    offered: Offered
    stored: dict[str, dict[str, merging.Row]]

    @property
    def session(self) -> Session:
        return object_session(self.application) or db.session()


def sources(application: Application) -> list[Source]:
    """Return the sources with at least one proposal, each with its proposals per section."""
    context = _context(application)
    found = [
        Source(key, label, list(_fitting_proposals(context, key, proposed(context))))
        for key, (label, proposed) in _proposal_makers(context).items()
    ]
    return [one for one in found if one.proposals]


def fill_in(
    application: Application, keys: Sequence[str], *, actor: Actor, at: datetime
) -> list[tuple[Proposal, SaveResult]]:
    """Fill in the proposals named by `keys` and return each with the result of its save.

    The caller commits. Raises Refused when nothing remains to be filled in, a section is closed or would have
    too many rows.
    """
    taken = []
    for source in sources(application):
        for proposal in source.proposals:
            if proposal.key not in keys:
                continue
            # computed again, because a proposal before it may have filled the same fields
            for fresh in _fitting_proposals(
                _context(application), source.key, [(proposal.section, proposal.rows)]
            ):
                now = filling.section_state(application, fresh.section.key)
                change = _as_change(now.rows, fresh)
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


def undo_fill_in(
    application: Application,
    filled: Mapping[str, Mapping[str, Texts]],
    *,
    actor: Actor,
    at: datetime,
) -> int:
    """Empty the fields that `take` filled and nobody changed since; return their number.

    `filled` is {section: {row: {field: text}}} as it was filled in. Raises Refused when no field is left to
    be emptied.
    """
    count = 0
    for key, rows in filled.items():
        section, _form = filling.open_section(application, key, actor)
        now = filling.section_state(application, key)
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
    """Return the ids of rows that equal the entry in the register of certificates they came from."""
    ids = {
        row: row.removeprefix(CERTIFICATE_ROW) for row in rows if row.startswith(CERTIFICATE_ROW)
    }
    wanted = [int(number) for number in ids.values() if number.isdecimal() and len(number) < 10]
    if section.key != TITLES or not wanted:
        return set()
    context = _context(application)
    registered = {
        f"{CERTIFICATE_ROW}{one.id}": _certificate_texts(one)
        for one in _certificates(context)
        if one.id in wanted
    }
    return {
        row
        for row in ids
        if row in registered
        and all(
            rows[row].get(key, "") == text
            for key, text in _valid_texts(context, section, registered[row]).items()
        )
    }


def earlier(application: Application) -> Application | None:
    """Return the person's latest application before this one, discarded drafts excepted, or None."""
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


Proposed = Iterator[tuple[SectionDef, dict[str, Texts]]]
Maker = Callable[[_Context], Proposed]


def _proposal_makers(context: _Context) -> dict[str, tuple[str, Maker]]:
    makers: dict[str, tuple[str, Maker]] = {
        "person": (gettext("Your own data"), _from_person),
        "register": (gettext("The register of certificates"), _from_certificates),
    }
    if before := earlier(context.application):
        label = gettext(
            "Your application %(number)s of %(year)s",
            number=before.number,
            year=before.review_year,
        )
        makers["earlier"] = (label, lambda one: _from_earlier(one, before))
    makers["years"] = (gettext("The years since your title"), _from_years)
    return makers


def _from_person(context: _Context) -> Proposed:
    """Yield the person's own data for sections that ask for it in a field of the same name."""
    for section in context.form.sections:
        names = [one.key for one in section.typed_fields if one.key in PERSONAL]
        if section.is_repeated or not names:
            continue
        person = context.application.person
        yield (
            section,
            {filling.SINGLE_ROW_ID: {name: getattr(person, name) or "" for name in names}},
        )


def _from_certificates(context: _Context) -> Proposed:
    section = context.form.section(TITLES)
    if section is None:
        return
    known = {row.get("certificate_number") for row in context.stored.get(TITLES, {}).values()}
    rows = {
        f"{CERTIFICATE_ROW}{one.id}": _certificate_texts(one)
        for one in _certificates(context)
        if one.number not in known
    }
    yield section, rows


def _certificates(context: _Context) -> Sequence[Certificate]:
    query = (
        select(Certificate)
        .where(
            Certificate.person_id == context.application.person_id,
            Certificate.state == CertificateState.VALID,
        )
        .options(
            joinedload(Certificate.title),
            joinedload(Certificate.specialty),
            joinedload(Certificate.committee),
        )
        .order_by(Certificate.obtained_on)
    )
    return context.session.scalars(query).all()


def _certificate_texts(one: Certificate) -> Texts:
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


def _from_earlier(context: _Context, before: Application) -> Proposed:
    """Yield the sections of an earlier application; only fields whose kind is still the same."""
    form = form_definition.load(context.session, before.form_version)
    saved = dossier.stored(before)
    for section in context.form.sections:
        old = form.section(section.key)
        if old is None or section.key not in saved:
            continue
        kinds = {(one.key, one.kind) for one in old.typed_fields}
        names = [one.key for one in section.typed_fields if (one.key, one.kind) in kinds]
        rows = [
            {n: merging.as_form_text(row.get(n)) for n in names} for row in saved[section.key].rows
        ]
        if not section.is_repeated:
            rows = rows[:1]
        yield section, {_new_id(section, f"e{before.id}x{at}"): row for at, row in enumerate(rows)}


def _from_years(context: _Context) -> Proposed:
    """Yield a row, with the employer, for each missing year since the latest title (at most YEARLY years)."""
    last = context.application.review_year - 1
    obtained = [
        str(row.get("obtained_on") or "")[:4] for row in context.stored.get(TITLES, {}).values()
    ]
    since = max((int(year) for year in obtained if year.isdecimal()), default=0) + 1
    for key, most in YEARLY.items():
        section = context.form.section(key)
        if section is None or "year" not in {one.key for one in section.typed_fields}:
            continue
        first = max(last - most + 1, since)
        there = {str(row.get("year")) for row in context.stored.get(key, {}).values()}
        years = [str(year) for year in range(first, last + 1) if str(year) not in there]
        unit = context.application.unit.name
        yield section, {f"y{year}": {"year": year, "unit": unit} for year in years}


def _context(application: Application) -> _Context:
    form = dossier.form_of(application)
    session = object_session(application) or db.session()
    stored = {
        key: merging.rows_by_id(one.rows, one.row_ids)
        for key, one in dossier.stored(application).items()
    }
    return _Context(application, form, form_definition.offered(session, form), stored)


def _fitting_proposals(
    context: _Context, source: str, proposed: Iterator[Any] | Sequence[Any]
) -> Iterator[Proposal]:
    """Yield the proposed values that are valid in this form, belong to an open section and are new."""
    for section, rows in proposed:
        if dossier.why_closed(context.application, section.key):
            continue
        stored = filling.texts_of(section, context.stored.get(section.key, {}))
        readable = {key: _valid_texts(context, section, row) for key, row in rows.items()}
        wanted = (
            _new_rows(readable, stored) if section.is_repeated else _empty_fields(readable, stored)
        )
        room = max(section.max_rows - len(stored), 0) if section.is_repeated else 1
        if wanted and room:
            yield Proposal(source, section, dict(list(wanted.items())[:room]))


def _valid_texts(context: _Context, section: SectionDef, row: Mapping[str, str]) -> Texts:
    fields: dict[str, Field] = {one.key: one for one in section.typed_fields}
    known = {key: text for key, text in row.items() if key in fields and text}
    outcome = merging.merge_change(section, context.offered, {}, Change(added={"x": known}))
    return {
        key: text for key, text in merging.texts(section, outcome.rows.get("x", {})).items() if text
    }


def _new_rows(rows: Mapping[str, Texts], stored: Mapping[str, Texts]) -> dict[str, Texts]:
    """Return the rows that are not contained in a stored row."""
    return {
        key: row
        for key, row in rows.items()
        if row
        and key not in stored
        and not any(all(one.get(k) == text for k, text in row.items()) for one in stored.values())
    }


def _empty_fields(rows: Mapping[str, Texts], stored: Mapping[str, Texts]) -> dict[str, Texts]:
    here = stored.get(filling.SINGLE_ROW_ID, {})
    found = {key: text for row in rows.values() for key, text in row.items() if not here.get(key)}
    return {filling.SINGLE_ROW_ID: found} if found else {}


def _as_change(stored: Mapping[str, merging.Row], proposal: Proposal) -> Change:
    change = Change()
    for key, row in proposal.rows.items():
        if key in stored:
            change.fields[key] = {name: ("", text) for name, text in row.items()}
        else:
            change.added[key] = row
    return change


def _new_id(section: SectionDef, wanted: str) -> str:
    return wanted if section.is_repeated else filling.SINGLE_ROW_ID


@form_uses.register
def uses() -> Iterator[Use]:
    """Yield the fields that are taken over from the register of certificates, own data and past years."""
    register = gettext("what is taken over from the register of certificates")
    for field in ("series", "level", "obtained_on", "certificate_number"):
        yield Use(TITLES, field, register)
    for section in YEARLY:
        yield Use(section, "year", gettext("what is taken over for the years since the title"))
    for field in PERSONAL:
        yield Use("basic", field, gettext("what is taken over from one's own data"))
