"""Search field for whose cases a list shows: mine, nobody's, those of colleagues; empty for all of ours."""

from collections.abc import Mapping

from flask import abort
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app import scopes
from app.models import Application
from app.views.base.search.field import SearchField
from app.web.security import require_actor

WHOSE = {
    "mine": (_("Mine"), scopes.handled_by_me),
    "free": (_("Nobody's yet"), scopes.handled_by_nobody),
    "others": (_("Those of colleagues"), scopes.handled_by_colleagues),
}


class WhoseField(SearchField):
    """Narrows a list of cases by who handles them at the place of the person who searches."""

    def __init__(self) -> None:
        choices = [(key, label) for key, (label, _scope) in WHOSE.items()]
        super().__init__("handler", _("Handler"), "select", Application.id, choices)

    def condition(self, args: Mapping[str, str]) -> ColumnElement[bool] | None:
        value = args.get("q.handler", "").strip()
        if not value:
            return None
        if value not in WHOSE:
            abort(400)
        _label, scope = WHOSE[value]
        return scope(require_actor())
