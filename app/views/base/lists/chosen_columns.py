"""The columns a person sees of a list: chosen and ordered in its address, from those that the list offers.

`cols` names their keys in order; the page's form of ticks sends `col` once for each. Keys that the list does not
offer to this role are left out and named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from app.ground.actor import Actor
from app.views.base.aliases import Page
from app.views.base.columns import Column

if TYPE_CHECKING:
    from app.views.base.declared_view import DeclaredView

PARAMETER, TICK = "cols", "col"


@dataclass(frozen=True)
class Chosen:
    """The columns to show, and the keys that were named and are not offered."""

    columns: Sequence[Column]
    gone: Sequence[str] = ()


def read_args(args: MultiDict[str, str]) -> dict[str, str]:
    """Return the parameters of a list's address that have a value, ticked columns joined to one."""
    ticked = args.getlist(TICK)
    found = {key: value for key, value in args.items() if value and key != TICK}
    return {**found, PARAMETER: ",".join(ticked)} if ticked else found


def chosen(view: "DeclaredView", actor: Actor, args: Mapping[str, str]) -> Chosen:
    """Return the columns that `args` choose; those the list declares where they choose none of its own."""
    wanted = [key for key in dict.fromkeys(args.get(PARAMETER, "").split(",")) if key]
    offered = {column.key: column for column in view.offered_columns(actor)}
    columns = [offered[key] for key in wanted if key in offered]
    gone = [key for key in wanted if key not in offered]
    return Chosen(columns or view.usual_columns(actor), gone)


def gone_sentence(one: Chosen) -> list[str]:
    """Return the sentence about named columns that are not offered, none if all are."""
    if not one.gone:
        return []
    names = gettext(", ").join(one.gone)
    return [gettext("This list has no column %(names)s; the others are shown.", names=names)]


def chooser(view: "DeclaredView", actor: Actor, shown: Sequence[Column]) -> list[Page]:
    """Return every offered column for the form that chooses: those shown first, in their order."""
    keys = {column.key for column in shown}
    rest = [column for column in view.offered_columns(actor) if column.key not in keys]
    return [
        # translated once: every line of the form names it three times
        {"key": column.key, "label": str(column.label), "is_shown": column.key in keys}
        for column in (*shown, *rest)
    ]


def loading(columns: Sequence[Column]) -> list[Any]:
    """Return the options that load what the columns show."""
    return [option for column in columns for option in column.load]
