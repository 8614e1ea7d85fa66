"""The working calendar by the year: read in from the State Council's notice, corrected, compared, published, undone."""

from collections.abc import Callable
from datetime import date

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import CalendarYear
from app.services.ground import versions
from app.services.ground.audit import audit
from app.services.registers import calendar_changes, calendar_years, holiday_notices
from app.services.registers.calendar_changes import Change
from app.todos.declared import Todo
from app.views.base.access import guarded
from app.views.base.administration import everything
from app.views.base.base import PageView
from app.views.registers import calendar_picture
from app.views.registers.calendar_form import NoticeForm
from app.web.security import require_actor

LONGEST_LOG = 2000
LARGEST_KEY, LAST = 2**31, 2200
Act = Callable[[int], ResponseReturnValue]
"""What a press does to the draft of a year."""


def is_needed(_actor: Actor) -> ColumnElement[bool]:
    """Select the years that running cases need and nobody has published."""
    return CalendarYear.held_since.is_not(None) & CalendarYear.published_at.is_(None)


class WorkCalendarView(PageView):
    """Years as pictures, the newest first; drafts, and what was published."""

    route_base = "/g/work-calendar"
    guide = "work-calendar"
    label = _("Working calendar")
    purpose = _(
        "Which days are worked, by the State Council's yearly notice. Every term in working days follows from it. A new"
        " year is read in from the text of the notice or from a list, looked at, corrected and published."
    )
    roles = (Role.SYSADMIN,)
    how_to = ("next-years-calendar",)
    model = CalendarYear
    scope = staticmethod(everything)
    todos = (Todo("missing", _("Year to be published"), whose=is_needed, roles=(Role.SYSADMIN,)),)

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        """Show one year, the newest unless `year` names another one, with drafts and publications."""
        years = calendar_years.years()
        asked = request.args.get("year", "")
        year = (
            int(asked[:4])
            if asked.isdecimal() and int(asked[:4]) in years
            else next(iter(years), None)
        )
        days = calendar_years.standing(year) if year else {}
        published = calendar_years.publications()
        page = {
            "years": years,
            "year": year,
            "months": calendar_picture.months(year, days) if year else [],
            "heads": calendar_picture.weekday_heads(),
            "totals": calendar_picture.totals(year, days) if year else "",
            "drafts": calendar_years.drafts(),
            "published": [(one, calendar_years.why_not_undone(one)) for one in published],
            "may_edit": self.may("edit"),
        }
        return self.render_template("calendar/list.html", page=page, view=self)

    @expose("/read", methods=["GET", "POST"])
    @guarded("edit")
    def read_in(self) -> ResponseReturnValue:
        """Read a notice or a list into the draft of its year; nothing holds before it is published."""
        form = NoticeForm(data={"year": request.args.get("year", "")})
        try:
            return self._read_in(form)
        finally:
            form.close()

    def _read_in(self, form: NoticeForm) -> ResponseReturnValue:
        if request.method == "POST" and form.validate():
            try:
                reading = form.reading()
                draft = calendar_years.begin(require_actor(), reading)
                db.session.commit()
            except (StaleDataError, IntegrityError):
                db.session.rollback()
                form.show(versions.outdated_refusal(_subject(form.chosen_year())))
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
            else:
                _flash_read(reading)
                return redirect(self._draft_url(draft.year), 303)
        page = {"title": gettext("Read in a year"), "form": form, "view": self}
        answer = self.render_template("calendar/read.html", page=page)
        return answer, 200 if request.method == "GET" else 422

    @expose("/draft/<int:year>", methods=["GET", "POST"])
    @guarded("edit")
    def draft(self, year: int) -> ResponseReturnValue:
        """Show the draft of a year; POST begins one from what stands, or turns the day that was pressed."""
        if request.method == "GET":
            return self._draft_page(calendar_years.draft_of(_possible(year)) or abort(404))
        return self._change(year, self._turn_or_open)

    @expose("/draft/<int:year>/publish", methods=["POST"])
    @guarded("edit")
    def publish(self, year: int) -> ResponseReturnValue:
        """Make the draft the calendar of its year."""
        return self._change(year, self._publish)

    @expose("/draft/<int:year>/discard", methods=["POST"])
    @guarded("edit")
    def discard(self, year: int) -> ResponseReturnValue:
        """Discard the draft; a year that running cases need stays to be done."""
        return self._change(year, self._discard)

    @expose("/undo/<int:pk>", methods=["POST"])
    @guarded("edit")
    def undo(self, pk: int) -> ResponseReturnValue:
        """Bring back the days from before a publication."""
        key = pk if pk < LARGEST_KEY else abort(404)
        one = db.session.get(CalendarYear, key, with_for_update=True)
        if one is None or one.published_at is None:
            abort(404)
        year, actor = one.year, require_actor()
        try:
            written = calendar_changes.changes(
                calendar_years.written(one), calendar_years.replaced(one)
            )
            count = calendar_years.undo(actor, one, at=clock.now())
        except Refused as refusal:
            db.session.rollback()
            flash(refusal.sentence, "danger")
        else:
            _log(actor, year, written, is_undone=True)
            db.session.commit()
            flash(
                ngettext("%(year)s undone: %(num)s day is as before.", "%(year)s undone: %(num)s days are as before.", count, year=year),
                "success",
            )  # fmt: skip
        return redirect(url_for("WorkCalendarView.list"), 303)

    def _change(self, year: int, act: Act) -> ResponseReturnValue:
        """Change a draft by `act`, or show it again with why not."""
        try:
            return act(_possible(year))
        except (StaleDataError, IntegrityError):
            sentence = versions.outdated_refusal(_subject(year)).sentence
        except Refused as refusal:
            sentence = refusal.sentence
        db.session.rollback()
        draft = calendar_years.draft_of(year)
        if draft is None:
            flash(sentence, "danger")
            return redirect(url_for("WorkCalendarView.list"), 303)
        return self._draft_page(draft, sentence), 422

    def _turn_or_open(self, year: int) -> ResponseReturnValue:
        actor, pressed = require_actor(), request.form.get("day", "")
        if not pressed:
            calendar_years.open_year(actor, year)
            db.session.commit()
            return redirect(self._draft_url(year), 303)
        draft = _draft_as_seen(year)
        try:
            day = date.fromisoformat(pressed)
        except ValueError:
            raise Refused(gettext("“%(day)s” is no day.", day=pressed[:20])) from None
        calendar_years.flip(actor, draft, day)
        db.session.commit()
        return redirect(f"{self._draft_url(year)}#m{day.month}", 303)

    def _publish(self, year: int) -> ResponseReturnValue:
        actor, draft = require_actor(), _draft_as_seen(year)
        wanted, stands = calendar_years.full(draft), calendar_years.standing(year)
        lines = calendar_changes.changes(wanted, stands)
        count = calendar_years.publish(actor, draft, at=clock.now())
        _log(actor, year, lines)
        db.session.commit()
        flash(
            ngettext("%(year)s published: %(num)s day written. It holds at once.", "%(year)s published: %(num)s days written. They hold at once.", count, year=year),
            "success",
        )  # fmt: skip
        return redirect(url_for("WorkCalendarView.list", year=year), 303)

    def _discard(self, year: int) -> ResponseReturnValue:
        calendar_years.discard(_draft_as_seen(year))
        db.session.commit()
        flash(
            gettext("Draft of %(year)s discarded; the calendar is as before.", year=year), "success"
        )
        return redirect(url_for("WorkCalendarView.list"), 303)

    def _draft_page(self, draft: CalendarYear, reason: str = "") -> str:
        year = draft.year
        wanted, stands = calendar_years.full(draft), calendar_years.standing(year)
        lines = calendar_changes.changes(wanted, stands)
        changed = {day for day in wanted if day in stands and stands[day] != wanted[day]}
        page = {
            "title": gettext("Draft of %(year)s", year=year),
            "draft": draft,
            "reason": reason,
            "months": calendar_picture.months(year, wanted, changed),
            "heads": calendar_picture.weekday_heads(),
            "totals": calendar_picture.totals(year, wanted),
            "lines": lines,
            "touched": calendar_changes.touched(wanted, stands),
            "is_new": not calendar_years.of_year(stands, year),
        }
        shown: str = self.render_template("calendar/draft.html", page=page, view=self)
        return shown

    def _draft_url(self, year: int) -> str:
        return url_for("WorkCalendarView.draft", year=year)


def _possible(year: int) -> int:
    """Return a year that a calendar may have; any other is no page."""
    return year if calendar_years.FIRST <= year < LAST else abort(404)


def _draft_as_seen(year: int) -> CalendarYear:
    """Return the draft, locked, as it was when the page was opened; raises StaleDataError if it is not."""
    draft = calendar_years.draft_of(year, lock=True)
    seen = request.form.get("version", "")
    if draft is None or str(draft.version) != seen:
        raise StaleDataError("the draft was changed meanwhile")
    return draft


def _subject(year: int | None) -> str:
    return f"work_day:{year}"


def _log(actor: Actor, year: int, lines: "list[Change]", *, is_undone: bool = False) -> None:
    before = gettext("; ").join(f"{one.days} {one.before}" for one in lines)[:LONGEST_LOG]
    after = gettext("; ").join(f"{one.days} {one.after}" for one in lines)[:LONGEST_LOG]
    facts = {"from": after, "to": before} if is_undone else {"from": before, "to": after}
    audit("calendar", actor=actor, subject=_subject(year), details=facts)


def _flash_read(reading: holiday_notices.Reading) -> None:
    worked = sum(is_working for is_working, _note in reading.days.values())
    flash(
        gettext(
            "Read in for %(year)s: %(free)s days off, %(worked)s make-up workdays. Nothing holds before you publish.",
            year=reading.year,
            free=len(reading.days) - worked,
            worked=worked,
        ),
        "success",
    )
    for sentence in reading.left_out:
        flash(sentence, "warning")


MENUS = (WorkCalendarView,)
