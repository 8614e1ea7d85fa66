"""The log: one JSON line per request and per act, without personal data."""

import json
import logging
import sys

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.enums import Role, S
from app.models.log import TransitionLog
from app.web import journal


def lines(caplog: pytest.LogCaptureFixture, kind: str) -> list[dict[str, object]]:
    formatter = journal.JsonLines()
    found = [json.loads(formatter.format(record)) for record in caplog.records]
    return [line for line in found if line.get("kind") == kind]


def transition() -> TransitionLog:
    return TransitionLog(
        subject_type="application",
        subject_id=7,
        event="submit",
        source=S.DRAFT,
        target=S.AT_UNIT,
        actor_id=3,
        actor_name="张三",
        actor_role=Role.APPLICANT,
        opinion="机密",
    )


def test_a_request_is_one_line_with_its_rule_and_without_what_was_asked(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "zhicheng")

    response = client.get("/language/en?name=张三&id=430102")

    (line,) = lines(caplog, "request")
    assert line["route"] == "/language/<string:code>"
    assert (line["method"], line["status"]) == ("GET", response.status_code)
    assert (line["user_id"], line["role"]) == (None, None)
    assert "张三" not in caplog.text
    assert "430102" not in caplog.text


def test_an_act_is_one_line_after_its_commit(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "zhicheng")
    row = transition()
    session.add(row)
    session.flush()
    before = lines(caplog, "act")

    session.commit()

    (line,) = lines(caplog, "act")
    assert before == []
    assert line["subject"] == "application:7"
    assert (line["event"], line["source"], line["target"]) == ("submit", "draft", "at_unit")
    assert (line["user_id"], line["role"], line["log_id"]) == (3, "applicant", row.id)
    assert "张三" not in caplog.text
    assert "机密" not in caplog.text


def test_an_act_that_was_rolled_back_is_no_line(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "zhicheng")
    session.add(transition())
    session.flush()
    session.rollback()
    savepoint = session.begin_nested()
    session.add(transition())
    session.flush()
    savepoint.rollback()

    session.commit()

    assert lines(caplog, "act") == []


def test_an_error_is_logged_by_its_place_and_not_its_words(app: Flask) -> None:
    try:
        int("canary")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, sys.exc_info())

    line = json.loads(journal.JsonLines().format(record))

    assert line["error"] == "ValueError"
    assert "canary" not in json.dumps(line)
    assert line["trace"][0].endswith("test_an_error_is_logged_by_its_place_and_not_its_words")
