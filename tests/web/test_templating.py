"""Templates read dictionaries by key first and everything else as Jinja does."""

from types import SimpleNamespace

import pytest
from flask import Flask


@pytest.mark.parametrize(
    ("value", "path", "text"),
    [
        ({"title": "a"}, "title", "a"),
        ({"items": "a"}, "items", "a"),
        ({"a": 1}, "items()|list", "[('a', 1)]"),
        ({}, "title|default('none')", "none"),
        (SimpleNamespace(title="a"), "title", "a"),
        ({"title": None}, "title", "None"),
    ],
)
def test_name_is_read(app: Flask, value: object, path: str, text: str) -> None:
    template = app.jinja_env.from_string("{{ value." + path + "|string|safe }}")

    assert template.render(value=value) == text
