"""Shows the pages that say how something is changed to who may open the menu where it is changed."""

from typing import Any

from flask import abort, render_template, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext

from app.extensions import appbuilder
from app.views.base.access import signed_in_actor, to_sign_in
from app.views.base.aliases import Page
from app.views.frame import how_to_pages
from app.views.frame.menu_tree import current_menu
from app.views.frame.shell import menu_url
from app.web.security import current_actor

Menus = dict[str, list[Any]]
"""Name of a page → the menus that name it, in their order."""


class HowTo(BaseView):
    """GET /g/how-to/<name> : a page under docs/customise, with its pictures; / lists those of the reader."""

    route_base = "/g/how-to"
    base_permissions: list[str] = []

    @expose("/")
    def list(self) -> ResponseReturnValue:
        if current_actor() is None:
            return to_sign_in()
        pages = [
            {
                "title": how_to_pages.page(name).title,
                "url": url_for("HowTo.show", name=name),
                "menus": _links(menus),
            }
            for name, menus in _open_to_reader().items()
        ]
        title = gettext("How to change this")
        return render_template(
            "how_to_list.html", page={"title": title, "rows": pages or abort(403)}
        )

    @expose("/<string:name>")
    def show(self, name: str) -> ResponseReturnValue:
        if current_actor() is None:
            return to_sign_in()
        if name not in _menus():
            abort(404)
        menus = _open_to_reader().get(name) or abort(403)
        shown = how_to_pages.page(name)
        page = {"title": shown.title, "body": shown.body, "menus": _links(menus)}
        return render_template("how_to.html", page=page)

    @expose("/images/<string:filename>")
    def image(self, filename: str) -> ResponseReturnValue:
        """Send a picture of a page that the reader may open."""
        if current_actor() is None:
            return to_sign_in()
        if not any(filename in how_to_pages.page(name).pictures for name in _open_to_reader()):
            abort(404)
        return send_from_directory(how_to_pages.IMAGES, filename)


def _menus() -> Menus:
    found: Menus = {}
    for view in current_menu().views():
        for name in getattr(view, "how_to", ()):
            found.setdefault(name, []).append(view)
    return found


def _open_to_reader() -> Menus:
    """Return the pages with those of their menus that the reader may open; who only looks as somebody else has none."""
    if signed_in_actor().is_onlooker:
        return {}
    may_open = appbuilder.sm.has_access
    found = {
        name: [view for view in views if may_open("can_list", view.__name__)]
        for name, views in _menus().items()
    }
    return {name: views for name, views in found.items() if views}


def _links(views: list[Any]) -> list[Page]:
    return [{"label": view.label, "url": menu_url(view)} for view in views]
