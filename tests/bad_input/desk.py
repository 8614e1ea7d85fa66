"""Pressing with bad input, in Chinese as people see it.

`assert_refused` sends it and looks at everything a refusal promises: a sentence, nothing moved, nothing typed lost,
nothing internal shown.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import Executable, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError

from app.enums import Role
from app.extensions import db
from app.models import Position
from app.models.base import metadata
from tests.journeys.markup import Node, parse
from tests.support import factories, world

CHINESE = re.compile("[\u4e00-\u9fff]")
INTERNAL = re.compile(
    r"Traceback|sqlalchemy|sqlite|psycopg|werkzeug|IntegrityError|INSERT INTO|SELECT .* FROM|"
    r"constraint|\b(uq|ck|fk|ix)_[a-z]+|app/[a-z]+|<app\.|File \"|object at 0x"
)
BESIDE = {"audit_log", "login_session", "public_query", "login_failure"}
"""What a mere visit writes."""
CODES = {
    "work_day",
    "region",
    "dict_item",
    "title",
    "specialty",
    "message_template",
    "material_kind",
}
"""Thousands of rows that no page but the maintenance pages writes."""
TABLES = [
    table.name
    for table in metadata.sorted_tables
    if table.name not in BESIDE | CODES and not table.name.startswith("ab_permission")
]
CONTROLS = ("input", "select", "textarea")
TICKS = ("radio", "checkbox")
NEVER_KEPT = ("row", "kind", "csrf_token", "back", "do", "password", "secret")


def at(app: Flask, position: Position) -> FlaskClient:
    """Return a client signed in and working in `position`, with the pages in Chinese."""
    client = world.enter(app, factories.actor_of(position))
    with client.session_transaction() as held:
        held["locale"] = "zh_Hans_CN"
    return client


def clerk(app: Flask, role: Role, **values: Any) -> FlaskClient:
    """Return the client of somebody new who holds `role`."""
    return at(app, factories.position(role, **values))


def row(record: Any) -> str:
    """Return what the tick of a record sends: its number and the version that was looked at."""
    return f"{record.id}:{record.version}"


def stored() -> dict[str, Any]:
    """Return every row of every table that a press may write."""
    db.session.commit()
    # names come from our own models
    rows = {
        name: sorted(
            repr(tuple(one)) for one in db.session.execute(text(f'SELECT * FROM "{name}"'))
        )
        for name in TABLES
    }
    db.session.commit()
    return rows


def contents() -> list[Path]:
    """Return the contents of all uploads."""
    return sorted((Path(current_app.config["DATA_DIR"]) / "files").rglob("*"))


def assert_refused(
    client: FlaskClient,
    url: str,
    typed: dict[str, Any],
    *says: str,
    status: int = 422,
    keeps: bool = True,
) -> str:
    """Send `typed`, check the refusal, and return what it said.

    `says` must stand in its sentences. With status 303 the sentence stands on the page one is led to.
    """
    before = stored()

    answer = client.post(url, data=typed)
    # a large upload is a temporary file of the client's
    answer.request.environ["wsgi.input"].close()

    said = assert_answer(client, answer, status, says)
    changed = [name for name, rows in stored().items() if rows != before[name]]
    assert not changed, f"{changed} changed: {said}"
    if keeps and status == 422:
        _check_kept(parse(answer.text), typed)
    return said


def assert_answer(client: FlaskClient, answer: Any, status: int, says: tuple[str, ...] = ()) -> str:
    """Check status and words of a refusal and return its sentences."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:3000]}"
    if status in (302, 303):
        answer = client.get(answer.location)
    page = parse(answer.text)
    said = " ".join(sentences(page))
    assert CHINESE.search(said), f"no sentence: {answer.text[:3000]}"
    assert not INTERNAL.search(page.text), INTERNAL.search(page.text)
    for word in says:
        assert word in said, f"“{word}” is not in: {said}"
    return said


def sentences(page: Node) -> list[str]:
    """Return what the page says against the press: summary, field errors, reasons in rows, messages."""
    found = [
        node.text
        for node in page.walk()
        if node.get("role") == "alert"
        or {"error", "late", "gate"} & set(node.get("class").split())
        or {"note", "wait"} <= set(node.get("class").split())
    ]
    return list(dict.fromkeys(one for one in found if one))


def _check_kept(page: Node, typed: dict[str, Any]) -> None:
    held = [(node.get("name"), value) for node in page.all(*CONTROLS) for value in _values(node)]
    offered = {(node.get("name"), one) for node in page.all(*CONTROLS) for one in _offered(node)}
    closed = {name for name, _value in offered}
    for name, value in typed.items():
        for one in value if isinstance(value, list) else [value]:
            sent = name, " ".join(str(one).split())
            # of what was never offered nothing can stay chosen
            is_tampered = name in closed and sent not in offered
            if isinstance(one, str | int) and name not in NEVER_KEPT and not is_tampered:
                assert sent in held, f"{name}={one!r} is lost"


def _offered(node: Node) -> list[str]:
    """Return what may be chosen in a control, nothing where anything may be typed."""
    if node.tag == "select" and not node.has("data-lookup-url"):
        return [one.get("value") for one in node.all("option")]
    return [node.get("value")] if node.get("type") in TICKS else []


def _values(node: Node) -> Iterator[str]:
    """Yield what a control would send."""
    if node.tag == "select":
        chosen = [one for one in node.all("option") if one.has("selected")]
        yield from (one.get("value") for one in chosen)
    elif node.get("type") in TICKS:
        yield from [node.get("value")] if node.has("checked") else []
    else:
        raw = node.raw if node.tag == "textarea" else node.get("value")
        yield " ".join(raw.split())


def assert_refused_by_api(client: FlaskClient, token: str, url: str, body: Any, *says: str) -> str:
    """Send a JSON body to the interface for programs, check the refusal and return what it said."""
    before = stored()

    answer = client.post(f"/api/v1/g/{url}", json=body, headers=world.bearer(token))

    assert 400 <= answer.status_code < 500, answer.text
    said = str(answer.json)
    assert CHINESE.search(said), said
    assert not INTERNAL.search(said), said
    for word in says:
        assert word in said, f"“{word}” is not in: {said}"
    changed = [name for name, rows in stored().items() if rows != before[name]]
    assert not changed, f"{changed} changed: {said}"
    return said


def assert_refused_twin(record: Any, **changes: Any) -> None:
    """Check that the database itself refuses a raw copy of `record` with `changes`."""
    table = type(record).__table__
    columns = [column for column in table.c if column.name != "id"]
    values = [
        literal(changes[column.name], column.type) if column.name in changes else column
        for column in columns
    ]
    copied = select(*values).where(table.c.id == record.id)
    assert_refused_by_database(
        insert(table).from_select([column.name for column in columns], copied)
    )


def assert_refused_change(record: Any, **changes: Any) -> None:
    """Check that the database itself refuses raw `changes` of `record`."""
    table = type(record).__table__
    assert_refused_by_database(update(table).where(table.c.id == record.id).values(changes))


def assert_refused_by_database(statement: Executable) -> None:
    """Check that the database itself refuses a raw statement."""
    db.session.commit()
    with db.engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(statement)
