"""The page on which the security administrator sets the permissions of each role."""

from collections.abc import Sequence
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
from app.ground import clock
from app.ground.actor import Actor
from app.services.accounts import grants, guarded_acts
from app.services.accounts.two_administrators import SecondNeeded
from app.views.accounts.asking import done_or_asked
from app.views.base.access import guarded
from app.views.base.aliases import Label, Page
from app.views.base.base import PageView
from app.views.base.case_timeline import ROLES_THAT_SEE_JUDGES
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
    "slip": _("Print your half of the slip"),
    "try": _p("permission", "Try a rule on an application"),
    "publish": _p("permission", "Publish a form"),
    "hand_over": _p("permission", "Hand over a claim code"),
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
        try:
            return self._apply(actor, role, sorted(before ^ after), after)
        except Refused as refusal:
            db.session.rollback()
            return self._page(role, refusal.sentence, after)

    def _apply(
        self, actor: Actor, role: Role, changed: Sequence[str], after: set[str]
    ) -> ResponseReturnValue:
        """Change what one administrator may change, ask a second one about the rest; all or nothing."""
        views, for_two = _views(), []
        for cell in changed:
            name, _colon, permission = cell.partition(":")
            try:
                _set(actor, role, views.get(name), name, permission, cell in after)
            except SecondNeeded as needed:
                for_two.append((name, permission))
                why = needed.sentence
        back = f"{request.path.removesuffix('save')}?role={role.value}"
        said = gettext("Saved: %(count)s changes.", count=len(changed) - len(for_two))
        if not for_two:
            db.session.commit()
            flash(said, "success")
            return redirect(back, 303)
        words = gettext("; ").join(_words(views[name], permission) for name, permission in for_two)

        def needs_two() -> tuple[str, str]:
            raise SecondNeeded(why)

        return done_or_asked(
            needs_two,
            lambda reason: guarded_acts.ask_to_revoke(
                actor, role, for_two, words, reason=reason, at=clock.now()
            ),
            request.form.get("reason", "").strip(),
        )

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
            "typed_reason": request.form.get("reason", ""),
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


def _set(actor: Actor, role: Role, view: Any, name: str, permission: str, on: bool) -> None:
    short = permission.removeprefix("can_")
    grants.set_grant(
        actor,
        role,
        name,
        permission,
        on,
        meant_for=view.roles if view else (),
        never=_why_never(view, role, short) if view else None,
    )


def _why_never(view: Any, role: Role, permission: str) -> str | None:
    """Return why `role` could never use a permission of a menu, or gets judges' names by it; else None."""
    if getattr(view, "names_judges", False) and role not in (*ROLES_THAT_SEE_JUDGES, *view.roles):
        return gettext(
            "This menu shows the names of judges, which only the committee office and the supervisor see."
        )
    if permission not in view.permissions_of(role):
        return gettext(
            "No rule of the procedure lets “%(role)s” press this, so the tick would do nothing.",
            role=str(role.label),
        )
    return None


def _matrix_rows(role: Role, held: set[str], ticked: set[str]) -> list[Page]:
    """Return a row per menu that `role` may be given or already has, with a checkbox per permission.

    A checkbox that nobody may tick is grey, and the row says why.
    """
    rows = []
    for name, view in _views().items():
        cells = [
            _cell(name, view, role, permission, held, ticked) for permission in view.permissions()
        ]
        is_apart = role.is_maintenance or all(r.is_maintenance for r in view.roles)
        if role in view.roles or not is_apart or any(cell["was_on"] for cell in cells):
            reasons = dict.fromkeys(cell["why_not"] for cell in cells if cell["is_grey"])
            rows.append({"label": _menu_label(view), "cells": cells, "reasons": list(reasons)})
    return rows


def _cell(
    name: str, view: Any, role: Role, permission: str, held: set[str], ticked: set[str]
) -> Page:
    value = f"{name}:can_{permission}"
    why = grants.separation_refusal(role, view.roles) or _why_never(view, role, permission)
    return {
        "value": value,
        "label": _permission_label(view, permission),
        "is_on": value in ticked,
        "was_on": value in held,
        "why_not": why,
        # what is held against the rule can still be taken away
        "is_grey": why is not None and value not in held,
    }


def _words(view: Any, permission: str) -> str:
    label = _permission_label(view, permission.removeprefix("can_"))
    return f"{_menu_label(view)} · {label}"


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
