"""Codes that people read from paper and type: claim codes, recovery codes, halves of a sealed slip."""

import secrets

from app.validators import characters

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and capital letters that nobody mistakes for one another: 4.95 bits each."""
GROUP = 4


def generate(groups: int) -> str:
    """Return a random code of `groups` groups of four characters, joined by hyphens."""
    return "-".join(
        "".join(secrets.choice(ALPHABET) for _character in range(GROUP)) for _group in range(groups)
    )


def normal(typed: str) -> str:
    """Return a typed code without its hyphens and blanks, in capitals."""
    return characters.number(typed)
