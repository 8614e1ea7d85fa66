"""Pages of the second factor: asked for at the sign-in, set up with a QR code, recovery codes, removed."""

import segno
from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from werkzeug.exceptions import Unauthorized

from app.engine import Refused
from app.extensions import db
from app.forms.base import base as forms
from app.ground import clock
from app.models import LoginSession, User
from app.services.credentials import second_factors, sessions
from app.services.credentials.sessions import SignedIn
from app.views.accounts.account import signed_in_only
from app.web import security

REFUSED, TOO_MANY = 422, 429


class FactorForm(forms.Form):
    code = forms.text(
        _("Code of the device"),
        20,
        help=_("Six digits from the app on your telephone, or an unused recovery code."),
        render_kw={"autocomplete": "one-time-code", "autofocus": True},
    )


class SecondFactorPages(BaseView):
    """Everything somebody does with the own second factor."""

    route_base = "/session/second-factor"
    default_view = "own"
    base_permissions: list[str] = []

    @expose("/")
    @signed_in_only
    def own(self) -> ResponseReturnValue:
        """Show whether a device is set up, with the ways to renew or remove it."""
        return _own_page(_who(), FactorForm(formdata=None))

    @expose("/ask", methods=["GET", "POST"])
    @signed_in_only
    def ask(self) -> ResponseReturnValue:
        """Take a code of the device; only then the session works in its position."""
        who = _who()
        if second_factors.device_of(who.user.id) is None:
            return redirect(url_for("SecondFactorPages.set_up", next=request.args.get("next")))
        target = security.safe_next(request.values.get("next"))
        form = FactorForm()
        if request.method == "GET":
            return _ask_page(form, target)
        if form.validate() and (user := _checked(form, who)):
            return _enter(user, who.session.id, target)
        return _ask_page(form, target), REFUSED

    @expose("/set-up", methods=["GET", "POST"])
    @signed_in_only
    def set_up(self) -> ResponseReturnValue:
        """Show the QR code for a new device; its first code takes it into use."""
        who, form, at = _who(), FactorForm(), clock.now()
        if second_factors.device_of(who.user.id) is not None:
            return redirect(url_for("SecondFactorPages.own"))
        secret = _secret_of(who)
        if request.method == "GET" or not form.validate():
            return _set_up_page(form, who.user, secret), 200 if request.method == "GET" else REFUSED
        user_id, session_id = who.user.id, who.session.id
        try:
            _count(user_id)
            user = db.session.get_one(User, user_id)
            codes = second_factors.confirm_device(user, form.code.data, at=at)
        except Refused as refusal:
            db.session.rollback()
            form.code.errors = [refusal.sentence]
            return _set_up_page(form, db.session.get_one(User, user_id), secret), REFUSED
        _enter(user, session_id, security.HOME)
        return _codes_page(codes, security.safe_next(request.values.get("next")))

    @expose("/recovery-codes", methods=["POST"])
    @signed_in_only
    def renew_codes(self) -> ResponseReturnValue:
        """Make new recovery codes, after a code of the device."""
        who, form = _who(), FactorForm()
        if form.validate() and (user := _checked(form, who)):
            codes = second_factors.renew_recovery_codes(user, at=clock.now())
            db.session.commit()
            return _codes_page(codes)
        return _own_page(_who(), form), REFUSED

    @expose("/remove", methods=["POST"])
    @signed_in_only
    def remove(self) -> ResponseReturnValue:
        """Remove the own device, after one of its codes; where it is required a new one is asked for at once."""
        who, form = _who(), FactorForm()
        if form.validate() and (user := _checked(form, who)):
            second_factors.remove_own(user, at=clock.now())
            db.session.commit()
            flash(gettext("The device was removed."), "success")
            return redirect(url_for("SecondFactorPages.own"), 303)
        return _own_page(_who(), form), REFUSED


def _who() -> SignedIn:
    found = security.signed_in()
    if found is None:
        raise Unauthorized
    return found


def _secret_of(who: SignedIn) -> str:
    """Return the secret of the device that is being set up, in a transaction of its own that may write."""
    user_id = who.user.id
    db.session.rollback()
    db.session.connection(execution_options={"immediate": True})
    secret = second_factors.begin_device(db.session.get_one(User, user_id), at=clock.now())
    db.session.commit()
    return secret


def _checked(form: FactorForm, who: SignedIn) -> User | None:
    """Count and check what was typed; return the account if it is right, else show why at the field."""
    user_id = who.user.id
    try:
        _count(user_id)
    except Refused as refusal:
        form.code.errors = [refusal.sentence]
        return None
    user = db.session.get_one(User, user_id)
    if second_factors.check(user, form.code.data, at=clock.now()):
        return user
    db.session.commit()
    form.code.errors = [second_factors.wrong_code()]
    return None


def _count(user_id: int) -> None:
    """Count a try in a transaction of its own, so that it counts whatever follows. Raises Refused."""
    db.session.rollback()
    may_try = second_factors.count_try(user_id, at=clock.now())
    db.session.commit()
    if not may_try:
        raise Refused(second_factors.too_many())


def _enter(user: User, session_id: int, target: str) -> ResponseReturnValue:
    """Let the session work in its position from now on, under a new secret."""
    kept = db.session.get_one(LoginSession, session_id)
    second_factors.pass_session(kept, user, at=clock.now())
    secret = sessions.renew(kept)
    db.session.commit()
    security.start_session(user, secret)
    return redirect(target, 303)


def _ask_page(form: FactorForm, target: str) -> str:
    return render_template("second_factor/ask.html", form=form, next_url=target)


def _set_up_page(form: FactorForm, user: User, secret: str) -> str:
    address = second_factors.address_of(user, secret, current_app.config["APP_NAME"])
    form.code.description = ""  # no recovery code is there yet
    drawn = segno.make(address, error="m", micro=False).svg_inline(omitsize=True)
    return render_template(
        "second_factor/set_up.html",
        form=form,
        code=Markup(drawn),  # noqa: S704 - drawn by segno
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
    )


def _codes_page(codes: list[str], target: str = security.HOME) -> str:
    return render_template("second_factor/codes.html", codes=codes, next_url=target)


def _own_page(who: SignedIn, form: FactorForm) -> str:
    return render_template(
        "second_factor/own.html",
        form=form,
        device=second_factors.device_of(who.user.id),
        left=second_factors.recovery_codes_left(who.user.id),
    )


VIEWS = (SecondFactorPages,)
