"""The way of an application up its committee's review tree (menus 1.6.1, 1.6.2).

Every unit has one place in a committee's tree; its superior there is a unit with a place of its own, or
none, and then the committee comes next. An application goes the way that held when it was submitted.
"""

from collections.abc import Callable, Iterator

from flask_babel import gettext
from sqlalchemy import delete, select, update

from app.engine import Act, Refused
from app.enums import Level, RouteState, S
from app.extensions import db
from app.ground import clock
from app.models import Attachment, Committee, NoticeItem, RouteNode, RouteStep, Unit
from app.services.files import attached_files
from app.services.quotas import quotas
from app.services.review import custody

PROOF = "notice_proof"
"""The kind of attachment that proves a notice."""


# the tree


def route_for(unit_id: int, committee_id: int, level: Level) -> list[int]:
    """Return the superior units an application of `level` passes, lowest first.

    Units whose place does not name the level are skipped. Raises Refused where the way is not
    confirmed from the unit up to the committee.
    """
    places = list(_climb(unit_id, committee_id))
    for place in places:
        _must_be_confirmed(place)
    return [place.unit_id for place in places[1:] if level.value in place.levels]


def _climb(unit_id: int, committee_id: int) -> Iterator[RouteNode]:
    """Yield the places from the unit's own upwards. Raises Refused at a gap or a loop."""
    seen: set[int] = set()
    at: int | None = unit_id
    while at is not None:
        if at in seen:
            raise Refused(_loop(at))
        seen.add(at)
        place = place_of(at, committee_id)
        if place is None:
            raise Refused(_no_place(at, committee_id))
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


def _no_place(unit_id: int, committee_id: int) -> str:
    return gettext(
        "“%(unit)s” has no place in the review tree of “%(committee)s”. Ask the committee's office"
        " to enter it under 1.6.1.",
        unit=db.session.get_one(Unit, unit_id).name,
        committee=db.session.get_one(Committee, committee_id).name,
    )


def _loop(unit_id: int) -> str:
    return gettext(
        "The review tree runs in a circle at “%(unit)s” and never reaches the committee. Choose"
        " another superior.",
        unit=db.session.get_one(Unit, unit_id).name,
    )


# keeping the tree


def is_own_tree(act: Act) -> str | None:
    """An office keeps the trees of its own committees only."""
    if act.record.committee_id in act.actor.committee_ids:
        return None
    return gettext("This committee belongs to another office; you keep the trees of your own only.")


def is_only_place(act: Act) -> str | None:
    """A unit has one place in a tree."""
    record = act.record
    if place_of(record.unit_id, record.committee_id) is None:
        return None
    return gettext(
        "“%(unit)s” has a place in this review tree already. Edit that one.",
        unit=act.session.get_one(Unit, record.unit_id).name,
    )


def is_acyclic(act: Act) -> str | None:
    """The way up from a superior must end at the committee and not come back to this unit.

    The committee's row is locked: two edits at a time could close a circle that neither sees.
    """
    record = act.record
    if record.superior_id is None:
        return None
    if record.superior_id == record.unit_id:
        return gettext("A unit cannot be its own superior.")
    act.session.execute(
        select(Committee.id).where(Committee.id == record.committee_id).with_for_update()
    )
    return _sentence(lambda: _must_end(record.unit_id, record.superior_id, record.committee_id))


def _must_end(unit_id: int, superior_id: int, committee_id: int) -> None:
    for place in _climb(superior_id, committee_id):
        if place.unit_id == unit_id:
            raise Refused(_loop(unit_id))


def is_own_place(act: Act) -> str | None:
    """A unit confirms or disputes its own place only."""
    if act.actor.unit_id == act.record.unit_id:
        return None
    return gettext("This is the place of another unit; only that unit can confirm or dispute it.")


def settle(act: Act) -> None:
    """Note when the unit answered."""
    act.record.settled_at = act.at


def unsettle(act: Act) -> None:
    """A changed place has to be confirmed anew."""
    act.record.settled_at = None


# an application on its way


def is_usable(act: Act) -> str | None:
    """An application is handed in only where its whole way is confirmed."""
    record = act.record
    return _sentence(lambda: route_for(record.unit_id, record.committee_id, record.level))


def take_snapshot(act: Act) -> None:
    """Keep the way that holds now, and when the application was handed in.

    A unit that saw the application before it was returned goes on seeing it.
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


def next_state(act: Act) -> S:
    """Return where an application that is passed upwards comes to next."""
    return S.AT_OFFICE if _step(act, _position(act) + 1) is None else S.AT_SUPERIOR


def start(act: Act) -> None:
    """Send a recommended application to the first unit of its way, or straight to the committee."""
    record = act.record
    record.recommendation = str(act.details["recommendation"]).strip()
    proof = act.details.get("proof")
    if proof is not None:
        attached_files.attach(record, proof.stored, PROOF, proof.name, act.actor, act.at)
    _arrive(act, 1)


def advance(act: Act) -> None:
    """Send a passed application to the next unit of its way, or to the committee."""
    record = act.record
    act.session.execute(
        update(RouteStep)
        .where(RouteStep.application_id == record.id, RouteStep.position == record.route_position)
        .values(passed_at=act.at)
    )
    _arrive(act, record.route_position + 1)


def _arrive(act: Act, position: int) -> None:
    step = _step(act, position)
    if step is None:
        custody.by_office(act)
        return
    act.record.route_position = position
    step.arrived_at = act.at
    custody.hand_to(act, step.unit_id, act.record.batch.superior_end)


def _position(act: Act) -> int:
    """Return the step an application stands on; below its superiors that is 0."""
    position: int = act.record.route_position if act.record.state is S.AT_SUPERIOR else 0
    return position


def _step(act: Act, position: int) -> RouteStep | None:
    return act.session.scalars(
        select(RouteStep).where(
            RouteStep.application_id == act.record.id, RouteStep.position == position
        )
    ).one_or_none()


# what reporting upwards asks for


def has_recommendation(act: Act) -> str | None:
    """The unit recommends in words and proves that the notice hung (A6)."""
    if not str(act.details.get("recommendation") or "").strip():
        raise Refused(gettext("Enter the unit's recommendation."), "recommendation")
    if act.details.get("proof") is None and not _has_proof(act):
        raise Refused(gettext("Upload the proof of the notice."), "proof")
    return None


def _has_proof(act: Act) -> bool:
    """Look for the proof at the application and at its notices."""
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
    """Units report until the batch's deadline, its 24:00 included."""
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
    """Superior units pass applications on until the batch's deadline, its 24:00 included."""
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
    """A public institution needs an approved quota line for the level and specialty."""
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


def _sentence(rule: Callable[[], object]) -> str | None:
    """Return why `rule` refuses, or None."""
    try:
        rule()
    except Refused as refusal:
        return refusal.sentence
    return None
