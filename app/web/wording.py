"""Translates words for pages: the catalogue of the language is looked up once per request.

Flask-Babel asks for the domain, the language and the catalogue anew at each word, which took a quarter of a page.
"""

from types import SimpleNamespace
from typing import Any

import flask_babel
from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import Domain
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


class RequestCatalogue(Domain):
    """The messages of the program, in the language of the request.

    The catalogue found is kept where Flask-Babel's `refresh` and `force_locale` take it away again.
    """

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the request's language; outside of an application one that translates nothing."""
        kept = _kept()
        if kept is None:
            return NullTranslations()
        found: NullTranslations | None = getattr(kept, "babel_translations", None)
        if found is None:
            found = kept.babel_translations = super().get_translations()
        return found


MESSAGES = RequestCatalogue()


def init_app(app: Flask) -> None:
    """Let `gettext` and its sisters, in code and in templates, use the catalogue of the request."""
    # flask_babel.gettext looks this name up at each call
    flask_babel.get_domain = current_domain
    app.jinja_env.globals.update(_=_word, gettext=_word)


def current_domain() -> Domain:
    """Return the messages of the program, or the domain that `as_default` chose for the request."""
    chosen: Domain = getattr(_kept(), "babel_domain", MESSAGES)
    return chosen


def reload() -> None:
    """Drop catalogues that were loaded before they were compiled, here or by another process."""
    current_domain().cache.clear()
    flask_babel.refresh()


def _kept() -> SimpleNamespace | None:
    """Return what Flask-Babel keeps with the request; None outside of an application."""
    try:
        # asked for once: each access to the proxy `g` looks for the request anew
        values = g._get_current_object()
    except RuntimeError:
        return None
    kept: SimpleNamespace | None = values.get("_flask_babel")
    if kept is None:
        kept = values._flask_babel = SimpleNamespace()
    return kept


@pass_eval_context
def _word(context: EvalContext, text: str, **variables: Any) -> str:
    """Translate `text` in a template, as Jinja's own function of this name does."""
    found = current_domain().get_translations().ugettext(text)
    if context.autoescape:
        found = Markup(found)  # noqa: S704 - a message of our catalogue
    # also without variables: "%%" stands for "%" in every message of a template
    return found % variables if variables or "%" in found else found
