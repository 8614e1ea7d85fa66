"""Damage to files: single bytes changed for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def flipped(path: Path, at: int, bits: int) -> Iterator[None]:
    """Change the byte at `at`, then change it back."""
    path.chmod(0o600)
    _flip(path, at, bits)
    try:
        yield
    finally:
        _flip(path, at, bits)


def _flip(path: Path, at: int, bits: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        old = file.read(1)[0]
        file.seek(at)
        file.write(bytes([old ^ bits]))
