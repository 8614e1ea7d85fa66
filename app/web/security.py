"""Security manager: session, position and permissions of the user who sent the request.

Replaces Flask-AppBuilder's, which keeps sessions in the cookie alone, grants everything to its Admin role at
every start and lets anybody with access to its user page give himself any role. Its pages are not registered.
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
from app.ground import clock, in_force
from app.ground.actor import Actor
from app.models import User
from app.services.accounts import role_rights, sign_in
from app.services.credentials import lockout, openid, second_factors, sessions
from app.services.credentials.sessions import SignedIn
from app.services.customising import loading
from app.services.customising import viewing as look
from app.services.customising.viewing import Viewing
from app.web import device_cookie, form_tokens

SECRET = "sid"
"""Key of the session secret in the cookie."""
PREVIEW = "preview"
"""Key of the cookie: whether the person signed in sees the pages as the own draft would make them."""
POINTING = "pointing"
"""Key of the cookie: whether a press on a text leads to the page that changes it."""
HOME = "/"
PLACE = re.compile(r"[A-Za-z0-9_-]{1,80}")
"""Pattern of a URL fragment: the id of an HTML element."""
API = "/api/"
KEYS_KEPT_AT_SIGN_IN = ("locale",)
CACHED = ("signed_in", "viewing", "actor", "permissions", "_login_user")
ALLOWED_WITH_FIRST_PASSWORD = frozenset(
    {
        "Session.password",
        "Session.logout",
        "Language.choose",
        "static",
        "health.healthz",
    }
)
ALLOWED_WITHOUT_SECOND_FACTOR = frozenset(
    {
        "SecondFactorPages.ask",
        "SecondFactorPages.set_up",
        "Session.logout",
        "Session.switch",
        "Language.choose",
        "static",
        "health.healthz",
    }
)
NOT_PAGES = frozenset({"static", "appbuilder.static", "health.healthz"})


def signed_in() -> SignedIn | None:
    """Return the live session of this request, read once, or None.

    Pages accept only the cookie, the API only a bearer token.
    """
    if not has_request_context():
        return None
    if "signed_in" not in g:
        secret, kind = _presented()
        found = sessions.look_up(secret, at=clock.now()) if secret else None
        g.signed_in = found if found and found.session.kind == kind else None
    who: SignedIn | None = g.signed_in
    return who


def needs_second_factor() -> bool:
    """Return whether somebody is signed in who still has to show a second factor for the position."""
    who = signed_in()
    return who is not None and second_factors.is_missing(who)


def viewing() -> Viewing | None:
    """Return as whom the session of this request only looks at the program, or None where it is itself."""
    if "viewing" not in g:
        who = None if needs_second_factor() else signed_in()
        g.viewing = look.of(who.session, clock.now()) if who and who.session.viewed_as else None
    found: Viewing | None = g.viewing
    return found


def own_actor() -> Actor | None:
    """Return the actor of the session itself, also while it looks at the program as somebody else."""
    who = signed_in()
    return None if who is None or needs_second_factor() else sessions.actor_of(who)


def current_actor() -> Actor | None:
    """Return the actor of this request, or None without a sign-in, a position or a required second factor.

    While the session looks as somebody else it is an onlooker, who sees no rows and can do nothing.
    """
    if not has_request_context():
        return None
    if "actor" not in g:
        seen = viewing()
        g.actor = seen.actor if seen else own_actor()
    actor: Actor | None = g.actor
    return actor


def require_actor() -> Actor:
    """Return the actor of this request; abort with 403 if there is none."""
    return current_actor() or abort(403)


def permissions() -> frozenset[tuple[str, str]]:
    """Return the (permission, view) pairs of the present position's role, narrowed by its own role.

    They are kept under the stamp read with the session: a change takes effect at the next request in every worker.
    """
    if "permissions" not in g:
        actor, who = current_actor(), signed_in()
        if (seen := viewing()) is not None:
            g.permissions = seen.permissions
        elif actor and who:
            g.permissions = role_rights.of_role(actor.role, who.stamp, actor.own_role)
        else:
            g.permissions = frozenset()
    granted: frozenset[tuple[str, str]] = g.permissions
    return granted


def _load_changes(actor: Actor | None, who: SignedIn) -> None:
    """Let hold what administrators published and, where its author wants to see it, what his draft changes."""
    role = actor.role if actor else None
    loading.load(role, who.value_stamp)
    seen = viewing()
    if seen.is_draft if seen else actor is not None and session.get(PREVIEW):
        loading.load_draft(role, who.user.id)


def check_password(username: str, password: str) -> sign_in.Outcome:
    """Check a user name and password behind the lockout; commit, so that the attempt counts at once.

    A device that has signed in to the account before has tries of its own. The session must hold no other pending changes. No transaction is open while the password is hashed.
    """
    device, address = device_cookie.presented(), request.remote_addr or ""
    attempt = lockout.count_try(username, address, at=clock.now(), device=device)
    db.session.commit()
    if isinstance(attempt, str):
        return sign_in.Outcome(None, attempt, is_locked=True)
    try:
        outcome = sign_in.check_password(attempt, password)
    except Refused as too_many:
        lockout.discard_try(attempt)
        db.session.commit()
        return sign_in.Outcome(None, too_many.sentence, is_locked=True)
    if not outcome.refusal:
        lockout.forgive(attempt)
        db.session.commit()
    return outcome


def start_session(user: User, secret: str) -> None:
    """Put a new session into the cookie, dropping everything of the old one but the language.

    The browser is remembered as one that has signed in to this account.
    """
    device_cookie.remember(user)
    kept = {key: session[key] for key in KEYS_KEPT_AT_SIGN_IN if key in session}
    session.clear()
    session.update(kept)
    session[SECRET] = secret
    clear_request_cache()
    login_user(user)


def show_draft(is_shown: bool) -> None:
    """Let the person signed in see the pages as the own draft would make them, or end that."""
    session[PREVIEW] = is_shown


def point_at_texts(is_on: bool) -> None:
    """Let a press on a text lead the person signed in to the page that changes it, or end that."""
    session[POINTING] = is_on


def end_cookie() -> None:
    """Remove the session from the cookie; the language stays."""
    kept = {key: session[key] for key in KEYS_KEPT_AT_SIGN_IN if key in session}
    session.clear()
    session.update(kept)
    clear_request_cache()


def clear_request_cache() -> None:
    """Clear this request's cache of session, actor and permissions."""
    for name in CACHED:
        g.pop(name, None)
    in_force.forget()


def safe_next(target: str | None) -> str:
    """Return the path of `target` if it is on this host, else the start page (no open redirect).

    Keeps the URL fragment: after an expired sign-in the user returns to the same form field.
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
    """Flask-AppBuilder's security manager, answering from the session row and the role of the position."""

    user_model = User
    """`authdbview`, the sign-in page, is set in create_app(), as this layer may not import views."""

    def __init__(self, appbuilder: AppBuilder) -> None:
        super().__init__(appbuilder)
        # single sign-on in addition to passwords; the stock AUTH_OAUTH would replace them
        self.oauth_remotes = openid.remotes(current_app)

    def register_views(self) -> None:
        """Register the sign-in page and none of the stock pages and APIs."""
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
        # the session row decides; Flask-Login's own check fails when a phone changes its network address
        manager.session_protection = None
        manager.user_loader(self.load_user)
        return manager

    def before_request(self) -> Response | None:
        """Load session and actor; redirect users with a first password to the page that changes it."""
        # in tests and commands an application context, and so `g`, outlives a request: clear what was cached
        clear_request_cache()
        g.user = current_user
        if request.endpoint in NOT_PAGES or request.path.startswith(API):
            return None
        who = signed_in() if SECRET in session else None
        if who is None:
            if SECRET in session:
                end_cookie()
            loading.load(None)
            return None
        form_tokens.sign_tokens(who.user.id)
        _load_changes(current_actor(), who)
        _touch(who)
        if who.user.must_change_password and not _is_allowed_with_first_password():
            flash(_("Choose a password of your own first."), "warning")
            return redirect(url_for("Session.password"))
        if not who.user.must_change_password and second_factors.is_missing(who):
            return _to_second_factor()
        return None

    def load_user(self, pk: int | str) -> User | None:
        who = signed_in()
        return who.user if who and str(who.user.id) == str(pk) else None

    def load_user_jwt(self, _jwt_header: Any, jwt_data: Any) -> None:
        """Accept no stock JWT, as it could not be revoked."""

    def validate_api_key(self, api_key_string: str) -> None:
        """Accept no stock API key, as it would have no position."""

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
        return db.session.get_one(User, outcome.user_id)

    def reset_password(self, userid: int, password: str) -> None:
        """Change nothing: no administrator types a password for somebody else (`services.accounts.resets`)."""

    def update_user(self, user: User, commit: bool = True) -> Any:
        """Store a changed account; end all its sessions if its password was changed."""
        if inspect(user).attrs.password.history.has_changes():
            sessions.end_all(user.id, "password", at=clock.now())
        return super().update_user(user, commit)

    def add_user(self, *args: Any, **kwargs: Any) -> bool:
        """Refuse: accounts come from services.accounts, with a first password and a log row."""
        return False

    def add_register_user(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: accounts are made from the person register only."""


def _presented() -> tuple[str, str]:
    """Return the session secret of this request ("" for none) and the kind of session: api or web."""
    if request.path.startswith(API):
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        return secret.strip() if scheme.lower() == "bearer" else "", "api"
    secret = session.get(SECRET, "")
    return secret if isinstance(secret, str) else "", "web"


def _is_allowed_with_first_password() -> bool:
    return request.endpoint is None or request.endpoint in ALLOWED_WITH_FIRST_PASSWORD


def _to_second_factor() -> Response | None:
    """Redirect to the page that asks for a code of the device, unless this page works without one.

    A form that was sent is refused with 401, whose page keeps what was typed.
    """
    if request.endpoint is None or request.endpoint in ALLOWED_WITHOUT_SECOND_FACTOR:
        return None
    if request.method not in ("GET", "HEAD"):
        abort(401)
    return redirect(url_for("SecondFactorPages.ask", next=request.full_path), 303)


def _touch(who: SignedIn) -> None:
    now = clock.now()
    if now - who.session.seen_at < sessions.TOUCH_EVERY:
        return
    try:
        sessions.touch(who.session.id, at=now)
    except OperationalError:
        # the write lock is held for long: show the page without updating "last seen"
        if request.method not in ("GET", "HEAD"):
            raise


def clear_site_data(response: Response) -> Response:
    """Tell the browser to clear its cached pages at sign-out (GB/T 22239-2019, 8.1.4.10)."""
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
