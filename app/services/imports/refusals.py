"""Refusal of a workbook with wrong rows: every one is named, and nothing is taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from app.engine import Refused

SHOWN_ERRORS = 20


@dataclass(frozen=True)
class RowError:
    """An error in one row of a sheet; row 0 means the sheet as a whole."""

    row: int
    sentence: str

    def __str__(self) -> str:
        if not self.row:
            return self.sentence
        return gettext("Row %(row)s: %(why)s", row=self.row, why=self.sentence)


class SheetRefused(Refused):
    """Refusal of a sheet with wrong rows, of which nothing was imported; `errors` lists them."""

    def __init__(self, errors: Sequence[RowError], field: str | None = None) -> None:
        self.errors = tuple(errors)
        super().__init__(
            " ".join([gettext("Nothing was taken from the file."), *self.lines]), field
        )

    @property
    def lines(self) -> list[str]:
        """Return one sentence per error, at most `SHOWN_ERRORS`, then how many more there are."""
        lines = [str(error) for error in self.errors[:SHOWN_ERRORS]]
        if len(self.errors) > SHOWN_ERRORS:
            lines.append(gettext("And %(count)s more.", count=len(self.errors) - SHOWN_ERRORS))
        return lines


def refused(sentence: str) -> SheetRefused:
    """Return the refusal of a file as a whole."""
    return SheetRefused([RowError(0, sentence)])
