"""What one administrator alone may not do: other administrators, roles that decide, judges' names."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import ConsentState, Proof, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM, Actor
from app.models import AuditLog, Consent, Position, TransitionLog, User
from app.services.accounts import (
    accounts,
    consents,
    grants,
    guarded_acts,
    registration,
    two_administrators,
)
from app.services.accounts.two_administrators import PROVED, SecondNeeded
from tests.support import factories as make
from tests.support.halves import DATABASE

MAINTENANCE = [role for role in Role if role.is_maintenance]
OTHERS = [Role.UNIT, Role.SUPERIOR]


def admin(role: Role) -> Actor:
    return make.actor(role, user=make.user())


def place(role: Role) -> dict[str, object]:
    if role in (Role.JUDGE, Role.SUPERVISOR):
        return {"committee": make.committee()}
    return {} if role.is_maintenance else {"unit": make.unit()}


def needs_two(act: Callable[[], object]) -> bool:
    try:
        act()
    except SecondNeeded:
        return True
    return False


def proved() -> User:
    user: User = make.user(person=make.person())
    user.identity_proved_at = clock.now()
    return user


@pytest.mark.parametrize("role", [role for role in Role if role.is_staff])
def test_roles_that_decide_need_a_proof_or_a_second_administrator(
    role: Role, session: Session
) -> None:
    secadmin = admin(Role.SECADMIN)
    owners = {
        "nobody": make.user(),
        "unproved": make.user(person=make.person()),
        "proved": proved(),
        "proof without person": make.user(identity_proved_at=clock.now()),
    }
    if role.is_maintenance:
        owners = {"nobody": make.user()}

    for_two = {
        name
        for name, user in owners.items()
        if needs_two(lambda user=user: accounts.grant_position(secadmin, user, role, **place(role)))
    }

    if role.is_maintenance:
        assert for_two == {"nobody"}
    else:
        assert for_two == (set(owners) - {"proved"} if role in PROVED else set())


def test_the_operator_on_the_server_acts_alone(session: Session) -> None:
    position = accounts.grant_position(SYSTEM, make.user(), Role.AUDITOR)
    accounts.withdraw_position(SYSTEM, position, at=clock.now())

    assert not position.is_active


@pytest.mark.parametrize("proof", [None, *Proof])
def test_what_an_office_entered_proves_no_identity(proof: Proof | None, session: Session) -> None:
    person = make.person(phone=None)
    values = {
        "name": person.name, "id_kind": person.id_kind, "id_number": person.id_number,
        "sex": None, "birth_date": None, "phone": "13800138000", "email": None,
    }  # fmt: skip
    user = User(real_name=person.name, first_name="", last_name=person.name, active=True)

    try:
        registration.register(user, values, at=clock.now(), proof=proof)
    except registration.ProofNeeded:
        assert proof is None
    else:
        assert not two_administrators.is_proved(user)


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.AUDITOR])
def test_last_holder_of_an_administrator_role_is_taken_by_two(role: Role, session: Session) -> None:
    secadmin, at = admin(Role.SECADMIN), clock.now()
    first, last = (make.position(role, user=make.user()) for _one in range(2))

    assert not needs_two(lambda: accounts.withdraw_position(secadmin, first, at=at))
    assert needs_two(lambda: accounts.withdraw_position(secadmin, last, at=at))
    assert last.is_active


@pytest.mark.parametrize("role", MAINTENANCE)
def test_account_of_the_last_holder_is_disabled_by_two(role: Role, session: Session) -> None:
    sysadmin, at = admin(Role.SYSADMIN), clock.now()
    first, last = (make.position(role, user=make.user()) for _one in range(2))
    if role is Role.SYSADMIN:
        # whoever presses holds the role himself, so that the last one but him is not the last
        assert not needs_two(lambda: accounts.disable(sysadmin, last.user, at=at))
        return

    assert not needs_two(lambda: accounts.disable(sysadmin, first.user, at=at))
    assert needs_two(lambda: accounts.disable(sysadmin, last.user, at=at))
    assert last.user.active


def test_disabled_and_demonstration_holders_do_not_count(app: Flask, session: Session) -> None:
    secadmin, at = admin(Role.SECADMIN), clock.now()
    make.position(Role.AUDITOR, user=make.user(active=False))
    make.position(Role.AUDITOR, user=make.user(is_demo=True))
    last = make.position(Role.AUDITOR, user=make.user())

    for_two = needs_two(lambda: accounts.withdraw_position(secadmin, last, at=at))
    app.config["DEMO"] = True
    alone = not needs_two(lambda: accounts.withdraw_position(secadmin, last, at=at))

    assert (for_two, alone) == (True, True)


def test_two_presses_at_once_leave_a_holder(app: Flask, session: Session) -> None:
    """Two security administrators withdraw one of the last two auditors each."""
    holders = [make.position(Role.AUDITOR, user=make.user()).id for _one in range(2)]
    actors = [admin(Role.SECADMIN) for _one in range(2)]
    db.session.commit()
    barrier, refused = Barrier(2), []

    def press(actor: Actor, position_id: int) -> None:
        with app.app_context():
            barrier.wait()
            db.session.connection(execution_options={"immediate": True})
            position = db.session.get_one(Position, position_id)
            try:
                accounts.withdraw_position(actor, position, at=clock.now())
                db.session.commit()
            except SecondNeeded:
                db.session.rollback()
                refused.append(position_id)

    threads = [Thread(target=press, args=pair) for pair in zip(actors, holders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    session.expire_all()
    active = set(
        session.scalars(
            select(Position.id).where(Position.role == Role.AUDITOR, Position.is_active)
        )
    )
    assert active == set(refused)
    assert len(refused) == 1, DATABASE


def asked_for_judge(secadmin: Actor, user: User) -> Consent:
    return guarded_acts.ask_for_position(
        secadmin, user, Role.JUDGE, unit=None, committee=make.committee(), duty=make.Duty.HANDLER,
        reason="省级评委会聘任文件已核对", at=clock.now(),
    )  # fmt: skip


def agree(consent: Consent, second: Actor) -> None:
    engine.fire(consent, "agree", actor=second, at=clock.now())


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN])
def test_position_comes_with_the_consent_and_both_are_written(role: Role, session: Session) -> None:
    secadmin, user = admin(Role.SECADMIN), make.user()
    second = admin(role)
    consent = asked_for_judge(secadmin, user)
    before = session.scalars(select(Position).where(Position.user_id == user.id)).all()

    agree(consent, second)

    position = session.scalars(select(Position).where(Position.user_id == user.id)).one()
    assert before == []
    assert (position.role, position.is_active) == (Role.JUDGE, True)
    logs = session.scalars(
        select(TransitionLog).filter_by(subject_type="consent").order_by(TransitionLog.id)
    ).all()
    assert [(row.event, row.actor_id) for row in logs] == [
        ("ask", secadmin.user_id),
        ("agree", second.user_id),
    ]
    audited = session.scalars(select(AuditLog).filter_by(kind="position_grant")).one()
    assert (audited.actor_id, audited.details["second"]) == (secadmin.user_id, second.user_id)


def test_nobody_agrees_to_the_own_act_or_position(session: Session) -> None:
    secadmin = admin(Role.SECADMIN)
    make.position(Role.SYSADMIN, user=make.user())
    for_role = make.position(Role.SYSADMIN, user=make.user())
    consent = guarded_acts.ask_to_withdraw(
        secadmin, for_role, reason="调离系统管理岗位", at=clock.now()
    )

    with pytest.raises(Refused, match=r"yourself|自己|本人"):
        agree(consent, secadmin)
    with pytest.raises(Refused):
        agree(consent, make.actor_of(for_role))
    with pytest.raises(Refused):
        agree(consent, admin(Role.AUDITOR))
    assert for_role.is_active


def test_nothing_is_done_for_somebody_who_is_no_administrator_any_more(session: Session) -> None:
    secadmin, user = admin(Role.SECADMIN), make.user()
    second = admin(Role.SYSADMIN)
    consent = asked_for_judge(secadmin, user)
    db.session.get_one(User, secadmin.user_id).active = False
    db.session.flush()

    with pytest.raises(Refused):
        agree(consent, second)

    assert session.scalars(select(Position).where(Position.user_id == user.id)).all() == []


def test_rules_are_asked_again_when_another_agrees(session: Session) -> None:
    secadmin, user = admin(Role.SECADMIN), make.user()
    second = admin(Role.SYSADMIN)
    consent = asked_for_judge(secadmin, user)
    make.position(Role.AUDITOR, user=user)
    db.session.commit()

    with pytest.raises(Refused, match=r"Auditor|审计员"):
        agree(consent, second)

    session.rollback()
    assert consent.state is ConsentState.ASKED


def test_consent_lapses(session: Session) -> None:
    secadmin = admin(Role.SECADMIN)
    second = admin(Role.SYSADMIN)
    consent = asked_for_judge(secadmin, make.user())

    with pytest.raises(Refused):
        engine.fire(consent, "agree", actor=second, at=clock.now() + timedelta(days=8))


def test_menus_of_administrators_are_taken_by_two(session: Session) -> None:
    secadmin, second = admin(Role.SECADMIN), admin(Role.SYSADMIN)
    cell = ("AuditView", "can_list")
    own = {"meant_for": (Role.AUDITOR,)}

    assert needs_two(lambda: grants.set_grant(secadmin, Role.AUDITOR, *cell, False, **own))
    consent = consents.ask(
        secadmin,
        guarded_acts.REVOKE.name,
        subject="审计日志 · 查看列表",
        reason="审计职责调整",
        at=clock.now(),
        details={"role": "auditor", "cells": [list(cell)]},
    )
    assert cell[::-1] in grants.permissions_of_role(Role.AUDITOR)
    agree(consent, second)

    assert cell[::-1] not in grants.permissions_of_role(Role.AUDITOR)
    grants.set_grant(secadmin, Role.AUDITOR, *cell, True, **own)
    assert cell[::-1] in grants.permissions_of_role(Role.AUDITOR)
