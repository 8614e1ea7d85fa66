"""The matrix of permissions as its page shows it: roles as columns, menus and buttons as rows, chapters."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask_babel import gettext

from app.enums import Role
from app.ground.actor import Actor
from app.models import ChangeSet
from app.models.own_role import PREFIX
from app.services.accounts import grants, own_roles
from app.services.customising import change_sets, people
from app.services.customising.catalogue import Cell
from app.services.customising.rights import Right
from app.validators import characters
from app.views.base.aliases import Page
from app.views.customising.rights_catalogue import RIGHTS

MARKS = ("—", "×", "※", "◦")
"""Signs of a tick that nobody may set: no rule lets the role use it, apart from the role, names of judges; and of one
that an own role gets no use of, as its base role does not have it."""


@dataclass(frozen=True)
class Filter:
    """Which part of the matrix is shown: words typed, one role or all, only what differs from the default."""

    words: str = ""
    scope: str = ""
    is_different: bool = False

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Filter":
        """Read the filter from an address or a form. Raises ValueError for an unknown role."""
        scope = args.get("role", "")
        if scope and scope not in own_roles.scopes():
            raise ValueError(scope)
        words = characters.plain(args.get("q", "").strip())[:60]
        return cls(words, scope, args.get("different") == "1")

    @property
    def is_own(self) -> bool:
        """Whether one own role is shown; rows that it could not use are left out then."""
        return self.scope.startswith(PREFIX)

    @property
    def scopes(self) -> list[str]:
        return [self.scope] if self.scope else own_roles.scopes()

    def args(self) -> dict[str, Any]:
        """Return the filter as parameters of an address."""
        named = {"q": self.words, "role": self.scope, "different": "1" * self.is_different}
        return {key: str(value) for key, value in named.items() if value}

    def meets(self, right: Right) -> bool:
        """Return whether the words typed stand in chapter, menu or button."""
        place = characters.plain(f"{right.group} {right.menu} {right.label}").casefold()
        return all(word in place for word in self.words.casefold().split())


def cells(shown: Filter) -> list[Cell]:
    """Return the cells that a filter means, whether they may be ticked or not."""
    return [
        (right.target, right.key, scope)
        for right in RIGHTS.items().values()
        if shown.meets(right)
        for scope in shown.scopes
    ]


def chapters(
    shown: Filter, actor: Actor, draft: ChangeSet | None, typed: Mapping[Cell, bool]
) -> list[Page]:
    """Return the chapters of the matrix with their rows; `typed` are ticks of a page that was refused."""
    columns = [Heading(scope, *_roles_of(scope)) for scope in shown.scopes]
    wanted = {*cells(shown), *((v, k, own_roles.base_of(s) or s) for v, k, s in cells(shown))}
    drafted, held = change_sets.values_with_draft(RIGHTS, wanted, draft)
    rows = []
    for right in RIGHTS.items().values():
        if not shown.meets(right):
            continue
        row = [
            _cell(
                right,
                one,
                actor,
                drafted,
                held,
                typed,
                is_compared=not one.is_own or bool(shown.scope),
            )
            for one in columns
        ]
        if shown.is_own and all(cell["mark"] for cell in row):
            continue
        if not shown.is_different or any(cell["differs"] or cell["is_drafted"] for cell in row):
            rows.append((right, row))
    opened = bool(shown.words or shown.is_different or shown.is_own)
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


@dataclass(frozen=True)
class Heading:
    """A column: its scope, its role or base role, and its words."""

    scope: str
    role: Role
    label: str

    @property
    def is_own(self) -> bool:
        return self.scope != self.role


def _roles_of(scope: str) -> tuple[Role, str]:
    own = own_roles.known().get(scope)
    return (own.base, own.label) if own else (Role(scope), str(Role(scope).label))


def _cell(
    right: Right,
    column: Heading,
    actor: Actor,
    drafted: Mapping[Cell, bool],
    held: Mapping[Cell, bool],
    typed: Mapping[Cell, bool],
    *,
    is_compared: bool,
) -> Page:
    """Return one cell; an own role is compared with its default only where it is looked at alone."""
    role, cell = column.role, (right.target, right.key, column.scope)
    default, was = role in right.comes_with, drafted[cell]
    has_base = drafted[right.target, right.key, role.value]
    # what is held against the rule can still be taken away
    is_open = held[cell] or was
    mark = (
        ""
        if is_open
        else _mark(right, role)
        if right.why_never(role)
        else MARKS[3] * (not has_base)
    )
    return {
        "value": ":".join(cell),
        "role": column,
        "mark": mark if column.is_own or right.why_never(role) else "",
        "is_own": role is actor.role,
        "was": was,
        "is_on": typed.get(cell, was),
        "differs": was != default and is_compared,
        "is_drafted": was != held[cell],
        "title": _title(default if is_compared else was, was, held[cell])
        or (_without_base() if was and not has_base else ""),
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


def _without_base() -> str:
    return gettext("Without effect: the base role does not have this now.")


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
        (MARKS[3], gettext("The base role does not have this, so an own role gets no use of it.")),
    ]  # fmt: skip


def columns(shown: Filter) -> list[Page]:
    """Return the heading of each role with the positions and persons it concerns."""
    counts = people.by_scope(shown.scopes)
    return [
        {"role": Heading(scope, *_roles_of(scope)), "count": counts[scope]}
        for scope in shown.scopes
    ]


def offered() -> list[tuple[str, str]]:
    """Return the roles to filter by, as (scope, words)."""
    return [(scope, own_roles.label(scope)) for scope in own_roles.scopes()]
