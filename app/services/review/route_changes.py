"""Changes of many places of a review tree at once: proposed by the office, confirmed once for all (1.6.1, 1.6.2)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act, Refused
from app.enums import Role, RouteChangeKind, RouteChangeState
from app.extensions import db
from app.ground.actor import Actor
from app.models import RouteChange, RouteChangeLine, RouteNode, Unit
from app.services.messages import outbox
from app.services.review import custody, route_branches, route_tree
from app.services.review.route_branches import MOST_PLACES, lower_places

CONFIRMING = (Role.UNIT, Role.SUPERIOR)


def draft(data: dict[str, Any], actor: Actor, at: datetime) -> RouteChange:
    """Return an unsaved change with a line for every place that it changes.

    `data` has kind, committee_id, unit_id, superior_id and, for a level put in between, levels and `lower`, the ids of
    the units that go below it. Raises Refused at the field.
    """
    change = RouteChange(
        committee_id=data["committee_id"],
        kind=data["kind"],
        unit_id=data["unit_id"],
        superior_id=data["superior_id"],
        levels="".join(data.get("levels") or ()),
        proposer=actor.name,
        proposed_at=at,
    )
    asked = data["superior_id"] or data["unit_id"]
    assert asked is not None
    change.asked_unit_id = asked
    places = _moved(change, data.get("lower"))
    if not places:
        raise Refused(gettext("There is no unit whose place would change. Choose others."), "lower")
    if len(places) > MOST_PLACES:
        raise Refused(
            gettext(
                "One act changes at most %(most)s places. Choose some of the units only.",
                most=MOST_PLACES,
            ),
            "lower",
        )
    change.lines = [_line(place, change.superior_id) for place in places]
    if change.kind is RouteChangeKind.INSERT:
        change.lines[:0] = _line_of_level(change)
    return change


def _moved(change: RouteChange, lower: Sequence[int] | None) -> list[RouteNode]:
    """Return the places that get the new superior."""
    if change.kind is RouteChangeKind.MOVE:
        assert change.unit_id is not None
        place = route_tree.place_of(change.unit_id, change.committee_id)
        if place is not None and place.superior_id == change.superior_id:
            raise Refused(gettext("The unit stands there already."), "superior_id")
        return [place] if place is not None else []
    places = lower_places(change.committee_id, change.unit_id)
    places = [one for one in places if one.unit_id != change.superior_id]
    if change.kind is RouteChangeKind.MOVE_BELOW:
        return [] if change.superior_id == change.unit_id else places
    return [one for one in places if one.unit_id in set(lower or ())]


def _line(place: RouteNode, superior_id: int | None) -> RouteChangeLine:
    return RouteChangeLine(
        unit_id=place.unit_id,
        superior_before_id=place.superior_id,
        superior_after_id=superior_id,
        state_before=place.state,
        settled_before=place.settled_at,
        seen=place.version,
    )


def _line_of_level(change: RouteChange) -> list[RouteChangeLine]:
    """Return the line of the unit put in between; none if it stands there already."""
    assert change.superior_id is not None
    place = route_tree.place_of(change.superior_id, change.committee_id)
    if place is None:
        return [
            RouteChangeLine(unit_id=change.superior_id, superior_after_id=change.unit_id, seen=None)
        ]
    return [] if place.superior_id == change.unit_id else [_line(place, change.unit_id)]


def is_possible(act: Act) -> str | None:
    """Refuse a closed or unknown superior, a circle, and units that another open change moves. Raises Refused."""
    change = act.record
    if change.superior_id is not None:
        superior = act.session.get_one(Unit, change.superior_id)
        if not superior.is_active:
            why = gettext("“%(unit)s” is closed in the register and cannot stand in a review tree. Choose another unit.", unit=superior.name)  # fmt: skip
            raise Refused(why, "superior_id")
    _refuse_circle(change)
    return _other_change(change)


def _refuse_circle(change: RouteChange) -> None:
    """Raise Refused with the way in words if a unit that moves would come to stand above itself."""
    start = change.unit_id if change.kind is RouteChangeKind.INSERT else change.superior_id
    if start is None:
        return
    moved = {line.unit_id for line in change.lines}
    way: list[str] = []
    try:
        for place in route_tree.climb(start, change.committee_id):
            way.append(place.unit.name)
            if place.unit_id in moved:
                raise Refused(
                    gettext(
                        "The review tree would run in a circle: “%(start)s” itself reports through “%(unit)s” (%(way)s). Choose another superior.",
                        start=way[0],
                        unit=place.unit.name,
                        way=route_branches.ARROW.join(way),
                    )
                )
    except Refused as refusal:
        raise Refused(refusal.sentence, "superior_id") from None


def _other_change(change: RouteChange) -> str | None:
    """Return why the change has to wait for another one that moves one of its units, or None."""
    query = (
        select(RouteChange)
        .join(RouteChangeLine)
        .where(
            RouteChange.committee_id == change.committee_id,
            RouteChange.state == RouteChangeState.PROPOSED,
            RouteChange.id != (change.id or 0),
            RouteChangeLine.unit_id.in_([line.unit_id for line in change.lines]),
        )
    )
    with db.session.no_autoflush:
        other = db.session.scalars(query.limit(1)).first()
    if other is None:
        return None
    return gettext(
        "Another change (%(change)s) that moves one of these units waits for “%(unit)s”. Withdraw it first, or wait for the answer.",
        change=name_of(other),
        unit=other.asked_unit.name,
    )


def can_be_answered(act: Act) -> str | None:
    """Refuse to ask a unit in which nobody works who could confirm."""
    unit = act.session.get_one(Unit, act.record.asked_unit_id)
    if any(custody.has_people(act.session, unit.id, role) for role in CONFIRMING):
        return None
    raise Refused(
        gettext(
            "“%(unit)s” would have to confirm, but nobody has a position there. Ask the security administrator to grant one first.",
            unit=unit.name,
        ),
        "superior_id",
    )


def is_asked(act: Act) -> str | None:
    """Refuse everybody but the unit that confirms for all."""
    if act.actor.unit_id == act.record.asked_unit_id:
        return None
    return gettext(
        "“%(unit)s” confirms this change. If your own place is wrong in it, dispute it.",
        unit=act.record.asked_unit.name,
    )


def concerns_own_unit(act: Act) -> str | None:
    """Refuse units whose place does not change and that are not asked."""
    concerned = {line.unit_id for line in act.record.lines} | {act.record.asked_unit_id}
    return None if act.actor.unit_id in concerned else gettext("This change does not concern your unit.")  # fmt: skip


def is_as_proposed(act: Act) -> str | None:
    """Refuse when a place was changed since the change was proposed."""
    return changed_since(act.record)


def changed_since(change: RouteChange) -> str | None:
    places = places_of(change)
    for line in change.lines:
        place = places.get(line.unit_id)
        if (place.version if place else None) != line.seen:
            return gettext(
                "The place of “%(unit)s” was changed since. Withdraw this change and propose it anew, or correct places one by one.",
                unit=line.unit.name,
            )
    return None


def places_of(change: RouteChange) -> dict[int, RouteNode]:
    ids = [line.unit_id for line in change.lines]
    query = select(RouteNode).where(
        RouteNode.committee_id == change.committee_id, RouteNode.unit_id.in_(ids)
    )
    return {place.unit_id: place for place in db.session.scalars(query)}


def note(act: Act) -> None:
    """Record in the log row what the change is."""
    act.notes.update(change=act.record.kind.value, places=len(act.record.lines))


def ask(act: Act) -> None:
    """Tell the unit that confirms for all."""
    change = act.record
    outbox.queue_message_to_unit(
        act.session,
        change.asked_unit_id,
        "route.change_proposed",
        at=act.at,
        url=f"/g/1.6.2/changes/{change.id}",
        committee=change.committee.name,
        change=name_of(change),
        count=len(change.lines),
    )


def answer(act: Act) -> None:
    """Store the answer and tell the committee's office."""
    change = act.record
    change.settled_at, change.answer = act.at, act.opinion
    outbox.queue_message_to_unit(
        act.session,
        change.committee.unit_id,
        "route.change_answered",
        at=act.at,
        role=Role.OFFICE,
        url=f"/g/1.6.1/changes/{change.id}",
        unit=act.actor.unit_name,
        change=name_of(change),
        answer=str(change.state.label),
    )


def name_of(change: RouteChange) -> str:
    """Return what changes in words."""
    committee = gettext("the committee")
    words = {
        "unit": change.unit.name if change.unit else committee,
        "superior": change.superior.name if change.superior else committee,
    }
    if change.kind is RouteChangeKind.INSERT:
        return gettext("Put “%(superior)s” in between, below “%(unit)s”", **words)
    if change.kind is RouteChangeKind.MOVE_BELOW:
        return gettext("Units right below “%(unit)s” go below “%(superior)s”", **words)
    return gettext("“%(unit)s” with everything below it goes below “%(superior)s”", **words)


def names_of(keys: Iterable[int]) -> list[str]:
    """Return the names of units, sorted."""
    return list(
        db.session.scalars(select(Unit.name).where(Unit.id.in_(list(keys))).order_by(Unit.name))
    )
