"""The parts of the demonstration: invented people, the days of the story, the passwords."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import demo
from app.demo import days
from app.extensions import db
from app.models import Person, User
from tests.support import factories

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def test_same_seed_gives_the_same_people(app: Flask) -> None:
    found = []
    for _ in range(2):
        demo.founding.create_base_data(
            demo.World(db.session(), days.known(db.session(), AT), demo.Inventor(7))
        )
        found.append(
            list(db.session.execute(select(Person.name, Person.birth_date).order_by(Person.id)))
        )
        db.session.rollback()

    assert found[0] == found[1]
    assert len(found[0]) > 40


@pytest.mark.parametrize("day", ["2026-11-20", "2026-11-22", "2026-12-05", "2027-02-01"])
def test_days_keep_within_the_known_calendar(app: Flask, day: str) -> None:
    factories.unknown_after(date(2026, 12, 31))
    known = days.known(db.session(), datetime.fromisoformat(f"{day}T12:00:00+08:00"))

    assert known.day(-335) >= date(2025, 1, 1)
    assert known.day(-1) < known.today <= known.day(0)
    assert known.day(14) <= date(2026, 12, 31)
    assert known.in_days(26) <= date(2026, 12, 31)


def test_given_password_opens_all_and_is_not_kept(app: Flask) -> None:
    app.config["DEMO_PASSWORD"] = "Korrekt-Pferd-5"
    path = Path(app.config["DATA_DIR"]) / "demo-accounts.json"
    path.write_text(json.dumps({"old": "one"}), encoding="utf-8")
    user = User(
        username="someone", first_name="", last_name="某人", email="s@local.invalid", active=True
    )
    db.session.add(user)

    demo.passwords.set_passwords(db.session(), [user], AT)

    assert not path.exists()
    assert demo.accounts()["someone"]["password"] == "Korrekt-Pferd-5"


def test_unknown_password_is_said(app: Flask, runner: Any) -> None:
    db.session.add(
        User(
            username="someone",
            first_name="",
            last_name="某人",
            email="s@local.invalid",
            active=True,
            is_demo=True,
        )
    )
    db.session.commit()

    result = runner.invoke(args=["demo-accounts"])

    assert result.exit_code == 1
    assert "DEMO_PASSWORD" in result.output
