"""Field encryption: round trip, no two equal tokens, tampering seen, keys apart."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask, current_app
from hypothesis import given
from hypothesis import strategies as st

from app.ground import crypto


@pytest.fixture(autouse=True, scope="module")
def keyed_app() -> Iterator[Flask]:
    flask = Flask(__name__)
    flask.config["FIELD_KEY"] = flask.config["PROGRAM_KEY"] = bytes(range(32))
    with flask.app_context():
        yield flask


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_decrypt_returns_what_was_encrypted(text: str) -> None:
    assert crypto.decrypt(crypto.encrypt(text)) == text


def test_encrypt_names_the_algorithm_and_hides_the_text() -> None:
    sealed = crypto.encrypt("430099198503071010")

    assert re.fullmatch(r"a1:[A-Za-z0-9+/]+=*", sealed)
    assert "430099" not in sealed


def test_encrypt_gives_another_token_each_time() -> None:
    assert len({crypto.encrypt("张三") for _ in range(50)}) == 50


def test_decrypt_refuses_every_changed_character() -> None:
    sealed = crypto.encrypt("x")

    for place in range(3, len(sealed) - 2):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(crypto.Undecipherable):
            crypto.decrypt(sealed[:place] + other + sealed[place + 1 :])


@pytest.mark.parametrize("stored", ["", "plain", "a1:", "a1:***", "a1:AAAA", "a9:AAAA"])
def test_decrypt_refuses_what_is_no_token(stored: str) -> None:
    with pytest.raises(crypto.Undecipherable):
        crypto.decrypt(stored)


def test_decrypt_refuses_another_key() -> None:
    sealed = crypto.encrypt("张三")

    other = Flask("other")
    other.config["FIELD_KEY"] = other.config["PROGRAM_KEY"] = bytes(32)
    with other.app_context(), pytest.raises(crypto.Undecipherable):
        crypto.decrypt(sealed)


def test_blind_index_is_stable_and_keeps_kinds_apart() -> None:
    first = crypto.blind_index("id", "43009919920101105X")

    assert re.fullmatch(r"[0-9a-f]{64}", first)
    assert crypto.blind_index("id", "43009919920101105X") == first
    assert crypto.blind_index("phone", "43009919920101105X") != first
    assert crypto.blind_index("id", "430099198503071010") != first


def test_blind_index_depends_on_the_key() -> None:
    here = crypto.blind_index("id", "1")

    other = Flask("other")
    other.config["FIELD_KEY"] = other.config["PROGRAM_KEY"] = bytes(32)
    with other.app_context():
        assert crypto.blind_index("id", "1") != here


def test_keys_are_derived_once_and_not_shown() -> None:
    crypto.encrypt("x")
    keys = current_app.extensions["crypto"]

    crypto.encrypt("y")

    assert current_app.extensions["crypto"] is keys
    assert repr(keys) == "Keys()"


def test_a_short_field_key_is_refused() -> None:
    other = Flask("other")
    other.config["FIELD_KEY"] = other.config["PROGRAM_KEY"] = b"short"

    with other.app_context(), pytest.raises(ValueError, match="32 bytes"):
        crypto.encrypt("x")


def test_token_is_long_random_and_safe_in_an_address() -> None:
    tokens = {crypto.token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in tokens)
    assert len(crypto.token(32)) == 43
