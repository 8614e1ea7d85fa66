"""The pages on which a system administrator changes how a menu looks (定制本页), collected in the draft."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.models import ChangeSet
from app.services.customising import change_sets
from app.services.customising.screens import ScreenItem
from app.services.customising.stored_area import AS_EVERYBODY
from app.validators import characters
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.base.base import PageView
from app.views.customising import customise, dossier_catalogue, screen_form
from app.views.customising.dossier_catalogue import DOSSIER
from app.views.customising.rights_catalogue import menu_label
from app.views.customising.rights_draft import say_collected
from app.views.customising.screen_catalogue import SCREENS, Orders, built_list, items_of
from app.views.customising.screen_form import Screen
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
    how_to = ("rename-a-column", "sort-a-list", "move-a-menu", "chart-on-the-home-page")

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
        screen = _screen(name)
        if request.method == "GET":
            return self._screen_page(screen, screen.shown)
        return self._collect(screen, screen_form.read(screen.items, request.form, screen.shown))

    @expose("/<string:name>/restore", methods=["POST"])
    @guarded("change")
    def restore(self, name: str) -> ResponseReturnValue:
        """Collect the default of everything that differs from it."""
        screen = _screen(name)
        defaults = {key: SCREENS.default(item, screen.scope) for key, item in screen.items.items()}
        return self._collect(screen, defaults)

    def _collect(self, screen: Screen, typed: Mapping[str, Any]) -> ResponseReturnValue:
        try:
            count = change_sets.collect(
                require_actor(), SCREENS, screen.cells(typed), at=clock.now()
            )
        except Refused as refusal:
            db.session.rollback()
            kept = {k: screen.shown[k] if v == AS_EVERYBODY else v for k, v in typed.items()}
            return self._screen_page(screen, kept, refusal.sentence)
        db.session.commit()
        say_collected(count)
        target = url_for("ScreenView.screen", name=screen.name, scope=screen.scope or None)
        return redirect(target, 303)

    def _screen_page(
        self, screen: Screen, values: Mapping[str, Any], reason: str = ""
    ) -> ResponseReturnValue:
        language = str(get_locale())
        page = {
            "title": gettext("Page “%(menu)s”", menu=menu_label(screen.view)),
            "purpose": self.purpose,
            "reason": reason,
            "name": screen.name,
            "scope": screen.scope,
            "scopes": [
                (scope, SCREENS.scope_label(scope))
                for scope in ("", *(role.value for role in screen.view.roles))
            ],
            "parts": screen_form.parts(screen, values, language),
            "sample": screen_form.sample(screen, built_list(screen.view), values, language),
        }
        return render_template("screens/screen.html", page=page), 422 if reason else 200


def _screen(name: str) -> Screen:
    """Return the menu of this name as the address and the author's draft make it. Abort 404 where there is none."""
    view, items = _view(name), items_of(name)
    scope = request.values.get("scope", "")
    if not items or (scope and scope not in list(view.roles)):
        abort(404)
    draft = change_sets.draft_of(require_actor())
    items = _with_orders(name, items, draft)
    cells = [(name, key, one) for key in items for one in {"", scope}]
    drafted, held = change_sets.values_with_draft(SCREENS, cells, draft)
    return Screen(view, scope, items, drafted, held)


def _with_orders(
    name: str, items: Mapping[str, ScreenItem], draft: ChangeSet | None
) -> Mapping[str, ScreenItem]:
    """Return what of a menu can be changed, its orders by the fields that are columns of it with the draft."""
    item = items.get("sort")
    if item is None or not isinstance(item.choices, Orders):
        return items
    cells = [(name, key, "") for (target, key) in DOSSIER.items() if target == name]
    drafted, _now = change_sets.values_with_draft(DOSSIER, cells, draft)
    columns = [key for (_target, key, _scope), value in drafted.items() if value]
    choices = {**item.choices.own, **dossier_catalogue.orders_of(name, columns)}
    return {**items, "sort": replace(item, choices=choices)}


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
