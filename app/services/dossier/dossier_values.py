"""Values of dossiers in a table with indexes, so that lists show, sort and search them.

Only fields that an administrator made a column (values of the area `dossier`) are kept there: as last submitted, and
only where the application's own form has them. A submission writes them in its transaction; `dossier_filling` writes
those of earlier ones.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Application, CustomValue, DossierValue
from app.models.dossier_value import DECLARED
from app.services.form import form_definition, published_forms
from app.services.form.form_parts import DATE_KINDS, NUMBER_KINDS, TICKED, Field, Form
from app.validators import characters

KEPT = 20
"""Rows of a repeated section whose values are kept."""
LONGEST = 200
UNSET = "n"
"""Text of a tick that is not set; `TICKED` is that of a set one."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Written = dict[str, Any]
DECLARED_KEYS = select(CustomValue.key).where(CustomValue.area == DECLARED).distinct()


def declared_keys(session: Session) -> list[str]:
    """Return the fields that are columns of any list."""
    return sorted(session.scalars(DECLARED_KEYS))


def write(application: Application, sections: Rows) -> None:
    """Replace the values of an application by those of the submitted content; not committed."""
    keys = declared_keys(db.session())
    if keys:
        form = form_definition.of_application(application)
        replace([application.id], keys, list(values_of(application.id, form, sections, keys)))


def replace(ids: Sequence[int], keys: Collection[str], values: Sequence[Written]) -> None:
    """Put `values` in the place of what these applications have of these fields."""
    db.session.execute(
        delete(DossierValue).where(
            DossierValue.application_id.in_(ids), DossierValue.key.in_(keys)
        ),
        execution_options={"synchronize_session": False},
    )
    if values:
        db.session.execute(insert(DossierValue), values)


def values_of(
    application_id: int, form: Form, sections: Rows, keys: Collection[str]
) -> Iterator[Written]:
    """Yield the rows to store; `form` is that of the application, reduced to what applies to it."""
    for key in keys:
        if (found := published_forms.find([form], key)) is None:
            continue
        section, field = found
        rows = sections.get(section.key, ())
        rows = rows if section.is_repeated else rows[:1]
        values = [row.get(field.key) for row in rows if field.is_visible(row)]
        filled = [one for one in values if field.kind == "tick" or one not in (None, "")]
        for position, value in enumerate(filled[:KEPT]):
            yield {
                "application_id": application_id,
                "key": key,
                "position": position,
                "total": len(filled),
                "value": value,
                **sorted_by(field, value),
            }


def sorted_by(field: Field, value: Any) -> Written:
    """Return by which text, number or day a value is sorted and searched; by none if it does not fit its field."""
    found: Written = dict.fromkeys(("text", "number", "day"))
    if field.kind == "tick":
        return found | {"text": TICKED if value else UNSET}
    if field.kind == "choice":
        return found | {"text": str(value)[:LONGEST]}
    if field.kind in NUMBER_KINDS or field.kind == "year":
        is_number = isinstance(value, int | float)
        return found | {"number": float(value) if is_number else None}
    if field.kind in DATE_KINDS:
        return found | {"day": _day(value, field.kind)}
    return found | {"text": folded(str(value))}


def folded(text: str) -> str:
    """Return a text as it is sorted and searched: in plain characters and small letters."""
    return characters.plain(text).lower()[:LONGEST]


def _day(value: Any, kind: str) -> date | None:
    """Return the day, of a month its first one."""
    try:
        return date.fromisoformat(f"{value}-01" if kind == "month" else str(value))
    except ValueError:  # a value from an earlier version of the form
        return None
