"""What changed rows of tables touch of what is under way, in sentences, told before they are published."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from app.enums import ApplicationState
from app.extensions import db
from app.models import Application, WorkDay
from app.numbers import NUMBERS
from app.services.accounts import parameter_effects
from app.services.codes import usage
from app.services.registers import calendar_changes

Changed = Mapping[str, Mapping[str, Any]]
"""By table: key of a row → its values, None for a row that goes."""
FILLED_IN = (ApplicationState.DRAFT, ApplicationState.RETURNED)
CHECKED_ANEW = ("eligibility_rule", "material_kind")
"""Tables that an application is checked against when it is handed in."""


def sentences(changed: Changed) -> list[str]:
    """Return what the changed rows touch, table by table; nothing for tables that touch nothing under way."""
    return [
        *_numbers(changed.get("setting", {})),
        *_values(changed.get("dict_item", {})),
        *_days(changed.get("work_day", {})),
        *_checks(sum(len(changed.get(table, ())) for table in CHECKED_ANEW)),
    ]


def _numbers(rows: Mapping[str, Any]) -> Iterator[str]:
    for key in rows:
        told = parameter_effects.of(key)
        counted = gettext(", ").join(f"{line.label} {line.count}" for line in told.touched)
        label = str(NUMBERS[key].label)
        yield f"{label}{gettext(': ')}{told.sentence}{' ' if counted else ''}{counted}"


def _values(rows: Mapping[str, Any]) -> Iterator[str]:
    for key, value in rows.items():
        if value is not None and value["is_active"]:
            continue
        kind, _slash, code = key.partition("/")
        if count := usage.count_applications(db.session(), kind, code):
            yield ngettext(
                "“%(name)s” is retired: %(num)s application has it and goes on showing it.",
                "“%(name)s” is retired: %(num)s applications have it and go on showing it.",
                count,
                name=value["label"] if value else key,
            )


def _days(rows: Mapping[str, Any]) -> Iterator[str]:
    wanted = {
        date.fromisoformat(key): (value["is_working"], value["note"])
        for key, value in rows.items()
        if value is not None
    }
    stored = select(WorkDay.day, WorkDay.is_working, WorkDay.note).where(WorkDay.day.in_(wanted))
    stands = {day: (is_working, note) for day, is_working, note in db.session.execute(stored)}
    if found := calendar_changes.touched(wanted, stands):
        yield gettext(
            "Changed days lie inside running terms: %(notices)s notices, %(objections)s objections, %(supplements)s supplements.",
            notices=found.count,
            objections=found.objections,
            supplements=found.supplements,
        )


def _checks(count: int) -> Iterator[str]:
    if not count:
        return
    query = select(func.count(Application.id)).where(Application.state.in_(FILLED_IN))
    if under_way := int(db.session.scalar(query) or 0):
        yield ngettext(
            "%(num)s application is being filled in; it is checked by the new conditions and materials when it is handed in.",
            "%(num)s applications are being filled in; they are checked by the new conditions and materials when they are handed in.",
            under_way,
        )
