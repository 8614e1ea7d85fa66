"""Conditions for applying: the administrators' table, and what applicants and staff see of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Level, Role, Sex
from app.extensions import db
from app.ground import clock
from app.models import Application, AuditLog, EligibilityRule, Person
from app.services.rules import rule_kinds
from tests.services import dossiers
from tests.support import factories, form_data, world
from tests.support.counting import statements
from tests.support.signing import english, signed_in

BASE = "/g/eligibility-rules"


@pytest.fixture
def administrator(app: Flask) -> FlaskClient:
    position = factories.position(Role.SYSADMIN, user=factories.user())
    return english(signed_in(app.test_client(), position))


@pytest.fixture
def person(app: Flask) -> Person:
    return factories.person(unit=factories.unit(), sex=Sex.MALE)


@pytest.fixture
def me(app: Flask, person: Person) -> FlaskClient:
    position = factories.position(Role.APPLICANT, person=person)
    return english(signed_in(app.test_client(), position))


def clerk(app: Flask, application: Application) -> FlaskClient:
    return english(world.enter(app, factories.actor(Role.UNIT, unit=application.unit)))


def rule(code: str) -> EligibilityRule:
    db.session.expire_all()
    return db.session.scalars(select(EligibilityRule).where(EligibilityRule.code == code)).one()


def usual(**values: Any) -> dict[str, Any]:
    """Return what the form of a rule about years of work sends."""
    return {
        "code": "own_rule", "name": "工作满年限", "clause": "某规定", "valid_from": "2000", "valid_to": "", "order": "900",
        "is_active": "y", "number_years": "30",
    } | values  # fmt: skip


def draft(person: Person, **values: Any) -> Application:
    application = factories.application(person=person, **values)
    dossiers.fill(application)
    return application


# the table


def test_the_table_is_the_system_administrators_alone(app: Flask, session: Session) -> None:
    pages = [f"{BASE}/", f"{BASE}/add", f"{BASE}/try", f"{BASE}/{rule('step').id}"]
    pages.append(f"{BASE}/{rule('step').id}/change")

    for role in (Role.SECADMIN, Role.AUDITOR, Role.HRSS, Role.OFFICE, Role.APPLICANT):
        user = factories.user()
        client = signed_in(app.test_client(), factories.position(role, user=user))
        assert {client.get(page).status_code for page in pages} <= {302, 403}, role


def test_the_table_is_listed_and_searched(administrator: FlaskClient) -> None:
    everything = administrator.get(f"{BASE}/").text
    hard = administrator.get(f"{BASE}/?q.is_hard=1").text
    named = administrator.get(f"{BASE}/?q.name=逐级").text

    assert "逐级申报" in everything
    assert "继续教育学时" not in hard
    assert "在职人员申报" in hard
    assert "逐级申报" in named
    assert "在职人员申报" not in named


@pytest.mark.parametrize("kind", rule_kinds.KINDS)
def test_every_kind_has_a_form_of_typed_fields(administrator: FlaskClient, kind: str) -> None:
    page = administrator.get(f"{BASE}/add?kind={kind}")

    assert page.status_code == 200
    for one in rule_kinds.KINDS[kind].parameters:
        assert f'id="number_{one.name}' in page.text
    assert "{&#34;" not in page.text


def test_every_shipped_rule_can_be_opened_and_saved_unchanged(
    administrator: FlaskClient, session: Session
) -> None:
    for one in session.scalars(select(EligibilityRule).order_by(EligibilityRule.id)).all():
        before = {column.key: getattr(one, column.key) for column in one.__table__.columns}
        page = administrator.get(f"{BASE}/{one.id}/change")

        answer = administrator.post(f"{BASE}/{one.id}/change", data=form_data.sent(page.text))

        assert answer.status_code == 303, one.code
        session.expire_all()
        after = {column.key: getattr(one, column.key) for column in one.__table__.columns}
        assert after == before, one.code
        assert administrator.get(f"{BASE}/{one.id}").status_code == 200
    assert not session.scalars(select(AuditLog).where(AuditLog.kind == "rule")).all()


def test_a_new_rule_begins_with_its_kind(administrator: FlaskClient) -> None:
    asked = administrator.post(f"{BASE}/add", data={"kind": "years_at_work"})
    answer = administrator.post(asked.location, data=usual(condition=["mode=normal", "level=2"]))

    made = rule("own_rule")
    assert answer.status_code == 303
    assert (made.kind, made.parameters) == ("years_at_work", {"years": 30})
    assert made.condition == {"mode": ["normal"], "level": ["2"]}
    assert (made.is_hard, made.is_active) == (False, True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"number_years": "-1"}, "number from 0"),
        ({"number_years": "viele"}, "whole number"),
        ({"number_years": ""}, "Fill in"),
        ({"code": "Groß"}, "small letters"),
        ({"code": "step"}, "already given"),
        ({"valid_to": "1999"}, "2000"),
        ({"valid_from": "2027", "valid_to": "2026"}, "before the first"),
        ({"condition": ["mode=magic"]}, "not offered any more"),
        ({"condition": ["mode"]}, "not offered any more"),
    ],
)
def test_what_does_not_do_is_refused_and_kept(
    administrator: FlaskClient, session: Session, values: dict[str, Any], words: str
) -> None:
    count = session.query(EligibilityRule).count()

    answer = administrator.post(f"{BASE}/add?kind=years_at_work", data=usual(**values))

    assert answer.status_code == 422
    assert words in answer.text
    assert "工作满年限" in answer.text
    assert session.query(EligibilityRule).count() == count


def test_a_table_of_numbers_is_edited_by_rows(administrator: FlaskClient) -> None:
    found = rule("years_associate")
    data = form_data.sent(administrator.get(f"{BASE}/{found.id}/change").text)
    rows = [("doctor", "1"), ("college", "9")]
    kept = [(key, value) for key, value in data.items(multi=True) if "number_table" not in key]
    kept += [
        (f"number_table-{place}-{name}", value)
        for place, row in enumerate(rows)
        for name, value in zip(("degree", "years"), row, strict=True)
    ]

    answer = administrator.post(f"{BASE}/{found.id}/change", data=form_data.multi(kept))

    assert answer.status_code == 303
    assert rule("years_associate").parameters["table"] == [
        {"degree": "doctor", "years": 1},
        {"degree": "college", "years": 9},
    ]
    [row] = db.session.scalars(select(AuditLog).where(AuditLog.kind == "rule"))
    assert row.subject == "eligibility_rule:years_associate"
    assert set(row.details) == {"parameters"}


def test_a_rule_broken_in_the_table_can_be_repaired(
    administrator: FlaskClient, me: FlaskClient, person: Person, session: Session
) -> None:
    application = draft(person)
    found = rule("years_associate")
    found.parameters = {"table": "broken", "counts_from": 7}
    session.commit()

    seen = me.get(f"/me/application/{application.id}/")
    pages = [
        administrator.get(f"{BASE}/{rest}") for rest in ("", found.id, f"{found.id}/change", "try")
    ]
    repaired = administrator.post(f"{BASE}/{found.id}/change", data=form_data.sent(pages[2].text))

    assert seen.status_code == 200
    assert "This condition cannot be computed" in seen.text
    assert "system administrator" in seen.text
    assert {page.status_code for page in pages} == {200}
    assert "cannot be computed" in pages[0].text
    assert repaired.status_code == 303
    assert rule_kinds.read("degree_and_years", rule("years_associate").parameters)


def test_the_try_out_computes_typed_facts(administrator: FlaskClient, session: Session) -> None:
    facts = {
        "review_year": "2026", "mode": "normal", "series": "05", "level": "2", "employment": "public_post",
        "unit_kind": "public", "sex": "1", "birth_date": "1985-03-07", "degree": "bachelor", "held_series": "05",
        "held_level": "3", "obtained_on": "2022-12-30", "poor_years": "0", "public_hours": "30", "special_hours": "60",
    }  # fmt: skip
    before = session.query(Person).count()

    refused = administrator.post(f"{BASE}/try", data=facts)
    met = administrator.post(f"{BASE}/try", data=facts | {"obtained_on": "2019-12-30"})
    nonsense = administrator.post(f"{BASE}/try", data=facts | {"birth_date": "gestern"})

    assert refused.status_code == met.status_code == 200
    assert "They are reached on 2027-12-30" in refused.text
    assert "They are reached on" not in met.text
    assert nonsense.status_code == 422
    assert session.query(Person).count() == before


# what applicants see


def test_a_changed_number_changes_what_an_applicant_sees_at_once(
    administrator: FlaskClient, me: FlaskClient, person: Person
) -> None:
    application = draft(person)
    found = rule("years_associate")
    before = me.get(f"/me/application/{application.id}/").text
    data = form_data.sent(administrator.get(f"{BASE}/{found.id}/change").text)
    for place in range(3):
        data[f"number_table-{place}-years"] = "27"

    administrator.post(f"{BASE}/{found.id}/change", data=data)

    after = me.get(f"/me/application/{application.id}/").text
    assert " 5 years are needed" in before
    assert " 27 years are needed" in after
    assert "prevents submission" in after


def test_conditions_are_seen_from_the_first_minute(me: FlaskClient, person: Person) -> None:
    application = factories.application(person=person)

    for base in ("/me", "/m"):
        page = me.get(f"{base}/application/{application.id}/").text
        assert "副高级学历资历" in page
        assert "not known yet" in page
        assert rule("years_associate").clause in page
        assert f'href="{base}/application/{application.id}/section/education#rows"' in page


def test_the_chooser_names_the_conditions(me: FlaskClient) -> None:
    batch = factories.batch()
    db.session.commit()

    chosen = me.get(f"/me/apply?batch={batch.id}&mode=normal&level=2").text
    other = me.get(f"/me/apply?batch={batch.id}&mode=transfer&level=2").text

    assert "逐级申报" in chosen
    assert "转评前须有同级职称" in other
    assert "逐级申报" not in other


def test_warnings_stand_apart_on_the_page_of_submission(me: FlaskClient, person: Person) -> None:
    application = draft(person)

    page = me.get(f"/me/application/{application.id}/submit").text

    assert "Not met, but no obstacle" in page
    assert "继续教育" in page or "Continuing education" in page


# what staff see


def test_staff_see_the_conditions_in_list_and_detail(app: Flask, person: Person) -> None:
    application = draft(person)
    application.state, application.rules_unmet = ApplicationState.AT_UNIT, 2
    fine = factories.application(ApplicationState.AT_UNIT, unit=application.unit, rules_unmet=0)
    client = clerk(app, application)

    every = client.get("/g/1.1.4/").text
    some = client.get("/g/1.1.4/?q.rules_unmet=1").text
    none = client.get("/g/1.1.4/?q.rules_unmet=0").text
    case = client.get(f"/g/1.1.4/{application.id}").text

    assert "2 not met" in every
    assert "all met" in every
    assert application.number in some
    assert fine.number not in some
    assert fine.number in none
    assert application.number not in none
    assert client.get("/g/1.1.4/?q.rules_unmet=7").status_code == 400
    assert "Conditions for applying" in case
    assert rule("step").clause in case


def test_the_list_reads_no_more_with_more_rows(app: Flask) -> None:
    unit = factories.unit()
    first = factories.application(ApplicationState.AT_UNIT, unit=unit, rules_unmet=1)
    client = clerk(app, first)
    client.get("/g/1.1.4/")
    with statements() as few:
        client.get("/g/1.1.4/")
    for _number in range(10):
        factories.application(ApplicationState.AT_UNIT, unit=unit, rules_unmet=3)

    with statements() as many:
        client.get("/g/1.1.4/")

    assert len([one for one in few if "SELECT" in one]) >= len(many) - 1


def test_saving_a_section_keeps_the_number(me: FlaskClient, person: Person) -> None:
    application = draft(person)
    url = f"/me/application/{application.id}/section/titles"
    data = form_data.sent(me.get(url).text) | {"do": "save"}
    data["rows-0-level"] = Level.ASSOCIATE.value

    answer = me.post(url, data=data)

    assert answer.status_code == 303, answer.text
    db.session.expire_all()
    assert application.rules_unmet


# deadlines


def test_deadlines_carry_the_servers_time(me: FlaskClient, person: Person) -> None:
    application = draft(person)
    application.due_at = clock.end_of_day(application.batch.apply_end)
    pages = ["/me/", f"/me/application/{application.id}/"]
    pages += [f"/me/application/{application.id}/{rest}" for rest in ("section/work", "materials")]

    for page in pages:
        found = me.get(page).text
        [(now, due)] = set(re.findall(r'data-now="([^"]+)" data-due="([^"]+)"', found)) or [
            ("", "")
        ]
        assert due == application.due_at.isoformat(), page
        assert abs(clock.now().fromisoformat(now) - clock.now()) < timedelta(minutes=5)
        assert "js/countdown.js" in found


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(days=2, hours=3, seconds=1), "2 days 3 hours left"),
        (timedelta(hours=3, minutes=4, seconds=1), "3 hours 4 minutes left"),
        (timedelta(minutes=4, seconds=1), "4 minutes left"),
        (timedelta(seconds=-1), "the time is over"),
    ],
)
def test_deadlines_are_said_without_a_script(
    app: Flask, person: Person, before: timedelta, words: str
) -> None:
    application = factories.application(
        ApplicationState.RETURNED, person=person, due_at=clock.now() + timedelta(days=20)
    )
    position = factories.position(Role.APPLICANT, person=person)
    db.session.commit()

    with time_machine.travel(application.due_at - before, tick=False):
        client = english(signed_in(app.test_client(), position))
        page = client.get(f"/me/application/{application.id}/").text

    assert words in page
