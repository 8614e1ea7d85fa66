"""Role × menu permissions: who may change which cell."""

import pytest
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import Role
from app.extensions import appbuilder, db
from app.ground.actor import Actor
from app.models import AuditLog
from app.services.accounts import grants
from tests.support import factories

BUSINESS_MENU = (Role.UNIT, Role.HRSS)
ACCOUNT_MENU = (Role.SYSADMIN,)


@pytest.fixture
def cells(session: Session) -> None:
    for role in Role:
        appbuilder.sm.add_role(role.value)
    appbuilder.sm.add_permissions_view(["can_list", "can_show"], "TestView")


def secadmin() -> Actor:
    return factories.actor(Role.SECADMIN, user=factories.user())


def set_on(actor: Actor, role: Role, meant_for: tuple[Role, ...] = BUSINESS_MENU) -> str:
    """Grant the test cell; return the sentence that refuses it, or ""."""
    try:
        with force_locale("en"):
            grants.set_grant(actor, role, "TestView", "can_list", True, meant_for=meant_for)
    except Refused as refused:
        return refused.sentence
    return ""


@pytest.mark.parametrize("role", list(Role))
def test_only_security_administrators_grant(role: Role, cells: None) -> None:
    actor = Actor(role=role, user_id=factories.user().id)

    assert (set_on(actor, Role.HRSS) == "") is (role is Role.SECADMIN)


@pytest.mark.parametrize("role", list(Role))
def test_administrators_get_no_business_menu(role: Role, cells: None) -> None:
    assert (set_on(secadmin(), role) == "") is (not role.is_maintenance)


@pytest.mark.parametrize("role", list(Role))
def test_administrators_menu_goes_to_nobody_else(role: Role, cells: None) -> None:
    assert (set_on(secadmin(), role, ACCOUNT_MENU) == "") is (role is Role.SYSADMIN)


def test_own_role_is_not_changed_in_either_direction(cells: None) -> None:
    actor = secadmin()

    for on in (True, False):
        with pytest.raises(Refused):
            grants.set_grant(
                actor, Role.SECADMIN, "TestView", "can_list", on, meant_for=(Role.SECADMIN,)
            )


def test_matrix_shows_what_is_held(cells: None) -> None:
    set_on(secadmin(), Role.HRSS)

    shown = [grant for grant in grants.matrix(Role.HRSS) if grant.view == "TestView"]

    assert shown == [
        grants.Grant("TestView", "can_list", True),
        grants.Grant("TestView", "can_show", False),
    ]
    assert ("can_list", "TestView") in grants.permissions_of_role(Role.HRSS)
    assert ("can_list", "TestView") not in grants.permissions_of_role(Role.UNIT)


def test_every_change_is_written_once(cells: None) -> None:
    actor = secadmin()
    for on in (True, True, False, False):
        grants.set_grant(actor, Role.HRSS, "TestView", "can_list", on, meant_for=BUSINESS_MENU)

    rows = db.session.scalars(select(AuditLog).order_by(AuditLog.id)).all()

    assert [(row.kind, row.subject, row.details["view"]) for row in rows] == [
        ("grant", "hrss", "TestView"),
        ("revoke", "hrss", "TestView"),
    ]
    assert ("can_list", "TestView") not in grants.permissions_of_role(Role.HRSS)


def test_unknown_permission_is_refused(cells: None) -> None:
    with pytest.raises(Refused):
        grants.set_grant(secadmin(), Role.HRSS, "NoView", "can_list", True)
