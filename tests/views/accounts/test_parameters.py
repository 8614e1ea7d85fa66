"""The page of the parameters: who changes what alone, and what two administrators change together."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import settings
from app.enums import ApplicationState, ConsentState, Role
from app.models import AuditLog, Consent, Setting
from tests.support import factories as make

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


KEY = "/g/parameters/notice_days"


def next_month() -> str:
    return (make.today().replace(day=1) + timedelta(days=32)).replace(day=1).isoformat()


def test_list_finds_numbers_by_name_source_and_menu(sysadmin: FlaskClient) -> None:
    found = {
        words: sysadmin.get("/g/parameters/", query_string={"q": words}).text
        for words in ("unit notice", "Order 40", "nothing of the kind")
    }

    assert "Length of the unit notice" in found["unit notice"]
    assert "Sign-out after idleness" not in found["unit notice"]
    assert "Smallest committee of a whole series" in found["Order 40"]
    assert "No number matches" in found["nothing of the kind"]


def test_list_of_what_changes_soon_names_the_day(sysadmin: FlaskClient, session: Session) -> None:
    settings.store_value("notice_days", "7", valid_from=make.in_days(40))
    session.commit()

    shown = sysadmin.get("/g/parameters/?only=changed").text

    assert f"7 from {make.in_days(40)} on" in shown
    assert "Smallest committee of a whole series" not in shown


def test_check_tells_what_is_touched_and_saves_nothing(
    sysadmin: FlaskClient, session: Session
) -> None:
    make.application(ApplicationState.CHECKED)
    session.commit()
    typed = {"value": "7", "seen": "5", "valid_from": next_month(), "remark": "省厅第9号"}

    checked = sysadmin.post(f"{KEY}/check", data=typed)
    back = sysadmin.post(f"{KEY}/check", data=typed | {"again": "1"})

    assert checked.status_code == 200
    assert "applications whose notice is not posted yet" in checked.text
    assert (back.status_code, "省厅第9号" in back.text, 'value="7"' in back.text) == (200,) + (
        True,
    ) * 2
    assert session.scalars(select(Setting).filter_by(key="notice_days")).all() == []


def test_notice_days_from_next_month_are_set_cancelled_and_undone(
    sysadmin: FlaskClient, session: Session
) -> None:
    def said(path: str, **typed: str) -> str:
        assert sysadmin.post(path, data=typed).status_code == 303
        return sysadmin.get(KEY).text

    def row(value: str) -> int:
        query = select(Setting.id).filter_by(key="notice_days", value=value)
        return session.scalars(query).one()

    saved = said(KEY, value="7", seen="5", valid_from=next_month())
    cancelled = said(f"{KEY}/cancel/{row('7')}")
    now = said(KEY, value="8", seen="5")
    undone = said(f"{KEY}/undo/{row('8')}")

    assert f"is 7 from {next_month()} on" in saved
    assert "Cancelled: Length of the unit notice 7" in cancelled
    assert "is 8 from now on, before it was 5" in now
    assert "is 5 again from today on" in undone


@pytest.mark.parametrize("way", ["", "/check"])
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"value": "4"}, "must be between 5 and 30"),
        ({"value": "x"}, "must be a whole number"),
        ({"value": ""}, "Fill in this field"),
        ({"value": "7", "valid_from": "2020-01-01"}, "a later day on"),
        ({"value": "7", "valid_from": "2027-02-30"}, "2027-02-30"),
        ({"value": "5"}, "nothing to save"),
    ],
)
def test_refused_values_stay_with_a_sentence_at_the_field(
    sysadmin: FlaskClient, typed: dict[str, str], words: str, way: str
) -> None:
    sent = {"seen": "5", "remark": "湘人社发第1号", **typed}

    answer = sysadmin.post(f"{KEY}{way}", data=sent)

    assert answer.status_code == 422
    assert words in answer.text
    assert all(value in answer.text for value in sent.values())
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("way", ["cancel", "undo"])
def test_a_change_of_another_number_is_not_found(
    sysadmin: FlaskClient, session: Session, way: str
) -> None:
    row = settings.store_value("ban_years", "4")
    session.commit()

    for path in (
        f"{KEY}/{way}/{row.id}",
        f"{KEY}/{way}/999999",
        f"{KEY}/{way}/{2**40}",
        f"/g/parameters/x/{way}/1",
    ):
        assert sysadmin.post(path).status_code == 404
    assert sysadmin.get("/g/parameters/x").status_code == 404


def test_undoing_a_safer_value_asks_a_second_administrator(
    sysadmin: FlaskClient, secadmin: FlaskClient, session: Session
) -> None:
    path = "/g/parameters/login_max_failures"
    settings.store_value("login_max_failures", "5")
    session.commit()
    sysadmin.post(path, data={"value": "4", "seen": "5"})
    row = session.scalars(select(Setting).filter_by(key="login_max_failures", value="4")).one()

    alone = sysadmin.post(f"{path}/undo/{row.id}")
    asked = sysadmin.post(f"{path}/undo/{row.id}", data={"reason": "误改，恢复原值"})
    consent = session.scalars(select(Consent)).one()

    assert (alone.status_code, asked.status_code) == (422, 303)
    assert decide(secadmin, consent, "agree") == 303
    assert settings.get("login_max_failures") == 5
