"""Places in a committee's review tree (menus 1.6.1, 1.6.2)."""

from flask_babel import lazy_gettext as _

from app.engine import Branch, Transition, Workflow
from app.enums import Role, RouteState
from app.models import RouteNode
from app.services.review import route_rearranging, route_tree

ANYHOW = (RouteState.PENDING, RouteState.CONFIRMED, RouteState.DISPUTED)

ROUTE = Workflow(
    RouteNode,
    Transition(
        event="place",
        label=_("Save"),
        source=(),
        target=RouteState.PENDING,
        roles=(Role.OFFICE,),
        checks=(
            route_tree.is_own_tree,
            route_tree.names_open_units,
            route_tree.is_only_place,
            route_tree.is_acyclic,
        ),
    ),
    Transition(
        event="replace",
        label=_("Save"),
        source=ANYHOW,
        target=RouteState.PENDING,
        roles=(Role.OFFICE,),
        guards=(route_tree.is_own_tree,),
        checks=(route_tree.names_open_units, route_tree.is_acyclic),
        effects=(route_tree.unsettle,),
    ),
    Transition(
        event="confirm",
        label=_("Confirm"),
        source=(RouteState.PENDING,),
        target=RouteState.CONFIRMED,
        roles=(Role.UNIT, Role.SUPERIOR),
        guards=(route_tree.is_own_place, route_tree.names_open_units),
        effects=(route_tree.settle,),
    ),
    Transition(
        event="dispute",
        label=_("Dispute"),
        source=(RouteState.PENDING,),
        target=RouteState.DISPUTED,
        roles=(Role.UNIT, Role.SUPERIOR),
        guards=(route_tree.is_own_place,),
        effects=(route_tree.settle,),
        needs_opinion=True,
    ),
    Transition(
        event="rearrange",
        label=_("Moved by a confirmed change"),
        source=ANYHOW,
        target=RouteState.CONFIRMED,
        roles=(Role.UNIT, Role.SUPERIOR),
        checks=(route_rearranging.follows_a_change,),
        effects=(route_tree.settle,),
    ),
    Transition(
        event="place_between",
        label=_("Put in between by a confirmed change"),
        source=(),
        target=RouteState.CONFIRMED,
        roles=(Role.UNIT, Role.SUPERIOR),
        checks=(route_rearranging.follows_a_change, route_tree.is_only_place),
        effects=(route_tree.settle,),
    ),
    Transition(
        event="bring_back",
        label=_("Brought back by undoing a change"),
        source=ANYHOW,
        target=Branch(ANYHOW, route_rearranging.state_before),
        roles=(Role.OFFICE,),
        guards=(route_tree.is_own_tree,),
        checks=(route_rearranging.follows_a_change,),
        effects=(route_rearranging.note_removal,),
    ),
)
