"""Type aliases that the views share."""

from collections.abc import Callable
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel.speaklater import LazyString

Label = str | LazyString
"""A text for users: translated already, or lazily when the page is rendered."""
Page = dict[str, Any]
"""Values for a template, by the names it uses."""
Route = Callable[..., ResponseReturnValue]
"""A view method that handles a request."""
