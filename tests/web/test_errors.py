"""Refusals and failures are pages with a sentence and a number, never internals, never a moved record."""

import sqlite3
from collections.abc import Callable, Iterator

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InternalError,
    OperationalError,
    StatementError,
)
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound, RequestEntityTooLarge, TooManyRequests

CANARY = "canary-of-the-inside"
Failing = Callable[[Exception], None]


@pytest.fixture
def failing(app: Flask) -> Iterator[Failing]:
    """Make GET and POST /healthz fail with a given error."""
    kept = app.view_functions["health.healthz"]

    def put(error: Exception) -> None:
        def fail() -> str:
            raise error

        app.view_functions["health.healthz"] = fail

    yield put
    app.view_functions["health.healthz"] = kept


def wrapped(kind: type[DBAPIError], inner: Exception) -> DBAPIError:
    return kind(f"SELECT {CANARY}", {}, inner)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404),
        (RequestEntityTooLarge(), 413),
        (TooManyRequests(retry_after=7), 429),
        (CSRFError("the token is missing"), 400),
        (wrapped(IntegrityError, sqlite3.IntegrityError(CANARY)), 409),
        (StaleDataError(CANARY), 409),
        (wrapped(DataError, psycopg.DataError(CANARY)), 400),
        (OverflowError(CANARY), 400),
        (StatementError(CANARY, "SELECT", {}, ValueError(CANARY)), 400),
        (wrapped(OperationalError, sqlite3.OperationalError("database is locked")), 503),
        (wrapped(InternalError, psycopg.errors.LockNotAvailable(CANARY)), 503),
        (wrapped(InternalError, psycopg.InternalError(CANARY)), 500),
        (ZeroDivisionError(CANARY), 500),
    ],
)
def test_each_failure_has_its_status_and_a_sentence(
    client: FlaskClient, failing: Failing, error: Exception, status: int
) -> None:
    failing(error)

    response = client.get("/healthz")

    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert CANARY not in response.text
    assert response.headers["X-Request-Id"] in response.text
    assert (status == 503) == (response.headers.get("Retry-After") == "5")


def test_an_interface_is_answered_in_json(client: FlaskClient) -> None:
    response = client.get("/api/v1/nothing")

    assert response.status_code == 404
    assert response.json is not None
    assert set(response.json) == {"message", "status", "request_id"}


def test_the_error_page_speaks_chinese_first(client: FlaskClient) -> None:
    response = client.get("/nothing-here")

    assert 'lang="zh' in response.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/healthz?q=%00", 400),
        ("/healthz?q=%C3%28", 400),
        ("/language/%00", 400),
        (f"/language/{2**31}", 404),
        (f"/language/{'9' * 400}", 404),
        ("/healthz?q=" + "9" * 400, 200),
        ("/healthz?q=%E6%B9%96%E5%8D%97", 200),
    ],
)
def test_what_no_browser_sends_is_refused_before_it_does_harm(
    client: FlaskClient, address: str, status: int
) -> None:
    assert client.get(address).status_code == status


def test_a_nul_in_a_form_is_refused(client: FlaskClient) -> None:
    assert client.post("/healthz", data={"name": "a\0b"}).status_code == 400
