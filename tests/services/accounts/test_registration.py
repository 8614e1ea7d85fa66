"""Registration by the person: one account per number, records a unit entered, the password forgotten."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import Employment, IdKind, Proof, Role, Sex
from app.ground import clock
from app.models import AuditLog, LoginFailure, Person, Position, User
from app.services.accounts import persons, registration
from app.services.credentials import lockout, passwords
from app.services.ground.id_numbers import index_of
from app.views.accounts import forgotten
from app.web.security import check_password
from tests.support import factories, mail
from tests.support.signing import OTHER_PASSWORD, PASSWORD

NOW = clock.now()
NUMBER = "43009919920101105X"
SPELLINGS = [
    NUMBER,
    NUMBER.lower(),
    f" {NUMBER} ",
    "4300 9919 9201 0110 5x",
    "４３００９９１９９２０１０１１０５Ｘ",
]


def facts(**values: Any) -> dict[str, Any]:
    typed = {
        "name": "向若溪",
        "id_kind": IdKind.RESIDENT,
        "id_number": NUMBER,
        "phone": "13800000000",
    }
    stored, faults = persons.read(typed | values, at=NOW)
    assert faults == {}
    return stored


def registered(proof: Proof | None = None, **values: Any) -> Person:
    stored = facts(**values)
    account = registration.new_account(stored["name"], PASSWORD, at=NOW)
    return registration.register(account, stored, at=NOW, proof=proof)


# what was typed


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_read_gives_one_spelling(session: Session, spelling: str) -> None:
    assert index_of(spelling) == index_of(NUMBER)


def test_read_takes_sex_and_birth_from_the_number(session: Session) -> None:
    stored = facts(id_number=NUMBER.lower())

    assert (stored["id_number"], stored["sex"], stored["birth_date"]) == (
        NUMBER,
        Sex.MALE,
        date(1992, 1, 1),
    )


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (IdKind.PASSPORT, "e12345678"),
        (IdKind.HMT_PASS, "H12345678"),
        (IdKind.FOREIGN_RESIDENCE, "USA110085031101"),
    ],
)
def test_read_asks_what_the_number_does_not_tell(
    session: Session, kind: IdKind, number: str
) -> None:
    typed = {"name": "ANNA MUSTER", "id_kind": kind, "id_number": number, "phone": "13800000000"}

    _stored, missing = persons.read(typed, at=NOW)
    told = {"sex": Sex.FEMALE, "birth_date": date(1985, 3, 11)}
    stored, faults = persons.read(typed | told, at=NOW)

    assert set(missing) == {"sex", "birth_date"}
    assert faults == {}
    assert (stored["sex"], stored["birth_date"]) == (Sex.FEMALE, date(1985, 3, 11))


@pytest.mark.parametrize("born", [date(2099, 1, 1), date(2020, 1, 1), date(1901, 1, 1)])
def test_read_refuses_an_age_nobody_applies_at(session: Session, born: date) -> None:
    typed = {"name": "ANNA MUSTER", "id_kind": IdKind.PASSPORT, "id_number": "E12345678", "phone": "13800000000",
             "sex": Sex.FEMALE, "birth_date": born}  # fmt: skip

    assert set(persons.read(typed, at=NOW)[1]) == {"birth_date"}


@pytest.mark.parametrize("wrong", [{"sex": Sex.FEMALE}, {"birth_date": date(1992, 1, 2)}])
def test_read_compares_sex_and_birth_with_the_number(
    session: Session, wrong: dict[str, Any]
) -> None:
    typed = {
        "name": "向若溪",
        "id_kind": IdKind.RESIDENT,
        "id_number": NUMBER,
        "phone": "13800000000",
    }

    assert set(persons.read(typed | wrong, at=NOW)[1]) == {"id_number"}


def test_read_names_every_field_at_fault(session: Session) -> None:
    typed = {
        "name": "<b>",
        "id_kind": IdKind.RESIDENT,
        "id_number": "1",
        "phone": "1",
        "email": "x",
    }

    assert set(persons.read(typed, at=NOW)[1]) == {"name", "id_number", "phone", "email"}


# registering


def test_register_makes_account_person_and_position(session: Session) -> None:
    person = registered()

    user = person.user
    assert user is not None
    assert (user.username, user.real_name, user.must_change_password) == (
        "p00000001",
        "向若溪",
        False,
    )
    assert (person.unit_id, person.phone, person.id_number) == (None, "13800000000", NUMBER)
    roles = session.scalars(select(Position.role).where(Position.user_id == user.id)).all()
    assert roles == [Role.APPLICANT]
    row = session.scalars(select(AuditLog).where(AuditLog.kind == "person_register")).one()
    assert (row.subject, row.actor_id) == (f"person:{person.id}", user.id)


def test_register_skips_a_username_that_is_taken(session: Session) -> None:
    factories.user(username="p00000001")

    person = registered()

    assert person.user is not None
    assert person.user.username == "p00000002"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_register_refuses_a_second_account_for_one_number(session: Session, spelling: str) -> None:
    registered()
    session.commit()

    with pytest.raises(Refused, match="has an account already") as refusal:
        registered(id_number=spelling, name="向若水")

    assert refusal.value.field == "id_number"


@pytest.mark.parametrize("proof", Proof)
def test_register_takes_over_what_a_unit_entered(session: Session, proof: Proof) -> None:
    unit = factories.unit()
    entered = factories.person(
        "阿依古丽·买买提", unit=unit, id_number=NUMBER, employment=Employment.ENTERPRISE, phone="13711111111",
        email="a@example.com",
    )  # fmt: skip

    person = registered(
        proof, id_number=NUMBER.lower(), name="阿依古丽•买买提", email="other@example.com"
    )

    assert person is entered
    assert (person.unit, person.employment) == (unit, Employment.ENTERPRISE)
    assert (person.phone, person.email) == ("13711111111", "a@example.com")
    assert person.user is not None
    row = session.scalars(select(AuditLog).order_by(AuditLog.id.desc())).first()
    assert row is not None
    assert (row.kind, row.details) == ("person_claim", {"proof": proof.value})


def test_register_fills_in_only_what_is_empty_on_record(session: Session) -> None:
    factories.person("向若溪", id_number=NUMBER, phone=None)

    person = registered(Proof.HANDED, email="a@example.com")

    assert (person.phone, person.email) == ("13800000000", "a@example.com")


def test_register_takes_over_nothing_without_a_proof(session: Session) -> None:
    """Name and ID number, which many people know, are not enough."""
    entered = factories.person("向若溪", id_number=NUMBER)
    session.commit()

    with pytest.raises(registration.ProofNeeded):
        registered()
    session.rollback()

    session.refresh(entered)
    assert (entered.user_id, session.scalars(select(User)).all()) == (None, [])


@pytest.mark.parametrize("other", [{"name": "向若水"}, {"id_kind": IdKind.HMT_RESIDENCE}])
def test_register_refuses_a_record_of_another_name_or_kind(
    session: Session, other: dict[str, Any]
) -> None:
    entered = factories.person(**({"name": "向若溪", "id_number": NUMBER} | other))

    with pytest.raises(Refused, match="title clerk of your unit") as refusal:
        registered()

    assert refusal.value.field == "name"
    assert entered.user_id is None


@pytest.mark.parametrize(
    "weak", ["short", "alllowercaseletters", f"Zz-{NUMBER}", "Tel-13800000000", "x" * 129]
)
def test_password_is_refused(session: Session, weak: str) -> None:
    assert registration.why_weak(weak, facts())


# signing in with the number


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_person_signs_in_with_the_number(app: Flask, spelling: str) -> None:
    person = registered()

    with app.test_request_context():
        outcome = check_password(spelling, PASSWORD)

    assert (outcome.user_id, outcome.refusal) == (person.user_id, "")


def test_lock_counts_both_spellings_as_one_account(app: Flask, session: Session) -> None:
    person = registered()
    assert person.user is not None
    username = person.user.username

    with app.test_request_context():
        for name in (username, NUMBER, NUMBER.lower(), username, NUMBER):
            check_password(name, "wrong")
        outcomes = [check_password(name, PASSWORD) for name in (username, NUMBER)]

    assert [outcome.is_locked for outcome in outcomes] == [True, True]
    assert lockout.is_locked(username, at=clock.now())


def test_failures_hold_no_number_in_clear(app: Flask, session: Session) -> None:
    registered()

    with app.test_request_context():
        for name in (NUMBER, "430099198503071010", "Correct-horse-9"):
            check_password(name, "wrong")

    names = session.scalars(select(LoginFailure.username).order_by(LoginFailure.id)).all()
    assert names[0] == "p00000001"
    assert [name[0] for name in names[1:]] == ["?", "?"]
    assert not {"430099198503071010", "correct-horse-9"} & set(names)


# the password forgotten


@pytest.fixture
def inbox(app: Flask, tmp_path: Path) -> Path:
    """The file in which short messages end up."""
    return mail.short_messages(app, tmp_path)


def messages(inbox: Path) -> list[dict[str, str]]:
    lines = inbox.read_text(encoding="utf-8").splitlines() if inbox.exists() else []
    return [json.loads(line) for line in lines]


def ask(name: str = "向若溪", number: str = NUMBER, at: datetime = NOW) -> None:
    forgotten.make_and_send(index_of(number), registration.name_index(name), at=at)


def code_in(inbox: Path) -> str:
    digits = "".join(c if c.isdigit() else " " for c in messages(inbox)[-1]["text"]).split()
    return next(one for one in digits if len(one) == 6)


def test_code_goes_to_the_mobile_on_record(session: Session, inbox: Path) -> None:
    registered()
    session.commit()

    ask()

    assert [one["to"] for one in messages(inbox)] == ["13800000000"]
    row = session.scalars(select(AuditLog).where(AuditLog.kind == "code")).one()
    assert (row.subject, row.is_success) == ("p00000001", True)


@pytest.mark.parametrize("wrong", [{"name": "向若水"}, {"number": "430099198503071010"}])
def test_code_goes_to_nobody_else(session: Session, inbox: Path, wrong: dict[str, str]) -> None:
    registered()
    session.commit()

    ask(**wrong)

    assert messages(inbox) == []
    assert session.scalars(select(AuditLog).where(AuditLog.kind == "code")).all() == []


@pytest.mark.parametrize("change", ["disabled", "administrator", "unclaimed"])
def test_code_is_not_for_every_account(session: Session, inbox: Path, change: str) -> None:
    person = registered()
    assert person.user is not None
    if change == "disabled":
        person.user.active = False
    elif change == "administrator":
        factories.position(Role.SYSADMIN, user=person.user)
    else:
        person.user_id = None
    session.commit()

    ask()

    assert messages(inbox) == []


def test_code_that_reaches_nobody_is_noted(session: Session) -> None:
    registered()
    session.commit()

    ask()

    row = session.scalars(select(AuditLog).where(AuditLog.kind == "code")).one()
    assert not row.is_success


def test_second_code_comes_a_minute_later(session: Session, inbox: Path) -> None:
    registered()
    session.commit()

    for seconds in (0, 30, 61):
        ask(at=NOW + timedelta(seconds=seconds))

    assert len(messages(inbox)) == 2


def test_reset_replaces_the_password_once(session: Session, inbox: Path) -> None:
    user = registered().user
    assert user is not None
    session.commit()
    ask()
    code = code_in(inbox)

    right = registration.try_code(index_of(NUMBER), code, at=NOW)
    assert right is not None
    registration.reset_password(*right, OTHER_PASSWORD, at=NOW)

    assert passwords.is_right(user.password, OTHER_PASSWORD)
    assert registration.try_code(index_of(NUMBER), code, at=NOW) is None
    with pytest.raises(Refused):
        registration.reset_password(*right, PASSWORD, at=NOW)
    kinds = session.scalars(select(AuditLog.kind)).all()
    assert kinds.count("password_reset") == 1


def test_try_for_nobody_is_wrong(session: Session) -> None:
    assert registration.try_code(index_of("430099198503071010"), "000000", at=NOW) is None
    assert session.scalars(select(User)).all() == []
