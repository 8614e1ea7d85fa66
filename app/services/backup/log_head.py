"""Head of the log chain in a copy of the database: noted when the backup is made, compared when it is verified."""

import sqlite3

HEAD = "SELECT number, digest FROM log_head"


def of(copy: sqlite3.Connection) -> str:
    """Return number and digest of the last link as `number:digest`, "" if the database has no chain."""
    has_chain = copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'log_head'").fetchone()
    found = copy.execute(HEAD).fetchone() if has_chain else None
    return f"{found[0]}:{found[1]}" if found else ""
