"""A form definition as a file, to move it between installations: written as JSON, read with every fault named."""

import json
from collections.abc import Iterator
from typing import IO, Any

from flask_babel import gettext

from app.engine import Refused
from app.services.form import form_definition
from app.services.form.form_edits import LENGTHS, SEVERAL_LINES, Body
from app.validators import Invalid
from app.validators import text as plain_text

MOST_BYTES = 1024 * 1024
MOST_LINES = 50
"""So many faults of a file are named; nobody reads more before correcting the first."""
DEEPEST = 10


class UnreadableError(Refused):
    """A file that is no usable definition; `lines` say what is wrong and where."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(
            gettext(
                "Not read in: %(count)s things in the file are wrong. Nothing was changed.",
                count=len(lines),
            )
        )
        self.lines = lines[:MOST_LINES]


def write(body: Body) -> bytes:
    """Return the definition as the content of a file."""
    return json.dumps(body, ensure_ascii=False, indent=2).encode()


def read(stream: IO[bytes]) -> Body:
    """Return the definition in a file; raises UnreadableError naming every fault with its place."""
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UnreadableError([gettext("The file is larger than 1 MB; no form is that large.")])
    try:
        body = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_no_twins)
    except _TwinError as twin:
        why = gettext("“%(name)s” is there twice in one group.", name=str(twin)[:40])
        raise UnreadableError([why]) from twin
    except (ValueError, RecursionError) as broken:
        why = gettext(
            "This is no JSON file of this program. Use a file that 【Export】 has written."
        )
        raise UnreadableError([why]) from broken
    if lines := list(_wordings("", body, 0)) or form_definition.faults(body):
        raise UnreadableError(lines)
    result: Body = body
    return result


class _TwinError(ValueError):
    """A group in the file names one thing twice."""


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwinError(name)
        found[name] = value
    return found


def _wordings(place: str, value: Any, depth: int) -> Iterator[str]:
    """Yield every text that is too long or holds what no text may hold, with its place in the file."""
    if depth > DEEPEST:
        yield gettext("%(place)s: nested more deeply than any form is.", place=place[:120])
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _wordings(f"{place}.{name}" if place else name, one, depth + 1)
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from _wordings(f"{place} {number}", one, depth + 1)
    elif isinstance(value, str):
        name = place.rpartition(".")[2]
        try:
            plain_text(value, max_length=LENGTHS.get(name, 60), multiline=name in SEVERAL_LINES)
        except Invalid as invalid:
            yield gettext("%(place)s: %(fault)s", place=place[:120], fault=str(invalid))
