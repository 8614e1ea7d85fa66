"""Write the grants that the menu declares into the database.

The sync grants what is new, revokes what was removed from the code and keeps administrators' own changes.
"""

from collections.abc import Iterator

from flask_appbuilder.security.sqla.models import Permission, PermissionView, ViewMenu
from flask_appbuilder.security.sqla.models import Role as RoleRow
from sqlalchemy import select

from app.enums import Role
from app.extensions import db
from app.menu import views
from app.models import GrantLog

Grant = tuple[str, str, str]


def declared_grants() -> Iterator[Grant]:
    """Yield (role, permission, view) for everything that the menu declares."""
    for view in views():
        for role in view.roles:
            for name in view.permissions_of(role):
                yield role.value, f"can_{name}", view.__name__


def all_permissions() -> set[tuple[str, str]]:
    """Return every (permission, view) pair that exists, granted or not: the rows of the permission matrix."""
    return {(f"can_{name}", view.__name__) for view in views() for name in view.permissions()}


def sync() -> tuple[set[Grant], set[Grant]]:
    """Make the database agree with `declared`; return (granted, revoked). The caller commits.

    Every grant made is kept in GrantLog, so one that an administrator removed is not made again.
    """
    wanted = set(declared_grants())
    logged = {
        (row.role, row.permission, row.view): row for row in db.session.scalars(select(GrantLog))
    }
    rows = {row.name: row for row in db.session.scalars(select(RoleRow))}
    for role in Role:
        if role.value not in rows:
            rows[role.value] = RoleRow(name=role.value)
            db.session.add(rows[role.value])
    pairs = _pairs(all_permissions())
    granted, revoked = wanted - logged.keys(), logged.keys() - wanted
    for role_name, permission, view in sorted(granted):
        if pairs[permission, view] not in rows[role_name].permissions:
            rows[role_name].permissions.append(pairs[permission, view])
        db.session.add(GrantLog(role=role_name, permission=permission, view=view))
    for grant in sorted(revoked):
        _revoke(rows[grant[0]], grant)
        db.session.delete(logged[grant])
    db.session.flush()
    return granted, revoked


def _pairs(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], PermissionView]:
    found = {
        (p.permission.name, p.view_menu.name): p for p in db.session.scalars(select(PermissionView))
    }
    names = {row.name: row for row in db.session.scalars(select(Permission))}
    menus = {row.name: row for row in db.session.scalars(select(ViewMenu))}
    for permission, view in sorted(wanted - found.keys()):
        names.setdefault(permission, Permission(name=permission))
        menus.setdefault(view, ViewMenu(name=view))
        found[permission, view] = PermissionView(
            permission=names[permission], view_menu=menus[view]
        )
        db.session.add(found[permission, view])
    db.session.flush()
    return found


def _revoke(role: RoleRow, grant: Grant) -> None:
    for pair in list(role.permissions):
        if (pair.permission.name, pair.view_menu.name) == grant[1:]:
            role.permissions.remove(pair)
