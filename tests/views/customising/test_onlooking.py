"""Looking at the program as somebody else: menus and buttons, invented rows, no acts, logged, ended by time."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import ApplicationState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, AuditLog, ChangeSet, LoginSession, Position
from tests.support import factories as make
from tests.support.rights import REPORT, own_role
from tests.support.signing import client_of

MENU = re.compile(r'<li><a href="([^"]+)"')
LOOK = "/g/permissions-why/look"


@pytest.fixture
def clerk(session: Session) -> Position:
    return make.position(Role.UNIT, unit=make.unit("甲校"))


def look(client: FlaskClient, position: Position) -> None:
    assert client.post(f"{LOOK}?position={position.id}").status_code == 303


def audited(session: Session, kind: str) -> list[AuditLog]:
    return list(session.scalars(select(AuditLog).filter_by(kind=kind)))


def test_menus_are_those_of_the_position(
    app: Flask, secadmin: FlaskClient, clerk: Position
) -> None:
    there = MENU.findall(client_of(app, clerk).get("/").text)

    look(secadmin, clerk)
    page = secadmin.get("/").text

    assert MENU.findall(page) == there
    assert "You look at the program as" in page
    assert "甲校 · Unit clerk (read-only)" in page
    assert "/g/permissions/" not in MENU.findall(page)


def test_list_shows_buttons_and_no_row_of_anybody(
    app: Flask, secadmin: FlaskClient, clerk: Position, session: Session
) -> None:
    case = make.application(unit=clerk.unit, state=ApplicationState.NOTICE_OVER)
    there = client_of(app, clerk).get("/g/1.1.4/").text

    look(secadmin, clerk)
    pages = [secadmin.get(f"/g/{number}/").text for number in ("1.1.2", "1.1.4")]

    assert case.number in there
    assert all(case.number not in page and "a list shows invented rows" in page for page in pages)
    assert "In this menu: See the list, See details, Report" in pages[0]


def test_records_files_and_searches_are_not_reached(
    secadmin: FlaskClient, clerk: Position, session: Session
) -> None:
    case = make.application(unit=clerk.unit, state=ApplicationState.NOTICE_OVER)
    look(secadmin, clerk)

    for address in (
        f"/g/1.1.4/{case.id}", "/g/1.1.4/export.xlsx", "/g/statistics/", "/messages/", "/lookup/unit",
        "/find/", f"/g/1.1.4/?q.number={case.number}", "/phrases/", "/year/2026", "/session/",
    ):  # fmt: skip
        page = secadmin.get(address)
        assert page.status_code in (200, 403), address
        assert case.person.name not in page.text, address
        assert page.mimetype == "text/html", address


def test_menu_that_the_position_lacks_is_refused(secadmin: FlaskClient, clerk: Position) -> None:
    look(secadmin, clerk)

    assert secadmin.get("/g/permissions/").status_code == 403
    assert secadmin.get("/g/1.2.1/").status_code == 403


def test_nothing_can_be_sent(secadmin: FlaskClient, clerk: Position, session: Session) -> None:
    look(secadmin, clerk)

    for address in (
        "/g/permissions/save", "/g/1.1.2/act/report", "/g/positions/add", "/session/switch", LOOK,
        f"/g/positions/{clerk.id}/withdraw", "/g/1.1.4/search", "/session/password",
    ):  # fmt: skip
        page = secadmin.post(address, data={"was": ":".join(REPORT)})
        assert page.status_code == 403, address
        assert "the program is read-only: nothing was done" in page.text
    assert session.scalars(select(ChangeSet)).all() == []


def test_engine_refuses_an_onlooker(clerk: Position, session: Session) -> None:
    case = make.application(unit=clerk.unit, state=ApplicationState.NOTICE_OVER)
    onlooker = Actor(role=Role.UNIT, user_id=0, unit_id=clerk.unit_id, is_onlooker=True)

    with pytest.raises(Refused):
        engine.fire(case, "report", actor=onlooker, at=clock.now())
    assert session.get_one(Application, case.id).state is ApplicationState.NOTICE_OVER


def test_beginning_and_end_are_in_the_audit_log(
    secadmin: FlaskClient, clerk: Position, session: Session
) -> None:
    before = clock.now()
    look(secadmin, clerk)
    until = session.scalar(select(LoginSession.viewed_until).where(LoginSession.viewed_as != ""))
    ended = secadmin.post("/viewing/end")
    again = secadmin.post("/viewing/end")

    begun, end = audited(session, "view_as"), audited(session, "view_as_end")
    assert until is not None
    assert timedelta(minutes=29) < until - before <= timedelta(minutes=31)
    assert (ended.status_code, again.status_code) == (303, 303)
    assert [(row.subject, row.details["position"]) for row in begun] == [
        (f"{clerk.user.username} · 甲校 · Unit clerk", clerk.id)
    ]
    assert [row.details["by"] for row in end] == ["press"]
    assert begun[0].actor_id == end[0].actor_id != clerk.user_id
    assert secadmin.get("/g/permissions/").status_code == 200


def test_it_ends_by_time(secadmin: FlaskClient, clerk: Position, session: Session) -> None:
    look(secadmin, clerk)
    session.execute(update(LoginSession).values(viewed_until=clock.now()))
    session.commit()

    sent = secadmin.post("/g/permissions/save", data={"was": ":".join(REPORT)})
    after = secadmin.get("/g/permissions/")
    shown = secadmin.get("/").text

    assert sent.status_code == 303
    assert after.status_code == 200
    assert "You look at the program as" not in shown
    assert [row.details["by"] for row in audited(session, "view_as_end")] == ["time"]
    assert session.scalars(select(ChangeSet)).all() == []


def test_it_ends_when_the_position_is_withdrawn(
    secadmin: FlaskClient, clerk: Position, session: Session
) -> None:
    look(secadmin, clerk)
    clerk.is_active = False
    session.commit()

    first = secadmin.get("/g/1.1.2/")

    assert first.status_code == 303
    assert secadmin.get("/g/permissions/").status_code == 200


def test_draft_is_previewed_as_a_role_before_anything_holds(
    app: Flask, secadmin: FlaskClient, clerk: Position, session: Session
) -> None:
    own_role()
    taken = "UnitReportView:can_list:unit"
    secadmin.post("/g/permissions/save", data={"was": taken})

    menus = {}
    for role in ("unit", "own:unit-viewer", "superior"):
        assert secadmin.post("/g/permissions/preview-as", data={"role": role}).status_code == 303
        menus[role] = MENU.findall(secadmin.get("/").text)
        secadmin.post("/viewing/end")

    there = MENU.findall(client_of(app, clerk).get("/").text)
    assert "/g/1.1.2/" in there
    assert menus["unit"] == [one for one in there if one != "/g/1.1.2/"]
    assert menus["own:unit-viewer"] == menus["unit"]
    assert "/g/1.1.3/" in menus["superior"]


def test_preview_names_itself_and_leads_back_to_the_draft(secadmin: FlaskClient) -> None:
    secadmin.post("/g/permissions/save", data={"was": ":".join(REPORT)})
    secadmin.post("/g/permissions/preview-as", data={"role": "unit"})

    page = secadmin.get("/").text
    left = secadmin.post("/viewing/end")

    assert "Preview of your draft as Unit clerk (read-only)" in page
    assert left.location == "/g/permissions/draft"


@pytest.mark.parametrize("role", list(Role))
def test_every_menu_of_every_role_can_be_looked_at(secadmin: FlaskClient, role: Role) -> None:
    secadmin.post("/g/permissions/preview-as", data={"role": role.value})

    pages = {address: secadmin.get(address) for address in MENU.findall(secadmin.get("/").text)}

    assert pages
    assert {address: page.status_code for address, page in pages.items()} == dict.fromkeys(
        pages, 200
    )
    assert all("read-only" in page.text for page in pages.values())


@pytest.mark.parametrize(
    "asked", ["", "?position=x", "?position=999999999", "?role=emperor", "?role="]
)
def test_whom_there_is_not_is_not_found(asked: str, secadmin: FlaskClient) -> None:
    assert secadmin.get(LOOK + asked).status_code == 404
    assert secadmin.post(LOOK + asked).status_code == 404


def test_preview_of_an_unknown_role_is_a_bad_request(secadmin: FlaskClient) -> None:
    assert secadmin.post("/g/permissions/preview-as", data={"role": "emperor"}).status_code == 400


def test_withdrawn_position_is_refused(secadmin: FlaskClient, clerk: Position) -> None:
    clerk.is_active = False

    page = secadmin.post(f"{LOOK}?position={clerk.id}")

    assert page.status_code == 422
    assert "This position was withdrawn" in page.text


def test_others_may_not_look(
    app: Flask, sysadmin: FlaskClient, clerk: Position, session: Session
) -> None:
    for client in (sysadmin, client_of(app, clerk)):
        assert client.post(f"{LOOK}?position={clerk.id}").status_code == 403
        assert client.post("/g/permissions/preview-as", data={"role": "unit"}).status_code == 403
    assert {one.viewed_as for one in session.scalars(select(LoginSession))} == {""}
