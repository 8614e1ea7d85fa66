"""Votes of a meeting or of a round on paper in Excel: the template and the filled sheet (menu 1.2.5)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from flask_babel import gettext, pgettext
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.engine import Refused
from app.models import Application, Plan
from app.models.ballot import title_of_round
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
WIDTHS = {
    "number": 20, "name": 12, "unit": 30, "title": 20, "yes": 8, "no": 8, "abstain": 8, "score": 10, "note": 24,
}  # fmt: skip
HUNDREDTHS = 100
LONGEST_REMARK = 300


@dataclass(frozen=True)
class VoteSheet:
    """The votes of a meeting as a workbook: of the whole meeting, or of one round on paper.

    `round_number` 0: the whole meeting, every candidate needs votes. In a round, a candidate whose numbers stay
    empty was not voted on; it has no scores. `places` are those of a round that votes again.
    """

    plan: Plan
    candidates: Sequence[Application]
    round_number: int = 0
    places: int | None = None

    @property
    def name(self) -> str:
        """Name of the workbook: the meeting, with the round if it is for one."""
        if not self.round_number:
            return str(self.plan.name)
        return f"{self.plan.name} {title_of_round(self.round_number, self.places)}"

    @property
    def has_scores(self) -> bool:
        return self.plan.has_scores and not self.round_number

    def headings(self) -> dict[str, str]:
        """Return the headings by field; the score only where it decides between equal votes."""
        found = {
            "number": gettext("Application number"),
            "name": gettext("Name"),
            "unit": gettext("Unit"),
            "title": gettext("Title applied for"),
            "yes": pgettext("vote", "Yes"),
            "no": pgettext("vote", "No"),
            "abstain": gettext("Abstained"),
        }
        score = {"score": gettext("Score")} if self.has_scores else {}
        return found | score | {"note": gettext("Remark")}

    def template(self, votes: Iterable[Votes]) -> bytes:
        """Return a workbook (xlsx) with one row per candidate; a hidden sheet has plan, version and round."""
        book = Workbook()
        sheet = book.active
        assert isinstance(sheet, Worksheet)
        sheet.title = workbook.sheet_name(_title())
        sheet.append([self._instruction()])
        sheet.append(list(self.headings().values()))
        known = {one.application_id: one for one in votes}
        for item in self.candidates:
            cells = _cells(item, known.get(item.id))
            sheet.append([cells[field] for field in self.headings()])
        widths = [WIDTHS[field] for field in self.headings()]
        workbook.format_sheet(sheet, len(self.candidates), widths, fixed=4)
        workbook.add_key(book, list(self._facts().items()))
        return workbook.to_bytes(book)

    def read(self, stream: IO[bytes]) -> tuple[Votes, ...]:
        """Return the votes in a filled template.

        Raises SheetRefused with all wrong rows and all candidates without a row at once.
        """
        template = Template(
            title=_title,
            headings=self.headings,
            key="number",
            key_sheet=workbook.KEY_SHEET,
            most_rows=len(self.candidates),
            too_many=gettext("The sheet has far more rows than candidates."),
        )
        filled = open_filled(template, stream)
        self._check_key(dict(filled.facts()))
        found = _Found(self)
        errors = [
            RowError(line.row, why) for line in filled.table().lines for why in found.take(line)
        ]
        errors += [RowError(0, why) for why in found.missing()]
        if errors:
            raise SheetRefused(errors)
        return tuple(votes for votes in found.votes.values() if votes is not None)

    def _instruction(self) -> str:
        if self.round_number:
            return gettext(
                "Fill in yes, no and abstained; leave all three empty for who was not voted on. Plan: %(name)s",
                name=self.plan.name,
            )
        return gettext(
            "Fill in yes, no and abstained for every candidate; change nothing else. Plan: %(name)s",
            name=self.plan.name,
        )

    def _facts(self) -> dict[str, int]:
        return {"plan": self.plan.id, "version": self.plan.version, "round": self.round_number}

    def _check_key(self, facts: dict[str, str]) -> None:
        wanted = {name: str(value) for name, value in self._facts().items()}
        if facts.get("plan") != wanted["plan"]:
            raise Refused(
                gettext(
                    "This is not the template of this plan. Download the template here and fill in that one."
                )
            )
        if facts.get("round", "0") != wanted["round"]:
            raise Refused(
                gettext(
                    "This is the template of another round of this plan. Download the template here and "
                    "fill in that one."
                )
            )
        if facts.get("version") != wanted["version"]:
            raise Refused(
                gettext(
                    "The plan has changed since this template was downloaded. Download it again and copy the votes."
                )
            )


def _title() -> str:
    return gettext("Review result")


def _cells(item: Application, votes: Votes | None) -> dict[str, Any]:
    return {
        "number": workbook.safe(item.number),
        "name": workbook.safe(item.name),
        "unit": workbook.safe(item.unit.name),
        "title": workbook.safe(item.title.name),
        **{field: getattr(votes, field, None) for field in VOTES},
        "score": votes.score / HUNDREDTHS if votes and votes.score is not None else None,
        "note": workbook.safe(votes.note if votes else ""),
    }


class _Found:
    """What was read so far: application id → votes, None for who was not voted on in a round."""

    def __init__(self, sheet: VoteSheet) -> None:
        self.sheet = sheet
        self.by_number = {item.number: item for item in sheet.candidates}
        self.votes: dict[int, Votes | None] = {}

    def take(self, line: Line) -> Iterator[str]:
        """Add the votes of a row; yield a sentence for everything that is wrong with it."""
        number = cells.plain(line.cells["number"])
        item = self.by_number.get(number)
        if item is None:
            yield gettext("“%(number)s” is not a candidate of this plan.", number=number[:20])
            return
        if item.id in self.votes:
            yield gettext("%(name)s is named a second time.", name=item.name)
            return
        if not cells.is_same_name(line.cells["name"], item.name):
            yield gettext(
                "The name does not belong to %(number)s; the rows were mixed up.", number=number
            )
        if self.sheet.round_number and all(line.cells[field] in (None, "") for field in VOTES):
            self.votes[item.id] = None
            return
        yield from self._take_votes(item.id, line)

    def _take_votes(self, key: int, line: Line) -> Iterator[str]:
        counted = {field: whole_number_in_cell(line.cells[field]) for field in VOTES}
        for field, value in counted.items():
            if value is None:
                label = self.sheet.headings()[field]
                yield gettext("“%(label)s” must be a whole number, 0 or more.", label=label)
        note, score = "", None
        try:
            note = _remark(line.cells["note"])
            score = _score(line.cells.get("score"))
        except Invalid as invalid:
            yield str(invalid)
        numbers = {field: n or 0 for field, n in counted.items()}
        self.votes[key] = Votes(key, **numbers, note=note, score=score)

    def missing(self) -> Iterator[str]:
        """Yield a sentence for every candidate without a row."""
        for item in self.sheet.candidates:
            if item.id not in self.votes:
                yield gettext("%(number)s %(name)s is missing.", number=item.number, name=item.name)


def _remark(value: Any) -> str:
    """Return the remark in a cell. Raises Invalid."""
    return plain_text(cells.text(value), max_length=LONGEST_REMARK)


def _score(value: Any) -> int | None:
    """Return the score in a cell in hundredths, None for an empty one. Raises Invalid."""
    return None if value in (None, "") else parse_score(value)
