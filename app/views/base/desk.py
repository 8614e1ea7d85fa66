"""An act pressed beside its record: a refusal stays there, and the next record of the queue follows by itself."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.engine import Refused, RefusedRows
from app.views.base import detail, queues, row_order
from app.views.base.acting import ActPage

MARK = "desk"
"""Field of a form that is shown beside the only record it concerns."""


class DeskPress(ActPage):
    """A press on the page of the one record it concerns.

    Refused, the page of the record comes back with everything typed. Done in a menu that lists only what waits,
    the next record of the list opens, filtered and ordered as it was left; after the last one, the list.
    """

    refusal = ""

    def answer(self) -> ResponseReturnValue:
        self.walk, self.place = queues.walk_of(self.view, self.actor), None
        if len(self.records) == 1 and row_order.is_queue(self.view):
            self.place = self.walk.place_of(self.records[0])
        return super().answer()

    def _refused(self, refusal: Refused) -> ResponseReturnValue:
        if isinstance(refusal, RefusedRows) and isinstance(refusal.rows[0][0], self.view.model):
            refusal = Refused(refusal.rows[0][1])
        return super()._refused(refusal)

    def _after(self) -> str:
        if self.place is None:
            return self.back
        following = self.walk.next_after(self.place)
        return self.view.back_url() if following is None else self.view.url("show", pk=following)

    def _done(self, *args: Any) -> str:
        if self.place is None:
            return super()._done(*args)
        left = self.walk.count(self.place)
        said = (
            gettext("%(count)s more wait; this is the next one.", count=left)
            if left
            else gettext("Nothing more waits in this list.")
        )
        return f"{super()._done(*args)} {said}"

    def _page(self, status: int, reasons: dict[int, str] | None = None) -> ResponseReturnValue:
        if len(self.records) != 1:
            return super()._page(status, reasons)
        refused = detail.Pressed(self.button, self.form)
        case = detail.detail_context(self.view, self.records[0], self.actor, refused)
        return render_template("detail.html", case=case), status


def is_from_desk() -> bool:
    """Return whether the request is a press on the page of a single record."""
    return (
        request.method == "POST" and MARK in request.form and len(request.form.getlist("row")) == 1
    )
