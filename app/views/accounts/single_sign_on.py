"""统一身份认证登录: to the province's single sign-on and back, and the link with an account of this system.

What must come back with the answer (state, nonce, verifier) stands in the browser's own cookie, for one answer
and ten minutes. Whatever goes wrong ends on the sign-in page with a sentence and without a session.
"""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.models import User
from app.services.accounts import identities, openid, sessions, sign_in
from app.services.accounts.identities import Pending
from app.services.accounts.openid import Provider, ProviderFault, Vouched
from app.services.ground.audit import audit
from app.views.accounts.account import REFUSED, TOO_MANY, LoginForm
from app.web import security

BEGUN, PENDING = "sso", "sso_pending"
"""Keys in the cookie: of a sign-in that was begun, and of an identity that waits to be linked."""
LIFE = timedelta(minutes=10)
ATTEMPTS = 2


class SingleSignOn(BaseView):
    route_base = "/sso"
    default_view = "start"
    base_permissions: list[str] = []

    @expose("/")
    def start(self) -> Any:
        provider = _provider()
        db.session.rollback()
        try:
            begun = provider.begin(_return_address())
        except ProviderFault as fault:
            return _turned_away(fault.kind)
        address = begun.pop("url")
        session[BEGUN] = {
            **begun,
            "next": security.safe_next(request.args.get("next")),
            "until": _until(),
        }
        return redirect(address)

    @expose("/callback")
    def callback(self) -> Any:
        provider, begun = _provider(), _held(BEGUN)
        if begun is None or not _is_same(begun["state"], request.args.get("state", "")):
            return _turned_away("state")
        del session[BEGUN]
        # nobody waits for us in the database while we wait for the provider
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
    def link(self) -> Any:
        """Ask for one sign-in here, and link what the provider vouched for with that account."""
        _provider()
        held = _held(PENDING)
        if held is None:
            return _turned_away("state")
        waiting, form = Pending(**held["who"]), LoginForm()
        if not form.validate_on_submit():
            return _link_page(form, waiting, REFUSED if form.errors else 200)
        return _link(form, waiting, security.safe_next(held["next"]))

    @expose("/cancel", methods=["POST"])
    def cancel(self) -> Any:
        session.pop(PENDING, None)
        return redirect(url_for("Session.login"), 303)


def _provider() -> Provider:
    return openid.of(current_app) or abort(404)


def _return_address() -> str:
    """Return the one address the provider knows of us; what the request says about its host is not asked."""
    return str(current_app.config["PUBLIC_URL"]) + url_for("SingleSignOn.callback")


def _received(vouched: Vouched, target: str) -> Any:
    """Sign in whom the provider vouches for, or ask for the account."""
    at = clock.now()
    for attempt in range(ATTEMPTS):
        try:
            return _admit(vouched, target, at)
        except IntegrityError:
            # the same person came twice at once; the second time the other one's work is there
            db.session.rollback()
            if attempt == ATTEMPTS - 1:
                raise
        except Refused as refusal:
            return _failed("refused", refusal.sentence)
    raise AssertionError("unreachable")


def _admit(vouched: Vouched, target: str, at: datetime) -> Any:
    _begin_writing()
    user = identities.account_of(vouched, at=at, provider_name=_label())
    if user is None:
        waiting = identities.pending(vouched, at=at)
        db.session.rollback()
        session[PENDING] = {"who": asdict(waiting), "next": target, "until": _until()}
        return redirect(url_for("SingleSignOn.link"))
    secret = sign_in.admit_vouched(
        user, at=at, address=request.remote_addr or "", agent=request.user_agent.string
    )
    return _enter(user, secret, target)


def _link(form: LoginForm, waiting: Pending, target: str) -> Any:
    """Check the password behind the same lockout as the sign-in, link, and sign in."""
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
        user, secret = sign_in.admit(
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


def _link_page(form: LoginForm, waiting: Pending, status: int, reason: str = "") -> Any:
    page = render_template(
        "sso_link.html", form=form, reason=reason, provider=_label(), name=waiting.name
    )
    return page, status


def _failed(kind: str, sentence: str = "") -> Response:
    """Note a failed sign-in and say why; only answers to a question of ours come this far."""
    db.session.rollback()
    _begin_writing()
    audit("sign_in", ok=False, details={"single_sign_on": kind})
    db.session.commit()
    return _turned_away(kind, sentence)


def _turned_away(kind: str, sentence: str = "") -> Response:
    flash(sentence or _sentence(kind), "danger")
    return redirect(url_for("Session.login"), 303)


def _sentence(kind: str) -> str:
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
    """Begin a transaction that writes although the browser only asks for a page (see `database`)."""
    db.session.rollback()
    db.session.connection(execution_options={"immediate": True})


def _held(key: str) -> dict[str, Any] | None:
    """Return what the cookie keeps under `key`, if it is not too old."""
    held = session.get(key)
    if not isinstance(held, dict):
        return None
    if datetime.fromtimestamp(held["until"], UTC) < clock.now():
        session.pop(key)
        return None
    return held


def _until() -> int:
    return int((clock.now() + LIFE).timestamp())


def _is_same(kept: str, given: str) -> bool:
    return compare_digest(kept.encode(), given.encode(errors="replace"))


VIEWS = (SingleSignOn,)
