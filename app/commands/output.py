"""Terminal output of commands: messages on stderr, refusals as one line without a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


def say(line: str) -> None:
    """Print a message on stderr."""
    click.echo(line, err=True)


@contextmanager
def shown_as_one_line() -> Iterator[None]:
    """Turn Refused into a ClickException, which click prints as one line."""
    from app.engine import Refused

    try:
        yield
    except Refused as refusal:
        raise click.ClickException(refusal.sentence) from refusal
