"""Pages that outlived their sign-in: nothing typed is lost, and a stale token is answered with a new one."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, jsonify, render_template, request
from flask_wtf.csrf import CSRFError, generate_csrf

from app.extensions import csrf
from app.web.security import current_actor

SIGNED_OUT, STALE = 401, 400


def kept_when_signed_out(method: Callable[..., Any]) -> Callable[..., Any]:
    """Answer a form whose sign-in has ended with a page that holds everything typed."""

    @wraps(method)
    def enter(self: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and not request.is_json and current_actor() is None:
            kept = [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token"]
            page = render_template("me/signed_out.html", kept=kept, back=request.path)
            return page, SIGNED_OUT
        return method(self, *args, **kwargs)

    return enter


def has_token() -> bool:
    """Whether the request carries the token of this sign-in; for routes that are exempt from the general check."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return True
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def stale_answer() -> Any:
    """Give a page that outlived its sign-in the token of the present one; only this site can read it."""
    return jsonify({"stale": True, "csrf_token": generate_csrf()}), STALE
