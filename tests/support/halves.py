"""pytest plugin: deselect tests that need to run on only one of the two databases.

The suite runs on SQLite and on PostgreSQL; a test runs on both only if the database can change its result:

- A test that does not use the fixture `database`, directly or through another fixture, runs on SQLite alone.
  pytest knows the fixtures of each test, so no list is needed; but a test that needs a database must
  get it through a fixture.
- The look of a page and the content of a file are the same on every database, and the journeys are played in
  Chromium on one and over HTTP on the other: `JUDGED_ON` names the database of such a directory or test.
- A page sends the same statements to every database: they are counted on one.
- A door that is closed by role answers before any row is read, after the same two statements at every door.

LONG=1 runs everything on both. A run in which every test is left to the other one succeeds and says so.
"""

import os

import pytest

DATABASE = os.environ.get("DATABASE", "sqlite")
JUDGED_ON = {
    "tests/browser/": "sqlite",
    "tests/holding_out/test_stalled.py": "sqlite",
    "tests/hostile/": "sqlite",
    "tests/journeys/": "postgresql",
    "tests/test_access.py::test_without_a_sign_in": "sqlite",
    "tests/test_access.py::test_without_the_permission": "sqlite",
    "tests/test_access.py::test_api_is_closed": "sqlite",
    "tests/test_permissions.py::test_each_permission_is_the_one": "sqlite",
    "tests/test_page_costs.py": "sqlite",
    "tests/services/imports/": "sqlite",
}
"""Directory, or start of a test's name → the one database it runs on."""
LEFT = pytest.StashKey[int]()
"""Number of tests left to the other run; the workers report it to the process that started them."""


def only_on(item: pytest.Item) -> str | None:
    """Return the only database `item` runs on, or None if it runs on both."""
    if os.environ.get("LONG"):
        return None
    if "database" not in getattr(item, "fixturenames", ()):
        return "sqlite"
    place = f"{item.path.relative_to(item.config.rootpath).as_posix()}::{item.name}"
    return next((kind for start, kind in JUDGED_ON.items() if place.startswith(start)), None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of the other run, after all other selection."""
    left = [item for item in items if only_on(item) not in (None, DATABASE)]
    config.stash[LEFT] = len(left)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    """Take over the number of deselected tests that a worker reports."""
    reported = getattr(node, "workeroutput", {}).get("left", 0)
    stash = node.config.stash  # type: ignore[attr-defined]  # a worker of pytest-xdist, which is untyped
    stash[LEFT] = max(stash.get(LEFT, 0), reported)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Report the number of deselected tests, in a worker; let a run with no other tests succeed."""
    left = session.config.stash.get(LEFT, 0)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left"] = left
    elif exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and left:
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many tests were left to the other run."""
    if left := terminalreporter.config.stash.get(LEFT, 0):
        other = "PostgreSQL" if DATABASE == "sqlite" else "SQLite"
        terminalreporter.write_line(f"{left} tests run on {other} alone and were left to it")
