"""Excel import of an offline result: creates the template and parses the filled sheet (menu 1.2.5)."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask_babel import gettext, pgettext
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.engine import Refused
from app.models import Application, Plan
from app.services.exports import workbook
from app.services.results.results import Votes
from app.validators import Invalid
from app.validators.numbers import score as parse_score
from app.validators.numbers import whole_number_in_cell

VOTE_COLUMNS, SCORE_COLUMN = (5, 6, 7), 9
RESULT_WIDTHS = (20, 12, 30, 20, 8, 8, 8, 24, 10)
HUNDREDTHS = 100


def result_template(plan: Plan, candidates: Sequence[Application], votes: Iterable[Votes]) -> bytes:
    """Return a workbook (xlsx) with one row per candidate; a hidden sheet has plan id and version."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = workbook.sheet_name(gettext("Review result"))
    sheet.append(
        [
            gettext(
                "Fill in yes, no and abstained for every candidate; change nothing else. Plan: %(name)s",
                name=plan.name,
            )
        ]
    )
    sheet.append(template_columns(plan))
    known = {one.application_id: one for one in votes}
    for item in candidates:
        one = known.get(item.id)
        counted = (one.yes, one.no, one.abstain, one.note) if one else (None, None, None, "")
        score = [one.score / HUNDREDTHS if one and one.score is not None else None]
        sheet.append(
            [
                workbook.safe(item.number),
                workbook.safe(item.name),
                workbook.safe(item.unit.name),
                workbook.safe(item.title.name),
                *counted[:3],
                workbook.safe(counted[3]),
                *(score if plan.has_scores else ()),
            ]
        )
    widths = RESULT_WIDTHS[: len(template_columns(plan))]
    workbook.format_sheet(sheet, len(candidates), widths, fixed=4)
    workbook.add_key(book, {"plan": plan.id, "version": plan.version})
    return workbook.to_bytes(book)


def template_columns(plan: Plan) -> list[str]:
    """Return the headings of the template; the score only where it decides between equal votes."""
    return [
        gettext("Application number"),
        gettext("Name"),
        gettext("Unit"),
        gettext("Title applied for"),
        pgettext("vote", "Yes"),
        pgettext("vote", "No"),
        gettext("Abstained"),
        gettext("Remark"),
        *([gettext("Score")] if plan.has_scores else ()),
    ]


def read_results(plan: Plan, candidates: Sequence[Application], stream: Any) -> tuple[Votes, ...]:
    """Return the votes in a filled template of `plan`.

    Raises workbook.SheetRefused with all wrong rows at once.
    """
    book = workbook.open_book(stream)
    _check_key(book, plan)
    sheet = book.worksheets[0]
    if sheet.max_row > workbook.FIRST_ROW + len(candidates) + 1000 or sheet.max_column > 100:
        raise workbook.SheetRefused(
            [workbook.RowError(0, gettext("The sheet has far more rows than candidates."))]
        )
    by_number = {item.number: item for item in candidates}
    votes: dict[int, Votes] = {}
    errors: list[workbook.RowError] = []
    for row, values in enumerate(
        sheet.iter_rows(min_row=workbook.FIRST_ROW, values_only=True), start=workbook.FIRST_ROW
    ):
        if any(value not in (None, "") for value in values):
            errors += _read_row(plan, row, [*values, *(None,) * 9], by_number, votes)
    missing = [item for item in candidates if item.id not in votes]
    if missing and not errors:
        errors = [
            workbook.RowError(
                0, gettext("%(number)s %(name)s is missing.", number=item.number, name=item.name)
            )
            for item in missing
        ]
    if errors:
        raise workbook.SheetRefused(errors)
    return tuple(votes.values())


def _check_key(book: Workbook, plan: Plan) -> None:
    cells = workbook.key_of(book)
    if cells.get("plan") != str(plan.id):
        raise Refused(
            gettext(
                "This is not the template of this plan. Download the template here and fill in that one."
            )
        )
    if cells.get("version") != str(plan.version):
        raise Refused(
            gettext(
                "The plan has changed since this template was downloaded. Download it again and copy the votes."
            )
        )


def _read_row(
    plan: Plan,
    row: int,
    values: Sequence[Any],
    by_number: dict[str, Application],
    votes: dict[int, Votes],
) -> Iterator[workbook.RowError]:
    number = unicodedata.normalize("NFKC", str(values[0] or "")).strip()
    item = by_number.get(number)
    if item is None:
        yield workbook.RowError(
            row, gettext("“%(number)s” is not a candidate of this plan.", number=number[:20])
        )
        return
    if item.id in votes:
        yield workbook.RowError(row, gettext("%(name)s is named a second time.", name=item.name))
        return
    if workbook.as_text(values[1] or "").strip() != item.name:
        yield workbook.RowError(
            row,
            gettext(
                "The name does not belong to %(number)s; the rows were mixed up.", number=number
            ),
        )
    counted: list[int] = []
    for column in VOTE_COLUMNS:
        value = whole_number_in_cell(values[column - 1])
        if value is None:
            label = template_columns(plan)[column - 1]
            yield workbook.RowError(
                row, gettext("“%(label)s” must be a whole number, 0 or more.", label=label)
            )
        counted.append(value or 0)
    note, why = workbook.remark(values[7])
    if why:
        yield workbook.RowError(row, why)
    score, why = _score(values[SCORE_COLUMN - 1]) if plan.has_scores else (None, None)
    if why:
        yield workbook.RowError(row, why)
    yes, no, abstain = counted
    votes[item.id] = Votes(item.id, yes, no, abstain, note, score)


def _score(value: Any) -> tuple[int | None, str | None]:
    """Return the score in a cell, None for an empty one, and None; or why the cell is refused."""
    if value in (None, ""):
        return None, None
    try:
        return parse_score(value), None
    except Invalid as invalid:
        return None, str(invalid)
