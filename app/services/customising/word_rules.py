"""What a text that takes the place of another one may hold: the same placeholders, and nothing but plain text."""

import re
from collections import Counter
from collections.abc import Sequence

from flask_babel import gettext

from app.validators import characters, texts
from app.validators.refusal import Invalid

TOKEN = re.compile(r"%\(\w+\)[-+ #0-9.]*[a-zA-Z]|%%|%|\{[^{}]*\}|[{}]")
"""What the program replaces by a value, and every sign that could be taken for the beginning of that."""
MARKUP = '<>&"'
"""Signs that mean something on a web page; texts stand in attributes, too."""
FEWEST_ALLOWED, MORE = 60, 4
"""A text may have so many characters, or so many times those of the one it replaces."""


def cleaned(default: str, typed: str) -> str:
    """Return `typed` as it is stored: characters in their one form, the blanks at both ends as in `default`."""
    before = default[: len(default) - len(default.lstrip())]
    after = default[len(default.rstrip()) :] if default.strip() else ""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    return before + characters.plain(lines) + after


def most(default: str) -> int:
    """Return how many characters may take the place of `default`."""
    return max(FEWEST_ALLOWED, MORE * len(default))


def why_not(default: str, text: str) -> str | None:
    """Return why `text` may not take the place of `default`, or None."""
    if not text.strip():
        return gettext("Type a text; an empty one would leave a gap on the page.")
    try:
        texts.text(text, max_length=most(default), multiline="\n" in default)
    except Invalid as refused:
        return str(refused)
    if signs := [sign for sign in MARKUP if text.count(sign) > default.count(sign)]:
        return gettext(
            "“%(signs)s” would be read as part of the web page. Take it out, or write ＜ ＞ ＆ “ ” instead.",
            signs=" ".join(signs),
        )
    return _why_no_placeholders(default, text)


def why_not_forms(default: Sequence[str], forms: Sequence[str]) -> str | None:
    """Return why `forms` may not take the place of the plural forms `default`, or None."""
    if len(forms) != len(default) or not all(isinstance(one, str) for one in forms):
        return gettext("This text has %(count)s forms; type each of them.", count=len(default))
    return next(filter(None, map(why_not, default, forms)), None)


def _why_no_placeholders(default: str, text: str) -> str | None:
    meant, found = (Counter(TOKEN.findall(one)) for one in (default, text))
    lost = [token for token in meant - found if len(token) > len("%%")]
    if lost:
        return gettext(
            "Keep %(names)s: the program puts a value there. Write it exactly like this, once.",
            names=gettext(", ").join(lost),
        )
    added = list(found - meant)
    if not added:
        return None
    if all(len(token) <= len("%%") for token in added):
        return gettext(
            "“%(signs)s” stands for a value here. Write ％ or （ ） instead.", signs=" ".join(added)
        )
    known = gettext(", ").join(token for token in meant if len(token) > len("%%"))
    return gettext(
        "There is no value for %(names)s here. Take it out; known are, once each: %(known)s",
        names=gettext(", ").join(added),
        known=known or gettext("(none)"),
    )
