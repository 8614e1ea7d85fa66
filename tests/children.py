"""Programs that tests start: all at once, each with time enough, and ended whatever happens to the test."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psutil

PATIENCE = 600
"""Seconds after which a program will not end any more; far more than it ever takes."""


@contextmanager
def started(*commands: Sequence[str], **options: Any) -> Iterator[list[subprocess.Popen[str]]]:
    """Start `commands` together; what still runs afterwards is killed with all it started, its pipes closed.

    An option that is a list holds one value for each command.
    """
    children: list[subprocess.Popen[str]] = []
    try:
        for place, command in enumerate(commands):
            own = {k: v[place] if isinstance(v, list) else v for k, v in options.items()}
            children.append(subprocess.Popen(command, text=True, **own))
        yield children
    finally:
        for child in children:
            _end(child)


def ended(children: Sequence[subprocess.Popen[str]]) -> list[tuple[int, str, str]]:
    """Return exit status, output and complaints of each; "" for what was not caught."""
    told = [child.communicate(timeout=PATIENCE) for child in children]
    return [
        (child.returncode, output or "", complaints or "")
        for child, (output, complaints) in zip(children, told, strict=True)
    ]


def _end(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        for process in [*psutil.Process(child.pid).children(recursive=True), child]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            pipe.close()
