"""`flask verify-log`: recompute the chain of the logs."""

import click
from flask.cli import with_appcontext
from flask_babel import gettext

from app.commands.output import say
from app.extensions import db


@click.command("verify-log")
@click.option(
    "--head", "heads", multiple=True, help="A head printed on a paper, such as 1204:9f3c…."
)
@with_appcontext
def verify_log(heads: tuple[str, ...]) -> None:
    """Find the first row of the logs that was changed, deleted, inserted, exchanged or cut off.

    Ends with status 1 if something does not agree.
    """
    from app.services.ground import log_verification

    report = log_verification.verify(db.session(), heads)
    db.session.rollback()
    for sentence in report.faults:
        say(sentence)
    if report.faults or report.head is None:
        raise click.exceptions.Exit(1)
    say(
        gettext(
            "%(count)s rows agree with the chain; its head is %(head)s.",
            count=report.links,
            head=report.head,
        )
    )
