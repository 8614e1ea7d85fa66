"""Export and import a form definition as a JSON file, to move it between installations.

The import reports every fault of the file with its place.
"""

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
"""Maximum number of faults reported for one file."""
DEEPEST = 10


class UnreadableError(Refused):
    """Refusal of a file that is no usable definition; `lines` has a sentence per fault with its place."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(
            gettext(
                "Not read in: %(count)s things in the file are wrong. Nothing was changed.",
                count=len(lines),
            )
        )
        self.lines = lines[:MOST_LINES]


def write(body: Body) -> bytes:
    """Return the definition as bytes of a JSON file."""
    return json.dumps(body, ensure_ascii=False, indent=2).encode()


def read(stream: IO[bytes]) -> Body:
    """Parse and check a definition file; raises UnreadableError with every fault and its place."""
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UnreadableError([gettext("The file is larger than 1 MB; no form is that large.")])
    try:
        body = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_refuse_repeated_names)
    except _RepeatedNameError as twin:
        why = gettext("“%(name)s” is there twice in one group.", name=str(twin)[:40])
        raise UnreadableError([why]) from twin
    except (ValueError, RecursionError) as broken:
        why = gettext(
            "This is no JSON file of this program. Use a file that 【Export】 has written."
        )
        raise UnreadableError([why]) from broken
    if lines := list(_text_faults("", body, 0)) or form_definition.faults(body):
        raise UnreadableError(lines)
    result: Body = body
    return result


class _RepeatedNameError(ValueError):
    """Error for a JSON object with a repeated name; the message is the name."""


def _refuse_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _RepeatedNameError(name)
        found[name] = value
    return found


def _text_faults(place: str, value: Any, depth: int) -> Iterator[str]:
    """Yield a sentence for every text that is too long or has forbidden characters, with its place."""
    if depth > DEEPEST:
        yield gettext("%(place)s: nested more deeply than any form is.", place=place[:120])
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _text_faults(f"{place}.{name}" if place else name, one, depth + 1)
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from _text_faults(f"{place} {number}", one, depth + 1)
    elif isinstance(value, str):
        name = place.rpartition(".")[2]
        try:
            plain_text(value, max_length=LENGTHS.get(name, 60), multiline=name in SEVERAL_LINES)
        except Invalid as invalid:
            yield gettext("%(place)s: %(fault)s", place=place[:120], fault=str(invalid))
