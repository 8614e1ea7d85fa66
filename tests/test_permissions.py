"""Grants follow from the menu, and what administrators changed by hand stays."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import Permission, PermissionView, ViewMenu
from flask_appbuilder.security.sqla.models import Role as RoleRow
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.extensions import appbuilder, db
from app.menu import views
from app.models import GrantLog
from app.permissions import Grant, all_permissions, declared_grants, sync
from app.services.accounts.grants import HELD
from app.views.base.base import GuideView, PageView
from app.views.frame.api import Api
from tests.support import children
from tests.support import factories as make
from tests.support.signing import signed_in
from tests.support.world import PARTS, enter

ROOT = Path(__file__).parents[1]
ADMINISTRATION = {
    # read only, about the review trees as configuration; they show no person
    "TreeHealthView",
    "RouteTrialView",
    "AccountView",
    "PositionView",
    "GrantView",
    "AuditView",
    "ActLogView",
}
ADMINISTRATION |= {"UnitView", "CommitteeView", "ParameterView", "PersonView", "FormEditorView"}
ADMINISTRATION |= {
    "EligibilityRuleView",
    "PhraseView",
    "ChangeSetView",
    "GrantWhyView",
    "OwnRoleView",
    "CustomiseView",
    "ScreenView",
    "WorkCalendarView",
    "TableChangeView",
}
ADMINISTRATION |= {"DossierListingView"}
ADMINISTRATION |= {"WordView"}
TWO_ADMINISTRATORS = {"ConsentView", "ConsentRecordView"}
"""Menus in which one administrator agrees to what another one asked for."""
ADMINISTRATION |= TWO_ADMINISTRATORS
REPORT: Grant = ("unit", "can_report", "UnitReportView")
PARTS_OF_ALL = 6
"""So many tests share what is asked about every page, so that workers can."""
PAGES = [v for v in views() if issubclass(v, (GuideView, PageView)) and v is not Api]


def held() -> set[Grant]:
    """Return every grant there is, of whatever role."""
    rows = db.session.execute(
        select(RoleRow.name, Permission.name, ViewMenu.name)
        .select_from(HELD)
        .join(RoleRow, RoleRow.id == HELD.c.role_id)
        .join(PermissionView, PermissionView.id == HELD.c.permission_view_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
    )
    return {(role, permission, view) for role, permission, view in rows}


def cell(permission: str, view: str) -> PermissionView:
    found: PermissionView | None = appbuilder.sm.find_permission_view_menu(permission, view)
    assert found is not None
    return found


def take(grant: Grant) -> None:
    """Remove a grant as an administrator does."""
    role = appbuilder.sm.find_role(grant[0])
    role.permissions.remove(cell(*grant[1:]))
    db.session.commit()


def give(grant: Grant) -> None:
    role = appbuilder.sm.find_role(grant[0])
    role.permissions.append(cell(*grant[1:]))
    db.session.commit()


def run_sync() -> tuple[set[Grant], set[Grant]]:
    changed = sync()
    db.session.commit()
    return changed


# what a prepared database grants


def test_prepared_database_grants_what_the_menu_declares(app: Flask) -> None:
    assert held() == set(declared_grants())


def test_second_sync_changes_nothing(app: Flask) -> None:
    before = held()

    assert run_sync() == (set(), set())
    assert held() == before


def test_nothing_is_granted_that_is_not_known(app: Flask) -> None:
    pairs = db.session.execute(
        select(Permission.name, ViewMenu.name)
        .select_from(PermissionView)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
    ).tuples()

    assert set(pairs) == all_permissions()
    assert {(permission, view) for _role, permission, view in held()} <= all_permissions()


@pytest.mark.parametrize("name", ["Admin", "Public"])
def test_framework_roles_hold_nothing(app: Flask, name: str) -> None:
    role = appbuilder.sm.find_role(name)

    assert role is None or (role.permissions, role.user) == ([], [])


def test_roles_are_those_of_the_guide(app: Flask) -> None:
    names = set(db.session.scalars(select(RoleRow.name)))

    assert names - {"Admin", "Public"} == {role.value for role in Role}
    assert {role for role, _permission, _view in held()} <= {role.value for role in Role}


@pytest.mark.parametrize("role", [role for role in Role if role.is_maintenance])
def test_administrators_hold_no_business_menu(app: Flask, role: Role) -> None:
    own = {view for name, _permission, view in held() if name == role.value}
    maintenance = {view.__name__ for view in views() if view.guide == "maintenance"}

    assert own <= ADMINISTRATION | maintenance


def test_administrators_menus_are_apart(app: Flask) -> None:
    holders: dict[str, set[str]] = {}
    for role, _permission, view in held():
        if Role[role.upper()].is_maintenance:
            holders.setdefault(view, set()).add(role)

    shared = {view: roles for view, roles in holders.items() if len(roles) > 1}
    assert shared == {
        **{key: {"sysadmin", "secadmin"} for key in TWO_ADMINISTRATORS},
        "ChangeSetView": {"secadmin", "sysadmin", "auditor"},
        "TableChangeView": {"secadmin", "sysadmin", "auditor"},
    }


# what administrators did


def test_grant_removed_by_hand_is_not_made_again(app: Flask) -> None:
    take(REPORT)

    assert run_sync() == (set(), set())
    assert REPORT not in held()


def test_grant_added_by_hand_stays(app: Flask) -> None:
    added = ("hrss", "can_list", "UnitReportView")
    give(added)

    assert run_sync() == (set(), set())
    assert added in held()


def test_grant_that_left_the_code_is_revoked(app: Flask) -> None:
    gone = ("hrss", "can_list", "UnitReportView")
    give(gone)
    db.session.add(GrantLog(role=gone[0], permission=gone[1], view=gone[2]))

    assert run_sync() == (set(), {gone})
    assert gone not in held()


def test_grant_that_is_new_in_the_code_is_made_once(app: Flask) -> None:
    take(REPORT)
    log = select(GrantLog).filter_by(role="unit", permission="can_report", view="UnitReportView")
    db.session.delete(db.session.scalars(log).one())

    assert run_sync() == ({REPORT}, set())
    assert run_sync() == (set(), set())
    assert REPORT in held()


def test_grant_made_by_hand_before_the_code_declares_it_is_not_doubled(app: Flask) -> None:
    log = select(GrantLog).filter_by(role="unit", permission="can_report", view="UnitReportView")
    db.session.delete(db.session.scalars(log).one())

    assert run_sync() == ({REPORT}, set())
    assert held() == set(declared_grants())


def test_processes_that_sync_at_once_agree(app: Flask) -> None:
    for table in (HELD, GrantLog.__table__, PermissionView.__table__, Permission.__table__):
        db.session.execute(delete(table))
    db.session.commit()
    settings = os.environ | {"DEMO": "0"}
    command = [sys.executable, "-m", "flask", "--app", "app", "sync-permissions"]

    with children.started(*[command] * 4, cwd=ROOT, env=settings, stderr=PIPE) as processes:
        ended = children.ended(processes)

    assert [code for code, _output, _complaints in ended] == [0] * 4, ended
    assert held() == set(declared_grants())
    assert db.session.scalar(select(func.count()).select_from(PermissionView)) == len(
        all_permissions()
    )


# what a grant opens


def test_withdrawn_permission_is_refused_at_the_next_request(
    session: Session, client: FlaskClient
) -> None:
    clerk = make.position(Role.UNIT, unit=make.unit())
    signed_in(client, clerk)
    before = client.get("/g/1.1.2/").status_code

    take(("unit", "can_list", "UnitReportView"))
    without = client.get("/g/1.1.2/").status_code
    give(("unit", "can_list", "UnitReportView"))

    assert (before, without, client.get("/g/1.1.2/").status_code) == (200, 403, 200)


def test_granted_menu_of_another_role_shows_no_rows_of_it(
    session: Session, client: FlaskClient
) -> None:
    """A permission opens a page; which rows stand on it follows from the position alone."""
    record = make.application(unit=make.unit(), state=ApplicationState.NOTICE_OVER)
    authority = make.position(Role.HRSS, unit=make.unit(region_code="430700"))
    signed_in(client, authority)

    give(("hrss", "can_list", "UnitReportView"))
    page = client.get("/g/1.1.2/")

    assert page.status_code == 200
    assert record.number not in page.text


@pytest.mark.parametrize("part", range(PARTS_OF_ALL))
def test_each_permission_is_the_one_its_routes_ask_for(
    app: Flask, session: Session, part: int
) -> None:
    """Somebody who holds everything but that one stands before a closed door."""
    role = appbuilder.sm.find_role(Role.SUPERVISOR.value)
    role.permissions = list(session.scalars(select(PermissionView)))
    client = enter(app, make.actor(Role.SUPERVISOR, committee=make.committee()))
    open_without: list[tuple[str, str]] = []
    for view in PAGES[part::PARTS_OF_ALL]:
        for permission, method, address in addresses(app, view):
            pair = cell(f"can_{permission}", view.__name__)
            role.permissions.remove(pair)
            if client.open(address, method=method).status_code != 403:
                open_without.append((permission, address))
            role.permissions.append(pair)

    assert open_without == []


def addresses(app: Flask, view: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (permission, method, address) of the routes of `view` whose permission there is."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(f"{view.__name__}."):
            continue
        named = getattr(app.view_functions[rule.endpoint], "_permission_name", "")
        buttons = [b.name for b in getattr(view, "buttons", ())]
        for button in buttons if "button" in rule.arguments else [""]:
            permission = button or named
            values = {n: PARTS[n] for n in rule.arguments if n != "button"}
            built = rule.build(values | ({"button": button} if button else {}))
            if built and (f"can_{permission}", view.__name__) in all_permissions():
                methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
                yield permission, methods[0], built[1]
