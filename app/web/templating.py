"""The environment of the templates: values of a page are looked up as keys first."""

from typing import Any

from flask.templating import Environment


class PageEnvironment(Environment):
    """Reads `page.title` of a dictionary as its key.

    Jinja tries an attribute of that name first; pages are dictionaries, so nearly every look-up raised an error before.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the key `attribute` of a dictionary, otherwise as Jinja does."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)
