"""1.2.4: interviews of online meetings: slots drawn by lot, notices, receipts, changes of time, absences."""

from datetime import date
from typing import ClassVar, cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app import scopes
from app.engine import Refused
from app.enums import ApplicationState, ReviewStep, Role
from app.extensions import db
from app.forms.interviews import MoveForm, SendForm, SlotsForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Interview, Plan
from app.services.interviews import interviews, notice_period, slotting
from app.todos.declared import Todo
from app.views.base import detail_sections, returning
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Cell, Column, computed
from app.views.base.declarations import Button
from app.views.base.detail_sections import DetailSection
from app.views.case.application import ApplicationView
from app.views.interviews import slot_conditions
from app.views.meeting import meeting_link
from app.views.meeting.ch1_2_plans import online_plans, plan_sections, uses_step
from app.web.security import require_actor

SLOT = [
    "plan", "application.number", "application.name", "group_name", "room", "order", "starts_at", "ends_at",
    "sent_at", "received_at", "move_reason", "state",
]  # fmt: skip


class SlotView(GuideView):
    """Interview slots with their state, and a door list for each room and day."""

    guide = "1.2.4"
    slug = "slots"
    label = _("Interview slots")
    tab_label = _("Interview slots")
    purpose = _(
        "Who is heard when and where. Send the notices, give another time to whoever has a reason, and note "
        "on the day who came."
    )
    empty = _("No slot has been generated yet: press “Generate” in the list of candidates.")
    roles = (Role.OFFICE,)
    model = Interview
    scope = staticmethod(scopes.interviews_of_my_committees)
    base_order = ("starts_at", "asc")
    list_columns: ClassVar[list[str | Column]] = [
        "starts_at", "room", "order", "application.number", "application.name", meeting_link.linked(Interview, "plan"), "move_reason",
        "state", computed("door", _("Door list"), lambda row: _door_link(row)),
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["plan", "room", "group_name", "starts_at", "state"]
    buttons = (
        Button(
            "send",
            _p("notice", "Send"),
            events={"send": _p("notice", "Send")},
            form=SendForm,
            confirm=_("Send %(count)s notices; the applicants get them at once."),
            when=slot_conditions.to_come,
        ),
        Button(
            "move",
            _("Give another time"),
            events={"move": _("Give another time")},
            form=MoveForm,
            tone="",
            asks_opinion=True,
            when=slot_conditions.in_review,
        ),
        Button("keep", _("Keep the time"), events={"refuse_move": _("Keep the time")}, tone=""),
        Button(
            "hold",
            _("Interview held"),
            events={"hold": _("Interview held")},
            tone="",
            when=slot_conditions.begun,
        ),
        Button(
            "miss",
            _("Absent"),
            events={"miss": _("Absent")},
            confirm=_("Note %(count)s candidates as absent."),
            tone="stop",
            when=slot_conditions.unheard,
        ),
        Button(
            "correct",
            _("Correct the absence"),
            events={"correct_absence": _("Correct the absence")},
            tone="",
            when=slot_conditions.of_today,
        ),
    )
    todos = (
        Todo("send", _("Notices to be sent"), ("send",)),
        Todo("move", _("Another time asked for"), ("refuse_move",)),
        Todo(
            "note",
            _("Held or absent"),
            ("hold", "miss"),
            whose=lambda actor: Interview.ends_at < clock.now(),
        ),
    )
    can_export = True

    def name_of(self, record: Interview) -> str:
        return f"{record.application.number} {record.application.name}"

    def sections(self, record: Interview, actor: Actor) -> list[DetailSection]:
        return [slot_section(record)]

    def links(self, record: Interview, actor: Actor) -> list[tuple[Label, str]]:
        return [(gettext("Door list"), self.url("door", pk=record.id))]

    @expose("/<int:pk>/door")
    @guarded("show")
    def door(self, pk: int) -> ResponseReturnValue:
        """Show the printed door list of this slot's room and day: order, number, name and time."""
        slot = self.find(pk, require_actor())
        return render_template(
            "print/door.html",
            slot=slot,
            day=clock.local_date(slot.starts_at),
            slots=_slots_of_room_and_day(slot),
            back_url=self.detail_url(slot),
        )


def slot_section(slot: Interview) -> DetailSection:
    """Return the section of one slot: time, room, and the applicant's answer."""
    return detail_sections.pairs("slot", gettext("Interview"), slot, SLOT)


def _door_link(slot: Interview) -> Cell:
    return Cell(gettext("Print"), url=url_for("SlotView.door", pk=slot.id))


def _slots_of_room_and_day(slot: Interview) -> list[Interview]:
    day = clock.local_date(slot.starts_at)
    query = (
        select(Interview)
        .where(
            Interview.plan_id == slot.plan_id,
            Interview.room == slot.room,
            Interview.starts_at.between(clock.start_of_day(day), clock.end_of_day(day)),
        )
        .options(joinedload(Interview.application))
        .order_by(Interview.starts_at)
    )
    return list(db.session.scalars(query))


def interview_candidates(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for candidates of agreed online meetings with an interview."""
    meetings = select(Plan.id).where(online_plans(actor), uses_step(ReviewStep.INTERVIEW))
    in_meeting = (Application.state == ApplicationState.IN_REVIEW) & Application.plan_id.in_(
        meetings
    )
    return scopes.visible(Application, actor) & in_meeting


class InterviewView(ApplicationView):
    """1.2.4 Candidates to be interviewed with their slots; 生成 gives a slot to those without one."""

    guide = "1.2.4"
    label = _("Interview notices (online)")
    tab_label = _("Candidates")
    purpose = _(
        "Candidates of agreed online meetings with an interview, and the slot of each. “Generate” makes slots "
        "from rooms and minutes in an order drawn by lot; notices are sent under “Interview slots”."
    )
    empty = _("No online meeting with an interview has candidates now.")
    roles = (Role.OFFICE,)
    scope = staticmethod(interview_candidates)
    list_columns: ClassVar[list[str | Column]] = [
        "number", "name", "unit", "title", "specialty", meeting_link.linked(Application, "plan"), "interview.starts_at",
        "interview.room", "interview.order", "interview.state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "number", "unit", "title", "specialty", "plan"]
    tabs = (SlotView,)
    can_export = True

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "generate"]

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        asked = returning.meeting_of_list()
        links = (
            [(gettext("Generate"), self.url("generate", **asked))] if self.may("generate") else []
        )
        of_meeting = "".join(f"?q.{key}={value}" for key, value in asked.items())
        return [*links, (_p("notice", "Send"), url_for("SlotView.list") + of_meeting)]

    def links(self, record: Application, actor: Actor) -> list[tuple[Label, str]]:
        links = super().links(record, actor)
        if record.interview is not None or not self.may("generate"):
            return links
        return [*links, (gettext("Generate"), self.url("generate", plan=record.plan_id))]

    def sections(self, record: Application, actor: Actor) -> list[DetailSection]:
        slot = record.interview
        plan = cast(Plan, record.plan)  # `interview_candidates` has none without a plan
        return [
            *([slot_section(slot)] if slot is not None else []),
            *plan_sections(plan),
            *super().sections(record, actor),
        ]

    @expose("/generate", methods=["GET", "POST"])
    @guarded("generate", fires=(Interview, "plan"))
    def generate(self) -> ResponseReturnValue:
        """Show the form that generates slots; 试排 previews rooms and hours without drawing lots."""
        actor, form = require_actor(), SlotsForm()
        form.bind(actor)
        if request.method == "GET" or not form.validate():
            return self._form_page(form)
        plan = db.session.get_one(Plan, form.plan_id.data)
        try:
            if "try" in request.form:
                return self._form_page(form, tried=_preview(plan, form.wanted()))
            if form.asks(
                _warnings(interviews.propose(db.session(), plan, form.wanted(), "", clock.now()))
            ):
                return self._form_page(form)
            logs = interviews.generate(
                db.session(), plan, form.wanted(), actor=actor, at=clock.now()
            )
            sentence = ngettext(
                "%(num)s slot generated. Lot %(seed)s.",
                "%(num)s slots generated. Lot %(seed)s.",
                len(logs),
                seed=logs[0].details["seed"],
            )
            db.session.commit()
        except Refused as refusal:
            return self._refused(form, refusal)
        except IntegrityError:
            why = gettext("Somebody else was faster. Look at the slots and try again.")
            return self._refused(form, Refused(why))
        flash(sentence, "success")
        return redirect(returning.meeting_page() or url_for("SlotView.list"), 303)

    def _refused(self, form: SlotsForm, refusal: Refused) -> ResponseReturnValue:
        db.session.rollback()
        form.show(refusal)
        return self._form_page(form)

    def _form_page(
        self, form: SlotsForm, tried: list[DetailSection] | None = None
    ) -> ResponseReturnValue:
        page = {
            "title": gettext("Generate interview slots"),
            "form": form,
            "sections": form.groups(),
            "submit_label": gettext("Generate"),
            "more_buttons": [{"name": "try", "label": gettext("Try the slots")}],
            "back_url": returning.meeting_page() or self.back_url(),
            "notes": [
                gettext(
                    "Candidates without a slot get one; slots that are there stay. The order is drawn by "
                    "lot with the press, so the trial shows rooms and hours, not names."
                )
            ],
            "is_multipart": False,
            "version": None,
            "tried": tried,
        }
        is_answered = request.method == "GET" or tried is not None
        return render_template("form.html", page=page), 200 if is_answered else 422


def _preview(plan: Plan, wanted: interviews.Wanted) -> list[DetailSection]:
    """Return a section with the interviews per room and day: groups, first and last time, number.

    Raises Refused if no candidate needs a slot or not all fit.
    """
    outcome = interviews.propose(db.session(), plan, wanted, "", clock.now())
    by_door: dict[tuple[date, str], list[slotting.Placed]] = {}
    for one in outcome.placed:
        by_door.setdefault((one.slot.starts_at.date(), one.slot.room), []).append(one)
    rows = [
        [
            Cell(f"{day:%Y-%m-%d}", kind="day"),
            Cell(room),
            Cell("、".join(dict.fromkeys(one.group for one in placed if one.group)) or "—"),
            Cell(f"{min(one.slot.starts_at for one in placed):%H:%M}"),
            Cell(f"{max(one.slot.ends_at for one in placed):%H:%M}"),
            Cell(str(len(placed)), kind="number"),
        ]
        for (day, room), placed in sorted(by_door.items())
    ]
    names = (_("Day"), _("Room"), _("Group"), _("Begins"), _("Ends"), _("Candidates"))
    found = _warnings(outcome)
    return [
        *(
            [detail_sections.text("warnings", gettext("To consider"), "\n".join(found))]
            if found
            else []
        ),
        DetailSection(
            "slots",
            gettext("Slots for %(count)s candidates", count=len(outcome.placed)),
            "table",
            columns=list(names),
            rows=rows,
        ),
    ]


def _warnings(outcome: slotting.Outcome) -> list[str]:
    """Return what to ask about the days of the slots."""
    days = sorted({one.slot.starts_at.date() for one in outcome.placed})
    return notice_period.warnings(days, clock.local_date(clock.now()))
