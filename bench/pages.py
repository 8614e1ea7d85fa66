"""Measure the pages of a day's work on many applications: `python -m bench.pages --applications 300000`.

Loads a sample into a new database of each kind; without a number measures the database of DATABASE_URL. Prints per
page the answer, statements, bytes, and milliseconds (median of five): the page, its statements, the slowest of them.
`--plans` adds how the database answers statements slower than SLOW. Results are in bench/RESULTS.md.
"""

import argparse
import logging
import statistics
import sys
import time
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app, sample
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.menu import TREE
from app.models import Application
from app.todos import digest
from bench import both, pages_data
from bench.timing import plan_of, timed

ROUNDS, SLOW = 5, 30
NO_HIT = "匿匿"
"""Characters that stand in no name."""
STAFF = {
    Role.HRSS: (
        "/", "/g/1.1.4/", "/g/1.1.4/?q.state=at_superior", "/g/1.1.4/?q.name=李", "/g/1.1.4/?q.any={name}",
        "/g/1.1.4/?q.any=" + NO_HIT, "/g/1.1.4/?q.any={number}", "/g/1.1.4/?q.any=第一中学",
        "/g/1.1.4/?sort=held_since&dir=desc", "/g/1.1.4/?sort=unit",
        "/g/1.1.4/?q.submitted_at.from=2026-01-01&q.submitted_at.to=2026-12-31",
        "/g/1.1.4/?cols=number,name,unit,batch,series,level,title,state,submitted_at,person.employment",
        "/g/1.1.4/?sort=d.papers.title&dir=desc", "/g/1.1.4/?sort=d.papers.words&page=400", "/g/1.1.4/?q.d.papers.title=课堂",
        "/g/1.1.4/?q.d.papers.title=" + NO_HIT, "/g/1.1.4/?q.d.papers.words.from=9000&q.d.papers.words.to=9010",
        "/g/1.1.4/{case}", "/g/statistics/charts", "/g/statistics/waiting", "/g/statistics/units", "/g/statistics/",
        "/find?q={name}", "/find?q=" + NO_HIT, "/find?q={number}", "/find?q={prefix}", "/find?q=第一中学", "/find?q=ABX", "/find?q=2026",
    ),
    Role.OFFICE: (
        "/", "/g/1.2.1/", "/g/1.2.1/?sort=office_at&dir=desc", "/g/1.2.1/?q.any=" + NO_HIT, "/g/1.2.1/{waiting}",
        "/g/1.2.1/act/audit?all=1", "/g/1.2.1/all/", "/g/1.2.1/all/?q.any=" + NO_HIT, "/g/statistics/charts",
        "/g/statistics/waiting", "/find?q={name}", "/find?q=" + NO_HIT, "/g/1.6.1/", "/g/1.6.1/tree",
    ),
    Role.SUPERIOR: (
        "/", "/g/1.1.3/", "/g/1.1.3/?sort=held_since&dir=desc", "/g/1.1.3/?q.any=" + NO_HIT, "/g/1.1.3/{waiting}",
        "/g/1.1.3/act/audit?all=1", "/g/1.1.4/", "/g/statistics/charts", "/g/statistics/waiting", "/find?q={name}",
        "/find?q=" + NO_HIT,
    ),
    Role.UNIT: (
        "/", "/g/1.1.1/", "/g/1.1.1/{waiting}", "/g/1.1.4/", "/g/1.1.4/?sort=d.papers.title", "/g/1.1.4/?q.d.papers.title=" + NO_HIT,
        "/g/statistics/charts", "/find?q={name}", "/find?q=" + NO_HIT,
    ),
    Role.SYSADMIN: (
        "/", "/g/units/", "/g/units/tree", "/g/units/tree?at={unit}", "/g/units/tree?q=第一中学", "/g/units/tree?q=" + NO_HIT,
        "/find?q={name}", "/find?q=" + NO_HIT,
    ),
}  # fmt: skip
QUEUES = {Role.OFFICE: "/g/1.2.1/", Role.SUPERIOR: "/g/1.1.3/", Role.UNIT: "/g/1.1.1/"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--applications", type=int, help="load so many into new databases")
    parser.add_argument("--plans", action="store_true", help="say how slow statements are answered")
    parser.add_argument("--only", default="", help="part of the addresses to measure")
    options, more = parser.parse_known_args()
    if options.applications and not more:
        both.spawn("bench.pages", *sys.argv[1:])
        return
    app = create_app({"DEMO": False, "WTF_CSRF_ENABLED": False, "TRUSTED_HOSTS": ["localhost"]})
    logging.disable()
    with app.app_context():
        if more:
            app.test_cli_runner().invoke(args=["prepare"], catch_exceptions=False)
            sample.load(options.applications, seed=1)
        for line in _measured(app, options):
            print(line, flush=True)


def _measured(app: Flask, options: argparse.Namespace) -> Iterator[str]:
    total = db.session.scalar(select(func.count()).select_from(Application))
    yield f"{db.engine.dialect.name}, {total:,} applications, median of {ROUNDS}, in ms: page, statements, slowest"
    case = pages_data.case_with_hits()
    if "d." in options.only or not options.only:
        pages_data.fill_columns()
    words = pages_data.words(case)
    for role, pages in STAFF.items():
        client = pages_data.reader(app, pages_data.position(role))
        words["waiting"] = pages_data.first_of(client, QUEUES.get(role, "/"))
        for page in pages:
            if options.only in f"{role.value} {page}":
                yield from _lines(client, role, page.format_map(words), has_plans=options.plans)
    if not options.only or options.only in "digest":
        pages_data.fill_accounts()
        yield _digest_line()


def _lines(client: FlaskClient, role: Role, page: str, *, has_plans: bool) -> Iterator[str]:
    whole, database, slowest, status, size = [], [], [], 0, 0
    for _round in range(ROUNDS + 1):
        with timed() as sent:
            start = time.perf_counter()
            answer = client.get(page)
            whole.append((time.perf_counter() - start) * 1000)
        database.append(sent.total)
        slowest.append(sent.slowest[0])
        status, size = answer.status_code, len(answer.data)
    # the first round warms up
    figures = [statistics.median(one[1:]) for one in (whole, database, slowest)]
    yield (
        f"{role.value:8} {page:54.54} {status} {len(sent.statements):3} statements {size:8,} bytes "
        + " ".join(f"{one:8.1f}" for one in figures)
    )
    if has_plans and figures[2] > SLOW:
        yield from (f"    {line}" for line in (sent.slowest[1], *plan_of(sent.slowest)))


def _digest_line() -> str:
    """Measure the digest of the first accounts; it is rolled back."""
    at, sizes, count = clock.now(), 0, sum(pages_data.ACCOUNTS.values()) + len(STAFF)
    menus = tuple(TREE.entries())
    with timed() as sent:
        start = time.perf_counter()
        while (written := digest.write_page(menus, at)) is not None:
            sizes += written
        whole = (time.perf_counter() - start) * 1000
    db.session.rollback()
    return f"digest of {count} accounts, {sizes} sent: {len(sent.statements)} statements {whole:.0f} {sent.total:.0f} {sent.slowest[0]:.1f}"


if __name__ == "__main__":
    main()
