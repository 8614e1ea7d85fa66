"""The page on which the security administrator sets the permissions of each role."""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Refused
from app.enums import Role
from app.extensions import appbuilder, db
from app.services.accounts import grants
from app.views.base.access import guarded
from app.views.base.aliases import Label, Page
from app.views.base.base import PageView
from app.web.security import require_actor

NAMES = {
    "list": _("See the list"),
    "show": _("See details"),
    "add": _("Add"),
    "create": _("Add"),
    "edit": _("Edit"),
    "change": _("Edit"),
    "withdraw": _p("position", "Withdraw"),
    "export": _("Export"),
    "generate": _("Generate"),
    "interview": _("Answer the interview notice"),
    "recusal": _("Ask for recusal"),
    "api": _p("permission", "Interface for programs"),
    "apply": _p("permission", "Begin an application"),
    "fill": _p("permission", "Fill in an application"),
    "correct": _p("permission", "Correct a person"),
    "import": _p("permission", "Import from Excel"),
    "submit": _p("permission", "Hand in an application"),
    "key": _("Take a code for the ballot box"),
    "vote": _("Vote"),
    "remove": _p("permission", "Take out"),
}


class GrantView(PageView):
    """Matrix of role × menu permissions: one role at a time, a checkbox per permission."""

    route_base = "/g/permissions"
    guide = "permissions"
    label = _("Menu permissions")
    purpose = _("What each role may open and press; a change holds from the next page on.")
    roles = (Role.SECADMIN,)

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        return self._page(_role(request.args.get("role", Role.UNIT.value)))

    @expose("/save", methods=["POST"])
    @guarded("change")
    def save(self) -> ResponseReturnValue:
        """Apply the checkboxes that were changed; those a colleague changed meanwhile are left alone."""
        actor, role = require_actor(), _role(request.form.get("role", ""))
        before, after = (set(request.form.getlist(name)) for name in ("was", "cell"))
        views = _views()
        try:
            for cell in sorted(before ^ after):
                view, _colon, permission = cell.partition(":")
                meant_for = views[view].roles if view in views else ()
                grants.set_grant(actor, role, view, permission, cell in after, meant_for=meant_for)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            return self._page(role, refusal.sentence, after)
        flash(gettext("Saved: %(count)s changes.", count=len(before ^ after)), "success")
        return redirect(f"{request.path.removesuffix('save')}?role={role.value}", 303)

    def _page(
        self, role: Role, reason: str = "", ticked: set[str] | None = None
    ) -> ResponseReturnValue:
        held = {f"{g.view}:{g.permission}" for g in grants.matrix(role) if g.is_on}
        is_own = role is require_actor().role
        page = {
            "title": self.label,
            "purpose": self.purpose,
            "tabs": _role_tabs(role),
            "role": role,
            "is_fixed": is_own or not self.may("change"),
            "reason": reason,
            "rows": _matrix_rows(role, held, held if ticked is None else ticked),
        }
        return render_template("permissions.html", page=page), 422 if reason else 200


def _role(value: str) -> Role:
    return next((role for role in Role if role.value == value), None) or abort(400)


def _role_tabs(current: Role) -> list[Page]:
    return [
        {"label": role.label, "url": f"?role={role.value}", "is_current": role is current}
        for role in Role
    ]


def _views() -> dict[str, Any]:
    """Return the registered menus {class name: view} in menu order, those of Flask-Admin last."""
    consoles = current_app.extensions.get("admin", ())
    known = [*appbuilder.baseviews, *(view for console in consoles for view in console._views)]
    return {type(view).__name__: view for view in known if hasattr(view, "permissions_of")}


def _matrix_rows(role: Role, held: set[str], ticked: set[str]) -> list[Page]:
    """Return a row per menu that `role` may be given or already has, with a checkbox per permission."""
    rows = []
    for name, view in _views().items():
        cells = [
            {
                "value": value,
                "label": _permission_label(view, permission),
                "is_on": value in ticked,
                "was_on": value in held,
            }
            for permission in view.permissions()
            for value in [f"{name}:can_{permission}"]
        ]
        is_apart = role.is_maintenance or all(r.is_maintenance for r in view.roles)
        if role in view.roles or not is_apart or any(cell["was_on"] for cell in cells):
            rows.append({"label": _menu_label(view), "cells": cells})
    return rows


def _menu_label(view: Any) -> str:
    """Return number and title of a menu; the tab label or “phone” distinguishes menus of the same title."""
    number = view.guide if view.guide[:1].isdigit() else ""
    part = getattr(view, "tab_label", "") or (
        gettext("Phone") if getattr(view, "is_phone", False) else ""
    )
    return f"{number} {view.label}".strip() + (f"（{part}）" if part else "")


def _permission_label(view: Any, permission: str) -> Label:
    if hasattr(view, "is_phone") and permission == "withdraw":
        return gettext("Withdraw")
    button = next((b for b in getattr(view, "buttons", ()) if b.name == permission), None)
    return button.label if button else NAMES.get(permission, permission)
