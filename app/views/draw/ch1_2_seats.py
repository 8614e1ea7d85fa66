"""1.2.3 席位 and 回避: seats of drawn judges, and recusals; for office and supervisor only."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement, select

from app import scopes
from app.engine import Refused
from app.enums import PlanState, RecusalSource, Role, SeatState
from app.extensions import db
from app.forms.draw import ImposeForm, RoleForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Person, Plan, Recusal, Seat
from app.services.meeting import round_lock
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Cell, Column, cell_of
from app.views.base.declarations import Add, Button
from app.views.base.detail_sections import DetailSection
from app.views.meeting import meeting_link


def answerable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for seats of agreed meetings that are not over and have no round yet."""
    running = select(Plan.id).where(
        Plan.state == PlanState.APPROVED, Plan.closes_on >= clock.local_date(clock.now())
    )
    return Seat.plan_id.in_(running) & before_the_first_round(actor)


def before_the_first_round(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for seats of meetings without a round that counts."""
    return Seat.plan_id.not_in(round_lock.plans_with_round())


def to_note(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for seats for which a refusal by telephone can be noted."""
    return answerable(actor) & Seat.decline_noted_by.is_(None)


def noted(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for seats with a noted refusal by telephone."""
    return Seat.decline_noted_by.is_not(None)


ACCEPT = Button("accept", _p("seat", "Accept"), {"accept": _p("seat", "Accept")}, when=answerable)
DECLINE = Button(
    "decline",
    _("Cannot take part"),
    {"decline": _("Cannot take part")},
    tone="stop",
    when=answerable,
)
GIVE_BACK = Button(
    "give_back",
    _("Give the seat back"),
    {"withdraw": _("Give the seat back")},
    confirm=_("Give %(count)s seat back; the next alternate is called at once."),
    tone="stop",
    when=answerable,
)
NOTE_DECLINE = Button(
    "note_decline",
    _("Refusal by telephone"),
    {"note_decline": _("Note a refusal by telephone")},
    confirm=_(
        "Note it for %(count)s seat; the judge is told at once, and the supervisor confirms it."
    ),
    tone="stop",
    when=to_note,
)
CHECK_DECLINE = Button(
    "check_decline",
    _("Decide on the refusal"),
    {
        "confirm_decline": _("Confirm the refusal"),
        "drop_decline": _("Do not confirm, the seat stays"),
    },
    confirm=_(
        "Decide on %(count)s refusal by telephone; if confirmed, the next alternate is called."
    ),
)
DEPART = Button("depart", _("Leave the meeting"), {"depart": _("Leave the meeting")})


class MeetingSeatView(GuideView):
    """席位: the judges drawn, with their names and answers."""

    guide = "1.2.3"
    slug = "seats"
    label = _("Seats of a meeting")
    tab_label = _("Seats")
    purpose = _(
        "Who was drawn, in the order of the draw, and what each answered. The office notes answers given by "
        "telephone; the judge is told of a refusal and may object, the supervisor confirms it, and then the next "
        "alternate of the group is called by itself."
    )
    empty = _("Nobody has been drawn yet.")
    roles = (Role.OFFICE, Role.SUPERVISOR)
    names_judges = True
    model = Seat
    scope = staticmethod(scopes.seats_of_my_committees)
    base_order = ("place", "asc")
    list_columns: ClassVar[list[str | Column]] = [
        meeting_link.linked(Seat, "plan"), "place", "user", "expert.unit", "group_name", "role", "state", "answered_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["plan", "group_name", "role", "state"]
    can_export = True
    todos = (
        Todo("unanswered", _("Not answered yet"), ("accept",)),
        Todo(
            "declines",
            _("Refusals by telephone"),
            ("confirm_decline",),
            whose=lambda actor: Seat.decline_noted_by.is_not(None),
        ),
    )
    buttons = (
        ACCEPT,
        NOTE_DECLINE,
        CHECK_DECLINE,
        Button(
            "appoint",
            _("Appoint"),
            {"appoint": _("Appoint")},
            form=RoleForm,
            when=before_the_first_round,
        ),
        DEPART,
    )

    def is_waiting_for(self, record: Seat, button: Button, actor: Actor) -> bool:
        """Return whether the state allows the button; a decision needs a noted refusal."""
        if button.name == "check_decline" and record.decline_noted_by is None:
            return False
        return super().is_waiting_for(record, button, actor)

    def name_of(self, record: Seat) -> str:
        return str(record.user.real_name)

    def sections(self, record: Seat, actor: Actor) -> list[DetailSection]:
        names = ["plan", "place", "user", "expert.unit", "expert.title", "expert.specialty", "group_name",
                 "role", "state", "answered_at", "reason", "attended_at", "left_at"]  # fmt: skip
        seat = detail_sections.pairs("seat", gettext("Seat"), record, names)
        if record.decline_noted_by is not None:
            seat.pairs.append((gettext("Refusal by telephone"), Cell(phone_note(record))))
        if actor.role is Role.OFFICE:
            seat.pairs.append((gettext("Mobile"), _phone(record)))
        return [seat, _recusal_section(record)]


def phone_note(seat: Seat) -> str:
    """Return how far a refusal noted by the office has come."""
    if seat.state is SeatState.DECLINED:
        return gettext("Noted by the office, confirmed by the supervisor.")
    return gettext("Noted by the office; the supervisor has not decided yet.")


def _phone(seat: Seat) -> Cell:
    person = db.session.scalars(select(Person).where(Person.user_id == seat.user_id)).one_or_none()
    return cell_of(person.phone if person else None)


def _recusal_section(seat: Seat) -> DetailSection:
    query = select(Recusal).where(Recusal.user_id == seat.user_id, Recusal.plan_id == seat.plan_id)
    found = list(db.session.scalars(query.order_by(Recusal.id).limit(200)))
    names = ["application.number", "application.name", "source", "reason", "state"]
    return detail_sections.table_of("recusals", gettext("Recusal"), found, names)


def build_imposed(data: dict[str, Any], actor: Actor, at: datetime) -> Recusal:
    """Return an unsaved recusal of a judge from the candidate with the typed number.

    Raises Refused if the actor may see no application with this number.
    """
    query = select(Application.id).where(
        Application.number == data["number"], scopes.visible(Application, actor)
    )
    application_id = db.session.scalar(query)
    if application_id is None:
        raise Refused(gettext("Your committees have no application with this number."), "number")
    seat = db.session.get_one(Seat, data["seat_id"])
    return Recusal(
        application_id=application_id,
        user_id=seat.user_id,
        source=RecusalSource.OFFICE,
        reason=data["reason"],
    )


class RecusalView(GuideView):
    """回避: recusals by rule, by request and by decision of the office."""

    guide = "1.2.3"
    slug = "recusals"
    label = _("Recusal of judges")
    tab_label = _("Recusal")
    purpose = _(
        "Who is kept from which candidate: by the rules when a judge accepts, by the judge's or the applicant's "
        "request, or by your decision. A judge never sees a case from which he or she is kept."
    )
    empty = _("Nobody is kept from a candidate, and nobody has asked for it.")
    roles = (Role.OFFICE, Role.SUPERVISOR)
    names_judges = True
    model = Recusal
    scope = staticmethod(scopes.recusals_of_my_committees)
    list_columns: ClassVar[list[str | Column]] = [
        "plan", "application.number", "application.name", "user", "source", "named", "state", "decided_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["plan", "source", "named", "state"]
    todos = (Todo("decide", _("To be decided"), ("grant",)),)
    add = Add(_("Impose"), ImposeForm, "impose", build_imposed)
    buttons = (
        Button(
            "decide",
            _("Decide on the request"),
            {"grant": _("Grant"), "deny": _("Do not grant")},
            confirm=_("Decide on %(count)s requests; the applicants are told at once."),
        ),
    )

    def name_of(self, record: Recusal) -> str:
        return str(record.application.number)

    def sections(self, record: Recusal, actor: Actor) -> list[DetailSection]:
        names = ["application.number", "application.name", "plan", "user", "source", "named", "named_unit",
                 "reason", "decided_at", "state"]  # fmt: skip
        return [detail_sections.pairs("recusal", gettext("Recusal"), record, names)]
