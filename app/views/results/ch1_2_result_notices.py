"""Menu 1.2.6: public notice of a meeting's result, and objections to it."""

from datetime import datetime
from typing import Any, ClassVar

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import scopes
from app.enums import NoticeKind, NoticeState, Role
from app.extensions import db
from app.forms.results import ResultNoticeForm, ResultObjectionForm
from app.ground import in_force
from app.ground.actor import Actor
from app.models import Notice, Objection, Plan
from app.services.review import notices
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button, TakenOver
from app.views.meeting import meeting_link
from app.views.review.ch1_1_evaluation import notice_to_take_over, people_of
from app.views.review.ch1_1_objections import ObjectionView, build_objection
from app.web.security import require_actor


class ResultObjectionView(ObjectionView):
    """1.2.6 Objections to results, and to cases that the committee's office has."""

    guide = "1.2.6"
    slug = "objections"
    label = _("Objections against results")
    tab_label = _("Objections")
    purpose = _(
        "Objections to results and to cases that the office has now. The case waits until the objection is "
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
                "uphold_end": _("Upheld, case ended or result cancelled"),
            },
            confirm=_(
                "Settle %(count)s objections; an upheld one ends the case for this year. Who had passed loses the "
                "result, enters the integrity file and is barred from applying."
            ),
        ),
    )


def build_notice(data: dict[str, Any], actor: Actor, at: datetime) -> Notice:
    """Return an unsaved notice of a result for the committee's organising unit; its last day is computed."""
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


def last_result_notice(actor: Actor, like: Notice | None) -> TakenOver | None:
    """Return what a new notice takes over from the last one of the actor's committees."""
    return notice_to_take_over(scopes.notices_of_my_committees(actor), like)


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
    list_columns: ClassVar[list[str | Column]] = [
        "title",
        meeting_link.linked(Notice, "plan"),
        "starts_on",
        "ends_on",
        "place",
        "state",
    ]
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
        last=last_result_notice,
        has_drafts=True,
    )
    tabs = (ResultObjectionView,)

    def name_of(self, record: Notice) -> str:
        return record.title

    def sections(self, record: Notice, actor: Actor) -> list[detail_sections.DetailSection]:
        names = ["title", "plan", "starts_on", "ends_on", "place", "contact", "phone", "state"]
        raised = db.session.scalars(
            select(Objection).where(Objection.notice_id == record.id).order_by(Objection.id)
        ).all()
        people = people_of(record)
        return [
            detail_sections.pairs("basic", gettext("Notice"), record, names),
            detail_sections.table_of(
                "people",
                gettext("People in the notice"),
                people,
                ["number", "name", "unit", "title", "state"],
            ),
            detail_sections.table_of(
                "objections",
                gettext("Objections"),
                list(raised),
                ["application", "received_at", "due_on", "state"],
            ),
        ]

    def links(self, record: Notice, actor: Actor) -> list[tuple[Label, str]]:
        shown = [(gettext("Notice sheet"), self.url("sheet", pk=record.id))]
        if record.state is NoticeState.RUNNING:
            shown.append((gettext("Public page"), url_for("PublicNotices.show", pk=record.id)))
        return shown

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
