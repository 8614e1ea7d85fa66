"""Parsing of whole numbers and scores from spreadsheet cells and form fields."""

import re
import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _

from app.validators.refusal import Invalid

SCORE = re.compile(r"(100(?:\.0{1,2})?|[0-9]{1,2}(?:\.[0-9]{1,2})?)", re.ASCII)


def whole_number_in_cell(value: Any) -> int | None:
    """Return a cell as a whole number ≥ 0; None for anything else, such as a formula or 9.5."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if 0 <= value < 10**6 and value == int(value) else None
    text = unicodedata.normalize("NFKC", str(value)).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def score(typed: Any) -> int:
    """Return a score in hundredths, or raise `Invalid`: "85.5" → 8550. Full-width digits are taken."""
    text = unicodedata.normalize("NFKC", str(typed)).strip()
    if not SCORE.fullmatch(text):
        raise Invalid(
            _("Enter a score from 0 to 100 with at most two decimals, for example 85.50.")
        )
    whole, _dot, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))
