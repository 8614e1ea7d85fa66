"""1.2.3 抽取评委: meetings, their draws of judges, the printed sheet and the verifiable record."""

import json
from datetime import datetime
from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import scopes
from app.enums import DrawState, Role
from app.extensions import db
from app.forms.draw import CommitForm, FreezeForm, RevealForm, ValueForm
from app.ground import crypto, in_force, signing
from app.ground.actor import Actor
from app.models import Draw, Plan
from app.services.draw import draw_record
from app.services.exports import workbook
from app.services.ground.audit import audit
from app.services.meeting import composition
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Cell, Column, computed
from app.views.base.declarations import Add, Button
from app.views.base.detail_sections import DetailSection
from app.views.draw import draw_sections, draw_todos
from app.views.draw.ch1_2_seats import MeetingSeatView, RecusalView
from app.views.meeting import meeting_link
from app.views.meeting.ch1_2_plans import online_plans, plan_sections
from app.web.security import require_actor

WORKERS = (Role.OFFICE, Role.SUPERVISOR)
JSON = "application/json"
FOR_SOURCES = ("value", "check_value")
"""Names of the buttons that only a draw with a public source has."""


def build_draw(data: dict[str, Any], actor: Actor, at: datetime) -> Draw:
    """Return an unsaved draw for the chosen plan; the event `freeze` stores the pool in it."""
    return Draw(plan_id=data["plan_id"])


class DrawCourseView(GuideView):
    """抽取: every draw attempt, from the frozen pool to the seats."""

    guide = "1.2.3"
    slug = "draws"
    label = _("Draw of judges (online)")
    tab_label = _("Draw")
    purpose = _(
        "The office freezes the pool and both sides commit to a secret each; then the office reveals first and the "
        "supervisor last. The seats follow from both secrets, so that nobody can steer them; the record proves it."
    )
    empty = _("No draw has been begun. Freeze the pool of an agreed online meeting first.")
    roles = WORKERS
    names_judges = True
    model = Draw
    scope = staticmethod(scopes.draws_of_my_committees)
    list_columns: ClassVar[list[str | Column]] = [
        meeting_link.linked(Draw, "plan"), "attempt", "pool_size", "eligible_size", "pool_hash", "drawn_at", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["plan", "state", "drawn_at"]
    scripts = ("draw.js",)
    todos = draw_todos.TODOS
    add = Add(
        _("Freeze the pool"),
        FreezeForm,
        "freeze",
        build_draw,
        verb=_("Freeze the pool"),
        notes=(
            _(
                "The experts of the committee's pool are fixed with the reasons that keep some out. Nothing can be "
                "changed in it afterwards."
            ),
        ),
    )
    buttons = (
        Button(
            "commit",
            _("Commit"),
            {"commit_office": _("Commit"), "commit_supervisor": _("Commit")},
            form=CommitForm,
            when=draw_todos.uncommitted,
        ),
        Button(
            "value",
            _("Public value"),
            {"enter_value": _("Enter the public value")},
            form=ValueForm,
            when=draw_todos.with_value_to_enter,
        ),
        Button(
            "check_value",
            _("Check the public value"),
            {
                "confirm_value": _("Confirm the public value"),
                "return_value": _("Not right, enter it again"),
            },
            confirm=_(
                "Compare it with the official announcement; once confirmed it stays (%(count)s draw)."
            ),
            when=draw_todos.value_of_another,
        ),
        Button(
            "reveal",
            _("Reveal"),
            {"open_office": _("Reveal"), "open_supervisor": _("Reveal and draw")},
            form=RevealForm,
            when=draw_todos.due_to_reveal,
        ),
        Button(
            "ask_void",
            _("Ask to make it void"),
            {"ask_void": _("Ask to make it void")},
            when=draw_todos.not_asked_to_void,
        ),
        Button(
            "void",
            _("Agree to make it void"),
            {"void": _("Agree, make it void"), "keep": _("Do not agree, it stands")},
            confirm=_("Decide on %(count)s draw; if it becomes void, its judges are released."),
            tone="stop",
            when=draw_todos.asked_by_another,
        ),
    )

    def is_waiting_for(self, record: Draw, button: Button, actor: Actor) -> bool:
        """Return whether the state allows the button; those of the public value need a source."""
        if button.name in FOR_SOURCES and not record.public_source:
            return False
        return super().is_waiting_for(record, button, actor)

    def name_of(self, record: Draw) -> str:
        return gettext(
            "%(plan)s, attempt %(attempt)s", plan=record.plan.name, attempt=record.attempt
        )

    def sections(self, record: Draw, actor: Actor) -> list[DetailSection]:
        return draw_sections.all_sections(record)

    def links(self, record: Draw, actor: Actor) -> list[tuple[Label, str]]:
        if record.seed is None:
            return []
        return [
            (gettext("Print the sheet"), self.url("sheet", pk=record.id)),
            (gettext("Record to check (JSON)"), self.url("record", pk=record.id)),
        ]

    @expose("/<int:pk>/sheet")
    @guarded("show")
    @in_force.in_program_words()
    def sheet(self, pk: int) -> ResponseReturnValue:
        """Show the printed sheet of a draw, with the names of the judges."""
        draw = self.find(pk, require_actor())
        if draw.seed is None:
            return self._not_drawn(draw)
        _audit_download("draw_sheet", draw)
        seats = draw_record.seats_of(db.session(), draw)
        back = self.detail_url(draw)
        sides = draw_sections.sides(draw)
        return render_template(
            "print/draw.html", draw=draw, seats=seats, sides=sides, back_url=back,
            record_digest=signing.digest(draw.signed_record), fingerprint=crypto.fingerprint(),
        )  # fmt: skip

    @expose("/<int:pk>/record.json")
    @guarded("show")
    def record(self, pk: int) -> ResponseReturnValue:
        """Download the record of a draw as JSON, without names, for a program that verifies it."""
        draw = self.find(pk, require_actor())
        if draw.seed is None:
            return self._not_drawn(draw)
        content = json.dumps(draw_record.export(db.session(), draw), ensure_ascii=False, indent=1)
        name = f"draw-{draw.plan_id}-{draw.attempt}.json"
        _audit_download("draw_record", draw)
        return workbook.attachment(content.encode(), name, JSON)

    def _not_drawn(self, draw: Draw) -> ResponseReturnValue:
        flash(gettext("Nothing has been drawn yet."), "warning")
        return redirect(self.detail_url(draw))


def _audit_download(kind: str, draw: Draw) -> None:
    audit(kind, actor=require_actor(), subject=f"draw:{draw.id}")
    db.session.commit()


class DrawView(GuideView):
    """1.2.3 Agreed online meetings whose judges are drawn."""

    guide = "1.2.3"
    label = _("Draw of judges (online)")
    tab_label = _("Meetings")
    purpose = _(
        "Agreed plans of online meetings. Their judges are drawn under “Draw”, called and appointed under “Seats”, "
        "kept from candidates under “Recusal”. Names are for the office and the supervisor only."
    )
    empty = _("There is no agreed plan of an online meeting. Offline meetings need no draw.")
    model = Plan
    roles = WORKERS
    names_judges = True
    scope = staticmethod(online_plans)
    list_columns: ClassVar[list[str | Column]] = [
        meeting_link.linked(Plan, "name"), "committee", "batch", "opens_on", "closes_on", "seats", meeting_link.draw_state(), "state",
        computed("plan", _("Plan in full"), lambda row: _plan_link(row)),
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "committee", "batch", "opens_on"]
    tabs = (DrawCourseView, MeetingSeatView, RecusalView)

    def sections(self, record: Plan, actor: Actor) -> list[DetailSection]:
        lacking = composition.faults(db.session(), record)
        shown = [detail_sections.text("composition", gettext("Composition"), "\n".join(lacking))]
        return [*(shown if lacking and _live_draw(record) else []), *plan_sections(record)]

    def links(self, record: Plan, actor: Actor) -> list[tuple[Label, str]]:
        course = meeting_link.links(record)
        draw_id = _live_draw(record)
        if draw_id is not None:
            of_meeting = f"?q.plan={record.id}"
            return [
                *course,
                (gettext("Draw"), url_for("DrawCourseView.show", pk=draw_id)),
                (gettext("Seats"), url_for("MeetingSeatView.list") + of_meeting),
                (gettext("Recusal"), url_for("RecusalView.list") + of_meeting),
            ]
        if actor.role is not Role.OFFICE:
            return course
        return [
            *course,
            (gettext("Freeze the pool"), url_for("DrawCourseView.add_record", plan=record.id)),
        ]


def _live_draw(plan: Plan) -> int | None:
    query = select(Draw.id).where(Draw.plan_id == plan.id, Draw.state != DrawState.VOID)
    return db.session.scalar(query)


def _plan_link(plan: Plan) -> Cell:
    return Cell(gettext("Query the review plan"), url=url_for("DrawView.show", pk=plan.id))
