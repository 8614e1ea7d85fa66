"""The page on which the security administrator changes what each role may open and press."""

from collections.abc import Mapping

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.services.customising import change_sets
from app.services.customising.catalogue import Cell
from app.views.base.access import guarded
from app.views.base.base import PageView
from app.views.customising import rights_matrix
from app.views.customising.change_sets import ChangeSetView
from app.views.customising.exchange import ExchangePages
from app.views.customising.own_roles import OwnRoleView
from app.views.customising.rights_catalogue import RIGHTS
from app.views.customising.rights_draft import DraftPages, say_collected
from app.views.customising.rights_matrix import Filter
from app.views.customising.rights_why import GrantWhyView
from app.web.security import require_actor


class GrantView(DraftPages, ExchangePages, PageView):
    """Matrix of menus and buttons × roles; what is ticked is collected in the draft of its author."""

    route_base = "/g/permissions"
    guide = "permissions"
    label = _("Menu permissions")
    purpose = _(
        "What each role may open and press. Changes are collected in your draft; they hold from the next page on"
        " after you publish it."
    )
    roles = (Role.SECADMIN,)
    how_to = ("take-a-button-from-a-role", "restore-the-rights-of-a-role", "carry-over")
    exchanged = (RIGHTS.name,)
    file_name = "menu-permissions"
    draft_empty = _("The draft is empty. Tick what you want to change under “Menu permissions”.")

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        return self._page(_filter(request.args), {})

    @expose("/save", methods=["POST"])
    @guarded("change")
    def save(self) -> ResponseReturnValue:
        """Collect the ticks that were changed; those a colleague changed meanwhile are left alone."""
        before, after = (set(request.form.getlist(name)) for name in ("was", "cell"))
        values = {_cell(value): value in after for value in sorted(before ^ after)}
        return self._collect(require_actor(), _filter(request.form), values)

    @expose("/restore", methods=["POST"])
    @guarded("change")
    def restore(self) -> ResponseReturnValue:
        """Collect the default of everything that the filter shows and that differs from it.

        An own role gets everything of its base role back only where the filter names it.
        """
        actor, shown = require_actor(), _filter(request.form)
        items, values = RIGHTS.items(), {}
        for cell in rights_matrix.cells(shown):
            default = RIGHTS.default(items[cell[:2]], cell[2])
            if cell[2] != actor.role and cell[2] in (shown.scope, *Role):
                values[cell] = default
        return self._collect(actor, shown, values)

    def _collect(
        self, actor: Actor, shown: Filter, values: Mapping[Cell, bool]
    ) -> ResponseReturnValue:
        try:
            count = change_sets.collect(actor, RIGHTS, values, at=clock.now())
        except Refused as refusal:
            db.session.rollback()
            return self._page(shown, values, refusal.sentence)
        db.session.commit()
        say_collected(count)
        if request.form.get("then") == "draft":
            return redirect(url_for("GrantView.draft"), 303)
        return redirect(url_for("GrantView.list", **shown.args()), 303)

    def _page(
        self, shown: Filter, typed: Mapping[Cell, bool], reason: str = ""
    ) -> ResponseReturnValue:
        actor = require_actor()
        page = {
            "title": self.label,
            "purpose": self.purpose,
            "may_change": self.may("change"),
            "reason": reason,
            "shown": shown,
            "roles": rights_matrix.offered(),
            "columns": rights_matrix.columns(shown),
            "chapters": rights_matrix.chapters(shown, actor, change_sets.draft_of(actor), typed),
            "legend": rights_matrix.legend(),
            "orphans": change_sets.orphans(),
        }
        return render_template("rights/matrix.html", page=page), 422 if reason else 200


def _filter(args: Mapping[str, str]) -> Filter:
    try:
        return Filter.read(args)
    except ValueError:
        abort(400)


def _cell(value: str) -> Cell:
    view, _colon, rest = value.partition(":")
    permission, _colon, role = rest.partition(":")
    return view, permission, role


MENUS = (GrantView, OwnRoleView, GrantWhyView, ChangeSetView)
