"""我的席位: a judge answers the invitation, signs in at the meeting, leaves it, declares recusals."""

from datetime import datetime
from typing import Any, ClassVar

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement, select

from app import scopes
from app.enums import PlanState, RecusalSource, Role
from app.forms.draw import DeclareForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Plan, Recusal, Seat
from app.services.meeting import seats
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Cell, Column
from app.views.base.declarations import Add, Button
from app.views.base.detail_sections import DetailSection
from app.views.draw.ch1_2_seats import ACCEPT, DECLINE, DEPART, GIVE_BACK, phone_note
from app.views.meeting import meeting_link


def build_declared(data: dict[str, Any], actor: Actor, at: datetime) -> Recusal:
    """Return an unsaved recusal that a judge declares for one of the own cases."""
    return Recusal(
        application_id=data["application_id"],
        user_id=actor.user_id,
        source=RecusalSource.JUDGE,
        reason=data["reason"],
    )


class OwnRecusalView(GuideView):
    """The judge's own recusals; of the cases only the application number is shown."""

    guide = "my-seats"
    slug = "recusals"
    label = _("My recusals")
    tab_label = _("My recusals")
    purpose = _(
        "From which candidates you are kept: by the rules, by a decision, or because you asked. You no longer see "
        "those cases."
    )
    empty = _("You are kept from no candidate.")
    roles = (Role.JUDGE,)
    model = Recusal
    scope = staticmethod(scopes.own_recusals)
    list_columns: ClassVar[list[str | Column]] = [
        "application.number",
        "plan",
        "source",
        "state",
        "decided_at",
    ]
    search_columns: ClassVar[list[str]] = ["source", "state"]
    add = Add(
        _("Recuse oneself"),
        DeclareForm,
        "declare",
        build_declared,
        notes=(
            _(
                "For a case in which you are not free: relatives, teachers and students, joint work, interests. It "
                "cannot be taken back, and the case disappears from your desk."
            ),
        ),
    )

    def name_of(self, record: Recusal) -> str:
        return str(record.application.number)

    def sections(self, record: Recusal, actor: Actor) -> list[DetailSection]:
        names = ["application.number", "plan", "source", "reason", "decided_at", "state"]
        return [detail_sections.pairs("recusal", gettext("Recusal"), record, names)]


def meeting_today(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for seats of meetings that are held today and have no result yet."""
    agreed = select(Plan.id).where(Plan.state == PlanState.APPROVED)
    return seats.is_on(clock.local_date(clock.now())) & Seat.plan_id.in_(agreed)


class OwnSeatView(GuideView):
    """我的席位: the meetings for which the judge was drawn."""

    guide = "my-seats"
    label = _("My seats")
    tab_label = _("My seats")
    purpose = _(
        "The meetings to which you were drawn. Say early whether you can take part; sign in on the day of the "
        "meeting. That you were drawn is not to be told to anybody (Order 40, art. 25)."
    )
    empty = _("You have not been drawn to a meeting.")
    roles = (Role.JUDGE,)
    model = Seat
    scope = staticmethod(scopes.own_seats)
    list_columns: ClassVar[list[str | Column]] = [
        meeting_link.linked(Seat, "plan"), "plan.opens_on", "plan.closes_on", "plan.place", "group_name", "role", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["state"]
    buttons = (
        ACCEPT,
        DECLINE,
        Button(
            "attend",
            _p("meeting", "Sign in"),
            {"attend": _p("meeting", "Sign in")},
            when=meeting_today,
        ),
        DEPART,
        GIVE_BACK,
        Button("object_decline", _("I did not refuse"), {"object_decline": _("I did not refuse")}),
    )
    todos = (
        Todo("answer", _("To be answered"), ("accept",)),
        Todo(
            "attend",
            _("To sign in"),
            ("attend",),
            whose=meeting_today,
        ),
    )
    tabs = (OwnRecusalView,)

    def is_waiting_for(self, record: Seat, button: Button, actor: Actor) -> bool:
        """Return whether the state allows the button; an objection needs a noted refusal."""
        if button.name == "object_decline" and record.decline_noted_by is None:
            return False
        return super().is_waiting_for(record, button, actor)

    def name_of(self, record: Seat) -> str:
        return str(record.plan.name)

    def links(self, record: Seat, actor: Actor) -> list[tuple[Label, str]]:
        if record.state not in seats.MEMBERS or record.plan.state is not PlanState.APPROVED:
            return []
        return [
            (
                gettext("Recuse oneself"),
                url_for("OwnRecusalView.add_record", plan=record.plan_id),
            )
        ]

    def sections(self, record: Seat, actor: Actor) -> list[DetailSection]:
        names = ["plan", "plan.committee", "plan.opens_on", "plan.closes_on", "plan.place", "group_name", "role",
                 "state", "answered_at", "reason", "attended_at", "left_at"]  # fmt: skip
        seat = detail_sections.pairs("seat", gettext("Seat"), record, names)
        if record.decline_noted_by is not None:
            seat.pairs.append((gettext("Refusal by telephone"), Cell(phone_note(record))))
        return [seat]
