"""Effects of a confirmed change of a review tree on its places, and of its undoing."""

from flask_babel import gettext
from sqlalchemy import select

from app import engine
from app.engine import Act, Refused
from app.enums import RouteChangeState, RouteState
from app.extensions import db
from app.models import Committee, RouteChange, RouteChangeLine, RouteNode
from app.services.review import route_changes


def carry_out(act: Act) -> None:
    """Give every place of the change its new superior, confirmed. Raises Refused if the tree no longer allows it."""
    change = act.record
    _lock(change)
    route_changes.is_possible(act)
    places = route_changes.places_of(change)
    for line in change.lines:
        place = places.get(line.unit_id)
        event = "rearrange" if place else "place_between"
        if place is None:
            place = RouteNode(
                committee_id=change.committee_id, unit_id=line.unit_id, levels=change.levels
            )
        place.superior_id = line.superior_after_id
        engine.fire(place, event, actor=act.actor, at=act.at, details={"line": line})
        line.seen = place.version


def bring_back(act: Act) -> None:
    """Give every place its superior, state and answer from before; take out the one that was put in between."""
    change = act.record
    _lock(change)
    places = route_changes.places_of(change)
    for line in sorted(change.lines, key=lambda one: one.state_before is None):
        place = places[line.unit_id]
        place.superior_id = line.superior_before_id
        place.settled_at = line.settled_before
        engine.fire(place, "bring_back", actor=act.actor, at=act.at, details={"line": line})
        if line.state_before is None:
            act.session.delete(place)
            act.session.flush()


def _lock(change: RouteChange) -> None:
    """Let one change of a tree wait for another, as `route_tree.is_acyclic` does."""
    db.session.execute(
        select(Committee.id).where(Committee.id == change.committee_id).with_for_update()
    )


def may_be_undone(act: Act) -> str | None:
    """Refuse once a place of the change was changed again, or other units stand below the one put in between."""
    change = act.record
    if why := route_changes.changed_since(change):
        return why
    added = {line.unit_id for line in change.lines if line.state_before is None}
    if not added:
        return None
    own = {line.unit_id for line in change.lines}
    others = select(RouteNode.unit_id).where(
        RouteNode.committee_id == change.committee_id,
        RouteNode.superior_id.in_(added),
        RouteNode.unit_id.not_in(own),
    )
    names = route_changes.names_of(db.session.scalars(others.limit(5)))
    if not names:
        return None
    return gettext(
        "Other units stand below “%(unit)s” now (%(names)s). Move them first.",
        unit=change.superior.name if change.superior else "",
        names=gettext(", ").join(names),
    )


def follows_a_change(act: Act) -> str | None:
    """Refuse to change a place this way unless a change of the tree that is being carried out says so."""
    line = act.details.get("line")
    if isinstance(line, RouteChangeLine) and line.unit_id == act.record.unit_id:
        change = line.change
        is_same_tree = change.committee_id == act.record.committee_id
        moving = (RouteChangeState.CARRIED_OUT, RouteChangeState.UNDONE)
        if is_same_tree and change.state in moving:
            return None
    raise Refused(gettext("Places change this way only by a change of the tree that was confirmed."))  # fmt: skip


def state_before(act: Act) -> RouteState:
    """Return the state that the place had before the change."""
    state: RouteState | None = act.details["line"].state_before
    return state or RouteState.PENDING


def note_removal(act: Act) -> None:
    """Record in the log row that the place is taken out again."""
    if act.details["line"].state_before is None:
        act.notes["removed"] = True
