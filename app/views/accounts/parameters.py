"""The pages on which a system administrator changes the named numbers, from a day on."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app import settings
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.models import Consent, Setting
from app.numbers import NUMBERS
from app.services.accounts import parameter_effects, parameters
from app.services.ground import versions
from app.validators import Invalid
from app.views.accounts import parameter_rows
from app.views.accounts.asking import done_or_asked
from app.views.accounts.parameter_form import ValueForm
from app.views.base.access import guarded
from app.views.base.base import PageView
from app.web.security import require_actor


class ParameterView(PageView):
    """The named numbers by group; each with its values by the day, its history, and what a change touches."""

    route_base = "/g/parameters"
    guide = "parameters"
    label = _("Parameters")
    purpose = _(
        "Numbers that change by decree: source, bounds, where they are used, from which day each value holds. One that"
        " makes signing in less safe needs a second administrator, who reads the reason."
    )
    roles = (Role.SYSADMIN,)
    how_to = ("notice-days", "pass-cap")

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        """Show the numbers that match `q`, by group; `only=changed` those that differ or change soon."""
        words = request.args.get("q", "").strip()[:60]
        only = request.args.get("only") == "changed"
        groups = parameter_rows.groups(words, only_changed=only)
        page = {"words": words, "only": only, "groups": groups, "may_edit": self.may("edit")}
        return self.render_template("parameters/list.html", page=page, view=self)

    @expose("/<string:key>")
    @guarded("list")
    def show(self, key: str) -> ResponseReturnValue:
        """Show one number: its facts, the form for a new value, values to come, history."""
        _known(key)
        return self._page(key, ValueForm.fresh(key))

    @expose("/<string:key>/check", methods=["POST"])
    @guarded("edit")
    def check(self, key: str) -> ResponseReturnValue:
        """Show what a value would touch, before it is saved; `again` leads back to the form as typed."""
        _known(key)
        form = ValueForm.of(key)
        if request.form.get("again"):
            return self._page(key, form)
        if not form.validate():
            return self._page(key, form, 422)
        try:
            parameters.check(form.wish(key))
        except (Refused, Invalid, StaleDataError) as refusal:
            return self._refused(key, form, refusal)
        return self._confirm(key, form)

    @expose("/<string:key>", methods=["POST"])
    @guarded("edit")
    def edit(self, key: str) -> ResponseReturnValue:
        """Save a value, or ask a second administrator where one is needed."""
        _known(key)
        actor, form = require_actor(), ValueForm.of(key)
        if not form.validate():
            return self._page(key, form, 422)
        wish = form.wish(key)

        def press() -> tuple[str, str]:
            row = parameters.change(actor, wish)
            return _said(row), url_for("ParameterView.show", key=key)

        def ask(reason: str) -> Consent:
            return parameters.ask(actor, wish, reason=reason, at=clock.now())

        try:
            return done_or_asked(press, ask, form.typed_reason())
        except (Refused, Invalid, StaleDataError, IntegrityError) as refusal:
            return self._refused(key, form, refusal)

    @expose("/<string:key>/cancel/<int:pk>", methods=["POST"])
    @guarded("edit")
    def cancel(self, key: str, pk: int) -> ResponseReturnValue:
        """Cancel a value that has not begun."""
        row, actor, at = _found(key, pk), require_actor(), clock.now()

        def press() -> tuple[str, str]:
            parameters.cancel(actor, pk, at=at)
            said = gettext(
                "Cancelled: %(name)s %(value)s from %(day)s on. %(held)s stays.",
                name=NUMBERS[key].label,
                value=row.value,
                day=row.valid_from.isoformat(),
                held=settings.display_value(key, row.valid_from),
            )
            return said, url_for("ParameterView.show", key=key)

        def ask(reason: str) -> Consent:
            return parameters.ask_to_cancel(actor, row, reason=reason, at=at)

        return self._pressed(key, press, ask)

    @expose("/<string:key>/undo/<int:pk>", methods=["POST"])
    @guarded("edit")
    def undo(self, key: str, pk: int) -> ResponseReturnValue:
        """Bring back the value from before a change, from today on."""
        row, actor = _found(key, pk), require_actor()

        def press() -> tuple[str, str]:
            done = parameters.undo(actor, pk)
            said = gettext(
                "Undone: %(name)s is %(value)s again from today on.",
                name=NUMBERS[key].label,
                value=done.value,
            )
            return said, url_for("ParameterView.show", key=key)

        def ask(reason: str) -> Consent:
            wish = parameters.wish_to_undo(row)
            return parameters.ask(actor, wish, reason=reason, at=clock.now())

        return self._pressed(key, press, ask)

    def _pressed(self, key: str, press: object, ask: object) -> ResponseReturnValue:
        reason = request.form.get("reason", "").strip()
        try:
            return done_or_asked(press, ask, reason)  # type: ignore[arg-type]  # closures of this class
        except (Refused, Invalid, StaleDataError, IntegrityError) as refusal:
            return self._refused(key, ValueForm.fresh(key), refusal)

    def _refused(self, key: str, form: ValueForm, refusal: Exception) -> ResponseReturnValue:
        """Show the page again with what was typed and why it was not saved."""
        db.session.rollback()
        settings.forget()
        form.show_refusal(key, refusal, versions.outdated_refusal(key).sentence)
        return self._page(key, form, 422)

    def _confirm(self, key: str, form: ValueForm) -> ResponseReturnValue:
        wish, number = form.wish(key), NUMBERS[key]
        page = {
            "title": number.label,
            "form": form,
            "key": key,
            "before": settings.display_value(key, wish.first),
            "after": number.show(number.parse(wish.typed)),
            "first": wish.first,
            "unit": "" if number.kind == "bool" else number.unit,
            "effect": parameter_effects.of(key),
            "following": settings.next_after(settings.chain(key), wish.first),
        }
        return self.render_template("parameters/confirm.html", page=page)

    def _page(self, key: str, form: ValueForm, status: int = 200) -> ResponseReturnValue:
        page = parameter_rows.detail(key) | {
            "title": NUMBERS[key].label,
            "form": form,
            "seen": settings.display_value(key),
            "may_edit": self.may("edit"),
        }
        return self.render_template("parameters/show.html", page=page), status


def _known(key: str) -> None:
    if key not in NUMBERS:
        abort(404)


def _found(key: str, pk: int) -> Setting:
    _known(key)
    row = db.session.get(Setting, pk) if pk < 2**31 else None
    if row is None or row.key != key:
        abort(404)
    return row


def _said(row: Setting) -> str:
    number = NUMBERS[row.key]
    if row.valid_from > clock.local_date(clock.now()):
        return gettext(
            "Saved: %(name)s is %(value)s from %(day)s on. Until then it can be cancelled.",
            name=number.label,
            value=row.value,
            day=row.valid_from.isoformat(),
        )
    return gettext(
        "Saved: %(name)s is %(value)s from now on, before it was %(before)s.",
        name=number.label,
        value=row.value,
        before=row.before,
    )


MENUS = (ParameterView,)
