"""The commands of `flask`, one file per subject."""

from flask import Flask

from app.commands import accounts, data, documents, due, preparing


def init_app(app: Flask) -> None:
    """Register every command on `app`."""
    for command in (
        preparing.prepare,
        preparing.sync_permissions,
        data.demo_accounts,
        data.load_sample,
        due.run_due,
        documents.docs,
        accounts.make_administrator,
        accounts.issue_password,
        accounts.remove_second_factor,
    ):
        app.cli.add_command(command)
