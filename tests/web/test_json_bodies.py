"""JSON is taken under /api/ and by pages that save by themselves, small, and read after the rights were checked."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.web.json_bodies import MOST_BYTES
from tests.support import factories as make
from tests.support.signing import client_of
from tests.support.world import bearer, token

TOKEN, ACT = "/api/v1/token", "/api/v1/g/1.1.3/act/audit"


class Unread:
    """A body that must not be read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")

    def readinto(self, into: bytearray) -> int:
        raise AssertionError("the body was read")

    def close(self) -> None:
        """Close nothing."""


def unread(client: FlaskClient, place: str, kind: str = "application/json", **more: Any) -> Any:
    """Return the answer to a body of 30 MB that must not be read."""
    stream = {"wsgi.input": Unread(), "CONTENT_LENGTH": "30000000"}
    return client.post(place, content_type=kind, environ_overrides=stream, **more)


@pytest.fixture
def secret(session: Session) -> str:
    return token(make.actor_of(make.position(Role.SUPERIOR, unit=make.unit())))


@pytest.mark.parametrize(
    "body", ["{", '{"a": "\\u0000"}', '{"a": "\\ud800"}', '{"a": ' + "9" * 400 + "}", "[" * 100_000]
)
def test_malformed_json_is_refused(client: FlaskClient, body: str) -> None:
    answer = client.post(TOKEN, data=body, content_type="application/json")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "place", ["/login/", "/", "/g/1.1.1/search", "/register/", "/healthz", "/nothing-here"]
)
@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-16", "application/problem+json"]
)
def test_a_page_takes_no_json_and_does_not_read_it(
    client: FlaskClient, place: str, kind: str
) -> None:
    answer = unread(client, place, kind)

    assert answer.status_code == 415


def test_json_of_nobody_is_not_read(client: FlaskClient) -> None:
    answer = unread(client, ACT)

    assert answer.status_code == 401


def test_json_without_the_right_is_not_read(client: FlaskClient, secret: str) -> None:
    foreign = unread(client, "/api/v1/g/1.2.1/act/audit", headers=bearer(secret))
    unknown = unread(client, "/api/v1/g/1.1.3/act/nothing", headers=bearer(secret))

    assert (foreign.status_code, unknown.status_code) == (403, 404)


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"]
)
def test_a_body_for_a_program_is_at_most_a_megabyte(
    client: FlaskClient, secret: str, kind: str
) -> None:
    large = json.dumps({"event": "x" * MOST_BYTES}).encode()

    answer = client.post(ACT, data=large, content_type=kind, headers=bearer(secret))

    assert answer.status_code == (413 if kind == "application/json" else 400)
    assert answer.is_json


def test_a_draft_that_saves_itself_is_at_most_a_megabyte(app: Flask, session: Session) -> None:
    person = make.person()
    applicant = make.position(Role.APPLICANT, person=person)
    draft = make.application(ApplicationState.DRAFT, person=person)
    client = client_of(app, applicant)
    place = f"/me/application/{draft.id}/section/summary"

    small = client.post(place, json={"revision": 0, "set": {}})
    large = client.post(place, json={"revision": 0, "set": {"x": "y" * MOST_BYTES}})

    assert (small.status_code, large.status_code) == (200, 413)


@pytest.mark.parametrize("body", [b"a=" + b"x" * (4 * 1024 * 1024), b"a&" * 6000, b"&" * 3_000_000])
def test_a_form_has_limits(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/login/", data=body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 413
