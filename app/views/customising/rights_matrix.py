"""The matrix of permissions as its page shows it: roles as columns, menus and buttons as rows, chapters."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask_babel import gettext

from app.enums import Role
from app.ground.actor import Actor
from app.models import ChangeSet
from app.services.accounts import grants
from app.services.customising import change_sets, people
from app.services.customising.catalogue import Cell
from app.services.customising.rights import Right
from app.validators import characters
from app.views.base.aliases import Page
from app.views.customising.rights_catalogue import RIGHTS

MARKS = ("—", "×", "※")
"""Signs of a tick that nobody may set: no rule lets the role use it, apart from the role, names of judges."""


@dataclass(frozen=True)
class Filter:
    """Which part of the matrix is shown: words typed, one role or all, only what differs from the default."""

    words: str = ""
    role: Role | None = None
    is_different: bool = False

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Filter":
        """Read the filter from an address or a form. Raises ValueError for an unknown role."""
        role = args.get("role", "")
        words = characters.plain(args.get("q", "").strip())[:60]
        return cls(words, Role(role) if role else None, args.get("different") == "1")

    @property
    def roles(self) -> list[Role]:
        return [self.role] if self.role else list(Role)

    def args(self) -> dict[str, Any]:
        """Return the filter as parameters of an address."""
        named = {"q": self.words, "role": self.role or "", "different": "1" * self.is_different}
        return {key: str(value) for key, value in named.items() if value}

    def meets(self, right: Right) -> bool:
        """Return whether the words typed stand in chapter, menu or button."""
        place = characters.plain(f"{right.group} {right.menu} {right.label}").casefold()
        return all(word in place for word in self.words.casefold().split())


def cells(shown: Filter) -> list[Cell]:
    """Return the cells that a filter means, whether they may be ticked or not."""
    return [
        (right.target, right.key, role.value)
        for right in RIGHTS.items().values()
        if shown.meets(right)
        for role in shown.roles
    ]


def chapters(
    shown: Filter, actor: Actor, draft: ChangeSet | None, typed: Mapping[Cell, bool]
) -> list[Page]:
    """Return the chapters of the matrix with their rows; `typed` are ticks of a page that was refused."""
    wanted = cells(shown)
    drafted, held = change_sets.values_with_draft(RIGHTS, wanted, draft)
    rows = []
    for right in RIGHTS.items().values():
        if not shown.meets(right):
            continue
        row = [_cell(right, role, actor, drafted, held, typed) for role in shown.roles]
        if not shown.is_different or any(cell["differs"] or cell["is_drafted"] for cell in row):
            rows.append((right, row))
    opened = bool(shown.words or shown.is_different)
    return [
        _chapter(str(name), list(members), opened, place)
        for place, (name, members) in enumerate(groupby(rows, key=lambda pair: str(pair[0].group)))
    ]


def _chapter(name: str, rows: list[tuple[Right, list[Page]]], opened: bool, place: int) -> Page:
    ticks = [cell for _right, row in rows for cell in row]
    menus = [
        {"label": label, "rows": [{"label": r.label, "cells": row} for r, row in members]}
        for label, members in (
            (label, list(found))
            for label, found in groupby(rows, key=lambda pair: str(pair[0].menu))
        )
    ]
    return {
        "label": name,
        "menus": menus,
        "count": len(menus),
        "different": sum(cell["differs"] for cell in ticks),
        "drafted": sum(cell["is_drafted"] for cell in ticks),
        "is_open": opened or place == 0 or any(cell["is_drafted"] for cell in ticks),
    }


def _cell(
    right: Right,
    role: Role,
    actor: Actor,
    drafted: Mapping[Cell, bool],
    held: Mapping[Cell, bool],
    typed: Mapping[Cell, bool],
) -> Page:
    cell = (right.target, right.key, role.value)
    default, was = role in right.comes_with, drafted[cell]
    # what is held against the rule can still be taken away
    why = None if held[cell] or was else right.why_never(role)
    return {
        "value": ":".join(cell),
        "role": role,
        "mark": _mark(right, role) if why else "",
        "is_own": role is actor.role,
        "was": was,
        "is_on": typed.get(cell, was),
        "differs": was != default,
        "is_drafted": was != held[cell],
        "title": _title(default, was, held[cell]),
    }


def _title(default: bool, was: bool, held: bool) -> str:
    if was != held:
        return gettext(
            "In your draft: %(old)s → %(new)s",
            old=RIGHTS.value_label(held),
            new=RIGHTS.value_label(was),
        )
    if was != default:
        return gettext("Differs from the default: %(value)s", value=RIGHTS.value_label(default))
    return ""


def _mark(right: Right, role: Role) -> str:
    if grants.separation_refusal(role, right.meant_for):
        return MARKS[1]
    return MARKS[2] if role in right.hidden_from else MARKS[0]


def legend() -> list[tuple[str, str]]:
    """Return what the signs in the matrix mean."""
    return [
        (MARKS[0], gettext("No rule of the procedure lets the role press this, so a tick would do nothing.")),
        (MARKS[1], gettext("Administration and business stay apart.")),
        (MARKS[2], gettext("The menu shows the names of judges, which only the committee office and the supervisor see.")),
    ]  # fmt: skip


def columns(shown: Filter) -> list[dict[str, Any]]:
    """Return the heading of each role with the number of positions it concerns."""
    counts = people.positions_by_role()
    return [
        {
            "role": role,
            "count": f"{people.COUNTED}+" if counts[role] > people.COUNTED else counts[role],
        }
        for role in shown.roles
    ]
