"""Compute the blind index that finds equal ID numbers without storing them."""

from app.ground import crypto
from app.validators import Invalid, characters


def index_of(number: str) -> str:
    """Return the blind index of an ID number; the same number in any spelling gives the same index.

    Raises Invalid for an empty number.
    """
    cleaned = characters.number(number)
    if not cleaned:
        raise Invalid("empty")
    return crypto.blind_index("person", cleaned)
