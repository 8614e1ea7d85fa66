"""Rights are kept by each worker, and every change of whatever process holds at the next request."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from app import create_app
from app.enums import Role
from app.extensions import appbuilder, db
from app.models import CustomisationVersion
from app.services.accounts import grants, role_rights
from app.services.accounts.grants import HELD
from tests.conftest import TESTING
from tests.support import children
from tests.support import factories as make
from tests.support.counting import statements, statements_of
from tests.support.signing import COOKIE, client_of, cookie

ROOT = Path(__file__).parents[3]
TAKE = """
from app import create_app
from app.extensions import db
from app.enums import Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Position
from app.services.customising import change_sets
from app.views.customising.rights_catalogue import RIGHTS
from sqlalchemy import select

app = create_app()
with app.test_request_context():
    author = db.session.scalars(select(Position).where(Position.role == Role.SECADMIN)).one()
    actor = Actor(role=Role.SECADMIN, user_id=author.user_id, name="other process")
    change_sets.collect(actor, RIGHTS, {("UnitReportView", "can_list", "unit"): False}, at=clock.now())
    change_sets.publish(actor, change_sets.draft_of(actor), note="", at=clock.now())
    db.session.commit()
"""


def stamp() -> str | None:
    return db.session.scalar(select(CustomisationVersion.stamp))


@pytest.fixture
def clerk(app: Flask, session: Session) -> FlaskClient:
    return client_of(app, make.position(Role.UNIT, unit=make.unit()))


def test_change_of_another_process_holds_at_the_next_request(
    app: Flask, session: Session, clerk: FlaskClient, unseen_writes: None
) -> None:
    make.position(Role.SECADMIN, user=make.user())
    session.commit()
    before = [clerk.get("/g/1.1.2/").status_code for _time in range(2)]
    settings = os.environ | {
        "DEMO": "0",
        "DATA_DIR": str(app.config["DATA_DIR"]),
        "DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]),
    }

    with children.started([sys.executable, "-c", TAKE], cwd=ROOT, env=settings, stderr=PIPE) as one:
        ended = children.ended(one)

    assert [code for code, _output, _complaints in ended] == [0], ended
    assert before == [200, 200]
    assert clerk.get("/g/1.1.2/").status_code == 403


@pytest.fixture
def other(app: Flask) -> Iterator[Flask]:
    """A second worker on the same database."""
    same = ("DATA_DIR", "SQLALCHEMY_DATABASE_URI", "SECRET_KEY")
    worker = create_app({**TESTING, **{name: app.config[name] for name in same}})
    yield worker
    with worker.app_context():
        db.session.remove()
        db.engine.dispose()


def test_two_workers_agree_at_the_next_request(
    app: Flask, session: Session, clerk: FlaskClient, other: Flask
) -> None:
    twin = other.test_client()
    twin.set_cookie(COOKIE, cookie(clerk))
    before = [one.get("/g/1.1.2/").status_code for one in (clerk, twin)]

    role = appbuilder.sm.find_role("unit")
    role.permissions.remove(appbuilder.sm.find_permission_view_menu("can_list", "UnitReportView"))
    session.commit()
    after = [one.get("/g/1.1.2/").status_code for one in (clerk, twin)]

    assert (before, after) == ([200, 200], [403, 403])


def test_rights_are_read_once_after_a_change_and_then_never(
    session: Session, clerk: FlaskClient
) -> None:
    clerk.get("/g/1.1.2/")
    usual = statements_of(clerk, "/g/1.1.2/")

    judge = appbuilder.sm.find_role("judge")
    judge.permissions.clear()
    session.commit()
    first, second = (statements_of(clerk, "/g/1.1.2/") for _time in range(2))

    assert (first, second) == (usual + 1, usual)


@pytest.mark.parametrize("verb", ["insert", "delete", "raw"])
def test_every_change_of_the_rights_has_a_stamp_of_its_own(verb: str, session: Session) -> None:
    row = session.execute(select(HELD.c.permission_view_id, HELD.c.role_id)).first()
    assert row is not None
    one = (HELD.c.permission_view_id == row[0]) & (HELD.c.role_id == row[1])
    seen = {stamp()}

    session.execute(delete(HELD).where(one))
    seen.add(stamp())
    if verb == "insert":
        session.execute(insert(HELD).values(permission_view_id=row[0], role_id=row[1]))
        seen.add(stamp())
    if verb == "raw":
        session.execute(text("DELETE FROM ab_permission_view_role"))
        seen.add(stamp())

    assert len(seen) == (2 if verb == "delete" else 3)


def test_what_was_rolled_back_is_not_kept(app: Flask, session: Session) -> None:
    before = role_rights.of_role(Role.UNIT, stamp())
    session.execute(delete(HELD))
    assert role_rights.of_role(Role.UNIT, stamp()) == frozenset()
    session.rollback()

    assert (
        role_rights.of_role(Role.UNIT, stamp()) == before == grants.permissions_of_role(Role.UNIT)
    )


def test_without_a_stamp_nothing_is_kept(session: Session) -> None:
    for _time in range(2):
        with statements() as sent:
            assert role_rights.of_role(Role.UNIT, None)
        assert len(sent) == 1
