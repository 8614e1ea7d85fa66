"""Role × menu permission matrix that the security administrator views and edits."""

from collections.abc import Collection
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    ViewMenu,
    assoc_permissionview_role,
)
from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, insert, select
from sqlalchemy.exc import IntegrityError

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.services.accounts import two_administrators
from app.services.ground.audit import audit

HELD = assoc_permissionview_role
ALL_HELD = (
    select(RoleRow.name, Permission.name, ViewMenu.name)
    .select_from(HELD)
    .join(RoleRow, RoleRow.id == HELD.c.role_id)
    .join(PermissionView, PermissionView.id == HELD.c.permission_view_id)
    .join(Permission, Permission.id == PermissionView.permission_id)
    .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
)
OF_ROLE = ALL_HELD.with_only_columns(Permission.name, ViewMenu.name, maintain_column_froms=True)
OF_ROLE = OF_ROLE.where(RoleRow.name == bindparam("role"))
OF_OWN_ROLE = ALL_HELD.with_only_columns(Permission.name, ViewMenu.name, maintain_column_froms=True)
OF_OWN_ROLE = (
    OF_OWN_ROLE.where(RoleRow.name.in_([bindparam("role"), bindparam("own")]))
    .group_by(Permission.name, ViewMenu.name)
    .having(func.count() == 2)
)
"""Built once, as it runs often."""


@dataclass(frozen=True)
class Grant:
    """One cell of the matrix: whether a role has a permission on a view."""

    view: str
    permission: str
    is_on: bool


def permissions_of_role(role: Role, own: str = "") -> frozenset[tuple[str, str]]:
    """Return the (permission, view) pairs of a role, in one statement.

    Of an own role, named by its scope, only those that it and its base role both hold now.
    """
    if own:
        found = db.session.execute(OF_OWN_ROLE, {"role": role.value, "own": own})
        return frozenset(found.tuples())
    return frozenset(db.session.execute(OF_ROLE, {"role": role.value}).tuples())


def ticks_of(own: str) -> frozenset[tuple[str, str]]:
    """Return the (permission, view) pairs ticked for an own role, whatever its base role has."""
    return frozenset(db.session.execute(OF_ROLE, {"role": own}).tuples())


def held() -> frozenset[tuple[str, str, str]]:
    """Return every grant as (role, permission, view), in one statement."""
    return frozenset(db.session.execute(ALL_HELD).tuples())


def matrix(role: Role) -> list[Grant]:
    """Return all existing permissions, ordered by view, each with whether `role` has it."""
    given = (
        exists()
        .where(HELD.c.permission_view_id == PermissionView.id, HELD.c.role_id == RoleRow.id)
        .where(RoleRow.name == role.value)
    )
    rows = db.session.execute(
        select(ViewMenu.name, Permission.name, given)
        .select_from(PermissionView)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .order_by(ViewMenu.name, Permission.name)
    )
    return [Grant(view, permission, bool(is_on)) for view, permission, is_on in rows]


def set_grant(
    actor: Actor,
    role: Role,
    view: str,
    permission: str,
    on: bool,
    *,
    meant_for: Collection[Role] = (),
    never: str | None = None,
    own: str = "",
    second: Actor | None = None,
) -> None:
    """Grant or revoke one permission of a role, or of the own role `own` made from it.

    It takes effect with the next request in every worker.

    `meant_for` are the roles the menu declares for the view, `never` is why the role cannot use the
    permission. Raises Refused when an administrator role would get a business menu, another role an
    administrator's menu, or the actor changes the own role; SecondNeeded when an administrator role would
    lose a menu of its own, unless `second` agreed.
    """
    if why := refusal(actor, role, on, meant_for=meant_for, never=never):
        raise Refused(why)
    permission_view_id, role_id = _keys_of(own or role.value, view, permission)
    if _is_held(permission_view_id, role_id) == on:
        return
    if not on and not own:
        two_administrators.require(actor, second, two_administrators.why_for_menus(role, meant_for))
    if _write(permission_view_id, role_id, on):
        facts = {"view": view, "permission": permission}
        audit(
            "grant" if on else "revoke",
            actor=actor,
            subject=own or role.value,
            details=facts | ({"second": second.user_id} if second else {}),
        )


def refusal(
    actor: Actor, role: Role, on: bool, *, meant_for: Collection[Role], never: str | None
) -> str | None:
    """Return why the actor may not grant or revoke a permission of a role, or None."""
    if actor.role is not Role.SECADMIN:
        return gettext("Only a %(role)s may do this.", role=str(Role.SECADMIN.label))
    if role is actor.role:
        return gettext("Nobody may change the permissions of the own role.")
    return (separation_refusal(role, meant_for) or never) if on else None


def _keys_of(holder: str, view: str, permission: str) -> tuple[int, int]:
    """Return the ids of a permission on a view and of a role. Raises Refused if there is no such permission."""
    keys = db.session.execute(
        select(PermissionView.id, RoleRow.id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .join(RoleRow, RoleRow.name == holder)
        .where(ViewMenu.name == view, Permission.name == permission)
    ).first()
    if keys is None:
        raise Refused(gettext("There is no such permission; load the page again."))
    permission_view_id, role_id = keys
    return permission_view_id, role_id


def separation_refusal(role: Role, meant_for: Collection[Role]) -> str | None:
    """Return why a role may not have a menu because administration and business stay apart, or None."""
    if role.is_maintenance and role not in meant_for:
        return gettext(
            "“%(role)s” may have no menus but its own: administration and business stay apart.",
            role=str(role.label),
        )
    if meant_for and not role.is_maintenance and all(r.is_maintenance for r in meant_for):
        return gettext(
            "This menu belongs to the administrators; “%(role)s” may not have it.",
            role=str(role.label),
        )
    return None


def _is_held(permission_view_id: int, role_id: int) -> bool:
    return bool(db.session.scalar(select(exists().where(_cell(permission_view_id, role_id)))))


def _cell(permission_view_id: int, role_id: int) -> ColumnElement[bool]:
    return and_(HELD.c.permission_view_id == permission_view_id, HELD.c.role_id == role_id)


def _write(permission_view_id: int, role_id: int, on: bool) -> bool:
    """Store one cell of the matrix and return whether it changed."""
    if not on:
        db.session.execute(delete(HELD).where(_cell(permission_view_id, role_id)))
        return True
    try:
        with db.session.begin_nested():
            db.session.execute(
                insert(HELD).values(permission_view_id=permission_view_id, role_id=role_id)
            )
    except IntegrityError:  # a colleague granted the same permission at the same moment
        return False
    return True
