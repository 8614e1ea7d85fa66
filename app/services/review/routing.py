"""Review tree of a committee and the route of an application up this tree (menus 1.6.1, 1.6.2).

Every unit has one place in a committee's tree. Its superior there is a unit with a place of its own;
without a superior the committee comes next. An application keeps the route it had when it was submitted.
"""

from collections.abc import Callable, Iterator

from flask_babel import gettext
from sqlalchemy import delete, select, update

from app.engine import Act, Refused
from app.enums import ApplicationState, Level, RouteState
from app.extensions import db
from app.ground import clock
from app.models import Attachment, Committee, NoticeItem, RouteNode, RouteStep, Unit
from app.services.files import attached_files
from app.services.quotas import quotas
from app.services.review import custody

PROOF = "notice_proof"
"""Kind of attachment: the proof that a notice was posted."""


def route_for(unit_id: int, committee_id: int, level: Level) -> list[int]:
    """Return the ids of the superior units that review an application of `level`, lowest first.

    Units whose place does not name the level are skipped. Raises Refused unless every place from the unit
    up to the committee is confirmed.
    """
    places = list(_climb(unit_id, committee_id))
    for place in places:
        _must_be_confirmed(place)
    return [place.unit_id for place in places[1:] if level.value in place.levels]


def _climb(unit_id: int, committee_id: int) -> Iterator[RouteNode]:
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


def _must_be_confirmed(place: RouteNode) -> None:
    if place.state is RouteState.DISPUTED:
        raise Refused(
            gettext(
                "“%(unit)s” disputes its place in the review tree. Ask the office of “%(committee)s”"
                " to correct it; until then nothing can be handed in this way.",
                unit=place.unit.name,
                committee=place.committee.name,
            )
        )
    if place.state is not RouteState.CONFIRMED:
        raise Refused(
            gettext(
                "“%(unit)s” has not confirmed its place in the review tree of “%(committee)s” yet."
                " Ask it to do so under 1.6.2.",
                unit=place.unit.name,
                committee=place.committee.name,
            )
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
    return _refusal_of(
        lambda: _refuse_loop(record.unit_id, record.superior_id, record.committee_id)
    )


def _refuse_loop(unit_id: int, superior_id: int, committee_id: int) -> None:
    for place in _climb(superior_id, committee_id):
        if place.unit_id == unit_id:
            raise Refused(_loop_refusal(unit_id))


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


def is_usable(act: Act) -> str | None:
    """Refuse to submit an application unless its whole route is confirmed."""
    record = act.record
    return _refusal_of(lambda: route_for(record.unit_id, record.committee_id, record.level))


def take_snapshot(act: Act) -> None:
    """Store the current route of the application and when it was submitted.

    Arrival times are kept, so that a unit that saw the application before its return still sees it.
    """
    record, session = act.record, act.session
    seen = dict(
        session.execute(
            select(RouteStep.unit_id, RouteStep.arrived_at).where(
                RouteStep.application_id == record.id
            )
        )
        .tuples()
        .all()
    )
    session.execute(delete(RouteStep).where(RouteStep.application_id == record.id))
    superiors = route_for(record.unit_id, record.committee_id, record.level)
    session.add_all(
        RouteStep(
            application_id=record.id, position=place, unit_id=unit_id, arrived_at=seen.get(unit_id)
        )
        for place, unit_id in enumerate(superiors, start=1)
    )
    session.flush()
    session.expire(record, ["route"])
    record.route_position = 0
    record.submitted_at = act.at


def next_state(act: Act) -> ApplicationState:
    """Return the next state of an application passed upwards: at a superior unit or at the office."""
    return (
        ApplicationState.AT_OFFICE
        if _step(act, _current_position(act) + 1) is None
        else ApplicationState.AT_SUPERIOR
    )


def start(act: Act) -> None:
    """Store the unit's recommendation and its proof; send the application to the first step of its route.

    Without superior units it goes straight to the committee's office.
    """
    record = act.record
    record.recommendation = str(act.details["recommendation"]).strip()
    proof = act.details.get("proof")
    if proof is not None:
        attached_files.attach(record, proof.stored, PROOF, proof.name, act.actor, act.at)
    _move_to_step(act, 1)


def advance(act: Act) -> None:
    """Send a passed application to the next unit of its route, or to the committee's office."""
    record = act.record
    act.session.execute(
        update(RouteStep)
        .where(RouteStep.application_id == record.id, RouteStep.position == record.route_position)
        .values(passed_at=act.at)
    )
    _move_to_step(act, record.route_position + 1)


def _move_to_step(act: Act, position: int) -> None:
    step = _step(act, position)
    if step is None:
        custody.give_to_office(act)
        return
    act.record.route_position = position
    step.arrived_at = act.at
    custody.give_to(act, step.unit_id, act.record.batch.superior_end)


def _current_position(act: Act) -> int:
    """Return the current step of the route; 0 before the first superior unit."""
    position: int = (
        act.record.route_position if act.record.state is ApplicationState.AT_SUPERIOR else 0
    )
    return position


def _step(act: Act, position: int) -> RouteStep | None:
    return act.session.scalars(
        select(RouteStep).where(
            RouteStep.application_id == act.record.id, RouteStep.position == position
        )
    ).one_or_none()


def has_recommendation(act: Act) -> str | None:
    """Require the unit's written recommendation and the proof that the notice was posted (A6)."""
    if not str(act.details.get("recommendation") or "").strip():
        raise Refused(gettext("Enter the unit's recommendation."), "recommendation")
    if act.details.get("proof") is None and not _has_proof(act):
        raise Refused(gettext("Upload the proof of the notice."), "proof")
    return None


def _has_proof(act: Act) -> bool:
    """Return whether the proof is attached to the application or to one of its notices."""
    notices = select(NoticeItem.notice_id).where(NoticeItem.application_id == act.record.id)
    at_application = (Attachment.subject_type == "application") & (
        Attachment.subject_id == act.record.id
    )
    at_notice = (Attachment.subject_type == "notice") & Attachment.subject_id.in_(notices)
    found = select(Attachment.id).where(
        Attachment.kind == PROOF, Attachment.removed_at.is_(None), at_application | at_notice
    )
    return act.session.scalars(found.limit(1)).first() is not None


def is_in_unit_window(act: Act) -> str | None:
    """Refuse a unit's report after 24:00 of the batch's deadline for units."""
    last = act.record.batch.unit_end
    if act.at <= clock.end_of_day(last):
        return None
    return gettext(
        "Units could report in the batch “%(batch)s” until %(day)s. The application stays with your"
        " unit; ask the committee's office.",
        batch=act.record.batch.name,
        day=last.isoformat(),
    )


def is_in_superior_window(act: Act) -> str | None:
    """Refuse a superior unit's pass after 24:00 of the batch's deadline for superior units."""
    last = act.record.batch.superior_end
    if act.at <= clock.end_of_day(last):
        return None
    return gettext(
        "Superior units could pass applications of the batch “%(batch)s” until %(day)s. Ask the"
        " committee's office.",
        batch=act.record.batch.name,
        day=last.isoformat(),
    )


def has_quota(act: Act) -> str | None:
    """Refuse a public institution without an approved post quota for the year, level and specialty."""
    record = act.record
    if not record.unit.kind.needs_quota:
        return None
    if quotas.approved_line(
        record.unit_id, record.review_year, record.level, record.specialty_code
    ):
        return None
    return gettext(
        "“%(unit)s” has no approved post quota of %(year)s for %(level)s in “%(specialty)s”. Ask for"
        " it under 1.5.1 first.",
        unit=record.unit.name,
        year=record.review_year,
        level=record.level.label,
        specialty=record.specialty.name,
    )


def _refusal_of(rule: Callable[[], object]) -> str | None:
    """Return the sentence with which `rule` raises Refused, or None."""
    try:
        rule()
    except Refused as refusal:
        return refusal.sentence
    return None
