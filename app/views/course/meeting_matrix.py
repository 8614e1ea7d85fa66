"""评阅进度: judges × candidates of a meeting, and the presses that remind who is behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm.interfaces import LoaderOption

from app import scopes
from app.engine import Refused
from app.enums import MeetingDuty, ReviewStep, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import MeetingReminder, Plan, Seat
from app.services.course import (
    judge_loads,
    meeting_duties,
    meeting_facts,
    meeting_matrix,
    meeting_reminders,
)
from app.services.course.judge_loads import Load
from app.services.course.meeting_matrix import SIZE
from app.services.course.meeting_reminders import Reminded, Sent
from app.services.meeting import score_sheet, seats
from app.services.voting import key_holders
from app.views.base.access import guarded, signed_in_actor
from app.views.base.aliases import Page
from app.views.base.case_timeline import ROLES_THAT_SEE_JUDGES
from app.views.course import matrix_cells
from app.web.security import require_actor, safe_next

if TYPE_CHECKING:
    from app.views.base.base import GuideView as Base
else:
    Base = object

LAST_PAGE = 100_000
DUTIES = (MeetingDuty.SHEETS, MeetingDuty.OPINIONS)
"""What the matrix shows and its buttons remind of."""


class MatrixPages(Base):
    """The matrix of a meeting and its reminders; a part of the meeting's view."""

    if TYPE_CHECKING:

        def find(self, pk: int, actor: Actor, *_loading: LoaderOption) -> Plan: ...

    @expose("/<int:pk>/matrix/")
    @guarded("show")
    def matrix(self, pk: int) -> ResponseReturnValue:
        """Show who has reviewed, scored and signed whom: everything to staff, to judges their own row."""
        actor = signed_in_actor()
        plan = self.find(pk, actor)
        page = _page_number()
        shown = MatrixPage(plan, actor, page, is_missing="missing" in request.args)
        return self.render_template(
            "meeting/matrix.html",
            page=shown.context(self.url("matrix", pk=pk), self.detail_url(plan)),
        )

    @expose("/<int:pk>/remind", methods=["POST"])
    @guarded("remind", fires=(MeetingReminder, "remind"))
    def remind(self, pk: int) -> ResponseReturnValue:
        """Remind who is behind: everybody, those of these duties (`duty`) or one judge (`seat`); then go back."""
        actor = require_actor()
        plan = self.find(pk, actor)
        if not may_remind(plan, actor):
            abort(404)
        duties, seat = _chosen(actor)
        facts = meeting_facts.facts_of(db.session(), plan, clock.local_date(clock.now()))
        owed = [
            one
            for one in meeting_duties.owed(db.session(), facts)
            if (not duties or one.duty in duties)
            and (seat is None or (one.seat is not None and one.seat.id == seat))
        ]
        try:
            sent = meeting_reminders.remind(plan, owed, actor=actor, at=clock.now())
            db.session.commit()
            flash(_sentence(sent), "success")
        except Refused as refusal:
            db.session.rollback()
            flash(refusal.sentence, "danger")
        return redirect(safe_next(request.form.get("next") or self.detail_url(plan)), 303)


def may_remind(plan: Plan, actor: Actor) -> bool:
    """Return whether the actor may send reminders in the meeting: its office, and who may preside."""
    if actor.role not in (Role.OFFICE, Role.JUDGE):
        return False
    return key_holders.may_hold(db.session(), plan, actor)


def _chosen(actor: Actor) -> tuple[list[MeetingDuty], int | None]:
    """Return duties and seat of the press; abort 400 on a value that no button sends, 404 on a seat from a judge."""
    duties, seat = request.values.getlist("duty"), request.form.get("seat", "")
    if not set(duties) <= set(MeetingDuty):
        abort(400)
    if seat and not (seat.isascii() and seat.isdigit() and len(seat) < 10):
        abort(400)
    if seat and actor.role not in ROLES_THAT_SEE_JUDGES:
        abort(404)
    return [MeetingDuty(one) for one in duties], int(seat) if seat else None


def _sentence(sent: Sent) -> str:
    if not sent.again:
        return gettext(
            "%(sent)s of %(count)s reminders were sent.", sent=sent.sent, count=sent.sent
        )
    return gettext(
        "%(sent)s of %(count)s reminders were sent; the other %(again)s had been sent today already.",
        sent=sent.sent, count=sent.sent + sent.again, again=sent.again,
    )  # fmt: skip


def _page_number() -> int:
    typed = request.args.get("page", "1")
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= LAST_PAGE):
        abort(400)
    return int(typed[:9])


@dataclass
class MatrixPage:
    """The values of matrix.html (`page`) for one reader."""

    plan: Plan
    actor: Actor
    number: int
    is_missing: bool

    def context(self, url: str, back_url: str) -> Page:
        session, own = db.session(), self._own_only()
        rows = judge_loads.seats_with_loads(session, self.plan, Seat.state.in_(seats.MEMBERS), *own)
        self.loads = {seat.id: load for seat, load in rows}
        found = [seat for seat, _load in rows]
        query = meeting_matrix.candidates(
            self.plan,
            *self._cases_seen(),
            of=[one.id for one in found] if own else None,
            is_missing=self.is_missing,
        )
        self.matrix = meeting_matrix.matrix(session, self.plan, query, found, self.number)
        self.can_remind = self.actor.role is Role.OFFICE and may_remind(self.plan, self.actor)
        self.reminded: Reminded = set()
        if self.can_remind:
            today = clock.local_date(clock.now())
            self.reminded = meeting_reminders.reminded_on(session, self.plan.id, today)
        return {
            "title": gettext("Progress of the judges"),
            "plan": self.plan,
            "url": url,
            "back_url": back_url,
            "is_missing": self.is_missing,
            "is_own": bool(own),
            "steps": [(matrix_cells.letter(one), one.label) for one in self._steps()],
            "cases": [(place, one) for place, one in enumerate(self.matrix.cases, (self.number - 1) * SIZE + 1)],
            "rows": [self._row(one) for one in found if not self.is_missing or self._is_behind(one)],
            "foot": self._foot(),
            "summary": self._summary(found),
            "remind_url": url_for("MeetingRoomView.remind", pk=self.plan.id) if self.can_remind else None,
            "duties": [one.value for one in DUTIES],
            "here": f"{url}?{urlencode(self._query(self.number))}",
            "pager": self._pager(url),
        }  # fmt: skip

    def _own_only(self) -> tuple[ColumnElement[bool], ...]:
        """Return the condition that keeps judges to their own seat; nothing for staff."""
        return (Seat.user_id == self.actor.user_id,) if self.actor.role is Role.JUDGE else ()

    def _cases_seen(self) -> tuple[ColumnElement[bool], ...]:
        if self.actor.role is not Role.JUDGE:
            return ()
        return (scopes.assigned_to_me(self.actor),)

    def _steps(self) -> list[ReviewStep]:
        opinion = [ReviewStep.OPINION] if judge_loads.uses_opinions(self.plan) else []
        return [*judge_loads.steps_of(self.plan), *opinion]

    def _load(self, seat: Seat) -> Load:
        return self.loads[seat.id]

    def _is_behind(self, seat: Seat) -> bool:
        load = self._load(seat)
        return bool(load.missing_sheets or load.missing_opinions)

    def _row(self, seat: Seat) -> Page:
        load = self._load(seat)
        missing = zip(DUTIES, (load.missing_sheets, load.missing_opinions), strict=True)
        owed = [duty for duty, count in missing if count]
        is_told = bool(owed) and all((seat.user_id, duty) in self.reminded for duty in owed)
        return {
            "seat": seat.id,
            "name": self._name(seat),
            "group": seat.group_name,
            "state": seat.state.label,
            "sheets": gettext("%(done)s of %(due)s", done=load.sheets, due=load.sheets_due),
            "opinions": gettext("%(done)s of %(due)s", done=load.opinions, due=load.opinions_due),
            "is_behind": bool(owed),
            "can_remind": self.can_remind and bool(owed) and not is_told and seat.user_id != self.actor.user_id,
            "is_told": is_told,
            "marks": [matrix_cells.mark(self._steps(), self.matrix.marks.get((seat.id, one.id))) for one in self.matrix.cases],
        }  # fmt: skip

    def _name(self, seat: Seat) -> str:
        """Return the judge's name for who may read it and for the judge, the place in the draw for others."""
        if self.actor.role in ROLES_THAT_SEE_JUDGES or seat.user_id == self.actor.user_id:
            return seat.user.real_name
        return gettext("Seat %(place)s", place=seat.place)

    def _foot(self) -> list[Page]:
        """Return the totals of the columns: judges done; to the office also scores, mean and spread."""
        if self.actor.role is Role.JUDGE:
            return []
        done = (self.matrix.progress(one.id) for one in self.matrix.cases)
        rows = [
            matrix_cells.foot_row(gettext("Judges done"), [f"{one} / {of}" for one, of in done])
        ]
        if self.actor.role is Role.OFFICE:
            for step in score_sheet.SCORED:
                if any(step in one for one in self.matrix.totals.values()):
                    rows += matrix_cells.score_rows(self.plan, self.matrix, step)
        return rows

    def _summary(self, found: Sequence[Seat]) -> str:
        behind = sum(self._is_behind(one) for one in found)
        loads: Mapping[int, Load] = self.loads
        facts: dict[str, Any] = {
            "behind": behind,
            "judges": len(found),
            "sheets": sum(one.sheets for one in loads.values()),
            "due": sum(one.sheets_due for one in loads.values()),
        }
        if self.actor.role is Role.JUDGE:
            return gettext("Your sheets: %(sheets)s of %(due)s handed in.", **facts)
        return gettext(
            "%(behind)s of %(judges)s judges are behind; %(sheets)s of %(due)s sheets are handed in.", **facts
        )  # fmt: skip

    def _query(self, number: int) -> dict[str, Any]:
        return {"page": number} | ({"missing": 1} if self.is_missing else {})

    def _pager(self, url: str) -> Page:
        total = self.matrix.count
        pages = max(1, -(-total // SIZE))

        def to(number: int) -> str | None:
            return f"{url}?{urlencode(self._query(number))}" if 1 <= number <= pages else None

        first = (self.number - 1) * SIZE + 1
        last = first + len(self.matrix.cases) - 1
        return {
            "first": first if total else None, "last": last if total else None, "total_text": str(total),
            "prev_url": to(self.number - 1), "next_url": to(self.number + 1), "urls": [],
        }  # fmt: skip
