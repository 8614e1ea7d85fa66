"""Persons by their ID number: one row per person for ever, found by a keyed index, never by the number."""

from app import crypto
from app.validators import Invalid


def normal(number: str) -> str:
    """Return an ID number as it is indexed: no blanks, capital X."""
    return "".join(number.split()).upper()


def index_of(number: str) -> str:
    """Return the blind index of an ID number; equal numbers of any kind and case give equal indexes."""
    cleaned = normal(number)
    if not cleaned:
        raise Invalid("empty")
    return crypto.blind_index("person", cleaned)
