"""The language in which somebody reads, for what asks for it many times a page."""

from flask import g
from flask_babel import get_locale


def current() -> str:
    """Return the code of the language of the request ("zh", "en"), "" where there is none.

    Flask-Babel keeps the locale with the request and looks through five proxies at each question for it.
    """
    try:
        kept = g._get_current_object().get("_flask_babel")
    except RuntimeError:
        return ""
    locale = getattr(kept, "babel_locale", None) or get_locale()
    return str(locale.language) if locale else ""
