"""Tables that leave as Excel: the cells have the types of their values, no text becomes a formula."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from app.services.exports import table_export, workbook
from app.services.exports.table_export import FormattedText, Sheet

FORMULAS = [
    start + rest
    for start in "=+-@＝＋－＠\t\r"
    for rest in ("cmd|' /C calc'!A0", "1+1", "HYPERLINK(\"http://x\")")
]  # fmt: skip
NASTY = [
    "",
    "0",
    "00123",
    "1e3",
    "NULL",
    "<script>alert(1)</script>",
    "𠮷田",
    "a\nb",
    "\x00\x1f\ud800x",
    "9" * 40,
]


def cells(content: bytes) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows()]


def written(*rows: list[Any], columns: tuple[Any, ...] = ("A",), **options: Any) -> list[list[Any]]:
    return cells(table_export.write_sheets([Sheet("清单", columns, rows, **options)]))


@pytest.mark.parametrize("text", FORMULAS)
def test_formula_leaves_as_text(app: Any, text: str) -> None:
    heading, row = written([text], columns=(text,))

    assert [heading[0].data_type, row[0].data_type] == ["s", "s"]
    assert row[0].value.startswith("'")


@pytest.mark.parametrize("text", NASTY)
def test_text_stays_text(app: Any, text: str) -> None:
    _heading, row = written([text, "end"])

    kept = "x" if "\x00" in text else text or None
    assert row[0].value == kept
    assert row[0].data_type in (("s",) if kept else ("n", "inlineStr"))


@pytest.mark.parametrize(
    ("value", "stored", "number_format"),
    [
        (7, 7, "General"),
        (-1.5, -1.5, "General"),
        (Decimal("85.50"), 85.5, "0.00"),
        (date(2025, 1, 31), datetime.fromisoformat("2025-01-31"), "yyyy-mm-dd"),
        (datetime(2025, 12, 31, 16, 5, 9, tzinfo=UTC), datetime.fromisoformat("2026-01-01 00:05:09"), "yyyy-mm-dd hh:mm:ss"),
        (datetime(2026, 3, 1, 15, 59, 59, 999_999, tzinfo=UTC), datetime.fromisoformat("2026-03-01 23:59:59"), "yyyy-mm-dd hh:mm:ss"),
        (FormattedText.of("2015-09", table_export.month("2015-09")), datetime.fromisoformat("2015-09-01"), "yyyy-mm"),
        (FormattedText.of("12 个月", table_export.with_unit(12, "个月")), 12, 'General" 个月"'),
        (FormattedText.of("3", table_export.with_unit(3, "")), 3, "General"),
    ],
)  # fmt: skip
def test_days_moments_and_numbers_are_what_they_are(
    app: Any, value: Any, stored: Any, number_format: str
) -> None:
    _heading, row = written([value])

    assert (row[0].value, row[0].number_format) == (stored, number_format)
    assert row[0].is_date == isinstance(stored, datetime)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10**15, "1000000000000000"),
        (43052619850307105, "43052619850307105"),
        (float("nan"), "nan"),
        (date(1899, 5, 1), "1899-05-01"),
        (True, "Yes"),
        (False, "No"),
    ],
)
def test_what_excel_would_change_stays_text(app: Any, value: Any, text: str) -> None:
    _heading, row = written([value])

    assert (row[0].value, row[0].data_type) == (text, "s")


def test_a_column_is_wide_enough_for_its_dates(app: Any) -> None:
    content = table_export.write_sheets(
        [Sheet("x", ["天", "时"], [[date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)]])]
    )

    widths = load_workbook(io.BytesIO(content)).worksheets[0].column_dimensions
    assert (widths["A"].width, widths["B"].width) == (12, 21)


def test_a_note_is_the_first_and_the_last_row(app: Any) -> None:
    lines = written([1], [2], note="只有前2行")

    assert [line[0].value for line in lines] == ["只有前2行", "A", 1, 2, "只有前2行"]


def test_download_names_the_file_in_any_script(app: Any) -> None:
    answer = table_export.download("评审 结果", ["A"], [])

    assert answer.mimetype == workbook.XLSX
    assert "%E8%AF%84%E5%AE%A1%20" in answer.headers["Content-Disposition"]


def test_a_title_with_reserved_characters_names_a_sheet(app: Any) -> None:
    content = table_export.write_sheets([Sheet("a/b:c", ["A"], [])])

    assert load_workbook(io.BytesIO(content)).sheetnames == ["a b c"]
