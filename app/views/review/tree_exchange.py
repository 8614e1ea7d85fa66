"""Review trees as workbooks: export, and import as a dry run whose changes are then stored."""

import json
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext, ngettext

from app.engine import Refused
from app.extensions import db
from app.forms.route_changes import TreeFileForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Committee, RouteNode
from app.services.exports import workbook
from app.services.imports.refusals import SHOWN_ERRORS
from app.services.review import tree_plan, tree_workbook
from app.services.review.tree_plan import Changed, Entry, Plan
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.web.security import require_actor

LONGEST = 200_000
"""Characters of the changes that the page of the dry run sends back."""


class TreeExchange:
    """Routes of `RouteNodeView` that write a tree into a workbook and read one in."""

    @expose("/tree.xlsx")
    @guarded("list")
    def tree_file(self) -> ResponseReturnValue:
        """Download the tree of a committee, the first if none is named, or the branch of the unit `at`."""
        actor = require_actor()
        first = next((str(one.id) for one in _committees(actor)), "")
        committee = _committee(actor, request.args.get("committee") or first)
        at = request.args.get("at", "")
        if at and not (at.isascii() and at.isdigit() and len(at) < 10):
            abort(404)
        try:
            content = tree_workbook.write(committee, int(at) if at else None)
        except Refused as refusal:
            flash(refusal.sentence, "danger")
            return redirect(f"/g/1.6.1/tree?committee={committee.id}")
        name = f"{gettext('Review tree')}-{committee.name}-{clock.local_date(clock.now()):%Y%m%d}"
        return workbook.attachment(content, f"{name}.xlsx", workbook.XLSX)

    @expose("/import", methods=["GET", "POST"])
    @guarded("import", fires=(RouteNode, "place"))
    def read_in(self) -> ResponseReturnValue:
        """Read a workbook and show what it would change; store it once that page is pressed."""
        actor = require_actor()
        if "entries" in request.form:
            return _store(actor)
        form = TreeFileForm()
        form.committee_id.offered = [(one.id, one.name) for one in _committees(actor)]
        if request.method == "POST" and form.validate():
            try:
                committee = _committee(actor, str(form.committee_id.data))
                return _dry_run(committee, tree_workbook.read(committee, form.file.data.stream))
            except Refused as refusal:
                form.show(refusal)
        page = {
            "title": gettext("Read in a review tree"),
            "form": form,
            "version": None,
            "back_url": "/g/1.6.1/tree",
            "submit_label": gettext("Show what it would change"),
            "is_multipart": True,
            "notes": [
                gettext(
                    "This is a dry run: the next page shows what would change, nothing is stored. Units that are not in the file stay as they are."
                )
            ],
        }
        answer = render_template("form.html", page=page)
        return answer, 200 if request.method == "GET" else 422


def _committees(actor: Actor) -> list[Committee]:
    query = db.session.query(Committee).where(Committee.id.in_(actor.committee_ids))
    return query.order_by(Committee.code).all()


def _committee(actor: Actor, typed: str) -> Committee:
    found = next((one for one in _committees(actor) if str(one.id) == typed), None)
    return found or abort(404)


def _dry_run(committee: Committee, plan: Plan, why: str | None = None) -> ResponseReturnValue:
    count = len(plan.changed)
    if count > tree_plan.MOST_CHANGED:
        why = tree_plan.too_many(count)
    kept = [[one.entry.code, one.entry.superior, one.entry.levels] for one in plan.changed]
    page = {
        "title": gettext("What the file would change"),
        "committee": committee,
        "plan": plan,
        "why": why,
        "rows": [_row(one) for one in plan.changed[: tree_plan.MOST_CHANGED]],
        "refused": [str(one) for one in plan.refused],
        "shown": SHOWN_ERRORS * 10,
        "may_store": count and count <= tree_plan.MOST_CHANGED,
        "entries": json.dumps(kept, ensure_ascii=False),
    }
    answer = render_template("review_tree/import.html", page=page)
    return answer, 422 if why else 200


def _row(one: Changed) -> Page:
    committee = gettext("the committee")
    before: dict[str, str] = {"superior": "", "levels": ""}
    if one.place is not None:
        superior = one.place.superior
        before["superior"] = superior.name if superior else committee
        before["levels"] = tree_workbook.levels_text(one.place.levels)
    after = {
        "superior": one.superior.name if one.superior else committee,
        "levels": tree_workbook.levels_text(one.entry.levels),
    }
    return {"name": one.unit.name, "is_new": one.place is None, "before": before, "after": after}


def _store(actor: Actor) -> ResponseReturnValue:
    committee = _committee(actor, request.form.get("committee_id", ""))
    plan = tree_plan.plan(committee.id, _entries(request.form["entries"]))
    if plan.refused:
        why = gettext("The tree was changed since; some rows are refused now. Check what is left.")
        return _dry_run(committee, plan, why)
    try:
        count = tree_plan.apply(plan, actor, at=clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _dry_run(_committee(actor, str(request.form["committee_id"])), plan, str(refusal))
    db.session.commit()
    said = ngettext(
        "%(num)s place of “%(committee)s” stored; the unit confirms it under 1.6.2.",
        "%(num)s places of “%(committee)s” stored; the units confirm them under 1.6.2.",
        count,
        committee=committee.name,
    )
    flash(said, "success")
    return redirect(f"/g/1.6.1/?q.committee={committee.id}", 303)


def _entries(typed: str) -> list[Entry]:
    """Return the changes that the page of the dry run sent back; abort 400 on anything else."""
    try:
        rows: Any = json.loads(typed) if len(typed) <= LONGEST else None
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        abort(400)
    return [Entry(*row) for row in rows]


def _is_row(row: Any) -> bool:
    is_text = isinstance(row, list) and len(row) == 3 and all(isinstance(one, str) for one in row)
    return is_text and 0 < len(row[2]) <= 5 and set(row[2]) <= set(tree_workbook.ALL)
