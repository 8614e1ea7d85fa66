"""Own roles: made as a copy of a base role, narrowed by ticks, held in positions of the base role, retired."""

import re
from collections.abc import Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_babel import gettext
from sqlalchemy import func, insert, select

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.models import OwnRole, Position, User
from app.models.own_role import PREFIX
from app.services.accounts import grants

KEPT = "own_roles"
LONGEST_CODE = 28
MOST = 40
"""Own roles in use; more columns no matrix can show."""
MOST_NAMED = 5
BASES = tuple(role for role in Role if role.is_staff and role is not Role.SECADMIN)
"""Who can change rights is never narrowed, so that somebody can always undo it; an applicant has one's own."""


def known() -> Mapping[str, OwnRole]:
    """Return every own role by scope, retired ones too; read once per transaction."""
    kept, now = db.session().info.get(KEPT), db.session().get_transaction()
    if kept is None or now is None or kept[0] is not now:
        found = {one.scope: one for one in db.session.scalars(select(OwnRole).order_by(OwnRole.id))}
        kept = db.session().info[KEPT] = (db.session().get_transaction(), found)
    roles: dict[str, OwnRole] = kept[1]
    return roles


def in_use() -> list[OwnRole]:
    """Return the own roles that can be given, in the order of their base roles."""
    order = list(Role)
    return sorted(
        (one for one in known().values() if one.is_active),
        key=lambda one: (order.index(one.base), one.id),
    )


def base_of(scope: str) -> Role | None:
    """Return the role whose engine rows and rows of lists a scope has: itself, or the base; None for no role."""
    if scope.startswith(PREFIX):
        return own.base if (own := known().get(scope)) else None
    return Role(scope) if scope in list(Role) else None


def scopes() -> list[str]:
    """Return every role as a scope, each followed by the own roles made from it."""
    own = in_use()
    return [
        scope
        for role in Role
        for scope in (role.value, *(one.scope for one in own if one.base is role))
    ]


def label(scope: str) -> str:
    """Return the words for a scope; an own role is named with its base role."""
    if (own := known().get(scope)) is not None:
        return gettext("%(name)s (own role of %(base)s)", name=own.label, base=str(own.base.label))
    return str(Role(scope).label) if scope in list(Role) else scope


def build(data: dict[str, Any]) -> OwnRole:
    """Return a new own role with a copy of what its base role holds now, or with nothing. Raises Refused."""
    base = Role(data["base"])
    if base not in BASES:
        raise Refused(
            gettext("“%(role)s” is not narrowed; choose another base role.", role=str(base.label)),
            "base",
        )
    if len(in_use()) >= MOST:
        raise Refused(
            gettext("There are %(count)s own roles already; retire one first.", count=MOST)
        )
    made = OwnRole(base=base, code=_free_code(data["name_en"]))
    write(made, {**data, "is_active": True})
    db.session.add(made)
    db.session.flush()
    _copy_ticks(made, is_full=data["start"] == "full")
    _forget()
    return made


def write(own: OwnRole, data: dict[str, Any]) -> None:
    """Name or retire an own role. Raises Refused for a name that is taken and for one that somebody still holds."""
    _refuse_taken_names(own, data)
    if own.is_active and not data["is_active"]:
        _refuse_held(own)
    own.name, own.name_en, own.remark = data["name"], data["name_en"], data["remark"]
    own.is_active = data["is_active"]
    _forget()


def find(key: int | None, role: Role) -> OwnRole | None:
    """Return the own role to hold in a position of `role`, its row locked; None for none. Raises Refused."""
    if not key:
        return None
    query = select(OwnRole).where(OwnRole.id == key).with_for_update(key_share=True)
    own = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if own is None or not own.is_active:
        raise Refused(gettext("This own role was retired; choose another one or none."), "own_role")
    if own.base is not role:
        raise Refused(
            gettext(
                "“%(name)s” is an own role of “%(base)s” and cannot be held as “%(role)s”.",
                name=own.label,
                base=str(own.base.label),
                role=str(role.label),
            ),
            "own_role",
        )
    return own


def _copy_ticks(own: OwnRole, *, is_full: bool) -> None:
    row = RoleRow(name=own.scope)
    db.session.add(row)
    db.session.flush()
    if not is_full:
        return
    held = (
        select(row.id, grants.HELD.c.permission_view_id)
        .join(RoleRow, RoleRow.id == grants.HELD.c.role_id)
        .where(RoleRow.name == own.base.value)
    )
    db.session.execute(insert(grants.HELD).from_select(["role_id", "permission_view_id"], held))


def _free_code(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_CODE].strip("-")
    taken = {one.code for one in known().values()}
    numbered = (f"{(words or 'role')[: LONGEST_CODE - 4]}-{number}" for number in range(2, 1000))
    return words if words and words not in taken else next(n for n in numbered if n not in taken)


def _refuse_taken_names(own: OwnRole, data: Mapping[str, Any]) -> None:
    others = [one for one in known().values() if one is not own and one.is_active]
    for key in ("name", "name_en"):
        typed = data[key].casefold()
        if any(getattr(one, key).casefold() == typed for one in others) or typed in _role_names():
            raise Refused(
                gettext("There is a role “%(name)s” already; choose another name.", name=data[key]),
                key,
            )


def _role_names() -> set[str]:
    return {str(role.label).casefold() for role in Role}


def _refuse_held(own: OwnRole) -> None:
    """Refuse to retire an own role that is held, and name who holds it."""
    db.session.execute(select(OwnRole.id).where(OwnRole.id == own.id).with_for_update())
    is_held = (Position.own_role_id == own.id) & Position.is_active
    count = db.session.scalar(select(func.count(Position.id)).where(is_held)) or 0
    if not count:
        return
    holders = db.session.scalars(
        select(User).join(Position, Position.user_id == User.id).where(is_held)
        .order_by(Position.id).limit(MOST_NAMED)
    )  # fmt: skip
    names = gettext(", ").join(f"{one.get_full_name()} {one.username}" for one in holders)
    raise Refused(
        gettext(
            "%(count)s positions still have this own role: %(names)s%(more)s. Give them another one under “Positions” first.",
            count=count,
            names=names,
            more="…" if count > MOST_NAMED else "",
        ),
        "is_active",
    )


def _forget() -> None:
    db.session().info.pop(KEPT, None)
