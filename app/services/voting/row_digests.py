"""Keyed digests of rows of the vote: made when the program stores a row, compared when it relies on it."""

import hmac
import json
from collections.abc import Sequence
from typing import Any

from app.ground import crypto


def make(kind: str, facts: Sequence[Any]) -> str:
    """Return the digest of a row of `kind` with these values."""
    text = json.dumps(list(facts), separators=(",", ":"), ensure_ascii=False)
    return crypto.keyed_digest(kind, text)


def fits(kind: str, facts: Sequence[Any], kept: str) -> bool:
    """Return whether the program stored a row with these values."""
    return hmac.compare_digest(make(kind, facts), kept)
