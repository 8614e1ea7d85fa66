"""Full ID and telephone number of a case: for whoever has it in hand, with a row of the audit log."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Application, AuditLog
from tests.support import factories as f
from tests.support.signing import client_of


def numbers(case: Application) -> tuple[str, str]:
    return str(case.person.id_number), str(case.person.phone)


def shown(page: str, case: Application) -> list[bool]:
    return [number in page for number in numbers(case)]


def reveals() -> list[str]:
    return [one.subject for one in db.session.query(AuditLog).filter_by(kind="full_numbers")]


@pytest.mark.parametrize("role", [Role.UNIT, Role.SUPERIOR, Role.OFFICE])
def test_handler_shows_the_full_numbers_with_a_row_of_the_log(app: Flask, role: Role) -> None:
    case, client, menu = held_by(app, role)

    before = client.get(f"/g/{menu}/{case.id}").text
    answer = client.post(f"/g/{menu}/{case.id}/numbers")
    after = client.get(f"/g/{menu}/{case.id}").text

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert [shown(page, case) for page in (before, answer.text, after)] == [
        [False] * 2, [True] * 2, [False] * 2,
    ]  # fmt: skip
    assert f'action="/g/{menu}/{case.id}/numbers"' in before
    assert reveals() == [f"application:{case.id}"]


def held_by(app: Flask, role: Role) -> tuple[Application, FlaskClient, str]:
    """Return a case, a client of its holder in `role`, and the menu it waits in."""
    unit, above, batch = f.unit(), f.unit(), f.batch()
    person = f.person(unit=unit, phone="13800001111")
    state, menu = {
        Role.UNIT: (ApplicationState.AT_UNIT, "1.1.1/check"),
        Role.SUPERIOR: (ApplicationState.AT_SUPERIOR, "1.1.3"),
        Role.OFFICE: (ApplicationState.AT_OFFICE, "1.2.1"),
    }[role]
    case = f.application(state, unit=unit, person=person, batch=batch, superiors=(above,))
    where = {Role.UNIT: {"unit": unit}, Role.SUPERIOR: {"unit": above}}.get(
        role, {"committee": batch.committee}
    )
    return case, client_of(app, f.position(role, **where)), menu


def test_who_only_sees_the_case_is_told_so(app: Flask) -> None:
    case, _office, _menu = held_by(app, Role.OFFICE)
    clerk = client_of(app, f.position(Role.UNIT, unit=case.unit))

    page = clerk.get(f"/g/1.1.4/{case.id}").text
    answer = clerk.post(f"/g/1.1.4/{case.id}/numbers")
    told = clerk.get(f"/g/1.1.4/{case.id}").text

    assert "/numbers" not in page
    assert answer.location == f"/g/1.1.4/{case.id}"
    assert "only to whoever has the case in hand" in told
    assert shown(told, case) == [False, False]
    assert reveals() == []


def test_case_of_another_unit_is_not_found(app: Flask) -> None:
    case, _clerk, menu = held_by(app, Role.UNIT)
    stranger = client_of(app, f.position(Role.UNIT, unit=f.unit()))

    assert stranger.post(f"/g/{menu}/{case.id}/numbers").status_code == 404
    assert reveals() == []


def test_another_role_is_refused_and_a_link_shows_nothing(app: Flask) -> None:
    case, clerk, menu = held_by(app, Role.UNIT)
    judge = client_of(app, f.position(Role.JUDGE, unit=f.unit(), committee=case.committee))

    assert judge.post(f"/g/{menu}/{case.id}/numbers").status_code in (403, 404)
    assert clerk.get(f"/g/{menu}/{case.id}/numbers").status_code == 405
    assert reveals() == []


def test_own_case_stays_masked_in_another_position(app: Flask) -> None:
    unit = f.unit()
    person = f.person(unit=unit, phone="13800001111")
    case = f.application(ApplicationState.AT_UNIT, unit=unit, person=person)
    own = client_of(app, f.position(Role.UNIT, unit=unit, user=f.user(person=person)))

    answer = own.post(f"/g/1.1.1/check/{case.id}/numbers")

    assert shown(answer.text, case) == [False, False]
    assert reveals() == []
