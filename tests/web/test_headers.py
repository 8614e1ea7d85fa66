"""The safe headers are on every response of every route, errors included."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, BaseConverter
from werkzeug.test import TestResponse

from app.web.headers import POLICY, STEADY, csp_nonce


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Return one address per rule and method, arguments filled with something harmless."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: sample(rule._converters[name]) for name in rule.arguments}
        address = adapter.build(rule.endpoint, values, method=None, append_unknown=False)
        found += [
            (method, address) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
    return found


def sample(converter: BaseConverter) -> object:
    return min(converter.items) if isinstance(converter, AnyConverter) else 1


def policy(response: TestResponse) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def missing(response: TestResponse) -> list[str]:
    """Return what a response lacks of the safe headers."""
    lacks = [name for name, value in STEADY.items() if response.headers.get(name) != value]
    if policy(response) != POLICY:
        lacks.append("Content-Security-Policy")
    for name, value in (("X-Frame-Options", "DENY"), ("Cache-Control", "no-store")):
        if response.headers.get(name) != value:
            lacks.append(name)
    if len(response.headers.get("X-Request-Id", "")) != 16:
        lacks.append("X-Request-Id")
    return lacks


def test_every_route_answers_with_all_headers(app: Flask, client: FlaskClient) -> None:
    lacking = {}

    for method, address in addresses(app):
        response = client.open(address, method=method)
        if not address.startswith("/static/") and missing(response):
            lacking[method, address] = missing(response)
        assert response.status_code < 500, (method, address)

    assert lacking == {}


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nothing-here", 404),
        ("/healthz?x=%00", 400),
        ("/healthz?x=%ff", 400),
        ("/language/xx%00", 400),
    ],
)
def test_errors_answer_with_all_headers(client: FlaskClient, address: str, status: int) -> None:
    response = client.get(address)

    assert response.status_code == status
    assert missing(response) == []


def test_a_failure_answers_with_all_headers_and_no_internals(
    app: Flask, client: FlaskClient
) -> None:
    def fail() -> str:
        raise RuntimeError("canary-of-the-inside")

    app.view_functions["health.healthz"], kept = fail, app.view_functions["health.healthz"]
    try:
        response = client.get("/healthz")
    finally:
        app.view_functions["health.healthz"] = kept

    assert response.status_code == 500
    assert missing(response) == []
    assert "canary" not in response.text
    assert response.headers["X-Request-Id"] in response.text


def test_a_foreign_host_is_refused_and_nothing_points_to_it(client: FlaskClient) -> None:
    response = client.get("/", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert "evil.example" not in response.text
    assert missing(response) == []


def test_only_a_page_that_asks_may_run_an_inline_script(application: Flask) -> None:
    with application.test_request_context("/"):
        nonce = csp_nonce()
        allowed = application.process_response(application.make_response("x"))
    with application.test_request_context("/"):
        strict = application.process_response(application.make_response("x"))

    assert f"script-src 'self' 'nonce-{nonce}';" in allowed.headers["Content-Security-Policy"]
    assert "script-src 'self';" in strict.headers["Content-Security-Policy"]


def test_a_pdf_may_be_shown_inside_our_own_page_only(app: Flask) -> None:
    with app.test_request_context("/"):
        response = app.process_response(app.response_class(b"%PDF-", mimetype="application/pdf"))

    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_static_files_carry_a_version_and_may_be_kept(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context("/"):
        address = app.url_for("static", filename="shell.css")

    response = client.get(address)

    assert "?v=" in address
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert {name: response.headers.get(name) for name in STEADY} == STEADY


def test_transport_security_is_asked_for_behind_https(app: Flask, client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers

    app.config["HTTPS"] = True

    header = client.get("/healthz").headers["Strict-Transport-Security"]
    assert header == "max-age=31536000; includeSubDomains"
