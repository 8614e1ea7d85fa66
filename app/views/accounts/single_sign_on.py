"""Single sign-on of the province (统一身份认证登录) by OpenID Connect, and linking it with an account here.

State, nonce and verifier are kept in the browser's cookie, for one response and ten minutes. Every failure
leads to the sign-in page with an explanation and without a session.
"""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.models import User
from app.services.accounts import identities, sign_in
from app.services.accounts.identities import Pending
from app.services.credentials import openid, sessions
from app.services.credentials.openid import Provider, ProviderFault, VerifiedIdentity
from app.services.ground.audit import audit
from app.views.accounts.account import REFUSED, TOO_MANY, LoginForm
from app.web import security

BEGUN, PENDING = "sso", "sso_pending"
"""Cookie keys: the sign-in in progress, and the identity that waits to be linked with an account."""
LIFE = timedelta(minutes=10)
ATTEMPTS = 2


class SingleSignOn(BaseView):
    route_base = "/sso"
    default_view = "start"
    base_permissions: list[str] = []

    @expose("/")
    def start(self) -> ResponseReturnValue:
        provider = _provider()
        db.session.rollback()
        try:
            begun = provider.begin(_return_address())
        except ProviderFault as fault:
            return _back_to_sign_in(fault.kind)
        address = begun.pop("url")
        session[BEGUN] = {
            **begun,
            "next": security.safe_next(request.args.get("next")),
            "until": _expiry(),
        }
        return redirect(address)

    @expose("/callback")
    def callback(self) -> ResponseReturnValue:
        provider, begun = _provider(), _cookie_entry(BEGUN)
        if begun is None or not _is_same(begun["state"], request.args.get("state", "")):
            return _back_to_sign_in("state")
        del session[BEGUN]
        # do not keep a transaction open while waiting for the provider
        db.session.rollback()
        if error := request.args.get("error"):
            return _failed("denied" if error == "access_denied" else "provider")
        try:
            vouched = provider.finish(
                request.args.get("code", ""),
                begun,
                _return_address(),
                sender=request.args.get("iss"),
            )
        except ProviderFault as fault:
            return _failed(fault.kind)
        return _received(vouched, security.safe_next(begun["next"]))

    @expose("/link", methods=["GET", "POST"])
    def link(self) -> ResponseReturnValue:
        """Ask for a password sign-in and link the identity confirmed by the provider with that account."""
        _provider()
        entry = _cookie_entry(PENDING)
        if entry is None:
            return _back_to_sign_in("state")
        waiting, form = Pending(**entry["who"]), LoginForm()
        if not form.validate_on_submit():
            return _link_page(form, waiting, REFUSED if form.errors else 200)
        return _link(form, waiting, security.safe_next(entry["next"]))

    @expose("/cancel", methods=["POST"])
    def cancel(self) -> ResponseReturnValue:
        session.pop(PENDING, None)
        return redirect(url_for("Session.login"), 303)


def _provider() -> Provider:
    return openid.provider_of(current_app) or abort(404)


def _return_address() -> str:
    """Return the redirect URI registered at the provider, from PUBLIC_URL and not the Host header."""
    return str(current_app.config["PUBLIC_URL"]) + url_for("SingleSignOn.callback")


def _received(vouched: VerifiedIdentity, target: str) -> ResponseReturnValue:
    """Sign in the person identified by the provider, or ask for the account to link."""
    at = clock.now()
    for attempt in range(ATTEMPTS):
        try:
            return _admit(vouched, target, at)
        except IntegrityError:
            # two concurrent sign-ins of one person; a retry finds what the other request has stored
            db.session.rollback()
            if attempt == ATTEMPTS - 1:
                raise
        except Refused as refusal:
            return _failed("refused", refusal.sentence)
    raise AssertionError("unreachable")


def _admit(vouched: VerifiedIdentity, target: str, at: datetime) -> ResponseReturnValue:
    _begin_writing()
    user = identities.account_of(vouched, at=at, provider_name=_label())
    if user is None:
        waiting = identities.pending(vouched, at=at)
        db.session.rollback()
        session[PENDING] = {"who": asdict(waiting), "next": target, "until": _expiry()}
        return redirect(url_for("SingleSignOn.link"))
    secret = sign_in.sign_in_by_provider(
        user, at=at, address=request.remote_addr or "", agent=request.user_agent.string
    )
    return _enter(user, secret, target)


def _link(form: LoginForm, waiting: Pending, target: str) -> ResponseReturnValue:
    """Check the password with the same lockout as the sign-in, link the identity, and sign in."""
    db.session.rollback()
    password, at = form.password.data or "", clock.now()
    outcome = security.check_password(form.username.data or "", password)
    if outcome.refusal or outcome.user_id is None:
        sign_in.note_failure(outcome)
        db.session.commit()
        return _link_page(
            form, waiting, TOO_MANY if outcome.is_locked else REFUSED, outcome.refusal
        )
    try:
        user, secret = sign_in.complete_sign_in(
            outcome.user_id,
            password,
            at=at,
            address=request.remote_addr or "",
            agent=request.user_agent.string,
        )
        identities.confirm(user, waiting, at=at, provider_name=_label())
        return _enter(user, secret, target)
    except Refused as refusal:
        db.session.rollback()
        audit("sign_in", ok=False, details={"single_sign_on": "link refused"})
        db.session.commit()
        return _link_page(form, waiting, REFUSED, refusal.sentence)
    except IntegrityError:
        db.session.rollback()
        return _link_page(form, waiting, REFUSED, gettext("This was linked a moment ago."))


def _enter(user: User, secret: str, target: str) -> Response:
    if before := security.signed_in():
        sessions.end(before.session, "signed_in_anew", at=clock.now())
    db.session.commit()
    security.start_session(user, secret)
    return redirect(target, 303)


def _link_page(
    form: LoginForm, waiting: Pending, status: int, reason: str = ""
) -> ResponseReturnValue:
    page = render_template(
        "sso_link.html", form=form, reason=reason, provider=_label(), name=waiting.name
    )
    return page, status


def _failed(kind: str, sentence: str = "") -> Response:
    """Write a failed sign-in to the audit log and redirect with the reason.

    Called only after `state` was checked, so that forged responses cannot fill the log.
    """
    db.session.rollback()
    _begin_writing()
    audit("sign_in", ok=False, details={"single_sign_on": kind})
    db.session.commit()
    return _back_to_sign_in(kind, sentence)


def _back_to_sign_in(kind: str, sentence: str = "") -> Response:
    flash(sentence or _failure_text(kind), "danger")
    return redirect(url_for("Session.login"), 303)


def _failure_text(kind: str) -> str:
    name = _label()
    if kind == "denied":
        return gettext(
            "The sign-in with “%(name)s” was cancelled. Try again, or sign in here.", name=name
        )
    if kind == "state":
        return gettext(
            "This sign-in with “%(name)s” was begun in another window, or more than ten minutes ago."
            " Begin it again.",
            name=name,
        )
    if kind == "provider":
        return gettext(
            "“%(name)s” does not work just now. Try again in a few minutes, or sign in here.",
            name=name,
        )
    return gettext(
        "The answer of “%(name)s” cannot be trusted, so nobody was signed in. Begin again; if it"
        " happens again, tell a system administrator.",
        name=name,
    )


def _label() -> str:
    return openid.label(current_app)


def _begin_writing() -> None:
    """Begin a write transaction although the request is a GET (see `app.ground.database`)."""
    db.session.rollback()
    db.session.connection(execution_options={"immediate": True})


def _cookie_entry(key: str) -> dict[str, Any] | None:
    """Return what the cookie keeps under `key`; None if missing or expired."""
    entry = session.get(key)
    if not isinstance(entry, dict):
        return None
    if datetime.fromtimestamp(entry["until"], UTC) < clock.now():
        session.pop(key)
        return None
    return entry


def _expiry() -> int:
    return int((clock.now() + LIFE).timestamp())


def _is_same(kept: str, given: str) -> bool:
    return compare_digest(kept.encode(), given.encode(errors="replace"))


VIEWS = (SingleSignOn,)
