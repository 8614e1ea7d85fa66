"""What publishing a form means for lists that show fields of the dossier."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext

from app.extensions import appbuilder
from app.ground import in_force
from app.models.dossier_value import DECLARED
from app.services.form.form_edits import Body


def removed(before: Body, after: Body) -> list[str]:
    """Return a warning for every column of a list whose field `after` has no more."""
    was, stays = _labels(before), _labels(after)
    gone = {key: label for key, label in was.items() if key not in stays}
    lists: dict[str, list[str]] = {}
    for (target, key, _scope), value in in_force.of_area(DECLARED).items():
        if value and key in gone:
            lists.setdefault(key, []).append(_name_of(target))
    return [
        gettext(
            "“%(label)s” is a column of %(lists)s. The column stays and shows it for the cases that have it; new ones have none.",
            label=gone[key],
            lists=gettext(", ").join(names),
        )
        for key, names in sorted(lists.items())
    ]


def _labels(body: Mapping[str, Any]) -> dict[str, str]:
    return dict(_places(body))


def _places(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for section in body["sections"]:
        for field in section["fields"]:
            yield f"{section['key']}.{field['key']}", f"{section['label']} · {field['label']}"


def _name_of(target: str) -> str:
    """Return number and name of a list, as its menu says them."""
    for view in appbuilder.baseviews:
        if type(view).__name__ == target:
            return f"{view.guide} {getattr(view, 'tab_label', view.label)}"
    return target
