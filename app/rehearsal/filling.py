"""Fits invented dossiers to the form in force: what it does not know goes, what it asks for is made up."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from app.extensions import db
from app.models import Application
from app.services.dossier import dossier
from app.services.form import form_definition, section_values
from app.services.form.form_definition import Field, Offered, SectionDef
from app.validators import Invalid

AGO = timedelta(days=400)
"""How long before today a day lies that is made up."""
WORDS = "演练内容，均为虚构。"
FIXED = {"name": "虚构人", "phone": "13800000000", "email": "rehearsal@example.com"}
Row = dict[str, Any]


def fitted(
    application: Application, sections: Mapping[str, list[Row]], today: date
) -> dict[str, list[Row]]:
    """Return rows for every section of the application's form, made of `sections` as far as these fit."""
    form = dossier.form_of(application)
    offered = form_definition.offered(db.session(), form)
    return {
        one.key: _rows(one, sections.get(one.key, ()), offered, today - AGO)
        for one in form.sections
    }


def _rows(section: SectionDef, known: Sequence[Row], offered: Offered, day: date) -> list[Row]:
    rows = list(known)[: section.max_rows]
    least = section.min_rows if section.is_repeated else 1
    rows += [{} for _missing in range(least - len(rows))]
    return [_row(section, row, offered, day) for row in rows]


def _row(section: SectionDef, known: Row, offered: Offered, day: date) -> Row:
    row: Row = {}
    for one in section.typed_fields:
        row[one.key] = _usable(one, known.get(one.key), offered)
        if row[one.key] in (None, False) and one.is_needed(row):
            row[one.key] = _made_up(one, offered, day)
    return section_values.asked(section, row)


def _usable(one: Field, value: Any, offered: Offered) -> Any:
    """Return a value as the field stores it, None if the field takes no such value."""
    try:
        read = section_values.read(one, value, offered)
    except Invalid:
        return None
    is_short = isinstance(read, str) and one.kind in ("text", "area") and len(read) < one.minimum
    return None if is_short else read


def _made_up(one: Field, offered: Offered, day: date) -> Any:
    if one.kind == "tick":
        return True
    if one.kind == "choice":
        return next(iter(offered.get(one.dictionary, ())), None)
    if one.kind in ("integer", "decimal"):
        return min(max(one.minimum, 1), one.maximum)
    if one.kind in ("text", "area"):
        times = 1 + one.minimum // len(WORDS)
        return (WORDS * times)[: one.maximum]
    days = {"day": day.isoformat(), "month": day.isoformat()[:7], "year": day.year}
    return days.get(one.kind) or FIXED[one.kind]
