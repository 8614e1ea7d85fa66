"""The area “screens”: titles, columns, search fields, order, buttons, required fields and place of a menu."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_pgettext as _p
from flask_babel.speaklater import LazyString

from app.enums import Role
from app.services.customising import dossier_order
from app.services.customising.catalogue import Beside, Cell, Item
from app.services.customising.stored_area import StoredArea

AREA = "screens"
"""Name of the area; `app/views/base/customised.py` reads its values."""
LONGEST_WORD, LONGEST_TEXT = 30, 400


@dataclass(frozen=True)
class ScreenItem(Item):
    """Something of a menu. `choices` are what its value may be, or hold, with their words; `most` bounds a text."""

    kind: "Kind"
    default: Any
    roles: tuple[Role, ...]
    choices: Mapping[str, Any]
    own_words: Any = ""
    """What the program says itself, where a text may be put in its place."""
    most: int = LONGEST_WORD


@dataclass(frozen=True)
class Kind:
    """What values of one kind are: the field that shows them, the refusal of a wrong one, and its words."""

    field: str
    why_not: Callable[[ScreenItem, Any], str | None]
    words: Callable[[ScreenItem, Any], str]


class ScreenArea(StoredArea):
    """How the pages of a menu look, for everybody or for one role."""

    name = AREA
    label = _p("screens", "Pages")

    def own_default(self, item: ScreenItem) -> Any:
        return item.default

    def refusal_of(self, item: ScreenItem, scope: str, value: Any) -> str | None:
        if scope and scope not in list(item.roles):
            return gettext("“%(menu)s” is no menu of this role.", menu=str(item.menu))
        return item.kind.why_not(item, value)

    def why_not_together(self, values: Mapping[Cell, Any], beside: Beside) -> dict[Cell, str]:
        """Refuse to sort a list by a field of the dossier that is no column of it."""
        return dossier_order.without_column(values, beside)

    def words_of(self, item: ScreenItem | None, value: Any) -> str:
        return item.kind.words(item, value) if item else super().words_of(item, value)


def two_orders(key: str, label: Any) -> dict[str, Any]:
    """Return the orders of a list by one column: value → words."""
    return {
        f"{key} asc": LazyString(lambda: gettext("%(name)s, upwards", name=label)),
        f"{key} desc": LazyString(lambda: gettext("%(name)s, downwards", name=label)),
    }


def _why_no_text(item: ScreenItem, value: Any) -> str | None:
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value:
        return gettext(
            "“%(label)s”: no blanks at the ends, no control characters.", label=item.label
        )
    if len(value) > item.most:
        return gettext(
            "“%(label)s” has %(count)s characters; at most %(most)s fit.",
            label=item.label,
            count=len(value),
            most=item.most,
        )
    if "<" in value or ">" in value:
        return gettext(
            "“%(label)s” is plain text; the signs < and > are not used.", label=item.label
        )
    return None


def _text_words(item: ScreenItem, value: Any) -> str:
    return value or gettext("%(words)s (as the program comes)", words=str(item.own_words))


def _why_no_selection(item: ScreenItem, value: Any) -> str | None:
    if not isinstance(value, list) or len(set(value)) != len(value):
        return gettext("“%(label)s”: each may be named once.", label=item.label)
    unknown = [str(one) for one in value if one not in item.choices]
    if unknown:
        return gettext(
            "“%(label)s”: there is no %(names)s here.",
            label=item.label,
            names=gettext(", ").join(unknown),
        )
    return None


def _why_no_columns(item: ScreenItem, value: Any) -> str | None:
    return _why_no_selection(item, value) or (
        None if value else gettext("A list needs at least one column; leave one ticked.")
    )


def _selection_words(item: ScreenItem, value: Any) -> str:
    if not value:
        return gettext("(none)")
    return gettext(", ").join(str(item.choices.get(one, one)) for one in value)


def _why_no_choice(item: ScreenItem, value: Any) -> str | None:
    if isinstance(value, str) and value in item.choices:
        return None
    return gettext("“%(label)s”: choose one of the list.", label=item.label)


def _choice_words(item: ScreenItem, value: Any) -> str:
    return str(item.choices.get(value, value))


def _why_no_filter(item: ScreenItem, value: Any) -> str | None:
    if not isinstance(value, dict):
        return gettext("“%(label)s”: choose one of the list.", label=item.label)
    for name, chosen in value.items():
        if f"{name}={chosen}" not in item.choices:
            return gettext("“%(label)s”: choose one of the list.", label=item.label)
    return None


def _filter_words(item: ScreenItem, value: Any) -> str:
    return _selection_words(item, [f"{name}={chosen}" for name, chosen in value.items()])


def _why_no_place(item: ScreenItem, value: Any) -> str | None:
    if value is None or (isinstance(value, int) and 1 <= value <= 99):
        return None
    return gettext("“%(label)s”: a whole number from 1 to 99, or empty.", label=item.label)


def _place_words(item: ScreenItem, value: Any) -> str:
    return gettext("in the order of the guide") if value is None else str(value)


def _why_not_hidden(item: ScreenItem, value: Any) -> str | None:
    if not isinstance(value, bool):
        return gettext("“%(label)s”: yes or no.", label=item.label)
    if value and item.target in NEVER_HIDDEN:
        return gettext(
            "“%(menu)s” cannot be hidden: nobody could bring it back.", menu=str(item.menu)
        )
    return None


def _hidden_words(item: ScreenItem, value: Any) -> str:
    return gettext("hidden") if value else gettext("shown")


NEVER_HIDDEN: Collection[str] = ("CustomiseView", "ScreenView", "GrantView", "ConsentView")
TEXT = Kind("text", _why_no_text, _text_words)
COLUMNS = Kind("columns", _why_no_columns, _selection_words)
ORDERED = Kind("ordered", _why_no_selection, _selection_words)
TICKS = Kind("ticks", _why_no_selection, _selection_words)
CHOICE = Kind("choice", _why_no_choice, _choice_words)
FILTER = Kind("filter", _why_no_filter, _filter_words)
PLACE = Kind("place", _why_no_place, _place_words)
HIDDEN = Kind("hidden", _why_not_hidden, _hidden_words)
