"""Excel import of an offline result: creates the template and parses the filled sheet (menu 1.2.5)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import IO, Any

from flask_babel import gettext, pgettext
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.engine import Refused
from app.models import Application, Plan
from app.services.exports import workbook
from app.services.imports import cells
from app.services.imports.refusals import RowError, SheetRefused
from app.services.imports.tables import Line, Template, open_filled
from app.services.results.results import Votes
from app.validators import Invalid
from app.validators import text as plain_text
from app.validators.numbers import score as parse_score
from app.validators.numbers import whole_number_in_cell

VOTES = ("yes", "no", "abstain")
RESULT_WIDTHS = (20, 12, 30, 20, 8, 8, 8, 24, 10)
HUNDREDTHS = 100
LONGEST_REMARK = 300


def result_template(plan: Plan, candidates: Sequence[Application], votes: Iterable[Votes]) -> bytes:
    """Return a workbook (xlsx) with one row per candidate; a hidden sheet has plan id and version."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = workbook.sheet_name(_title())
    sheet.append(
        [
            gettext(
                "Fill in yes, no and abstained for every candidate; change nothing else. Plan: %(name)s",
                name=plan.name,
            )
        ]
    )
    sheet.append(list(headings(plan).values()))
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
    widths = RESULT_WIDTHS[: len(headings(plan))]
    workbook.format_sheet(sheet, len(candidates), widths, fixed=4)
    workbook.add_key(book, [("plan", plan.id), ("version", plan.version)])
    return workbook.to_bytes(book)


def _title() -> str:
    return gettext("Review result")


def headings(plan: Plan) -> dict[str, str]:
    """Return the headings of the template by field; the score only where it decides between equal votes."""
    found = {
        "number": gettext("Application number"),
        "name": gettext("Name"),
        "unit": gettext("Unit"),
        "title": gettext("Title applied for"),
        "yes": pgettext("vote", "Yes"),
        "no": pgettext("vote", "No"),
        "abstain": gettext("Abstained"),
        "note": gettext("Remark"),
    }
    return found | ({"score": gettext("Score")} if plan.has_scores else {})


def read_results(
    plan: Plan, candidates: Sequence[Application], stream: IO[bytes]
) -> tuple[Votes, ...]:
    """Return the votes in a filled template of `plan`.

    Raises SheetRefused with all wrong rows and all candidates without a row at once.
    """
    template = Template(
        title=_title,
        headings=partial(headings, plan),
        key="number",
        key_sheet=workbook.KEY_SHEET,
        most_rows=len(candidates),
        too_many=gettext("The sheet has far more rows than candidates."),
    )
    filled = open_filled(template, stream)
    _check_key(dict(filled.facts()), plan)
    votes: dict[int, Votes] = {}
    by_number = {item.number: item for item in candidates}
    errors = [
        RowError(line.row, why)
        for line in filled.table().lines
        for why in _read_line(plan, line, by_number, votes)
    ]
    errors += [
        RowError(0, gettext("%(number)s %(name)s is missing.", number=item.number, name=item.name))
        for item in candidates
        if item.id not in votes
    ]
    if errors:
        raise SheetRefused(errors)
    return tuple(votes.values())


def _check_key(facts: dict[str, str], plan: Plan) -> None:
    if facts.get("plan") != str(plan.id):
        raise Refused(
            gettext(
                "This is not the template of this plan. Download the template here and fill in that one."
            )
        )
    if facts.get("version") != str(plan.version):
        raise Refused(
            gettext(
                "The plan has changed since this template was downloaded. Download it again and copy the votes."
            )
        )


def _read_line(
    plan: Plan, line: Line, by_number: dict[str, Application], votes: dict[int, Votes]
) -> Iterator[str]:
    """Add the votes of a row to `votes`; yield a sentence for everything that is wrong with it."""
    number = cells.plain(line.cells["number"])
    item = by_number.get(number)
    if item is None:
        yield gettext("“%(number)s” is not a candidate of this plan.", number=number[:20])
        return
    if item.id in votes:
        yield gettext("%(name)s is named a second time.", name=item.name)
        return
    if not cells.is_same_name(line.cells["name"], item.name):
        yield gettext(
            "The name does not belong to %(number)s; the rows were mixed up.", number=number
        )
    counted = {field: whole_number_in_cell(line.cells[field]) for field in VOTES}
    for field, value in counted.items():
        if value is None:
            label = headings(plan)[field]
            yield gettext("“%(label)s” must be a whole number, 0 or more.", label=label)
    note, score = "", None
    try:
        note = _remark(line.cells["note"])
        score = _score(line.cells.get("score"))
    except Invalid as invalid:
        yield str(invalid)
    numbers = {field: n or 0 for field, n in counted.items()}
    votes[item.id] = Votes(item.id, **numbers, note=note, score=score)


def _remark(value: Any) -> str:
    """Return the remark in a cell. Raises Invalid."""
    return plain_text(cells.text(value), max_length=LONGEST_REMARK)


def _score(value: Any) -> int | None:
    """Return the score in a cell in hundredths, None for an empty one. Raises Invalid."""
    return None if value in (None, "") else parse_score(value)
