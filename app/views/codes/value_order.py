"""Order of the values of a dictionary: rows are dragged, or moved by buttons that work without a script as well."""

from typing import TYPE_CHECKING, Any

from flask import flash, g, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy.orm.exc import StaleDataError

from app.engine import Refused
from app.extensions import db
from app.services.codes import ordering
from app.services.ground import versions
from app.views.base import editing
from app.views.codes.code_page import values_url
from app.web.security import require_actor

if TYPE_CHECKING:
    from app.models import Dictionary

MOST = 1000


class OrderPages:
    """Route of `ValuePage` that stores the order."""

    head: Any

    @expose("/order/", methods=("POST",))
    def order_view(self) -> ResponseReturnValue:
        """Store the order that the page shows, after the move of the pressed button, if one was pressed."""
        head = self.head()
        try:
            why = self._put(head, _order())
        except (Refused, ValueError) as refusal:
            db.session.rollback()
            why = refusal.sentence if isinstance(refusal, Refused) else _unreadable()
        is_script = "application/json" in request.headers.get("Accept", "")
        g.pop("dictionary_head", None)
        head = self.head()
        if is_script:
            said = {"why": why, "version": head.version}
            return (jsonify(said), 422) if why else jsonify(said | {"said": _stored()})
        flash(why or _stored(), "warning" if why else "success")
        return redirect(values_url(head.code), 303)

    def _put(self, head: "Dictionary", keys: list[int]) -> str:
        """Store an order; return why not, if somebody else changed it meanwhile."""
        code = head.code
        try:
            ordering.put_in_order(
                db.session(), head, keys, seen=editing.seen_version(), actor=require_actor()
            )
            db.session.commit()
        except StaleDataError:
            db.session.rollback()
            return versions.outdated_refusal(f"dictionary:{code}").sentence
        return ""


def _order() -> list[int]:
    """Return the keys of the form in order. Raises ValueError for anything else."""
    keys = [int(one) for one in request.form.get("order", "").split(",")[: MOST + 1]]
    if move := request.form.get("move"):
        key, _colon, step = move.partition(":")
        keys = ordering.moved(keys, int(key), int(step))
    return keys


def _stored() -> str:
    return gettext("The order is stored; forms offer the values in it from now on.")


def _unreadable() -> str:
    return gettext("The order could not be read. Open the page again and put the values in order.")
