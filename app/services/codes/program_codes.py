"""Codes by which the program itself counts or decides, with what they mean to it."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.services.rules.rule_counts import EXCUSED
from app.services.rules.rule_subject import ACADEMIC, EDUCATION

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "education": {code: degree.value for code, degree in EDUCATION.items()},
    "degree": {code: degree.value for code, degree in ACADEMIC.items()},
    "assessment": {code: code for code in ("excellent", "basic", "failed", EXCUSED)},
    "acquisition": {"review": "review"},
    "yes_no": {"yes": "yes", "no": "no"},
}
"""Dictionary → code → meaning; codes with one meaning may be merged."""
PLACES: Mapping[str, Any] = {
    "education": _("program: conditions compare levels of education"),
    "degree": _("program: conditions compare degrees"),
    "assessment": _("program: conditions count assessments"),
    "acquisition": _("program: the title held is filled in as obtained by review"),
    "yes_no": _("program: answers yes and no"),
}
NEEDED: Mapping[str, frozenset[str]] = {
    "assessment": frozenset({"excellent", EXCUSED}),
    "acquisition": frozenset({"review"}),
    "yes_no": frozenset({"yes", "no"}),
}
"""Dictionary → codes that have to stay offered."""


def meaning(kind: str, code: str) -> str | None:
    """Return what a code means to the program; None if it is like any other."""
    return MEANINGS.get(kind, {}).get(code)
