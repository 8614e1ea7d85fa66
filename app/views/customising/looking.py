"""The pages on which somebody begins to look at the program as another position or role."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.engine import Refused
from app.extensions import db
from app.forms.base import base as forms
from app.ground import clock
from app.models import Position
from app.services.accounts import own_roles
from app.services.customising import viewing
from app.views.base.access import guarded
from app.web import security
from app.web.security import require_actor


class LookPages:
    """Routes of `GrantWhyView` that begin a view; `onlooking.py` says what is shown then, and ends it."""

    @expose("/look", methods=["GET", "POST"])
    @guarded("look")
    def look(self) -> ResponseReturnValue:
        """Ask before, then look as the position or the role that the address names."""
        form, position = forms.Form(), _position()
        scope = request.args.get("role", "")
        if position is None and scope not in own_roles.scopes():
            abort(404)
        if request.method == "POST" and form.validate():
            try:
                return begin(position, scope)
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        who = (
            f"{position.user.get_full_name()} · {position.label}"
            if position
            else own_roles.label(scope)
        )
        notes = [
            gettext("You see the menus and buttons of: %(who)s.", who=who),
            gettext(
                "Lists show invented rows and nothing can be done. Beginning and end are written into the audit log;"
                " it ends by itself after %(minutes)s minutes.",
                minutes=int(viewing.LIFE.total_seconds() // 60),
            ),
        ]
        page = {
            "title": gettext("See the program as somebody else"),
            "form": form,
            "notes": notes,
            "version": None,
            "back_url": url_for("PositionView.show", pk=position.id)
            if position
            else url_for("OwnRoleView.list"),
            "submit_label": gettext("Begin"),
        }
        answer = render_template("form.html", page=page)
        return answer, 422 if form.errors or form.form_errors else 200


def _position() -> Position | None:
    """Return the position that the address names, None if it names none. Abort 404 for one that is not there."""
    if "position" not in request.args:
        return None
    typed = request.args["position"]
    key = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    return db.session.get(Position, key) or abort(404)


def begin(position: Position | None, scope: str) -> ResponseReturnValue:
    """Look as a position, or with one's draft as a role. Raises Refused."""
    actor, who = require_actor(), security.signed_in() or abort(401)
    if position is not None:
        viewing.begin_as_position(actor, who.session, position, clock.now())
    else:
        viewing.begin_with_draft(actor, who.session, scope, clock.now())
    db.session.commit()
    return redirect("/", 303)
