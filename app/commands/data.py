"""`flask demo-accounts`, `load-sample`, `write-fingerprints`: list demo accounts, load sample data, fill in fingerprints."""

import json

import click
from flask.cli import with_appcontext

from app.commands.preparing import one_at_a_time
from app.extensions import db


@click.command("demo-accounts")
@with_appcontext
def demo_accounts() -> None:
    """Print the demonstration accounts as one JSON object."""
    from app import demo

    try:
        accounts = demo.accounts()
    except demo.NoPasswords as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(accounts, ensure_ascii=False, indent=2))


@click.command("load-sample")
@click.option("--applications", type=click.IntRange(1), required=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same data.")
@with_appcontext
def load_sample(applications: int, seed: int) -> None:
    """Fill the database with a realistic province of many applications."""
    from app import sample

    with one_at_a_time():
        sample.load(applications, seed=seed)
        db.session.commit()


@click.command("write-fingerprints")
@with_appcontext
def write_fingerprints() -> None:
    """Write the fingerprints of everything handed in so far. Needed once after the upgrade; safe to repeat."""
    from app.services.dossier import submissions

    count, last = 0, 0
    while keys := submissions.handed_in_after(last):
        submissions.write_fingerprints(keys)
        db.session.commit()
        count, last = count + len(keys), keys[-1]
    click.echo(count)
