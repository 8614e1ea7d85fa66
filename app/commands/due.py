"""`flask run-due`: run the scheduled jobs, once or in a loop."""

import json
import logging
import os
import time

import click
from flask.cli import with_appcontext

from app.extensions import db
from app.ground import clock, database
from app.web import journal

log = logging.getLogger(__name__)


@click.command("run-due")
@click.option("--every", type=click.IntRange(1), help="Repeat after so many seconds, for ever.")
@with_appcontext
def run_due(every: int | None) -> None:
    """Run the jobs that are due: close notices, lapse missed supplements, end terms, send messages and digests."""
    if every is None:
        click.echo(json.dumps(_run_jobs_once()))
        return
    journal.to_stdout()
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            _run_jobs_once()
        except Exception:
            # an error in one pass must not prevent the next one
            log.exception("the due job failed")
            db.session.rollback()
        db.session.remove()
        time.sleep(every)


def _run_jobs_once() -> dict[str, int]:
    from app.menu import TREE
    from app.services.jobs import scheduled_jobs
    from app.todos import digest

    counts = scheduled_jobs.run(clock.now())
    counts |= {"digests": digest.run(TREE.entries(), clock.now())}
    db.session.commit()
    database.finish_forgetting()
    return counts
