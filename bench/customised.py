"""Measure pages with 200 changed values and without, in turn in one run: `python -m bench.customised --applications 3000`.

Publishes titles, headings, widths and orders of pages, words, columns from the dossier and the ticks of an own role, and
undoes them again. Loads a sample into a new database of each kind; without a number measures the database of DATABASE_URL.
Prints per page the statements and the milliseconds (median) of the clock and of the processor, without and with the
changes, and the statements of the first request after each. Results are in bench/RESULTS.md.
"""

import argparse
import logging
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median, mode

from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import func, select

from app import create_app, sample
from app.enums import Role
from app.extensions import db
from app.models import Application, Position
from bench import both, customised_values, pages_data
from bench.timing import timed

TURNS, REPEATED = 12, 6
"""Turns of each kind, and requests of a page in each after the first, which reads what changed."""
QUEUE = "/g/1.1.1/check/"
PAGES = {
    "home": "/",
    "list": "/g/1.1.4/",
    "detail": "/g/1.1.4/{case}",
    "desk": QUEUE + "{waiting}",
    "form": "/g/1.5.1/add",
}
HEADING = "page     statements  at first | ms without, with         | of the processor"


@dataclass
class Taken:
    """What one page took: milliseconds of the clock and of the processor, statements, those of first requests."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)

    def ask(self, client: FlaskClient, page: str, *, is_first: bool) -> None:
        with timed() as sent:
            start, worked = time.perf_counter(), time.process_time()
            answer = client.get(page)
            worked, start = time.process_time() - worked, time.perf_counter() - start
        if answer.status_code != 200:
            raise SystemExit(f"{page} answers {answer.status_code}")
        if is_first:
            self.first.append(len(sent.statements))
            return
        self.clock.append(start * 1000)
        self.processor.append(worked * 1000)
        self.statements.append(len(sent.statements))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.customised", description=__doc__)
    parser.add_argument("--applications", type=int, help="load so many into new databases")
    options, more = parser.parse_known_args()
    if options.applications and not more:
        both.spawn("bench.customised", *sys.argv[1:])
        return
    app = create_app({"DEMO": False, "WTF_CSRF_ENABLED": False, "TRUSTED_HOSTS": ["localhost"]})
    logging.disable()
    with app.app_context(), force_locale("zh_Hans_CN"):
        if more:
            app.test_cli_runner().invoke(args=["prepare"], catch_exceptions=False)
            sample.load(options.applications, seed=1)
        for line in _measured(app):
            print(line, flush=True)


def _measured(app: Flask) -> Iterator[str]:
    total = db.session.scalar(select(func.count()).select_from(Application))
    held = pages_data.position(Role.UNIT)
    client, key, unit = pages_data.reader(app, held), held.id, held.unit_id
    case = db.session.scalar(select(Application.id).where(Application.unit_id == unit).limit(1))
    words = {"case": case, "waiting": pages_data.first_of(client, QUEUE)}
    pages = {name: page.format_map(words) for name, page in PAGES.items()}
    taken: dict[tuple[str, bool], Taken] = defaultdict(Taken)
    count = 0
    for turn in range(2 * TURNS):
        is_changed = bool(turn % 2)
        count = max(count, _change(key, is_changed=is_changed))
        for name, page in pages.items():
            # each page is asked first once in every turn, so that its first request is one after a change
            for at in range(REPEATED + 1):
                taken[name, is_changed].ask(client, page, is_first=not at)
    _change(key, is_changed=False)
    yield (
        f"{db.engine.dialect.name}, {total:,} applications, {count} changed values, {TURNS * REPEATED} requests each, median"
    )
    yield HEADING
    for name in PAGES:
        yield _line(name, taken[name, False], taken[name, True])


def _change(position: int, *, is_changed: bool) -> int:
    """Publish the changes or undo them, the reader's own role with them; return how many values were published."""
    if is_changed:
        count = customised_values.publish()
        db.session.get_one(Position, position).own_role_id = customised_values.own_role().id
    else:
        count = customised_values.undo()
        db.session.get_one(Position, position).own_role_id = None
    db.session.commit()
    db.session.remove()
    return count


def _line(name: str, usual: Taken, changed: Taken) -> str:
    clock = _figures(usual.clock, changed.clock)
    processor = _figures(usual.processor, changed.processor)
    # the most frequent: once a minute a session is noted as alive, and numbers are read again
    statements = f"{mode(usual.statements):3} → {mode(changed.statements)}"
    first = f"{mode(usual.first):3} → {mode(changed.first)}"
    return f"{name:8} {statements:>10} {first:>10} | {clock} | {processor}"


def _figures(usual: list[float], changed: list[float]) -> str:
    before, after = median(usual), median(changed)
    return f"{before:7.1f} {after:7.1f} {100 * (after / before - 1):+6.1f} %"


if __name__ == "__main__":
    main()
