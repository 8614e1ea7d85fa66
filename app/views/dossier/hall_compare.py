"""Resolve edit conflicts: two devices changed the same fields of a section; offer a choice for each field."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from app.ground import clock
from app.models import Application
from app.services.dossier import dossier
from app.services.dossier.filling import SaveResult
from app.services.dossier.merging import Conflict, Texts
from app.services.form.form_definition import Field, SectionDef
from app.views.base.aliases import Page
from app.views.dossier.hall_base import WISHES_TO_GO_ON
from app.views.dossier.hall_sections import Typed, rows_as_json

MINE, THEIRS = "mine", "theirs"
ROW = "_row"
"""Field name used when the conflict is about a whole row: one device removed what the other changed."""


@dataclass(frozen=True)
class Choice:
    """One conflict to decide: the input's name, the row, the field's label and both values as text."""

    name: str
    place: str
    label: str
    mine: str
    theirs: str


def context(application: Application, section: SectionDef, typed: Typed, saved: SaveResult) -> Page:
    """Return the context of me/compare.html: the choices, and the whole form as hidden inputs."""
    labels = dossier.labels(application)
    choices = [_choice(section, typed, one, labels) for one in saved.conflicts]
    at = saved.now.saved_at
    return {
        "application": application,
        "section": section,
        "choices": choices,
        "rows": [(number, key, row) for number, (key, row) in enumerate(typed.rows.items())],
        "base": rows_as_json(typed.base or {}),
        "revision": typed.revision,
        "wish": typed.wish if typed.wish in WISHES_TO_GO_ON else "save",
        "saved_at": f"{clock.local(at):%Y-%m-%d %H:%M:%S}" if at else "",
    }


def rows_with_choices(
    section: SectionDef,
    rows: Mapping[str, Texts],
    base: Mapping[str, Texts],
    sent: Mapping[str, str],
) -> dict[str, Texts]:
    """Return the typed rows, with the other device's value in every field where the user picked it."""
    chosen = {key: dict(row) for key, row in rows.items()}
    everything = sent.get("all")
    for name, pick in sent.items():
        _pick, dot, place = name.partition("pick.")
        if dot and (everything or pick) == THEIRS:
            row, _dot, key = place.partition(".")
            _take_theirs(chosen, base, row, key)
    return chosen


def _take_theirs(chosen: dict[str, Texts], base: Mapping[str, Texts], row: str, key: str) -> None:
    theirs = base.get(row)
    if key != ROW:
        if row in chosen:
            chosen[row][key] = (theirs or {}).get(key, "")
    elif theirs is None:
        chosen.pop(row, None)
    else:
        chosen[row] = dict(theirs)


def _choice(
    section: SectionDef, typed: Typed, one: Conflict, labels: Mapping[str, Mapping[str, str]]
) -> Choice:
    name = f"pick.{one.row}.{one.key or ROW}"
    place = _row_label(section, typed, one.row)
    if not one.key:
        removed = gettext("(the row was removed)")
        return Choice(
            name, place, gettext("The whole row"), one.mine or removed, one.theirs or removed
        )
    defined = section.field(one.key)
    mine, theirs = (_value_text(defined, text, labels) for text in (one.mine, one.theirs))
    return Choice(name, place, defined.label, mine, theirs)


def _value_text(defined: Field, text: str, labels: Mapping[str, Mapping[str, str]]) -> str:
    if defined.kind == "tick":
        return gettext("Yes") if text else gettext("No")
    return labels.get(defined.dictionary, {}).get(text, text) or gettext("(empty)")


def _row_label(section: SectionDef, typed: Typed, row: str) -> str:
    """Return which row is meant, by its number and title."""
    if not section.is_repeated:
        return ""
    order = list(typed.rows) if row in typed.rows else list(typed.base or {})
    shown = typed.rows.get(row) or (typed.base or {}).get(row) or {}
    number = gettext("Row %(number)s", number=order.index(row) + 1) if row in order else ""
    return " ".join(part for part in (number, shown.get(section.row_title, "")) if part)
