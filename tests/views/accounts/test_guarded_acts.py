"""The pages of acts that need a second administrator, and the grey ticks of the permissions."""

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ConsentState, Role
from app.models import Consent, Position
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
