"""How rows of a file are stored: by the service that has more to do than the row itself, where there is one."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app import settings
from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.services.accounts import parameters
from app.services.accounts.parameters import Wish
from app.services.rules import rule_edits

Key = tuple[str, ...]
Row = Mapping[str, Any]
"""The columns of a row, the key among them, as they are stored."""
Store = Callable[[Actor, Any, Any, Row | None, Actor | None], None]


def store(actor: Actor, model: Any, row: Any, values: Row | None, second: Actor | None) -> None:
    """Add, change or, without values, remove a row. Raises Refused for one that others name."""
    if values is not None and row is not None:
        for name, value in values.items():
            setattr(row, name, value)
    elif values is not None:
        db.session.add(model(**values))
    elif row is not None:
        _remove(row)
    db.session.flush()


def store_rule(
    actor: Actor, model: Any, row: Any, values: Row | None, second: Actor | None
) -> None:
    """Store an eligibility rule: what is counted by it is counted again."""
    if values is None and row is not None:
        rule_edits.remove_rule(row, actor=actor)
    elif values is not None and row is not None:
        rule_edits.change_rule(row, dict(values), actor=actor)
    elif values is not None:
        rule_edits.add_rule(dict(values), actor=actor)


def store_number(
    actor: Actor, model: Any, row: Any, values: Row | None, second: Actor | None
) -> None:
    """Store a parameter, valid from today on."""
    if values is None:
        return
    key, seen = values["key"], settings.display_value(values["key"])
    wish = Wish(
        key, values["value"], seen, remark=gettext("With a set of changes, see the log of changes")
    )
    if values["value"] != seen:
        parameters.change(actor, wish, second=second)


def _remove(row: Any) -> None:
    name = str(row)
    try:
        with db.session.begin_nested():
            db.session.delete(row)
    except IntegrityError:
        raise Refused(
            gettext("“%(name)s” is used and cannot be removed. Retire it instead.", name=name)
        ) from None
