"""Password rules and hashes."""

import pytest
from flask import Flask
from werkzeug.security import generate_password_hash

from app import settings
from app.services.credentials import passwords
from tests.support import factories
from tests.support.signing import PASSWORD, give_password, sign_in


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Correct-horse-9", None),
        ("密码很长很长很长Aa1", None),
        ("Sh0rt-one", "at least 10 characters"),
        ("A1-" + "a" * 126, "at most 128 characters"),
        ("onlysmallletters", "three of the four kinds"),
        ("small-and-1234" * 0 + "smallandmore12", "three of the four kinds"),
        ("My-LiMing-2026", "must not contain the username"),
        ("Admin@123456", "among the most used"),
        ("WoAiNi@1314", "among the most used"),
        ("", "at least 10 characters"),
    ],
)
def test_password_rules(password: str, reason: str | None, app: Flask) -> None:
    with app.test_request_context("/"):
        from flask_babel import force_locale

        with force_locale("en"):
            why = passwords.why_weak(password, "liming")

    assert why is None if reason is None else reason in (why or "")


def test_least_length_is_a_setting(app: Flask) -> None:
    settings.store_value("password_min_length", "16")

    assert passwords.why_weak(PASSWORD, "liming") is not None
    assert passwords.why_weak(PASSWORD + "x", "liming") is None


def test_first_passwords_keep_the_rules_and_differ(app: Flask) -> None:
    made = [passwords.generate() for _one in range(50)]

    assert len(set(made)) == 50
    assert [passwords.why_weak(password, "liming") for password in made] == [None] * 50


def test_hash_is_argon2id_with_its_costs(app: Flask) -> None:
    user = give_password(factories.user())

    assert (user.password or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_right(user.password, PASSWORD)
    assert not passwords.is_right(user.password, PASSWORD + "x")


@pytest.mark.parametrize("stored", [None, "", "!", "$argon2id$broken", "plain"])
def test_account_without_a_usable_password_lets_nobody_in(stored: str | None, app: Flask) -> None:
    for guess in ("", "!", "plain", PASSWORD):
        assert not passwords.is_right(stored, guess)


@pytest.mark.parametrize("method", ["scrypt", "pbkdf2:sha256:1000"])
def test_older_hash_works_and_is_replaced_at_sign_in(method: str, app: Flask) -> None:
    user = factories.user(password=generate_password_hash(PASSWORD, method=method))

    answers = [sign_in(app.test_client(), user.username).status_code for _time in range(2)]

    assert answers == [302, 302]
    assert (user.password or "").startswith("$argon2id$")
    assert not passwords.is_outdated(user.password or "")


def test_weaker_argon2_is_outdated() -> None:
    assert passwords.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$ZHVtbXk")
    assert passwords.is_outdated("scrypt:32768:8:1$x$y")
