"""The catalogues of translations. Their compiled form is not committed: every machine makes its own."""

import os
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po


def compile_newer(root: Path) -> None:
    """Compile every catalogue below `root` that is newer than its compiled form."""
    for source in root.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)


def compiled(root: Path, language: str) -> Catalog:
    """Return the messages of the compiled catalogue of a language below `root`."""
    with (root / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        return read_mo(file)


def _compile(source: Path, target: Path) -> None:
    # another process may do the same: the compiled form appears complete or not at all
    half_done = target.with_suffix(f".{os.getpid()}")
    with source.open("rb") as catalogue, half_done.open("wb") as compiled:
        write_mo(compiled, read_po(catalogue, locale=source.parent.parent.name))
    half_done.replace(target)
