"""Count the SQL statements of a request, and table rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app.extensions import db

NO_QUERY = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements sent inside the block, transaction control left out."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(NO_QUERY):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def statements_of(client: FlaskClient, url: str) -> int:
    """Return how many statements a page takes."""
    # otherwise the request would commit what the test wrote
    db.session.commit()
    with statements() as sent:
        assert client.get(url).status_code == 200
    return len(sent)


def count(model: type[Any], *where: Any) -> int:
    """Return how many rows of a table there are."""
    return int(db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0)
