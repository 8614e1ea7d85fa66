"""The tasks that administrators do in the browser without a programmer: each has one test, which states its presses.

A press is a click on a button, a link or a tick, a choice from a list, or Enter; typing is none. They are counted in
the page, from the start page on, so that no way around the hand leaves one out. Undoing a task is not counted.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from statistics import median

import pytest

from tests.browser.chromium import ChromiumHand

TASKS = (
    "rename-a-column",
    "add-a-field",
    "show-a-field-in-a-list",
    "hide-a-field-for-a-series",
    "move-a-menu",
    "take-a-button-from-a-role",
    "make-an-own-role",
    "notice-days",
    "pass-cap",
    "change-a-condition",
    "ask-for-a-material",
    "reword-a-button",
    "edit-a-message",
    "add-and-retire-a-value",
    "insert-a-level",
    "next-years-calendar",
    "add-a-phrase",
    "sort-a-list",
    "chart-on-the-home-page",
    "carry-over",
    "undo-changes",
    "why-not",
    "restore-the-rights-of-a-role",
    "schedule-a-change",
)
"""Each is the name of its page under docs/customise."""
PROPERTY = "presses"
Record = Callable[[str, object], None]
Measure = Callable[..., AbstractContextManager[None]]
"""What the fixture `measured` is: called with the hands whose presses count."""


def task(name: str, presses: int) -> pytest.MarkDecorator:
    """Mark the test of a task with the presses it takes; the fixture `measured` compares them with those counted."""
    return pytest.mark.task(name, presses)


@contextmanager
def counting(test: pytest.Item, record: Record, hands: Sequence[ChromiumHand]) -> Iterator[None]:
    """Count the presses of the hands in a test of a task, and fail where it states another number."""
    marked = test.get_closest_marker("task")
    assert marked is not None, "the test of a task says which one and in how many presses"
    name, stated = marked.args
    for hand in hands:
        hand.begin_counting()
    yield
    counted = sum(hand.end_counting() for hand in hands)
    record(PROPERTY, [name, counted])
    assert counted == stated, f"{name} takes {counted} presses"


def table(reports: list[pytest.TestReport]) -> list[str]:
    """Return the lines of the table of tasks with their presses, and the median; none where none was measured."""
    found: dict[str, int] = {}
    for report in reports:
        found |= dict(value for key, value in report.user_properties if key == PROPERTY)  # type: ignore[misc]
    if not found:
        return []
    lines = [f"{found[name]:>3}  {name}" for name in TASKS if name in found]
    middle = median(found.values())
    return [*lines, f"{len(found)} of {len(TASKS)} tasks measured, median {middle:g} presses"]
