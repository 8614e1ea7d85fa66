"""The review tree of a committee: a unit's place in it, the route upwards, its confirmation (menus 1.6.1, 1.6.2)."""

from collections.abc import Callable, Iterable, Iterator

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act, Refused
from app.enums import Level, RouteState
from app.extensions import db
from app.models import Committee, RouteNode, Unit


def route_for(unit_id: int, committee_id: int, level: Level) -> list[int]:
    """Return the ids of the superior units that review an application of `level`, lowest first.

    Units whose place does not name the level are skipped. Raises Refused unless every place from the unit
    up to the committee is confirmed, and no unit that has to act is closed in the register.
    """
    places = list(climb(unit_id, committee_id))
    _require(unconfirmed_refusal(place) for place in places)
    reviewing = [place for place in places[1:] if level.value in place.levels]
    _require(closed_refusal(place) for place in (places[0], *reviewing))
    return [place.unit_id for place in reviewing]


def _require(refusals: Iterable[str | None]) -> None:
    """Raise Refused with the first sentence, if there is any."""
    if why := next(filter(None, refusals), None):
        raise Refused(why)


def climb(unit_id: int, committee_id: int) -> Iterator[RouteNode]:
    """Yield the unit's place and those of its superiors. Raises Refused for a missing place or a loop."""
    seen: set[int] = set()
    at: int | None = unit_id
    while at is not None:
        if at in seen:
            raise Refused(_loop_refusal(at))
        seen.add(at)
        place = place_of(at, committee_id)
        if place is None:
            raise Refused(_no_place_refusal(at, committee_id))
        yield place
        at = place.superior_id


def place_of(unit_id: int, committee_id: int) -> RouteNode | None:
    """Return the unit's place in the committee's tree, if it has one."""
    return db.session.scalars(
        select(RouteNode).where(
            RouteNode.unit_id == unit_id, RouteNode.committee_id == committee_id
        )
    ).one_or_none()


def unconfirmed_refusal(place: RouteNode) -> str | None:
    """Return why a place that its unit has not confirmed stops the way, or None."""
    if place.state is RouteState.CONFIRMED:
        return None
    if place.state is RouteState.DISPUTED:
        return gettext(
            "“%(unit)s” disputes its place in the review tree. Ask the office of “%(committee)s”"
            " to correct it; until then nothing can be handed in this way.",
            unit=place.unit.name,
            committee=place.committee.name,
        )
    return gettext(
        "“%(unit)s” has not confirmed its place in the review tree of “%(committee)s” yet."
        " Ask it to do so under 1.6.2.",
        unit=place.unit.name,
        committee=place.committee.name,
    )


def closed_refusal(place: RouteNode) -> str | None:
    """Return why a place of a unit that is closed in the register stops the way, or None."""
    if place.unit.is_active:
        return None
    return gettext(
        "“%(unit)s” on the way to “%(committee)s” is closed in the register, so nothing can be handed in this "
        "way. Ask the committee's office to correct the review tree (menu 1.6.1).",
        unit=place.unit.name,
        committee=place.committee.name,
    )


def _no_place_refusal(unit_id: int, committee_id: int) -> str:
    return gettext(
        "“%(unit)s” has no place in the review tree of “%(committee)s”. Ask the committee's office"
        " to enter it under 1.6.1.",
        unit=db.session.get_one(Unit, unit_id).name,
        committee=db.session.get_one(Committee, committee_id).name,
    )


def _loop_refusal(unit_id: int) -> str:
    return gettext(
        "The review tree runs in a circle at “%(unit)s” and never reaches the committee. Choose"
        " another superior.",
        unit=db.session.get_one(Unit, unit_id).name,
    )


def is_own_tree(act: Act) -> str | None:
    """Refuse an office that edits the tree of another office's committee."""
    if act.record.committee_id in act.actor.committee_ids:
        return None
    return gettext("This committee belongs to another office; you keep the trees of your own only.")


def is_only_place(act: Act) -> str | None:
    """Refuse a second place for a unit in the same tree."""
    record = act.record
    if place_of(record.unit_id, record.committee_id) is None:
        return None
    return gettext(
        "“%(unit)s” has a place in this review tree already. Edit that one.",
        unit=act.session.get_one(Unit, record.unit_id).name,
    )


def is_acyclic(act: Act) -> str | None:
    """Refuse a superior whose own route leads back to this unit instead of to the committee.

    The committee's row is locked, because two concurrent edits could create a loop that neither sees.
    """
    record = act.record
    if record.superior_id is None:
        return None
    if record.superior_id == record.unit_id:
        return gettext("A unit cannot be its own superior.")
    act.session.execute(
        select(Committee.id).where(Committee.id == record.committee_id).with_for_update()
    )
    return refusal_of(lambda: _refuse_loop(record.unit_id, record.superior_id, record.committee_id))


def _refuse_loop(unit_id: int, superior_id: int, committee_id: int) -> None:
    for place in climb(superior_id, committee_id):
        if place.unit_id == unit_id:
            raise Refused(_loop_refusal(unit_id))


def names_open_units(act: Act) -> str | None:
    """Refuse a place of a unit, or under a superior, that is closed in the register."""
    record = act.record
    for key in filter(None, (record.unit_id, record.superior_id)):
        unit = act.session.get_one(Unit, key)
        if not unit.is_active:
            return gettext(
                "“%(unit)s” is closed in the register and cannot stand in a review tree. Choose another unit.",
                unit=unit.name,
            )
    return None


def is_own_place(act: Act) -> str | None:
    """Refuse a unit that confirms or disputes the place of another unit."""
    if act.actor.unit_id == act.record.unit_id:
        return None
    return gettext("This is the place of another unit; only that unit can confirm or dispute it.")


def settle(act: Act) -> None:
    """Store when the unit confirmed or disputed its place."""
    act.record.settled_at = act.at


def unsettle(act: Act) -> None:
    """Clear the unit's answer, because a changed place must be confirmed again."""
    act.record.settled_at = None


def refusal_of(rule: Callable[[], object]) -> str | None:
    """Return the sentence with which `rule` raises Refused, or None."""
    try:
        rule()
    except Refused as refusal:
        return refusal.sentence
    return None
