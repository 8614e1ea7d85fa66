"""Compress static files with gzip where the browser accepts it, for phones on slow lines.

Pages are never compressed: the length of a compressed page leaks secrets next to user input (BREACH).
"""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request

TYPES = frozenset({"text/css", "text/javascript", "image/svg+xml", "application/manifest+json"})
LEAST = 1024
"""Smallest size, in bytes, that is worth compressing."""


def init_app(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if request.endpoint != "static" or response.mimetype not in TYPES:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 200 and request.accept_encodings["gzip"] > 0:
        path = Path(current_app.static_folder or "") / (request.view_args or {})["filename"]
        packed = _packed(path, path.stat().st_mtime_ns)
        if packed is not None:
            response.close()  # the uncompressed file
            response.direct_passthrough = False
            response.set_data(packed)
            response.headers["Content-Encoding"] = "gzip"
            response.set_etag(str(response.get_etag()[0]), weak=True)
    return response


@lru_cache(maxsize=64)
def _packed(path: Path, _changed: int) -> bytes | None:
    content = path.read_bytes()
    return gzip.compress(content, 9, mtime=0) if len(content) >= LEAST else None
