"""Chapter 1.1, title review: first check, notice and report by the unit, superior review, query."""

from datetime import datetime
from typing import Any, ClassVar

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from app import scopes
from app.enums import ApplicationState, NoticeKind, Role
from app.extensions import db
from app.forms.first_check import FirstCheckForm
from app.forms.review import NoticeForm, ReportForm, SuperiorReviewForm
from app.ground import clock, in_force
from app.ground.actor import Actor
from app.models import Application, Batch, Notice, NoticeItem, Objection
from app.services.quotas import quotas
from app.services.review import notices
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button, TakenOver
from app.views.case.application import ApplicationView, CaseQueueView
from app.views.case.rule_pages import UNMET
from app.views.handling import handlers
from app.views.review.ch1_1_objections import (
    AuthorityComplaintView,
    ComplaintView,
    ObjectionView,
)
from app.views.review.closed_units import ClosedUnitView
from app.views.review.proposals import SuperiorProposalView, UnitProposalView
from app.web.security import require_actor

RECOMMENDED = frozenset(ApplicationState) - {
    ApplicationState.DRAFT, ApplicationState.AT_UNIT, ApplicationState.RETURNED, ApplicationState.CHECKED, ApplicationState.IN_NOTICE, ApplicationState.DISPUTED, ApplicationState.WITHDRAWN, ApplicationState.DISCARDED, ApplicationState.ENDED,
}  # fmt: skip
"""States of applications that the unit has recommended or is about to recommend."""
MOST_PRINTED = 2000
"""Maximum rows of the printed summary; a longer one says that it is cut, 1.1.4 exports all rows."""


def build_notice(data: dict[str, Any], actor: Actor, at: datetime) -> Notice:
    """Return an unsaved notice from the form data; its last day is computed."""
    return notices.draft(
        kind=NoticeKind.UNIT,
        unit_id=actor.unit_id,
        starts_on=data["starts_on"],
        at=at,
        title=data["title"],
        place=data["place"],
        contact=data["contact"],
        phone=data["phone"],
    )


def notice_to_take_over(of_mine: ColumnElement[bool], like: Notice | None) -> TakenOver | None:
    """Return place, contact and telephone of `like`, or of the last notice of these; None without any."""
    query = select(Notice).where(of_mine).order_by(Notice.id.desc()).limit(1)
    last = like or db.session.scalars(query).first()
    if last is None:
        return None
    return TakenOver(
        last.title, {"place": last.place, "contact": last.contact, "phone": last.phone}
    )


def last_notice(actor: Actor, like: Notice | None) -> TakenOver | None:
    """Return what a new notice takes over from the unit's last one; None before its first one."""
    return notice_to_take_over(scopes.notices_of_own_unit(actor), like)


def quota_sections(record: Application) -> list[detail_sections.DetailSection]:
    """Return the section with the unit's post balance; empty if the unit needs no quotas."""
    if not record.unit.kind.needs_quota:
        return []
    left = quotas.balance(record.unit_id, record.review_year, record.level, record.specialty_code)
    sentence = gettext(
        "Granted %(granted)s, used %(used)s, left %(left)s.",
        granted=left.granted,
        used=left.used,
        left=left.left,
    )
    return [detail_sections.text("quota", gettext("Post quota"), sentence)]


class FirstCheckView(CaseQueueView):
    """1.1.1 First check by the unit of the applications submitted to it."""

    guide = "1.1.1"
    slug = "check"
    label = _("First check of the unit")
    tab_label = _("First check")
    purpose = _(
        "Applications that were handed in to your unit. Check completeness and truth first; those that pass can be named in a notice."
    )
    empty = _("Nobody of your unit is waiting for the first check.")
    roles = (Role.UNIT,)
    scope = staticmethod(scopes.of_own_unit)
    inbox = staticmethod(scopes.held_by_my_unit)
    waiting = ("check_pass",)
    has_desk = True
    buttons = (
        Button(
            "audit",
            _("Audit"),
            events={
                "check_pass": _("Audit passed"),
                "check_return": _("Return for changes"),
                "check_end": _("End for this year"),
            },
            refusals=_("Audit not passed"),
            form=FirstCheckForm,
        ),
        *handlers.BUTTONS,
    )


class UnitNoticeView(GuideView):
    """1.1.1 所在单位申报公示."""

    guide = "1.1.1"
    label = _("Notice of applications in the unit")
    tab_label = _("Notices")
    purpose = _(
        "Name the applications that passed the first check in a notice of at least five working days. From then on the material is frozen."
    )
    empty = _("Your unit has not opened a notice yet.")
    roles = (Role.UNIT,)
    model = Notice
    scope = staticmethod(scopes.notices_of_own_unit)
    tabs = (FirstCheckView, UnitProposalView, ObjectionView)
    list_columns: ClassVar[list[str | Column]] = [
        "title",
        "starts_on",
        "ends_on",
        "place",
        Column(
            "people",
            _("People"),
            lambda notice: len(notice.items),
            "number",
            load=(selectinload(Notice.items),),
        ),
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["title", "starts_on", "ends_on", "state"]
    add = Add(_("New"), NoticeForm, "open", build_notice, last=last_notice, has_drafts=True)
    buttons = (
        Button(
            "cancel",
            _("Cancel the notice"),
            events={"cancel": _("Cancel the notice")},
            confirm=_("Cancel %(count)s notices; everybody in them needs a new one."),
            tone="stop",
            when=lambda actor: Notice.id.not_in(notices.disputed()),
        ),
    )

    def name_of(self, record: Notice) -> str:
        return str(record.title)

    def sections(self, record: Notice, actor: Actor) -> list[detail_sections.DetailSection]:
        names = ["title", "starts_on", "ends_on", "place", "contact", "phone", "state"]
        shown = [
            detail_sections.pairs("basic", gettext("Notice"), record, names),
            detail_sections.table_of(
                "people",
                gettext("People in the notice"),
                people_of(record),
                ["number", "name", "title", "specialty", "state"],
            ),
        ]
        raised = db.session.scalars(
            select(Objection).where(Objection.notice_id == record.id).order_by(Objection.id)
        ).all()
        columns = ["application", "received_at", "due_on", "state"]
        shown.append(
            detail_sections.table_of("objections", gettext("Objections"), list(raised), columns)
        )
        return shown

    def links(self, record: Notice, actor: Actor) -> list[tuple[Label, str]]:
        return [(gettext("Notice sheet"), self.url("sheet", pk=record.id))]

    @expose("/<int:pk>/sheet")
    @guarded("show")
    @in_force.in_program_words()
    def sheet(self, pk: int) -> ResponseReturnValue:
        """Show the printed notice sheet: name, unit and title, without any personal number."""
        notice = self.find(pk, require_actor())
        return render_template(
            "print/notice.html",
            notice=notice,
            people=people_of(notice),
            back_url=self.detail_url(notice),
        )


def people_of(notice: Notice) -> list[Application]:
    """Return the applications named in a notice, in the same order on every copy."""
    query = (
        select(Application)
        .join(NoticeItem, NoticeItem.application_id == Application.id)
        .where(NoticeItem.notice_id == notice.id)
        .options(
            joinedload(Application.unit),
            joinedload(Application.title),
            joinedload(Application.specialty),
            joinedload(Application.series),
        )
        .order_by(Application.level, Application.name, Application.id)
    )
    return list(db.session.scalars(query))


class SummaryView(CaseQueueView):
    """Base of the menus that also print the summary of recommended people (汇总表)."""

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        return [(gettext("Recommendation summary"), self.url("summary"))]

    @expose("/summary")
    @guarded("list")
    @in_force.in_program_words()
    def summary(self) -> ResponseReturnValue:
        """Show the printable summary of the newest review year, one table per batch."""
        actor = require_actor()
        return render_template(
            "print/summary.html",
            unit_name=actor.unit_name,
            day=clock.now(),
            batches=self._by_batch(actor),
            limit=MOST_PRINTED,
            back_url=self.back_url(),
        )

    def _by_batch(self, actor: Actor) -> dict[Batch, list[Application]]:
        seen = type(self).scope(actor) & Application.state.in_(RECOMMENDED)
        newest = (
            select(Application.review_year)
            .where(seen)
            .order_by(Application.review_year.desc())
            .limit(1)
        )
        query = (
            select(Application)
            .where(seen, Application.review_year == newest.scalar_subquery())
            .options(
                joinedload(Application.batch), joinedload(Application.unit), joinedload(Application.title),
                joinedload(Application.specialty), joinedload(Application.series),
            )
            .order_by(Application.batch_id, Application.level, Application.unit_id, Application.id)
            .limit(MOST_PRINTED)
        )  # fmt: skip
        found: dict[Batch, list[Application]] = {}
        for one in db.session.scalars(query):
            found.setdefault(one.batch, []).append(one)
        return found


class UnitReportView(SummaryView):
    """1.1.2 单位推荐上报."""

    guide = "1.1.2"
    label = _("Unit recommendation and report")
    purpose = _(
        "Applications whose notice has ended without an open objection. Recommend them and report them to the next unit of their route."
    )
    empty = _("No application of your unit is waiting to be reported.")
    roles = (Role.UNIT,)
    scope = staticmethod(scopes.of_own_unit)
    inbox = staticmethod(scopes.held_by_my_unit)
    waiting = ("report",)
    has_desk = True
    buttons = (
        Button(
            "report",
            _("Report"),
            events={"report": _("Report")},
            form=ReportForm,
            confirm=_("Report %(count)s people; afterwards the material cannot change."),
        ),
        *handlers.BUTTONS,
    )

    def sections(self, record: Application, actor: Actor) -> list[detail_sections.DetailSection]:
        return [*super().sections(record, actor), *quota_sections(record)]


class SuperiorReviewView(SummaryView):
    """1.1.3 上级单位审核."""

    guide = "1.1.3"
    label = _("Superior unit review")
    purpose = _("Applications that stand with your unit on their way to the committee.")
    empty = _("No application is waiting for your unit.")
    roles = (Role.SUPERIOR,)
    scope = staticmethod(scopes.of_my_subtree)
    inbox = staticmethod(scopes.held_by_my_node)
    tabs = (SuperiorProposalView, ComplaintView)
    waiting = ("superior_pass",)
    has_desk = True
    buttons = (
        Button(
            "audit",
            _("Audit"),
            events={
                "superior_pass": _("Audit passed"),
                "superior_return": _("Return for changes"),
                "superior_send_back": _("Send back to an earlier station"),
                "superior_end": _("End for this year"),
            },
            refusals=_("Audit not passed"),
            form=SuperiorReviewForm,
        ),
        *handlers.BUTTONS,
    )

    def sections(self, record: Application, actor: Actor) -> list[detail_sections.DetailSection]:
        proof = detail_sections.files_of(
            record, key="proof", label=gettext("Proof of the notice"), section=""
        )
        return [*super().sections(record, actor), proof, *quota_sections(record)]


class ApplicationQueryView(ApplicationView):
    """1.1.4 申报人员信息查询."""

    guide = "1.1.4"
    label = _("Query of applicants")
    purpose = _("All applications your position may see, in any state, with their course.")
    empty = _("There is no application in your scope yet.")
    roles = (Role.UNIT, Role.SUPERIOR, Role.HRSS)
    found_by = ("number", "name", "id_number", "unit.name")
    scope = staticmethod(scopes.applications)
    tabs = (ClosedUnitView, AuthorityComplaintView)
    todos = (
        Todo(
            "publish",
            _("To be put into notice"),
            ("publish",),
            whose=scopes.of_own_unit,
            way="UnitNoticeView.add_record",
        ),
    )
    can_export = True
    list_columns: ClassVar[list[str | Column]] = [
        "number", "name", "unit", "title", "specialty", "state", UNMET, "holder", "held_since", "due_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = [
        "name", "id_number", "number", "unit", "review_year", "batch", "series", "level", "title", "state", "rules_unmet", "mode", "submitted_at",
    ]  # fmt: skip
