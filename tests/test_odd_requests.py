"""Requests that no browser sends to any address: refused or answered, never a failure of the server."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.enums import Role
from app.menu import views
from tests.support.databases import Prepared
from tests.support.fuzzing import assert_fine
from tests.support.world import PARTS, World, bearer, inhabited

FORM = "application/x-www-form-urlencoded"
BODIES = (
    ("application/json", b'"x"'),
    ("application/json", b"[1]"),
    ("application/json", b"null"),
    ("application/json; charset=utf-7", b"{}"),
    ("application/x+json", b"[[]]"),
    ("multipart/form-data", b"--x"),
    ("multipart/form-data; boundary=\xe4", b"--x"),
    (
        "multipart/form-data; boundary=x; boundary=y",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n--x--",
    ),
    ("/", b"a=b"),
    (FORM + "; charset=zz", b"a=b"),
    (FORM, b"row=1:1&row=1:1&row=x&decision=a&decision=b&version=1&version=2&opinion=&opinion=x"),
)
"""Kind of content and body; the last has every field twice."""
HEADERS = (
    {"SCRIPT_NAME": "/x"},
    {"SCRIPT-NAME": "/x"},
    {"X-Script-Name": "/x", "X-Forwarded-Prefix": "/x,/y"},
    {"X-Forwarded-Host": "evil.example, ", "X-Forwarded-Proto": "gopher", "X-Forwarded-Port": "x"},
    {"X-Forwarded-For": "x, ::1%eth0, 999.1.1.1", "Forwarded": "for=;proto=;;"},
    {"Transfer-Encoding": "x", "Content-Encoding": "gzip", "Expect": "x"},
    {"X-HTTP-Method-Override": "DELETE", "Host": "localhost", "Accept": "*/*;q=x"},
)
IN_FULL = bool(os.environ.get("LONG"))
ENDS_SESSIONS = {
    "Session.logout",
    "Session.end",
    "AccountView.change_account",
    "PositionView.withdraw",
}


@pytest.fixture(scope="module")
def world(application: Flask, prepared: Prepared) -> Iterator[World]:
    with inhabited(application, prepared) as made:
        yield made


def address(rule: Rule) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: str(PARTS.get(found[1], 1)), rule.rule)


def rules(world: World, method: str) -> list[Rule]:
    return [
        rule
        for rule in world.anonymous.application.url_map.iter_rules()
        if method in (rule.methods or ()) and rule.endpoint not in ENDS_SESSIONS
    ]


def holder(world: World, rule: Rule) -> FlaskClient:
    name = rule.endpoint.partition(".")[0]
    view = next((view for view in views() if view.__name__ == name), None)
    roles = getattr(view, "roles", ()) or (Role.UNIT,)
    return world.clients[roles[0]]


def test_odd_bodies_are_answered_everywhere(world: World) -> None:
    secret = bearer(world.tokens[Role.SUPERIOR])
    for number, rule in enumerate(rules(world, "POST")):
        place = address(rule)
        headers = secret if place.startswith("/api/") else {}
        for kind, body in BODIES if IN_FULL else _three(number):
            asked: dict[str, Any] = {"data": body, "content_type": kind}
            assert_fine(world.anonymous.post(place, **asked), (place, kind, body))
            assert_fine(
                holder(world, rule).post(place, headers=headers, **asked), (place, kind, body)
            )


def _three(number: int) -> list[tuple[str, bytes]]:
    """Return three of the bodies, others for each address; `LONG=1` sends every body to every address."""
    return [BODIES[(number + step) % len(BODIES)] for step in (0, 4, 8)]


def test_odd_headers_are_answered_everywhere(world: World) -> None:
    asked = rules(world, "GET")
    for rule in asked if IN_FULL else asked[::3]:
        place = address(rule)
        client = holder(world, rule)
        headers = HEADERS[len(place) % len(HEADERS)]
        assert_fine(client.get(place, headers=headers), (place, headers))
    for headers in HEADERS:
        assert_fine(world.anonymous.get("/login/", headers=headers), headers)
        assert_fine(world.anonymous.post("/login/", headers=headers), headers)
