"""The reader of workbooks: what it takes, and the limits that hold before anything is kept."""

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook

from app import settings
from app.engine import Refused
from app.services.files import file_store, sandbox
from app.services.files.file_store import TemporaryRefusal
from app.services.imports import sheet_probe, sheet_reader
from app.services.imports.refusals import SheetRefused
from app.services.imports.sheet_reader import Faulty
from config import ROOT

ROW = b'<row><c t="inlineStr"><is><t>x</t></is></c><c><v>1</v></c></row>'
EMPTY = b'<row><c s="1"/><c s="1"/></row>'
BOOK = b"""<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"""
RELATION = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="{}"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}"/></Relationships>"""


def packed(*rows: bytes, **more: bytes) -> bytes:
    """Return an .xlsx file with these rows of XML."""
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    parts = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": RELATION.format("xl/workbook.xml", "officeDocument").encode(),
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATION.format("/xl/worksheets/s.xml", "worksheet").encode(),
        "xl/worksheets/s.xml": sheet + b"".join(rows) + b"</sheetData></worksheet>",
    } | more
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return stream.getvalue()


def written(**cells: Any) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    for place, value in cells.items():
        book.active[place] = value
    book.save(stream)
    return stream.getvalue()


def read(content: bytes, most_rows: int = 10) -> list[sheet_reader.Sheet]:
    return sheet_reader.read_sheets(
        io.BytesIO(content), most_rows=most_rows, too_many="too many rows"
    )


def rows(content: bytes) -> list[tuple[int, list[Any]]]:
    return [(number, list(cells)) for number, cells in read(content)[0].rows]


def test_cells_keep_their_kind_and_place(app: Flask) -> None:
    day, moment = date(1985, 6, 1), datetime.fromisoformat("1985-06-01T09:30")

    found = rows(
        written(C4="甲", D4=7, E4=9.5, F4=True, G4=day, H4=moment, I4="=1+1", B6=" ", C7="乙")
    )

    assert found == [
        (4, [None, None, "甲", 7, 9.5, True, day, moment, Faulty("formula")]),
        (7, [None, None, "乙", *[None] * 5]),
    ]


def test_temporary_file_is_deleted(app: Flask) -> None:
    read(written(A1="x"))
    with pytest.raises(Refused):
        read(b"no workbook")

    assert [one.name for one in file_store.root().glob(f"{file_store.NEW}*")] == []


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.xlsx"
    path.write_bytes(packed(ROW * 600_000))
    return path


def test_600_000_rows_are_refused_within_a_second_of_work(app: Flask, large: Path) -> None:
    found = sandbox.run(sheet_reader.PROBE, large, 3000, 300, cpu=1)

    assert found == {"why": "rows", "sheet": "S"}
    with pytest.raises(SheetRefused, match="Sheet “S”: too many rows"):
        read(large.read_bytes())


def test_reading_stops_at_the_limit(app: Flask, large: Path) -> None:
    """Of 600,000 rows no more is unpacked than the part in which the limit is exceeded."""
    with zipfile.ZipFile(large) as book, book.open("xl/worksheets/s.xml") as stream:
        scan = sheet_probe._Scan("S", 3000, 300)
        with pytest.raises(sheet_probe.Unfit):
            scan.run(stream)

        assert stream.tell() <= sheet_probe.STEP


def test_formatted_rows_do_not_count(app: Flask) -> None:
    found = rows(packed(ROW, EMPTY * 200_000, b'<row r="1048576"><c r="XFD1048576" s="1"/></row>'))

    assert found == [(1, ["x", 1])]


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "XFD1048576"),
        (b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t> </t></is></c></row>', "A1048576"),
        (b'<row r="3"><c r="KO3"><v>1</v></c></row>', "KO3"),
        (b'<row r="1000000"><c r="Z1000000"><f>1</f><v>1</v></c></row>', "Z1000000"),
    ],
)
def test_entry_far_away_is_named(app: Flask, row: bytes, cell: str) -> None:
    with pytest.raises(SheetRefused, match=f"in cell {cell}. Delete it"):
        read(packed(ROW, row))


BOMBS = {
    "text": packed(**{"xl/sharedStrings.xml": b"x" * (sheet_probe.MAX_UNPACKED + 1)}),
    "parts": packed(**{f"xl/x{n}": b"" for n in range(sheet_probe.MAX_PARTS)}),
    "one text many times": packed(
        b'<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>' * 1000,
        **{
            "xl/sharedStrings.xml": b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b"<si><t>" + b"x" * 32_000 + b"</t></si></sst>"
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_what_unpacks_too_large_is_refused(app: Flask, kind: str) -> None:
    with pytest.raises(Refused, match="too large"):
        read(BOMBS[kind])


def test_large_upload_is_refused(app: Flask) -> None:
    settings.store_value("upload_max_mb", "1")

    with pytest.raises(Refused, match="too large"):
        read(b"x" * (1024 * 1024 + 1))


def test_busy_reader_says_to_try_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WAIT_SECONDS", 0)
    monkeypatch.setattr(sandbox.run, "__kwdefaults__", sandbox.run.__kwdefaults__ | {"wait": 0})
    for _turn in range(sandbox.AT_ONCE):
        sandbox.TURNS.acquire()
    try:
        with pytest.raises(TemporaryRefusal, match="try again in a minute"):
            read(written(A1="x"))
    finally:
        for _turn in range(sandbox.AT_ONCE):
            sandbox.TURNS.release()


def test_other_sheet_that_is_too_long_is_named(app: Flask) -> None:
    book, stream = Workbook(), io.BytesIO()
    book.active.append(["x"])
    other = book.create_sheet("台账")
    for _count in range(sheet_reader.MORE_ROWS + 11):
        other.append(["x"])
    book.save(stream)

    with pytest.raises(SheetRefused, match="“台账”"):
        read(stream.getvalue())


def test_there_is_no_other_reader() -> None:
    """No module but the probe opens a workbook to read it, so that no import goes around the reader."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "app").rglob("*.py")
        if re.search(r"load_workbook|calamine|read_excel", path.read_text())
    }

    assert readers == {"app/services/imports/sheet_probe.py"}
