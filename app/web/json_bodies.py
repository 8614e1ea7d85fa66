"""JSON bodies: which addresses take one, how large it may be, and what in it is refused.

Programs send JSON under /api/; besides, three pages save drafts by themselves in JSON (`takes_json`). A body is
read by `sent_json` alone, which a route calls after it has checked the rights.
"""

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, current_app, request

from app.web import encoding

API = "/api/"
MOST_BYTES = 1024 * 1024
NO_BODY = ("GET", "HEAD", "OPTIONS")
TAKEN = "_takes_json"
LONG_NUMBER = re.compile(r"(?<![\w\"])-?\d{19,}")
View = TypeVar("View", bound=Callable[..., Any])


def takes_json(view: View) -> View:
    """Let a route outside /api/ take JSON; it reads the body by `sent_json`."""
    setattr(view, TAKEN, True)
    return view


def refuse_unexpected() -> None:
    """Answer 415 to JSON for an address that takes none; limit the body elsewhere. Reads nothing."""
    is_api = request.path.startswith(API)
    if is_api or request.is_json:
        request.max_content_length = MOST_BYTES
    if not request.is_json or request.method in NO_BODY or is_api:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, TAKEN, False):
        abort(415)


def sent_json() -> Any:
    """Return the JSON of this request, None if it has none.

    Aborts 413 beyond `MOST_BYTES`, and 400 for what is no JSON or what no column stores: NUL, lone
    surrogates, numbers of 19 or more digits.
    """
    if not request.is_json:
        return None
    try:
        sent = json.loads(encoding.decoded(request.get_data()))
        plain = json.dumps(sent, ensure_ascii=False)
        plain.encode()
    except (ValueError, RecursionError):
        abort(400)
    if "\\u0000" in plain or LONG_NUMBER.search(plain):
        abort(400)
    return sent
