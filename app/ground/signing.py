"""Signed records: a text with the signature of the program's key, which no writer of the database can make.

`tools/verify_draw.py` and `tools/verify_ballots.py` read the same form without the program.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from app.ground import crypto

ALG = "zc-signed-v1"
Signed = dict[str, str]
"""A signed text as JSON stores it: `alg`, `text`, `key` and `signature`, the last two in hexadecimal."""


def canonical(facts: Mapping[str, Any]) -> str:
    """Return facts as the one JSON text that is signed: keys in order, no spaces."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def signed(facts: Mapping[str, Any]) -> Signed:
    """Return the facts as a signed text. `facts["alg"]` names their form, so that none passes for another."""
    text = canonical(facts)
    return {
        "alg": ALG,
        "text": text,
        "key": crypto.public_key(),
        "signature": crypto.sign(f"{ALG}\0{text}"),
    }


def stored(facts: Mapping[str, Any]) -> str:
    """Return the facts as a signed text for a column of the database; `read` gives them back."""
    return json.dumps(signed(facts), ensure_ascii=False)


def read(kept: str) -> Signed:
    """Return a signed text as it was stored."""
    found: Signed = json.loads(kept)
    return found


def facts_of(kept: str) -> dict[str, Any]:
    """Return the facts of a stored signed text, without checking its signature."""
    facts: dict[str, Any] = json.loads(read(kept)["text"])
    return facts


def is_own(kept: str) -> bool:
    """Return whether the program's present key signed a stored text as it stands now."""
    found = read(kept)
    return (
        found.get("key") == crypto.public_key()
        and crypto.sign(f"{ALG}\0{found['text']}") == found["signature"]
    )


def digest(kept: str | None) -> str:
    """Return the SHA-256 digest that papers print of a stored signed text, "" if there is none."""
    return hashlib.sha256(read(kept)["text"].encode()).hexdigest() if kept else ""
