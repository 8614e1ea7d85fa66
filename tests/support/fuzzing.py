"""Inputs for fuzz tests: odd texts, and valid forms with one or two changed fields."""

from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

from flask.testing import FlaskClient
from hypothesis import strategies as st

from tests.support import factories as make

SCRIPT = "<script>zc(1)</script>"
IMAGE = "\"'><img src=x onerror=zc(1)>"
NAUGHTY = [
    "", " ", "a\0b", "\x01\x1f\x7f", "\r\nX-Odd: 1", "\u202e", "\ufeff", "\ud800", "😀" * 40,
    "长" * 3000, "x" * 20_000, "0", "-0", "-1", "1", "2147483647", "2147483648", "9" * 25, "9" * 4500, "1e308", "NaN",
    "１２", "٣", "0x10", "1_000", "null", "None", "True", "[]", "{}", "%", "%s%d%(name)s", "{0}", "{{7*7}}", "\\", "//",
    "../../etc/passwd", "';--", "' OR 1=1", "_%", SCRIPT, IMAGE, "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01",
    "2026-01-01", "0001-01-01", "2026-13", "2026-06", "=cmd|' /C calc'!A0", "430100", "05", "110101199003070000",
    "superior_pass", "refuse", "keep", "all",
]  # fmt: skip
ODD_TEXT = st.one_of(
    st.sampled_from(NAUGHTY),
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.integers(-(2**70), 2**70).map(str),
    st.integers(-3, 60).map(str),
)
LIST_KEYS = [
    "page",
    "size",
    "sort",
    "dir",
    "all",
    "pk",
    "back",
    "next",
    "q",
    "id",
    "role",
    "batch",
    "mode",
    "level",
]
FORM_KEYS = [
    "row", "decision", "way", "opinion", "version", "revision", "do", "kind", "position", "session", "back", "next",
    "cell", "was", "value", "event", "file", "q.name", "q.id_number", "is_true", "username", "password", "demo",
]  # fmt: skip
KEYS_OF_REGISTERS = ["1", "2", "3", "4", "5", "0501", "0502", "05001", "05", "430100"]
"""What a searchable choice may hold; its options are not in the page."""
TEXTS = ["同意推荐", "湘职改办〔2026〕9号", "wang.fang", "13800000000", "0731-12345678"]


def encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode(
        [(k.encode("utf-8", "surrogatepass"), v.encode("utf-8", "surrogatepass")) for k, v in pairs]
    )


def in_path(value: Any) -> str:
    return quote(str(value).encode("utf-8", "surrogatepass"), safe="")


def assert_fine(answer: Any, asked: Any) -> None:
    assert answer.status_code < 500, asked
    if answer.mimetype == "text/html":
        assert SCRIPT not in answer.text, asked
        assert IMAGE not in answer.text, asked


class Form(HTMLParser):
    """The fields of a page, each with values that are right for it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name = found.get("name", "")
        if tag == "option" and self.select and found.get("value"):
            self.fields[self.select].append(found["value"])
        if tag == "select" and name:
            self.select = name
            self.fields[name] = list(KEYS_OF_REGISTERS) if "data-lookup-url" in found else []
        if tag in ("input", "textarea") and name not in ("", "csrf_token"):
            self.fields.setdefault(name, []).extend(_right(found))

    def handle_endtag(self, tag: str) -> None:
        self.select = "" if tag == "select" else self.select


def _right(field: dict[str, str]) -> list[str]:
    kind, least = field.get("type", "text"), field.get("min", "")
    if kind == "number":
        return [field.get("value") or least or "1", least or "0", field.get("max", "9")]
    if kind == "date":
        return [make.in_days(days).isoformat() for days in (0, -3, 8, 40, 80, 120)]
    if kind in ("radio", "checkbox", "hidden", "month"):
        return [field.get("value") or "y"]
    return [field["value"]] if field.get("value") else TEXTS


@cache
def fields_of(client: FlaskClient, place: str) -> dict[str, list[str]]:
    """Return the fields of a page, read once: what is drawn must not depend on what was sent before."""
    answer = client.get(place)
    is_page = answer.status_code == 200 and answer.mimetype == "text/html"
    return Form(answer.text).fields if is_page else {}


def filled(draw: Any, client: FlaskClient, place: str) -> list[tuple[str, str]]:
    """Return a form: mostly right, a few fields odd, missing, there twice or of another form."""
    fields = fields_of(client, place)
    odd = draw(st.sets(st.sampled_from(sorted(fields)), max_size=3)) if fields else set()
    typed = []
    for name, right in fields.items():
        if name in odd and draw(st.integers(0, 5)):
            typed.append((name, draw(ODD_TEXT)))
        elif name not in odd and right:
            typed.append((name, draw(st.sampled_from(right))))
    more = st.tuples(st.sampled_from([*FORM_KEYS, *fields]) | ODD_TEXT, ODD_TEXT)
    return [*typed, *draw(st.lists(more, max_size=1))]


def send(client: FlaskClient, place: str, pairs: list[tuple[str, str]]) -> Any:
    kind = "application/x-www-form-urlencoded"
    return client.post(place, data=encoded(pairs).encode(), content_type=kind)
