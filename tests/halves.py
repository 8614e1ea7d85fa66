"""Which tests a run on one database leaves to the run on the other.

The suite runs on SQLite and on PostgreSQL; a test runs twice only where a database has a say in it:

- A test whose fixtures do not lead to `database`, the fixture that everything stored rests on, runs on
  SQLite alone. pytest knows the fixtures of each test, so nobody keeps a list. Whoever needs a database
  therefore asks for a fixture; nothing else names one.
- What a page looks like and what a file holds is the same on every database, and the journeys are played in
  Chromium on one and over HTTP on the other: `JUDGED_ON` names the one.

LONG=1 runs everything on both. A run of which all tests are left to the other ends well and says so.
"""

import os

import pytest

DATABASE = os.environ.get("DATABASE", "sqlite")
JUDGED_ON = {
    "tests/browser/": "sqlite",
    "tests/hostile/": "sqlite",
    "tests/journeys/": "postgresql",
}
LEFT = pytest.StashKey[int]()
"""How many tests this run left to the other; the workers tell the process that started them."""


def only_on(item: pytest.Item) -> str | None:
    """Return the one database `item` runs on, None when it runs on both."""
    if os.environ.get("LONG"):
        return None
    if "database" not in getattr(item, "fixturenames", ()):
        return "sqlite"
    place = item.path.relative_to(item.config.rootpath).as_posix()
    return next((kind for folder, kind in JUDGED_ON.items() if place.startswith(folder)), None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is the other run's, after everything else was sorted out."""
    left = [item for item in items if only_on(item) not in (None, DATABASE)]
    config.stash[LEFT] = len(left)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    told = getattr(node, "workeroutput", {}).get("left", 0)
    stash = node.config.stash  # type: ignore[attr-defined]
    stash[LEFT] = max(stash.get(LEFT, 0), told)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A worker tells how many were left; a run that found nothing else ends well."""
    left = session.config.stash.get(LEFT, 0)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left"] = left
    elif exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and left:
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if left := terminalreporter.config.stash.get(LEFT, 0):
        other = "PostgreSQL" if DATABASE == "sqlite" else "SQLite"
        terminalreporter.write_line(f"{left} tests run on {other} alone and were left to it")
