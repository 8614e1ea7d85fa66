"""`flask prepare` and `flask sync-permissions`: set up tables, reference data, permissions and demo data.

Modules are imported inside the functions, so that each command starts fast and loads only what it uses.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext
from sqlalchemy import text

import config
from app.commands.output import say
from app.extensions import db, migrate
from app.ground import clock

PREPARE_LOCK = 0x7A68_6963
"""Number of the PostgreSQL advisory lock under which one process at a time prepares a database."""


@click.command
@with_appcontext
def prepare() -> None:
    """Bring translations, tables, reference data and permissions up to date. Safe to repeat."""
    _check_message_channels()
    config.close_to_others(current_app.config["DATA_DIR"])
    with one_at_a_time():
        prepare_tables()
        complete_data()
        _load_demo()
        _close_demo()
    say(gettext("The system is prepared."))


@click.command("sync-permissions")
@with_appcontext
def sync_permissions() -> None:
    """Grant newly declared permissions, revoke those no longer declared; keep manual changes."""
    with one_at_a_time():
        _sync_permissions()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock so that one process at a time prepares or fills the database.

    A lock file covers this machine; with PostgreSQL an advisory lock covers all machines.
    """
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


def prepare_tables() -> None:
    """Bring translations and tables up to date; the lock is held."""
    compile_translations()
    _migrate()


def complete_data() -> None:
    """Bring reference data and permissions up to date, and begin the log chain if there is none; the lock is held."""
    _begin_log_chain()
    _seed_reference_data()
    _sync_permissions()


def compile_translations() -> None:
    """Compile every catalogue that is newer than its compiled form."""
    from app.ground import catalogue
    from app.web import wording

    catalogue.compile_newer(
        Path(current_app.config["BABEL_TRANSLATION_DIRECTORIES"].split(";")[-1])
    )
    wording.reload()


def _check_message_channels() -> None:
    """Raise ClickException if the province's own channel (SMS_GATEWAY) cannot be loaded.

    Otherwise the fault would show only when the first message is sent.
    """
    from app.services.messages import channels

    try:
        channels.available()
    except (ImportError, AttributeError, TypeError) as error:
        gateway = current_app.config["SMS_GATEWAY"]
        raise click.ClickException(f"SMS_GATEWAY {gateway} cannot be loaded: {error}.") from error


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
    say(gettext("Preparing the tables …"))
    command.upgrade(config, "head")


def _begin_log_chain() -> None:
    from app.services.ground import log_chain

    count = log_chain.begin(db.session())
    db.session.commit()
    if count:
        say(gettext("Log chain: %(count)s rows of the logs linked.", count=count))


def _seed_reference_data() -> None:
    from app.services.form import form_definition
    from app.services.messages import outbox
    from app.services.registers import seeding

    seeding.seed_reference(db.session())
    form_definition.seed_form(db.session(), at=clock.now())
    outbox.seed_templates(db.session())
    db.session.commit()


def _sync_permissions() -> None:
    from app import permissions

    granted, revoked = permissions.sync()
    db.session.commit()
    if granted or revoked:
        say(
            gettext(
                "Permissions: %(granted)s granted, %(revoked)s revoked.",
                granted=len(granted),
                revoked=len(revoked),
            )
        )


def _load_demo() -> None:
    """Load the demonstration data if DEMO is set and the database has no unit yet (first start)."""
    from app.models import Unit

    is_empty = db.session.query(Unit.id).first() is None
    db.session.rollback()
    if current_app.config["DEMO"] and not current_app.config["REHEARSAL"] and is_empty:
        from app import demo

        say(gettext("Loading demonstration data …"))
        demo.load(db.session(), clock.now())
        db.session.commit()


def _close_demo() -> None:
    """Where DEMO is off, end the sessions of demonstration accounts and say what is to be done first."""
    from app.models import User
    from app.services.credentials import sessions

    if current_app.config["DEMO"]:
        return
    sessions.end_demonstration(at=clock.now())
    db.session.commit()
    if db.session.query(User.id).first() is None:
        say(
            gettext(
                "There is no account yet. Make the first with `flask make-administrator`,"
                " or set DEMO=1 for a demonstration with invented people."
            )
        )
    db.session.rollback()
