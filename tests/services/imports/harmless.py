"""What may happen to a workbook outside the program without harm: it must be read right."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from tests.services.imports.drafts import HEADINGS, Draft
from tests.services.imports.importers import Importer

STYLES, SHEET = "xl/styles.xml", "xl/worksheets/sheet1.xml"


def part_rewritten(part: str, change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """Return a function that changes one part of an .xlsx file."""

    def rewrite(content: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                if name == part:
                    changed = change(data.decode())
                    assert changed.encode() != data
                    data = changed.encode()
                new.writestr(name, data)
        return out.getvalue()

    return rewrite


def in_part(part: str, pattern: str, by: str) -> Callable[[Importer, Draft], None]:
    """Return a disturbance that replaces a pattern in a part of the file."""
    return lambda importer, draft: draft.rewrite.append(
        part_rewritten(part, lambda text: re.sub(pattern, by, text))
    )


def blank_column(importer: Draft, draft: Draft) -> None:
    draft.insert(1, [None])


def exchanged(importer: Importer, draft: Draft) -> None:
    """Exchange two columns together with their headings."""
    first, second = (draft.column(importer.headings[field]) for field in importer.pair)
    order = list(range(len(importer.headings)))
    order[first], order[second] = order[second], order[first]
    draft.arrange(order)


def key_last(importer: Importer, draft: Draft) -> None:
    place = draft.column(importer.headings[importer.key])
    others = [one for one in range(len(importer.headings)) if one != place]
    draft.arrange([*others, place])


def backwards(importer: Importer, draft: Draft) -> None:
    draft.arrange(list(range(len(importer.headings)))[::-1])


def rows_backwards(importer: Importer, draft: Draft) -> None:
    draft.grid[HEADINGS + 1 :] = draft.grid[HEADINGS + 1 :][::-1]


def blank_rows(importer: Importer, draft: Draft) -> None:
    draft.grid.insert(HEADINGS + 2, [])
    draft.grid.insert(0, [])


def no_instructions(importer: Importer, draft: Draft) -> None:
    del draft.grid[0]


def empty_sheet_first(importer: Importer, draft: Draft) -> None:
    draft.sheets = {"Sheet1": [], **draft.sheets}


def other_sheets_around(importer: Importer, draft: Draft) -> None:
    notes = [["说明", "本表由评委会办公室填写"], ["合计", 3], ["编号", "数量"]]
    draft.sheets = {"说明": notes, **draft.sheets, "Sheet3": [["x"] * 40] * 40}


def sheet_renamed(importer: Importer, draft: Draft) -> None:
    table = draft.sheets.pop(draft.name)
    draft.name = "最终版（2）"
    draft.sheets["最终版（2）"] = table


def empty_copy(importer: Importer, draft: Draft) -> None:
    draft.sheets["空白模板"] = draft.grid[: HEADINGS + 1]


def formatted_far_away(importer: Importer, draft: Draft) -> None:
    draft.formatted += ["A1048576", "XFD3", "ZZ900000"]


def blanks_far_away(importer: Importer, draft: Draft) -> None:
    draft.grid[4:] = [*draft.grid[4:], *([[]] * 4000), [" ", "　", "\n"]]


def spaced_names(importer: Importer, draft: Draft) -> None:
    column = draft.column(importer.headings[importer.name])
    for row, blank in zip(draft.grid[HEADINGS + 1 :], (" ", "\u3000", "\u00a0"), strict=False):
        name = str(row[column])
        row[column] = f" {name[0]}{blank}{name[1:]} "


def spaced_headings(importer: Importer, draft: Draft) -> None:
    for place, heading in enumerate(draft.grid[HEADINGS]):
        wide = str(heading).replace("(", "（").replace(")", "）")
        draft.grid[HEADINGS][place] = f" {wide[0]}\n{wide[1:]}\u3000"


def text_numbers(importer: Importer, draft: Draft) -> None:
    """Write every number as text in full width."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    for row in draft.grid[HEADINGS + 1 :]:
        row[:] = [str(cell).translate(wide) if isinstance(cell, int) else cell for cell in row]


def numbers_with_points(importer: Importer, draft: Draft) -> None:
    for row in draft.grid[HEADINGS + 1 :]:
        row[:] = [float(cell) if isinstance(cell, int) else cell for cell in row]


def without_references(importer: Importer, draft: Draft) -> None:
    """Leave the places of cells out; then no cell of a row may be."""
    for row in draft.grid:
        row[:] = [" " if cell is None else cell for cell in row]
    in_part(SHEET, r'<c r="[A-Z]+\d+"', "<c")(importer, draft)


def prefixed(text: str) -> str:
    """Return a sheet whose elements have a prefix, as the Open XML SDK writes them."""
    named = re.sub(r"<(/?)(\w)", r"<\1x:\2", text)
    return named.replace('xmlns="', 'xmlns:x="')


HARMLESS: dict[str, Callable[[Importer, Draft], Any]] = {
    "nothing": lambda importer, draft: None,
    "columns exchanged": exchanged,
    "key moved to the end": key_last,
    "columns backwards": backwards,
    "empty column inserted": lambda importer, draft: draft.insert(1, [None]),
    "empty column in front": lambda importer, draft: draft.insert(0, [None]),
    "rows backwards": rows_backwards,
    "empty rows inserted": blank_rows,
    "instructions deleted": no_instructions,
    "empty sheet in front": empty_sheet_first,
    "other sheets around": other_sheets_around,
    "sheet renamed and moved": sheet_renamed,
    "empty copy of the template": empty_copy,
    "formatted cells far away": formatted_far_away,
    "blanks far away": blanks_far_away,
    "blanks in names": spaced_names,
    "blanks in headings": spaced_headings,
    "numbers as text": text_numbers,
    "numbers with a point": numbers_with_points,
    "empty fill": in_part(STYLES, r"<fill><patternFill\s*/></fill>", "<fill/>"),
    "colour by name": in_part(STYLES, r'<color theme="1"\s*/>', '<color rgb="red"/>'),
    "unknown pattern": in_part(STYLES, r'patternType="gray125"', 'patternType="wavy"'),
    "no dimension": in_part(SHEET, r"<dimension[^>]*>", ""),
    "wrong dimension": in_part(SHEET, r'<dimension ref="[^"]*"', '<dimension ref="A1"'),
    "cells without references": without_references,
    "elements with a prefix": lambda importer, draft: draft.rewrite.append(
        part_rewritten(SHEET, prefixed)
    ),
}  # fmt: skip
