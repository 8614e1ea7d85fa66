"""`flask rehearsal begin` and `flask rehearsal end`; `fill` is what `begin` runs inside of the rehearsal."""

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError

from app.commands import preparing
from app.commands.output import say, shown_as_one_line
from app.extensions import db
from app.ground import clock

SIZE = click.option(
    "--size",
    type=click.Choice(["small", "medium", "large"]),
    default="small",
    show_default=True,
    help="How many committees, units and cases.",
)
KEEP_DATES = click.option(
    "--keep-dates",
    is_flag=True,
    help="Leave batches that have not begun as they are; nobody can apply in them yet.",
)


@click.group("rehearsal")
def rehearsal() -> None:
    """A rehearsal year: the configuration in force with invented people, in a database of its own."""


@rehearsal.command("begin")
@SIZE
@KEEP_DATES
@with_appcontext
def begin(size: str, keep_dates: bool) -> None:
    """Make a rehearsal beside the program in force, which is only read."""
    from app.rehearsal import beginning

    with shown_as_one_line():
        where = beginning.begin(size=size, moves=not keep_dates, at=clock.now())
    say(
        gettext(
            "The rehearsal is ready in %(folder)s. Serve it with `make rehearsal` or REHEARSAL=1 python run.py; throw"
            " it away with `make rehearsal-end`.",
            folder=str(where.folder),
        )
    )


@rehearsal.command("end")
@with_appcontext
def end() -> None:
    """Throw the rehearsal away: its database, files and keys."""
    from app.rehearsal import ending

    with shown_as_one_line():
        ending.end()
    say(gettext("Nothing is left of the rehearsal."))


@rehearsal.command("fill", hidden=True)
@SIZE
@KEEP_DATES
@with_appcontext
def fill(size: str, keep_dates: bool) -> None:
    """Copy the configuration into the empty rehearsal and invent people; run by `begin` alone."""
    from app.rehearsal import copying, inventing, places

    if not current_app.config["REHEARSAL"]:
        raise click.ClickException(gettext("This command is run by `flask rehearsal begin`."))
    try:
        with (
            preparing.one_at_a_time(),
            copying.reading(current_app.config["REHEARSED_DATABASE_URI"]) as source,
        ):
            preparing.prepare_tables()
            say(gettext("Copying the configuration …"))
            with db.engine.begin() as target:
                copying.copy(source, target)
            preparing.complete_data()
            say(gettext("Inventing people and cases …"))
            for sentence in inventing.invent(
                db.session(), source, size=size, moves=not keep_dates, at=clock.now()
            ):
                say(f"· {sentence}")
            db.session.commit()
    except (OSError, SQLAlchemyError) as error:
        raise click.ClickException(places.reason(error)) from error
