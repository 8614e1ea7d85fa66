"""What a search looks for, in words: “State: with the unit”, “Arrived: 2026-06-01 – 2026-06-30”."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask_babel import gettext

from app.views.base.aliases import Page

if TYPE_CHECKING:
    from app.views.base.declared_view import DeclaredView


def of(view: "DeclaredView", args: Mapping[str, str]) -> list[str]:
    """Return a phrase for each field of the search that is set in `args`."""
    asked = [one for one in view.searched if any(args.get(key) for key in one.parameters())]
    return [f"{one.label}{gettext(': ')}{_value(one.shown(args))}" for one in asked]


def _value(shown: Page) -> str:
    if "value_from" in shown:
        return f"{shown['value_from']} – {shown['value_to']}".strip()
    if shown["kind"] == "exact":
        return gettext("as entered")
    if "value_label" in shown:
        return str(shown["value_label"])
    labels = {str(value): label for value, label in shown["choices"]}
    return str(labels.get(str(shown["value"]), shown["value"]))
