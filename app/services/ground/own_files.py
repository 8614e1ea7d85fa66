"""Files that the program has written itself, JSON with its kind and format, read back within a limit."""

import json
from collections.abc import Mapping
from typing import IO, Any

from flask_babel import gettext

from app.engine import Refused

MB = 1024 * 1024


def read(
    stream: IO[bytes], kind: str, number: int, *, most_mb: int, otherwise: Refused
) -> Mapping[str, Any]:
    """Return what a file of this kind and number of format holds; raises `otherwise` for any other file.

    Raises Refused with its own sentence for more than `most_mb` MB, which are not read.
    """
    content = stream.read(most_mb * MB + 1)
    if len(content) > most_mb * MB:
        raise Refused(
            gettext("The file is larger than %(most)s MB; no export is.", most=most_mb), "file"
        )
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise otherwise from None
    if not isinstance(body, dict) or (body.get("kind"), body.get("format")) != (kind, number):
        raise otherwise
    return body
