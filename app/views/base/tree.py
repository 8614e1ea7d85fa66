"""A menu whose records form a tree: on the left the tree, level by level, on the right what is below the chosen node."""

from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import ColumnElement, select

from app.extensions import db
from app.ground.actor import Actor
from app.services.ground import trees
from app.services.ground.trees import Node, Tree
from app.validators import characters
from app.views.base import editing
from app.views.base.access import guarded, signed_in_actor
from app.views.base.aliases import Label, Page
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Change

ROWS = 50
"""Rows of the table on the right."""
DEEPEST = 60_000
LONGEST = 60
"""Characters of a search."""


class TreeView(GuideView):
    """A list that is shown as a tree as well; `move` is the form that asks below which record one goes."""

    move: ClassVar[Change]
    known_from_tree: ClassVar[tuple[str, ...]] = ()
    """Keys of the columns that the table beside the tree leaves out, as the tree shows them."""

    def tree(self, actor: Actor) -> Tree:
        """Return the tree that the address names. Abort 404 on one that is not the actor's."""
        raise NotImplementedError

    def tree_args(self, actor: Actor) -> dict[str, Any]:
        """Return the values of the address that name the tree."""
        return {}

    def tree_choices(self, actor: Actor) -> list[Page]:
        """Return the links to other trees, the present one marked; empty if there is only one."""
        return []

    def right_below(self, tree: Any, key: int | None) -> ColumnElement[bool]:
        """Return the condition for the records right below a node, of the top level for None."""
        raise NotImplementedError

    def record_at(self, tree: Any, key: int, actor: Actor) -> Any:
        """Return the record of a node. Abort 404 if it is not in the actor's scope."""
        raise NotImplementedError

    def key_of(self, record: Any) -> int:
        """Return the key of the node of a record."""
        raise NotImplementedError

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        return [*super().list_links(actor), (gettext("As a tree"), self.url("show_tree"))]

    def links(self, record: Any, actor: Actor) -> list[tuple[Label, str]]:
        moves = [(gettext("Move"), self.url("move_record", pk=record.id))]
        return [*super().links(record, actor), *(moves if self.may_change(record, actor) else [])]

    @expose("/tree")
    @guarded("list")
    def show_tree(self) -> ResponseReturnValue:
        """Show the tree opened down to `at`; `q` searches, and the only one found is opened."""
        actor = signed_in_actor()
        tree, at = self.tree(actor), _number("at")
        typed = characters.plain(request.args.get("q", ""))
        found = trees.found(tree, typed) if typed and len(typed) <= LONGEST else []
        if len(found) == 1:
            return redirect(self._at(found[0].key, actor))
        path = tree.path(at) if at is not None else []
        if at is not None and at not in path:
            abort(404)
        page = self._page(tree, at, path, actor) | {
            "typed": typed,
            "found": [{"label": one.label, "url": self._at(one.key, actor)} for one in found],
            "is_cut": len(found) == trees.MOST_FOUND,
            "fault": _fault(typed),
        }
        return self.render_template("tree.html", page=page), 400 if page["fault"] else 200

    @expose("/tree/below")
    @guarded("list")
    def below(self) -> ResponseReturnValue:
        """Return a part of the level below `of` as JSON, from the node with number `from` on."""
        actor = signed_in_actor()
        start = _number("from") or 0
        if start > DEEPEST:
            abort(400)
        nodes, has_more = trees.level(self.tree(actor), _number("of"), start)
        return jsonify({"nodes": [self._shown(one, actor) for one in nodes], "more": has_more})

    @expose("/<int:pk>/move", methods=["GET", "POST"])
    @guarded("edit")
    def move_record(self, pk: int) -> ResponseReturnValue:
        """Ask below which record this one goes, and move it."""
        actor = signed_in_actor()
        record = self.find(pk, actor)
        label = gettext("Move %(name)s", name=self.name_of(record))
        return editing.edit_page(self, replace(self.move, label=label), record, actor)

    @property
    def beside(self) -> list[Column]:
        """The columns of the table beside the tree."""
        return [column for column in self.columns if column.key not in self.known_from_tree]

    def _page(self, tree: Tree, at: int | None, path: list[int], actor: Actor) -> Page:
        top = trees.opened(tree, path)
        query = select(self.model).where(type(self).scope(actor), self.right_below(tree, at))
        loading = [option for column in self.beside for option in column.load]
        rows = list(
            db.session.scalars(query.options(*loading).order_by(self.model.id).limit(ROWS + 1))
        )
        record = self.record_at(tree, at, actor) if at is not None else None
        return {
            "title": gettext("%(menu)s as a tree", menu=self.label),
            "top": self._branch(top, path, actor),
            "at": at,
            "name": self.name_of(record) if record is not None else None,
            "acts": self._acts(record, actor) if record is not None else [],
            "columns": self.beside,
            "rows": [self._row(row, actor) for row in rows[:ROWS]],
            "is_long": len(rows) > ROWS,
            "below_url": f"{self.url('below')}?{urlencode(self.tree_args(actor))}",
            "args": self.tree_args(actor),
            "choices": self.tree_choices(actor),
            "list_url": self.url("list"),
        }

    def _branch(self, node: Node, path: list[int], actor: Actor) -> Page:
        return self._shown(node, actor) | {
            "is_open": bool(node.children),
            "is_chosen": bool(path) and node.key == path[-1],
            "nodes": [self._branch(one, path, actor) for one in node.children],
            "has_more": node.has_more,
        }

    def _shown(self, node: Node, actor: Actor) -> Page:
        return {
            "key": node.key,
            "label": node.label,
            "has_children": node.has_children,
            "url": self._at(node.key, actor),
        }

    def _at(self, key: int, actor: Actor) -> str:
        return f"{self.url('show_tree')}?{urlencode({**self.tree_args(actor), 'at': key})}"

    def _row(self, record: Any, actor: Actor) -> Page:
        return {
            "label": self.name_of(record),
            "cells": [column.cell(record) for column in self.beside],
            "url": self._at(self.key_of(record), actor),
            "acts": self._acts(record, actor),
        }

    def _acts(self, record: Any, actor: Actor) -> list[Page]:
        acts = [{"label": gettext("View"), "url": self.detail_url(record)}]
        if self.may_change(record, actor):
            move = self.url("move_record", pk=record.id)
            acts.append({"label": gettext("Move"), "url": move})
        return acts


def _number(name: str) -> int | None:
    typed = request.args.get(name, "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 9):
        abort(400)
    return int(typed)


def _fault(typed: str) -> str | None:
    if len(typed) <= LONGEST:
        return None
    return gettext(
        "%(count)s characters are too many to search for. Shorten it to %(max)s.",
        count=len(typed), max=LONGEST,
    )  # fmt: skip
