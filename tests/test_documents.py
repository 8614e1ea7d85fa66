"""The documents name files and identifiers that exist."""

import re
from pathlib import Path

import pytest

from app.ground.paths import APP, ROOT

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/adr").glob("*.md")]
)
PRESS = ROOT / "docs" / "follow-a-press.md"
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in APP.rglob("*.py"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:app|tests|tools|docs|bench)/[\w./-]*)`", text)
    linked = [
        target
        for target in re.findall(r"\]\(([^)#:]+)\)", text)
        if not (document.parent / target).exists()
    ]

    assert [name for name in named if not (ROOT / name).exists()] == []
    assert linked == []


def test_every_function_of_the_followed_press_exists() -> None:
    text = PRESS.read_text(encoding="utf-8")
    functions = {name for _module, name in re.findall(r"`(\w+)\.(_?[a-z]\w+)`", text)} - {"py"}

    assert functions
    assert {name for name in functions if f"def {name}(" not in SOURCE} == set()
