"""Create filled Excel templates for import tests."""

import io
from collections.abc import Sequence
from typing import Any

from flask.testing import FlaskClient
from openpyxl import Workbook


def filled(
    key_sheet: str, version: str | None, *rows: list[Any], headings: Sequence[str] = ("heading",)
) -> io.BytesIO:
    """Return a template with `rows` filled in; without a version it has no hidden sheet."""
    book = Workbook()
    book.active.append(["what to do"])
    book.active.append(list(headings))
    for row in rows:
        book.active.append(row)
    if version is not None:
        book.create_sheet(key_sheet).append(["version", version])
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def send(client: FlaskClient, url: str, content: io.BytesIO, **typed: Any) -> Any:
    """Hand a workbook in on the page of an import."""
    answer = client.post(url, data=typed | {"file": (content, "名册.xlsx")})
    answer.request.environ["wsgi.input"].close()
    return answer
