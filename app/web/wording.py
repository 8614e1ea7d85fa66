"""Translates words for pages: the catalogue of the language is looked up once per request.

Flask-Babel asks for the domain, the language and the catalogue anew at each word, which took a quarter of a page.
Words that administrators changed stand in a copy of the catalogue, so that they cost no more than the others.
"""

from copy import copy
from types import SimpleNamespace
from typing import Any

import flask_babel
from babel.support import NullTranslations, Translations
from flask import Flask, g
from flask_babel import Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app.ground import in_force
from app.services.customising import words


class RequestCatalogue(Domain):
    """The messages of the program, in the language of the request, with what administrators put in their place.

    The catalogue found is kept where Flask-Babel's `refresh` and `force_locale` take it away again, together with
    the values in force for which it was found.
    """

    def __init__(self) -> None:
        super().__init__()
        self.changed: dict[str, tuple[Any, Translations, Translations]] = {}
        """The last copy of each language, with the changes and the catalogue from which it was made."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the request's language; outside of an application one that translates nothing."""
        values = _values()
        if values is None:
            return NullTranslations()
        kept, held = _kept(values), values.get(in_force.KEPT)
        found: tuple[Any, NullTranslations] | None = getattr(kept, "babel_translations", None)
        if found is None or found[0] is not held:
            found = kept.babel_translations = held, self._with_changes()
        return found[1]

    def _with_changes(self) -> NullTranslations:
        own, cells, language = super().get_translations(), in_force.of_area(words.AREA), _language()
        if not cells:
            return own
        made = self.changed.get(language)
        # compared by identity: each worker keeps the published values for as long as they hold
        if made is None or made[0] is not cells or made[1] is not own:
            changed = copy(own)
            changed._catalog = own._catalog | words.changed_messages(cells, language)
            made = self.changed[language] = cells, own, changed
        return made[2]


MESSAGES = RequestCatalogue()


def init_app(app: Flask) -> None:
    """Let `gettext` and its sisters, in code and in templates, use the catalogue of the request."""
    # flask_babel.gettext looks this name up at each call
    flask_babel.get_domain = current_domain
    app.jinja_env.globals.update(_=_word, gettext=_word)


def current_domain() -> Domain:
    """Return the messages of the program, or the domain that `as_default` chose for the request."""
    values = _values()
    chosen: Domain = (
        MESSAGES if values is None else getattr(_kept(values), "babel_domain", MESSAGES)
    )
    return chosen


def reload() -> None:
    """Drop catalogues that were loaded before they were compiled, here or by another process."""
    current_domain().cache.clear()
    flask_babel.refresh()


def _language() -> str:
    return str(get_locale())


def _values() -> Any:
    """Return what is kept for the time of the request; None outside of an application."""
    try:
        # asked for once: each access to the proxy `g` looks for the request anew
        return g._get_current_object()
    except RuntimeError:
        return None


def _kept(values: Any) -> SimpleNamespace:
    """Return what Flask-Babel keeps with the request."""
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
