"""The daily report counts the day's rows, recomputes them and names the head of the chain."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.enums import Role
from app.ground import clock
from app.models import AuditLog, TransitionLog
from app.services.ground import log_chain, log_report
from tests.support import factories
from tests.support.signing import client_of
from tests.support.tampering import unsealed

DAY = factories.today() - timedelta(days=400)


def write(session: Session) -> None:
    """Two acts and a sign-in on the day, from its first moment to its last, and one of the day after."""
    for at in (
        clock.start_of_day(DAY),
        clock.end_of_day(DAY),
        clock.start_of_day(DAY + timedelta(days=1)),
    ):
        session.add(
            TransitionLog(
                at=at,
                subject_type="batch",
                subject_id=1,
                event="open",
                target="open",
                actor_role=Role.OFFICE,
            )
        )
    session.add(AuditLog(at=clock.end_of_day(DAY), kind="sign_in", is_success=False))
    session.commit()  # fmt: skip


def test_report_of_a_day(session: Session) -> None:
    write(session)

    report = log_report.report(session, DAY)

    assert report.acts == [("batch", "open", 2)]
    assert [tuple(one) for one in report.events] == [("sign_in", False, 1)]
    assert (report.checked, report.faults) == (3, ())
    assert report.head == str(log_chain.head(session))


def test_report_names_a_changed_row_and_one_without_a_link(session: Session) -> None:
    write(session)
    with unsealed():
        session.execute(text("UPDATE audit_log SET actor_name = 'x' WHERE kind = 'sign_in'"))
        session.execute(
            text("DELETE FROM log_link WHERE log = 'transition_log' AND row_id = "
                 "(SELECT min(id) FROM transition_log WHERE event = 'open')")
        )  # fmt: skip

    report = log_report.report(session, DAY)

    # the row after the link that is missing cannot be recomputed either
    assert len(report.faults) == 3


def test_page_for_the_auditor(app: Flask, session: Session) -> None:
    write(session)
    auditor = client_of(app, factories.position(Role.AUDITOR, user=factories.user()))

    lists = auditor.get("/g/acts/").text
    head = str(log_chain.head(session))
    day = auditor.get(f"/g/acts/day?day={DAY.isoformat()}").text
    today = auditor.get("/g/acts/day")
    wrong = auditor.get("/g/acts/day?day=yesterday")
    office = client_of(app, factories.position(Role.OFFICE, committee=factories.committee()))
    closed = office.get("/g/acts/day")

    assert "/g/acts/day" in lists
    assert head in day
    assert "3 rows of this day were recomputed" in day
    assert (today.status_code, wrong.status_code) == (200, 302)
    assert closed.status_code == 403
