"""Equality of ID numbers without the numbers: one spelling of each, and its keyed index."""

import unicodedata

from app.ground import crypto
from app.validators import Invalid


def normal(number: str) -> str:
    """Return an ID number as it is indexed: ordinary digits and letters, no blanks, capital X."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def index_of(number: str) -> str:
    """Return the blind index of an ID number; equal numbers of any kind and case give equal indexes."""
    cleaned = normal(number)
    if not cleaned:
        raise Invalid("empty")
    return crypto.blind_index("person", cleaned)
