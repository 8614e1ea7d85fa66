"""Static files are sent compressed, pages and files of people never."""

import gzip

import pytest
from flask.testing import FlaskClient

STYLES = "/static/shell.css"


def test_static_file_is_packed_and_the_same(client: FlaskClient) -> None:
    plain = client.get(STYLES)
    packed = client.get(STYLES, headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["Content-Length"] == str(len(packed.data))


def test_browser_without_gzip_gets_it_plain(client: FlaskClient) -> None:
    plain = client.get(STYLES, headers={"Accept-Encoding": "identity"})

    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_unchanged_file_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(STYLES, headers={"Accept-Encoding": "gzip"})
    again = client.get(
        STYLES, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )

    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("path", ["/login/", "/healthz", "/static/none.css"])
def test_what_is_no_static_file_is_left_alone(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers
