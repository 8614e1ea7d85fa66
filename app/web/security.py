"""Who is signed in, in which position, with which rights: the framework's security manager, replaced.

Stock Flask-AppBuilder keeps sessions in the cookie alone, grants everything to its Admin role at every start
and lets the holder of its user page make himself anything. None of its own security pages is registered.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    request,
    session,
    url_for,
)
from flask_appbuilder import AppBuilder
from flask_appbuilder.security.sqla.manager import (
    SecurityManager as StockSecurityManager,
)
from flask_babel import lazy_gettext as _
from flask_login import LoginManager, current_user, login_user
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import User
from app.services.accounts import grants, lockout, openid, passwords, sessions, sign_in
from app.services.accounts.sessions import SignedIn

SECRET = "sid"
"""The key in the cookie under which the secret stands."""
HOME = "/"
PLACE = re.compile(r"[A-Za-z0-9_-]{1,80}")
"""The id of an element of a page."""
API = "/api/"
KEPT_AT_SIGN_IN = ("locale",)
TOKEN_ONLY = "/api/"
CACHED = ("signed_in", "actor", "permissions", "_login_user")
ALLOWED_WITH_FIRST_PASSWORD = frozenset(
    {
        "Session.password",
        "Session.logout",
        "Language.choose",
        "static",
        "health.healthz",
    }
)
NOT_PAGES = frozenset({"static", "appbuilder.static", "health.healthz"})


def signed_in() -> SignedIn | None:
    """Return the live session of this request, read once; None for everybody else.

    Pages know it by the cookie, the interface for programs by a bearer token, and neither by the other's.
    """
    if not has_request_context():
        return None
    if "signed_in" not in g:
        secret, kind = _presented()
        found = sessions.look_up(secret, at=clock.now()) if secret else None
        g.signed_in = found if found and found.session.kind == kind else None
    who: SignedIn | None = g.signed_in
    return who


def current_actor() -> Actor | None:
    """Return who acts in this request, or None without a sign-in or without a position."""
    if not has_request_context():
        return None
    if "actor" not in g:
        who = signed_in()
        g.actor = sessions.actor_of(who) if who else None
    actor: Actor | None = g.actor
    return actor


def the_actor() -> Actor:
    """Return who acts, or end the request with 403."""
    return current_actor() or abort(403)


def permissions() -> frozenset[tuple[str, str]]:
    """Return the (permission, view) pairs of the present position's role, read once a request.

    Nothing outlives the request, so that a right withdrawn is gone at once in every worker.
    """
    if "permissions" not in g:
        actor = current_actor()
        g.permissions = grants.held(actor.role) if actor else frozenset()
    held: frozenset[tuple[str, str]] = g.permissions
    return held


def check_password(username: str, password: str) -> sign_in.Outcome:
    """Check a name and a password, the only way there is; commits, because a try counts at once.

    Nothing else may be pending in the session. The database is free while the password is hashed.
    """
    attempt = lockout.reserve(username, request.remote_addr or "", at=clock.now())
    db.session.commit()
    if isinstance(attempt, str):
        return sign_in.Outcome(None, attempt, is_locked=True)
    try:
        return sign_in.judge(attempt, password)
    except Refused as too_many:
        lockout.give_back(attempt)
        db.session.commit()
        return sign_in.Outcome(None, too_many.sentence, is_locked=True)


def start_session(user: User, secret: str) -> None:
    """Put a new session into the cookie; nothing of the one before it survives but the language."""
    kept = {key: session[key] for key in KEPT_AT_SIGN_IN if key in session}
    session.clear()
    session.update(kept)
    session[SECRET] = secret
    forget()
    login_user(user)


def end_cookie() -> None:
    """Take the session out of the cookie."""
    kept = {key: session[key] for key in KEPT_AT_SIGN_IN if key in session}
    session.clear()
    session.update(kept)
    forget()


def forget() -> None:
    """Drop what this request has read about who is signed in."""
    for name in CACHED:
        g.pop(name, None)


def safe_next(target: str | None) -> str:
    """Return the path of `target` when it lies on this site, else the start page; never another host.

    The place on the page is kept: whose sign-in ended while filling in comes back to the same field.
    """
    if not target or target.startswith("//") or "\\" in target or not target.isprintable():
        return HOME
    try:
        parts = urlsplit(target)
    except ValueError:
        return HOME
    is_full = parts.scheme in ("http", "https") and parts.netloc == request.host
    if not is_full and (parts.scheme or parts.netloc):
        return HOME
    if not parts.path.startswith("/") or parts.path.startswith("//"):
        return HOME
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return f"{path}#{parts.fragment}" if PLACE.fullmatch(parts.fragment) else path


class SecurityManager(StockSecurityManager):
    """The framework asks here; the answers come from the session row and the position's role."""

    user_model = User
    """The sign-in page, `authdbview`, is set where the application is wired: pages stand above this layer."""

    def __init__(self, appbuilder: AppBuilder) -> None:
        super().__init__(appbuilder)
        # beside passwords, not instead of them: the stock AUTH_OAUTH would be the only way in
        self.oauth_remotes = openid.remotes(current_app)

    def register_views(self) -> None:
        """Register the sign-in page and none of the stock pages and interfaces."""
        self.auth_view = self.appbuilder.add_view_no_menu(self.authdbview())

    def create_db(self) -> None:
        """Do nothing: migrations make the tables, `flask sync-permissions` the roles."""

    def security_cleanup(self, baseviews: Any, menus: Any) -> None:
        """Do nothing: the stock one deletes every permission it does not know."""

    def security_converge(self, baseviews: Any, menus: Any, dry: bool = False) -> dict[str, Any]:
        """Do nothing: permission names are stable keys and never merged."""
        return {}

    def create_login_manager(self, app: Flask) -> LoginManager:
        manager = LoginManager(app)
        manager.login_view = "Session.login"
        # the session row decides; Flask-Login's own check breaks when a phone changes its network
        manager.session_protection = None
        manager.user_loader(self.load_user)
        return manager

    def before_request(self) -> Response | None:
        """Find out who asks; lead the holder of a first password to the page that changes it."""
        # An application context of a test or command outlives a request; what was read for one must not.
        forget()
        g.user = current_user
        if request.endpoint in NOT_PAGES or request.path.startswith(TOKEN_ONLY):
            return None
        if SECRET not in session:
            return None
        who = signed_in()
        if who is None:
            end_cookie()
            return None
        current_actor()
        _touch(who)
        if who.user.must_change_password and not _is_allowed_with_first_password():
            flash(_("Choose a password of your own first."), "warning")
            return redirect(url_for("Session.password"))
        return None

    def load_user(self, pk: int | str) -> User | None:
        who = signed_in()
        return who.user if who and str(who.user.id) == str(pk) else None

    def load_user_jwt(self, _jwt_header: Any, jwt_data: Any) -> None:
        """Know nobody by a stock token: it could not be revoked."""

    def validate_api_key(self, api_key_string: str) -> None:
        """Know nobody by a stock key: it would have no position."""

    def has_access(self, permission_name: str, view_name: str) -> bool:
        return (permission_name, view_name) in permissions()

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        return False

    def get_user_menu_access(self, menu_names: Iterable[str] | None = None) -> set[str]:
        seen = {view for permission, view in permissions() if permission == "menu_access"}
        return seen if menu_names is None else seen & set(menu_names)

    def add_permissions_view(self, base_permissions: Iterable[str], view_menu: str) -> None:
        """Add the permissions of a view; unlike the stock one, grant them to nobody."""
        for permission in base_permissions:
            self.add_permission_view_menu(permission, view_menu)

    def add_permissions_menu(self, view_menu_name: str) -> None:
        self.add_permission_view_menu("menu_access", view_menu_name)

    def auth_user_db(self, username: str, password: str) -> User | None:
        """Check a password behind the same lockout as the sign-in page."""
        outcome = check_password(username, password)
        if outcome.refusal or outcome.user_id is None:
            return None
        user = db.session.get_one(User, outcome.user_id)
        lockout.forgive(user.username)
        db.session.commit()
        return user

    def reset_password(self, userid: int, password: str) -> None:
        user = db.session.get_one(User, userid)
        passwords.set_password(user, password, must_change=True)
        db.session.commit()

    def update_user(self, user: User, commit: bool = True) -> Any:
        """Store a changed account; one whose password was written elsewhere loses its sessions."""
        if inspect(user).attrs.password.history.has_changes():
            sessions.end_all(user.id, "password", at=clock.now())
        return super().update_user(user, commit)

    def add_user(self, *args: Any, **kwargs: Any) -> bool:
        """Refuse: accounts come from services.accounts, with a first password and a log row."""
        return False

    def add_register_user(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: nobody registers past the person register."""


def _presented() -> tuple[str, str]:
    """Return the secret this request shows, "" for none, and the kind of session it may open."""
    if request.path.startswith(API):
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        return secret.strip() if scheme.lower() == "bearer" else "", "api"
    secret = session.get(SECRET, "")
    return secret if isinstance(secret, str) else "", "web"


def _drop_dead_cookie() -> None:
    if SECRET in session and not request.path.startswith(API):
        end_cookie()


def _is_allowed_with_first_password() -> bool:
    return request.endpoint is None or request.endpoint in ALLOWED_WITH_FIRST_PASSWORD


def _touch(who: SignedIn) -> None:
    now = clock.now()
    if now - who.session.seen_at < sessions.TOUCH_EVERY:
        return
    try:
        sessions.touch(who.session.id, at=now)
    except OperationalError:
        # somebody holds the write lock for long: the page is worth more than the note
        if request.method not in ("GET", "HEAD"):
            raise


def clear_site_data(response: Response) -> Response:
    """Tell the browser to drop the pages it kept, at sign-out (GB/T 22239-2019, 8.1.4.10)."""
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
