"""What the page of texts shows: a page of those found, each in its languages, with what was typed and what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.ground import in_force
from app.models import ChangeSet
from app.services.customising import change_sets, word_rules, word_search, words
from app.services.customising.catalogue import Cell, Place
from app.services.customising.words import WORDS, Word, forms_of
from app.views.base.aliases import Page
from app.views.customising import word_places

ROWS = 20
"""Texts on a page."""
LARGEST_PAGE = 10_000
MOST_LINES = 8


@dataclass(frozen=True)
class Filter:
    """Which texts are shown: those that answer what was typed, only those that differ; `back` is the page pointed at."""

    typed: str = ""
    is_different: bool = False
    page: int = 1
    back: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Filter":
        """Read the filter from an address or a form; a page that is none is the first."""
        page = args.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
        typed = " ".join(args.get("q", "").split())[: word_search.LONGEST]
        different = args.get("different") == "1"
        return cls(typed, different, min(max(number, 1), LARGEST_PAGE), args.get("back", "")[:2000])

    def args(self, **changed: Any) -> dict[str, Any]:
        """Return the filter as parameters of an address."""
        named = {
            "q": self.typed,
            "different": "1" * self.is_different,
            "page": self.page if self.page > 1 else "",
            "back": self.back,
        }
        return {key: str(value) for key, value in (named | changed).items() if value}


def name_of(cell: Cell) -> str:
    """Return a cell as a form carries it."""
    return " ".join(cell[:2])


def cell_of(name: str) -> Cell:
    """Return the cell that a form carries."""
    target, _blank, key = name.partition(" ")
    return target, key, ""


def page_of(
    shown: Filter,
    draft: ChangeSet | None,
    typed: Mapping[Cell, Sequence[str]],
    faults: Mapping[Any, str],
) -> Page:
    """Return the rows of a page and its pager.

    After a refusal the rows are those that were typed into, whatever was looked for.
    """
    changed = _changed(draft)
    if typed:
        keys = list(dict.fromkeys(key for _target, key, _scope in typed if key in words.entries()))
        total, first = len(keys), 0
    else:
        found = word_search.find(shown.typed, changed)
        if shown.is_different:
            differing = {key for _target, key in changed}
            found = [key for key in found if key in differing]
        total, first = len(found), (shown.page - 1) * ROWS
        keys = found[first : first + ROWS]
    cells = [(word.target, word.key, "") for key in keys for word in words.entries()[key]]
    drafted, now = change_sets.values_with_draft(WORDS, cells, draft)
    return {
        "rows": [_row(key, drafted, now, typed, faults) for key in keys],
        "pager": _pager(shown, total, first, len(keys)),
    }


def _changed(draft: ChangeSet | None) -> dict[Place, list[str]]:
    """Return the texts that hold or would hold in place of the program's own."""
    held = {cell[:2]: forms_of(value) for cell, value in in_force.of_area(words.AREA).items()}
    overrides = draft.overrides if draft else []
    return held | {
        (one.target, one.key): forms_of(one.new) for one in overrides if one.area == words.AREA
    }


def _row(
    key: str,
    drafted: Mapping[Cell, Any],
    now: Mapping[Cell, Any],
    typed: Mapping[Cell, Sequence[str]],
    faults: Mapping[Any, str],
) -> Page:
    entry = words.entries()[key]
    texts = []
    for word in entry:
        cell = (word.target, word.key, "")
        texts.append(_text(word, cell, drafted[cell], now[cell], typed.get(cell), faults.get(cell)))
    return {"place": word_places.places(entry[0]), "context": entry[0].context, "texts": texts}


def _text(
    word: Word,
    cell: Cell,
    drafted: Any,
    now: Any,
    typed: Sequence[str] | None,
    fault: str | None,
) -> Page:
    was = forms_of(drafted)
    shown = typed if typed is not None and len(typed) == len(was) else was
    return {
        "name": name_of(cell),
        "language": words.TARGETS[word.target],
        "lang": "en" if word.target == words.ENGLISH else "zh-Hans-CN",
        "forms": [
            {"was": before, "text": text, "lines": min(_lines(before), MOST_LINES)}
            for before, text in zip(was, shown, strict=True)
        ],
        "default": WORDS.value_label(word.default) if drafted != word.default else "",
        "held": WORDS.value_label(now) if drafted != now else "",
        "most": word_rules.most(word.forms[0]),
        "fault": fault,
    }


def _lines(text: str) -> int:
    return sum(1 + len(line) // 34 for line in text.split("\n"))


def _pager(shown: Filter, total: int, first: int, count: int) -> Page:
    def url(page: int) -> str:
        return url_for("WordView.list", **shown.args(page=page if page > 1 else ""))

    return {
        "total_text": f"{total:,}",
        "total": total,
        "first": first + 1 if count else 0,
        "last": first + count,
        "prev_url": url(shown.page - 1) if first else None,
        "next_url": url(shown.page + 1) if first + count < total else None,
    }
