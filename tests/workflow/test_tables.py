"""The transition tables: listed once, readable, and drawn as they are in docs/generated/workflows.md."""

import re

import pytest
from flask import Flask
from flask_babel import force_locale

from app.engine import Workflow
from app.ground import paths
from app.workflow import TABLES

WIDEST = 120
DIAGRAMS = (paths.ROOT / "docs" / "generated" / "workflows.md").read_text(encoding="utf-8")


def test_every_table_is_listed() -> None:
    assert set(TABLES.values()) == set(Workflow.registry.values())


@pytest.mark.parametrize("name", TABLES)
def test_diagram_says_what_the_rows_say(app: Flask, name: str) -> None:
    section = DIAGRAMS.partition(f"## {name}\n")[2].partition("\n## ")[0]

    with force_locale("zh_Hans_CN"):
        rows = {
            f"{source} --> {target.value}: {row.label}"
            for row in TABLES[name].rows.values()
            for target in row.targets
            for source in row.source or ("[*]",)
        }
    assert set(re.findall(r"^    (.* --> .*)$", section, re.MULTILINE)) == rows


def test_rows_are_formatted_like_all_code() -> None:
    sources = {
        path: path.read_text(encoding="utf-8") for path in (paths.APP / "workflow").rglob("*.py")
    }

    assert [path.name for path, text in sources.items() if "fmt: skip" in text] == []
    assert [
        f"{path.name}: {line}"
        for path, text in sources.items()
        for line in text.splitlines()
        if len(line) > WIDEST
    ] == []
