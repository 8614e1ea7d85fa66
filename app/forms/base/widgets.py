"""Inputs of the fields of this package."""

from typing import Any

import wtforms
from markupsafe import Markup
from wtforms import widgets


class DateText(widgets.TextInput):
    """A line for a day or a month, typed in any spelling of `validators.dates`, the same in every browser.

    Not type=date or type=month: Firefox and Safari know no months, and each browser has days typed differently.
    The page script adds a button that opens the browser's own calendar where it has one.
    """

    def __init__(self, kind: str, example: str) -> None:
        super().__init__()
        self.kind, self.example = kind, example

    def __call__(self, field: wtforms.Field, **kwargs: Any) -> Markup:
        hints = {"data-date": self.kind, "placeholder": self.example, "autocomplete": "off"}
        return super().__call__(field, **{"inputmode": "numeric", **hints, **kwargs})


class TimeText(widgets.TextInput):
    """A line for a time of day, typed in any spelling of `validators.dates`, the same in every browser."""

    def __call__(self, field: wtforms.Field, **kwargs: Any) -> Markup:
        return super().__call__(field, **{"placeholder": "09:30", "autocomplete": "off", **kwargs})


DAY = DateText("day", "2026-05-01")
MONTH = DateText("month", "2026-05")
TIME = TimeText()
