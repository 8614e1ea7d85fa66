"""Words of a template in every language of the program: who downloads it may read another one than who uploads it."""

from collections.abc import Callable
from typing import TypeVar

from flask import current_app
from flask_babel import force_locale

Words = TypeVar("Words")


def in_every_language(words: Callable[[], Words]) -> list[Words]:
    """Return what `words` returns in each language."""
    found = []
    for language in current_app.config["LANGUAGES"]:
        with force_locale(language):
            found.append(words())
    return found
