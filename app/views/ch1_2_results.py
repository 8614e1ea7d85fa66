"""Menus 1.2.5 to 1.2.7: the result of a meeting, its public notice, its filing."""

from datetime import datetime
from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import select

from app import clock, scopes
from app.actor import Actor
from app.enums import MeetingMode, NoticeKind, NoticeState, PlanState, Role
from app.extensions import db
from app.forms.results import (
    ApprovalForm,
    EntryForm,
    FilingForm,
    ResultNoticeForm,
    ResultObjectionForm,
    ScanForm,
)
from app.models import Filing, Notice, Objection, Plan, Result
from app.security import the_actor
from app.services import documents, exchange, files, notices, results
from app.views import detail
from app.views.base import Add, Button, Change, GuideView, guarded
from app.views.ch1_1_evaluation import people_of
from app.views.ch1_1_objections import ObjectionView, build_objection
from app.views.result_sections import candidate_section, recomputed_section
from app.workflow.engine import Refused

PDF = "application/pdf"


# 1.2.5 评审结果


class CandidateResultView(GuideView):
    """What was decided on each candidate."""

    guide = "1.2.5"
    slug = "candidates"
    label = _("Results of candidates")
    purpose = _("The votes on every candidate of your meetings, as they were entered and computed.")
    empty = _("Here stand the candidates of your meetings as soon as a result was entered.")
    roles = (Role.OFFICE,)
    model = Result
    scope = staticmethod(scopes.results_of_my_committees)
    list_columns: ClassVar[list[Any]] = [
        "application.number",
        "application.name",
        "application.unit",
        "application.title",
        "plan",
        "yes",
        "no",
        "abstain",
        "is_passed",
    ]
    search_columns: ClassVar[list[str]] = ["plan", "is_passed"]
    can_export = True

    def name_of(self, record: Result) -> str:
        return record.application.name


class ResultView(GuideView):
    """录入: the result of an offline meeting; a second person confirms it."""

    guide = "1.2.5"
    label = _("Review results")
    tab_label = _("Meetings")
    purpose = _(
        "Enter the votes of an offline meeting; a second person of the office confirms them."
    )
    empty = _("Meetings whose plan the authority has agreed to appear here.")
    roles = (Role.OFFICE,)
    model = Plan
    scope = staticmethod(
        lambda actor: (
            scopes.plans_of_my_committees(actor)
            & Plan.state.in_((PlanState.APPROVED, PlanState.ENTERED, PlanState.CONCLUDED))
        )
    )
    list_columns: ClassVar[list[Any]] = [
        "name",
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
        Button("enter", _("Enter"), {"enter": _("Enter the result")}, form=EntryForm),
        Button(
            "confirm",
            _("Check"),
            {"confirm": _("Confirm the result"), "reopen": _("Send back to entry")},
            confirm=_("Confirm %(count)s result; it cannot be changed afterwards."),
        ),
    )
    tabs = (CandidateResultView,)

    def sections(self, record: Plan, actor: Actor) -> list[detail.DetailSection]:
        names = ["name", "committee", "batch", "mode", "opens_on", "closes_on", "place", "seats"]
        figures = ["members", "present", "voted_on", "senior_cap", "associate_cap", "over_cap"]
        return [
            detail.pairs("plan", gettext("Plan"), record, names),
            detail.pairs("meeting", gettext("Meeting"), record, figures),
            candidate_section(record),
            detail.files_of(record),
        ]

    def links(self, record: Plan, actor: Actor) -> list[tuple[Any, str]]:
        if record.mode is MeetingMode.ONLINE:
            return []
        links = []
        if record.state in (PlanState.APPROVED, PlanState.ENTERED) and self.may("enter"):
            links.append((gettext("Excel template"), self.url("template", pk=record.id)))
        if record.state in (PlanState.ENTERED, PlanState.CONCLUDED):
            links.append((gettext("Print the result sheet"), self.url("sheet", pk=record.id)))
        if record.state is PlanState.ENTERED and self.may("enter"):
            links.append((gettext("Upload the signed sheet"), self.url("scan", pk=record.id)))
        return links

    @expose("/<int:pk>/template.xlsx")
    @guarded("enter")
    def template(self, pk: int) -> Any:
        plan = self.find(pk, the_actor())
        votes = [
            results.Votes(r.application_id, r.yes, r.no, r.abstain, r.note) for r in plan.results
        ]
        content = exchange.result_template(plan, results.candidates(db.session(), plan), votes)
        return exchange.attachment(content, f"{plan.name}.xlsx", exchange.XLSX)

    @expose("/<int:pk>/sheet.pdf")
    @guarded("show")
    def sheet(self, pk: int) -> Any:
        plan = self.find(pk, the_actor())
        content = documents.result_sheet_pdf(plan, results.of_plan(db.session(), plan))
        return exchange.attachment(content, f"{plan.name}.pdf", PDF, is_shown=True)

    @expose("/<int:pk>/scan", methods=["GET", "POST"])
    @guarded("enter")
    def scan(self, pk: int) -> Any:
        actor = the_actor()
        plan, form = self.find(pk, actor), ScanForm()
        if plan.state is not PlanState.ENTERED:
            flash(
                gettext("The sheet can be added while the result waits for its confirmation."),
                "warning",
            )
            return redirect(self.detail_url(plan))
        if form.is_submitted() and form.validate() and self._attach(plan, form, actor):
            flash(gettext("The scan was added to “%(name)s”.", name=plan.name), "success")
            return redirect(self.detail_url(plan), 303)
        return self._scan_page(pk, form, actor)

    def _attach(self, plan: Plan, form: ScanForm, actor: Actor) -> bool:
        scan = form.scan.data
        try:
            files.attach(plan, scan.stored, results.RESULT_SHEET, scan.name, actor, clock.now())
        except Refused as refusal:
            form.show(refusal)
            return False
        db.session.commit()
        return True

    def _scan_page(self, pk: int, form: ScanForm, actor: Actor) -> Any:
        status = 422 if form.is_submitted() else 200
        db.session.rollback()
        plan = self.find(pk, actor)
        page = {
            "title": gettext("Upload the signed sheet"),
            "view": self.label,
            "form": form,
            "sections": [(plan.name, [form.scan])],
            "submit_label": gettext("Upload"),
            "back_url": self.detail_url(plan),
            "notes": [],
            "is_multipart": True,
            "version": None,
        }
        return render_template("form.html", page=page), status


# 1.2.6 评审结果公示


class ResultObjectionView(ObjectionView):
    """Objections against results; only the office of the committee settles them."""

    guide = "1.2.6"
    slug = "objections"
    label = _("Objections against results")
    tab_label = _("Objections")
    purpose = _(
        "Objections that came in while a result was in notice. The result waits until the objection is "
        "settled with written findings."
    )
    empty = _("No objection has been registered.")
    roles = (Role.OFFICE,)
    scope = staticmethod(scopes.objections_of_my_committees)
    add = Add(_("New"), ResultObjectionForm, "register", build_objection)
    buttons = (
        Button(
            "settle",
            _("Settle"),
            events={
                "reject": _("Not upheld, goes on"),
                "uphold_end": _("Upheld, result cancelled"),
            },
            confirm=_("Settle %(count)s objections; an upheld one cancels the result for good."),
        ),
    )


def build_notice(data: dict[str, Any], actor: Actor, at: datetime) -> Notice:
    """Return the unsaved notice of a result, its last day computed; it is the committee's organiser's."""
    plan = db.session.get_one(Plan, data["plan_id"])
    return notices.draft(
        kind=NoticeKind.RESULT,
        plan_id=plan.id,
        unit_id=plan.committee.unit_id,
        starts_on=data["starts_on"],
        at=at,
        title=data["title"],
        place=data["place"],
        contact=data["contact"],
        phone=data["phone"],
    )


class ResultNoticeView(GuideView):
    """1.2.6 评审结果公示."""

    guide = "1.2.6"
    label = _("Notice of review results")
    tab_label = _("Notices")
    purpose = _(
        "Put the confirmed result of a meeting into public notice for at least five working days. "
        "Anybody can read name, unit and title on the public page."
    )
    empty = _("No result of your committees has been in notice yet.")
    roles = (Role.OFFICE,)
    model = Notice
    scope = staticmethod(scopes.notices_of_my_committees)
    list_columns: ClassVar[list[Any]] = ["title", "plan", "starts_on", "ends_on", "place", "state"]
    search_columns: ClassVar[list[str]] = ["title", "plan", "starts_on", "ends_on", "state"]
    add = Add(
        _("Public notice"),
        ResultNoticeForm,
        "open",
        build_notice,
        notes=(
            _(
                "Everybody who passed in the chosen meeting is named with name, unit and title only."
            ),
        ),
    )
    tabs = (ResultObjectionView,)

    def name_of(self, record: Notice) -> str:
        return record.title

    def sections(self, record: Notice, actor: Actor) -> list[detail.DetailSection]:
        names = ["title", "plan", "starts_on", "ends_on", "place", "contact", "phone", "state"]
        raised = db.session.scalars(
            select(Objection).where(Objection.notice_id == record.id).order_by(Objection.id)
        ).all()
        people = people_of(record)
        return [
            detail.pairs("basic", gettext("Notice"), record, names),
            detail.table_of(
                "people",
                gettext("People in the notice"),
                people,
                ["number", "name", "unit", "title", "state"],
            ),
            detail.table_of(
                "objections",
                gettext("Objections"),
                list(raised),
                ["application", "received_at", "due_on", "state"],
            ),
        ]

    def links(self, record: Notice, actor: Actor) -> list[tuple[Any, str]]:
        shown = [(gettext("Notice sheet"), self.url("sheet", pk=record.id))]
        if record.state is NoticeState.RUNNING:
            shown.append((gettext("Public page"), url_for("PublicNotices.show", pk=record.id)))
        return shown

    @expose("/<int:pk>/sheet")
    @guarded("show")
    def sheet(self, pk: int) -> Any:
        """Answer the sheet that is printed: name, unit and title, no number of any person."""
        notice = self.find(pk, the_actor())
        return render_template(
            "print/notice.html",
            notice=notice,
            people=people_of(notice),
            back_url=self.detail_url(notice),
        )


# 1.2.7 评审结果申请备案


def build_filing(data: dict[str, Any], actor: Actor, at: datetime) -> Filing:
    """Return the unsaved filing of one meeting."""
    return Filing(
        plan_id=data["plan_id"],
        document_number=data["document_number"],
        summary=data["summary"],
        reported_at=at,
    )


def change_filing(record: Filing, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    record.document_number, record.summary = data["document_number"], data["summary"]


class FilingView(GuideView):
    """1.2.7 评审结果申请备案: the office files, the authority agrees or returns."""

    guide = "1.2.7"
    label = _("Filing of review results")
    purpose = _(
        "One filing for one meeting, after its notice has ended without an open objection. The authority "
        "computes everything again; its agreement issues the certificates."
    )
    empty = _("No result has been filed yet.")
    roles = (Role.OFFICE, Role.HRSS)
    model = Filing
    scope = staticmethod(lambda actor: scopes.visible(Filing, actor))
    list_columns: ClassVar[list[Any]] = [
        "document_number",
        "plan",
        "plan.committee",
        "reported_at",
        "approval_number",
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["document_number", "plan", "reported_at", "state"]
    add = Add(_p("filing", "File"), FilingForm, "file", build_filing)
    change = Change(
        _("File again"),
        FilingForm,
        "refile",
        load=lambda record: {"document_number": record.document_number, "summary": record.summary},
        apply=change_filing,
    )
    buttons = (
        Button(
            "audit",
            _("Audit"),
            events={"agree": _("Agree"), "return": _("Return for changes")},
            form=ApprovalForm,
            confirm=_("Decide on %(count)s filings; agreeing issues the certificates."),
        ),
    )

    def name_of(self, record: Filing) -> str:
        return record.document_number

    def sections(self, record: Filing, actor: Actor) -> list[detail.DetailSection]:
        names = [
            "document_number",
            "plan",
            "plan.committee",
            "reported_at",
            "approval_number",
            "state",
        ]
        figures = ["members", "present", "voted_on", "senior_cap", "associate_cap"]
        papers = detail.files_of(record)
        papers.files += detail.files_of(record.plan).files
        return [
            detail.pairs("filing", gettext("Filing"), record, names),
            detail.pairs("meeting", gettext("Meeting"), record.plan, figures),
            detail.text("summary", gettext("Summary of the meeting"), record.summary),
            recomputed_section(record),
            candidate_section(record.plan),
            papers,
        ]
