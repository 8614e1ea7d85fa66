"""The area “dossier”: which fields of the application form are columns of which lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.models.dossier_value import DECLARED
from app.services.customising import dossier_order
from app.services.customising.catalogue import Beside, Cell, Item
from app.services.customising.stored_area import StoredArea

LONGEST_LABEL = 30
MOST = 20
"""Most columns that administrators add to one list."""
FACTS = {"is_shown": bool, "is_searched": bool, "label": str}
"""What a column of a list has: its facts and their types."""

Listed = dict[str, Any]


@dataclass(frozen=True)
class ListedField(Item):
    """A field of the form that a list may show. One that is not `is_in_use` stands only in earlier versions."""

    kind: str
    is_in_use: bool


def listed(*, is_shown: bool = False, is_searched: bool = False, label: str = "") -> Listed:
    """Return the value of a field that is a column: from the start or for choice, searched, under a name of its own."""
    return {"is_shown": is_shown, "is_searched": is_searched, "label": label}


class DossierArea(StoredArea):
    """A field that is no column has no value."""

    name = DECLARED
    label = _("Fields of the dossier in lists")

    def own_default(self, item: ListedField) -> None:
        return None

    def refusal_of(self, item: ListedField, scope: str, value: Any) -> str | None:
        if scope:
            return gettext("A column is for everybody who has the list, not for one role.")
        if value is None:
            return None
        is_listed = isinstance(value, dict) and value.keys() == FACTS.keys()
        if not is_listed or not all(isinstance(value[key], of) for key, of in FACTS.items()):
            return gettext(
                "“%(value)s” says nothing about a column; load the page again.",
                value=str(value)[:60],
            )
        if len(value["label"]) > LONGEST_LABEL or not value["label"].isprintable():
            return gettext(
                "%(field)s: a name of a column has at most %(most)s characters, all on one line.",
                field=str(item.label),
                most=LONGEST_LABEL,
            )
        return None

    def why_not_together(self, values: Mapping[Cell, Any], beside: Beside) -> dict[Cell, str]:
        """Refuse more columns than a list can show, and to take away the one by which a list opens sorted."""
        return self._too_many(values) | dossier_order.still_needed(values, beside)

    def _too_many(self, values: Mapping[Cell, Any]) -> dict[Cell, str]:
        items = self.items()
        refused: dict[Cell, str] = {}
        for target in {cell[0] for cell in values}:
            cells = [(*place, "") for place in items if place[0] == target]
            wanted = {**self.present(cells), **values}
            count = sum(wanted[cell] is not None for cell in cells)
            if count > MOST:
                why = gettext(
                    "%(menu)s would have %(count)s fields of the dossier, at most %(most)s are possible. Take some out.",
                    menu=str(items[cells[0][:2]].menu),
                    count=count,
                    most=MOST,
                )
                refused |= {cell: why for cell in values if cell[0] == target}
        return refused

    def words_of(self, item: Any, value: Any) -> str:
        if not isinstance(value, dict):
            return gettext("no column")
        said = [gettext("shown from the start") if value.get("is_shown") else gettext("for choice")]
        said += [gettext("searched")] if value.get("is_searched") else []
        said += [gettext("named “%(label)s”", label=value["label"])] if value.get("label") else []
        return gettext(", ").join(said)
