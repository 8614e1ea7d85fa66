"""The menus of the administrators: accounts, positions, permissions, logs."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.enums import Role
from app.extensions import db
from app.ground.actor import SYSTEM
from app.models import AuditLog, Consent, LoginFailure, Outbox, Position, User
from app.services.ground.audit import audit
from tests.support import factories, mail
from tests.support.signing import (
    OTHER_PASSWORD,
    PASSWORD,
    english,
    give_password,
    is_anonymous,
    sign_in,
    signed_in,
)

PAGES = {
    Role.SYSADMIN: ("/g/accounts/", "/g/accounts/add"),
    Role.SECADMIN: ("/g/positions/", "/g/positions/add", "/g/permissions/"),
    Role.AUDITOR: ("/g/audit/", "/g/acts/", "/g/audit/export.xlsx", "/g/acts/export.xlsx"),
}


def administrator(app: Flask, role: Role) -> FlaskClient:
    position = factories.position(role, user=factories.user())
    return english(signed_in(app.test_client(), position))


@pytest.mark.parametrize("role", list(PAGES))
def test_pages_open_for_their_administrator_alone(role: Role, app: Flask, session: Session) -> None:
    client = administrator(app, role)

    statuses = {page: client.get(page).status_code for pages in PAGES.values() for page in pages}

    assert statuses == {
        page: 200 if owner is role else 403 for owner, pages in PAGES.items() for page in pages
    }


def test_strangers_are_led_to_the_sign_in(app: Flask, client: FlaskClient) -> None:
    answers = [client.get(page) for pages in PAGES.values() for page in pages]

    assert {answer.status_code for answer in answers} == {302}
    assert all(answer.location.startswith("/login/") for answer in answers)


def test_new_account_gets_its_password_by_a_slip_of_two_administrators(
    app: Flask, session: Session
) -> None:
    """Neither of the two sees a password, nor enough to choose one."""
    first, second = administrator(app, Role.SYSADMIN), administrator(app, Role.SECADMIN)

    answer = first.post("/g/accounts/add", data={"username": "wang.fang", "name": "王芳"})
    consent = session.scalars(select(Consent)).one()
    slip = f"/g/consents/{consent.id}/slip"
    early = [first.post(slip), second.post(slip)]
    own = press(first, consent)
    agreed = press(second, consent)
    halves = [code_on(client.post(slip).text) for client in (first, second)]
    again = [first.post(slip), second.post(slip)]

    assert (answer.status_code, own.status_code, agreed.status_code) == (303, 422, 303)
    assert [one.status_code for one in (*early, *again)] == [422] * 4
    user = app.test_client()
    for wrong in (halves[0], halves[1], halves[1] + halves[0], halves[0] + halves[0]):
        assert choose(user, "wang.fang", wrong).status_code == 422
    assert choose(user, "wang.fang", f"{halves[0]} {halves[1].lower()}").status_code == 303
    assert choose(user, "wang.fang", halves[0] + halves[1]).status_code == 422
    assert sign_in(user, "wang.fang").status_code == 302


def test_halves_of_two_slips_open_nothing(app: Flask, session: Session) -> None:
    """Each administrator asks for one slip and agrees to the other, so each could hold a half of both."""
    first, second = administrator(app, Role.SYSADMIN), administrator(app, Role.SYSADMIN)
    first.post("/g/accounts/add", data={"username": "wang.fang", "name": "王芳"})
    earlier = session.scalars(select(Consent)).one()
    press(second, earlier)
    halves = [code_on(second.post(f"/g/consents/{earlier.id}/slip").text)]
    second.post(f"/g/accounts/{earlier.user_id}/reset", data={"reason": "第一张密封条遗失"})
    later = session.scalars(select(Consent).where(Consent.id != earlier.id)).one()
    press(first, later)
    halves += [code_on(one.post(f"/g/consents/{later.id}/slip").text) for one in (first, second)]
    replaced = first.post(f"/g/consents/{earlier.id}/slip")
    user = app.test_client()
    own = [halves[1] + halves[0], halves[0] + halves[1], halves[0] + halves[2]]

    assert replaced.status_code == 422
    assert [choose(user, "wang.fang", one).status_code for one in own] == [422] * 3
    assert choose(user, "wang.fang", halves[2] + halves[1]).status_code == 303


def test_slip_that_a_code_replaced_opens_nothing(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    first, second = administrator(app, Role.SYSADMIN), administrator(app, Role.SECADMIN)
    person = factories.person(phone=None)
    clerk = factories.position(Role.HRSS, unit=factories.unit(), person=person)
    session.commit()
    first.post(f"/g/accounts/{clerk.user_id}/reset", data={"reason": "本人到场"})
    consent = session.scalars(select(Consent)).one()
    press(second, consent)
    halves = [code_on(one.post(f"/g/consents/{consent.id}/slip").text) for one in (first, second)]
    person.phone = "13800000000"
    session.commit()
    inbox = mail.short_messages(app, tmp_path)
    first.post(f"/g/accounts/{clerk.user_id}/reset", data={"reason": "本人来电"})

    user, name = app.test_client(), clerk.user.username
    assert choose(user, name, halves[0] + halves[1]).status_code == 422
    assert choose(user, name, mail.reset_code(inbox)).status_code == 303


@pytest.mark.parametrize("kind", ["slip", "grant"])
def test_act_of_who_is_no_administrator_any_more_is_declined(
    kind: str, app: Flask, session: Session
) -> None:
    asker = factories.position(Role.SYSADMIN if kind == "slip" else Role.SECADMIN)
    first = english(signed_in(app.test_client(), asker))
    second = administrator(app, asker.role)
    if kind == "slip":
        first.post("/g/accounts/add", data={"username": "wang.fang", "name": "王芳"})
    else:
        user = factories.user()
        data = {"account": user.id, "role": "auditor", "reason": "新任审计员"}
        first.post("/g/positions/add", data=data)
    consent = session.scalars(select(Consent)).one()
    asker.is_active = False
    session.commit()

    assert "is no " in press(second, consent).text
    assert press(second, consent, "decline").status_code == 303


def press(client: FlaskClient, consent: Consent, event: str = "agree") -> TestResponse:
    data = {
        "row": f"{consent.id}:{consent.version}",
        "decision": event,
        "opinion": "已核实本人身份",
    }
    answer = client.post("/g/consents/act/decide", data=data)
    db.session.refresh(consent)
    return answer


def code_on(page: str) -> str:
    found = re.search(r"<code>([^<]+)</code>", page)
    assert found, page
    return found[1]


def choose(client: FlaskClient, name: str, code: str) -> TestResponse:
    data = {"account": name, "code": code, "new": PASSWORD, "again": PASSWORD}
    return client.post("/forgot/use", data=data)


def test_new_account_waits_for_a_second_administrator(app: Flask, session: Session) -> None:
    client = administrator(app, Role.SYSADMIN)

    page = client.post("/g/accounts/add", data={"username": "wang.fang", "name": "王芳"})

    assert page.status_code == 422
    assert "A second administrator has to agree" in page.text
    assert session.scalars(select(User).where(User.username == "wang.fang")).all() == []


def test_refused_account_keeps_what_was_typed(app: Flask, session: Session) -> None:
    client = administrator(app, Role.SYSADMIN)
    factories.user(username="taken")

    page = client.post("/g/accounts/add", data={"username": "taken", "name": "王芳"})

    assert page.status_code == 422
    assert "The username “taken” is taken" in page.text
    assert 'value="王芳"' in page.text


def test_account_is_disabled_and_enabled_by_a_press(app: Flask, session: Session) -> None:
    client = administrator(app, Role.SYSADMIN)
    clerk = factories.position(Role.HRSS, unit=factories.unit())
    theirs = signed_in(app.test_client(), clerk.user)

    asked = client.get(f"/g/accounts/{clerk.user_id}/disable")
    still = is_anonymous(theirs)
    pressed = client.post(f"/g/accounts/{clerk.user_id}/disable")

    assert (asked.status_code, still, pressed.status_code) == (200, False, 303)
    assert is_anonymous(theirs)
    assert client.post(f"/g/accounts/{clerk.user_id}/enable").status_code == 303
    session.refresh(clerk.user)
    assert clerk.user.active


def test_account_is_unlocked_where_it_is_locked(app: Flask, session: Session) -> None:
    client = administrator(app, Role.SYSADMIN)
    user = factories.user()
    address = f"/g/accounts/{user.id}"
    before = client.get(address).text
    for _try in range(5):
        factories.add(LoginFailure(username=user.username, address="192.0.2.1"))
    locked = client.get(address).text

    client.post(f"{address}/unlock")

    assert [f"{address}/unlock" in page for page in (before, locked, client.get(address).text)] == [
        False,
        True,
        False,
    ]


def test_reset_sends_a_code_to_the_person_and_shows_nothing(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    inbox = mail.short_messages(app, tmp_path)
    client = administrator(app, Role.SYSADMIN)
    clerk = factories.position(Role.HRSS, unit=factories.unit())
    give_password(clerk.user, OTHER_PASSWORD)
    theirs = signed_in(app.test_client(), clerk.user)
    name = clerk.user.username

    page = client.post(f"/g/accounts/{clerk.user_id}/reset", data={"reason": "本人来电"})
    sent = json.loads(inbox.read_text(encoding="utf-8").splitlines()[-1])
    code = mail.reset_code(inbox)
    shown = client.get(page.location).text
    void = sign_in(app.test_client(), name, OTHER_PASSWORD)
    chosen = choose(theirs, name, code)

    assert (sent["to"], code in page.text + shown) == ("13800000000", False)
    assert is_anonymous(theirs)
    assert (void.status_code, chosen.status_code) == (401, 303)
    assert sign_in(theirs, name).status_code == 302
    told = session.scalars(select(Outbox.template).where(Outbox.user_id == clerk.user_id)).all()
    assert told == ["account.reset_code"]


def test_reset_that_cannot_be_sent_changes_nothing(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    mail.short_messages(app, tmp_path)
    app.config["SMS_FILE"] = "/proc/nowhere/sms"
    client = administrator(app, Role.SYSADMIN)
    clerk = factories.position(Role.HRSS, unit=factories.unit())
    give_password(clerk.user)

    page = client.post(f"/g/accounts/{clerk.user_id}/reset", data={"reason": "本人来电"})

    assert "could not be sent" in client.get(page.location).text
    assert sign_in(app.test_client(), clerk.user.username).status_code == 302


def test_stranger_who_guesses_does_not_use_up_the_code_of_a_reset(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    inbox = mail.short_messages(app, tmp_path)
    client = administrator(app, Role.SYSADMIN)
    clerk, other = (factories.position(Role.HRSS, unit=factories.unit()) for _one in range(2))
    client.post(f"/g/accounts/{clerk.user_id}/reset", data={"reason": "本人来电"})
    code, wrong = mail.reset_code(inbox), "2222-3333-4444"
    user, stranger = app.test_client(), english(app.test_client())
    name = clerk.user.username

    tries = [choose(stranger, other.user.username, code), choose(stranger, "nobody", code)]
    tries += [choose(stranger, name, wrong) for _try in range(8)]

    assert [one.status_code for one in tries] == [422] * 10
    assert "ask the system administrator for a new one" in tries[-1].text
    assert choose(user, name, code).status_code == 303


def test_refused_act_says_why(app: Flask, session: Session) -> None:
    client = administrator(app, Role.SYSADMIN)
    auditor = factories.position(Role.AUDITOR, user=factories.user())

    page = client.post(f"/g/accounts/{auditor.user_id}/reset", data={"reason": "本人来电"})

    assert page.status_code == 422
    assert "by the operator on the server only" in page.text


def test_position_is_granted_and_withdrawn(app: Flask, session: Session) -> None:
    client = administrator(app, Role.SECADMIN)
    user, unit = factories.user(), factories.unit()
    form = {"account": user.id, "role": "superior", "unit": unit.id, "committee": ""}

    granted = client.post("/g/positions/add", data=form)
    position = session.scalars(select(Position).where(Position.user_id == user.id)).one()
    theirs = signed_in(app.test_client(), position)
    again = client.post("/g/positions/add", data=form)
    withdrawn = client.post(f"/g/positions/{position.id}/withdraw")

    assert (granted.status_code, again.status_code, withdrawn.status_code) == (303, 422, 303)
    assert "holds this position already." in again.text
    assert is_anonymous(theirs)


def test_refused_grant_keeps_what_was_typed(app: Flask, session: Session) -> None:
    client = administrator(app, Role.SECADMIN)
    user = factories.user(username="wang.fang")

    page = client.post("/g/positions/add", data={"account": user.id, "role": "hrss"})

    assert page.status_code == 422
    assert "Choose the unit in which" in page.text
    assert "wang.fang" in page.text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"account": "x", "role": "hrss"},
        {"account": "9" * 30, "role": "hrss"},
        {"account": "1", "role": "emperor"},
        {"account": "1", "role": "applicant"},
        {"account": "1", "role": "hrss", "unit": "-1"},
    ],
)
def test_odd_grants_are_refused_calmly(form: dict[str, str], app: Flask, session: Session) -> None:
    client = administrator(app, Role.SECADMIN)

    assert client.post("/g/positions/add", data=form).status_code == 422


def test_auditor_finds_and_reads_what_was_written(app: Flask, session: Session) -> None:
    client = administrator(app, Role.AUDITOR)
    row = audit("lock", actor=SYSTEM, subject="wang.fang", details={"tries": 5})
    audit("unlock", subject="li.si")
    session.commit()

    found = client.get("/g/audit/?q.subject=wang").text
    shown = client.get(f"/g/audit/{row.id}").text

    assert ("wang.fang" in found, "li.si" in found) == (True, False)
    assert "tries: 5" in shown


def test_log_of_acts_keeps_the_opinion_to_itself(app: Flask, session: Session) -> None:
    client = administrator(app, Role.AUDITOR)
    log = factories.add(
        factories_log(opinion="秘密意见", actor_name="李明", event="pass", target="at_office")
    )
    session.commit()

    pages = [client.get("/g/acts/").text, client.get(f"/g/acts/{log.id}").text]

    assert all("李明" in page for page in pages)
    assert not any("秘密意见" in page for page in pages)


def factories_log(**values: str) -> object:
    from app.models import TransitionLog

    return TransitionLog(subject_type="application", subject_id=1, actor_role=Role.UNIT, **values)


def test_auditor_can_change_nothing(app: Flask, session: Session) -> None:
    client = administrator(app, Role.AUDITOR)
    before = session.scalar(select(func.count()).select_from(AuditLog))

    statuses = {
        client.post(page).status_code
        for page in ("/g/audit/add", "/g/audit/1/edit", "/g/acts/add", "/g/accounts/1/disable")
    }

    assert statuses == {403}
    assert session.scalar(select(func.count()).select_from(AuditLog)) == before


@pytest.mark.parametrize(
    ("role", "page"), [(Role.SYSADMIN, "/g/accounts/"), (Role.SECADMIN, "/g/positions/")]
)
def test_lists_cost_the_same_for_one_and_for_many(
    role: Role, page: str, app: Flask, session: Session
) -> None:
    from tests.web.test_security import statements

    client = administrator(app, role)
    client.get(page)
    counts = []
    for many in (1, 15):
        for _one in range(many):
            factories.position(Role.HRSS, unit=factories.unit(), user=factories.user())
        session.commit()
        with statements() as seen:
            assert client.get(page).status_code == 200
        counts.append(len([statement for statement in seen if statement.startswith("SELECT")]))

    assert counts[0] == counts[1] <= 12


def test_accounts_are_found_by_typing_unless_disabled(app: Flask, session: Session) -> None:
    client = administrator(app, Role.SECADMIN)
    factories.user(username="findable", name="王芳")
    factories.user(username="findable.too", active=False)

    found = client.get("/lookup/account?q=findable").json

    assert found is not None
    assert [row["text"] for row in found["results"]] == ["findable（王芳）"]
