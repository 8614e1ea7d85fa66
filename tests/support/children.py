"""Start subprocesses in tests: in parallel, with a generous time limit, and killed when the test ends."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psutil

PATIENCE = 600
"""Time limit in seconds for a program to end, far more than any of them takes."""


@contextmanager
def started(*commands: Sequence[str], **options: Any) -> Iterator[list[subprocess.Popen[str]]]:
    """Start `commands` in parallel and yield their processes.

    Afterwards kill those that still run, with their child processes, and close their pipes. An option that is
    a list holds one value for each command.
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
    """Wait for each process; return its exit status, stdout and stderr ("" for a stream not captured)."""
    captured = [child.communicate(timeout=PATIENCE) for child in children]
    return [
        (child.returncode, output or "", complaints or "")
        for child, (output, complaints) in zip(children, captured, strict=True)
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
