"""Permissions as a file: written sorted and without ids, read as a dry run that says what would change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from flask_babel import gettext

from app.engine import Refused
from app.enums import Role
from app.ground.actor import Actor
from app.services.customising.catalogue import Cell
from app.services.customising.rights import RightsArea

KIND, FORMAT = "menu-permissions", 1
LARGEST = 1024 * 1024
MOST_NAMED = 50


@dataclass
class Reading:
    """What a file would change, what of it the program does not have, and what may not be set."""

    values: dict[Cell, bool] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def write(area: RightsArea) -> str:
    """Return the permissions that hold now as JSON: menu → permission → roles."""
    cells = [(*place, role.value) for place in area.items() for role in Role]
    held = area.present(cells)
    rights: dict[str, dict[str, list[str]]] = {}
    for view, permission, role in cells:
        roles = rights.setdefault(view, {}).setdefault(permission, [])
        if held[view, permission, role]:
            roles.append(role)
    body = {"kind": KIND, "format": FORMAT, "rights": rights}
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True)


def read(actor: Actor, area: RightsArea, stream: IO[bytes]) -> Reading:
    """Return what a file would change. Raises Refused for what is no such file; nothing is stored."""
    found, items = Reading(), area.items()
    wanted: dict[Cell, bool] = {}
    for view, permission, roles in _entries(stream):
        found.unknown += [f"{view} {permission}: {one}" for one in roles if one not in list(Role)]
        if (view, permission) not in items:
            found.unknown.append(f"{view} {permission}")
            continue
        wanted |= {(view, permission, role.value): role.value in roles for role in Role}
    held = area.present(wanted)
    for cell, value in wanted.items():
        if value == held[cell]:
            continue
        item = items[cell[:2]]
        if why := area.why_not(actor, item, cell[2], value):
            place = f"{area.scope_label(cell[2])} · {item.menu} · {item.label}"
            found.refused.append(f"{place}{gettext(': ')}{why}")
        else:
            found.values[cell] = value
    return found


def _entries(stream: IO[bytes]) -> list[tuple[str, str, list[str]]]:
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(gettext("The file is larger than 1 MB; no export is."), "file")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise Refused(
            gettext("This is no file that 【Export】 on this page has written."), "file"
        ) from None
    rights = body.get("rights") if isinstance(body, dict) else None
    if not isinstance(rights, dict) or body.get("kind") != KIND or body.get("format") != FORMAT:
        raise Refused(gettext("This is no file that 【Export】 on this page has written."), "file")
    return [entry for view, named in rights.items() for entry in _permissions(view, named)]


def _permissions(view: str, named: Any) -> list[tuple[str, str, list[str]]]:
    if not isinstance(named, Mapping) or not all(
        isinstance(roles, list) and all(isinstance(role, str) for role in roles)
        for roles in named.values()
    ):
        raise Refused(
            gettext(
                "In the file “%(menu)s” is not a list of permissions with roles.", menu=view[:80]
            ),
            "file",
        )
    return [(view, permission, roles) for permission, roles in named.items()]
