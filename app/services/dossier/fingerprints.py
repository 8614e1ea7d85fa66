"""Fingerprints of a submission: papers, DOIs, patents, certificate numbers, achievements and files, by digest.

They find the same entry in other applications (`similar_cases`), however it is spaced, punctuated or
capitalised. They only inform who handles a case; nothing is refused because of them.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete

from app.enums import FingerprintKind as Kind
from app.extensions import db
from app.models import Application, Fingerprint
from app.services.files import scans
from app.services.form import form_uses
from app.services.form.form_uses import Use
from app.validators import characters

TITLES = {
    "papers": (Kind.PAPER, ("title",)),
    "achievements": (Kind.ACHIEVEMENT, ("name",)),
    "projects": (Kind.ACHIEVEMENT, ("name",)),
}
"""Section of the form → kind and fields that hold a title."""
NUMBERS = {
    "patents": (Kind.PATENT, ("number",)),
    "titles": (Kind.CERTIFICATE, ("certificate_number",)),
    "education": (Kind.CERTIFICATE, ("certificate_number", "degree_number")),
    "continuing": (Kind.CERTIFICATE, ("certificate_number",)),
    "awards": (Kind.CERTIFICATE, ("certificate_number",)),
}
"""Section of the form → kind and fields that hold a number of a document."""
SHORTEST_TITLE = 6
"""Shorter titles, such as “教学改革”, name nothing in particular."""
FEWEST_DIGITS = 4
"""A number with fewer digits is a word such as “无” or “见附件”."""
LONGEST_TEXT = 200
LEADING_WORDS = re.compile(r"^(?:专利号|登记号|标准号|证书编号|证书号|编号|NO|ZL)+")
"""Words in front of a number that some write and others leave out."""
DOI = re.compile(r"10\.\d{4,9}/[^\s,，;；。、()（）\[\]【】]+")
"""A DOI anywhere in a text (ISO 26324): prefix `10.` and registrant, suffix up to a blank or bracket."""

Found = dict[tuple[Kind, str], str]


def write(
    application: Application,
    sections: Mapping[str, Sequence[Mapping[str, Any]]],
    files: Sequence[Mapping[str, Any]],
) -> None:
    """Replace the fingerprints of an application by those of the submitted content; not committed."""
    db.session.execute(
        delete(Fingerprint).where(Fingerprint.application_id == application.id),
        execution_options={"synchronize_session": False},
    )
    db.session.add_all(
        Fingerprint(application_id=application.id, kind=kind, digest=digest, text=text)
        for (kind, digest), text in fingerprints_of(sections, files).items()
    )
    scans.await_reading({file["digest"] for file in files})


def fingerprints_of(
    sections: Mapping[str, Sequence[Mapping[str, Any]]], files: Sequence[Mapping[str, Any]]
) -> Found:
    """Return {(kind, digest): text} of a submitted content, each value once."""
    found: Found = {}
    for kind, value, text in _values(sections):
        found.setdefault((kind, _digest(value)), text[:LONGEST_TEXT])
    for file in files:
        found.setdefault((Kind.FILE, file["digest"]), file["name"][:LONGEST_TEXT])
    return found


def title_value(text: str) -> str | None:
    """Return a title as it is compared: letters and digits alone, in small letters; None if it is too short."""
    value = _letters(text).casefold()
    return value if len(value) >= SHORTEST_TITLE else None


def number_value(text: str) -> str | None:
    """Return a number as it is compared: without leading words and separators; None if it is no number."""
    value = LEADING_WORDS.sub("", _letters(characters.number(text)))
    digits = [one for one in value if one.isdigit()]
    is_number = len(digits) >= FEWEST_DIGITS and len(set(digits)) > 1
    return value if is_number else None


def dois_of(row: Mapping[str, Any]) -> list[str]:
    """Return the DOIs written in any text of a row, in small letters (a DOI has no case)."""
    texts = [characters.plain(text) for text in row.values() if isinstance(text, str)]
    return [one.rstrip(".").lower() for text in texts for one in DOI.findall(text)]


def _values(
    sections: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Iterator[tuple[Kind, str, str]]:
    """Yield (kind, value to compare, text as typed) of every entry that has a value."""
    for read, places in ((title_value, TITLES), (number_value, NUMBERS)):
        for section, (kind, fields) in places.items():
            for text in _texts(sections.get(section, ()), fields):
                if value := read(text):
                    yield kind, value, text
    for row in sections.get("papers", ()):
        for doi in dois_of(row):
            yield Kind.DOI, doi, doi


def _texts(rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> Iterator[str]:
    for row in rows:
        for name in fields:
            if isinstance(text := row.get(name), str):
                yield text


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", characters.plain(text))
    return "".join(one for one in folded if unicodedata.category(one)[0] in "LN")


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


@form_uses.register
def uses() -> Iterator[Use]:
    """Yield the fields that are compared between applications."""
    place = gettext("the comparison with other applications (same entry elsewhere)")
    for places in (TITLES, NUMBERS):
        for section, (_kind, fields) in places.items():
            for field in fields:
                yield Use(section, field, place)
