"""Rights follow the present position and nothing of the framework's own security remains reachable."""

import ast

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import Role as RoleRow
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import Role
from app.extensions import appbuilder, db
from app.ground import clock, paths
from app.ground.actor import SYSTEM, Actor
from app.models import LoginSession, Position, User
from app.services.accounts import accounts
from app.web.security import current_actor, permissions
from tests.support import factories
from tests.support.counting import statements
from tests.support.signing import (
    COOKIE,
    OTHER_PASSWORD,
    cookie,
    is_anonymous,
    request_of,
    signed_in,
)

APP = paths.APP


@pytest.fixture
def clerk(session: Session) -> Position:
    return factories.position(Role.UNIT, unit=factories.unit())


def give(role: Role, permission: str, view: str) -> None:
    """Grant a permission in the framework's own tables."""
    row = appbuilder.sm.find_role(role.value) or appbuilder.sm.add_role(role.value)
    cell = appbuilder.sm.add_permission_view_menu(permission, view)
    row.permissions.append(cell)
    db.session.commit()


def take(role: Role, permission: str, view: str) -> None:
    row = appbuilder.sm.find_role(role.value)
    row.permissions.remove(appbuilder.sm.find_permission_view_menu(permission, view))
    db.session.commit()


def test_right_follows_the_present_position_only(app: Flask, clerk: Position) -> None:
    other = factories.position(Role.HRSS, unit=factories.unit(), user=clerk.user)
    give(Role.UNIT, "can_list", "TestView")
    client = signed_in(app.test_client(), clerk)

    with request_of(app, client):
        as_clerk = appbuilder.sm.has_access("can_list", "TestView")
    client.post("/session/switch", data={"position": other.id})
    with request_of(app, client):
        as_other = appbuilder.sm.has_access("can_list", "TestView")

    assert (as_clerk, as_other) == (True, False)


def test_roles_of_the_framework_give_nothing(app: Flask, clerk: Position) -> None:
    give(Role.HRSS, "can_list", "TestView")
    clerk.user.roles.append(appbuilder.sm.find_role(Role.HRSS.value))
    client = signed_in(app.test_client(), clerk)

    with request_of(app, client):
        assert not appbuilder.sm.has_access("can_list", "TestView")


def test_withdrawn_right_is_gone_with_the_next_request(app: Flask, clerk: Position) -> None:
    give(Role.UNIT, "can_list", "TestView")
    client = signed_in(app.test_client(), clerk)
    with request_of(app, client):
        before = appbuilder.sm.has_access("can_list", "TestView")

    take(Role.UNIT, "can_list", "TestView")

    with request_of(app, client):
        after = appbuilder.sm.has_access("can_list", "TestView")
    assert (before, after) == (True, False)


def test_right_on_one_view_gives_none_on_a_longer_name(app: Flask, clerk: Position) -> None:
    give(Role.UNIT, "can_list", "TestView")
    client = signed_in(app.test_client(), clerk)

    with request_of(app, client):
        assert not appbuilder.sm.has_access("can_list", "TestViewSecret")
        assert not appbuilder.sm.has_access("can_list_secret", "TestView")


def test_menu_shows_what_the_role_has(app: Flask, clerk: Position) -> None:
    give(Role.UNIT, "menu_access", "One")
    give(Role.HRSS, "menu_access", "Two")
    client = signed_in(app.test_client(), clerk)

    with request_of(app, client):
        assert appbuilder.sm.get_user_menu_access(["One", "Two", "Three"]) == {"One"}
        assert "One" in appbuilder.sm.get_user_menu_access()


def test_nothing_is_public_and_strangers_have_no_right(app: Flask) -> None:
    give(Role.UNIT, "can_list", "TestView")

    with app.test_request_context("/"):
        appbuilder.sm.before_request()
        assert current_actor() is None
        assert permissions() == frozenset()
        assert not appbuilder.sm.has_access("can_list", "TestView")
        assert not appbuilder.sm.is_item_public("can_list", "TestView")
        assert appbuilder.sm.get_user_menu_access(["TestView"]) == set()


def test_rights_cost_no_statement_once_they_are_known(app: Flask, session: Session) -> None:
    committee = factories.committee()
    client = signed_in(
        app.test_client(), factories.position(Role.OFFICE, committee=committee, unit=committee.unit)
    )
    db.session.commit()
    headers = {"Cookie": f"{COOKIE}={cookie(client)}"}

    client.get("/")
    with statements() as seen, app.test_request_context("/", headers=headers):
        appbuilder.sm.before_request()
        for name in ("One", "Two", "Three"):
            appbuilder.sm.has_access("can_list", name)
        assert current_actor() is not None
        assert g.user.is_authenticated

    tables = (
        "FROM setting",
        "FROM login_session",
        "FROM committee",
    )
    selects = [statement for statement in seen if statement.startswith("SELECT")]
    assert [[name for name in tables if name in one] for one in selects] == [
        [name] for name in tables
    ]


def test_actor_is_the_present_position(app: Flask, clerk: Position) -> None:
    client = signed_in(app.test_client(), clerk)

    with request_of(app, client):
        actor = current_actor()

    assert actor == factories.actor_of(clerk)


def test_office_acts_for_the_committees_of_its_unit_and_its_own(
    app: Flask, session: Session
) -> None:
    organiser = factories.unit()
    first, second, foreign = (
        factories.committee(unit=organiser),
        factories.committee(unit=organiser),
        factories.committee(),
    )
    office = factories.position(Role.OFFICE, unit=organiser, committee=foreign)
    factories.committee()
    client = signed_in(app.test_client(), office)

    with request_of(app, client):
        actor = current_actor()

    assert actor is not None
    assert actor.committee_ids == (first.id, second.id, foreign.id)


@pytest.mark.parametrize("role", [Role.JUDGE, Role.SUPERVISOR])
def test_judge_and_supervisor_act_for_one_committee(
    role: Role, app: Flask, session: Session
) -> None:
    organiser = factories.unit()
    committee = factories.committee(unit=organiser)
    factories.committee(unit=organiser)
    client = signed_in(app.test_client(), factories.position(role, committee=committee))

    with request_of(app, client):
        actor = current_actor()

    assert actor is not None
    assert actor.committee_ids == (committee.id,)


def test_applicant_acts_as_a_person(app: Flask, session: Session) -> None:
    person = factories.person()
    client = signed_in(app.test_client(), factories.user(person=person))

    with request_of(app, client):
        actor = current_actor()

    assert isinstance(actor, Actor)
    assert (actor.role, actor.person_id, actor.unit_id) == (Role.APPLICANT, person.id, None)


def test_stock_security_pages_are_absent(app: Flask) -> None:
    stock = ("users", "roles", "groups", "permissions", "viewmenus", "permissionviews", "resetmy")
    stock += ("resetpassword", "userinfoeditview", "registeruser", "userstatschart", "swagger")

    rules = [str(rule) for rule in app.url_map.iter_rules()]

    assert [rule for rule in rules if rule.startswith("/api/v1/security")] == []
    assert [rule for rule in rules if rule.strip("/").split("/")[0] in stock] == []


def test_framework_sends_strangers_to_our_sign_in(app: Flask) -> None:
    with app.test_request_context("/"):
        assert appbuilder.get_url_for_login == "/login/"
    assert type(appbuilder.sm.auth_view).__name__ == "Session"


def test_stock_roles_hold_nothing(app: Flask) -> None:
    rows = db.session.scalars(select(RoleRow).where(RoleRow.name.in_(["Admin", "Public"])))

    assert [row.name for row in rows if row.permissions] == []


def test_new_permissions_are_granted_to_nobody(app: Flask) -> None:
    appbuilder.sm.add_role("Admin")

    appbuilder.sm.add_permissions_view(["can_list"], "TestView")
    appbuilder.sm.add_permissions_menu("TestMenu")

    for pair in (("can_list", "TestView"), ("menu_access", "TestMenu")):
        assert appbuilder.sm.find_permission_view_menu(*pair).role == []


def test_cleanup_and_convergence_delete_nothing(app: Flask) -> None:
    appbuilder.sm.add_permissions_view(["can_list"], "NotInTheFramework")

    appbuilder.sm.security_cleanup([], None)
    transitions = appbuilder.sm.security_converge([], None)

    assert transitions == {}
    assert appbuilder.sm.find_permission_view_menu("can_list", "NotInTheFramework")


def test_stock_ways_to_make_an_account_are_closed(app: Flask) -> None:
    made = appbuilder.sm.add_user("evil", "E", "Vil", "e@vil", None, password="Correct-horse-9")
    asked = appbuilder.sm.add_register_user("evil", "E", "Vil", "e@vil", "Correct-horse-9")

    assert (made, asked) == (False, None)
    assert db.session.scalars(select(User).where(User.username == "evil")).all() == []


def test_stock_tokens_open_nothing(app: Flask, clerk: Position) -> None:
    with app.test_request_context("/"):
        assert appbuilder.sm.load_user_jwt({}, {"sub": str(clerk.user_id)}) is None
        assert appbuilder.sm.validate_api_key("sst_x") is None
        assert appbuilder.sm.load_user(clerk.user_id) is None


def test_framework_update_of_a_password_ends_the_sessions(app: Flask, clerk: Position) -> None:
    client = signed_in(app.test_client(), clerk)
    row = db.session.get_one(User, clerk.user_id)
    setattr(row, "pass" + "word", "scrypt:written-elsewhere")

    appbuilder.sm.update_user(row)

    assert is_anonymous(client)
    assert db.session.scalars(select(LoginSession.end_reason)).all() == ["password"]


def test_framework_reset_changes_no_password(app: Flask, clerk: Position) -> None:
    before = clerk.user.password

    appbuilder.sm.reset_password(clerk.user_id, OTHER_PASSWORD)

    db.session.expire_all()
    assert (clerk.user.password, clerk.user.must_change_password) == (before, False)


def test_only_one_module_writes_passwords() -> None:
    writers = {
        str(path.relative_to(APP))
        for path in APP.rglob("*.py")
        if any(_writes_password(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    }

    assert writers == {"services/credentials/passwords.py"}


def _writes_password(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        has_keyword = any(keyword.arg == "password" for keyword in node.keywords)
        return has_keyword and name in ("User", "Account", "values", "update")
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    is_assignment = isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
    return is_assignment and any(
        isinstance(target, ast.Attribute) and target.attr == "password" for target in targets
    )


def test_context_of_a_test_or_command_keeps_nothing_of_a_request(
    app: Flask, clerk: Position
) -> None:
    client: FlaskClient = signed_in(app.test_client(), clerk)
    with request_of(app, client):
        assert current_actor() is not None

    accounts.disable(SYSTEM, clerk.user, at=clock.now())

    with request_of(app, client):
        assert current_actor() is None
