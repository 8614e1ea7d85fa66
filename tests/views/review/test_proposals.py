"""Two persons: the handler's press proposes, the person responsible confirms one or many (domain rule 20)."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import engine, settings
from app.engine import Refused
from app.enums import ApplicationState, Duty, ProposalState, QuotaState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import Application, Attachment, Position, Proposal, TransitionLog, Unit
from app.services.accounts import accounts
from tests.services.dossiers import a_scan, owner_of
from tests.support import factories as f
from tests.support.counting import statements_of
from tests.support.pressing import LEADER
from tests.support.signing import client_of, opened
from tests.support.world import bearer

WHY = "学历证书扫描件不清楚，请重新上传"


@pytest.fixture
def superior(app: Flask) -> Unit:
    return f.unit(region_code="430100")


@pytest.fixture
def handler(app: Flask, superior: Unit) -> FlaskClient:
    return client_of(app, f.position(Role.SUPERIOR, unit=superior))


@pytest.fixture
def head(app: Flask, superior: Unit) -> FlaskClient:
    return client_of(app, head_of(superior))


def head_of(unit: Unit, role: Role = Role.SUPERIOR, **values: Any) -> Position:
    return f.position(role, unit=unit, duty=Duty.HEAD, **values)


def waiting_at(superior: Unit, count: int = 1) -> list[Application]:
    return [
        f.application(ApplicationState.AT_SUPERIOR, superiors=(superior,)) for _one in range(count)
    ]


def rows(*records: Any) -> list[str]:
    return [f"{record.id}:{record.version}" for record in records]


def propose(client: FlaskClient, *cases: Application, **typed: Any) -> Any:
    data = {"row": rows(*cases), "decision": "superior_pass", **typed}
    return client.post("/g/1.1.3/act/audit", data=data)


def decide(client: FlaskClient, decision: str = "confirm", **typed: Any) -> Any:
    found = db.session.scalars(select(Proposal).order_by(Proposal.id)).all()
    data = {"row": rows(*found), "decision": decision, **typed}
    return client.post("/g/1.1.3/proposals/act/confirm", data=data)


def states(*cases: Application) -> set[ApplicationState]:
    db.session.expire_all()
    return {case.state for case in cases}


def test_many_are_proposed_and_confirmed_at_once(
    handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    cases = waiting_at(superior, 3)

    proposed = propose(handler, *cases)
    before = states(*cases)
    confirmed = decide(head)

    assert (proposed.status_code, confirmed.status_code) == (303, 303)
    assert before == {ApplicationState.AT_SUPERIOR}
    assert states(*cases) == {ApplicationState.AT_OFFICE}
    assert set(db.session.scalars(select(Proposal.state))) == {ProposalState.CONFIRMED}


def test_log_names_both(handler: FlaskClient, head: FlaskClient, superior: Unit) -> None:
    (case,) = waiting_at(superior)
    propose(handler, case)

    decide(head)

    log = db.session.scalars(select(TransitionLog).filter_by(event="superior_pass")).one()
    assert log.details["handler"] == db.session.scalars(select(Proposal.proposer)).one()
    assert log.details["leader"] == log.actor_name
    assert log.details["handler"] != log.actor_name


def test_handler_cannot_confirm(handler: FlaskClient, head: FlaskClient, superior: Unit) -> None:
    (case,) = waiting_at(superior)
    propose(handler, case)

    answer = decide(handler)

    assert answer.status_code == 422
    assert states(case) == {ApplicationState.AT_SUPERIOR}


def test_head_cannot_propose(head: FlaskClient, superior: Unit) -> None:
    (case,) = waiting_at(superior)

    answer = propose(head, case)

    assert answer.status_code == 422
    assert "handler proposes" in answer.text
    assert states(case) == {ApplicationState.AT_SUPERIOR}


def test_head_of_another_unit_finds_nothing(
    app: Flask, handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    (case,) = waiting_at(superior)
    propose(handler, case)
    stranger = client_of(app, head_of(f.unit(region_code="430700")))

    answer = decide(stranger)

    assert answer.status_code == 404
    assert states(case) == {ApplicationState.AT_SUPERIOR}


def test_only_the_head_is_told_that_something_waits(
    handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    propose(handler, *waiting_at(superior, 2))

    counted = [
        re.findall(r"To be confirmed</small><b>(\d+)", client.get("/").text)
        for client in (handler, head)
    ]

    assert counted == [[], ["2"]]
    assert handler.get("/g/1.1.3/").text.count('name="pk"') == 0


def test_sent_back_with_a_reason_and_proposed_again(
    handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    (case,) = waiting_at(superior)
    propose(handler, case)

    unexplained = decide(head, "send_back")
    explained = decide(head, "send_back", opinion=WHY)
    page = handler.get(f"/g/1.1.3/{case.id}").text
    again = propose(handler, case)

    assert (unexplained.status_code, explained.status_code, again.status_code) == (422, 303, 303)
    assert sorted(db.session.scalars(select(Proposal.state))) == ["pending", "sent_back"]
    assert WHY in page


def test_second_proposal_waits_for_the_first(
    handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    (case,) = waiting_at(superior)
    propose(handler, case)

    second = propose(handler, case)
    (proposal,) = db.session.scalars(select(Proposal)).all()
    withdrawn = handler.post("/g/1.1.3/proposals/act/withdraw", data={"row": rows(proposal)})
    third = propose(handler, case)

    assert (second.status_code, withdrawn.status_code, third.status_code) == (422, 303, 303)


def test_what_the_rules_refuse_cannot_be_proposed(
    handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    (case,) = waiting_at(superior)

    answer = handler.post(
        "/g/1.1.3/act/audit",
        data={"row": rows(case), "decision": "refuse", "way": "superior_return", "opinion": "无"},
    )

    assert answer.status_code == 422
    assert db.session.scalars(select(Proposal)).all() == []


def test_confirmation_asks_the_rules_again(
    handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    (case,) = waiting_at(superior)
    propose(handler, case)
    case.state = ApplicationState.WITHDRAWN
    case.version += 1
    db.session.commit()

    answer = decide(head)

    assert answer.status_code == 422
    assert states(case) == {ApplicationState.WITHDRAWN}


def test_proposal_ends_when_the_case_moves_another_way(
    handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    (case,) = waiting_at(superior)
    propose(handler, case)

    engine.fire(case, "give_up", actor=owner_of(case.person), at=clock.now())
    db.session.commit()
    answer = decide(head)

    assert db.session.scalars(select(Proposal.state)).all() == [ProposalState.OVERTAKEN]
    assert answer.status_code == 422


@pytest.mark.parametrize("typed", ["陈•为民", "陈 为民", "陈　为民"])
def test_typed_name_is_compared_as_names_are_stored(
    handler: FlaskClient, superior: Unit, typed: str
) -> None:
    (case,) = waiting_at(superior)
    f.person("陈·为民", unit=superior)

    answer = propose(handler, case, leader=typed)

    assert answer.status_code == 303


def test_return_keeps_reasons_by_section(
    handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    (case,) = waiting_at(superior)
    typed = {
        "decision": "refuse",
        "way": "superior_return",
        "opinion": WHY,
        "reasons-0-section": "education",
        "reasons-0-reason": WHY,
    }
    handler.post("/g/1.1.3/act/audit", data={"row": rows(case), **typed})
    (proposal,) = db.session.scalars(select(Proposal)).all()

    page = head.get(f"/g/1.1.3/proposals/{proposal.id}").text
    decide(head)

    assert page.count(WHY) >= 2
    assert states(case) == {ApplicationState.RETURNED}


def test_interface_for_programs_proposes_too(app: Flask, head: FlaskClient, superior: Unit) -> None:
    (case,) = waiting_at(superior)
    position = f.position(Role.SUPERIOR, unit=superior)
    secret = opened(position.user, position.id, "api")
    body = {"event": "superior_pass", "rows": [{"id": case.id, "version": case.version}]}

    answer = app.test_client().post("/api/v1/g/1.1.3/act/audit", json=body, headers=bearer(secret))

    assert answer.status_code == 200, answer.text
    assert states(case) == {ApplicationState.AT_SUPERIOR}


@pytest.mark.parametrize(
    ("need", "has_head", "is_moved"),
    [(0, True, True), (1, False, True), (2, False, False), (2, True, False)],
)
def test_parameter_says_where_two_are_needed(
    handler: FlaskClient, superior: Unit, need: int, has_head: bool, is_moved: bool
) -> None:
    (case,) = waiting_at(superior)
    settings.store_value("two_persons_superior", str(need))
    if has_head:
        head_of(superior)

    answer = propose(handler, case, **LEADER)

    assert answer.status_code == 303
    assert (states(case) == {ApplicationState.AT_OFFICE}) is is_moved


@pytest.mark.parametrize("name", ["查无此人", "陈 为民先生", "王"])
def test_typed_name_must_be_registered_in_the_unit(
    handler: FlaskClient, superior: Unit, name: str
) -> None:
    (case,) = waiting_at(superior)
    f.person("查无此人", unit=f.unit())

    answer = propose(handler, case, leader=name)

    assert answer.status_code == 422
    assert "registered people of your unit" in answer.text
    assert f'value="{name}"' in answer.text
    assert states(case) == {ApplicationState.AT_SUPERIOR}


def test_report_keeps_its_proof(app: Flask) -> None:
    unit = f.unit()
    clerk, head = (client_of(app, f.position(Role.UNIT, unit=unit, duty=one)) for one in Duty)
    case = f.application(ApplicationState.NOTICE_OVER, unit=unit)
    f.notice([case], unit=unit, ends_on=f.in_days(-1))
    f.quota(unit, state=QuotaState.APPROVED, granted=1)
    db.session.commit()

    proposed = clerk.post(
        "/g/1.1.2/act/report",
        data={"row": rows(case), "recommendation": "同意推荐", "proof": a_scan()},
    )
    (proposal,) = db.session.scalars(select(Proposal)).all()
    confirmed = head.post(
        "/g/1.1.1/proposals/act/confirm", data={"row": rows(proposal), "decision": "confirm"}
    )

    assert (proposed.status_code, confirmed.status_code) == (303, 303), confirmed.text
    assert case.recommendation == "同意推荐"
    assert db.session.scalars(select(Attachment.kind)).all() == ["notice_proof"]
    assert states(case) <= {ApplicationState.AT_SUPERIOR, ApplicationState.AT_OFFICE}


SIGNED = {
    "unit checks": (Role.UNIT, ApplicationState.AT_UNIT, "/g/1.1.1/check/act/audit", "1.1.1"),
    "superior passes": (Role.SUPERIOR, ApplicationState.AT_SUPERIOR, "/g/1.1.3/act/audit", "1.1.3"),
    "office passes": (Role.OFFICE, ApplicationState.AT_OFFICE, "/g/1.2.1/act/audit", "1.2.1"),
}
"""Who presses in which state, at which address; the last is the menu of the proposals."""
TYPED = {
    "unit checks": {"decision": "refuse", "way": "check_end", "opinion": WHY},
    "superior passes": {"decision": "superior_pass"},
    "office passes": {"decision": "office_pass"},
}


@pytest.mark.parametrize("step", SIGNED)
def test_every_place_has_its_two(app: Flask, step: str) -> None:
    role, state, address, menu = SIGNED[step]
    case = f.application(state, superiors=(f.unit(),))
    place: dict[str, Any] = {
        Role.UNIT: {"unit": case.unit},
        Role.SUPERIOR: {"unit": case.route[0].unit},
        Role.OFFICE: {"committee": case.committee},
    }[role]
    handler, head = (client_of(app, f.position(role, duty=duty, **place)) for duty in Duty)

    proposed = handler.post(address, data={"row": rows(case), **TYPED[step]})
    before = states(case)
    (made,) = db.session.scalars(select(Proposal)).all()
    confirmed = head.post(
        f"/g/{menu}/proposals/act/confirm", data={"row": rows(made), "decision": "confirm"}
    )

    assert (proposed.status_code, confirmed.status_code) == (303, 303), confirmed.text
    assert before == {state}
    assert states(case) != {state}


def test_list_asks_as_many_statements_for_many_as_for_one(
    handler: FlaskClient, head: FlaskClient, superior: Unit
) -> None:
    counts = []
    for more in (1, 12):
        propose(handler, *waiting_at(superior, more))
        counts.append(statements_of(head, "/g/1.1.3/proposals/"))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", [Role.HRSS, Role.JUDGE, Role.AUDITOR])
def test_other_roles_have_no_person_responsible(app: Flask, role: Role) -> None:
    user = f.user()

    with pytest.raises(Refused, match="不设"):
        accounts.grant_position(SYSTEM, user, role, unit=f.unit(), duty=Duty.HEAD)
