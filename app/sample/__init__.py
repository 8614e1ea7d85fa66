"""Generate a realistic province of millions of rows for measurements; reproducible by seed and day."""

import time
from datetime import datetime
from math import ceil
from random import Random

import click
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import settings
from app.extensions import db
from app.ground import clock
from app.models import Counter as RunningNumber
from app.sample import people, province
from app.sample.applications import ApplicationWriter, shuffled_states
from app.sample.meetings import Meetings
from app.sample.times import YEARS, Year, years
from app.sample.writer import Writer
from app.services.form import form_definition
from app.services.ground import log_chain
from app.services.ground.numbering import INSERTS
from app.services.registers import seeding

EACH = 100_000
"""Number of applications between two progress lines."""


def load(applications: int, *, seed: int, at: datetime | None = None) -> dict[str, int]:
    """Write a province with `applications` applications; return the number of rows per table.

    Existing rows stay, and ids continue after them. Commits in between.
    """
    session, started = db.session(), time.monotonic()
    today = clock.local_date(at or clock.now())
    random = Random(seed)
    seeding.seed_reference(session)
    version, region = form_definition.newest_version(session), settings.get("certificate_region")
    numbers = dict(session.execute(select(RunningNumber.name, RunningNumber.value)).tuples().all())
    writer, review_years = Writer(session), years(today)
    last_log_row = writer.last["transition_log"]
    _say(gettext("Units, committees and batches …"))
    ground = province.build(session, writer, random, review_years, today)
    _say(gettext("People …"))
    everybody = people.build(writer, random, ground, ceil(applications / YEARS) * 2)
    people.write_experts(writer, random, ground, everybody, today)
    scribe = ApplicationWriter(
        writer, random, ground, everybody, Meetings(writer, ground), version, region
    )
    scribe.numbers.update(
        {name: value for name, value in numbers.items() if name.startswith("application:")}
    )
    _write(scribe, review_years, applications, started)
    scribe.write_quotas(review_years[-1])
    _say(gettext("Finishing …"))
    writer.close()
    log_chain.link_from(session, "transition_log", last_log_row)
    session.commit()
    _keep_numbers(session, scribe)
    _say(_progress(applications, started))
    return writer.written


def _write(
    scribe: ApplicationWriter, review_years: list[Year], applications: int, started: float
) -> None:
    """Write the applications year by year; people apply again, but never twice in a year."""
    now, then = shuffled_states(scribe.random)
    everybody = len(scribe.people.names)
    written = 0
    for number, year in enumerate(review_years):
        share = applications * (number + 1) // YEARS - applications * number // YEARS
        first = everybody * number // 6
        for order in range(share):
            deck = now if year.is_current else then
            scribe.write((first + order) % everybody, year, deck[order % len(deck)])
            scribe.writer.flush_if_full()
            written += 1
            if written % EACH == 0:
                _say(_progress(written, started))


def _keep_numbers(session: Session, scribe: ApplicationWriter) -> None:
    """Store the running numbers, so that the program continues after the last one used here."""
    insert = INSERTS[session.get_bind().dialect.name]
    rows = [{"name": name, "value": value} for name, value in scribe.numbers.items()]
    if rows:
        kept = insert(RunningNumber)
        session.execute(
            kept.on_conflict_do_update(
                index_elements=[RunningNumber.name], set_={"value": kept.excluded.value}
            ),
            rows,
        )
    session.commit()


def _progress(count: int, started: float) -> str:
    seconds = time.monotonic() - started
    return gettext(
        "%(count)s applications after %(seconds)s s", count=count, seconds=f"{seconds:.1f}"
    )


def _say(line: str) -> None:
    click.echo(line, err=True)
