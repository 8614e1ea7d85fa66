"""Dictionaries that stand in a form definition because they were made together with a field of it.

They are `dictionaries`: {key: {"label": name, "values": {code: label}}}.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext

MOST_VALUES = 500


def of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dictionaries that stand in a definition."""
    found: dict[str, Any] = body.get("dictionaries", {})
    return found


def text(one: Mapping[str, Any]) -> str:
    """Return a dictionary in words: its name and its values."""
    return f"{one['label']}{gettext(': ')}{gettext(', ').join(one['values'].values())}"


def faults(body: Any) -> Iterator[str]:
    """Yield what is wrong with the dictionaries of a definition, which may come from a file."""
    for key, one in of(body).items():
        if not _is_readable(key, one):
            yield gettext(
                "Dictionary “%(name)s”: it needs a key, a name and at least one value, each with a code.",
                name=str(key)[:40],
            )


def _is_readable(key: Any, one: Any) -> bool:
    values = one.get("values") if isinstance(one, Mapping) else None
    if not isinstance(values, Mapping) or set(one) != {"label", "values"}:
        return False
    texts = [one["label"], key, *values, *values.values()]
    is_text = all(isinstance(word, str) and word for word in texts)
    is_short = is_text and len(key) <= 32 and all(len(code) <= 32 for code in values)
    return is_short and 0 < len(values) <= MOST_VALUES
