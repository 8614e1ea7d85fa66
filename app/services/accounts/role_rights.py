"""Permissions of a role, kept by each worker for as long as the stamp of what holds is the same."""

from flask import current_app

from app.enums import Role
from app.services.accounts import grants

Rights = frozenset[tuple[str, str]]
KEPT = "zhicheng.role_rights"


def of_role(role: Role, stamp: str | None, own: str = "") -> Rights:
    """Return the (permission, view) pairs of a role, or of an own role of it; reads them only after a change.

    `stamp` was read with the session, in the same transaction and before them, so what is kept under it is never
    older than it. Without a stamp nothing is kept.
    """
    kept: dict[str, tuple[str, Rights]] = current_app.extensions.setdefault(KEPT, {})
    name = own or role.value
    found = kept.get(name)
    if found is not None and found[0] == stamp:
        return found[1]
    rights = grants.permissions_of_role(role, own)
    if stamp is not None:
        kept[name] = (stamp, rights)
    return rights
