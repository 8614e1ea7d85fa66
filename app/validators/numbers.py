"""Parsing of whole numbers from spreadsheet cells."""

import unicodedata
from typing import Any


def whole_number_in_cell(value: Any) -> int | None:
    """Return a cell as a whole number ≥ 0; None for anything else, such as a formula or 9.5."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if 0 <= value < 10**6 and value == int(value) else None
    text = unicodedata.normalize("NFKC", str(value)).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
