"""`flask run-due`: the clock process, which does what has become due."""

import json
import logging
import os
import time

import click
from flask.cli import with_appcontext

from app.extensions import db
from app.ground import clock
from app.web import journal

log = logging.getLogger(__name__)


@click.command("run-due")
@click.option("--every", type=click.IntRange(1), help="Repeat after so many seconds, for ever.")
@with_appcontext
def run_due(every: int | None) -> None:
    """Do what the calendar asks for: end notices, close batches, let missed supplements lapse."""
    if every is None:
        click.echo(json.dumps(_due_pass()))
        return
    journal.to_stdout()
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            _due_pass()
        except Exception:
            # the next pass must come, whatever one record did
            log.exception("the due job failed")
            db.session.rollback()
        db.session.remove()
        time.sleep(every)


def _due_pass() -> dict[str, int]:
    from app.services.jobs import scheduled_jobs

    counts = scheduled_jobs.run(clock.now())
    db.session.commit()
    return counts
