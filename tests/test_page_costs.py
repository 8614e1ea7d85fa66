"""How many statements each page of each role takes, with one row of everything and with thirty.

The golden file is the table of what was reached. `make golden` only lowers its figures; one that has to rise, and
why, is a change by hand. What stands above GOALS today:

- lists: session, settings, menu counts, years, messages and positions of the frame are six statements by themselves;
- details: the parts of a dossier and what the buttons' rules read;
- acts: of applications, what is read for many at once is four statements more than for one; elsewhere a rule or two still
  ask about each row for itself.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask

from tests.support import page_costs, thirtyfold
from tests.support.databases import Prepared
from tests.support.page_costs import Cost, Page
from tests.support.world import inhabited

GOLDEN = Path(__file__).parent / "golden" / "page_costs.txt"
GOALS = {"home": 10, "list": 6, "detail": 10, "act": 10}
"""Statements that a page of a kind may take; one above its goal has its own limit in the golden file."""
ROWS = 30
SPARE = 1.1
"""A page may have this many times the bytes of the golden file: numbers and days differ in length."""


class Line(NamedTuple):
    """A line of the golden file: statements with one row and with many, kilobytes with many."""

    one: int
    many: int
    kilobytes: int

    @property
    def growth(self) -> int:
        return max(0, self.many - self.one)


Costs = dict[Page, Line]


@pytest.fixture(scope="module")
def costs(application: Flask, prepared: Prepared) -> Iterator[Costs]:
    with inhabited(application, prepared) as world:
        one = page_costs.measure(application, world, 1)
        thirtyfold.multiply(world.own, ROWS - 1)
        many = page_costs.measure(application, world, ROWS)
        yield {page: line_of(one[page], many[page]) for page in one if page in many}


def line_of(one: Cost, many: Cost) -> Line:
    return Line(one.statements, many.statements, -(-many.size // 1000))


def known() -> Costs:
    """Return the lines of the golden file."""
    found: Costs = {}
    for row in GOLDEN.read_text(encoding="utf-8").splitlines()[1:]:
        kind, name, role, *figures = row.split()
        found[page_costs.page(role, kind, name)] = Line(*map(int, figures))
    return found


def written(lines: Costs) -> str:
    head = f"{'kind':7} {'page':42} {'role':10} {'at 1':>5} {f'at {ROWS}':>5} {'KB':>4}\n"
    rows = sorted((p.kind, p.name, p.role.value, *line) for p, line in lines.items())
    return head + "".join(
        f"{kind:7} {name:42} {role:10} {one:5} {many:5} {size:4}\n"
        for kind, name, role, one, many, size in rows
    )


def lowered(before: Costs, now: Costs) -> Costs:
    """Return the figures of now where they are lower, and those of new pages."""
    return {
        page: Line(*map(min, before[page], line)) if page in before else line
        for page, line in now.items()
    }


def test_no_page_takes_more_than_in_the_golden_file(costs: Costs) -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        before = known() if GOLDEN.exists() else {}
        GOLDEN.write_text(written(lowered(before, costs)), encoding="utf-8")
    allowed = known()

    dearer = {
        page: (line, allowed.get(page))
        for page, line in costs.items()
        if line.many > max(GOALS[page.kind], allowed[page].many if page in allowed else 0)
    }
    assert dearer == {}


def test_no_page_takes_more_for_more_rows(costs: Costs) -> None:
    allowed = known()

    growing = {
        page: line
        for page, line in costs.items()
        if line.growth > (allowed[page].growth if page in allowed else 0)
    }
    assert growing == {}


def test_no_page_is_larger_than_in_the_golden_file(costs: Costs) -> None:
    allowed = known()

    larger = {
        page: (line.kilobytes, allowed[page].kilobytes)
        for page, line in costs.items()
        if page in allowed and line.kilobytes > allowed[page].kilobytes * SPARE + 1
    }
    assert larger == {}


def test_every_page_stands_in_the_golden_file(costs: Costs) -> None:
    assert set(costs) == set(known())
