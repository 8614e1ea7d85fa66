"""The pages of a draft: what it changes, publishing it now or later, leaving parts out, discarding it."""

from datetime import date, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app import engine
from app.engine import Refused
from app.extensions import db
from app.forms.base import base as forms
from app.ground import clock
from app.models import ChangeSet, Consent
from app.services.accounts import own_roles
from app.services.customising import change_lines, change_sets, people, second_administrator
from app.views.accounts.asking import ReasonForm, done_or_asked
from app.views.base.access import guarded
from app.views.base.aliases import Label, Page
from app.views.customising import looking
from app.web import security
from app.web.security import require_actor


class PublishForm(ReasonForm):
    note = forms.text(
        _("Remark"),
        200,
        required=False,
        help=_("Why, for whom, by whose decision; it stands in the record of changes."),
    )
    effective_from = forms.day(
        _("Takes effect"),
        required=False,
        help=_("From 0:00 of this day on; left empty, at once."),
    )


class DraftPages:
    """Routes about the draft of the person signed in; a page from which changes are collected has them."""

    may: Any
    endpoint: str
    draft_empty: Label
    """What to do where the draft is empty."""

    @expose("/draft")
    @guarded("change")
    def draft(self) -> ResponseReturnValue:
        """Show what the draft changes, with the form that publishes it."""
        return self._draft_page(PublishForm(formdata=None))

    @expose("/publish", methods=["POST"])
    @guarded("change")
    def publish(self) -> ResponseReturnValue:
        """Publish the draft at once or from a day on, or ask a second administrator where one is needed."""
        actor, form, at = require_actor(), PublishForm(), clock.now()
        if not form.validate():
            return self._draft_page(form)
        change_set = change_sets.draft_of(actor)
        if change_set is None:
            return self._to_page(gettext("You have no draft; nothing was published."))
        start = _start(form.effective_from.data)

        def press() -> tuple[str, str]:
            change_sets.publish(
                actor,
                change_set,
                note=form.note.data,
                effective_from=start,
                at=at,
                seen=_seen(),
            )
            return _said(change_set), url_for("ChangeSetView.show", pk=change_set.id)

        def ask(reason: str) -> Consent:
            return second_administrator.ask_to_publish(
                actor,
                change_set,
                note=form.note.data,
                effective_from=start,
                reason=reason,
                at=at,
            )

        try:
            _refuse_past(start, at)
            return done_or_asked(press, ask, form.reason.data)
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            return self._draft_page(form)

    @expose("/leave-out", methods=["POST"])
    @guarded("change")
    def leave_out(self) -> ResponseReturnValue:
        """Take one change out of the draft."""
        keys = {int(key) for key in request.form.getlist("override") if key.isdigit()}
        try:
            change_sets.leave_out(require_actor(), keys, at=clock.now())
        except Refused as refusal:
            db.session.rollback()
            flash(refusal.sentence, "danger")
        else:
            db.session.commit()
            flash(gettext("Taken out of the draft."), "success")
        return redirect(url_for(f"{self.endpoint}.draft"), 303)

    @expose("/discard", methods=["POST"])
    @guarded("change")
    def discard(self) -> ResponseReturnValue:
        """Discard the draft; it stays in the record of changes without effect."""
        actor = require_actor()
        change_set = change_sets.draft_of(actor)
        if change_set is None:
            return self._to_page(gettext("You have no draft; nothing was discarded."))
        count = len(change_set.overrides)
        engine.fire(change_set, "discard", actor=actor, at=clock.now())
        db.session.commit()
        flash(
            ngettext("Draft with %(num)s change discarded; nothing was changed.", "Draft with %(num)s changes discarded; nothing was changed.", count),
            "success",
        )  # fmt: skip
        return redirect(url_for(f"{self.endpoint}.list"), 303)

    @expose("/preview", methods=["POST"])
    @guarded("change")
    def preview(self) -> ResponseReturnValue:
        """Show every page as the draft would make it, to its author alone, or end that."""
        security.show_draft(request.form.get("on") == "1")
        return redirect(security.safe_next(request.form.get("next")), 303)

    @expose("/preview-as", methods=["POST"])
    @guarded("change")
    def preview_as(self) -> ResponseReturnValue:
        """Look at the program in a role as it would be with the draft, read-only."""
        scope = request.form.get("role", "")
        if scope not in own_roles.scopes():
            abort(400)
        return looking.begin(None, scope)

    def _to_page(self, said: str) -> ResponseReturnValue:
        flash(said, "warning")
        return redirect(url_for(f"{self.endpoint}.list"), 303)

    def _draft_page(self, form: PublishForm) -> ResponseReturnValue:
        change_set = change_sets.draft_of(require_actor())
        lines = change_lines.lines(change_set) if change_set else []
        page = {
            "title": gettext("Draft: what it changes"),
            "base": self.endpoint,
            "empty": self.draft_empty,
            "form": form,
            "change_set": change_set,
            "lines": lines,
            "people": _people(lines),
            "concerned": people.of_all(named) if (named := _scopes(lines)) else None,
            "touched": change_sets.touched(change_set) if change_set else [],
            "previews": _previews(lines),
            "why_two": change_sets.why_two(change_set) if change_set else None,
            "waiting": second_administrator.waiting_for(change_set) if change_set else None,
        }
        return render_template("rights/draft.html", page=page), 422 if form.errors else 200


def say_collected(count: int) -> None:
    """Say how many changes were collected."""
    if count:
        flash(
            ngettext("%(num)s change collected in your draft; nothing holds yet.", "%(num)s changes collected in your draft; nothing holds yet.", count),
            "success",
        )  # fmt: skip
    else:
        flash(gettext("Nothing was changed: this holds already."), "warning")


def _people(lines: list[change_lines.Line]) -> list[Page]:
    """Return for each role that the lines name how many of them concern it, and whom."""
    named = _scopes(lines)
    counts = people.by_scope(named)
    return [
        {
            "label": own_roles.label(scope),
            "lines": sum(line.override.scope == scope for line in lines),
            "count": counts[scope],
        }
        for scope in named
    ]


def _scopes(lines: list[change_lines.Line]) -> list[str]:
    named = {line.override.scope for line in lines}
    return [scope for scope in own_roles.scopes() if scope in named]


def _previews(lines: list[change_lines.Line]) -> list[tuple[str, str]]:
    """Return the roles as which the draft can be looked at, those that it changes first."""
    named = _scopes(lines)
    rest = [scope for scope in own_roles.scopes() if scope not in named]
    return [(scope, own_roles.label(scope)) for scope in (*named, *rest)]


def _start(day: date | None) -> datetime | None:
    return clock.start_of_day(day) if day else None


def _refuse_past(start: datetime | None, at: datetime) -> None:
    if start is not None and start <= at:
        raise Refused(
            gettext("Name a day after today, or leave it empty to publish at once."),
            "effective_from",
        )


def _seen() -> int | None:
    typed = request.form.get("version", "")
    return int(typed) if typed.isdigit() and len(typed) < 10 else None


def _said(change_set: ChangeSet) -> str:
    count = len(change_set.overrides)
    if change_set.published_at is None and change_set.effective_from is not None:
        return ngettext(
            "%(num)s change takes effect on %(day)s. Until then it can be taken back to the draft.",
            "%(num)s changes take effect on %(day)s. Until then they can be taken back to the draft.",
            count,
            day=f"{clock.local(change_set.effective_from):%Y-%m-%d}",
        )
    return ngettext(
        "Published: %(num)s change. It holds from the next page on, for everybody.",
        "Published: %(num)s changes. They hold from the next page on, for everybody.",
        count,
    )
