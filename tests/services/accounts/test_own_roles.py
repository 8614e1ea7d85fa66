"""Own roles: only narrower than their base role, held in positions of it, retired when nobody holds them."""

import pytest
from sqlalchemy.orm import Session

from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import OwnRole, Position
from app.services.accounts import accounts, grants, own_roles
from app.services.accounts.two_administrators import SecondNeeded
from app.services.customising import change_sets
from tests.support import factories as make
from tests.support.rights import EXPORT, REPORT, own_role, published, refusal

VIEW, KEY = REPORT[0], REPORT[1]


@pytest.fixture
def secadmin(session: Session) -> Actor:
    return make.actor(Role.SECADMIN, user=make.user("周安"))


@pytest.fixture
def clerk(session: Session) -> Position:
    return make.position(Role.UNIT, unit=make.unit())


def rights(own: OwnRole) -> frozenset[tuple[str, str]]:
    return grants.permissions_of_role(own.base, own.scope)


def change(own: OwnRole, **values: object) -> str:
    data = {"name": own.name, "name_en": own.name_en, "remark": "", "is_active": True, **values}
    return refusal(lambda: own_roles.write(own, data))


def test_copy_has_what_the_base_role_has_and_an_empty_one_nothing(session: Session) -> None:
    full, empty = own_role(), own_role(name="空", name_en="Nothing", start="empty")

    assert rights(full) == grants.permissions_of_role(Role.UNIT) != frozenset()
    assert rights(empty) == frozenset()


def test_it_is_never_wider_than_the_base_role(secadmin: Actor) -> None:
    own = own_role()
    published(secadmin, {REPORT: False})
    without = rights(own)
    published(secadmin, {REPORT: True})

    assert (KEY, VIEW) not in without
    assert (KEY, VIEW) in grants.ticks_of(own.scope)
    assert (KEY, VIEW) in rights(own)


def test_it_is_narrowed_by_its_own_ticks_alone(secadmin: Actor) -> None:
    own = own_role()

    published(secadmin, {(VIEW, KEY, own.scope): False})

    assert (KEY, VIEW) not in rights(own)
    assert (KEY, VIEW) in grants.permissions_of_role(Role.UNIT)


def test_tick_of_another_base_role_changes_nothing(secadmin: Actor) -> None:
    own = own_role(start="empty")

    published(secadmin, {("QualificationView", "can_list", own.scope): True})

    assert rights(own) == frozenset()


@pytest.mark.parametrize("base", [Role.SECADMIN, Role.APPLICANT])
def test_who_changes_rights_is_never_narrowed(base: Role, session: Session) -> None:
    assert "is not narrowed" in refusal(lambda: own_role(base))


@pytest.mark.parametrize(
    ("name", "name_en"), [("单位查询员", "Other"), ("其他", "unit VIEWER"), ("其他", "unit clerk")]
)
def test_names_are_taken_once(name: str, name_en: str, session: Session) -> None:
    own_role()

    assert "There is a role" in refusal(lambda: own_role(name=name, name_en=name_en))


def test_names_without_latin_letters_get_a_code(session: Session) -> None:
    codes = [own_role(name=f"角色{n}", name_en=f"角色{n}x"[:3] + "é" * n).code for n in (1, 2, 3)]

    assert len(set(codes)) == 3
    assert all(len(f"own:{code}") <= 32 for code in codes)


def test_one_that_is_held_is_not_retired_and_its_holders_are_named(
    secadmin: Actor, clerk: Position
) -> None:
    own = own_role()
    accounts.change_own_role(secadmin, clerk, own.id)
    db.session.commit()

    said = change(own, is_active=False)
    accounts.change_own_role(secadmin, clerk, None)
    db.session.commit()

    assert "1 positions still have this own role" in said
    assert clerk.user.username in said
    assert change(own, is_active=False) == ""
    assert not own.is_active


def test_retired_one_is_given_to_nobody(secadmin: Actor, clerk: Position) -> None:
    own = own_role()
    change(own, is_active=False)
    db.session.commit()

    assert "was retired" in refusal(lambda: accounts.change_own_role(secadmin, clerk, own.id))


def test_position_takes_an_own_role_of_its_role_alone(secadmin: Actor, clerk: Position) -> None:
    other = own_role(Role.HRSS)

    said = refusal(lambda: accounts.change_own_role(secadmin, clerk, other.id))
    granted = refusal(
        lambda: accounts.grant_position(
            secadmin, make.user(), Role.UNIT, unit=make.unit(), own_role=other.id
        )
    )

    assert "is an own role of “Human resources authority”" in said
    assert said == granted


def test_position_is_granted_with_an_own_role(secadmin: Actor) -> None:
    own = own_role()

    position = accounts.grant_position(
        secadmin, make.user(), Role.UNIT, unit=make.unit("甲校"), own_role=own.id
    )

    assert (position.role, position.own_role) == (Role.UNIT, own)
    assert position.label == "甲校 · Unit viewer"


def test_nobody_narrows_the_own_position(secadmin: Actor, clerk: Position) -> None:
    own = own_role()
    me = Actor(role=Role.SECADMIN, user_id=clerk.user_id)

    assert "own account" in refusal(lambda: accounts.change_own_role(me, clerk, own.id))


def test_last_whole_administrator_stays_whole(secadmin: Actor) -> None:
    own = own_role(Role.SYSADMIN, "字典管理员", "Dictionary keeper")
    last = make.position(Role.SYSADMIN, user=make.user())
    db.session.commit()

    said = refusal(lambda: accounts.change_own_role(secadmin, last, own.id))
    other = make.position(Role.SYSADMIN, user=make.user())
    accounts.change_own_role(secadmin, last, own.id)
    db.session.commit()
    withdrawn = refusal(lambda: accounts.withdraw_position(secadmin, other, at=clock.now()))

    assert "is the last System administrator" in said
    assert "is the last System administrator" in withdrawn


def test_widening_an_administrator_needs_two(secadmin: Actor) -> None:
    own = own_role(Role.SYSADMIN, "字典管理员", "Dictionary keeper")
    make.position(Role.SYSADMIN, user=make.user())
    narrow = make.position(Role.SYSADMIN, user=make.user(), own_role_id=own.id)

    with pytest.raises(SecondNeeded):
        accounts.change_own_role(secadmin, narrow, None)


def test_undo_is_refused_where_the_own_role_is_retired(secadmin: Actor) -> None:
    own = own_role()
    done = published(secadmin, {(VIEW, KEY, own.scope): False, EXPORT: False})
    change(own, is_active=False)
    db.session.commit()

    said = refusal(lambda: change_sets.undo(secadmin, done, at=clock.now()))

    assert "The own role “Unit viewer” was retired." in said
