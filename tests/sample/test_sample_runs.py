"""Loading bulk data: the same for the same seed, beside what is there, and what it leaves behind."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app import sample
from app.extensions import db
from app.models import Application, Unit, WorkDay
from app.services.ground import numbering
from tests.support.counting import count

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("app", "unseen_writes")


def load(count: int, seed: int = 3) -> dict[str, int]:
    written = sample.load(count, seed=seed, at=AT)
    # the rows went past the session
    db.session.expire_all()
    return written


def content() -> list[Any]:
    columns = (
        Application.number,
        Application.name,
        Application.state,
        Application.unit_id,
        Application.held_since,
    )
    return list(db.session.execute(select(*columns).order_by(Application.number)))


def test_same_seed_gives_the_same_rows_and_another_one_others(prepared: Any) -> None:
    found = []
    for seed in (3, 3, 4):
        load(200, seed)
        found.append(content())
        db.session.remove()
        prepared.doubt()
        prepared.restore()

    assert found[0] == found[1] != found[2]


def test_numbers_go_on_after_the_sample() -> None:
    load(100)

    new = numbering.application_number(db.session(), 2026)

    assert new == "2026000000021"
    db.session.add(
        Unit(credit_code="x", name="新单位", kind="public", region_code="430100", path="/")
    )
    db.session.flush()


def test_loads_twice() -> None:
    load(50)

    load(50, seed=4)

    assert count(Application) == 100
    assert count(Unit) == 40_000


def test_command_says_how_far_it_is(runner: Any) -> None:
    days = count(WorkDay)

    result = runner.invoke(args=["load-sample", "--applications", "20", "--seed", "5"])

    assert result.exit_code == 0, result.output
    assert "20" in result.stderr
    assert count(Application) == 20
    assert count(WorkDay) == days
