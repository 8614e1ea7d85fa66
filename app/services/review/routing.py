"""Review tree of a committee and the route of an application up this tree (menus 1.6.1, 1.6.2).

Every unit has one place in a committee's tree. Its superior there is a unit with a place of its own;
without a superior the committee comes next. An application keeps the route it had when it was submitted.
"""

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import ApplicationState
from app.models import Attachment, NoticeItem, RouteStep
from app.services.files import attached_files
from app.services.quotas import quotas
from app.services.review import custody
from app.services.review.route_tree import refusal_of, route_for

PROOF = "notice_proof"
"""Kind of attachment: the proof that a notice was posted."""


def is_usable(act: Act) -> str | None:
    """Refuse to submit an application unless its whole route is confirmed."""
    record = act.record
    return refusal_of(lambda: route_for(record.unit_id, record.committee_id, record.level))


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
    move_to_step(act, 1)


def advance(act: Act) -> None:
    """Send a passed application to the next unit of its route, or to the committee's office."""
    record = act.record
    if (step := _step(act, record.route_position)) is not None:
        step.passed_at = act.at
    move_to_step(act, record.route_position + 1)


def replace_step(act: Act, unit_id: int, successor_id: int) -> None:
    """Put `successor_id` in the place of a unit on the route of the application.

    A successor that comes later on the route anyway takes the case then; the closed step is left out. If the case is
    at that step, it moves to the successor.
    """
    record, session = act.record, act.session
    steps = sorted(record.route, key=lambda step: step.position)
    place = next(
        step.position
        for step in steps
        if step.unit_id == unit_id and step.position >= max(record.route_position, 1)
    )
    step = steps[place - 1]
    if successor_id in {later.unit_id for later in steps[place:]}:
        session.delete(step)
        session.flush()
        for later in steps[place:]:
            later.position -= 1
            session.flush()
    else:
        step.unit_id, step.arrived_at = successor_id, None
        session.flush()
    session.expire(record, ["route"])
    if record.state is ApplicationState.AT_SUPERIOR and place == record.route_position:
        move_to_step(act, place)


def move_to_step(act: Act, position: int) -> None:
    """Give the application to the superior unit at `position` of its route, to the office after the last one."""
    step = _step(act, position)
    if step is None:
        custody.give_to_office(act)
        return
    act.record.route_position = position
    step.arrived_at = act.at
    custody.give_to(act, step.unit_id)


def _current_position(act: Act) -> int:
    """Return the current step of the route; 0 before the first superior unit."""
    position: int = (
        act.record.route_position if act.record.state is ApplicationState.AT_SUPERIOR else 0
    )
    return position


def _step(act: Act, position: int) -> RouteStep | None:
    return next((step for step in act.record.route if step.position == position), None)


def has_recommendation(act: Act) -> str | None:
    """Require the unit's written recommendation and the proof that the notice was posted (A6)."""
    if not str(act.details.get("recommendation") or "").strip():
        raise Refused(gettext("Enter the unit's recommendation."), "recommendation")
    if act.details.get("proof") is None and not has_proof(act.session, act.record.id):
        raise Refused(gettext("Upload the proof of the notice."), "proof")
    return None


def has_proof(session: Session, application_id: int) -> bool:
    """Return whether the proof is attached to the application or to one of its notices."""
    notices = select(NoticeItem.notice_id).where(NoticeItem.application_id == application_id)
    at_application = (Attachment.subject_type == "application") & (
        Attachment.subject_id == application_id
    )
    at_notice = (Attachment.subject_type == "notice") & Attachment.subject_id.in_(notices)
    found = select(Attachment.id).where(
        Attachment.kind == PROOF, Attachment.removed_at.is_(None), at_application | at_notice
    )
    return session.scalars(found.limit(1)).first() is not None


def has_quota(act: Act) -> str | None:
    """Refuse a public institution without an approved post left for the year, level and specialty.

    Several may be recommended for one post; the meeting compares them.
    """
    record = act.record
    if not record.unit.kind.needs_quota:
        return None
    line = (record.unit_id, record.review_year, record.level, record.specialty_code)
    posts = quotas.balance(*line)
    if posts.left > 0:
        return None
    if posts.granted > 0:
        return quotas.refusal(*line)
    return gettext(
        "“%(unit)s” has no approved post quota of %(year)s for %(level)s in “%(specialty)s”. Ask for"
        " it under 1.5.1 first.",
        unit=record.unit.name,
        year=record.review_year,
        level=record.level.label,
        specialty=record.specialty.name,
    )
