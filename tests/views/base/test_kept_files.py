"""A chosen file survives the refusal of its form, unless the file itself was refused; then the field says so."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Level, Role, UnitKind
from app.ground import clock
from app.models import Attachment, Expert, Notice, Person, Plan, Quota, Unit
from app.services.accounts import people_import
from app.services.experts import expert_roster
from tests.bad_input.desk import row
from tests.bad_input.forms import votes
from tests.services.dossiers import pdf, picture
from tests.support import factories, meetings, workbooks
from tests.support.meetings import on_the_sheet as candidates
from tests.support.signing import client_of, english, signed_in

AGAIN = "choose the file again"
LINE = [
    "向若溪", "resident", "430102197703150014", "", "", "enterprise", "长沙机床厂", "正高级工程师", "2015-01-01",
    "2015-03-01", "机械", "数控机床", "", "2026-01-01", "2028-12-31",
]  # fmt: skip


def tokens(page: str, field: str) -> list[str]:
    """Return the tokens of the files that the page shows as still chosen."""
    return re.findall(rf'<input type="checkbox" name="{field}" value="([^"]+)" checked>', page)


@pytest.fixture
def unit(app: Flask) -> Unit:
    factories.specialty("05001")
    return factories.unit(kind=UnitKind.PUBLIC, parent=factories.unit(kind=UnitKind.AUTHORITY))


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return client_of(app, factories.position(Role.UNIT, unit=unit))


def line(**values: Any) -> dict[str, Any]:
    """Return what the form for posts on a special ground sends."""
    return {
        "review_year": factories.today().year, "level": "2", "specialty_code": "05001", "posts": "10",
        "held": "8", "asked": "5", "kind": "talent", "note": "引进国家级人才计划入选者三名",
    } | values  # fmt: skip


def proofs() -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(picture("PNG")), "专项报告.png"), (io.BytesIO(pdf(2)), "会议纪要.pdf")]


def test_several_files_stay_chosen_and_are_attached_the_next_time(
    clerk: FlaskClient, session: Session
) -> None:
    refused = clerk.post("/g/1.5.1/add", data=line(asked="-1", proof=proofs()))
    kept = tokens(refused.text, "proof")
    again = clerk.post("/g/1.5.1/add", data=line(note="", proof=kept))
    still = tokens(again.text, "proof")
    taken = clerk.post("/g/1.5.1/add", data=line(proof=still))

    assert (refused.status_code, again.status_code, taken.status_code) == (422, 422, 303)
    assert "专项报告.png" in refused.text
    assert "会议纪要.pdf" in again.text
    assert len(kept) == 2
    assert still == kept
    names = session.scalars(select(Attachment.name).order_by(Attachment.id)).all()
    assert names == ["专项报告.png", "会议纪要.pdf"]


def test_only_the_file_at_fault_has_to_be_chosen_again(clerk: FlaskClient) -> None:
    wrong = [*proofs(), (io.BytesIO(b"no document"), "坏.pdf")]

    refused = clerk.post("/g/1.5.1/add", data=line(proof=wrong))

    assert refused.status_code == 422
    assert len(tokens(refused.text, "proof")) == 2
    assert f"“坏.pdf” is not kept: {AGAIN}" in refused.text
    assert "“会议纪要.pdf” is not kept" not in refused.text


def test_a_file_without_its_tick_is_left_out(clerk: FlaskClient, session: Session) -> None:
    refused = clerk.post("/g/1.5.1/add", data=line(asked="-1", proof=proofs()))

    taken = clerk.post("/g/1.5.1/add", data=line(proof=tokens(refused.text, "proof")[1:]))

    assert taken.status_code == 303
    assert session.scalars(select(Attachment.name)).all() == ["会议纪要.pdf"]


def test_a_new_file_is_added_to_several(clerk: FlaskClient, session: Session) -> None:
    refused = clerk.post("/g/1.5.1/add", data=line(asked="-1", proof=proofs()[:1]))
    kept = tokens(refused.text, "proof")
    taken = clerk.post("/g/1.5.1/add", data=line(proof=[*kept, *proofs()[1:]]))
    assert taken.status_code == 303
    assert session.query(Attachment).count() == 2


@pytest.fixture
def firm(app: Flask) -> Unit:
    return factories.unit("长沙机床厂")


@pytest.fixture
def reporter(app: Flask, firm: Unit) -> FlaskClient:
    return client_of(app, factories.position(Role.UNIT, unit=firm))


def test_a_new_file_replaces_the_only_one(
    reporter: FlaskClient, firm: Unit, session: Session
) -> None:
    record = reportable(firm)

    first = report(reporter, record, recommendation="", proof=proofs()[0])
    second = report(reporter, record, proof=[*tokens(first.text, "proof"), proofs()[1]])

    assert second.status_code == 303, second.text
    names = session.scalars(
        select(Attachment.name).where(Attachment.subject_type == "application")
    ).all()
    assert names == ["会议纪要.pdf"]


def reportable(unit: Unit) -> Any:
    record = factories.application(
        ApplicationState.NOTICE_OVER, unit=unit, superiors=(factories.unit(),),
        submitted_at=clock.now() - timedelta(days=20),
    )  # fmt: skip
    factories.notice([record], ends_on=factories.in_days(-1))
    return record


def report(client: FlaskClient, record: Any, **typed: Any) -> Any:
    data = {
        "row": f"{record.id}:{record.version}",
        "leader": "陈为民",
        "recommendation": "业绩突出，同意推荐",
    }
    return client.post("/g/1.1.2/act/report", data=data | typed)


def test_a_proof_stays_chosen_when_the_act_is_refused(reporter: FlaskClient, firm: Unit) -> None:
    record = reportable(firm)
    objection = factories.objection(session_notice(record), record)

    refused = report(reporter, record, proof=proofs()[1])
    kept = tokens(refused.text, "proof")
    factories.db.session.delete(objection)
    factories.db.session.commit()
    taken = report(reporter, record, proof=kept)

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert "会议纪要.pdf" in refused.text
    assert record.state is ApplicationState.AT_SUPERIOR


def session_notice(record: Any) -> Notice:
    found = factories.db.session.scalars(select(Notice).order_by(Notice.id.desc())).first()
    assert found is not None
    return found


def test_a_refused_file_has_to_be_chosen_again(reporter: FlaskClient, firm: Unit) -> None:
    refused = report(reporter, reportable(firm), proof=(io.BytesIO(b"MZ"), "公示.pdf"))

    assert refused.status_code == 422
    assert tokens(refused.text, "proof") == []
    assert f"“公示.pdf” is not kept: {AGAIN}" in refused.text


@pytest.fixture
def plan(app: Flask) -> Plan:
    factories.work_days()
    return meetings.offline()


@pytest.fixture
def office(app: Flask, plan: Plan, client: FlaskClient) -> FlaskClient:
    return english(signed_in(client, factories.position(Role.OFFICE, committee=plan.committee)))


def test_a_scan_stays_chosen_when_a_figure_is_wrong(office: FlaskClient, plan: Plan) -> None:
    figures = {
        "row": row(plan), "members": "25", "present": "22", "voted_on": factories.today().isoformat()
    } | votes(candidates(plan))  # fmt: skip

    refused = office.post(
        "/g/1.2.5/act/enter",
        data=figures | {"present": "", "scan": (io.BytesIO(pdf(1)), "结果表.pdf")},
    )
    taken = office.post("/g/1.2.5/act/enter", data=figures | {"scan": tokens(refused.text, "scan")})

    assert (refused.status_code, taken.status_code) == (422, 303)
    scans = factories.db.session.query(Attachment).filter_by(subject_type="plan").all()
    assert [one.name for one in scans] == ["结果表.pdf"]


def test_a_roster_stays_chosen_while_the_committee_is_missing(
    office: FlaskClient, plan: Plan, firm: Unit, session: Session
) -> None:
    factories.title(Level.SENIOR)
    headings = [column.heading for column in expert_roster.columns()]
    content = workbooks.filled(
        expert_roster.KEY_SHEET, expert_roster.VERSION, LINE, headings=headings
    )

    refused = office.post(
        "/g/1.4.1/import", data={"committee_id": "x", "file": (content, "名册.xlsx")}
    )
    kept = tokens(refused.text, "file")
    taken = office.post("/g/1.4.1/import", data={"committee_id": plan.committee_id, "file": kept})

    assert refused.status_code == 422
    assert "名册.xlsx" in refused.text
    assert len(kept) == 1
    assert taken.status_code == 303, taken.text
    assert session.query(Expert).count() == 1


def test_a_workbook_with_wrong_rows_has_to_be_chosen_again(
    clerk: FlaskClient, session: Session
) -> None:
    headings = [column.heading for column in people_import.columns()]
    content = workbooks.filled(
        people_import.KEY_SHEET, people_import.VERSION, ["王", "resident", "1"], headings=headings
    )

    refused = workbooks.send(clerk, "/g/unit-people/import", content)

    assert refused.status_code == 422
    assert "Nothing was taken from the file." in refused.text
    assert f"“名册.xlsx” is not kept: {AGAIN}" in refused.text
    assert tokens(refused.text, "file") == []
    assert session.query(Person).filter_by(name="王").count() == 0


def test_a_token_of_somebody_else_brings_no_file(
    app: Flask, clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    refused = clerk.post("/g/1.5.1/add", data=line(asked="-1", proof=proofs()))
    other = client_of(app, factories.position(Role.UNIT, unit=unit))

    answer = other.post("/g/1.5.1/add", data=line(proof=tokens(refused.text, "proof")))

    assert answer.status_code == 422
    assert "is not kept any longer. Choose it again." in answer.text
    assert "专项报告.png" not in answer.text
    assert session.query(Quota).count() == 0


def test_a_lost_file_does_not_take_a_new_one_along(clerk: FlaskClient) -> None:
    answer = clerk.post("/g/1.5.1/add", data=line(proof=["a-token-of-yesterday", proofs()[0]]))

    assert answer.status_code == 422
    assert "is not kept any longer. Choose it again." in answer.text
    assert len(tokens(answer.text, "proof")) == 1
    assert "专项报告.png" in answer.text
