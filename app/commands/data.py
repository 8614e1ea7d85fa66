"""`flask demo-accounts` and `flask load-sample`: accounts of the demonstration, data in bulk."""

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

    with one_at_a_time():
        sample.load(applications, seed=seed)
        db.session.commit()
