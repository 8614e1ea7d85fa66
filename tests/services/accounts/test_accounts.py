"""Who may give what to whom: the lattice as a table, each refusal a sentence."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM, Actor
from app.models import AuditLog, LoginFailure, Position, User
from app.services.accounts import accounts, resets
from app.services.credentials import passwords
from tests.support import factories
from tests.support.signing import PASSWORD

BUSINESS = [role for role in Role if role.is_staff and not role.is_maintenance]
MAINTENANCE = [role for role in Role if role.is_maintenance]
BY_UNIT = (Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS)
BY_COMMITTEE = (Role.JUDGE, Role.SUPERVISOR)


def staff(role: Role) -> Actor:
    """Return an administrator or clerk with an account that belongs to no registered person."""
    return factories.actor(role, user=factories.user(), **place(role))


def place(role: Role) -> dict[str, object]:
    if role in BY_UNIT:
        return {"unit": factories.unit()}
    if role in BY_COMMITTEE:
        return {"committee": factories.committee()}
    return {}


def refusal(act: Callable[[], object]) -> str:
    """Return the sentence that refuses `act`, or "" when it is done."""
    try:
        with force_locale("en"):
            act()
    except Refused as refused:
        return refused.sentence
    return ""


@pytest.mark.parametrize("giver", list(Role))
def test_only_security_administrators_grant_positions(giver: Role, session: Session) -> None:
    actor = staff(giver)

    given = {role for role in Role if refusal(lambda role=role: grant_new(actor, role)) == ""}

    assert given == (set(Role) - {Role.APPLICANT} if giver is Role.SECADMIN else set())


def grant_new(actor: Actor, role: Role) -> Position:
    second = staff(Role.SYSADMIN)
    return accounts.grant_position(actor, factories.user(), role, **place(role), second=second)


@pytest.mark.parametrize("actor_role", list(Role))
def test_only_system_administrators_keep_accounts(actor_role: Role, session: Session) -> None:
    actor, at = staff(actor_role), clock.now()
    acts: list[Callable[[], object]] = [
        lambda: accounts.create_account(actor, username="newname", name="王芳"),
        lambda: accounts.disable(actor, factories.user(), at=at),
        lambda: accounts.enable(actor, factories.user(active=False)),
        lambda: accounts.unlock(actor, factories.user()),
        lambda: resets.may_reset(actor, factories.user()),
    ]

    done = [refusal(act) == "" for act in acts]

    assert done == [actor_role is Role.SYSADMIN] * len(acts)


@pytest.mark.parametrize("held", list(Role))
def test_administration_stays_apart(held: Role, session: Session) -> None:
    actor = staff(Role.SECADMIN)

    joined = {
        wanted
        for wanted in (*BUSINESS, *MAINTENANCE)
        if refusal(lambda wanted=wanted: grant_beside(actor, held, wanted)) == ""
    }

    assert joined == (set() if held.is_maintenance else set(BUSINESS))


def grant_beside(actor: Actor, held: Role, wanted: Role) -> Position:
    if held is Role.APPLICANT:
        user = factories.user(person=factories.person())
    else:
        user = factories.position(held, user=factories.user(), **place(held)).user
    second = staff(Role.SYSADMIN)
    return accounts.grant_position(actor, user, wanted, **place(wanted), second=second)


def test_administrators_role_is_held_once(session: Session) -> None:
    auditor = factories.position(Role.AUDITOR, user=factories.user())

    why = refusal(lambda: accounts.grant_position(staff(Role.SECADMIN), auditor.user, Role.AUDITOR))

    assert why.endswith("holds this position already.")


def test_withdrawn_role_no_longer_stands_in_the_way(session: Session) -> None:
    actor = staff(Role.SECADMIN)
    clerk = factories.position(Role.UNIT, unit=factories.unit(), user=factories.user())
    accounts.withdraw_position(actor, clerk, at=clock.now())

    second = staff(Role.SYSADMIN)
    assert accounts.grant_position(actor, clerk.user, Role.AUDITOR, second=second).is_active


def test_nobody_grants_or_withdraws_for_the_own_account(session: Session) -> None:
    actor = staff(Role.SECADMIN)
    own = db.session.get_one(User, actor.user_id)
    position = db.session.get_one(Position, actor.position_id)

    granted = refusal(lambda: accounts.grant_position(actor, own, Role.UNIT, **place(Role.UNIT)))
    withdrawn = refusal(lambda: accounts.withdraw_position(actor, position, at=clock.now()))

    assert granted == withdrawn != ""


def test_nobody_disables_or_resets_the_own_account(session: Session) -> None:
    actor, at = staff(Role.SYSADMIN), clock.now()
    own = db.session.get_one(User, actor.user_id)

    disabled = refusal(lambda: accounts.disable(actor, own, at=at))
    reset = refusal(lambda: resets.may_reset(actor, own))

    assert disabled == reset != ""
    assert own.active


@pytest.mark.parametrize("role", MAINTENANCE)
def test_password_of_an_administrator_is_reset_by_the_operator_only(
    role: Role, session: Session
) -> None:
    actor, at = staff(Role.SYSADMIN), clock.now()
    other = factories.position(role, user=factories.user()).user

    why = refusal(lambda: resets.may_reset(actor, other))
    shown = refusal(lambda: accounts.issue_first_password(actor, factories.user(), at=at))
    by_operator = refusal(lambda: accounts.issue_first_password(SYSTEM, other, at=at))

    assert "by the operator on the server only" in why
    assert "Only the operator" in shown
    assert by_operator == ""


@pytest.mark.parametrize(
    ("role", "where", "sentence"),
    [
        (Role.UNIT, {}, "Choose the unit in which “Unit clerk” is held."),
        (Role.JUDGE, {}, "Choose the committee for which “Judge” is held."),
        (Role.AUDITOR, {"unit": {}}, "“Auditor” belongs to no unit and no committee."),
        (Role.UNIT, {"unit": {"name": "旧厂", "is_active": False}}, "The unit “旧厂” is closed."),
        (
            Role.JUDGE,
            {"committee": {"name": "旧会", "is_active": False}},
            "The committee “旧会” is closed.",
        ),
        (
            Role.OFFICE,
            {"unit": {"name": "甲"}, "committee": {"name": "乙"}},
            "“甲” does not organise the committee “乙”.",
        ),
    ],
)
def test_role_needs_its_place(
    role: Role, where: dict[str, dict[str, object]], sentence: str, session: Session
) -> None:
    places = {key: getattr(factories, key)(**values) for key, values in where.items()}

    why = refusal(
        lambda: accounts.grant_position(staff(Role.SECADMIN), factories.user(), role, **places)
    )

    assert why == sentence


@pytest.mark.parametrize(
    ("state", "may"),
    [
        (ApplicationState.DRAFT, False),
        (ApplicationState.AT_SUPERIOR, False),
        (ApplicationState.CERTIFIED, True),
        (ApplicationState.WITHDRAWN, True),
    ],
)
def test_applicant_is_no_clerk_of_the_unit_with_a_live_application(
    state: ApplicationState, may: bool, session: Session
) -> None:
    unit = factories.unit()
    person = factories.person(unit=unit)
    user = factories.user(person=person)
    factories.application(state, person=person, unit=unit, superiors=(factories.unit(),))
    actor = staff(Role.SECADMIN)

    own = refusal(lambda: accounts.grant_position(actor, user, Role.UNIT, unit=unit))
    other = refusal(lambda: accounts.grant_position(actor, user, Role.UNIT, unit=factories.unit()))

    assert (own == "") is may
    assert other == ""


def test_withdrawn_position_is_taken_up_again(session: Session) -> None:
    actor, unit, user = staff(Role.SECADMIN), factories.unit(), factories.user()
    first = accounts.grant_position(actor, user, Role.UNIT, unit=unit)
    accounts.withdraw_position(actor, first, at=clock.now())

    again = accounts.grant_position(actor, user, Role.UNIT, unit=unit)

    assert again.id == first.id
    assert again.is_active


def test_position_is_withdrawn_once_and_an_applicant_never(session: Session) -> None:
    actor, at = staff(Role.SECADMIN), clock.now()
    clerk = factories.position(Role.UNIT, unit=factories.unit())
    applicant = factories.position(Role.APPLICANT, user=factories.user())
    accounts.withdraw_position(actor, clerk, at=at)

    assert refusal(lambda: accounts.withdraw_position(actor, clerk, at=at)) != ""
    assert refusal(lambda: accounts.withdraw_position(actor, applicant, at=at)) != ""


def test_new_account_has_no_password_and_no_position(session: Session) -> None:
    user = accounts.create_account(staff(Role.SYSADMIN), username=" Wang.Fang ", name=" 王芳 ")

    assert (user.username, user.real_name, user.password) == ("wang.fang", "王芳", None)
    assert not any(passwords.is_right(user.password, one) for one in ("", "None", PASSWORD))
    assert user.positions == []


@pytest.mark.parametrize(
    ("username", "name", "field"),
    [
        ("ab", "王芳", "username"),
        ("-abc", "王芳", "username"),
        ("a b c", "王芳", "username"),
        ("王芳王芳", "王芳", "username"),
        ("x" * 33, "王芳", "username"),
        ("taken", "王芳", "username"),
        ("TAKEN", "王芳", "username"),
        ("wang.fang", "王", "name"),
        ("wang.fang", "王" * 65, "name"),
    ],
)
def test_new_account_is_refused_at_the_field_at_fault(
    username: str, name: str, field: str, session: Session
) -> None:
    factories.user(username="taken")

    with pytest.raises(Refused) as refused:
        accounts.create_account(staff(Role.SYSADMIN), username=username, name=name)

    assert refused.value.field == field


def test_account_is_disabled_and_enabled_once(session: Session) -> None:
    actor, user = staff(Role.SYSADMIN), factories.user()

    accounts.disable(actor, user, at=clock.now())
    again = refusal(lambda: accounts.disable(actor, user, at=clock.now()))
    accounts.enable(actor, user)
    enabled_again = refusal(lambda: accounts.enable(actor, user))

    assert again.endswith("is disabled already.")
    assert enabled_again.endswith("is not disabled.")
    assert user.active


def test_first_password_also_unlocks(session: Session) -> None:
    user = factories.user()
    factories.add(LoginFailure(username=user.username, address="192.0.2.1"))

    accounts.issue_first_password(SYSTEM, user, at=clock.now())

    assert db.session.scalars(select(LoginFailure)).all() == []


def test_every_act_is_in_the_audit_trail(app: Flask, session: Session) -> None:
    sysadmin, secadmin, at = staff(Role.SYSADMIN), staff(Role.SECADMIN), clock.now()
    unit = factories.unit()
    user = accounts.create_account(sysadmin, username="wang.fang", name="王芳")
    position = accounts.grant_position(secadmin, user, Role.UNIT, unit=unit)
    accounts.withdraw_position(secadmin, position, at=at)
    accounts.issue_first_password(SYSTEM, user, at=at)
    accounts.unlock(sysadmin, user)
    accounts.disable(sysadmin, user, at=at)
    accounts.enable(sysadmin, user)

    rows = db.session.scalars(select(AuditLog).order_by(AuditLog.id)).all()

    assert [(row.kind, row.actor_id, row.subject) for row in rows] == [
        ("account_add", sysadmin.user_id, "wang.fang"),
        ("position_grant", secadmin.user_id, "wang.fang"),
        ("position_withdraw", secadmin.user_id, "wang.fang"),
        ("first_password", None, "wang.fang"),
        ("unlock", sysadmin.user_id, "wang.fang"),
        ("account_disable", sysadmin.user_id, "wang.fang"),
        ("account_enable", sysadmin.user_id, "wang.fang"),
    ]
    assert rows[1].details == {
        "role": "unit",
        "unit": unit.id,
        "committee": None,
        "duty": "handler",
    }
