"""Pages for sign-in, sign-out, choosing a position, the own password and the own sessions."""

from collections.abc import Iterable
from functools import wraps
from itertools import groupby
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from app.engine import Refused
from app.enums import ApplicationState, Role
from app.extensions import csrf, db
from app.ground import clock
from app.models import Application, LoginSession, Person, Position, User
from app.services.accounts import sign_in
from app.services.credentials import openid, passwords, sessions
from app.services.ground.audit import audit
from app.views.base.aliases import Page, Route
from app.web import form_tokens, security

REFUSED, TOO_MANY = 401, 429


class LoginForm(DynamicForm):
    username = StringField(
        _("Username or ID number"),
        [DataRequired(_("Enter the username or the ID number.")), Length(max=64)],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        _("Password"),
        [DataRequired(_("Enter the password.")), Length(max=passwords.MAX_LENGTH)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(DynamicForm):
    old = PasswordField(
        _("Present password"),
        [DataRequired(_("Enter the present password."))],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        _("New password"),
        [DataRequired(_("Enter the new password."))],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _("New password again"),
        [DataRequired(_("Enter the new password a second time."))],
        render_kw={"autocomplete": "new-password"},
    )


def signed_in_only(view: Route) -> Route:
    """Redirect to the sign-in page unless somebody is signed in; needs no permission of a role."""

    @wraps(view)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> ResponseReturnValue:
        if security.signed_in() is None:
            return redirect(url_for("Session.login", next=request.full_path))
        return view(self, *args, **kwargs)

    return guarded


class Session(BaseView):
    route_base = ""
    default_view = "sessions"

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> ResponseReturnValue:
        target = security.safe_next(request.values.get("next"))
        if request.method == "GET" and security.signed_in():
            return redirect(target)
        if request.method == "POST" and not form_tokens.has_token():
            expired = gettext("The page had expired. Enter the password and sign in once more.")
            return self._login_page(LoginForm(), form_tokens.STALE, expired)
        if request.method == "POST" and "demo" in request.form:
            return self._sign_in_demo(target)
        form = LoginForm()
        if not form.validate_on_submit():
            return self._login_page(form, REFUSED if form.errors else 200)
        return self._sign_in(form, target)

    @expose("/logout/", methods=["POST"])
    def logout(self) -> ResponseReturnValue:
        if who := security.signed_in():
            sessions.end(who.session, "signed_out", at=clock.now())
            self._audit_own("sign_out")
            db.session.commit()
        security.end_cookie()
        return security.clear_site_data(redirect(url_for("Session.login")))

    @expose("/session/switch", methods=["POST"])
    @signed_in_only
    def switch(self) -> ResponseReturnValue:
        """Switch the session to another of the own positions."""
        who = security.signed_in() or abort(401)
        wanted = request.form.get("position", "")
        own = {str(position.id): position for position in sessions.positions(who.user.id)}
        if wanted not in own:
            abort(404)
        who.session.position_id = own[wanted].id
        row = audit("switch", subject=own[wanted].role.value, details={"position": own[wanted].id})
        row.actor_id, row.actor_name = who.user.id, who.user.get_full_name()
        db.session.commit()
        return redirect(security.safe_next(None))

    @expose("/session/without-position")
    @signed_in_only
    def without_position(self) -> ResponseReturnValue:
        """Say that the account holds no position; offer those granted since the sign-in."""
        if security.current_actor() is not None:
            return redirect(security.HOME)
        user = (security.signed_in() or abort(401)).user
        own = sessions.positions(user.id)
        return self.render_template("no_position.html", user=user, positions=own)

    @expose("/session/password", methods=["GET", "POST"])
    @signed_in_only
    def password(self) -> ResponseReturnValue:
        form = PasswordForm()
        if form.validate_on_submit() and self._change_password(form):
            flash(gettext("The password was changed; every other session has ended."), "success")
            return redirect(security.safe_next(None))
        who = security.signed_in() or abort(401)
        notes = ""
        if who.user.must_change_password:
            notes = gettext(
                "This is a first password, good for one sign-in only. Choose your own before you leave."
            )
        page = self.render_template("password.html", form=form, notes=notes)
        return page, REFUSED if form.errors else 200

    @expose("/session/")
    @signed_in_only
    def sessions(self) -> ResponseReturnValue:
        who = security.signed_in() or abort(401)
        return self.render_template(
            "sessions.html",
            sessions=sessions.live_sessions_of(who.user.id, at=clock.now()),
            current=who.session,
        )

    @expose("/session/end", methods=["POST"])
    @signed_in_only
    def end(self) -> ResponseReturnValue:
        """End one of the own sessions, for instance on another computer."""
        who = security.signed_in() or abort(401)
        found = db.session.scalars(
            select(LoginSession).where(
                LoginSession.user_id == who.user.id,
                LoginSession.id == request.form.get("session", 0, type=_row_number),
            )
        ).first() or abort(404)
        sessions.end(found, "ended_by_owner", at=clock.now())
        self._audit_own("session_end", {"session": found.id})
        db.session.commit()
        flash(gettext("The session has ended."), "success")
        return redirect(url_for("Session.sessions"))

    def _sign_in(self, form: LoginForm, target: str) -> ResponseReturnValue:
        name, password = form.username.data or "", form.password.data or ""
        # reading a previous session may have opened a transaction; the attempt needs its own
        db.session.rollback()
        try:
            outcome = security.check_password(name, password)
            if outcome.refusal or outcome.user_id is None:
                sign_in.note_failure(outcome)
                db.session.commit()
                return self._login_page(
                    form, TOO_MANY if outcome.is_locked else REFUSED, outcome.refusal
                )
            user, secret = sign_in.complete_sign_in(outcome.user_id, password, **_request_facts())
        except Refused as refusal:
            db.session.commit()
            return self._login_page(form, REFUSED, refusal.sentence)
        return self._enter(user, secret, target)

    def _sign_in_demo(self, target: str) -> ResponseReturnValue:
        """Sign in to a demo account without a password; 404 if the account is no demo."""
        if not current_app.config["DEMO"]:
            why = sign_in.not_a_demonstration()
            return self._login_page(LoginForm(formdata=None), REFUSED, why)
        user = sign_in.demo_account(request.form["demo"]) or abort(404)
        return self._enter(user, sign_in.begin(user, **_request_facts()), target)

    def _enter(self, user: User, secret: str, target: str) -> ResponseReturnValue:
        if before := security.signed_in():
            sessions.end(before.session, "signed_in_anew", at=clock.now())
        db.session.commit()
        security.start_session(user, secret)
        return redirect(target)

    def _login_page(self, form: LoginForm, status: int, reason: str = "") -> ResponseReturnValue:
        page = self.render_template(
            "login.html",
            form=form,
            reason=reason,
            next_url=request.values.get("next", ""),
            sso=_single_sign_on(),
            demo_accounts=(demo := _demo_accounts()),
            demo_groups=[
                (label, list(people))
                for label, people in groupby(demo, lambda one: str(one["group"]))
            ],
        )
        return page, status

    def _change_password(self, form: PasswordForm) -> bool:
        """Store the new password after checking the present one, with the same lockout as the sign-in.

        Return whether it was changed; a refusal is shown at the field.
        """
        who = security.signed_in() or abort(401)
        name, session_id = who.user.username, who.session.id
        db.session.rollback()
        try:
            outcome = security.check_password(name, form.old.data or "")
            if outcome.refusal:
                raise Refused(
                    outcome.refusal
                    if outcome.is_locked
                    else gettext("The present password is wrong."),
                    "old",
                )
            user = db.session.get_one(User, outcome.user_id)
            kept = db.session.get_one(LoginSession, session_id)
            passwords.change_own(
                user,
                form.old.data or "",
                form.new.data or "",
                form.again.data or "",
                at=clock.now(),
                keep=kept,
            )
        except Refused as refusal:
            field = form[refusal.field or "old"]
            field.errors = [*field.errors, refusal.sentence]
            self._audit_own("password", ok=False)
            db.session.commit()
            return False
        self._audit_own("password")
        secret = sessions.renew(kept)
        db.session.commit()
        security.start_session(user, secret)
        return True

    def _audit_own(
        self, kind: str, details: dict[str, Any] | None = None, *, ok: bool = True
    ) -> None:
        who = security.signed_in() or abort(401)
        row = audit(kind, subject=who.user.username, ok=ok, details=details)
        row.actor_id, row.actor_name = who.user.id, who.user.get_full_name()


def _single_sign_on() -> dict[str, str] | None:
    """Return label and URL of the button for the province's single sign-on, None if it is not configured."""
    if not current_app.config["OIDC_ISSUER"]:
        return None
    name = openid.label(current_app)
    address = url_for("SingleSignOn.start", next=request.values.get("next") or None)
    return {"label": gettext("Sign in with %(name)s", name=name), "url": address}


def _request_facts() -> dict[str, Any]:
    return {
        "at": clock.now(),
        "address": request.remote_addr or "",
        "agent": request.user_agent.string,
    }


def _row_number(raw: str) -> int:
    """Parse a row id from a form; return 0, which no row has, if it is not a valid id."""
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0


def _demo_accounts() -> list[Page]:
    """Return the demo accounts offered on the sign-in page, each once, in the order of roles."""
    if not current_app.config["DEMO"]:
        return []
    rows = db.session.scalars(
        select(Position)
        .join(User, User.id == Position.user_id)
        .where(User.is_demo.is_(True), User.active.is_(True), Position.is_active.is_(True))
        .options(
            joinedload(Position.user), joinedload(Position.unit), joinedload(Position.committee)
        )
        .order_by(Position.id)
    )
    chosen: dict[int, Position] = {}
    for position in rows:
        before = chosen.get(position.user_id)
        if before is None or not before.role.is_staff:
            chosen[position.user_id] = position
    order = [*(role for role in Role if role.is_staff), Role.APPLICANT]
    shown = sorted(chosen.values(), key=lambda position: order.index(position.role))
    states = _states_of(position.user_id for position in shown)
    return [_demo_account(position, states) for position in shown]


def _states_of(user_ids: Iterable[int]) -> dict[int, ApplicationState]:
    """Return {user id: state of the newest application} for the accounts that have one."""
    rows = db.session.execute(
        select(Person.user_id, Application.state)
        .join(Application, Application.person_id == Person.id)
        .where(Person.user_id.in_(list(user_ids)))
        .order_by(Application.id)
    )
    return dict(rows.tuples().all())


def _demo_account(position: Position, states: dict[int, ApplicationState]) -> Page:
    place = position.unit or position.committee
    if position.role is Role.APPLICANT and position.user_id in states:
        place = None
    state = states.get(position.user_id) if place is None else None
    return {
        "username": position.user.username,
        "name": position.user.get_full_name(),
        "group": position.role.label,
        "label": place.name if place else (state or position.role).label,
        "role_label": position.role.label,
    }


# `login` checks the CSRF token itself: with a stale one it shows the form again, with the name typed
csrf.exempt(f"{Session.login.__module__}.{Session.login.__name__}")
