"""Sign-in helpers for tests: accounts with a password, signed-in clients, code run inside a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.extensions import appbuilder, db
from app.ground import clock
from app.models import Position, User
from app.services.accounts import sign_in as sign_in_service
from app.services.credentials import passwords, sessions

PASSWORD = "Correct-horse-9"
OTHER_PASSWORD = "Battery-staple-7"
COOKIE = "zhicheng"


def give_password(user: User, password: str = PASSWORD, *, must_change: bool = False) -> User:
    passwords.set_password(user, password, must_change=must_change)
    db.session.commit()
    return user


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD, **kwargs: Any) -> Any:
    form = {"username": username, "password": password}
    return client.post("/login/", data=form, **kwargs)


def signed_in(client: FlaskClient, holder: User | Position) -> FlaskClient:
    """Return `client` with a session of an account, opened without its password; of a position, in that position."""
    user = holder.user if isinstance(holder, Position) else holder
    secret = opened(user, holder.id if isinstance(holder, Position) else None)
    with client.session_transaction() as held:
        held.update({"sid": secret, "_user_id": str(user.id), "_fresh": True})
    return client


def signed_in_by_password(client: FlaskClient, holder: User | Position) -> FlaskClient:
    """Return `client` after the sign-in an account does itself, and after the switch to the position."""
    user = holder.user if isinstance(holder, Position) else holder
    answer = sign_in(client, give_password(user).username)
    assert answer.status_code == 302, answer.text
    if isinstance(holder, Position):
        answer = client.post("/session/switch", data={"position": holder.id})
        assert answer.status_code == 302, answer.text
    return client


def opened(user: User, position_id: int | None = None, kind: str = "web") -> str:
    """Open a session of `user`, in a position if one is named, and return its secret."""
    at = clock.now()
    secret = sign_in_service.begin(user, at=at, address="127.0.0.1", agent="", kind=kind)
    found = sessions.look_up(secret, at=at)
    assert found is not None
    found.session.position_id = position_id or found.session.position_id
    db.session.commit()
    return secret


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(COOKIE)
    assert found is not None, "the client holds no session cookie"
    return found.value


def english(client: FlaskClient) -> FlaskClient:
    """Return `client` with the pages in English, the language of the sentences in the code."""
    with client.session_transaction() as held:
        held["locale"] = "en"
    return client


def client_of(app: Flask, position: Position) -> FlaskClient:
    """Return a new client that works in a position and reads English."""
    return english(signed_in(app.test_client(), position))


def is_anonymous(client: FlaskClient) -> bool:
    """Whether the page of the own sessions leads to the sign-in."""
    answer = client.get("/session/")
    return answer.status_code == 302 and answer.location.startswith("/login/")


def replays(app: Flask, stolen: str) -> FlaskClient:
    """Return a client that holds a cookie copied from another one."""
    client = app.test_client()
    client.set_cookie(COOKIE, stolen)
    return client


@contextmanager
def request_of(app: Flask, client: FlaskClient, path: str = "/") -> Iterator[None]:
    """Be inside a request of `client`, after everything that runs before a page."""
    db.session.commit()
    headers = {"Cookie": f"{COOKIE}={cookie(client)}"}
    with app.test_request_context(path, headers=headers):
        appbuilder.sm.before_request()
        yield
