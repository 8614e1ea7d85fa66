"""Every log row is linked in the transaction that writes it, in one chain for all that write at once."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from app import engine
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.migrations import guards
from app.models import AuditLog, LogHead, LogLink, TransitionLog
from app.services.ground import log_chain, log_verification
from app.services.ground.audit import audit
from tests.support import factories


@pytest.fixture(autouse=True)
def chain(app: Flask, data_dir: Path) -> Iterator[None]:
    """The heads noted by other tests belong to states of the database that are gone."""
    shutil.rmtree(data_dir / "log-heads", ignore_errors=True)
    yield
    shutil.rmtree(data_dir / "log-heads", ignore_errors=True)


def faults() -> tuple[str, ...]:
    return log_verification.verify(db.session()).faults


def links(session: Session) -> int:
    return session.scalar(select(func.count(LogLink.id))) or 0


def act(event: str = "suspend", role: Role = Role.HRSS) -> TransitionLog:
    """A row as the engine writes it, with values that the database returns in another form."""
    row = TransitionLog(
        subject_type="batch", subject_id=1, event=event, source="open", target="closed",
        details={2: "二", 10: ["x", 1.5], "none": None, "role": role}, actor_role=role,
    )  # fmt: skip
    db.session.add(row)
    return row


def test_acts_and_audit_rows_are_linked_at_the_commit(session: Session) -> None:
    before = log_chain.head(session)
    act()
    audit("unlock", subject="1", details={"a": (1, 2)})
    session.flush()
    unlinked = links(session)
    session.commit()

    after = log_chain.head(session)

    assert (after.number, links(session)) == (before.number + 2, unlinked + 2)
    assert log_chain.noted() == {after.chain: (after.number, after.digest)}
    assert faults() == ()


def test_an_act_of_the_engine_is_linked(session: Session) -> None:
    expert = factories.expert(factories.committee(), term_to=factories.in_days(-1))
    session.commit()
    before = links(session)

    engine.fire(expert, "end_term", actor=SYSTEM, at=clock.now())
    session.commit()

    assert links(session) == before + 1
    assert faults() == ()


def test_what_was_rolled_back_leaves_no_link(session: Session) -> None:
    before = links(session)
    act()
    session.flush()
    session.rollback()
    with session.begin_nested() as inner:
        act()
        session.flush()
        inner.rollback()
    with session.begin_nested():
        audit("unlock")
    session.commit()

    assert links(session) == before + 1
    assert faults() == ()


def test_many_at_once_make_one_chain(app: Flask, session: Session) -> None:
    before = links(session)
    session.commit()

    def write() -> None:
        with app.app_context():
            for _round in range(10):
                act()
                audit("unlock")
                db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=write) for _number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert links(session) == before + 80
    assert faults() == ()


def test_the_first_start_links_what_stands_in_the_logs(session: Session) -> None:
    for _number in range(5):
        act()
        audit("unlock")
    session.commit()
    guards.take_down(session.connection())
    session.execute(delete(LogLink))
    session.execute(delete(LogHead))
    guards.put_up(session.connection())
    session.commit()
    log_chain.CHUNK, kept = 3, log_chain.CHUNK

    count = log_chain.begin(session)
    again = log_chain.begin(session)
    session.commit()
    log_chain.CHUNK = kept
    rows = sum(session.scalar(select(func.count(model.id))) or 0 for model in (TransitionLog, AuditLog))  # fmt: skip

    assert (count, again) == (rows, 0)
    # the chain from before is still noted outside of the database
    assert [("begun anew" in one) for one in faults()] == [True]


def test_without_a_head_nothing_is_written(session: Session) -> None:
    session.execute(delete(LogHead))
    session.commit()
    act()

    with pytest.raises(log_chain.NoChain):
        session.commit()
    session.rollback()

    assert len(faults()) == 1


def test_rows_loaded_in_bulk_are_linked_afterwards(session: Session) -> None:
    last = session.scalar(select(func.max(AuditLog.id))) or 0
    facts = {"at": clock.now(), "kind": "unlock", "details": {}}
    session.execute(insert(AuditLog), [facts, facts])
    session.commit()
    missing = faults()

    count = log_chain.link_from(session, "audit_log", last)
    session.commit()

    assert (len(missing), count) == (1, 2)
    assert faults() == ()


def test_command_says_what_it_found_and_compares_printed_heads(
    session: Session, runner: FlaskCliRunner
) -> None:
    audit("unlock")
    session.commit()
    head = str(log_chain.head(session))

    right = runner.invoke(args=["verify-log", "--head", head])
    wrong = runner.invoke(args=["verify-log", "--head", "1:" + "0" * 32, "--head", "x"])
    session.rollback()
    guards.take_down(session.connection())
    session.execute(text("UPDATE audit_log SET actor_name = 'x'"))
    guards.put_up(session.connection())
    session.commit()
    forged = runner.invoke(args=["verify-log"])

    assert (right.exit_code, wrong.exit_code, forged.exit_code) == (0, 1, 1)
    assert head in right.stderr
    assert len(wrong.stderr.splitlines()) == 2
    assert "audit_log" in forged.stderr
