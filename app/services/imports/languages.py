"""Words of a template in every language of the program: who downloads it may read another one than who uploads it.

Words that administrators put in place of the program's own are known, too; a template from before still comes back.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import current_app
from flask_babel import force_locale

from app.ground import in_force

Words = TypeVar("Words")


def in_every_language(words: Callable[[], Words]) -> list[Words]:
    """Return what `words` returns in each language, as it is now and as the program comes with it."""
    found = []
    for language in current_app.config["LANGUAGES"]:
        with force_locale(language):
            found.append(words())
            with in_force.in_program_words():
                found.append(words())
    return found
