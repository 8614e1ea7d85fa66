"""The commands of `flask`, one file per subject."""

from flask import Flask

from app.commands import accounts, backups, data, documents, due, logs, preparing, rehearsal


def init_app(app: Flask) -> None:
    """Register every command on `app`."""
    for command in (
        preparing.prepare,
        preparing.sync_permissions,
        data.demo_accounts,
        data.load_sample,
        data.write_fingerprints,
        due.run_due,
        documents.docs,
        logs.verify_log,
        accounts.make_administrator,
        accounts.issue_password,
        backups.backup,
        backups.verify_backup,
        backups.restore,
        rehearsal.rehearsal,
        accounts.remove_second_factor,
    ):
        app.cli.add_command(command)
