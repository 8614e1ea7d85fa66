"""Everything kept about a person in one archive, and nothing about anybody else."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from app import engine, settings
from app.engine import Refused
from app.enums import ApplicationState, MessageKind, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, AuditLog, Correction, LoginSession, Message, Reminder
from app.services.dossier import personal_data
from app.services.files import attached_files
from app.services.messages import choices
from tests.services import dossiers
from tests.services.dossier.test_submissions import hand_in, ready
from tests.services.dossiers import owner_of
from tests.support import factories
from tests.support.pressing import EACH_CHECKED, LEADER

SECRETS = ("旁人甲", "旁人乙", "审核员丁", "举报人丙")
"""Names of people who have to do with the case, or with another one."""


@pytest.fixture
def case(app: Flask) -> Application:
    """An application that was handed in and passed by a clerk, with a real file and an account."""
    made = ready()
    factories.user(person=made.person)
    stored = attached_files.store(io.BytesIO(dossiers.pdf()), "毕业证书.pdf")
    actor = owner_of(made.person)
    for _copy in range(2):
        attached_files.attach(
            made, stored, "education", "毕业证书.pdf", actor, clock.now(), "education"
        )
    hand_in(made)
    clerk = factories.actor(Role.UNIT, unit=made.unit, user=factories.user("审核员丁"), person=None)
    factories.register_leader(made.unit)
    engine.fire(made, "check_pass", actor=clerk, at=clock.now(), details=EACH_CHECKED | LEADER)
    return made


def unpacked(person_id: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(personal_data.archive(person_id))))


def told(person_id: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unpacked(person_id).read("data.json"))
    return found


def who(application: Application) -> Actor:
    return owner_of(application.person)


def test_archive_holds_data_applications_and_files(case: Application) -> None:
    archive = unpacked(case.person_id)

    data = json.loads(archive.read("data.json"))
    page = archive.read(next(name for name in archive.namelist() if name.endswith(".html")))
    assert archive.testzip() is None
    assert case.person.id_number in str(data["person"])
    assert data["applications"][0]["data"]["Application number"] == case.number
    assert "桥梁设计" in str(data["applications"][0]["sections"])
    assert data["applications"][0]["timeline"][0]["receipt"].startswith("HZ")
    assert "桥梁设计" in page.decode()


def test_archive_keeps_chinese_names_and_none_twice(case: Application) -> None:
    archive = unpacked(case.person_id)

    names = [name for name in archive.namelist() if "毕业证书" in name]
    assert len(names) == len(set(names)) == 2
    assert archive.read(names[0]) == dossiers.pdf()


def test_archive_names_nobody_who_handled_the_case(case: Application) -> None:
    objected = factories.notice([case], unit=case.unit)
    factories.objection(objected, case, author="举报人丙", contact="13511112222")
    other = factories.application(ApplicationState.AT_UNIT, unit=case.unit, name="旁人甲")
    factories.person("旁人乙", unit=case.unit)
    factories.attachment(case, "proof", name="公示证明.pdf").added_by = factories.user().id

    archive = unpacked(case.person_id)

    whole = "".join(archive.read(name).decode() for name in ("data.json", "My data archive.html"))
    assert not [name for name in SECRETS if name in whole]
    assert other.number not in whole
    assert "13511112222" not in whole
    assert LEADER["leader"] not in whole
    assert not [name for name in archive.namelist() if "公示证明" in name]


def test_archive_holds_own_messages_and_sign_ins_alone(case: Application, session: Session) -> None:
    stranger = factories.user()
    for number, user_id in enumerate((case.person.user_id, stranger.id), start=1):
        session.add(
            Message(outbox_id=number, user_id=user_id, subject=f"消息{number}", body="正文")
        )
        session.add(
            LoginSession(token_hash=f"{number}", user_id=user_id, address=f"10.0.0.{number}")
        )
        session.add(AuditLog(kind="sign_in", actor_id=user_id, address=f"10.0.1.{number}"))
    session.add(AuditLog(kind="sign_in", actor_id=None, address="10.0.1.9"))
    session.flush()

    data = told(case.person_id)

    assert [one["Subject"] for one in data["messages"]] == ["消息1"]
    assert [one["Address"] for one in data["sign_ins"]] == ["10.0.0.1"]
    assert [one["address"] for one in data["account_events"]] == ["10.0.1.1"]


def test_archive_of_somebody_without_an_account_holds_no_account(
    app: Flask, session: Session
) -> None:
    session.add(AuditLog(kind="sign_in", actor_id=None, address="10.0.1.9"))
    person = factories.person()

    data = told(person.id)

    assert (data["sign_ins"], data["account_events"], data["applications"]) == ([], [], [])


def test_archive_is_made_in_pieces(case: Application) -> None:
    pieces = list(personal_data.archive(case.person_id))

    assert len([piece for piece in pieces if piece]) > 3
    assert max(map(len, pieces)) < 1024 * 1024


def test_file_whose_content_is_gone_is_left_out(app: Flask) -> None:
    application = ready()

    archive = unpacked(application.person_id)

    assert archive.testzip() is None
    assert application.number in archive.read("data.json").decode()


def test_begin_leaves_a_row_in_the_audit_trail(case: Application, session: Session) -> None:
    personal_data.log_export(who(case), clock.now())

    row = session.query(AuditLog).filter_by(kind="my_data").one()
    assert row.actor_id == case.person.user_id


def test_begin_is_refused_when_asked_too_often(case: Application) -> None:
    for _time in range(settings.get("my_data_per_day")):
        personal_data.log_export(who(case), clock.now())

    with pytest.raises(Refused, match="today"):
        personal_data.log_export(who(case), clock.now())
    with time_machine.travel(clock.now() + timedelta(days=1, hours=1)):
        assert personal_data.log_export(who(case), clock.now()) == case.person_id


def test_begin_needs_a_person(app: Flask) -> None:
    with pytest.raises(Refused, match="personal data"):
        personal_data.log_export(Actor(role=Role.APPLICANT), clock.now())


def test_archive_tells_what_a_supplement_asked_for_in_words(case: Application) -> None:
    items = [{"section": "education", "text": "补学历证书"}, {"section": "", "text": "补身份证"}]
    factories.add(
        Correction(
            application_id=case.id, items=items, deadline=factories.today(), asked_at=clock.now()
        )
    )

    supplement = told(case.person_id)["applications"][0]["supplement"][0]
    page = next(name for name in unpacked(case.person_id).namelist() if name.endswith(".html"))
    shown = unpacked(case.person_id).read(page).decode()

    assert "补学历证书; 补身份证" in supplement.values()
    assert "补学历证书; 补身份证" in shown
    assert ">items<" not in shown


def test_archive_holds_reminders_and_the_message_settings(case: Application) -> None:
    db.session.add(
        Reminder(application_id=case.id, role=Role.APPLICANT, day=clock.local_date(clock.now()))
    )
    assert case.person.user_id is not None
    ticked = [(MessageKind.CASE, "sms")]
    choices.store(db.session(), case.person.user_id, ticked, ("sms",), (22, 7))
    db.session.flush()

    data = told(case.person_id)

    [reminder] = data["applications"][0]["reminders"]
    assert reminder["Role"] == "Applicant"
    [settings] = data["message_settings"]
    assert settings["Quiet hours"] == "22:00–07:00"
    assert "(sms)" in settings["Switched off"]
