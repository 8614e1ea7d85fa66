"""From an empty database to the models and back, on the database of this run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.enums import KeyRole, PlanState, RoundState
from app.extensions import db, migrate
from app.models import Draw, Round, RoundCandidate
from app.models.base import metadata
from app.models.log import APPEND_ONLY
from app.services.draw import draw_record
from app.services.voting import round_integrity, round_record
from tests.conftest import TESTING
from tests.support import drawing, factories, meetings
from tests.support.databases import Database
from tests.support.verifiers import verdict, verify_ballots, verify_draw


@pytest.fixture
def empty(database: Database, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without any table."""
    url = database.empty(tmp_path, "empty")
    application = create_app({**TESTING, "SQLALCHEMY_DATABASE_URI": url})
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


def differences() -> list[Any]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_empty_to_head_is_what_the_models_say(empty: Flask) -> None:
    command.upgrade(migrate.get_config(), "head")

    assert differences() == []
    assert tables() == set(metadata.tables)


def test_steps_down_and_up_again(empty: Flask) -> None:
    config = migrate.get_config()
    command.upgrade(config, "head")

    # a revision that changes rows alone leaves the tables as they are: go below the last that changes tables
    below: list[Any] = []
    while not below:
        command.downgrade(config, "-1")
        below = differences()
    command.upgrade(config, "head")

    assert differences() == []


def test_score_items_get_a_step_and_lose_it_again(app: Flask) -> None:
    script = ScriptDirectory.from_config(migrate.get_config()).get_revision("0019")
    assert script is not None
    items = [{"name": "业绩", "max": 50, "weight": 60}, {"name": "答辩", "max": 20, "weight": 40}]
    both = factories.plan(steps=["material_score", "interview"], score_items=items)
    heard = factories.plan(steps=["interview", "vote"], score_items=items)
    unscored = factories.plan(steps=["opinion", "vote"], score_items=[])
    db.session.commit()

    def stored() -> list[list[Any]]:
        db.session.expire_all()
        return [one.score_items for one in (both, heard, unscored)]

    def run(change: Any) -> list[list[Any]]:
        db.session.commit()
        with (
            db.engine.begin() as connection,
            Operations.context(MigrationContext.configure(connection)),
        ):
            script.module.rewrite(change)
        return stored()

    at = [[{**one, "step": step} for one in items] for step in ("material_score", "interview")]
    assert run(script.module.by_step) == [[*at[0], *at[1]], at[1], []]
    assert run(script.module.without_step) == [items, items, []]


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET id = id + 1"])
def test_the_database_itself_refuses_to_change_a_log(app: Flask, table: str, change: str) -> None:
    columns = {
        "transition_log": "(at, subject_type, subject_id, event, source, target, opinion, details,"
        " actor_name, actor_role, unit_name, request_id)"
        " VALUES ('2026-01-01', 'x', 1, 'x', '', 'x', '', '{}', '', 'unit', '', '')",
        "audit_log": "(at, kind, is_success, actor_name, subject, details, address, request_id)"
        " VALUES ('2026-01-01', 'x', true, '', '', '{}', '', '')",
        "log_link": "(id, log, row_id, digest) VALUES (1000000, 'audit_log', 1000000, '')",
    }
    with db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} {columns[table]}"))

    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(change.format(table)))


SEALED = {
    "result": ("UPDATE result SET yes = yes + 1", "UPDATE result SET note = 'x'", "DELETE FROM result"),
    "round": ("UPDATE round SET present = 1", "UPDATE round SET state = 'void'", "DELETE FROM round"),
    "round_candidate": (
        "UPDATE round_candidate SET yes = yes + 1",
        "UPDATE round_candidate SET no = NULL",
        "DELETE FROM round_candidate",
    ),
    "plan": (
        "UPDATE plan SET minutes = 'x'",
        "UPDATE plan SET chair_signed_at = NULL",
        "UPDATE plan SET state = 'entered'",
        "DELETE FROM plan",
    ),
}  # fmt: skip


@pytest.fixture
def meeting(app: Flask) -> RoundCandidate:
    """A signed meeting whose one round was entered and that is not over yet."""
    now = factories.clock.now()
    plan = factories.plan(
        state=PlanState.ENTERED, minutes="会议记录", chair_signed_at=now, mode="online"
    )
    case = factories.application(plan=plan)
    held = factories.ballot_round(plan, case, state=RoundState.ENTERED, is_on_paper=True)
    vote: RoundCandidate = held.candidates[0]
    vote.yes, vote.no, vote.abstain = 20, 4, 1
    factories.result(plan, case, round_id=held.id)
    db.session.flush()
    return vote


@pytest.mark.parametrize(
    ("table", "change"), [(table, one) for table, changes in SEALED.items() for one in changes]
)
def test_the_database_itself_seals_what_was_decided(
    meeting: RoundCandidate, table: str, change: str
) -> None:
    meeting.round.state, meeting.round.plan.state = RoundState.COUNTED, PlanState.CONCLUDED
    db.session.commit()

    with pytest.raises(DBAPIError, match=f"{table} is sealed"), db.engine.begin() as connection:
        connection.execute(text(change))


def test_what_is_not_decided_may_change(meeting: RoundCandidate) -> None:
    db.session.commit()

    with db.engine.begin() as connection:
        for change in ("UPDATE result SET yes = 1", "UPDATE round_candidate SET yes = 1",
                       "UPDATE round SET present = 1", "UPDATE plan SET minutes = 'x'"):  # fmt: skip
            assert connection.execute(text(change)).rowcount == 1


def test_count_may_fill_in_what_is_empty_after_it_has_moved(meeting: RoundCandidate) -> None:
    meeting.yes, meeting.no, meeting.abstain = None, None, None
    meeting.round.state = RoundState.COUNTED
    db.session.flush()

    meeting.yes, meeting.no, meeting.abstain = 20, 4, 1
    meeting.round.counted_at, meeting.round.cast = factories.clock.now(), 25
    db.session.commit()

    assert meeting.yes == 20


def test_records_of_an_older_version_are_signed_as_they_stand(
    app: Flask, unseen_writes: None
) -> None:
    plan, judges, holders = meetings.ready()
    made = drawing.meeting()
    draw_id = drawing.drawn(made).id
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(record, "open", holders[KeyRole.CHAIR][0])
    for position, _seat in judges:
        meetings.cast(record, position, "yyn")
    meetings.count(record, holders)
    meetings.computed(plan)
    other, others, keys = meetings.ready()
    under_way = meetings.freeze(other, keys[KeyRole.OFFICE][0])
    meetings.fire(under_way, "open", keys[KeyRole.CHAIR][0])
    meetings.cast(under_way, others[1][0], "yny")
    ids = (record.id, under_way.id)
    db.session.commit()
    db.session.remove()
    config = migrate.get_config()

    command.downgrade(config, "0008")
    command.upgrade(config, "head")

    draw, counted = db.session.get_one(Draw, draw_id), db.session.get_one(Round, ids[0])
    for tool, export in (
        (verify_draw, draw_record.export(db.session(), draw)),
        (verify_ballots, round_record.export(db.session(), counted)),
    ):
        code, said = verdict(tool, export)
        assert code == 0, said
        assert "signed at an upgrade" in said
    meetings.signed(counted.plan)
    meetings.fire(counted.plan, "confirm", meetings.office(counted.plan))
    assert round_integrity.faults(db.session(), db.session.get_one(Round, ids[1])) == []
