"""The page of the parameters: who changes what alone, and what two administrators change together."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import settings
from app.enums import ConsentState, Role
from app.models import AuditLog, Consent, Setting

WEAKER = [
    ("second_factor_hrss", "1", "0"),
    ("login_max_failures", "5", "6"),
    ("login_lock_minutes", "15", "1"),
    ("login_address_max_accounts", "20", "1000"),
    ("password_min_length", "10", "8"),
    ("session_idle_minutes", "30", "240"),
    ("session_absolute_hours", "10", "24"),
]


def decide(client: FlaskClient, consent: Consent, event: str) -> int:
    form = {"row": f"{consent.id}:{consent.version}", "decision": event, "opinion": "已当面核实"}
    return client.post("/g/consents/act/decide", data=form).status_code


@pytest.mark.parametrize(("key", "seen", "value"), WEAKER)
def test_two_administrators_make_signing_in_less_safe(
    key: str, seen: str, value: str, sysadmin: FlaskClient, secadmin: FlaskClient, session: Session
) -> None:
    settings.store_value(key, seen)
    session.commit()
    typed = {"value": value, "seen": seen}

    alone = sysadmin.post(f"/g/parameters/{key}", data=typed)
    asked = sysadmin.post(f"/g/parameters/{key}", data=typed | {"reason": "设备升级期间"})
    consent = session.scalars(select(Consent)).one()
    before = settings.display_value(key)
    own = decide(sysadmin, consent, "agree")
    agreed = decide(secadmin, consent, "agree")

    assert alone.status_code == 422
    assert "Two administrators decide" in alone.text
    assert f'value="{value}"' in alone.text
    assert (asked.status_code, before) == (303, seen)
    assert own != 303
    assert (agreed, settings.display_value(key)) == (303, value)
    row = session.scalars(select(AuditLog).where(AuditLog.kind == "parameter")).one()
    assert row.details["second"] == consent.answered_by


@pytest.mark.parametrize(("key", "value", "seen"), WEAKER)
def test_one_administrator_makes_it_safer(
    key: str, value: str, seen: str, sysadmin: FlaskClient, session: Session
) -> None:
    settings.store_value(key, seen)
    session.commit()

    saved = sysadmin.post(f"/g/parameters/{key}", data={"value": value, "seen": seen})

    assert (saved.status_code, settings.display_value(key)) == (303, value)


def test_value_changed_after_the_asking_is_only_declined(
    sysadmin: FlaskClient, secadmin: FlaskClient, session: Session
) -> None:
    settings.store_value("login_max_failures", "5")
    session.commit()
    weaker = {"value": "9", "seen": "5", "reason": "设备升级期间"}
    sysadmin.post("/g/parameters/login_max_failures", data=weaker)
    sysadmin.post("/g/parameters/login_max_failures", data={"value": "4", "seen": "5"})
    consent = session.scalars(select(Consent)).one()

    assert decide(secadmin, consent, "agree") != 303
    assert settings.get("login_max_failures") == 4
    assert decide(secadmin, consent, "decline") == 303
    session.refresh(consent)
    assert consent.state is ConsentState.DECLINED


def test_demonstration_asks_for_no_second_factor_until_it_is_none(
    app: Flask, session: Session
) -> None:
    for role in Role:
        session.execute(delete(Setting).where(Setting.key == f"second_factor_{role.value}"))
    session.commit()
    usual = {}
    for is_demo in (True, False):
        app.config["DEMO"] = is_demo
        usual[is_demo] = settings.get("second_factor_hrss")

    assert usual == {True: False, False: True}
