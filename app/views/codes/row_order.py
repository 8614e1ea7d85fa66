"""Order of the rows of a code table: dragged, or moved by buttons that work without a script as well."""

from typing import Any, ClassVar

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy.orm.exc import StaleDataError

from app.engine import Refused
from app.extensions import db
from app.services.codes import ordering
from app.services.codes.ordering import Ordered
from app.services.ground import versions
from app.views.base import editing
from app.views.base.aliases import Page
from app.web.security import require_actor

MOST_ROWS = 1000
"""Most rows on the page; the order can be changed while all of them are on it."""


class OrderPages:
    """Route of a `CodePage` that stores the order of its rows; a template of `admin/codes/ordered.html` shows it."""

    page_size = MOST_ROWS
    order_fields: ClassVar[tuple[str, ...]] = ()
    """Parameters of the address that say which rows are meant."""
    may_change: Any
    get_url: Any

    def ordered(self) -> Ordered:
        """Return the rows that the address means, as they are stored now."""
        raise NotImplementedError(type(self).__name__)

    def ordered_url(self) -> str:
        """Return the address of the page that shows the rows in their order."""
        found: str = self.get_url(".index_view")
        return found

    def order_of(self, listed: dict[str, Any]) -> Page | None:
        """Return what the page needs to put its rows in order; None where it does not show all in their order."""
        is_narrowed = (
            listed["search"] or listed["active_filters"] or listed["sort_column"] is not None
        )
        if is_narrowed or listed["count"] != len(listed["data"]) or not self.may_change():
            return None
        fields = {name: request.values.get(name, "") for name in self.order_fields}
        keys = [ordering.key_of(row) for row in listed["data"]]
        return {"fields": fields, "version": self.ordered().version, "keys": keys}

    @expose("/order/", methods=("POST",))
    def order_view(self) -> ResponseReturnValue:
        """Store the order that the page shows, after the move of the pressed button, if one was pressed."""
        ordered = self.ordered()
        try:
            why = _put(ordered, _order())
        except (Refused, ValueError) as refusal:
            db.session.rollback()
            why = refusal.sentence if isinstance(refusal, Refused) else _unreadable()
        if "application/json" in request.headers.get("Accept", ""):
            said = {"why": why, "version": self.ordered().version}
            return (jsonify(said), 422) if why else jsonify(said | {"said": _stored()})
        flash(why or _stored(), "warning" if why else "success")
        return redirect(self.ordered_url(), 303)


def _put(ordered: Ordered, keys: list[str]) -> str:
    """Store an order; return why not, if somebody else changed it meanwhile."""
    subject = ordered.subject
    try:
        ordering.put_in_order(
            db.session(), ordered, keys, seen=editing.seen_version(), actor=require_actor()
        )
        db.session.commit()
    except StaleDataError:
        db.session.rollback()
        return versions.outdated_refusal(subject).sentence
    return ""


def _order() -> list[str]:
    """Return the keys of the form in order. Raises ValueError for anything else."""
    keys = request.form.get("order", "").split(",")[: MOST_ROWS + 1]
    if move := request.form.get("move"):
        key, _colon, step = move.partition(":")
        keys = ordering.moved(keys, key, int(step))
    return keys


def _stored() -> str:
    return gettext("The order is stored; forms offer the values in it from now on.")


def _unreadable() -> str:
    return gettext("The order could not be read. Open the page again and put the values in order.")
