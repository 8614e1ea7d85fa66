"""A page as a tree, read with the parser of the standard library: enough to find forms, fields and words."""

import copy
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

VOID = frozenset(("area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"))
UNSEEN = frozenset(["script", "style", "template", "head", "option", "kbd"])


class Node:
    """An element, or the page itself."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: "Node | None") -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Node | str] = []

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def has(self, name: str) -> bool:
        return name in self.attributes

    def walk(self) -> Iterator["Node"]:
        """Yield this element and all below in their order; a template's content is not there yet."""
        yield self
        for child in self.children if self.tag != "template" else ():
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, *tags: str, **attributes: str) -> list["Node"]:
        """Return the elements below with one of `tags` and these attributes."""
        return [
            node
            for node in self.walk()
            if node is not self
            and (not tags or node.tag in tags)
            and all(node.get(name, "\0") == value for name, value in attributes.items())
        ]

    def one(self, *tags: str, **attributes: str) -> "Node":
        found = self.all(*tags, **attributes)
        assert len(found) == 1, f"{len(found)} of {tags} {attributes}"
        return found[0]

    def above(self, *tags: str) -> "Node | None":
        node = self.parent
        while node is not None and node.tag not in tags:
            node = node.parent
        return node

    @property
    def text(self) -> str:
        """Return what a reader sees, blanks joined."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in UNSEEN and child.get("aria-hidden") != "true":
                yield from child._pieces()
                yield " " if child.tag not in ("b", "span", "a", "q") else ""

    @property
    def raw(self) -> str:
        """Return all text below, for elements whose content is no prose such as an option."""
        return " ".join("".join(c if isinstance(c, str) else c.raw for c in self.children).split())

    def numbered(self, number: str) -> list["Node"]:
        """Return a copy of the content of a template with `__n__` replaced."""
        copied = copy.deepcopy(self)
        copied.tag = "div"
        for node in copied.walk():
            node.attributes = {
                name: value.replace("__n__", number) for name, value in node.attributes.items()
            }
        return [child for child in copied.children if isinstance(child, Node)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.at = self.page = Node("page", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_endtag(self, tag: str) -> None:
        node: Any = self.at
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self.at = node.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def parse(text: str) -> Node:
    """Return the page written in `text`."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page
