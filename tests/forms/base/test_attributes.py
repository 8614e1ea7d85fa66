"""Attributes of controls are written as WTForms writes them."""

import importlib.util
from typing import Any

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup
from wtforms import Form, RadioField, SelectField, StringField, TextAreaField

from app.forms.base import attributes

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
values = st.one_of(
    st.booleans(), st.none(), st.integers(), st.text(max_size=12), st.text(max_size=12).map(Markup)
)


def stock_html_params(**given_: Any) -> Markup:
    """Write attributes with WTForms' own function, which the application has replaced."""
    found = importlib.util.find_spec("wtforms.widgets.core")
    assert found is not None
    assert found.loader is not None
    core = importlib.util.module_from_spec(found)
    found.loader.exec_module(core)
    written: Markup = core.html_params(**given_)
    return written


@given(st.dictionaries(names, values, max_size=4))
@example({"class_": "in", "data_find": True, "aria_label": 'a "b" <c>', "checked": False})
@example({"title": Markup('a "b" &amp; c'), "<": "&'"})
def test_attributes_are_those_of_the_library(given_: dict[str, Any]) -> None:
    assert attributes.html_params(**given_) == stock_html_params(**given_)


@pytest.mark.parametrize("name", ["line", "area", "choice", "radio"])
def test_values_of_every_widget_are_escaped(app: Flask, name: str) -> None:
    class Page(Form):
        line = StringField()
        area = TextAreaField()
        choice = SelectField(choices=["a"])
        radio = RadioField(choices=["a"])

    assert 'title="a &#34;b&#34; &lt;c&gt;"' in Page()[name](title='a "b" <c>')
