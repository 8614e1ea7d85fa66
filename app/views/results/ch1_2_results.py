"""Menu 1.2.5: the result of a meeting, entered from paper or computed from the counted rounds."""

from collections.abc import Sequence
from typing import ClassVar

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import with_expression

from app import scopes
from app.engine import Refused
from app.enums import MeetingMode, PlanState, Role
from app.extensions import db
from app.forms.paper_rounds import MinutesForm
from app.forms.results import EntryForm, ScanForm
from app.ground import clock, in_force
from app.ground.actor import Actor
from app.models import Plan, Result
from app.services.exports import workbook
from app.services.files import attached_files
from app.services.judging import score_spread, scoring
from app.services.results import offline_results, result_sheets, result_workbook, results
from app.services.results import paper_rounds as paper_votes
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column, computed
from app.views.base.declarations import Button
from app.views.meeting import meeting_link
from app.views.results import offline_pages, paper_rounds, result_pages, result_todos
from app.views.results.paper_rounds import PaperRoundView
from app.web.security import require_actor

PDF = "application/pdf"
FOR_OFFLINE, FOR_ONLINE = ("enter",), ("compute", "minutes")
"""Names of the buttons only for offline and only for online meetings."""


class CandidateResultView(GuideView):
    """1.2.5 The votes on each candidate and the result."""

    guide = "1.2.5"
    slug = "candidates"
    label = _("Results of candidates")
    purpose = _("The votes on every candidate of your meetings, as they were entered and computed.")
    empty = _("Here stand the candidates of your meetings as soon as a result was entered.")
    roles = (Role.OFFICE,)
    model = Result
    scope = staticmethod(scopes.results_of_my_committees)
    list_columns: ClassVar[list[str | Column]] = [
        "application.number",
        "application.name",
        "application.unit",
        "application.title",
        "plan",
        "yes",
        "no",
        "abstain",
        computed(
            "score",
            _("Score"),
            lambda row: scoring.format_score(row.score),
            export=lambda row: scoring.exact_score(row.score),
        ),
        Column(
            "spread",
            _("Scores of the judges"),
            lambda row: score_spread.text(score_spread.of_totals(row.sheet_totals)),
            load=(with_expression(Result.sheet_totals, score_spread.totals_of_result()),),
        ),
        "rank",
        "is_passed",
        "reason",
        "application.state",
    ]
    search_columns: ClassVar[list[str]] = ["plan", "is_passed", "reason"]
    can_export = True

    def name_of(self, record: Result) -> str:
        return record.application.name


class ResultView(GuideView):
    """录入: enter the result of an offline meeting; 汇总: compute that of an online one.

    A second person confirms it.
    """

    guide = "1.2.5"
    label = _("Review results")
    tab_label = _("Meetings")
    purpose = _(
        "Enter the votes of an offline meeting, or compute the result of an online one from its counted "
        "rounds; a second person of the office confirms it."
    )
    empty = _("Meetings whose plan the authority has agreed to appear here.")
    roles = (Role.OFFICE,)
    names_judges = True
    model = Plan
    scope = staticmethod(
        lambda actor: (
            scopes.plans_of_my_committees(actor)
            & Plan.state.in_((PlanState.APPROVED, PlanState.ENTERED, PlanState.CONCLUDED))
        )
    )
    list_columns: ClassVar[list[str | Column]] = [
        meeting_link.linked(Plan, "name"),
        "mode",
        "opens_on",
        "closes_on",
        "members",
        "present",
        "voted_on",
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["name", "mode", "state", "opens_on"]
    buttons = (
        Button(
            "enter",
            _("Enter"),
            {"enter": _("Enter the result")},
            form=EntryForm,
            when=result_todos.has_begun,
        ),
        Button(
            "compute",
            _("Compute the result"),
            {"compute": _("Compute the result")},
            when=result_todos.decided_online,
        ),
        Button(
            "minutes",
            _("Minutes"),
            {"write_minutes": _("Write the minutes")},
            form=MinutesForm,
            tone="",
        ),
        Button(
            "confirm",
            _("Check"),
            {"confirm": _("Confirm the result"), "reopen": _("Send back to entry")},
            confirm=_("Confirm %(count)s result; it cannot be changed afterwards."),
            when=result_todos.by_another,
        ),
    )
    todos = result_todos.TODOS
    tabs = (CandidateResultView, PaperRoundView)

    def is_waiting_for(self, record: Plan, button: Button, actor: Actor) -> bool:
        """Return whether the state and the kind of the meeting allow the button."""
        others = FOR_OFFLINE if record.mode is MeetingMode.ONLINE else FOR_ONLINE
        return button.name not in others and super().is_waiting_for(record, button, actor)

    def sections(self, record: Plan, actor: Actor) -> list[detail_sections.DetailSection]:
        names = ["name", "committee", "batch", "mode", "opens_on", "closes_on", "place", "seats"]
        figures = ["members", "present", "voted_on", "senior_cap", "associate_cap", "over_cap"]
        if record.mode is MeetingMode.ONLINE:
            return result_pages.sections(record, names, figures)
        return offline_pages.sections(record, names, figures)

    def act_sections(
        self, button: Button, records: Sequence[Plan], actor: Actor
    ) -> list[detail_sections.DetailSection]:
        """Return the places before the entry, all votes with their consequence before the confirmation."""
        if len(records) != 1 or button.name not in ("enter", "confirm"):
            return []
        if button.name == "enter":
            return offline_pages.places_sections(records[0])
        return offline_pages.confirmation_sections(records[0])

    def act_result(self, event: str, records: Sequence[Plan]) -> str:
        """Return what follows from the entered votes."""
        if event != "enter":
            return ""
        return " ".join(
            offline_results.consequence(db.session(), plan).sentence for plan in records
        )

    def links(self, record: Plan, actor: Actor) -> list[tuple[Label, str]]:
        if record.mode is MeetingMode.ONLINE:
            return [*meeting_link.links(record), *result_pages.links(self, record)]
        links = []
        if record.state in (PlanState.APPROVED, PlanState.ENTERED) and self.may("enter"):
            links.append((gettext("Excel template"), self.url("template", pk=record.id)))
        if record.state in (PlanState.ENTERED, PlanState.CONCLUDED):
            links.append((gettext("Print the result sheet"), self.url("sheet", pk=record.id)))
            links.append((gettext("Prove this result"), url_for("ResultProof.show", pk=record.id)))
        if offline_pages.is_round_due(record):
            links += paper_rounds.links_to(record)
        if record.state is PlanState.ENTERED and self.may("enter"):
            links.append((gettext("Upload the signed sheets"), self.url("scan", pk=record.id)))
        return links

    @expose("/<int:pk>/template.xlsx")
    @guarded("enter")
    def template(self, pk: int) -> ResponseReturnValue:
        """Download the Excel template for entering the votes."""
        plan = self.find(pk, require_actor())
        votes = [
            results.Votes(r.application_id, r.yes, r.no, r.abstain, r.note, r.score)
            for r in plan.results
        ]
        sheet = result_workbook.VoteSheet(plan, results.candidates(db.session(), plan))
        content = sheet.template(votes)
        return workbook.attachment(content, f"{plan.name}.xlsx", workbook.XLSX)

    @expose("/<int:pk>/round.xlsx")
    @guarded("show")
    def round_template(self, pk: int) -> ResponseReturnValue:
        """Download the Excel template of the round on paper that is due in a meeting."""
        plan = self.find(pk, require_actor())
        sheet = paper_votes.sheet_of(db.session(), plan)
        return workbook.attachment(sheet.template([]), f"{sheet.name}.xlsx", workbook.XLSX)

    @expose("/<int:pk>/sheet.pdf")
    @guarded("show")
    @in_force.in_program_words()
    def sheet(self, pk: int) -> ResponseReturnValue:
        """Show the result sheet as PDF."""
        plan = self.find(pk, require_actor())
        content = result_sheets.result_sheet_pdf(plan, results.results_of_plan(db.session(), plan))
        return workbook.attachment(content, f"{plan.name}.pdf", PDF, is_shown=True)

    @expose("/<int:pk>/minutes")
    @guarded("show")
    def minutes(self, pk: int) -> ResponseReturnValue:
        """Show the printed minutes."""
        return result_pages.minutes_page(self, self.find(pk, require_actor()))

    @expose("/<int:pk>/scan", methods=["GET", "POST"])
    @guarded("enter")
    def scan(self, pk: int) -> ResponseReturnValue:
        """Show the upload form, or attach the signed scan of the result sheet."""
        actor = require_actor()
        plan, form = self.find(pk, actor), ScanForm()
        if plan.state is not PlanState.ENTERED:
            flash(
                gettext("The sheet can be added while the result waits for its confirmation."),
                "warning",
            )
            return redirect(self.detail_url(plan))
        if form.is_submitted() and form.validate() and self._attach(plan, form, actor):
            said = gettext(
                "%(count)s scans were added to “%(name)s”.", count=len(form.scans()), name=plan.name
            )
            flash(said, "success")
            return redirect(self.detail_url(plan), 303)
        return self._scan_page(pk, form, actor)

    def _attach(self, plan: Plan, form: ScanForm, actor: Actor) -> bool:
        try:
            for kind, scan in form.scans().items():
                attached_files.attach(plan, scan.stored, kind, scan.name, actor, clock.now())
        except Refused as refusal:
            form.show(refusal)
            return False
        db.session.commit()
        return True

    def _scan_page(self, pk: int, form: ScanForm, actor: Actor) -> ResponseReturnValue:
        status = 422 if form.is_submitted() else 200
        db.session.rollback()
        plan = self.find(pk, actor)
        page = {
            "title": gettext("Upload the signed sheets"),
            "view": self.label,
            "form": form,
            "sections": [(plan.name, [form.scan, form.opinions])],
            "submit_label": gettext("Upload"),
            "back_url": self.detail_url(plan),
            "notes": [],
            "is_multipart": True,
            "version": None,
        }
        return render_template("form.html", page=page), status
