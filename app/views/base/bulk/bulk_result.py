"""The result of an act on all rows that match: how many are done, each skipped row with its reason, to download."""

from typing import TYPE_CHECKING

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.ground.actor import Actor
from app.models import BulkAct
from app.services.exports import table_export
from app.services.lists import bulk_acts
from app.views.base.lists import view_menu

if TYPE_CHECKING:
    from app.views.base.declared_view import DeclaredView

PARAMETER = "of"
MOST_SHOWN = 200


def page(view: "DeclaredView", actor: Actor) -> ResponseReturnValue:
    """Show the result of one's own act; 404 for anybody else's, the list if there is none yet."""
    bulk = _find(view, actor)
    if bulk is None:
        return redirect(view.back_url())
    skipped = bulk_acts.skipped_count(bulk)
    shown = bulk_acts.skipped(bulk, MOST_SHOWN)
    return render_template(
        "bulk_result.html",
        page={
            "title": gettext("Result: %(act)s", act=bulk.label),
            "list": view.label,
            "at": bulk.at,
            "meant": f"{bulk.meant:,}",
            "done": f"{bulk.done:,}",
            "skipped": skipped,
            "open": bulk.meant - bulk.done - skipped,
            "rows": [(view.url("show", pk=one.subject_id), one.label, one.reason) for one in shown],
            "most": MOST_SHOWN,
            "file_url": view.url("bulk_file", **{PARAMETER: bulk.id}),
            "back_url": view.back_url(),
        },
    )


def file(view: "DeclaredView", actor: Actor) -> ResponseReturnValue:
    """Download every skipped row with its reason."""
    bulk = _find(view, actor)
    if bulk is None:
        return redirect(view.back_url())
    note = gettext(
        "%(act)s: %(done)s of %(meant)s done.", act=bulk.label, done=bulk.done, meant=bulk.meant
    )
    rows = ([one.label, one.reason] for one in bulk_acts.skipped(bulk))
    headings = [gettext("Skipped row"), gettext("Reason")]
    return table_export.download(
        gettext("Result: %(act)s", act=bulk.label), headings, rows, note=note
    )


def _find(view: "DeclaredView", actor: Actor) -> BulkAct | None:
    """Return the result that the address names, otherwise the newest. Abort 404 if the named one is not theirs."""
    named, menu = request.args.get(PARAMETER, ""), view_menu.menu_of(view)
    if not named:
        return bulk_acts.newest(actor, menu)
    return bulk_acts.find(actor, menu, key_of(named)) or abort(404)


def key_of(typed: str) -> int:
    """Return the number of a result. Abort 404 on anything else."""
    return int(typed) if typed.isdecimal() and len(typed) < len(str(2**31)) else abort(404)
