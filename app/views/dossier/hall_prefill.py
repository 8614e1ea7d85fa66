"""Prefill sections from other sources: show the proposals, take over the chosen ones, undo."""

import json

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.models import Application
from app.services.dossier import dossier, new_application, prefill, sent_rows
from app.services.dossier.merging import Texts
from app.services.dossier.prefill import Proposal
from app.services.form import form_definition
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.dossier.hall_base import HallPage, commit, refuse
from app.web.security import require_actor

Filled = dict[str, dict[str, Texts]]


class Prefilling(HallPage):
    """Pages that prefill sections from own data, the register of certificates or last year's application."""

    @expose("/application/<int:pk>/prefill", methods=["GET", "POST"])
    @guarded("fill", fires=(Application, "submit"))
    def prefill(self, pk: int) -> ResponseReturnValue:
        """Show the proposals, or take the chosen ones over."""
        application = self.find(pk, require_actor())
        if request.method == "GET":
            return self._prefill_page(application)
        try:
            taken = prefill.fill_in(
                application, request.form.getlist("take"), actor=require_actor(), at=clock.now()
            )
            commit()
        except Refused as refusal:
            refuse(refusal)
            return redirect(self.url("prefill", pk=pk), 303)
        filled: Filled = {}
        for proposal, _saved in taken:
            rows = filled.setdefault(proposal.section.key, {})
            for row, texts in proposal.rows.items():
                rows[row] = rows.get(row, {}) | texts
        return self._prefill_page(
            self.find(pk, require_actor()), [one for one, _saved in taken], filled
        )

    @expose("/application/<int:pk>/prefill/back", methods=["POST"])
    @guarded("fill", fires=(Application, "submit"))
    def prefill_back(self, pk: int) -> ResponseReturnValue:
        """撤销: undo the prefill in every field that was not changed since."""
        application, filled = self.find(pk, require_actor()), self._sent(pk)
        try:
            count = prefill.undo_fill_in(application, filled, actor=require_actor(), at=clock.now())
            commit()
            flash(gettext("%(count)s fields are as they were before.", count=count), "success")
        except Refused as refusal:
            refuse(refusal)
        return redirect(self.url("prefill", pk=pk), 303)

    @expose("/application/<int:pk>/take-over", methods=["POST"])
    @guarded("fill", fires=(Application, "submit"))
    def take_over(self, pk: int) -> ResponseReturnValue:
        """Copy sections that are still empty from an earlier application of the person."""
        actor = require_actor()
        try:
            copied = new_application.copy_earlier_sections(
                self.find(pk, actor), actor=actor, at=clock.now()
            )
            commit()
            flash(
                gettext("%(count)s sections taken over. Check each of them.", count=copied),
                "success",
            )
        except Refused as refusal:
            refuse(refusal)
        return redirect(self.url("show", pk=pk), 303)

    def _prefill_page(
        self,
        application: Application,
        taken: list[Proposal] | None = None,
        filled: Filled | None = None,
    ) -> ResponseReturnValue:
        form = dossier.form_of(application)
        offered = form_definition.offered(db.session(), form)
        found = prefill.sources(application)
        return self._show(
            "me/prefill.html",
            application=application,
            sources=[(one, [_proposal_data(p, offered) for p in one.proposals]) for one in found],
            taken=[_proposal_data(one, offered) for one in taken or []],
            filled=json.dumps(filled, ensure_ascii=False) if filled else "",
            why_closed=dossier.why_closed(application, ""),
        )

    def _sent(self, pk: int) -> Filled:
        form = dossier.form_of(self.find(pk, require_actor()))
        try:
            sent = dict(json.loads(request.form.get("filled", "")))
        except (ValueError, TypeError, RecursionError):
            return {}
        found: Filled = {}
        for key, rows in sent.items():
            section = form.section(key)
            read = sent_rows.rows_of(section, rows) if section else None
            if read:
                found[key] = read
        return found


def _proposal_data(proposal: Proposal, offered: form_definition.Offered) -> Page:
    """Return a proposal for the template, its rows as lists of (label, value)."""
    rows = [
        [
            (one.label, dossier.value_text(one, row[one.key], offered))
            for one in proposal.section.typed_fields
            if row.get(one.key)
        ]
        for row in proposal.rows.values()
    ]
    return {
        "key": proposal.key,
        "section": proposal.section,
        "rows": rows,
        "count": proposal.count,
        "is_repeated": proposal.section.is_repeated,
    }
