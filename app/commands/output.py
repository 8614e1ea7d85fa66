"""What commands write to the terminal: messages on stderr, refusals as one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


def say(line: str) -> None:
    click.echo(line, err=True)


@contextmanager
def shown_as_one_line() -> Iterator[None]:
    """Show a refusal as one line."""
    from app.engine import Refused

    try:
        yield
    except Refused as refusal:
        raise click.ClickException(refusal.sentence) from refusal
