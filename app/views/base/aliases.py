"""Type aliases that the views share."""

from collections.abc import Callable
from typing import Any

from flask.typing import ResponseReturnValue

from app.forms.base.aliases import Label

__all__ = ["Label", "Page", "Route"]

Page = dict[str, Any]
"""Values for a template, by the names it uses."""
Route = Callable[..., ResponseReturnValue]
"""A view method that handles a request."""
