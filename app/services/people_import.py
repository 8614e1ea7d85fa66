"""A unit's people from Excel: a template, every row checked, all taken or none (domain rule 61)."""

import io
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app import settings
from app.actor import Actor
from app.enums import Employment, IdKind, Labelled, Sex
from app.extensions import db
from app.services import persons
from app.services.audit import audit
from app.services.exchange import RowError, SheetRefused, open_book
from app.services.id_numbers import normal
from app.validators import Invalid, dates
from app.workflow.engine import Refused

VERSION = "1"
KEY_SHEET = "_people"
FIRST_ROW = 3
"""Row 1 says what to do, row 2 names the columns."""
MOST_ROWS = 2000
EXACT_DIGITS = 15
"""Excel keeps no more digits of a number."""
WIDTHS = (14, 26, 26, 8, 14, 16, 26, 22)


@dataclass(frozen=True)
class Taken:
    """What an import did: how many came into the unit, and how many were there already."""

    added: int
    known: int


def columns() -> list[tuple[str, str, type[Labelled] | None]]:
    """Return field, heading and closed list of each column of the template."""
    return [
        ("name", gettext("Name"), None),
        ("id_kind", gettext("ID kind"), IdKind),
        ("id_number", gettext("ID number"), None),
        ("sex", gettext("Sex"), Sex),
        ("birth_date", gettext("Date of birth"), None),
        ("phone", gettext("Mobile"), None),
        ("email", gettext("Email"), None),
        ("employment", gettext("Employment"), Employment),
    ]


def template() -> bytes:
    """Return an empty workbook to fill in; a hidden sheet carries its version."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = gettext("Own people")
    sheet.append(
        [
            gettext(
                "One person per row, from row 3 on. Sex and date of birth only where the number does not"
                " tell them; mobile and email may stay empty. Change neither columns nor their order."
            )
        ]
    )
    sheet.append([heading for _field, heading, _offered in columns()])
    _dress(sheet)
    keys = book.create_sheet(KEY_SHEET)
    keys.append(["version", VERSION])
    keys.sheet_state = "veryHidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def take(actor: Actor, stream: Any, *, at: datetime) -> Taken:
    """Put everybody of a filled template into the actor's unit.

    Raises SheetRefused with every wrong row, and then nothing of the file is to be kept: the caller rolls back.
    """
    rows = _rows(stream)
    errors: list[RowError] = []
    counts = {True: 0, False: 0}
    seen: dict[str, int] = {}
    for number, cells in rows:
        values, problems = _read_row(cells, at)
        key = normal(str(values.get("id_number", "")))
        if key and key in seen:
            problems.append(gettext("The same ID number stands in row %(row)s.", row=seen[key]))
        seen.setdefault(key, number)
        if not problems:
            try:
                counts[persons.enroll(actor, values, at=at)[1]] += 1
            except Refused as refusal:
                problems.append(refusal.sentence)
        errors += [RowError(number, problem) for problem in problems]
    if errors:
        raise SheetRefused(errors, "file")
    audit(
        "people_import",
        actor=actor,
        subject=f"unit:{actor.unit_id}",
        details={"added": counts[True], "known": counts[False]},
    )
    db.session.flush()
    return Taken(counts[True], counts[False])


def _dress(sheet: Worksheet) -> None:
    """Make it readable; cells are text, so that Excel does not round an ID number."""
    for place, (_field, _heading, offered) in enumerate(columns(), start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = WIDTHS[place - 1]
        sheet.column_dimensions[letter].number_format = "@"
        for row in range(FIRST_ROW, FIRST_ROW + 200):
            sheet.cell(row, place).number_format = "@"
        if offered is not None:
            labels = ",".join(str(one.label) for one in offered)
            rule = DataValidation("list", formula1=f'"{labels}"', allow_blank=True)
            rule.add(f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + MOST_ROWS}")
            sheet.add_data_validation(rule)
    for cell in sheet[2]:
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
    sheet.freeze_panes = f"A{FIRST_ROW}"


def _rows(stream: Any) -> list[tuple[int, Sequence[Any]]]:
    """Return the filled rows with their numbers. Raises Refused for another file, too many rows, or none."""
    content = stream.read(settings.get("upload_max_mb") * 1024 * 1024 + 1)
    if len(content) > settings.get("upload_max_mb") * 1024 * 1024:
        raise Refused(
            gettext("The Excel file is too large. Use the template as it was downloaded."), "file"
        )
    book = open_book(io.BytesIO(content))
    known = book[KEY_SHEET]["B1"].value if KEY_SHEET in book.sheetnames else None
    if str(known) != VERSION:
        raise Refused(
            gettext(
                "This is not the present template. Download the template here and copy the rows into it."
            ),
            "file",
        )
    sheet = book.worksheets[0]
    if sheet.max_row > FIRST_ROW + MOST_ROWS + 1000 or sheet.max_column > 100:
        raise SheetRefused([RowError(0, _too_many())], "file")
    width = len(columns())
    rows: list[tuple[int, Sequence[Any]]] = [
        (number, [*values, *(None,) * width][:width])
        for number, values in enumerate(
            sheet.iter_rows(min_row=FIRST_ROW, values_only=True), start=FIRST_ROW
        )
        if any(str(value).strip() for value in values if value is not None)
    ]
    if len(rows) > MOST_ROWS:
        raise SheetRefused([RowError(0, _too_many())], "file")
    if not rows:
        raise SheetRefused(
            [RowError(0, gettext("There is nobody in the file, from row 3 on."))], "file"
        )
    return rows


def _too_many() -> str:
    return gettext("A file may hold %(most)s people; split it.", most=MOST_ROWS)


def _read_row(cells: Sequence[Any], at: datetime) -> tuple[dict[str, Any], list[str]]:
    """Return what stands in a row and one sentence for each cell at fault."""
    typed: dict[str, Any] = {}
    faults: dict[str, str] = {}
    headings = {}
    for (field, heading, offered), cell in zip(columns(), cells, strict=True):
        headings[field] = heading
        try:
            typed[field] = _cell(field, cell, offered)
        except Invalid as invalid:
            faults[field] = str(invalid)
    for field in ("id_kind", "employment"):
        if not typed.get(field):
            faults.setdefault(field, gettext("Choose one of the list."))
    values, wrong = persons.read(typed, at=at, needs_phone=False)
    values["employment"] = typed.get("employment")
    faults = wrong | faults
    return values, [
        gettext("%(column)s: %(why)s", column=heading, why=faults[field])
        for field, heading in headings.items()
        if field in faults
    ]


def _cell(field: str, value: Any, offered: type[Labelled] | None) -> Any:
    """Return a cell as the form would give it. Raises Invalid."""
    if isinstance(value, datetime | date):
        if field != "birth_date":
            raise Invalid(gettext("A date stands here. Format the cell as text."))
        return value.date() if isinstance(value, datetime) else value
    text = READERS.get(field, _text)(value)
    if not text:
        return None
    if field == "birth_date":
        return dates.day(text)
    return _chosen(text, offered) if offered is not None else text


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip().removeprefix("'")


def _number(value: Any) -> str:
    """Return an ID number as text; one that Excel took for a number has lost its last digits."""
    if isinstance(value, bool | int | float) and abs(value) >= 10**EXACT_DIGITS:
        raise Invalid(
            gettext(
                "Excel has taken this for a number and rounded its end. Format the cell as text and enter it again."
            )
        )
    return _text(value)


READERS: dict[str, Callable[[Any], str]] = {"id_number": _number}


def _chosen(text: str, offered: type[Labelled]) -> Labelled:
    folded = unicodedata.normalize("NFKC", text)
    for one in _offered(offered):
        if folded in (unicodedata.normalize("NFKC", str(one.label)), one.value):
            return one
    raise Invalid(
        gettext(
            "“%(typed)s” is none of: %(offered)s.",
            typed=text[:30],
            offered=gettext(", ").join(str(one.label) for one in _offered(offered)),
        )
    )


def _offered(kind: type[Labelled]) -> Iterator[Labelled]:
    yield from kind
