"""Fields of the maintenance pages: those of all other forms, with the same checks and sentences."""

from collections.abc import Callable, Mapping
from typing import Any

import wtforms
from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_admin.contrib.sqla.validators import Unique
from flask_babel import gettext
from sqlalchemy import Boolean, Date, Enum, Integer, String, Text
from wtforms import ValidationError
from wtforms.validators import InputRequired, Optional

from app.forms.base import base
from app.validators import code

LONGEST_TEXT = 5000
MOST = 999_999

Given = dict[str, Any]


class Taken(Unique):
    """Refuses a code that another row has."""

    def __call__(self, form: Any, field: wtforms.Field) -> None:
        try:
            super().__call__(form, field)
        except ValidationError:
            raise ValidationError(taken(field.data)) from None


class Converter(AdminModelConverter):
    """Converts columns of a model to fields of `app.forms`; `form_args` of a page may narrow them."""

    def get_converter(self, column: Any) -> Callable[..., wtforms.Field]:
        make = next(make for kind, make in MAKERS.items() if isinstance(column.type, kind))

        def convert(*, column: Any, field_args: Given, **_rest: Any) -> wtforms.Field:
            given = _common(column, field_args)
            return make(column, given.pop("label"), given)

        return convert


def taken(typed: Any) -> str:
    """Return the sentence about a code that another row has."""
    return gettext(
        "“%(typed)s” is there already. Enter another code, or change the row that has it.",
        typed=typed,
    )


def _common(column: Any, given: Given) -> Given:
    """Return the arguments of a field, without the framework's own checks, whose sentences are others."""
    checks = given.pop("validators", [])
    told = given.pop("description", None) or column.info.get("help", "")
    return {
        **given,
        "validators": [
            Taken(one.db_session, one.model, one.column)
            for one in checks
            if isinstance(one, Unique)
        ]
        + [one for one in checks if not isinstance(one, Unique | InputRequired | Optional)],
        "required": any(isinstance(one, InputRequired) for one in checks),
        "help": told,
    }


def _text(column: Any, label: Any, given: Given) -> wtforms.Field:
    if column.name == "code":
        given = {"check": code, **given}
    return base.text(label, column.type.length, **given)


def _area(column: Any, label: Any, given: Given) -> wtforms.Field:
    return base.area(label, LONGEST_TEXT, **given)


def _integer(column: Any, label: Any, given: Given) -> wtforms.Field:
    least, most = given.pop("minimum", 0), given.pop("maximum", MOST)
    return base.integer(label, least, most, **given)


def _tick(column: Any, label: Any, given: Given) -> wtforms.Field:
    return base.tick(label, **{**given, "required": False})


def _choice(column: Any, label: Any, given: Given) -> wtforms.Field:
    return base.choice(label, column.type.enum_class, **given)


def _day(column: Any, label: Any, given: Given) -> wtforms.Field:
    return base.day(label, **given)


MAKERS: Mapping[Any, Callable[[Any, Any, Given], wtforms.Field]] = {
    Enum: _choice,
    Text: _area,
    String: _text,
    Boolean: _tick,
    Integer: _integer,
    Date: _day,
}
"""Kind of a column → its field. Special kinds first: a choice is a text, too."""
