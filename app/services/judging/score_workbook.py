"""Excel score sheets for paper days: one row per unfinished case of a step; `score_import` reads them back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app.enums import ReviewStep
from app.models import Application, Assessment, Plan
from app.services.exports import workbook
from app.services.exports.workbook import FIRST_ROW
from app.services.judging import anonymity
from app.services.meeting import score_sheet

NUMBER, NAME, SPECIALTY, REMARK = "#number", "#name", "#specialty", "#remark"
"""Fields of a row beside the columns to fill in; a score item may have any other name."""
FIXED_WIDTH, WIDTH, REMARK_WIDTH = 20, 14, 30


@dataclass(frozen=True)
class Column:
    """A column to fill in; `key`: item name, `is_passed` or `reason`; `most`: maximum of points."""

    key: str
    label: str
    most: int | None = None


def columns_of(plan: Plan, step: ReviewStep) -> list[Column]:
    """Return the columns a judge fills in, without the remark."""
    if step is ReviewStep.MATERIAL_REVIEW:
        return [Column("is_passed", gettext("Decision")), Column("reason", gettext("Reason"))]
    return [
        Column(
            item["name"],
            gettext("%(item)s (0 to %(most)s)", item=item["name"], most=item["max"]),
            item["max"],
        )
        for item in score_sheet.items_of(plan.score_items, step)
    ]


def template(
    plan: Plan,
    step: ReviewStep,
    cases: Sequence[Application],
    drafts: Mapping[int, Assessment],
    notes: Mapping[int, str],
) -> bytes:
    """Return a workbook (xlsx) with one row per case, prefilled with drafts and notes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = workbook.sheet_name(str(step.label))
    sheet.append([_instruction(plan, step)])
    columns, fixed = columns_of(plan, step), _fixed(plan)
    sheet.append([workbook.safe(one) for one in headings(plan, step).values()])
    for item in cases:
        typed = _typed(step, columns, drafts.get(item.id))
        facts = _facts(plan, item)
        sheet.append([workbook.safe(one) for one in (*facts, *typed, notes.get(item.id, ""))])
    widths = (*(FIXED_WIDTH for _one in fixed), *(WIDTH for _one in columns), REMARK_WIDTH)
    workbook.format_sheet(sheet, len(cases), widths, fixed=len(fixed))
    _add_decision_choice(sheet, step, len(fixed) + 1, len(cases))
    made_for = [("row", item.number) for item in cases]
    workbook.add_key(book, [("plan", plan.id), ("step", step.value), *made_for])
    return workbook.to_bytes(book)


def _instruction(plan: Plan, step: ReviewStep) -> Any:
    return workbook.safe(
        gettext(
            "%(step)s, %(plan)s. Fill in the columns behind the specialty; change nothing else. "
            "Empty rows stay unfinished. Only you read the remarks.",
            step=step.label,
            plan=plan.name,
        )
    )


def headings(plan: Plan, step: ReviewStep) -> dict[str, str]:
    """Return the headings of the template by field."""
    filled_in = {column.key: column.label for column in columns_of(plan, step)}
    return {**_fixed(plan), **filled_in, REMARK: gettext("Remark")}


def _fixed(plan: Plan) -> dict[str, str]:
    name = {} if plan.is_anonymous else {NAME: gettext("Name")}
    return {NUMBER: gettext("Application number"), **name, SPECIALTY: gettext("Specialty")}


def _facts(plan: Plan, item: Application) -> list[str]:
    name = [] if plan.is_anonymous else [anonymity.name_of(item)]
    return [item.number, *name, item.specialty.name]


def _typed(step: ReviewStep, columns: Sequence[Column], draft: Assessment | None) -> list[Any]:
    if draft is None:
        return [None for _column in columns]
    if step is ReviewStep.MATERIAL_REVIEW:
        words = {passed: word for word, passed in decisions().items()}
        return [words.get({True: "1", False: "0"}.get(draft.is_passed, "")), draft.reason]  # type: ignore[arg-type]  # None has no word
    return [draft.scores.get(column.key) for column in columns]


def decisions() -> dict[str, str]:
    """Return the words of a decision and the values of the web form."""
    return {gettext("Audit passed"): "1", gettext("Audit not passed"): "0"}


def _add_decision_choice(sheet: Worksheet, step: ReviewStep, column: int, count: int) -> None:
    if step is not ReviewStep.MATERIAL_REVIEW or not count:
        return
    offered = DataValidation(type="list", formula1=f'"{",".join(decisions())}"', allow_blank=True)
    letter = get_column_letter(column)
    offered.add(f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + count - 1}")
    sheet.add_data_validation(offered)
