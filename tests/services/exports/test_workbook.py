"""Templates in Excel: a sheet is taken whole or not at all."""

import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from app.engine import Refused
from app.enums import ApplicationState
from app.extensions import db
from app.models import Plan
from app.services.exports import workbook
from app.services.imports import sheet_probe, sheet_reader
from app.services.imports.refusals import RowError, SheetRefused
from app.services.results import results
from app.services.results.result_workbook import VoteSheet
from tests.support import factories


@pytest.fixture
def plan(app: Any) -> Plan:
    plan = factories.plan()
    for _count in range(3):
        factories.application(ApplicationState.IN_REVIEW, plan=plan)
    return plan


def template(plan: Plan) -> Workbook:
    people = results.candidates(db.session(), plan)
    return load_workbook(io.BytesIO(VoteSheet(plan, people).template([])))


def filled(plan: Plan) -> Workbook:
    book = template(plan)
    for row in book.worksheets[0].iter_rows(min_row=workbook.FIRST_ROW, min_col=5, max_col=7):
        for cell, count in zip(row, (20, 2, 0), strict=True):
            cell.value = count
    return book


def read(plan: Plan, book: Workbook) -> Any:
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return VoteSheet(plan, results.candidates(db.session(), plan)).read(stream)


def refused(plan: Plan, book: Workbook) -> list[RowError]:
    with pytest.raises(SheetRefused) as caught:
        read(plan, book)
    assert all(line in str(caught.value) for line in caught.value.lines)
    return list(caught.value.errors)


def test_template_comes_back_with_the_votes(plan: Plan) -> None:
    people = results.candidates(db.session(), plan)

    votes = read(plan, filled(plan))

    assert {one.application_id for one in votes} == {item.id for item in people}
    assert {(one.yes, one.no, one.abstain) for one in votes} == {(20, 2, 0)}
    assert template(plan)[workbook.KEY_SHEET].sheet_state == "veryHidden"


def test_template_carries_what_was_entered(plan: Plan) -> None:
    people = results.candidates(db.session(), plan)
    votes = [results.Votes(item.id, 9, 8, 7, "备注") for item in people]
    content = VoteSheet(plan, people).template(votes)

    assert set(VoteSheet(plan, people).read(io.BytesIO(content))) == set(votes)


def test_blank_rows_are_passed_over(plan: Plan) -> None:
    book = filled(plan)
    book.worksheets[0]["I9"] = ""
    book.worksheets[0].insert_rows(4)

    assert len(read(plan, book)) == 3


@pytest.mark.parametrize("value", ["２０", "20", 20.0])
def test_numbers_are_read_as_they_are_typed(plan: Plan, value: Any) -> None:
    book = filled(plan)
    book.worksheets[0]["E3"] = value

    assert read(plan, book)[0].yes == 20


@pytest.mark.parametrize("value", [None, "", -1, 9.5, "=10+10", "twenty", True, 10**9, "1" * 30])
def test_row_with_an_impossible_number_is_named(plan: Plan, value: Any) -> None:
    book = filled(plan)
    book.worksheets[0]["E4"] = value

    errors = refused(plan, book)

    assert [error.row for error in errors] == [4]
    assert "4" in str(errors[0])


def test_every_wrong_row_is_named_at_once(plan: Plan) -> None:
    book, sheet = filled(plan), None
    sheet = book.worksheets[0]
    sheet["A3"], sheet["B4"], sheet["F5"], sheet["H5"] = "404", "别人", "x", "a\u200bb"

    assert [error.row for error in refused(plan, book)] == [3, 4, 5, 5, 0]


def test_row_named_twice_is_refused(plan: Plan) -> None:
    book = filled(plan)
    sheet = book.worksheets[0]
    sheet.append([cell.value for cell in sheet[3]])

    assert [error.row for error in refused(plan, book)] == [6]


def test_missing_candidate_is_named(plan: Plan) -> None:
    book = filled(plan)
    number = book.worksheets[0]["A5"].value
    book.worksheets[0].delete_rows(5)

    assert number in str(refused(plan, book)[0])


def test_many_wrong_rows_are_counted(plan: Plan) -> None:
    for _count in range(25):
        factories.application(ApplicationState.IN_REVIEW, plan=plan)

    errors = refused(plan, template(plan))

    assert len(errors) == 28 * 3
    assert "64" in SheetRefused(errors).lines[-1]


def test_sheet_with_far_too_many_rows_is_refused(plan: Plan) -> None:
    book = filled(plan)
    for _count in range(3 + sheet_reader.MORE_ROWS):
        book.worksheets[0].append(["x"])

    errors = refused(plan, book)

    assert [error.row for error in errors] == [0]
    assert "far more rows" in errors[0].sentence


def test_lonely_row_far_below_is_named(plan: Plan) -> None:
    book = filled(plan)
    book.worksheets[0]["A5000"] = "x"

    assert [error.row for error in refused(plan, book)] == [5000]


def test_template_of_another_plan_or_version_is_refused(plan: Plan) -> None:
    book, other = filled(plan), factories.plan()

    with pytest.raises(Refused, match="not the template"):
        read(other, book)
    plan.version += 1
    with pytest.raises(Refused, match="changed"):
        read(plan, book)
    with pytest.raises(Refused, match="not the template"):
        read(plan, Workbook())


def a_zip(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"no zip at all", b"PK\x03\x04broken", a_zip(a=b"x"), b"%PDF-1.4"]
)
def test_what_is_no_excel_file_is_refused(plan: Plan, content: bytes) -> None:
    with pytest.raises(Refused, match="xlsx"):
        VoteSheet(plan, []).read(io.BytesIO(content))


def test_file_that_unpacks_too_large_is_refused(plan: Plan) -> None:
    bomb = a_zip(a=b"\0" * (sheet_probe.MAX_UNPACKED + 1))

    with pytest.raises(Refused, match="too large"):
        VoteSheet(plan, []).read(io.BytesIO(bomb))
