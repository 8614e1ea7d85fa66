"""What is left of a sealed ballot in the files of the database after the count."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.enums import KeyRole
from app.extensions import db
from app.ground import database
from app.models import Round, RoundShare, SealedBallot
from tests.support import meetings


def bytes_on_disk(app: Flask) -> bytes:
    """Return everything the database has in files; nothing on PostgreSQL, whose server keeps them."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() != "sqlite":
        return b""
    found = (Path(f"{url.database}{rest}") for rest in ("", "-wal", "-shm"))
    return b"".join(path.read_bytes() for path in found if path.exists())


def opened() -> tuple[Round, Any, list[str]]:
    """Hold a round of nine ballots; return it with the holders and every sealed text of it."""
    plan, judges, holders = meetings.ready()
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(record, "open", holders[KeyRole.CHAIR][0])
    for position, _seat in judges[:9]:
        meetings.cast(record, position, "yna")
        db.session.commit()
    sealed = [str(one.sealed) for one in (*db.session.query(SealedBallot), *db.session.query(RoundShare))]  # fmt: skip
    db.session.commit()
    return record, holders, sealed


def void(record: Round, holders: Any) -> None:
    meetings.fire(record, "ask_void", holders[KeyRole.CHAIR][0], opinion="会议改期，重新投票表决")
    meetings.fire(record, "void", holders[KeyRole.SUPERVISOR][0])


@pytest.mark.parametrize("end", [meetings.count, void])
def test_nothing_sealed_is_left_after_the_end(app: Flask, end: Callable[..., None]) -> None:
    record, holders, sealed = opened()
    before = bytes_on_disk(app)
    end(record, holders)
    db.session.commit()

    after = bytes_on_disk(app)

    assert len(sealed) == 12
    assert not before or all(one[:40].encode() in before for one in sealed)
    assert not any(
        one[place : place + 20].encode() in after for one in sealed for place in (0, 60, 90)
    )


def test_reader_of_an_older_state_delays_it_until_the_clock_process(app: Flask) -> None:
    record, holders, sealed = opened()
    with db.engine.execution_options(immediate=False).connect() as reader:
        reader.execute(text("SELECT count(*) FROM sealed_ballot")).scalar()
        meetings.count(record, holders)
        db.session.commit()
        is_delayed = (app.config["DATA_DIR"] / "write-ahead.to-empty").exists()
        database.finish_forgetting()

    database.finish_forgetting()

    assert is_delayed == bool(bytes_on_disk(app))
    assert not (app.config["DATA_DIR"] / "write-ahead.to-empty").exists()
    assert not any(one[:40].encode() in bytes_on_disk(app) for one in sealed)
