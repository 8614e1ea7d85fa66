"""Changed values of pages, words and columns as a file: sorted, without ids; read as a dry run that says what would change."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import CustomValue
from app.services.customising import catalogue
from app.services.customising.catalogue import Area, Cell
from app.services.customising.stored_area import StoredArea

KIND, FORMAT = "customisation", 1
LARGEST = 4 * 1024 * 1024
EVERYBODY = "*"
"""Stands in the file for the scope of everybody."""


@dataclass
class Reading:
    """What a file would change by area, with the values of now; what the program does not have; what may not be set."""

    values: dict[str, dict[Cell, Any]] = field(default_factory=dict)
    now: dict[str, Mapping[Cell, Any]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(len(cells) for cells in self.values.values())


def areas_of(actor: Actor) -> dict[str, StoredArea]:
    """Return the areas that the actor changes and whose values stand in the table of values."""
    return {
        name: area
        for name, area in catalogue.AREAS.items()
        if isinstance(area, StoredArea) and actor.role in area.authors
    }


def write(actor: Actor) -> str:
    """Return every value that differs from the program's own as JSON: area → target → key → scope."""
    names = areas_of(actor)
    rows = db.session.scalars(select(CustomValue).where(CustomValue.area.in_(names)))
    body: dict[str, Any] = {}
    for row in rows:
        place = body.setdefault(row.area, {}).setdefault(row.target, {}).setdefault(row.key, {})
        place[row.scope or EVERYBODY] = row.value
    whole = {"kind": KIND, "format": FORMAT, "areas": body}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True)


def read(actor: Actor, stream: IO[bytes]) -> Reading:
    """Return what a file would change; what it does not name stays. Raises Refused for what is no such file."""
    found, areas = Reading(), areas_of(actor)
    wanted: dict[str, dict[Cell, Any]] = {}
    for name, cell, value in _entries(stream):
        if name not in areas or cell[:2] not in areas[name].items():
            found.unknown.append(f"{name} {cell[0]} {cell[1]}")
        else:
            wanted.setdefault(name, {})[cell] = value
    for name, cells in wanted.items():
        _sort_out(found, actor, areas[name], cells)
    return found


def _sort_out(found: Reading, actor: Actor, area: Area, cells: Mapping[Cell, Any]) -> None:
    items, now = area.items(), area.present(cells)
    found.now[area.name], found.values[area.name] = now, {}
    for cell, value in cells.items():
        if value == now[cell]:
            continue
        item = items[cell[:2]]
        if why := area.why_not(actor, item, cell[2], value):
            found.refused.append(f"{item.menu} · {item.label}{gettext(': ')}{why}")
        else:
            found.values[area.name][cell] = value


def _entries(stream: IO[bytes]) -> Iterator[tuple[str, Cell, Any]]:
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(gettext("The file is larger than 4 MB; no export is."), "file")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise _no_file() from None
    if not isinstance(body, dict) or body.get("kind") != KIND or body.get("format") != FORMAT:
        raise _no_file()
    for name, target, key, scope, value in _flat(body.get("areas")):
        yield name, (target, key, "" if scope == EVERYBODY else scope), value


def _flat(body: Any, depth: int = 4) -> Iterator[tuple[Any, ...]]:
    if not isinstance(body, dict):
        raise _no_file()
    for key, value in body.items():
        if depth == 1:
            yield key, value
        else:
            yield from ((key, *rest) for rest in _flat(value, depth - 1))


def _no_file() -> Refused:
    return Refused(gettext("This is no file that 【Export】 on this page has written."), "file")
