"""Fills a form for a new record with what the last one had, and marks these fields (`Add.last`)."""

from typing import Any

from flask import abort, request
from flask_babel import gettext

from app.forms.base.base import Form
from app.forms.offers import KEYS_END
from app.ground.actor import Actor
from app.views.base.declarations import Add, TakenOver
from app.views.base.declared_view import DeclaredView


def find(view: DeclaredView, what: Add, actor: Actor) -> TakenOver | None:
    """Return what the new record takes over: from the record `?like=`, otherwise from the last one.

    Abort 404 on a record that the actor may not see.
    """
    if what.last is None:
        return None
    return what.last(actor, _asked(view, actor))


def _asked(view: DeclaredView, actor: Actor) -> Any:
    if "like" not in request.args:
        return None
    key = request.args.get("like", 0, type=int)
    return view.find(key, actor) if 0 < key < KEYS_END else abort(404)


def fill(form: Form, taken: TakenOver) -> None:
    """Put the values into the fields; each says that its value is not new (`field.is_taken_over`)."""
    for name, value in taken.values.items():
        form[name].process(None, value)
        form[name].is_taken_over = True


def notes(form: Form, taken: TakenOver) -> list[str]:
    """Return the sentences above the form: where the values are from, and which days are left empty."""
    said = [
        gettext(
            "Taken over from “%(source)s”: %(fields)s. Change what is different this time.",
            source=taken.source,
            fields=_labels(form, taken.values),
        )
    ]
    if taken.left_empty:
        said.append(
            gettext(
                "Left empty, as the day would be over or the working calendar does not reach it: %(fields)s.",
                fields=_labels(form, taken.left_empty),
            )
        )
    return said


def _labels(form: Form, names: Any) -> str:
    return gettext(", ").join(str(form[name].label.text) for name in names)
