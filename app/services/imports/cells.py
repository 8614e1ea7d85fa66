"""Values of spreadsheet cells as a form would take them; the readers raise Invalid."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from app.enums import Labelled
from app.services.exports.workbook import FORMULA_STARTS
from app.services.imports.languages import in_every_language
from app.validators import Invalid, dates
from app.validators.texts import folded

EXACT_DIGITS = 15
"""Significant digits that Excel keeps of a number."""
MARKED_AS_TEXT = (*FORMULA_STARTS, *"0123456789")
"""Beginnings of texts that people and `workbook.safe` put an apostrophe before."""
NOT_OF_NAMES = re.compile(r"[\s·•・．･‧∙⋅.'’-]")


def text(value: Any) -> str:
    """Return a cell as text; an apostrophe that only marked it as text is taken off."""
    if isinstance(value, date):
        raise Invalid(gettext("A date stands here. Format the cell as text."))
    words = _shown(value)
    return words[1:] if words.startswith("'") and words[1:].startswith(MARKED_AS_TEXT) else words


def plain(value: Any) -> str:
    """Return a cell that names a record, such as an application number, in plain width; never refuses."""
    return unicodedata.normalize("NFKC", _shown(value))


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def exact_number(value: Any) -> str:
    """Return a cell with an ID number as text; refuse one that Excel stored as a number and rounded."""
    if isinstance(value, bool | int | float) and abs(value) >= 10**EXACT_DIGITS:
        raise Invalid(
            gettext(
                "Excel has taken this for a number and rounded its end. Format the cell as text and enter it again."
            )
        )
    return text(value)


def day(value: Any) -> date | None:
    """Return a cell with a day, be it a date or a text; None for an empty one."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return dates.day(words) if (words := text(value)) else None


def chosen(value: Any, offered: type[Labelled]) -> Labelled | None:
    """Return the member of `offered` whose label, in any language, or value stands in a cell."""
    words = text(value)
    if not words:
        return None
    known = in_every_language(lambda: {folded(str(one.label)): one for one in offered})
    values = {folded(one.value): one for one in offered}
    for names in (*known, values):
        if one := names.get(folded(words)):
            return one
    raise Invalid(
        gettext(
            "“%(typed)s” is none of: %(offered)s.",
            typed=words[:30],
            offered=gettext(", ").join(str(one.label) for one in offered),
        )
    )


def is_same_name(value: Any, name: str) -> bool:
    """Return whether a cell has this name; blanks, dots and hyphens between its parts do not matter."""
    return _parts(str(value or "")) == _parts(name)


def _parts(name: str) -> str:
    return NOT_OF_NAMES.sub("", unicodedata.normalize("NFKC", name)).casefold()


READERS: Mapping[str, Callable[[Any], Any]] = {"text": text, "number": exact_number, "day": day}
"""Readers by `Column.kind`."""
