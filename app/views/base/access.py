"""Access control for routes: `guarded` checks one permission of the view."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.ground.actor import Actor
from app.views.base.aliases import Route
from app.web.security import current_actor, signed_in


class Permitting(Protocol):
    """A view that can tell whether the present position has one of its permissions."""

    def may(self, permission: str) -> bool: ...


def guarded(permission: str) -> Callable[[Route], Route]:
    """Require `can_<permission>` on the view of a route; abort 403 without it.

    If nobody is signed in, lead to the sign-in page.
    """

    def decorate(method: Route) -> Route:
        @wraps(method)
        def enter(self: Permitting, *args: Any, **kwargs: Any) -> ResponseReturnValue:
            if current_actor() is None:
                return to_sign_in()
            if not self.may(permission):
                abort(403)
            return method(self, *args, **kwargs)

        enter._permission_name = permission  # type: ignore[attr-defined]  # the framework reads it
        return enter

    return decorate


def to_sign_in() -> Response:
    """Redirect to the sign-in page, which returns here afterwards; abort 401 unless the request is a GET.

    Somebody signed in without a position is told so instead, as another sign-in would lead here again.
    """
    is_without_position = signed_in() is not None
    if request.method != "GET":
        abort(403 if is_without_position else 401)
    if is_without_position:
        return redirect(url_for("Session.without_position"))
    return redirect(url_for("Session.login", next=request.full_path.rstrip("?")))


def signed_in_actor() -> Actor:
    """Return the actor of this request; abort 401 if nobody is signed in."""
    return current_actor() or abort(401)
