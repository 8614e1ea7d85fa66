"""Access control for routes: `guarded` checks one permission of the view."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Protocol

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.engine import Workflow
from app.enums import Role
from app.ground.actor import Actor
from app.models.base import Stateful
from app.views.base.aliases import Route
from app.web.security import current_actor, signed_in


class Permitting(Protocol):
    """A view that can tell whether the present position has one of its permissions."""

    def may(self, permission: str) -> bool: ...


Fired = tuple[type[Stateful], str]
"""Model and event."""


def guarded(permission: str, fires: Fired | None = None) -> Callable[[Route], Route]:
    """Require `can_<permission>` on the view of a route; abort 403 without it.

    If nobody is signed in, lead to the sign-in page. `fires` is the event for which the route exists: only its
    roles can have the permission.
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
        enter._fires = fires  # type: ignore[attr-defined]  # `may_fire` reads it
        return enter

    return decorate


def may_fire(view: type, permission: str, role: Role) -> bool:
    """Return whether `role` may fire an event of the routes under `permission`, or none is declared there."""
    fired = _fired(view).get(permission, ())
    return not fired or any(role in Workflow.registry[m].rows[event].roles for m, event in fired)


@cache
def _fired(view: type) -> dict[str, list[Fired]]:
    """Return what the routes of a view fire, by permission; it follows from the code alone."""
    fired: dict[str, list[Fired]] = {}
    for route in (getattr(view, name) for name in dir(view)):
        # only look at callables: evaluating a lazy text needs a language, which exists only in a request
        if callable(route) and getattr(route, "_fires", None):
            fired.setdefault(route._permission_name, []).append(route._fires)
    return fired


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
