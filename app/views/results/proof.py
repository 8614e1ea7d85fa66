"""Prove this result: recomputes the result of a meeting and says what was checked and what was not."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy import select

from app import scopes
from app.extensions import db
from app.ground.actor import Actor
from app.models import Plan, Result
from app.services.results import result_proof
from app.services.results.result_proof import Proof
from app.views.base import detail_sections
from app.views.base.access import to_sign_in
from app.views.base.columns import Cell
from app.views.base.detail_sections import DetailSection
from app.web.security import current_actor


class ResultProof(BaseView):
    """GET /proof/<plan id> : for those who may see the results of the meeting."""

    route_base = "/proof"
    base_permissions: list[str] = []

    @expose("/<int:pk>")
    def show(self, pk: int) -> ResponseReturnValue:
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        plan = find(pk, actor) or abort(404)
        case = {
            "title": gettext("Prove this result"),
            "facts_line": plan.name,
            "sections": sections(result_proof.proof(db.session(), plan)),
            "acts": [],
            "scripts": [],
        }
        return render_template("detail.html", case=case)


def find(pk: int, actor: Actor) -> Plan | None:
    """Return the plan if `actor` may see results of it, otherwise None."""
    seen = select(Result.id).where(Result.plan_id == pk, scopes.visible(Result, actor)).limit(1)
    return db.session.get(Plan, pk) if db.session.scalar(seen) is not None else None


def sections(proof: Proof) -> list[DetailSection]:
    """Return the verdict, the table of what was checked, the list of what was not."""
    verdict = (
        gettext("Everything that was checked agrees.")
        if proof.is_right
        else gettext("Something does not agree; tell the supervisor and the auditor.")
    )
    head = gettext("Head of the log chain: %(head)s", head=proof.head)
    rows = [
        [
            Cell(one.label),
            Cell(one.what),
            Cell(gettext("Does not agree"), "stop")
            if one.faults
            else Cell(gettext("Agrees"), "ok"),
        ]
        for one in proof.checks
    ]
    columns = [gettext("Checked"), gettext("What was compared"), gettext("Finding")]
    faults = "\n".join(fault for one in proof.checks for fault in one.faults)
    return [
        detail_sections.text("verdict", gettext("Finding"), f"{verdict}\n{head}"),
        DetailSection("checked", gettext("Checked"), "table", columns=columns, rows=rows),
        *(
            [detail_sections.text("faults", gettext("What does not agree"), faults)]
            if faults
            else []
        ),
        detail_sections.text("unchecked", gettext("Not checked"), "\n".join(proof.unchecked)),
    ]
