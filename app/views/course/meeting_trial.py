"""Trying other lines of a meeting before its result: who would come in or drop out. Nothing is written.

The office may report the lines it tried to the authority as a change of the plan.
"""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from app import scopes
from app.engine import Refused
from app.enums import MeetingMode, PlanState, Role
from app.extensions import db
from app.forms.trials import ReportLinesForm, TrialForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Plan
from app.services.judging import scoring
from app.services.meeting import lines
from app.services.meeting.lines import Lines, lines_of
from app.services.results import minutes, outcomes, plan_changes, trials
from app.services.results.trials import Figures
from app.views.base.access import to_sign_in
from app.views.course import trial_sections
from app.views.meeting import plan_lines
from app.web.security import current_actor

TRIABLE = (PlanState.APPROVED, PlanState.ENTERED)
"""States of a meeting whose result is not confirmed yet."""


class MeetingTrial(BaseView):
    """/g/meeting/<plan id>/trial/ : for the office and for who chairs; 404 for everybody else and after the result."""

    route_base = "/g/meeting"
    base_permissions: list[str] = []

    @expose("/<int:pk>/trial/", methods=["GET", "POST"])
    def show(self, pk: int) -> ResponseReturnValue:
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        page = TrialPage(find(pk, actor) or abort(404), actor)
        return page.report() if request.method == "POST" else page.show()


def find(pk: int, actor: Actor) -> Plan | None:
    """Return the online meeting without a confirmed result if `actor` is its office or chairs it."""
    query = select(Plan).where(
        Plan.id == pk,
        scopes.visible(Plan, actor),
        Plan.mode == MeetingMode.ONLINE,
        Plan.state.in_(TRIABLE),
    )
    loading = joinedload(Plan.committee), joinedload(Plan.batch)
    plan = db.session.scalars(query.options(*loading)).one_or_none()
    return plan if plan is not None and may_try(plan, actor) else None


def may_try(plan: Plan, actor: Actor) -> bool:
    """Return whether the actor is of the office or signs for the committee as chair."""
    if actor.role is Role.JUDGE:
        return minutes.signs_as_chair(db.session(), plan, actor.user_id)
    return actor.role is Role.OFFICE


class TrialPage:
    """One trial: the present lines, those that were typed, and the form that reports them."""

    def __init__(self, plan: Plan, actor: Actor) -> None:
        self.plan, self.actor, self.pk = plan, actor, plan.id
        self.present = lines_of(plan)
        self.rounds = outcomes.rounds_with_candidates(db.session(), plan)
        self.whys = plan_changes.fixed(plan, self.rounds)
        given = request.form if request.method == "POST" else request.args
        typed = {name: given.get(name, str(value)) for name, value in self.present.stored().items()}
        self.form = TrialForm(formdata=MultiDict(typed), meta={"csrf": False})
        self.form.leave_out(len(scoring.steps_of(self.plan)))
        for name, why in self.whys.items():
            if name in self.form:
                self.form[name].description = why

    def show(self) -> ResponseReturnValue:
        tried = self._tried()
        return self._page(ReportLinesForm(formdata=None), tried, 200 if tried else 400)

    def report(self) -> ResponseReturnValue:
        """Report the typed lines to the authority; refused to everybody but the office by the engine."""
        form, tried = ReportLinesForm(), self._tried()
        if tried is None or not form.validate():
            return self._page(form, tried, 422)
        session, reason = db.session(), form.opinion.data
        try:
            log = plan_changes.report(
                session, self.plan, tried, actor=self.actor, at=clock.now(), reason=reason
            )
            session.commit()
        except Refused as refusal:
            return self._refused(form, refusal)
        except IntegrityError:
            return self._refused(form, Refused(gettext("Somebody else was faster. Look at the record again.")))  # fmt: skip
        said = plan_lines.differences(self.present.stored(), tried.stored())
        flash(gettext("Reported: %(lines)s. They count once the authority has agreed. Receipt %(receipt)s.", lines=said, receipt=log.receipt), "success")  # fmt: skip
        return redirect(url_for("MeetingTrial.show", pk=self.pk), 303)

    def _tried(self) -> Lines | None:
        """Return the typed lines, None if one of them is wrong."""
        return self.form.lines(self.present) if self.form.validate() else None

    def _refused(self, form: ReportLinesForm, refusal: Refused) -> ResponseReturnValue:
        db.session.rollback()
        again = TrialPage(find(self.pk, self.actor) or abort(404), self.actor)
        tried = again._tried()
        target = form if refusal.field in (None, "opinion") else again.form
        target.show(refusal)
        return again._page(form, tried, 422)

    def _page(
        self, report: ReportLinesForm, tried: Lines | None, status: int
    ) -> ResponseReturnValue:
        figures = self._figures()
        shown = tried or self.present
        names = lines.changed(self.present, shown)
        page = {
            "title": gettext("Try other lines"),
            "purpose": self.plan.name,
            "form": self.form,
            "report": report,
            "can_report": self._may_report(names) or self._has_typed(),
            "hint": self._hint(names),
            "values": shown.stored(),
            "says": plan_lines.differences(self.present.stored(), shown.stored()),
            "sections": [*self._sections(figures, shown), *trial_sections.changes(self._changes())],
            "back_url": url_for("MeetingRoomView.show", pk=self.plan.id),
        }
        return render_template("meeting/trial.html", page=page), status

    def _sections(self, figures: Figures, tried: Lines) -> list[Any]:
        trial = trials.compare(figures, self.present, tried)
        return trial_sections.sections(trial, self.present, tried, figures.cases.hidden)

    def _figures(self) -> Figures:
        """Return the figures of the meeting; a judge sees no candidate from whom he or she is recused."""
        is_judge = self.actor.role is Role.JUDGE
        hidden = Application.id.in_(scopes.recused_from(self.actor)) if is_judge else None
        return trials.figures_of(db.session(), self.plan, self.rounds, hidden)

    def _changes(self) -> list[Any]:
        return plan_changes.changes_of_plan(db.session(), self.plan.id)

    def _may_report(self, names: list[str]) -> bool:
        return self.actor.role is Role.OFFICE and bool(names) and not set(names) & set(self.whys)

    def _has_typed(self) -> bool:
        """Return whether a report of the office was refused; its reason stays on the page."""
        return self.actor.role is Role.OFFICE and request.method == "POST"

    def _hint(self, names: list[str]) -> str:
        """Return why what was tried cannot be reported, as a sentence; '' if it can, or if nothing was tried."""
        if not names:
            return ""
        if self.actor.role is not Role.OFFICE:
            return gettext(
                "The office of the committee may report these lines; the authority decides on them."
            )
        stuck = gettext(", ").join(plan_lines.label(name) for name in names if name in self.whys)
        return gettext("Only a trial: %(lines)s cannot be changed.", lines=stuck) if stuck else ""
