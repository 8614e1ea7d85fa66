"""A large upload as the body of a request."""

import io
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart


def large(name: str, content: bytes, **fields: str) -> dict[str, Any]:
    """Return body and type of a request with the file `name`, made in memory: the client would leave a file open."""
    file = FileStorage(io.BytesIO(content), name)
    boundary, body = encode_multipart({"file": file, **fields})
    return {"data": body, "content_type": f'multipart/form-data; boundary="{boundary}"'}
