"""评审会议: page of an online meeting: its checklist, attendance, key holders of the ballot box, voting rounds."""

from typing import ClassVar

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import LoaderOption

from app import scopes
from app.engine import Refused
from app.enums import MeetingMode, PlanState, Role, RoundState
from app.extensions import appbuilder, db
from app.ground import clock
from app.ground.actor import Actor
from app.models import KeyHolder, Plan
from app.services.course import meeting_facts
from app.services.course.meeting_course import Party
from app.services.course.meeting_facts import Facts
from app.services.meeting.seats import PRESIDING
from app.services.voting import key_holders
from app.views.base import detail_sections
from app.views.base.access import guarded, signed_in_actor
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.case_timeline import ROLES_THAT_SEE_JUDGES
from app.views.base.columns import Column
from app.views.base.detail_sections import DetailSection
from app.views.base.state_colours import tone_of
from app.views.course import meeting_checklist, meeting_sections, meeting_todos
from app.views.course.meeting_matrix import MatrixPages
from app.views.course.meeting_trial import TRIABLE
from app.views.course.press_links import route_press
from app.views.meeting import meeting_link, plan_lines
from app.views.results import fairness, rank_lists
from app.views.voting import round_sections
from app.views.voting.rounds import WORKERS, RoundView
from app.web.security import require_actor


def running_meetings(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for meetings from the agreed plan to the entered result."""
    return Plan.state.in_((PlanState.APPROVED, PlanState.ENTERED))


def online_meetings(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the actor's online meetings, from the reported plan to the filing."""
    is_online = (Plan.mode == MeetingMode.ONLINE) & (Plan.state != PlanState.DRAFT)
    return scopes.visible(Plan, actor) & is_online


class MeetingRoomView(MatrixPages, GuideView):
    """评审会议: the online meetings in progress; each has one page from its plan to its filing."""

    guide = "meeting"
    label = _("Review meeting")
    tab_label = _("Meetings")
    purpose = _(
        "One page for each meeting: what is done, what is next and whose turn it is, who is there, who holds the key "
        "of the ballot box, and which round is on."
    )
    empty = _("No online meeting is agreed that you take part in.")
    roles = (*WORKERS, Role.HRSS)
    names_judges = True
    model = Plan
    found_by = ("name", "committee.name")
    scope = staticmethod(online_meetings)
    inbox = staticmethod(running_meetings)
    list_columns: ClassVar[list[str | Column]] = [
        "name",
        "committee",
        "opens_on",
        "closes_on",
        "place",
        meeting_link.draw_state(),
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["name", "committee", "opens_on"]
    tabs = (RoundView,)
    todos = meeting_todos.TODOS

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "key", "remind"]

    @expose("/<int:pk>/")
    @expose("/<int:pk>")
    @guarded("show")
    def show(self, pk: int) -> ResponseReturnValue:
        """Show the meeting: checklist, attendance, holders of the key, rounds."""
        actor = signed_in_actor()
        plan = self.find(pk, actor)
        judge = actor.user_id if actor.role is Role.JUDGE else None
        facts = meeting_facts.facts_of(
            db.session(), plan, clock.local_date(clock.now()), judge=judge
        )
        links = [
            {"label": label, "url": url}
            for label, url in (*_trial_links(facts, actor), *self._links(facts, actor))
        ]
        case = {
            "title": plan.name,
            "state": {"label": plan.state.label, "tone": tone_of(plan.state)},
            "facts_line": plan.committee.name,
            "back_url": self.back_url(),
            "sections": self._sections(facts, actor),
            "links": links,
            "acts": [],
            "timeline": [],
        }
        return self.render_template("detail.html", case=case)

    def find(self, pk: int, actor: Actor, *_loading: LoaderOption) -> Plan:
        """Return the meeting with its committee; abort 404 outside the scope."""
        query = select(Plan).where(Plan.id == pk, online_meetings(actor))
        return db.session.scalars(query.options(joinedload(Plan.committee))).one_or_none() or abort(
            404
        )

    def _sections(self, facts: Facts, actor: Actor) -> list[DetailSection]:
        names = ["name", "committee", "opens_on", "closes_on", "place", "seats", "denominator"]
        with_names = actor.role in ROLES_THAT_SEE_JUDGES
        return [
            meeting_checklist.section(facts, actor),
            detail_sections.pairs("plan", gettext("Meeting"), facts.plan, names),
            *plan_lines.section(one for one in facts.logs if one.event == "change_lines"),
            meeting_sections.attendance(facts),
            *([meeting_sections.sign_ins(facts)] if with_names else []),
            meeting_sections.key_holders_section(facts, with_names=with_names),
            rank_lists.rounds_section(facts.rounds),
            round_sections.protection(),
        ]

    def _links(self, facts: Facts, actor: Actor) -> list[tuple[Label, str]]:
        matrix = [(gettext("Progress of the judges"), self.url("matrix", pk=facts.plan.id))]
        return [
            *matrix,
            *self._key_links(facts, actor),
            *self._recusal_link(facts, actor),
            *_record_links(facts),
        ]

    def _recusal_link(self, facts: Facts, actor: Actor) -> list[tuple[Label, str]]:
        """Return the link to the form with which a judge declares a recusal, or the office imposes one."""
        is_judge = actor.role is Role.JUDGE
        view = "OwnRecusalView" if is_judge else "RecusalView"
        is_running = facts.plan.state is PlanState.APPROVED and bool(facts.seats)
        if not is_running or not appbuilder.sm.has_access("can_add", view):
            return []
        label = gettext("Recuse oneself") if is_judge else gettext("Impose a recusal")
        return [(label, url_for(f"{view}.add_record", plan=facts.plan.id))]

    def _key_links(self, facts: Facts, actor: Actor) -> list[tuple[Label, str]]:
        is_seated = facts.own is not None and facts.own.role in PRESIDING
        if not self.may("key") or (actor.role is Role.JUDGE and not is_seated):
            return []
        holder = facts.holders.get(key_holders.ROLES[actor.role])
        is_mine = holder is not None and holder.user_id == actor.user_id
        label = (
            gettext("Replace the code") if is_mine else gettext("Take a code for the ballot box")
        )
        return [(label, self.url("key", pk=facts.plan.id))]

    @expose("/<int:pk>/key", methods=["GET", "POST"])
    @guarded("key", fires=(KeyHolder, "register"))
    def key(self, pk: int) -> ResponseReturnValue:
        """Create the holder's code for the ballot box; it is shown once and never stored."""
        actor = require_actor()
        plan, code, refusal, status = self.find(pk, actor), "", "", 200
        if request.method == "POST":
            try:
                code = key_holders.take_code(db.session(), plan, actor=actor, at=clock.now())
                db.session.commit()
            except Refused as refused:
                db.session.rollback()
                refusal, status = refused.sentence, 422
                plan = self.find(pk, actor)
        role = key_holders.ROLES[actor.role]
        known = role in key_holders.holders_of_plan(db.session(), plan.id)
        page = {"title": gettext("Code for the ballot box"), "purpose": plan.name}
        return render_template(
            "meeting/key.html", page=page, plan=plan, role=role, code=code, refusal=refusal,
            is_known=known, back_url=self.detail_url(plan), protection=round_sections.protection().text,
        ), status  # fmt: skip


def _trial_links(facts: Facts, actor: Actor) -> list[tuple[Label, str]]:
    """Return the links to the trial of other lines and to the figures of the judges, for whom they are."""
    parties = meeting_checklist.parties_of(facts, actor)
    is_chair = Party.CHAIR in parties and facts.own is not None and facts.own.attended_at is not None  # fmt: skip
    links: list[tuple[Label, str]] = []
    if facts.plan.state in TRIABLE and (is_chair or Party.OFFICE in parties):
        links.append((gettext("Try other lines"), url_for("MeetingTrial.show", pk=facts.plan.id)))
    is_counted = any(one.state is RoundState.COUNTED for one in facts.rounds)
    if is_counted and (is_chair or Party.SUPERVISOR in parties):
        links.append(fairness.link_to(facts.plan))
    return links


def _record_links(facts: Facts) -> list[tuple[Label, str]]:
    """Return the links to the record of the draw and to the result with its prints."""
    found = []
    if facts.draw is not None:
        found.append(
            route_press(
                gettext("Record of the draw"), "show", "DrawCourseView", "show", pk=facts.draw.id
            )
        )
    if facts.plan.state in (PlanState.ENTERED, PlanState.CONCLUDED):
        found.append(
            route_press(
                gettext("Result and prints"), "show", "ResultView", "show", pk=facts.plan.id
            )
        )
    return [(one.label, one.url) for one in found if one is not None]
