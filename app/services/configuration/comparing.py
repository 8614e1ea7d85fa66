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


def compare(
    actor: Actor,
    content: Content,
    areas: Collection[str] | None = None,
    *,
    targets: Collection[str] | None = None,
) -> Comparison:
    """Compare a file with what holds here; nothing is stored.

    `areas` leaves out all others, and the form; `targets` are all that the file is about, where it is a part.
    """
    found = Comparison()
    names = [name for name in catalogue.AREAS if areas is None or name in areas]
    found.unknown += _missing_own_roles(content)
    strange = [name for name in content.areas if name not in catalogue.AREAS]
    found.unknown += [f"{name} ({len(content.areas[name])})" for name in strange]
    for name in names:
        _compare_area(found, actor, catalogue.AREAS[name], content, targets)
    if areas is None and content.form is not None:
        _compare_form(found, content.form)
    return found


@dataclass(frozen=True)
class _Here:
    """An area of this installation, with its items, the values that hold for the cells in question, and the file."""

    area: Area
    items: Mapping[Any, Any]
    now: Mapping[Cell, Any]
    content: Content

    def line(self, cell: Cell, value: Any) -> Line:
        """Return in words that a cell would get a value; where it holds already, the value alone."""
        area, item = self.area, self.items.get(cell[:2])
        old = self.now.get(cell, value)
        beside = (None, None) if old == value else (value, old)
        return Line(
            str(area.label),
            area.scope_label(cell[2]),
            str(item.menu) if item else cell[0],
            str(item.label) if item else cell[1],
            area.value_label(old, item, beside[0]),
            area.value_label(value, item, beside[1]),
        )

    def sorted_out(
        self, actor: Actor, wanted: Mapping[Cell, Any]
    ) -> tuple[dict[Cell, Any], dict[Cell, str]]:
        """Return what may be set and what may not, with reasons; what leans on something refused is refused with it."""
        reasons = {
            cell: self.area.why_not(actor, self.items[cell[:2]], cell[2], value)
            for cell, value in wanted.items()
        }
        refused = {cell: why for cell, why in reasons.items() if why}
        allowed = {cell: value for cell, value in wanted.items() if cell not in refused}
        while more := self._leaning(allowed):
            refused |= more
            allowed = {cell: value for cell, value in allowed.items() if cell not in more}
        return allowed, refused

    def _leaning(self, allowed: Mapping[Cell, Any]) -> dict[Cell, str]:
        found = self.area.why_not_together(allowed, self.content.areas)
        return {cell: why for cell, why in found.items() if cell in allowed}


def _compare_area(
    found: Comparison, actor: Actor, area: Area, content: Content, targets: Collection[str] | None
) -> None:
    given, items = content.areas.get(area.name, {}), area.items()
    unknown = [cell for cell in given if cell[:2] not in items]
    found.unknown += [f"{area.label} · {target} {key}" for target, key, _scope in unknown]
    known = {
        cell: value
        for cell, value in given.items()
        if cell[:2] in items and not _is_missing(cell[2], content)
    }
    here = _Here(area, items, area.present(known), content)
    wanted = {cell: value for cell, value in known.items() if value != here.now[cell]}
    if change_sets.why_no_author(actor, area) is None:
        wanted, refused = here.sorted_out(actor, wanted)
        found.refused += [_sentence(here, cell, why) for cell, why in refused.items()]
        found.values[area.name] = wanted
        found.lines += [here.line(cell, value) for cell, value in wanted.items()]
    else:
        found.others += [here.line(cell, value) for cell, value in wanted.items()]
    if area.name in content.areas:
        left = {
            cell: value
            for cell, value in area.stated().items()
            if cell not in given and (targets is None or cell[0] in targets)
        }
        found.only_here += [here.line(cell, value) for cell, value in left.items()]


def _sentence(here: _Here, cell: Cell, why: str) -> str:
    line = here.line(cell, here.now[cell])
    return f"{' · '.join(filter(None, (line.scope, line.menu, line.label)))}{gettext(': ')}{why}"


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
