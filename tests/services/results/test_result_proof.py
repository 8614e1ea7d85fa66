"""The proof of a result finds what somebody changed in the database, and says what it did not check."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Plan, TransitionLog
from app.models.base import Stateful
from app.services.results import result_proof
from app.services.results.result_proof import Proof
from tests.support import factories, meetings
from tests.support.acting import fire
from tests.support.tampering import unsealed


def begun(record: Stateful, state: str) -> None:
    """The first act of a record that the test made directly in a later state."""
    db.session.add(
        TransitionLog(
            subject_type=record.__tablename__, subject_id=record.id, event="report", target=state,
            actor_role=Role.OFFICE,
        )
    )  # fmt: skip
    db.session.flush()


@pytest.fixture
def plan(session: Session) -> Plan:
    """A meeting that voted online, counted from the box, with its result confirmed."""
    plan, judges, holders = meetings.ready()
    begun(plan, plan.state)
    for one in meetings.candidates(plan):
        begun(one, ApplicationState.IN_REVIEW)
    held = meetings.freeze(plan, meetings.office(plan))
    fire(held, "open", factories.actor_of(judges[0][0]))
    for position, _seat in judges:
        meetings.cast(held, position, "yyn")
    meetings.count(held, holders)
    meetings.computed(plan)
    fire(plan, "write_minutes", meetings.office(plan), details={"minutes": "会议" * 20})
    fire(plan, "sign_chair", factories.actor_of(judges[0][0]))
    fire(plan, "sign_supervisor", factories.actor_of(meetings.supervisor(plan)))
    fire(plan, "confirm", meetings.office(plan))
    session.commit()
    return plan


def faulty(proof: Proof) -> list[str]:
    return [one.label for one in proof.checks if one.faults]


def changed(plan: Plan, *statements: str) -> Proof:
    """Change the database past its triggers, prove, and take the change back."""
    with unsealed():
        for statement in statements:
            db.session.execute(text(statement.format(plan=plan.id)))
    db.session.expire_all()
    proof = result_proof.proof(db.session(), plan)
    db.session.rollback()
    return proof


TAMPERED = {
    "votes of a candidate": (("Counts", "Result"), "UPDATE round_candidate SET yes = yes - 1, no = no + 1 WHERE position = 1"),
    "opened votes and figures": (("Counts", "Result"), "UPDATE round_candidate SET opened = replace(opened, 'y', 'n'), no = yes, "
                                 "yes = 0 WHERE position = 1"),
    "votes and result alike": (("Counts", "Result"), "UPDATE round_candidate SET opened = replace(opened, 'n', 'y'), yes = no, "
                               "no = 0 WHERE position = 3",
                               "UPDATE result SET is_passed = true, yes = no, no = 0, reason = 'passed' WHERE NOT is_passed"),
    "rank of a result": (("Result",), "UPDATE result SET rank = 9 WHERE rank = 1"),
    "ballots cast": (("Counts",), "UPDATE round SET \"cast\" = \"cast\" - 1"),
    "what was frozen": (("Counts",), "UPDATE round SET frozen = replace(frozen, 'denominator', 'numerator')"),
    "what was frozen, with its digest": (("Counts",), "UPDATE round SET frozen_hash = 'x'"),
    "state of a candidate": (("States",), "UPDATE application SET state = 'failed' WHERE state = 'passed'"),
    "state and act of a candidate": (("Acts",), "UPDATE application SET state = 'failed' WHERE state = 'passed'",
                                     "UPDATE transition_log SET target = 'failed' WHERE target = 'passed'"),
    "act of the count": (("Acts",), "UPDATE transition_log SET actor_name = 'x' WHERE event = 'release'"),
    "act deleted": (("States",), "DELETE FROM transition_log WHERE event = 'close'"),
    "act inserted": (("Acts", "States"), "INSERT INTO transition_log (id, at, subject_type, subject_id, event, source, target, opinion, "
                     "details, actor_name, actor_role, unit_name, request_id) SELECT 1000000, at, subject_type, subject_id, "
                     "event, source, target, opinion, details, actor_name, actor_role, unit_name, request_id "
                     "FROM transition_log WHERE event = 'confirm'"),
    "link": (("Acts",), "UPDATE log_link SET digest = 'x' WHERE log = 'transition_log' AND row_id = "
             "(SELECT min(id) FROM transition_log WHERE event = 'release')"),
}  # fmt: skip


def test_each_change_is_found(plan: Plan) -> None:
    right = result_proof.proof(db.session(), plan)
    found = {what: faulty(changed(plan, *rest)) for what, (_named, *rest) in TAMPERED.items()}

    assert faulty(right) == []
    assert found == {what: list(named) for what, (named, *_rest) in TAMPERED.items()}
    assert right.is_right
    assert right.checks[0].what.startswith(tuple("123456789"))
    assert len(right.unchecked) == 4


def test_meeting_on_paper_says_that_its_votes_are_on_paper(session: Session) -> None:
    plan = meetings.confirmed(meetings.offline())
    session.commit()

    proof = result_proof.proof(session, plan)

    assert "paper" in proof.unchecked[0]
    assert faulty(proof) == ["States"]  # the test made it without any act
