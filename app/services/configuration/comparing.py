"""A file of a configuration beside this installation: what it would change, what it cannot, and what is only here."""

import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from app.engine import Refused
from app.ground.actor import Actor
from app.services.accounts import own_roles
from app.services.configuration.configuration_file import Content
from app.services.customising import catalogue, change_sets
from app.services.customising.catalogue import Area, Cell
from app.services.form import form_files, form_versions
from app.services.form.form_differences import differences


@dataclass(frozen=True)
class Line:
    """One value that differs, in words."""

    area: str
    scope: str
    menu: str
    label: str
    old: str
    new: str


@dataclass
class Comparison:
    """What a file would change here.

    `values` and `lines` are of the areas that the reader changes, `others` are lines of those that somebody else does,
    `unknown` names what the program or the installation does not have, `refused` what may not be set, `only_here`
    what differs here from the program's own and the file does not name; it stays. `form` is a form that differs from
    the published one in `form_size` places.
    """

    values: dict[str, dict[Cell, Any]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    only_here: list[Line] = field(default_factory=list)
    form: Any = None
    form_size: int = 0

    @property
    def size(self) -> int:
        """Return how many values would be collected in the draft."""
        return sum(len(cells) for cells in self.values.values())


def compare(actor: Actor, content: Content, areas: Collection[str] | None = None) -> Comparison:
    """Compare a file with what holds here; nothing is stored. `areas` leaves out all others, and the form."""
    found = Comparison()
    names = [name for name in catalogue.AREAS if areas is None or name in areas]
    found.unknown += _missing_own_roles(content)
    strange = [name for name in content.areas if name not in catalogue.AREAS]
    found.unknown += [f"{name} ({len(content.areas[name])})" for name in strange]
    for name in names:
        _compare_area(found, actor, catalogue.AREAS[name], content)
    if areas is None and content.form is not None:
        _compare_form(found, content.form)
    return found


def _compare_area(found: Comparison, actor: Actor, area: Area, content: Content) -> None:
    given, items = content.areas.get(area.name, {}), area.items()
    known = {cell: value for cell, value in given.items() if cell[:2] in items}
    found.unknown += [
        f"{area.label} · {target} {key}" for target, key, scope in given if (target, key, scope) not in known
    ]  # fmt: skip
    known = {cell: value for cell, value in known.items() if not _is_missing(cell[2], content)}
    now = area.present(known)
    wanted = {cell: value for cell, value in known.items() if value != now[cell]}
    if change_sets.why_no_author(actor, area) is None:
        wanted = _allowed(found, actor, area, wanted, now)
        found.values[area.name] = wanted
        found.lines += [_line(area, cell, now[cell], value) for cell, value in wanted.items()]
    else:
        found.others += [_line(area, cell, now[cell], value) for cell, value in wanted.items()]
    if area.name in content.areas:
        left = {cell: value for cell, value in area.stated().items() if cell not in given}
        found.only_here += [_line(area, cell, value, value) for cell, value in left.items()]


def _allowed(
    found: Comparison,
    actor: Actor,
    area: Area,
    wanted: Mapping[Cell, Any],
    now: Mapping[Cell, Any],
) -> dict[Cell, Any]:
    """Return what may be set, and note what may not; what leans on something refused is refused with it."""
    items = area.items()
    reasons = {cell: area.why_not(actor, items[cell[:2]], cell[2], value) for cell, value in wanted.items()}  # fmt: skip
    refused = {cell: why for cell, why in reasons.items() if why}
    allowed = {cell: value for cell, value in wanted.items() if cell not in refused}
    while more := area.why_not_together(allowed):
        refused |= more
        allowed = {cell: value for cell, value in allowed.items() if cell not in more}
    for cell, why in refused.items():
        line = _line(area, cell, now[cell], wanted[cell])
        place = " · ".join(filter(None, (line.scope, line.menu, line.label)))
        found.refused.append(f"{place}{gettext(': ')}{why}")
    return allowed


def _line(area: Area, cell: Cell, old: Any, new: Any) -> Line:
    item = area.items().get(cell[:2])
    is_same = old == new
    return Line(
        str(area.label),
        area.scope_label(cell[2]),
        str(item.menu) if item else cell[0],
        str(item.label) if item else cell[1],
        area.value_label(old, item, None if is_same else new),
        area.value_label(new, item, None if is_same else old),
    )


def _is_missing(scope: str, content: Content) -> bool:
    return scope in content.own_roles and scope not in own_roles.scopes()


def _missing_own_roles(content: Content) -> list[str]:
    """Return the own roles of a file that are not in use here, each with a sentence."""
    held = set(own_roles.scopes())
    return [
        gettext(
            "Own role “%(name)s” of “%(base)s”: add it under “Own roles” first, then read the file in again.",
            name=facts.get("name", scope)[:60],
            base=own_roles.label(facts.get("base", "")[:30]),
        )
        for scope, facts in content.own_roles.items()
        if scope not in held
    ]


def _compare_form(found: Comparison, body: Mapping[str, Any]) -> None:
    try:
        read = form_files.read(io.BytesIO(json.dumps(body).encode()))
    except form_files.UnreadableError as unreadable:
        form = gettext("Application form")
        found.refused += [f"{form}{gettext(': ')}{line}" for line in unreadable.lines]
        return
    except Refused as refusal:
        found.refused.append(refusal.sentence)
        return
    found.form_size = len(list(differences(form_versions.in_force().body, read)))
    found.form = read if found.form_size else None
