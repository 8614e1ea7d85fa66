"""Commands of the operator on accounts: create administrators, reset passwords, remove lost devices."""

import click
from flask.cli import with_appcontext
from flask_babel import gettext

from app.commands.output import shown_as_one_line
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM


@click.command("make-administrator")
@click.argument("role", type=click.Choice(["sysadmin", "secadmin", "auditor"]))
@click.argument("username")
@click.argument("name")
@with_appcontext
def make_administrator(role: str, username: str, name: str) -> None:
    """Create the account of an administrator and print its first password, good for one sign-in."""
    from app.services.accounts import accounts

    with shown_as_one_line():
        user = accounts.create_account(SYSTEM, username=username, name=name)
        password = accounts.issue_first_password(SYSTEM, user, at=clock.now())
        accounts.grant_position(SYSTEM, user, Role(role))
        db.session.commit()
    click.echo(password)


@click.command("remove-second-factor")
@click.argument("username")
@with_appcontext
def remove_second_factor(username: str) -> None:
    """Remove the device of the second factor of any account; the person is told and sets up a new one."""
    from app.models import User
    from app.services.credentials import lockout, second_factors

    user = db.session.query(User).filter_by(username=lockout.canonical(username)).first()
    if user is None:
        raise click.ClickException(gettext("There is no account “%(name)s”.", name=username))
    second_factors.remove_by_operator(user, at=clock.now())
    db.session.commit()


@click.command("issue-password")
@click.argument("username")
@with_appcontext
def issue_password(username: str) -> None:
    """Replace the password of any account and print the new one, good for one sign-in."""
    from app.models import User
    from app.services.accounts import accounts
    from app.services.credentials import lockout

    user = db.session.query(User).filter_by(username=lockout.canonical(username)).first()
    if user is None:
        raise click.ClickException(gettext("There is no account “%(name)s”.", name=username))
    password = accounts.issue_first_password(SYSTEM, user, at=clock.now())
    db.session.commit()
    click.echo(password)
