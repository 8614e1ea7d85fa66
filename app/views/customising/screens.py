"""The pages on which a system administrator changes how a menu looks (定制本页), collected in the draft."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.services.customising import change_sets
from app.services.customising.catalogue import Cell
from app.validators import characters
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.base.base import PageView
from app.views.customising import customise, screen_form
from app.views.customising.rights_catalogue import menu_label
from app.views.customising.screen_catalogue import SCREENS, items_of
from app.views.frame.menu_tree import current_menu
from app.web.security import require_actor


class ScreenView(PageView):
    """All menus; one of them with its words, columns, search, order, buttons, required fields and place."""

    route_base = "/g/screens"
    guide = "screens"
    label = _p("screens", "Pages")
    purpose = _(
        "Titles, columns, search fields, order and buttons of each menu, for everybody or for one role. Changes are"
        " collected in your draft."
    )
    roles = (Role.SYSADMIN,)

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        words = characters.plain(request.args.get("q", "").strip())[:60]
        page = {
            "title": self.label,
            "purpose": self.purpose,
            "words": words,
            "chapters": _chapters(words.casefold()),
        }
        return render_template("screens/list.html", page=page)

    @expose("/<string:name>", methods=["GET", "POST"])
    @guarded("change")
    def screen(self, name: str) -> ResponseReturnValue:
        """Show what of a menu can be changed, or collect what was changed of it."""
        view, items = _view(name), items_of(name)
        if not items:
            abort(404)
        scope = request.values.get("scope", "")
        if scope and scope not in list(view.roles):
            abort(404)
        cells = [(name, key, scope) for key in items]
        drafted, held = change_sets.values_with_draft(SCREENS, cells, self._draft())
        values = {key: drafted[name, key, scope] for key in items}
        if request.method == "GET":
            return self._screen_page(view, scope, values, held)
        typed = screen_form.read(items, request.form, values)
        return self._collect(view, scope, typed, held)

    @expose("/<string:name>/restore", methods=["POST"])
    @guarded("change")
    def restore(self, name: str) -> ResponseReturnValue:
        """Collect the default of everything that differs from it."""
        view, items = _view(name), items_of(name)
        scope = request.values.get("scope", "")
        cells = {(name, key, scope): SCREENS.default(item, scope) for key, item in items.items()}
        held = SCREENS.present(cells)
        values = {key: default for (_name, key, _scope), default in cells.items()}
        return self._collect(view, scope, values, held)

    def _draft(self) -> Any:
        return change_sets.draft_of(require_actor())

    def _collect(
        self, view: Any, scope: str, values: Mapping[str, Any], held: Mapping[Cell, Any]
    ) -> ResponseReturnValue:
        cells = {(view.__name__, key, scope): value for key, value in values.items()}
        try:
            count = change_sets.collect(require_actor(), SCREENS, cells, at=clock.now())
        except Refused as refusal:
            db.session.rollback()
            return self._screen_page(view, scope, values, held, refusal.sentence)
        db.session.commit()
        if count:
            flash(
                ngettext("%(num)s change collected in your draft; nothing holds yet.", "%(num)s changes collected in your draft; nothing holds yet.", count),
                "success",
            )  # fmt: skip
        else:
            flash(gettext("Nothing was changed: this holds already."), "warning")
        return redirect(url_for("ScreenView.screen", name=view.__name__, scope=scope or None), 303)

    def _screen_page(
        self,
        view: Any,
        scope: str,
        values: Mapping[str, Any],
        held: Mapping[Cell, Any],
        reason: str = "",
    ) -> ResponseReturnValue:
        name = view.__name__
        items = items_of(name)
        page = {
            "title": gettext("Page “%(menu)s”", menu=menu_label(view)),
            "purpose": self.purpose,
            "reason": reason,
            "name": name,
            "scope": scope,
            "scopes": [("", SCREENS.scope_label("")), *((r.value, r.label) for r in view.roles)],
            "language": str(get_locale()),
            "parts": screen_form.parts(items, values, scope, held, str(get_locale())),
            "sample": screen_form.sample(items, values),
        }
        return render_template("screens/screen.html", page=page), 422 if reason else 200


def _view(name: str) -> Any:
    return next((view for view in current_menu().views() if view.__name__ == name), None) or abort(
        404
    )


def _chapters(words: str) -> list[Page]:
    found = []
    for chapter in current_menu().chapters:
        views = [view for menu in chapter.views for view in (menu, *menu.tabs)]
        rows = [
            {"label": label, "url": url_for("ScreenView.screen", name=view.__name__), "roles": [role.label for role in view.roles]}
            for view in views
            if words in (label := menu_label(view)).casefold() and items_of(view.__name__)
        ]  # fmt: skip
        if rows:
            found.append({"label": f"{chapter.number} {chapter.label}".strip(), "rows": rows})
    return found


customise.TASKS.insert(
    1,
    customise.Task(
        _("Title, columns, search, order, buttons and place of a menu"),
        "ScreenView",
        customise.BY_DRAFT,
    ),
)
MENUS = (ScreenView,)
