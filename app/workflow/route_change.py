"""Changes of many places of a review tree at once (menus 1.6.1, 1.6.2)."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Transition, Workflow
from app.enums import Role, RouteChangeState
from app.models import RouteChange
from app.services.review import route_changes, route_rearranging, route_tree

ROUTE_CHANGE = Workflow(
    RouteChange,
    Transition(
        event="propose",
        label=_p("route change", "Propose"),
        source=(),
        target=RouteChangeState.PROPOSED,
        roles=(Role.OFFICE,),
        checks=(
            route_tree.is_own_tree,
            route_changes.is_possible,
            route_changes.can_be_answered,
        ),
        effects=(route_changes.note, route_changes.ask),
    ),
    Transition(
        event="confirm",
        label=_("Confirm"),
        source=(RouteChangeState.PROPOSED,),
        target=RouteChangeState.CARRIED_OUT,
        roles=(Role.UNIT, Role.SUPERIOR),
        guards=(route_changes.is_asked, route_changes.is_as_proposed),
        effects=(route_changes.note, route_rearranging.carry_out, route_changes.answer),
    ),
    Transition(
        event="dispute",
        label=_("Dispute"),
        source=(RouteChangeState.PROPOSED,),
        target=RouteChangeState.DISPUTED,
        roles=(Role.UNIT, Role.SUPERIOR),
        guards=(route_changes.concerns_own_unit,),
        effects=(route_changes.note, route_changes.answer),
        needs_opinion=True,
    ),
    Transition(
        event="withdraw",
        label=_p("route change", "Withdraw"),
        source=(RouteChangeState.PROPOSED,),
        target=RouteChangeState.WITHDRAWN,
        roles=(Role.OFFICE,),
        guards=(route_tree.is_own_tree,),
        effects=(route_changes.note,),
        consequence=_("The change ends; the review tree stays as it is."),
    ),
    Transition(
        event="undo",
        label=_p("route change", "Undo"),
        source=(RouteChangeState.CARRIED_OUT,),
        target=RouteChangeState.UNDONE,
        roles=(Role.OFFICE,),
        guards=(route_tree.is_own_tree, route_rearranging.may_be_undone),
        effects=(route_changes.note, route_rearranging.bring_back),
        consequence=_(
            "Every place goes back to its superior and its state from before. Applications handed in meanwhile keep the"
            " route they began with."
        ),
    ),
)
