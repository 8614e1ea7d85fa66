"""The pages of acts that need a second administrator, and the grey ticks of the permissions."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ConsentState, Role
from app.extensions import appbuilder
from app.menu import views
from app.models import Consent, Position
from app.services.accounts import grants
from app.views.accounts import rights
from tests.support import factories as make

REASON = "省人社厅任命文件已核对"


def waiting(session: Session) -> Consent:
    session.expire_all()
    return session.scalars(select(Consent).where(Consent.state == ConsentState.ASKED)).one()


def agree(client: FlaskClient, consent: Consent) -> int:
    form = {"row": f"{consent.id}:{consent.version}", "decision": "agree"}
    return client.post("/g/consents/act/decide", data=form).status_code


def test_position_of_an_authority_waits_for_the_other_administrator(
    secadmin: FlaskClient, sysadmin: FlaskClient, session: Session
) -> None:
    user, unit = make.user(username="wang.fang"), make.unit()
    form = {"account": user.id, "role": "hrss", "unit": unit.id, "committee": ""}

    without_reason = secadmin.post("/g/positions/add", data=form)
    asked = secadmin.post("/g/positions/add", data=form | {"reason": REASON})
    consent = waiting(session)
    before = session.scalars(select(Position).where(Position.user_id == user.id)).all()
    listed = sysadmin.get("/g/consents/").text
    home = sysadmin.get("/").text
    agreed = agree(sysadmin, consent)

    assert without_reason.status_code == 422
    assert "Nobody has proved through the single sign-on" in without_reason.text
    assert (asked.status_code, asked.location) == (303, f"/g/consents/{consent.id}")
    assert before == []
    assert "wang.fang" in listed
    assert "/g/consents/" in home
    assert agreed == 303
    position = session.scalars(select(Position).where(Position.user_id == user.id)).one()
    assert (position.role, position.is_active) == (Role.HRSS, True)


def test_who_asked_does_not_agree(
    secadmin: FlaskClient, sysadmin: FlaskClient, session: Session
) -> None:
    user = make.user()
    form = {"account": user.id, "role": "auditor", "reason": REASON}
    secadmin.post("/g/positions/add", data=form)
    consent = waiting(session)

    answer = agree(secadmin, consent)

    assert answer != 303
    assert waiting(session).id == consent.id


def test_last_auditor_is_withdrawn_and_disabled_by_two(
    secadmin: FlaskClient, sysadmin: FlaskClient, session: Session
) -> None:
    last = make.position(Role.AUDITOR, user=make.user())
    place, account = f"/g/positions/{last.id}/withdraw", f"/g/accounts/{last.user_id}/disable"

    refused = [secadmin.post(place).status_code, sysadmin.post(account).status_code]
    asked = secadmin.post(place, data={"reason": REASON})
    session.expire_all()
    still = last.is_active
    agreed = agree(sysadmin, waiting(session))
    session.expire_all()

    assert refused == [422, 422]
    assert (asked.status_code, still, agreed, last.is_active) == (303, True, 303, False)
    assert 'name="reason"' in secadmin.get("/g/permissions/?role=auditor").text
    assert last.user.active


def test_disabling_the_last_security_administrator_waits(
    secadmin: FlaskClient, sysadmin: FlaskClient, session: Session
) -> None:
    only = session.scalars(select(Position).where(Position.role == Role.SECADMIN)).one()
    place = f"/g/accounts/{only.user_id}/disable"

    page = sysadmin.get(place).text
    alone = sysadmin.post(place, data={"reason": REASON})

    assert 'name="reason"' in page
    # nobody is left who could agree: the operator has to create a second one
    assert alone.status_code == 422
    assert "A second administrator has to agree, and there is none" in alone.text
    assert only.user.active


def test_menu_of_an_administrator_is_taken_by_two_and_given_by_one(
    secadmin: FlaskClient, sysadmin: FlaskClient, session: Session
) -> None:
    held = sorted(f"{g.view}:{g.permission}" for g in grants.matrix(Role.AUDITOR) if g.is_on)
    rest = [cell for cell in held if cell != "AuditView:can_export"]
    form = {"role": "auditor", "was": held, "cell": rest}

    without_reason = secadmin.post("/g/permissions/save", data=form)
    asked = secadmin.post("/g/permissions/save", data=form | {"reason": REASON})
    consent = waiting(session)
    before = ("can_export", "AuditView") in grants.permissions_of_role(Role.AUDITOR)
    agree(sysadmin, consent)
    taken = ("can_export", "AuditView") not in grants.permissions_of_role(Role.AUDITOR)
    given = secadmin.post(
        "/g/permissions/save", data={"role": "auditor", "was": rest, "cell": held}
    )

    assert without_reason.status_code == 422
    assert "own. Two administrators decide" in without_reason.text
    assert (asked.status_code, before, taken, given.status_code) == (303, True, True, 303)
    assert "Export" in consent.subject
    assert ("can_export", "AuditView") in grants.permissions_of_role(Role.AUDITOR)


@pytest.mark.parametrize(
    ("role", "cell", "sentence"),
    [
        ("hrss", "MeetingSeatView:can_list", "the names of judges"),
        ("unit", "DrawCourseView:can_show", "the names of judges"),
        ("superior", "RoundView:can_list", "the names of judges"),
        ("judge", "CourseView:can_list", "the names of judges"),
        ("unit", "ExpertView:can_export", "the names of judges"),
        ("hrss", "UnitReportView:can_report", "No rule of the procedure"),
        ("supervisor", "MeetingSeatView:can_appoint", "No rule of the procedure"),
        ("office", "CertificateView:can_revoke", "No rule of the procedure"),
        ("applicant", "MaterialScoreView:can_assess", "No rule of the procedure"),
        ("unit", "OpinionView:can_opinion", "No rule of the procedure"),
        ("hrss", "InterviewView:can_generate", "No rule of the procedure"),
        ("superior", "VoteView:can_vote", "No rule of the procedure"),
    ],
)
def test_a_tick_against_the_rules_is_grey_and_refused(
    role: str, cell: str, sentence: str, secadmin: FlaskClient, session: Session
) -> None:
    before = grants.permissions_of_role(Role[role.upper()])

    page = secadmin.get(f"/g/permissions/?role={role}").text
    refused = secadmin.post("/g/permissions/save", data={"role": role, "cell": cell})

    box = re.search(rf'<label[^>]*title="([^"]*)"[^>]*><input[^>]*value="{cell}"[^>]*>', page)
    assert box is not None
    assert sentence in box[1]
    assert "disabled" in box[0]
    assert refused.status_code == 422
    assert sentence in refused.text
    assert grants.permissions_of_role(Role[role.upper()]) == before


def test_every_declared_grant_can_be_ticked_again(app: Flask) -> None:
    with app.test_request_context():
        grey = [
            (view.__name__, role.value, name)
            for view in views()
            for role in view.roles
            for name in view.permissions_of(role)
            if rights._why_never(view, role, name)
        ]

    assert grey == []


def test_every_permission_has_a_name(app: Flask) -> None:
    with app.test_request_context():
        raw = [
            (view.__name__, name)
            for view in views()
            for name in view.permissions()
            if str(rights._permission_label(view, name)) == name
        ]

    assert raw == []


def test_what_stands_against_the_rules_is_taken_away_by_a_press(
    secadmin: FlaskClient, session: Session
) -> None:
    role = appbuilder.sm.find_role("hrss")
    role.permissions.append(appbuilder.sm.find_permission_view_menu("can_list", "MeetingSeatView"))
    session.commit()

    saved = secadmin.post(
        "/g/permissions/save", data={"role": "hrss", "was": "MeetingSeatView:can_list"}
    )

    assert saved.status_code == 303
    assert ("can_list", "MeetingSeatView") not in grants.permissions_of_role(Role.HRSS)
