"""The page that chooses what an export holds: columns of the list, then fields of its records by section."""

from typing import TYPE_CHECKING

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.ground.actor import Actor
from app.views.base.lists import chosen_columns, search_words, view_menu

if TYPE_CHECKING:
    from app.views.base.declared_view import DeclaredView


def answer(view: "DeclaredView", actor: Actor) -> ResponseReturnValue:
    """Show every column and field that the actor may export; those of the list at hand are ticked."""
    args = chosen_columns.read_args(request.args)
    shown = chosen_columns.chosen(view, actor, args).columns
    source = view.field_source(actor)
    stays = {
        key: value
        for key, value in args.items()
        if key not in view_menu.PLACE and key != chosen_columns.PARAMETER
    }
    page = {
        "title": gettext("Choose what to export"),
        "list": view.label,
        "filter": gettext("; ").join(search_words.of(view, args)),
        "columns": chosen_columns.chooser(view, actor, shown),
        "groups": source.groups() if source else [],
        "stays": stays.items(),
        "url": view.url("export"),
        "back_url": view.list_url(args),
    }
    return render_template("export.html", page=page)
