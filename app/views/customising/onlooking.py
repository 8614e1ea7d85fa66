"""What a session may do that looks at the program as somebody else: home, lists with invented rows, and leaving."""

from typing import Any

from flask import Flask, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext

from app.extensions import appbuilder, db
from app.ground.database import SAFE_METHODS
from app.services.customising import viewing
from app.views.base.base import GuideView
from app.views.customising.rights_catalogue import RIGHTS, items
from app.views.frame.menu_tree import current_menu
from app.web import security

OPEN = frozenset({"Language.choose", "Session.logout", "Onlooking.end", *security.NOT_PAGES})
"""Endpoints that work as always."""
HOME = "Home.index"


class Onlooking(BaseView):
    """POST /viewing/end : be oneself again."""

    route_base = "/viewing"
    base_permissions: list[str] = []

    @expose("/end", methods=["POST"])
    def end(self) -> ResponseReturnValue:
        who, actor = security.signed_in() or abort(401), security.own_actor() or abort(401)
        was_draft = who.session.viewed_as.startswith(viewing.DRAFT)
        if viewing.end(actor, who.session):
            db.session.commit()
            flash(gettext("You work as yourself again."), "success")
        if not was_draft:
            return redirect(url_for("PositionView.list"), 303)
        is_of_rights = actor.role in RIGHTS.authors
        return redirect(url_for("GrantView.draft" if is_of_rights else "CustomiseView.draft"), 303)


def init_app(app: Flask) -> None:
    """Ask before every request whether its session only looks."""
    app.before_request(keep_to_looking)


def keep_to_looking() -> ResponseReturnValue | None:
    """Answer what an onlooker may not see or do; leave everything else to its page."""
    if request.path.startswith(security.API) or request.endpoint in security.NOT_PAGES:
        return None
    who = security.signed_in()
    if who is None or not who.session.viewed_as:
        return None
    if security.viewing() is None:
        return _end_by_time()
    if request.endpoint in OPEN:
        return None
    if request.method not in SAFE_METHODS:
        return _refused(
            gettext("Seen as somebody else, the program is read-only: nothing was done.")
        )
    if request.endpoint == HOME:
        return None
    return _menu_page()


def _end_by_time() -> ResponseReturnValue:
    """End a view whose time is over or whose position is gone, in a transaction that writes."""
    db.session.rollback()
    db.session.connection(execution_options={"immediate": True})
    security.clear_request_cache()
    who, actor = security.signed_in(), security.own_actor()
    if who is not None and actor is not None and viewing.end(actor, who.session, is_by_time=True):
        db.session.commit()
    security.clear_request_cache()
    flash(
        gettext("The time to look as somebody else is over; you work as yourself again."), "warning"
    )
    return redirect(url_for(HOME), 303)


def _menu_page() -> ResponseReturnValue | None:
    """Let a list be shown, with invented rows; in place of other pages of a menu say what it offers."""
    name, _dot, route = (request.endpoint or "").partition(".")
    view = next((one for one in current_menu().views() if _endpoint(one) == name), None)
    if view is None:
        return _refused(gettext("Seen as somebody else, only the menus and their lists are shown."))
    if not appbuilder.sm.has_access("can_list", view.__name__):
        abort(403)
    g.viewed_buttons = _buttons(view)
    if issubclass(view, GuideView) and route == "list" and view.list is GuideView.list:
        return None
    return render_template(
        "rights/viewed.html", page={"title": view.label, "purpose": getattr(view, "purpose", "")}
    )


def _buttons(view: Any) -> list[str]:
    """Return the words for what the viewed position may do in a menu."""
    return [
        str(right.label)
        for (target, key), right in items().items()
        if target == view.__name__ and appbuilder.sm.has_access(key, target)
    ]


def _endpoint(view: Any) -> str:
    return getattr(view, "endpoint", None) or str(view.__name__)


def _refused(sentence: str) -> ResponseReturnValue:
    page = {"title": gettext("Only to look at"), "sentence": sentence}
    return render_template("rights/viewed.html", page=page), 403
