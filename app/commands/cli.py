"""The commands of `flask`: prepare, sync-permissions, demo-accounts, load-sample, run-due, docs,
make-administrator, issue-password.

Imports stand inside the commands, so that each starts fast and needs only its own part.
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_babel import get_domain, gettext
from sqlalchemy import text

from app.enums import Role
from app.extensions import db, migrate
from app.ground import clock
from app.ground.actor import SYSTEM
from app.web import journal

PREPARE_LOCK = 0x7A68_6963
"""Any number, the same for every process that prepares the same PostgreSQL database."""
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    for command in (
        prepare,
        sync_permissions,
        demo_accounts,
        load_sample,
        run_due,
        docs,
        make_administrator,
        issue_password,
    ):
        app.cli.add_command(command)


@click.command
@with_appcontext
def prepare() -> None:
    """Bring translations, tables, reference data and permissions up to date. Safe to repeat."""
    _check_channels()
    with _one_at_a_time():
        compile_translations()
        _migrate()
        _seed()
        _sync()
        _load_demo()
    _say(gettext("The system is prepared."))


@click.command("sync-permissions")
@with_appcontext
def sync_permissions() -> None:
    """Grant what the code newly declares, revoke what left it; changes made by hand stay."""
    with _one_at_a_time():
        _sync()


@click.command("demo-accounts")
@with_appcontext
def demo_accounts() -> None:
    """Print the demonstration accounts as one JSON object."""
    from app import demo

    try:
        found = demo.accounts()
    except demo.NoPasswords as why:
        raise click.ClickException(str(why)) from why
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@click.command("load-sample")
@click.option("--applications", type=click.IntRange(1), required=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same data.")
@with_appcontext
def load_sample(applications: int, seed: int) -> None:
    """Fill the database with a realistic province of many applications."""
    from app import sample

    with _one_at_a_time():
        sample.load(applications, seed=seed)
        db.session.commit()


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


@click.command
@with_appcontext
def docs() -> None:
    """Write the generated documents: permission matrix, state diagrams, guide to file table."""
    from app.commands import documents as documents

    compile_translations()
    for path in documents.write():
        _say(str(path))


@click.command("make-administrator")
@click.argument("role", type=click.Choice(["sysadmin", "secadmin", "auditor"]))
@click.argument("username")
@click.argument("name")
@with_appcontext
def make_administrator(role: str, username: str, name: str) -> None:
    """Create the account of an administrator and print its first password, good for one sign-in."""
    from app.services.accounts import accounts

    with _said_plainly():
        user, password = accounts.create_account(
            SYSTEM, username=username, name=name, at=clock.now()
        )
        accounts.grant_position(SYSTEM, user, Role(role))
        db.session.commit()
    click.echo(password)


@click.command("issue-password")
@click.argument("username")
@with_appcontext
def issue_password(username: str) -> None:
    """Replace the password of any account and print the new one, good for one sign-in."""
    from app.models import User
    from app.services.accounts import accounts, lockout

    user = db.session.query(User).filter_by(username=lockout.canonical(username)).first()
    if user is None:
        raise click.ClickException(gettext("There is no account “%(name)s”.", name=username))
    password = accounts.issue_first_password(SYSTEM, user, at=clock.now())
    db.session.commit()
    click.echo(password)


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Show a refusal as one line."""
    from app.engine import Refused

    try:
        yield
    except Refused as refusal:
        raise click.ClickException(refusal.sentence) from refusal


def _due_pass() -> dict[str, int]:
    from app.services.jobs import scheduled_jobs

    counts = scheduled_jobs.run(clock.now())
    db.session.commit()
    return counts


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one process at a time change the ground: on this machine by a file, on all by PostgreSQL."""
    path = current_app.config["DATA_DIR"] / "prepare.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if db.engine.dialect.name != "postgresql":
            yield
            return
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET lock_timeout = 0"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": PREPARE_LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": PREPARE_LOCK})
                connection.invalidate()


def compile_translations() -> None:
    """Compile every catalogue that is newer than its compiled form."""
    from app.ground import catalogue

    catalogue.compile_newer(
        Path(current_app.config["BABEL_TRANSLATION_DIRECTORIES"].split(";")[-1])
    )
    # what was looked up before it was compiled, here or by another process, is looked up again
    get_domain().cache.clear()


def _check_channels() -> None:
    """Find out before anybody waits for a message that a province's own channel cannot be loaded."""
    from app.services.messages import channels

    try:
        channels.available()
    except (ImportError, AttributeError, TypeError) as why:
        place = current_app.config["SMS_GATEWAY"]
        raise click.ClickException(f"SMS_GATEWAY {place} cannot be loaded: {why}.") from why


def _migrate() -> None:
    from alembic import command
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = migrate.get_config()
    script = ScriptDirectory.from_config(config)
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present == script.get_current_head():
        return
    if present and present not in {revision.revision for revision in script.walk_revisions()}:
        raise click.ClickException(
            gettext("The database was prepared by a newer version of the program; start that one.")
        )
    _say(gettext("Preparing the tables …"))
    command.upgrade(config, "head")


def _seed() -> None:
    from app.services.form import form_definition
    from app.services.messages import outbox
    from app.services.registers import seeding

    seeding.seed_reference(db.session())
    form_definition.seed_form(db.session(), at=clock.now())
    outbox.seed_templates(db.session())
    db.session.commit()


def _sync() -> None:
    from app import permissions

    granted, revoked = permissions.sync()
    db.session.commit()
    if granted or revoked:
        _say(
            gettext(
                "Permissions: %(granted)s granted, %(revoked)s revoked.",
                granted=len(granted),
                revoked=len(revoked),
            )
        )


def _load_demo() -> None:
    """Load the demonstration data on the very first start, never again."""
    from app.models import Unit

    is_empty = db.session.query(Unit.id).first() is None
    db.session.rollback()
    if current_app.config["DEMO"] and is_empty:
        from app import demo

        _say(gettext("Loading demonstration data …"))
        demo.load(db.session(), clock.now())
        db.session.commit()


def _say(line: str) -> None:
    click.echo(line, err=True)
