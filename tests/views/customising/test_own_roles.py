"""The pages of own roles, the matrix with them, and what who holds one finds at the next request."""

import io
import json
import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import Role
from app.models import AuditLog, ChangeSet, OwnRole, Position, TransitionLog
from app.services.accounts import grants
from tests.support import factories as make
from tests.support.counting import statements_of
from tests.support.rights import REPORT, own_role
from tests.support.signing import client_of

MENU = re.compile(r'<li><a href="([^"]+)"')
ADD = {"name": "单位查询员", "name_en": "Unit viewer", "base": "unit", "start": "empty"}


def menus(client: FlaskClient) -> list[str]:
    return MENU.findall(client.get("/").text)


def tick(client: FlaskClient, *cells: str) -> None:
    client.post("/g/permissions/save", data={"cell": list(cells)})
    client.post("/g/permissions/publish")


def test_own_role_with_two_menus_is_given_and_holds_at_the_next_request(
    app: Flask, secadmin: FlaskClient, session: Session
) -> None:
    clerk = make.position(Role.UNIT, unit=make.unit("甲校"))
    desk = client_of(app, clerk)
    whole = menus(desk)

    made = secadmin.post("/g/own-roles/add", data=ADD)
    own = session.scalars(select(OwnRole)).one()
    tick(
        secadmin,
        *(f"{view}:can_list:{own.scope}" for view in ("UnitReportView", "ApplicationQueryView")),
    )
    given = secadmin.post(
        f"/g/positions/{clerk.id}/own-role", data={"own_role": own.id, "seen": ""}
    )
    page = desk.get("/").text

    assert (made.status_code, given.status_code) == (303, 303)
    assert len(whole) > 2
    assert menus(desk) == ["/g/1.1.2/", "/g/1.1.4/"]
    assert "甲校 · Unit viewer" in page
    assert desk.get("/g/1.1.1/").status_code == 403
    assert session.scalars(select(AuditLog).filter_by(kind="position_own_role")).one()


def test_change_of_the_base_role_holds_for_its_own_roles_at_once(
    app: Flask, secadmin: FlaskClient, session: Session
) -> None:
    own = own_role()
    desk = client_of(app, make.position(Role.UNIT, unit=make.unit(), own_role_id=own.id))
    before = desk.get("/g/1.1.2/").status_code

    secadmin.post("/g/permissions/save", data={"was": "UnitReportView:can_list:unit"})
    secadmin.post("/g/permissions/publish")

    assert (before, desk.get("/g/1.1.2/").status_code) == (200, 403)


def test_own_role_costs_no_statement_more(app: Flask, session: Session) -> None:
    unit = make.unit()
    whole = client_of(app, make.position(Role.UNIT, unit=unit))
    own = own_role()
    narrow = client_of(app, make.position(Role.UNIT, unit=unit, own_role_id=own.id))
    for client in (whole, narrow):
        client.get("/g/1.1.4/")

    assert statements_of(narrow, "/g/1.1.4/") == statements_of(whole, "/g/1.1.4/")


def test_log_row_names_the_own_role(app: Flask, session: Session) -> None:
    own = own_role()
    clerk = make.position(Role.UNIT, unit=make.unit(), own_role_id=own.id)
    auditor = client_of(app, make.position(Role.AUDITOR, user=make.user()))
    session.add(
        TransitionLog(
            subject_type="application", subject_id=1, event="report", target="at_superior",
            actor_id=clerk.user_id, actor_name="李明", actor_role=Role.UNIT,
            details={"own_role": own.name},
        )
    )  # fmt: skip
    session.commit()

    assert "单位查询员 (own role of Unit clerk)" in auditor.get("/g/acts/").text


def test_matrix_has_own_roles_as_columns_and_greys_what_the_base_role_lacks(
    secadmin: FlaskClient, session: Session
) -> None:
    own_role(start="empty")

    every = secadmin.get("/g/permissions/").text
    alone = secadmin.get("/g/permissions/?role=own:unit-viewer").text
    offered = set(re.findall(r'name="cell" value="([^"]+)"', alone))

    assert 'value="UnitReportView:can_report:own:unit-viewer"' in every
    assert 'value="UnitReportView:can_list:own:unit-viewer"' in alone
    assert {one.split(":", 2)[2] for one in offered} == {"own:unit-viewer"}
    assert {(key, view) for view, key, _scope in (one.split(":", 2) for one in offered)} == (
        grants.permissions_of_role(Role.UNIT)
    )
    assert "0 positions<br>0 persons" in alone
    assert secadmin.get("/g/permissions/?role=own:nobody").status_code == 400


def test_heads_count_persons_beside_positions(secadmin: FlaskClient, session: Session) -> None:
    user = make.user()
    for _number in range(2):
        make.position(Role.UNIT, unit=make.unit(), user=user)
    make.position(Role.UNIT, unit=make.unit())

    page = secadmin.get("/g/permissions/?role=unit").text
    secadmin.post("/g/permissions/save", data={"was": ":".join(REPORT)})
    draft = secadmin.get("/g/permissions/draft").text

    assert "3 positions<br>2 persons" in page
    assert "Concerned by this draft: 2 persons in 3 positions." in draft


def test_default_of_an_own_role_is_that_of_its_base_role_and_only_where_it_is_named(
    secadmin: FlaskClient, session: Session
) -> None:
    own_role(start="empty")

    secadmin.post("/g/permissions/restore", data={})
    nothing = session.scalars(select(ChangeSet)).all()
    secadmin.post("/g/permissions/restore", data={"role": "own:unit-viewer"})
    secadmin.post("/g/permissions/publish")

    assert nothing == []
    assert grants.permissions_of_role(Role.UNIT, "own:unit-viewer") == grants.permissions_of_role(
        Role.UNIT
    )


def test_export_names_own_roles_and_import_says_which_are_missing(
    secadmin: FlaskClient, session: Session
) -> None:
    own = own_role()
    body = json.loads(secadmin.get("/g/permissions/export.json").data)
    own.is_active = False
    session.commit()

    page = read_in(secadmin, json.dumps(body).encode())

    assert body["own_roles"]["own:unit-viewer"]["base"] == "unit"
    assert body["areas"]["rights"]["UnitReportView"]["can_report"] == {"own:unit-viewer": True}
    assert "Own role “单位查询员” of “Unit clerk”: add it under “Own roles” first" in page
    assert "0 changes can be collected" in page


def test_file_without_own_roles_leaves_them_alone(secadmin: FlaskClient, session: Session) -> None:
    body = json.loads(secadmin.get("/g/permissions/export.json").data)
    del body["own_roles"]
    own_role()

    assert "The file holds what holds already." in read_in(secadmin, json.dumps(body).encode())


def read_in(client: FlaskClient, content: bytes) -> str:
    form = {"file": (io.BytesIO(content), "permissions.json")}
    answer = client.post("/g/permissions/import", data=form, content_type="multipart/form-data")
    return answer.text


def test_retiring_one_that_is_held_is_refused_on_its_page(
    secadmin: FlaskClient, session: Session
) -> None:
    own = own_role()
    holder = make.position(Role.UNIT, unit=make.unit(), own_role_id=own.id)
    form = {"name": own.name, "name_en": own.name_en, "version": own.version}

    page = secadmin.post(f"/g/own-roles/{own.id}/edit", data=form)

    assert page.status_code == 422
    assert f"{holder.user.get_full_name()} {holder.user.username}" in page.text
    assert holder.user.username in secadmin.get(f"/g/own-roles/{own.id}").text


def test_what_makes_no_own_role_is_refused_with_everything_typed(
    secadmin: FlaskClient, session: Session
) -> None:
    for values in (
        {"base": "secadmin"}, {"base": "emperor"}, {"name": ""}, {"name": "长" * 31},
        {"name_en": "Unit clerk"}, {"start": "half"}, {"name_en": "x" * 61},
    ):  # fmt: skip
        page = secadmin.post("/g/own-roles/add", data={**ADD, "remark": "只供查询", **values})
        assert page.status_code == 422, values
        assert "只供查询" in page.text
    assert session.scalars(select(OwnRole)).all() == []


def test_position_page_shows_and_changes_the_own_role(
    app: Flask, secadmin: FlaskClient, session: Session
) -> None:
    own, other = own_role(), own_role(Role.HRSS, "人社查询员", "Authority viewer")
    clerk = make.position(Role.UNIT, unit=make.unit())
    address = f"/g/positions/{clerk.id}/own-role"

    wrong = secadmin.post(address, data={"own_role": other.id, "seen": ""})
    garbled = secadmin.post(address, data={"own_role": "x", "seen": ""})
    secadmin.post(address, data={"own_role": own.id, "seen": ""})
    shown = secadmin.get(f"/g/positions/{clerk.id}").text
    listed = secadmin.get(f"/g/positions/?q.own_role={own.id}").text
    overtaken = secadmin.post(address, data={"own_role": "", "seen": ""})
    unnamed = secadmin.post(address, data={"own_role": ""})
    session.expire_all()
    still = session.get_one(Position, clerk.id).own_role
    secadmin.post(address, data={"own_role": "", "seen": str(own.id)})
    session.expire_all()

    assert (wrong.status_code, garbled.status_code) == (422, 422)
    assert "单位查询员" in shown
    assert clerk.user.username in listed
    assert (overtaken.status_code, unnamed.status_code, still) == (422, 422, own)
    assert "Meanwhile somebody else gave this position the role “Unit viewer”" in overtaken.text
    assert session.get_one(Position, clerk.id).own_role is None


def test_pages_are_for_the_security_administrator(sysadmin: FlaskClient) -> None:
    for page in ("/g/own-roles/", "/g/own-roles/add"):
        assert sysadmin.get(page).status_code == 403
