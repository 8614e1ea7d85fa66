"""Refuse requests whose texts are not UTF-8, such as file names in GBK from older programs.

Werkzeug drops the whole form when a file name is not UTF-8, so that the request seemed to lack its token, and
replaces the letters of such a field, which would be stored damaged.
"""

import codecs
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Flask, Request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser, MultiPartParser

STRICT_UTF8 = "utf8_only"
MOST_FIELDS, MOST_BYTES = 5000, 4 * 1024 * 1024
"""Limits of a form where the configuration sets none."""
PIECE = 64 * 1024


class OtherEncoding(BadRequest):
    """A text of the request is not UTF-8."""


class Utf8Parts(MultiPartParser):
    """Reads a multipart form; raises UnicodeDecodeError for a text that is not UTF-8."""

    def get_part_charset(self, headers: Headers) -> str:
        charset = super().get_part_charset(headers)
        return charset if charset == "iso-8859-1" else STRICT_UTF8


class Utf8Form(FormDataParser):
    """Reads a form; raises OtherEncoding for a text that is not UTF-8."""

    def _parse_multipart(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> Any:
        parser = Utf8Parts(
            stream_factory=self.stream_factory,
            max_form_memory_size=self.max_form_memory_size,
            max_form_parts=self.max_form_parts,
            cls=self.cls,
        )
        boundary = options.get("boundary", "").encode("ascii")
        if not boundary:
            raise ValueError("the boundary is missing")
        form, files = _in_utf8(lambda: parser.parse(stream, boundary, content_length))
        return stream, form, files

    def _parse_urlencoded(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> Any:
        def read() -> list[tuple[str, str]]:
            text = self._whole(stream).decode()
            if text.count("&") >= (self.max_form_parts or MOST_FIELDS):
                raise RequestEntityTooLarge
            return parse_qsl(text, keep_blank_values=True, errors="strict")

        return stream, self.cls(_in_utf8(read)), self.cls()

    def _whole(self, stream: IO[bytes]) -> bytes:
        """Return the body; raises RequestEntityTooLarge beyond the limit, also without a stated length."""
        body = bytearray()
        while piece := stream.read(PIECE):
            body += piece
            if len(body) > (self.max_form_memory_size or MOST_BYTES):
                raise RequestEntityTooLarge
        return bytes(body)


class Utf8Request(Request):
    """A request whose form is in UTF-8."""

    form_data_parser_class = Utf8Form


def init_app(app: Flask) -> None:
    app.request_class = Utf8Request


def decoded(part: bytes) -> str:
    """Return a part of the request as text; raises OtherEncoding when it is not UTF-8."""
    return _in_utf8(part.decode)


def _in_utf8(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except UnicodeDecodeError as error:
        raise OtherEncoding from error


def _decode(data: Any, errors: str = "strict", /) -> tuple[str, int]:
    """Decode UTF-8 and raise for anything else; Werkzeug asks to replace it, which would damage the text."""
    return codecs.utf_8_decode(data, "strict", True)


def _strict_codec(name: str) -> codecs.CodecInfo | None:
    if name != STRICT_UTF8:
        return None
    return codecs.CodecInfo(name=STRICT_UTF8, encode=codecs.utf_8_encode, decode=_decode)


codecs.register(_strict_codec)
