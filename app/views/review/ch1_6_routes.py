"""Chapter 1.6, the review tree: the office assigns each unit a place, the unit confirms it."""

from datetime import datetime
from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from app import scopes
from app.enums import Level, Role, RouteState
from app.extensions import appbuilder, db
from app.forms.review import ChangedPlaceForm, MovedPlaceForm, PlaceForm
from app.ground.actor import Actor
from app.models import Committee, RouteNode
from app.services.review import route_tree
from app.services.review.route_levels import RouteTree
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.aliases import Page
from app.views.base.base import GuideView
from app.views.base.columns import Column, computed
from app.views.base.declarations import Add, Button, Change
from app.views.base.tree import TreeView
from app.views.review.route_changes import RouteChangeAnswerView, RouteChangeView
from app.views.review.tree_exchange import TreeExchange


def levels_text(node: RouteNode) -> str:
    """Return the names of the levels whose applications pass through a place."""
    if set(node.levels) == {level.value for level in Level}:
        return gettext("All levels")
    return "、".join(str(level.label) for level in Level if level.value in node.levels)


def build_place(data: dict[str, Any], actor: Actor, at: datetime) -> RouteNode:
    """Return an unsaved place in the review tree from the form data."""
    return RouteNode(
        committee_id=data["committee_id"],
        unit_id=data["unit_id"],
        superior_id=data["superior_id"],
        levels="".join(data["levels"]),
    )


def load_place(node: RouteNode) -> dict[str, Any]:
    """Return the form data of a place."""
    return {"superior_id": node.superior_id, "levels": list(node.levels)}


def apply_place(node: RouteNode, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Write the form data into a place."""
    node.superior_id = data["superior_id"]
    node.levels = "".join(data["levels"])


LEVELS: Column = computed("levels", _("Levels that pass through"), levels_text)


class PlaceView(GuideView):
    """Base of the two menus of places in review trees."""

    model = RouteNode
    list_columns: ClassVar[list[str | Column]] = [
        "committee",
        "unit",
        "superior",
        LEVELS,
        "state",
        Column(
            "settled_at",
            _("Answered on"),
            lambda node: node.settled_at,
            "moment",
            RouteNode.settled_at,
        ),
    ]
    search_columns: ClassVar[list[str]] = ["committee", "unit", "superior", "state"]

    def name_of(self, record: RouteNode) -> str:
        return str(record.unit.name)

    def sections(self, record: RouteNode, actor: Actor) -> list[detail_sections.DetailSection]:
        return [
            detail_sections.pairs(
                "basic", gettext("Place in the review tree"), record, self.list_columns
            )
        ]


def move_place(node: RouteNode, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Write the chosen superior into a place."""
    node.superior_id = data["superior_id"]


class RouteNodeView(TreeExchange, PlaceView, TreeView):
    """1.6.1 评委会下级单位管理."""

    guide = "1.6.1"
    label = _("Units below the committee")
    purpose = _(
        "Which units report to your committee and through whom. A place counts once the unit has confirmed it."
    )
    empty = _("No unit has a place in the review trees of your committees yet.")
    roles = (Role.OFFICE,)
    how_to = ("insert-a-level",)
    scope = staticmethod(scopes.route_nodes_of_my_committees)
    todos = (
        Todo(
            "disputed",
            _("Disputed by the unit"),
            ("replace",),
            whose=lambda actor: RouteNode.state == RouteState.DISPUTED,
        ),
    )
    add = Add(_("New"), PlaceForm, "place", build_place)
    change = Change(
        _("Edit"),
        ChangedPlaceForm,
        "replace",
        load_place,
        apply_place,
        notes=(
            _(
                "A changed place must be confirmed by the unit again. Applications already handed in keep their route."
            ),
        ),
    )
    move = Change(
        _("Move"),
        MovedPlaceForm,
        "replace",
        lambda node: {"superior_id": node.superior_id},
        move_place,
        notes=change.notes,
        verb=_("Move"),
    )

    known_from_tree = ("committee", "superior")
    tabs = (RouteChangeView,)
    tab_label = _("Single places")

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "import"]

    def list_links(self, actor: Actor) -> list[tuple[Any, str]]:
        imports = [(gettext("Read in a review tree"), self.url("read_in"))]
        return [*super().list_links(actor), *(imports if self.may("import") else [])]

    def tree(self, actor: Actor) -> RouteTree:
        return RouteTree(self.tree_args(actor)["committee"])

    def tree_args(self, actor: Actor) -> dict[str, Any]:
        """Return the committee that the address names, the first of the office without one."""
        typed = request.args.get("committee", "")
        if not typed:
            return {"committee": actor.committee_ids[0] if actor.committee_ids else 0}
        chosen = next((key for key in actor.committee_ids if str(key) == typed), None)
        return {"committee": chosen if chosen is not None else abort(404)}

    def _page(self, tree: Any, at: int | None, path: list[int], actor: Actor) -> Page:
        """Offer the acts on whole branches beside those on the chosen place."""
        page = super()._page(tree, at, path, actor)
        where: dict[str, Any] = {"committee": tree.committee_id} | ({"at": at} if at else {})
        if appbuilder.sm.has_access("can_propose", RouteChangeView.__name__):
            acts = [("insert", gettext("Put a level in below"))]
            if at is not None:
                acts.insert(0, ("move", gettext("Move the branch")))
            page["acts"] += [
                {"label": label, "url": url_for(f"RouteChangeView.{act}", **where)}
                for act, label in acts
            ]
        page["acts"] += [
            {"label": gettext("Export the tree"), "url": self.url("tree_file", **where)}
        ]
        return page

    def tree_choices(self, actor: Actor) -> list[Page]:
        if len(actor.committee_ids) < 2:
            return []
        query = select(Committee.id, Committee.name).where(Committee.id.in_(actor.committee_ids))
        present = self.tree_args(actor)["committee"]
        return [
            {
                "label": name,
                "url": f"{self.url('show_tree')}?committee={key}",
                "is_current": key == present,
            }
            for key, name in db.session.execute(query.order_by(Committee.code)).tuples()
        ]

    def right_below(self, tree: RouteTree, key: int | None) -> ColumnElement[bool]:
        is_below = tree.is_at_top() if key is None else RouteNode.superior_id == key
        return (RouteNode.committee_id == tree.committee_id) & is_below

    def record_at(self, tree: RouteTree, key: int, actor: Actor) -> RouteNode:
        place = route_tree.place_of(key, tree.committee_id) or abort(404)
        found: RouteNode = self.find(place.id, actor)
        return found

    def key_of(self, record: RouteNode) -> int:
        return record.unit_id


class RouteConfirmView(PlaceView):
    """1.6.2 审核层级配置单位确认."""

    guide = "1.6.2"
    how_to = RouteNodeView.how_to
    label = _("Confirmation of the review levels by the unit")
    purpose = _(
        "Where your unit stands in the committees' review trees. Until you confirm, nobody can apply through it."
    )
    empty = _("No committee has given your unit a place yet.")
    roles = (Role.UNIT, Role.SUPERIOR)
    scope = staticmethod(scopes.route_nodes_of_own_unit)
    tabs = (RouteChangeAnswerView,)
    tab_label = _("Single places")
    todos = (Todo("confirm", _("To be confirmed"), ("confirm",)),)
    buttons = (
        Button(
            "confirm",
            _("Confirm"),
            events={"confirm": _("Confirm"), "dispute": _("Dispute")},
        ),
    )
