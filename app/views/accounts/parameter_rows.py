"""What the pages of the named numbers show: groups, facts, values to come and history."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from app import settings
from app.extensions import appbuilder
from app.ground import clock
from app.models import Setting
from app.numbers import GROUPS, NUMBERS, Number
from app.services.accounts import parameters
from app.views.base.aliases import Page


@dataclass(frozen=True)
class Row:
    """One number of the list. `coming` is the value that takes over next."""

    number: Number
    value: str
    usual: str
    menus: str
    url: str
    coming: Setting | None

    @property
    def differs(self) -> bool:
        return self.value != self.usual

    def matches(self, words: str) -> bool:
        """Return whether every word stands somewhere in what the row shows."""
        number = self.number
        shown = (number.key, number.label, number.help, number.clause, number.group, self.menus)
        text = " ".join(str(one) for one in shown).casefold()
        return all(word in text for word in words.casefold().split())


def groups(words: str, *, only_changed: bool) -> list[Page]:
    """Return the groups with the numbers that match, in the order of the page."""
    coming = parameters.coming(clock.local_date(clock.now()))
    rows = [_row(number, coming.get(key)) for key, number in NUMBERS.items()]
    found = [
        row
        for row in rows
        if row.matches(words) and (row.differs or row.coming or not only_changed)
    ]
    grouped = [
        {"label": group, "rows": [row for row in found if row.number.group == group]}
        for group in GROUPS
    ]
    return [group for group in grouped if group["rows"]]


def detail(key: str) -> Page:
    """Return the facts of one number, its values to come and its history."""
    number, today = NUMBERS[key], clock.local_date(clock.now())
    rows = parameters.history(key)
    in_order = rows[::-1]
    held = [one for one in in_order if one.cancelled_at is None and one.valid_from <= today]
    return {
        "number": number,
        "row": _row(number, None),
        "coming": [one for one in in_order if one.valid_from > today and one.cancelled_at is None],
        "history": [
            {
                "change": one,
                "state": _state(one, held[-1] if held else None),
                "why_not": parameters.why_not_undone(one, in_order),
            }
            for one in rows
        ],
    }


def menus_of(number: Number) -> list[tuple[str, str]]:
    """Return the menus that ask a number, as (name, guide number)."""
    by_name = {type(view).__name__: view for view in appbuilder.baseviews}
    return [
        (str(by_name[name].label), by_name[name].guide) for name in number.used if name in by_name
    ]


def _row(number: Number, coming: Setting | None) -> Row:
    menus = [
        f"{guide} {label}" if guide[:1].isdigit() else label for label, guide in menus_of(number)
    ]
    return Row(
        number,
        settings.display_value(number.key),
        number.show(number.usual),
        gettext(", ").join(menus),
        url_for("ParameterView.show", key=number.key),
        coming,
    )


def _state(one: Setting, held: Setting | None) -> tuple[Any, str]:
    """Return what became of a value, in words and as the tone of its tag."""
    if one.cancelled_at is not None:
        return gettext("cancelled"), "stop"
    if one is held:
        return gettext("holds"), "ok"
    if held is not None and (one.valid_from, one.number) < (held.valid_from, held.number):
        return gettext("replaced"), ""
    return gettext("to come"), "wait"
