"""Texts in another encoding than UTF-8 are refused by a true sentence, not taken damaged or called stale."""

import json
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from app.web.encoding import OtherEncoding

BOUNDARY = "----boundary"
FORM = "application/x-www-form-urlencoded"
WORDS = "不是UTF-8编码"


@pytest.fixture(autouse=True)
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check the token of forms, as the program does when it is not tested."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def part(head: bytes, body: bytes) -> bytes:
    return b"--%s\r\n%s\r\n\r\n%s\r\n" % (BOUNDARY.encode(), head, body)


def field(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    return part(b'Content-Disposition: form-data; name="%s"%s' % (name, more), value)


def file(name: bytes) -> bytes:
    disposition = b'Content-Disposition: form-data; name="file"; filename="%s"' % name
    return part(disposition + b"\r\nContent-Type: application/pdf", b"%PDF-1.7")


def sent(*parts: bytes) -> dict[str, Any]:
    body = b"".join(parts) + b"--%s--\r\n" % BOUNDARY.encode()
    return {"data": body, "content_type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.mark.parametrize(
    "asked",
    [
        sent(field(b"csrf_token", b"x"), file("公示证明.pdf".encode("gbk"))),
        sent(file("業績證明.pdf".encode("big5")), field(b"name", b"text")),
        sent(file("証明書.pdf".encode("shift_jis"))),
        sent(field(b"name", "王小明".encode("gbk"))),
        sent(field("姓名".encode("gbk"), b"text")),
        sent(field(b"name", b"ab\xffcd")),
        {"data": b"name=%CD%F5%D0%A1%C3%F7", "content_type": FORM},
        {"data": "name=王小明".encode("gbk"), "content_type": FORM},
    ],
)
def test_another_encoding_is_named(client: FlaskClient, asked: dict[str, Any]) -> None:
    answer = client.post("/login/", **asked)

    assert answer.status_code == 400
    assert WORDS in answer.text
    assert "改成字母和数字" in answer.text
    assert "过期" not in answer.text


def test_another_encoding_is_named_to_a_program(client: FlaskClient) -> None:
    body = '{"username": "王小明"}'.encode("gbk")

    answer = client.post("/api/v1/token", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert WORDS in json.loads(answer.text)["message"]


@pytest.mark.parametrize("place", ["/login/?next=%D6%A4%C3%F7", "/healthz?x=%B9%AB", "/?q=%FF"])
def test_another_encoding_in_an_address_is_named(client: FlaskClient, place: str) -> None:
    answer = client.get(place)

    assert answer.status_code == 400
    assert WORDS in answer.text


@pytest.mark.parametrize("name", ["公示证明.pdf", "李\U00031350.pdf", "plain.pdf", "a�b.pdf"])
def test_a_form_in_utf8_is_read(app: Flask, name: str) -> None:
    asked = sent(field(b"name", name.encode()), file(name.encode()))

    with app.test_request_context("/", method="POST", **asked):
        assert request.form.to_dict() == {"name": name}
        assert request.files["file"].filename == name
        assert request.files["file"].read() == b"%PDF-1.7"


def test_a_field_that_says_its_encoding_is_read(app: Flask) -> None:
    said = b"\r\nContent-Type: text/plain; charset=iso-8859-1"

    with app.test_request_context("/", method="POST", **sent(field(b"name", b"caf\xe9", said))):
        assert request.form.to_dict() == {"name": "café"}


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"a=%E7%8E%8B&b=&c=1+2", {"a": "王", "b": "", "c": "1 2"}),
        ("a=王".encode(), {"a": "王"}),
        (b"", {}),
    ],
)
def test_an_encoded_form_is_read(app: Flask, body: bytes, form: dict[str, str]) -> None:
    with app.test_request_context("/", method="POST", data=body, content_type=FORM):
        assert request.form.to_dict() == form


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_broken_form_is_empty(app: Flask, kind: str) -> None:
    with app.test_request_context("/", method="POST", data=b"no parts", content_type=kind):
        assert request.form.to_dict() == {}


def test_a_program_is_answered_as_a_program(client: FlaskClient) -> None:
    answer = client.post(
        "/login/", **sent(file("证明.pdf".encode("gbk"))), headers={"X-Requested-With": "fetch"}
    )

    assert answer.status_code == 400
    assert WORDS in json.loads(answer.text)["message"]


def test_the_request_itself_raises(app: Flask) -> None:
    asked = sent(file("证明.pdf".encode("gb18030")))

    with app.test_request_context("/", method="POST", **asked), pytest.raises(OtherEncoding):
        assert request.files
