"""Handles forms posted after the session or CSRF token expired, without losing input."""

from functools import wraps
from typing import Any

from flask import current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf

from app.extensions import csrf
from app.views.base.aliases import Route
from app.web.security import current_actor

SIGNED_OUT, STALE = 401, 400


def keep_form_when_signed_out(method: Route) -> Route:
    """Answer a form posted after the session ended with a 401 page that keeps every typed value.

    A file is not kept, as nobody is signed in to whom it could be given back; the page says so. Applies to POST requests that are not JSON.
    """

    @wraps(method)
    def enter(self: Any, *args: Any, **kwargs: Any) -> ResponseReturnValue:
        if request.method == "POST" and not request.is_json and current_actor() is None:
            kept = [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token"]
            has_file = any(one.filename for one in request.files.values())
            page = render_template(
                "me/signed_out.html", kept=kept, back=request.path, has_file=has_file
            )
            return page, SIGNED_OUT
        return method(self, *args, **kwargs)

    return enter


def has_token() -> bool:
    """Whether the request carries a valid CSRF token; for routes that are exempt from the general check."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return True
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def new_csrf_token_answer() -> ResponseReturnValue:
    """Return a new CSRF token as JSON for a page with a stale one; only pages of this site can read it."""
    return jsonify({"stale": True, "csrf_token": generate_csrf()}), STALE
