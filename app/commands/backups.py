"""`flask backup`, `flask verify-backup` and `flask restore`."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext

from app.commands.output import say, shown_as_one_line
from app.ground import clock

FOLDER = click.Path(file_okay=False, path_type=Path)
PRESENT = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("backup")
@click.argument("folder", type=FOLDER)
@click.option("--keys", type=FOLDER, help="Where the keys go; never on the medium of the backup.")
@with_appcontext
def backup(folder: Path, keys: Path | None) -> None:
    """Save database and files under FOLDER while the program runs, and print the place of the backup."""
    from app.services.backup import backups

    with shown_as_one_line():
        place = backups.make(folder, keys, at=clock.now())
    if keys is None:
        say(
            gettext(
                "The keys were not saved. Without them the backup cannot be restored: use --keys."
            )
        )
    click.echo(place)


@click.command("verify-backup")
@click.argument("place", type=PRESENT)
@click.option("--keys", type=PRESENT, help="The keys saved with this backup.")
@with_appcontext
def verify_backup(place: Path, keys: Path | None) -> None:
    """Read everything of the backup at PLACE again; ends with status 1 if anything is damaged or missing."""
    from app.services.backup import verification

    report = verification.verify(place, keys)
    for sentence in (*report.faults, *report.notes):
        say(sentence)
    if report.faults or report.facts is None:
        raise click.exceptions.Exit(1)
    facts = report.facts
    say(
        gettext(
            "The backup of %(made)s agrees: %(tables)s tables, %(rows)s rows, %(files)s files. Head of the log: %(head)s.",
            made=facts.made_at,
            tables=len(facts.tables),
            rows=sum(facts.tables.values()),
            files=facts.files,
            head=facts.log_head or "–",
        )
    )


@click.command("restore")
@click.argument("place", type=PRESENT)
@click.option("--keys", type=PRESENT, help="The keys saved with this backup.")
@with_appcontext
def restore(place: Path, keys: Path | None) -> None:
    """Restore the backup at PLACE into an empty installation."""
    from app.services.backup import restoring

    with shown_as_one_line():
        facts = restoring.restore(place, keys, at=clock.now())
    say(
        gettext(
            "The state of %(made)s is restored. Start the program; what was done after that moment has to be done again.",
            made=facts.made_at,
        )
    )
