"""Normalise ID numbers and compute the blind index that finds equal numbers without storing them."""

import unicodedata

from app.ground import crypto
from app.validators import Invalid


def normalise(number: str) -> str:
    """Return the normalised ID number that is indexed: NFKC, no white space, upper case."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def index_of(number: str) -> str:
    """Return the blind index of an ID number; the same number in any spelling gives the same index.

    Raises Invalid for an empty number.
    """
    cleaned = normalise(number)
    if not cleaned:
        raise Invalid("empty")
    return crypto.blind_index("person", cleaned)
