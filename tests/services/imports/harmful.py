"""What must not happen to a workbook outside the program: it is refused.

Each disturbance returns the words that the refusal must hold.
"""

from collections.abc import Callable
from typing import Any

from openpyxl.utils import get_column_letter

from tests.services.imports.drafts import HEADINGS, Draft
from tests.services.imports.harmless import SHEET, part_rewritten
from tests.services.imports.importers import Importer


def deleted(field: str) -> Callable[[Importer, Draft], list[str]]:
    """Return a disturbance that deletes the column of a field of the importer."""

    def disturb(importer: Importer, draft: Draft) -> list[str]:
        heading = importer.headings[getattr(importer, field)]
        place = draft.column(heading)
        draft.arrange([one for one in range(len(importer.headings)) if one != place])
        return [f"“{heading}”"]

    return disturb


def renamed(field: str, name: str) -> Callable[[Importer, Draft], list[str]]:
    """Return a disturbance that renames the column of a field of the importer."""

    def disturb(importer: Importer, draft: Draft) -> list[str]:
        heading = importer.headings[getattr(importer, field)]
        draft.grid[HEADINGS][draft.column(heading)] = name
        return [f"“{heading}”", f"“{name}”"]

    return disturb


def renamed_to_another(importer: Importer, draft: Draft) -> list[str]:
    """Rename a column to the heading of another one, as when a remark is passed off as a reason."""
    first, second = (importer.headings[field] for field in importer.pair)
    place = draft.column(second)
    draft.grid[HEADINGS][place] = first
    letters = sorted([get_column_letter(place + 1), get_column_letter(draft.column(first) + 1)])
    return [f"“{second}”", f"“{first}”", letters[0]]


def doubled(importer: Importer, draft: Draft) -> list[str]:
    heading = importer.headings[importer.value]
    place = draft.column(heading)
    values = [row[place] for row in draft.grid[HEADINGS:]]
    draft.insert(place + 1, values)
    return [f"“{heading}”", get_column_letter(place + 1), get_column_letter(place + 2)]


def numbered(importer: Importer, draft: Draft) -> list[str]:
    draft.insert(0, ["序号", 1, 2, 3])
    return ["column A", "“序号”"]


def unnamed(importer: Importer, draft: Draft) -> list[str]:
    draft.insert(2, [None, 7])
    return ["Row 3: column C"]


def total(word: str, where: str) -> Callable[[Importer, Draft], list[str]]:
    """Return a disturbance that puts a row with a total under the table."""

    def disturb(importer: Importer, draft: Draft) -> list[str]:
        row: list[Any] = [None] * len(importer.headings)
        row[draft.column(importer.headings[getattr(importer, where)])] = word
        row[-1] = row[-1] or 45
        draft.grid.append(row)
        return [f"“{word.strip()}”", f"Row {len(draft.grid)}", "total"]

    return disturb


def row_above(importer: Importer, draft: Draft) -> list[str]:
    draft.grid.insert(0, draft.grid.pop())
    return ["Row 1", "above"]


def row_twice(importer: Importer, draft: Draft) -> list[str]:
    draft.grid.append(list(draft.grid[HEADINGS + 1]))
    return [f"Row {len(draft.grid)}"]


def two_tables(importer: Importer, draft: Draft) -> list[str]:
    draft.sheets = {"初稿": [list(row) for row in draft.grid], **draft.sheets}
    return ["“初稿”", f"“{draft.name}”"]


def no_headings(importer: Importer, draft: Draft) -> list[str]:
    del draft.grid[HEADINGS]
    return list(importer.headings.values())


def other_headings(importer: Importer, draft: Draft) -> list[str]:
    draft.grid[HEADINGS] = ["甲", "乙", "丙"]
    return [importer.headings[importer.key]]


def no_rows(importer: Importer, draft: Draft) -> list[str]:
    rows = draft.grid[HEADINGS + 1 :]
    del draft.grid[HEADINGS + 1 :]
    place = draft.column(importer.headings[importer.key])
    return [str(row[place]) for row in rows] if importer.needs_all_rows else ["nobody"]


def row_gone(importer: Importer, draft: Draft) -> list[str]:
    place = draft.column(importer.headings[importer.key])
    row = draft.grid.pop()
    if importer.needs_all_rows:
        return [str(row[place])]
    draft.grid.append([None] * place + [row[place]])
    return [f"Row {len(draft.grid)}"]


def nothing_entered(importer: Importer, draft: Draft) -> list[str]:
    """Empty the required column, and all that was entered, in every row."""
    for field in {importer.value, importer.optional, *importer.pair} - {
        importer.key,
        importer.name,
    }:
        for row in draft.grid[HEADINGS + 1 :]:
            row[draft.column(importer.headings[field])] = None
    return ["Row 3"] if importer.value in ("yes", "employment", "term_to") else ["No row"]


def formula(importer: Importer, draft: Draft) -> list[str]:
    draft.set(0, importer.headings[importer.value], "=1+1")
    return [
        f"column {get_column_letter(draft.column(importer.headings[importer.value]) + 1)}",
        "formula",
    ]


def hidden_formula(importer: Importer, draft: Draft) -> list[str]:
    draft.set(1, importer.headings[importer.optional], '=CONCATENATE("a","b")')
    return ["Row 4", "formula"]


def error_value(importer: Importer, draft: Draft) -> list[str]:
    draft.set(1, importer.headings[importer.optional], "#REF!")
    return ["Row 4", "error"]


def entry_far_away(importer: Importer, draft: Draft) -> list[str]:
    draft.grid[HEADINGS + 1] += [None] * (700 - len(draft.grid[HEADINGS + 1])) + ["x"]
    return ["ZY3", f"“{draft.name}”"]


def stray_note(importer: Importer, draft: Draft) -> list[str]:
    draft.grid[HEADINGS + 2] += [None, None, "已核对"]
    return ["Row 4", get_column_letter(len(importer.headings) + 3)]


def no_key(importer: Importer, draft: Draft) -> list[str]:
    del draft.sheets[draft.hidden]
    return ["This is not the"]


def of_another(importer: Importer, draft: Draft) -> list[str]:
    draft.rewrite.append(lambda content: importer.another())
    return ["This is not the"]


def replaced_by(content: bytes, *words: str) -> Callable[[Importer, Draft], list[str]]:
    """Return a disturbance that puts another file in the place of this one."""

    def disturb(importer: Importer, draft: Draft) -> list[str]:
        draft.rewrite.append(lambda old: content)
        return list(words)

    return disturb


def cut_off(importer: Importer, draft: Draft) -> list[str]:
    draft.rewrite.append(lambda content: content[: len(content) // 2])
    return ["cannot be read"]


def with_doctype(importer: Importer, draft: Draft) -> list[str]:
    bomb = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">]><worksheet'
    draft.rewrite.append(part_rewritten(SHEET, lambda text: text.replace("<worksheet", bomb, 1)))
    return ["cannot be read"]


HARMFUL: dict[str, Callable[[Importer, Draft], list[str]]] = {
    "key deleted": deleted("key"),
    "name deleted": deleted("name"),
    "value deleted": deleted("value"),
    "optional column deleted": deleted("optional"),
    "key renamed": renamed("key", "编号"),
    "value renamed": renamed("value", "赞成"),
    "optional column renamed": renamed("optional", "说明"),
    "heading emptied": renamed("value", "—"),
    "renamed to another": renamed_to_another,
    "column doubled": doubled,
    "numbers inserted": numbered,
    "column without heading": unnamed,
    "entry beside the table": stray_note,
    "total under the key": total("合计", "key"),
    "subtotal under the name": total("小 计：", "name"),
    "total in full": total("本页合计3人", "key"),
    "row above the headings": row_above,
    "row twice": row_twice,
    "two tables": two_tables,
    "headings deleted": no_headings,
    "other headings": other_headings,
    "no rows": no_rows,
    "row deleted": row_gone,
    "nothing entered": nothing_entered,
    "formula": formula,
    "formula in an optional cell": hidden_formula,
    "error value": error_value,
    "entry far away": entry_far_away,
    "no hidden sheet": no_key,
    "made for something else": of_another,
    "old format": replaced_by(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xls", "password"),
    "text file": replaced_by("申报编号,姓名\n1,张三\n".encode("gb18030"), "cannot be read"),
    "empty file": replaced_by(b"", "cannot be read"),
    "cut off": cut_off,
    "entities": with_doctype,
}  # fmt: skip
