"""Texts for stored conditions: labels of facts, the values a fact may have, a condition as a sentence."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import select

from app.enums import ApplyMode, Employment, Labelled, Level, UnitKind
from app.extensions import db
from app.models import Series, Title

Condition = Mapping[str, Sequence[str]]
Pair = tuple[str, str]

LABELS: dict[str, LazyString] = {
    "by": _("Who uploads"),
    "mode": _("Way of applying"),
    "level": _("Level"),
    "series": _("Series"),
    "title": _("Title applied for"),
    "employment": _("Employment"),
    "unit_kind": _("Kind of unit"),
}
"""Fact → its label, in display order."""
LONG = frozenset({"series", "title"})
"""Facts with many values, whose list is shown collapsed."""
USUAL = ("mode", "level", "series", "employment", "unit_kind")
UPLOADERS: list[tuple[str, LazyString]] = [("applicant", _("Applicant")), ("unit", _("Unit"))]


def offered(fact: str) -> list[Pair]:
    """Return the (value, label) pairs a fact may have; empty for an unknown fact."""
    return OFFERED[fact]() if fact in OFFERED else []


def read(values: Iterable[str]) -> dict[str, list[str]] | None:
    """Parse ticked boxes such as `level=senior` into a condition, in the order of `LABELS`; None if empty."""
    chosen = [value.partition("=")[::2] for value in values]
    condition = {
        fact: list(dict.fromkeys(value for other, value in chosen if other == fact))
        for fact in [*LABELS, *dict.fromkeys(fact for fact, _value in chosen)]
    }
    return {fact: found for fact, found in condition.items() if found} or None


def ticks(condition: Condition | None) -> list[str]:
    """Return the ticked boxes of a condition, the inverse of `read`."""
    return [f"{fact}={value}" for fact, values in (condition or {}).items() for value in values]


def condition_text(condition: Condition | None) -> str:
    """Return a condition as text, such as “Level: senior, deputy; Series: …”; empty if it always holds."""
    return gettext("; ").join(
        gettext(
            "%(fact)s: %(values)s",
            fact=LABELS.get(fact, fact),
            values=gettext(", ").join(_words(fact, values)),
        )
        for fact, values in (condition or {}).items()
    )


def exclusion_text(condition: Condition | None) -> str:
    """Return a condition of which one fact is enough as text, such as “Level: senior, or Series: …”."""
    return gettext(", or ").join(
        condition_text({fact: values}) for fact, values in (condition or {}).items()
    )


def _words(fact: str, values: Sequence[str]) -> list[str]:
    known = dict(offered(fact))
    if fact in LONG and not known.keys() >= set(values):
        known |= _retired(fact)
    return [known.get(value, value) for value in values]


def _retired(fact: str) -> dict[str, str]:
    """Return the series or titles that are not offered any more and may stand in old conditions."""
    model = Series if fact == "series" else Title
    found = db.session.scalars(select(model).where(~model.is_active))
    return {one.code: f"{one.code} {one.name}" for one in found}


def _of_enum(kind: type[Labelled]) -> Callable[[], list[Pair]]:
    return lambda: [(member.value, str(member.label)) for member in kind]


def _uploaders() -> list[Pair]:
    return [(value, str(label)) for value, label in UPLOADERS]


def _series() -> list[Pair]:
    found = db.session.scalars(select(Series).where(Series.is_active).order_by(Series.code))
    return [(one.code, f"{one.code} {one.name}") for one in found]


def _titles() -> list[Pair]:
    found = db.session.scalars(select(Title).where(Title.is_active).order_by(Title.code))
    return [(one.code, f"{one.code} {one.name}") for one in found]


OFFERED: dict[str, Callable[[], list[Pair]]] = {
    "by": _uploaders,
    "mode": _of_enum(ApplyMode),
    "level": _of_enum(Level),
    "series": _series,
    "title": _titles,
    "employment": _of_enum(Employment),
    "unit_kind": _of_enum(UnitKind),
}
