"""The configuration as one file, to be reviewed, read in elsewhere and compared: sorted, without numbers of rows.

Areas of what may be changed (`services/customising/catalogue.py`) hold target → key → scope → value; beside them stand
what own roles are made of, and the published application form.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any, NamedTuple

from flask_babel import gettext

from app.engine import Refused
from app.services.accounts import own_roles
from app.services.customising import catalogue
from app.services.customising.catalogue import Cell
from app.services.form import form_versions
from app.services.ground import own_files

KIND, FORMAT = "configuration", 1
MOST_MB = 3
EVERYBODY = "*"
"""Stands in the file for the scope of everybody."""


class Content(NamedTuple):
    """What a file says: values by area, facts of own roles by their scope, the form or None."""

    areas: Mapping[str, Mapping[Cell, Any]]
    own_roles: Mapping[str, Mapping[str, str]]
    form: Mapping[str, Any] | None


def here(areas: Collection[str] | None = None) -> Content:
    """Return the configuration of this installation, or of some areas only, then without the form."""
    names = catalogue.AREAS if areas is None else areas
    return Content(
        {name: catalogue.AREAS[name].stated() for name in names},
        _own_roles(),
        form_versions.in_force().body if areas is None else None,
    )


def write(content: Content) -> str:
    """Return a configuration as the text of a file."""
    body: dict[str, Any] = {
        "kind": KIND,
        "format": FORMAT,
        "areas": {name: _nested(cells) for name, cells in content.areas.items()},
        "own_roles": content.own_roles,
    }
    if content.form is not None:
        body["form"] = content.form
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True)


def read(stream: IO[bytes]) -> Content:
    """Return what a file says, whether this program has it or not. Raises Refused for what is no such file."""
    body = own_files.read(stream, KIND, FORMAT, most_mb=MOST_MB, otherwise=no_file())
    areas: dict[str, dict[Cell, Any]] = {}
    for name, target, key, scope, value in _flat(body.get("areas"), 4):
        cell = (target, key, "" if scope == EVERYBODY else scope)
        areas.setdefault(name, {})[cell] = value
    return Content(areas, _described(body), _form(body.get("form")))


def no_file() -> Refused:
    """Return the refusal of something that is no file of this kind."""
    return Refused(gettext("This is no file that 【Export】 on this page has written."), "file")


def _nested(cells: Mapping[Cell, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for (target, key, scope), value in cells.items():
        body.setdefault(target, {}).setdefault(key, {})[scope or EVERYBODY] = value
    return body


def _flat(body: Any, depth: int) -> Iterator[tuple[Any, ...]]:
    if not isinstance(body, dict):
        raise no_file()
    for key, value in body.items():
        if depth == 1:
            yield key, value
        else:
            yield from ((key, *rest) for rest in _flat(value, depth - 1))


def _own_roles() -> dict[str, dict[str, str]]:
    return {
        one.scope: {
            "base": one.base.value, "name": one.name, "name_en": one.name_en, "remark": one.remark,
        }
        for one in own_roles.in_use()
    }  # fmt: skip


def _described(body: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return what the own roles of a file are made of."""
    found: dict[str, dict[str, str]] = {}
    for scope, fact, value in _flat(body.get("own_roles", {}), 2):
        if not isinstance(value, str):
            raise no_file()
        found.setdefault(scope, {})[fact] = value
    return found


def _form(body: Any) -> Mapping[str, Any] | None:
    if body is not None and not isinstance(body, dict):
        raise no_file()
    return body
