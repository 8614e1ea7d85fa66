"""Trees read level by level: only the levels on the way to one node are read, each up to a number of nodes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Select, literal, select, union_all

from app.extensions import db

PER_LEVEL = 100
"""Nodes read of one level at a time."""
MOST_FOUND = 20
"""Nodes shown of a search."""


class Tree(Protocol):
    """A tree whose nodes have integer keys. `below` and `of` select (key, label, whether there is a level below)."""

    def below(self, parent: int | None) -> Select[Any]:
        """Select the nodes right below `parent`, of the top level for None, in order."""

    def of(self, keys: Iterable[int]) -> Select[Any]:
        """Select these nodes."""

    def path(self, key: int) -> list[int]:
        """Return the keys from the top level down to `key`, an empty list if it is not in the tree."""

    def find(self, text: str) -> Select[Any]:
        """Select the nodes whose label contains the text, in order."""


@dataclass
class Node:
    """A node as shown; `children` are read only on the way to the chosen one. `has_more`: the level is cut."""

    key: int
    label: str
    has_children: bool
    children: list["Node"] = field(default_factory=list)
    has_more: bool = False


def level(tree: Tree, parent: int | None, start: int = 0) -> tuple[list[Node], bool]:
    """Return a part of the level below `parent`, and whether more nodes follow."""
    query = tree.below(parent).offset(start).limit(PER_LEVEL + 1)
    nodes = [Node(*row) for row in db.session.execute(query).tuples()]
    return nodes[:PER_LEVEL], len(nodes) > PER_LEVEL


def opened(tree: Tree, path: Sequence[int]) -> Node:
    """Return an unnamed top whose levels are read along `path`, in one statement."""
    parents = [None, *path]
    parts = [
        _part(number, tree.below(parent).limit(PER_LEVEL + 1))
        for number, parent in enumerate(parents)
    ]
    parts += [_part(-1, tree.of(path))] if path else []
    levels: dict[int, list[Node]] = {}
    for number, *node in db.session.execute(union_all(*parts)).tuples():
        levels.setdefault(number, []).append(Node(*node))
    on_path = {node.key: node for node in levels.get(-1, [])}
    top = at = Node(0, "", True)
    for number, following in enumerate([*path, None]):
        nodes = levels.get(number, [])
        at.children, at.has_more = nodes[:PER_LEVEL], len(nodes) > PER_LEVEL
        if following is None:
            break
        at = _child(at, following, on_path)
    return top


def _child(node: Node, key: int, on_path: Mapping[int, Node]) -> Node:
    """Return a child of `node`; one that comes after the part read is put behind it."""
    child = next((one for one in node.children if one.key == key), None)
    if child is None:
        child = on_path[key]
        node.children.append(child)
    return child


def _part(number: int, query: Select[Any]) -> Select[Any]:
    inner = query.subquery()
    return select(literal(number), *inner.c)


def found(tree: Tree, text: str) -> list[Node]:
    """Return the first nodes that a search finds."""
    return [Node(*row) for row in db.session.execute(tree.find(text).limit(MOST_FOUND)).tuples()]
