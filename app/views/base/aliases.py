"""Names for types that the views share."""

from collections.abc import Callable
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel.speaklater import LazyString

Label = str | LazyString
"""A text for people: translated now, or when the page is drawn."""
Page = dict[str, Any]
"""What a template draws, by the names it uses."""
Route = Callable[..., ResponseReturnValue]
"""A method that answers a request."""
