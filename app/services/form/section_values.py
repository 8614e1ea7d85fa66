"""Parse typed values of a section; used by the page's form, saving, import and prefill."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from app.services.form.form_parts import Field, Offered, Row, SectionDef
from app.validators import Invalid, dates, person_name
from app.validators import email as email_address
from app.validators import phone as mobile
from app.validators import text as plain_text

TICKED = frozenset({"y", "1", "true", "on", "True"})
NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,2})?")
LONGEST_NUMBER = 40
PASTED = str.maketrans(
    {
        **dict.fromkeys("\t", " "),
        **dict.fromkeys("\v\f\x85\u2028\u2029", "\n"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
    }
)
"""Invisible characters that word processors and messengers put into pasted text, and their replacements.

Applied to long texts only; names and numbers with such characters are refused.
"""

Faults = dict[tuple[int, str], str]
"""(row number from 0, field key) → refusal sentence."""


def read_rows(
    section: SectionDef, typed: Sequence[Mapping[str, Any]], offered: Offered
) -> tuple[list[Row], Faults]:
    """Parse typed rows; return the rows in stored form, and the faults. Empty values and rows are valid.

    A field hidden by the other values of its row is parsed too, but an invalid value in it is no fault.
    """
    rows: list[Row] = []
    faults: Faults = {}
    for number, line in enumerate(typed):
        row: Row = {}
        for one in section.typed_fields:
            try:
                row[one.key] = read(one, line.get(one.key), offered)
            except Invalid as invalid:
                row[one.key] = None
                if one.is_visible(row):
                    faults[number, one.key] = str(invalid)
        rows.append(row)
    return rows, faults


def asked(section: SectionDef, row: Mapping[str, Any]) -> Row:
    """Return the row with None in the fields hidden by its other values."""
    kept: Row = {}
    for one in section.typed_fields:
        kept[one.key] = row.get(one.key) if one.is_visible(kept) else None
    return kept


def read(one: Field, typed: Any, offered: Offered) -> Any:
    """Parse one typed value into stored form: text, ISO day or month, number, code or tick; None if empty.

    Raises Invalid with a sentence for the field.
    """
    if one.kind == "tick":
        return typed is True or str(typed) in TICKED
    raw = "" if typed is None else str(typed)
    if not raw.strip():
        return None
    return READERS[one.kind](one, raw, offered)


def is_empty(row: Mapping[str, Any]) -> bool:
    """Say whether all values of a row are empty."""
    return all(value is None or value is False or value == "" for value in row.values())


def _text(one: Field, raw: str, offered: Offered) -> str:
    return plain_text(raw, max_length=one.maximum)


def _area(one: Field, raw: str, offered: Offered) -> str | None:
    return plain_text(raw.translate(PASTED), max_length=one.maximum, multiline=True) or None


def _name(one: Field, raw: str, offered: Offered) -> str:
    return person_name(plain_text(raw, max_length=one.maximum))


def _phone(one: Field, raw: str, offered: Offered) -> str:
    return mobile(raw)


def _email(one: Field, raw: str, offered: Offered) -> str:
    return email_address(plain_text(raw, max_length=one.maximum))


def _day(one: Field, raw: str, offered: Offered) -> str:
    return dates.day(raw).isoformat()


def _month(one: Field, raw: str, offered: Offered) -> str:
    return dates.month(raw)


def _integer(one: Field, raw: str, offered: Offered) -> int:
    return dates.whole_number(raw, minimum=one.minimum, maximum=one.maximum)


def _decimal(one: Field, raw: str, offered: Offered) -> int | float:
    """Parse a number with at most two decimal places; return whole numbers as `int`."""
    cleaned = plain_text(raw, max_length=LONGEST_NUMBER).replace("．", ".")
    if not NUMBER.fullmatch(cleaned):
        raise Invalid(
            gettext(
                "“%(typed)s” is no number. Enter digits, with at most two after the point.",
                typed=cleaned,
            )
        )
    number = Decimal(cleaned)
    if not one.minimum <= number <= one.maximum:
        raise Invalid(
            gettext(
                "Enter a number from %(minimum)s to %(maximum)s, not %(number)s.",
                minimum=one.minimum,
                maximum=one.maximum,
                number=cleaned,
            )
        )
    return int(number) if number == int(number) else float(number)


def _choice(one: Field, raw: str, offered: Offered) -> str:
    if raw not in offered.get(one.dictionary, {}):
        raise Invalid(gettext("What was chosen is not offered any more. Choose again."))
    return raw


READERS: Mapping[str, Callable[[Field, str, Offered], Any]] = {
    "text": _text,
    "area": _area,
    "name": _name,
    "phone": _phone,
    "email": _email,
    "day": _day,
    "month": _month,
    "year": _integer,
    "integer": _integer,
    "decimal": _decimal,
    "choice": _choice,
}
