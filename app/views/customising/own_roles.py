"""Own roles: made from a base role and only narrower, given to positions, retired."""

from typing import Any, ClassVar

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from app.enums import Role
from app.extensions import db
from app.forms.customising import OwnRoleChange, OwnRoleForm
from app.ground.actor import Actor
from app.models import OwnRole, Position
from app.services.accounts import grants, own_roles
from app.views.base import detail_sections
from app.views.base.administration import SystemView
from app.views.base.aliases import Label, Page
from app.views.base.columns import Cell, Column
from app.views.base.declarations import Add, Change
from app.views.base.declared_view import DeclaredView
from app.views.customising.rights_catalogue import items

FACTS = ("name", "name_en", "base", "remark", "is_active")
MOST_HOLDERS = 100
"""Holders that the page of an own role lists; more are found under “Positions”."""


def _load(record: OwnRole) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("name", "name_en", "remark", "is_active")}


class OwnRoleView(SystemView):
    guide = "own-roles"
    label = _("Own roles")
    purpose = _(
        "Roles with only some menus and buttons of a base role, for instance to look things up."
    )
    empty = _("There are none yet; everybody has the whole of a role.")
    model = OwnRole
    roles: ClassVar[tuple[Role, ...]] = (Role.SECADMIN,)
    how_to = ("make-an-own-role",)
    list_columns: ClassVar[list[str | Column]] = [
        "name",
        "name_en",
        "base",
        Column(
            "holders",
            _("Positions"),
            lambda own: own.holders,
            "number",
            load=(undefer(OwnRole.holders),),  # type: ignore[arg-type]  # its type as an attribute of a record
        ),
        "remark",
        "is_active",
    ]
    search_columns: ClassVar[list[str]] = ["name", "name_en", "base", "is_active"]
    add = Add(
        _("New"), form=OwnRoleForm, event="", build=lambda data, actor, at: own_roles.build(data)
    )
    change = Change(
        _("Edit"), form=OwnRoleChange, event="", load=_load,
        apply=lambda own, data, actor, at: own_roles.write(own, data),
    )  # fmt: skip

    def add_link(self, actor: Actor) -> Page | None:
        return DeclaredView.add_link(self, actor)

    def name_of(self, record: OwnRole) -> str:
        return record.label

    def links(self, record: OwnRole, actor: Actor) -> list[tuple[Label, str]]:
        if not record.is_active:
            return []
        return [
            (gettext("Tick its menus and buttons"), url_for("GrantView.list", role=record.scope)),
            (
                gettext("See the program in this role"),
                url_for("GrantWhyView.look", role=record.scope),
            ),
        ]

    def sections(self, record: OwnRole, actor: Actor) -> list[detail_sections.DetailSection]:
        holders = db.session.scalars(
            select(Position)
            .where(Position.own_role_id == record.id, Position.is_active)
            .options(joinedload(Position.user), joinedload(Position.unit))
            .order_by(Position.id)
            .limit(MOST_HOLDERS)
        ).all()
        facts = ["user.username", "user", "unit", "committee", "duty"]
        return [
            detail_sections.pairs("basic", gettext("Details"), record, list(FACTS)),
            _rights(record),
            detail_sections.table_of("holders", gettext("Positions"), holders, facts),
        ]


def _rights(record: OwnRole) -> detail_sections.DetailSection:
    """Return the menus it opens with their buttons: those that it and its base role have now."""
    held = grants.permissions_of_role(record.base, record.scope)
    menus: dict[str, list[str]] = {}
    for (view, key), right in items().items():
        if (key, view) in held:
            menus.setdefault(str(right.menu), []).append(str(right.label))
    rows = [[Cell(menu), Cell(gettext(", ").join(labels))] for menu, labels in menus.items()]
    columns = [gettext("Menu"), gettext("May open and press")]
    title = gettext("What it may open and press now")
    return detail_sections.DetailSection(
        "rights", title, "table", columns=columns, rows=rows, count=len(rows)
    )
