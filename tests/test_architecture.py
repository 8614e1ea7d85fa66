"""Where things stand: only the engine writes states, services do not commit, views list their columns."""

import ast
import re
from pathlib import Path

import pytest
from flask_appbuilder import ModelView

from app.extensions import appbuilder
from app.views.base.base import GuideView

ROOT = Path(__file__).parent.parent
APP = ROOT / "app"
SOURCES = sorted(APP.rglob("*.py"))
EDGES = {"scheduled_jobs.py", "cleanup.py", "deliveries.py", "snapshot.py"}
"""Services that are an edge themselves: the clock's pass commits each due item, each claim and message
sent, each portion of pictures it looked at, and a backup the file it writes."""
DATA_LOADERS = {"demo", "sample"}
WIDGETS_OF_THE_PACKAGE = APP / "templates" / "admin" / "lib.html"
"""Flask-Admin's form widgets return HTML as plain text; nothing a person typed passes there unescaped."""


def assignments(tree):
    for node in ast.walk(tree):
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AugAssign)
            else []
        )
        for target in targets:
            if isinstance(target, ast.Attribute):
                yield target


def test_only_the_engine_writes_a_state():
    writers = {
        str(path.relative_to(APP))
        for path in SOURCES
        if not DATA_LOADERS & set(path.relative_to(APP).parts)
        for target in assignments(ast.parse(path.read_text(encoding="utf-8")))
        if target.attr == "state"
    }

    assert writers <= {"engine/moves.py", "services/review/qualification.py"}


def test_services_never_commit():
    committing = [
        path.name
        for path in (APP / "services").rglob("*.py")
        if re.search(r"\.commit\(\)", path.read_text(encoding="utf-8")) and path.name not in EDGES
    ]

    assert committing == []


def test_services_and_workflow_know_no_flask_request():
    known = [
        path.name
        for folder in ("services", "workflow")
        for path in (APP / folder).rglob("*.py")
        if re.search(
            r"from flask import .*\b(request|session|flash|g)\b", path.read_text(encoding="utf-8")
        )
    ]

    assert [name for name in known if name != "audit.py"] == []


def test_every_list_names_its_columns(app):
    views = [view for view in appbuilder.baseviews if isinstance(view, ModelView)]

    assert views
    assert [type(view).__name__ for view in views if not isinstance(view, GuideView)] == []
    assert [
        type(view).__name__ for view in views if not (view.list_columns and view.search_columns)
    ] == []


def test_templates_mark_nothing_as_safe():
    marked = [
        path.name
        for path in (APP / "templates").rglob("*.html")
        if path != WIDGETS_OF_THE_PACKAGE
        and re.search(r"\|\s*safe\b", path.read_text(encoding="utf-8"))
    ]

    assert marked == []


@pytest.mark.parametrize("pattern", [r"\bstyle=", r"\son[a-z]+=\"", r"<script>(?!</script>)"])
def test_templates_have_nothing_inline(pattern):
    inline = [
        path.name
        for path in (APP / "templates").rglob("*.html")
        if re.search(pattern, path.read_text(encoding="utf-8"))
    ]

    assert inline == []


def test_no_template_names_another_host():
    named = [
        path.name
        for path in (APP / "templates").rglob("*.html")
        if re.search(r"(src|href|action)=\"(https?:)?//", path.read_text(encoding="utf-8"))
    ]

    assert named == []
