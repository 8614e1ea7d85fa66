"""Permissions as a file: written sorted and without ids, read as a dry run that says what would change."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from flask_babel import gettext

from app.engine import Refused
from app.enums import Role
from app.ground.actor import Actor
from app.services.accounts import own_roles
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
    """Return the permissions that hold now as JSON: menu → permission → roles; own roles with what they are made of."""
    scopes = own_roles.scopes()
    cells = [(*place, scope) for place in area.items() for scope in scopes]
    held = area.present(cells)
    rights: dict[str, dict[str, list[str]]] = {}
    for view, permission, scope in cells:
        holders = rights.setdefault(view, {}).setdefault(permission, [])
        if held[view, permission, scope]:
            holders.append(scope)
    body = {"kind": KIND, "format": FORMAT, "rights": rights, "own_roles": _own_roles()}
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True)


def read(actor: Actor, area: RightsArea, stream: IO[bytes]) -> Reading:
    """Return what a file would change. Raises Refused for what is no such file; nothing is stored.

    Own roles that are not here are named once, with what they are made of; those that the file does not name are
    left alone.
    """
    found, items = Reading(), area.items()
    body = _body(stream)
    wanted: dict[Cell, bool] = {}
    here = set(own_roles.scopes())
    missing, named = _missing_own_roles(body, here), _named(body)
    found.unknown += missing.values()
    for view, permission, holders in _entries(body):
        found.unknown += [
            f"{view} {permission}: {one}"
            for one in holders
            if one not in here and one not in missing
        ]
        if (view, permission) not in items:
            found.unknown.append(f"{view} {permission}")
            continue
        wanted |= {(view, permission, scope): scope in holders for scope in sorted(here & named)}
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


def _own_roles() -> dict[str, dict[str, str]]:
    return {
        one.scope: {
            "base": one.base.value, "name": one.name, "name_en": one.name_en, "remark": one.remark,
        }
        for one in own_roles.in_use()
    }  # fmt: skip


def _named(body: Mapping[str, Any]) -> set[str]:
    """Return the roles that a file is about: all of the program, and the own roles it knew."""
    return {*(role.value for role in Role), *_described(body)}


def _described(body: Mapping[str, Any]) -> dict[str, Any]:
    described = body.get("own_roles", {})
    return described if isinstance(described, dict) else {}


def _missing_own_roles(body: Mapping[str, Any], here: Collection[str]) -> dict[str, str]:
    """Return the own roles of a file that are not in use here, each with a sentence."""
    return {
        scope: gettext(
            "Own role “%(name)s” of “%(base)s”: add it under “Own roles” first, then read the file in again.",
            name=str(facts.get("name", scope))[:60] if isinstance(facts, dict) else scope[:60],
            base=own_roles.label(str(facts.get("base", ""))[:30])
            if isinstance(facts, dict)
            else "",
        )
        for scope, facts in _described(body).items()
        if scope not in here
    }


def _body(stream: IO[bytes]) -> Mapping[str, Any]:
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
    return body


def _entries(body: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    rights = body["rights"].items()
    return [entry for view, named in rights for entry in _permissions(view, named)]


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
