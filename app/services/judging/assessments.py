"""Reviews and score sheets of judges (menus 1.3.1 to 1.3.3): drafts, guards of submission, final lock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act, Refused
from app.enums import (
    ApplicationState,
    AssessmentState,
    InterviewState,
    PlanState,
    RecusalState,
    ReviewStep,
    SeatState,
)
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Assessment, Assignment, Interview, Plan, Recusal, Seat
from app.services.draw import recusals
from app.services.judging import scoring
from app.services.meeting import score_sheet, seats
from app.validators import Invalid, reason, text
from app.validators.numbers import whole_number_in_cell

WORKING = (SeatState.ACCEPTED, SeatState.PRESENT)
LONGEST_REASON = 1000


class SheetFaults(Refused):
    """Refusal of a sheet; `faults`: item or field → sentence for what is wrong or missing."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(" ".join(self.faults.values()), next(iter(self.faults)))


def seat_for(session: Session, application: Application, actor: Actor) -> Seat | None:
    """Return the actor's seat assigned to the candidate (accepted or present, not recused), or None."""
    seat = seats.seat_of_user(session, application.plan_id or 0, actor.user_id)
    if seat is None or seat.state not in WORKING or _is_recused(session, seat, application.id):
        return None
    assigned = select(Assignment.id).where(
        Assignment.seat_id == seat.id, Assignment.application_id == application.id
    )
    return seat if session.scalar(assigned) is not None else None


def _is_recused(session: Session, seat: Seat, application_id: int) -> bool:
    query = select(Recusal.id).where(
        Recusal.user_id == seat.user_id,
        Recusal.application_id == application_id,
        Recusal.state == RecusalState.IN_FORCE,
    )
    return session.scalars(query.limit(1)).first() is not None


def is_own_case(act: Act) -> str | None:
    """Refuse a candidate who is not assigned to the judge's own seat (domain rule 39)."""
    record = act.record
    application = act.session.get(Application, record.application_id)
    seat = seat_for(act.session, application, act.actor) if application else None
    if seat is None or (getattr(record, "seat_id", seat.id) != seat.id):
        return gettext("This candidate is not assigned to your seat.")
    return None


def is_meeting_on(act: Act) -> str | None:
    """Refuse outside the days of an approved meeting, and for applications no longer in review."""
    application = act.session.get_one(Application, act.record.application_id)
    plan = act.session.get_one(Plan, application.plan_id)
    is_on = plan.state is PlanState.APPROVED and plan.is_on(clock.local_date(act.at))
    if is_on and application.state is ApplicationState.IN_REVIEW:
        return None
    return gettext(
        "The meeting runs from %(first)s to %(last)s; nothing can be handed in outside of it.",
        first=plan.opens_on,
        last=plan.closes_on,
    )


def uses_step(act: Act) -> str | None:
    """Refuse a step that the plan of the meeting does not have."""
    application = act.session.get_one(Application, act.record.application_id)
    plan = act.session.get_one(Plan, application.plan_id)
    step: ReviewStep = act.record.step
    if step.value in plan.steps:
        return None
    return gettext("The plan of this meeting has no step “%(step)s”.", step=step.label)


def is_heard(act: Act) -> str | None:
    """Refuse an interview score if there is no interview, it has not begun or the candidate was absent."""
    if act.record.step is not ReviewStep.INTERVIEW:
        return None
    query = select(Interview).where(Interview.application_id == act.record.application_id)
    interview = act.session.scalars(query.order_by(Interview.id.desc())).first()
    if interview is None:
        return gettext("The office has not set an interview with this candidate yet.")
    if interview.state is InterviewState.ABSENT:
        return gettext("The candidate was absent from the interview; no score is given.")
    if act.at < interview.starts_at:
        return gettext(
            "The interview begins at %(time)s; score it then.",
            time=f"{clock.local(interview.starts_at):%Y-%m-%d %H:%M}",
        )
    return None


def find(
    session: Session,
    seat_id: int,
    application_id: int,
    step: ReviewStep,
    *,
    is_locking: bool = False,
) -> Assessment | None:
    """Return the seat's assessment of the candidate in `step`, or None.

    `is_locking` locks the row: an autosaved draft waits for a submission under way, then finds it locked.
    """
    query = select(Assessment).where(
        Assessment.seat_id == seat_id,
        Assessment.application_id == application_id,
        Assessment.step == step,
    )
    if is_locking:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def save_draft(
    application: Application,
    step: ReviewStep,
    typed: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> Assessment:
    """Store a draft, complete or not, and return it; the caller commits.

    `typed`: item name → points, or `is_passed` and `reason`. Raises SheetFaults with every invalid value,
    Refused for a locked sheet and for a case not assigned to the judge.
    """
    record, faults = save_valid_values(application, step, typed, actor=actor, at=at)
    if faults:
        raise SheetFaults(faults)
    return record


def save_valid_values(
    application: Application,
    step: ReviewStep,
    typed: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> tuple[Assessment, dict[str, str]]:
    """Store the valid values of a draft; return the record and the faults of invalid ones: field → sentence.

    Raises Refused for a locked sheet and for a case not assigned to the judge.
    """
    session = db.session()
    seat = seat_for(session, application, actor)
    if seat is None:
        raise Refused(gettext("This candidate is not assigned to your seat."))
    record = find(session, seat.id, application.id, step, is_locking=True)
    if record is None:
        record = Assessment(seat_id=seat.id, application_id=application.id, step=step)
        engine.fire(record, "begin", actor=actor, at=at)
    if record.state is not AssessmentState.DRAFT:
        raise Refused(gettext("This sheet was submitted and is locked."))
    faults = _set_values(record, _plan_of(application), typed)
    session.flush()
    return record, faults


def _plan_of(application: Application) -> Plan:
    return db.session.get_one(Plan, application.plan_id)


def _set_values(record: Assessment, plan: Plan, typed: Mapping[str, Any]) -> dict[str, str]:
    if record.step is not ReviewStep.MATERIAL_REVIEW:
        record.scores, faults = points(plan, record.step, typed)
        return faults
    record.is_passed = {"1": True, "0": False}.get(str(typed.get("is_passed", "")))
    try:
        record.reason = text(
            str(typed.get("reason") or ""), max_length=LONGEST_REASON, multiline=True
        )
    except Invalid as invalid:
        return {"reason": str(invalid)}
    return {}


def points(
    plan: Plan, step: ReviewStep, typed: Mapping[str, Any]
) -> tuple[dict[str, int], dict[str, str]]:
    """Return the typed points per item of `step`, without empty ones, and the faults: item name → sentence.

    A fault is a value that is no whole number from 0 to the item's maximum.
    """
    valid_points, faults = {}, {}
    for item in score_sheet.items_of(plan.score_items, step):
        name, value = item["name"], typed.get(item["name"])
        if value is None or str(value).strip() == "":
            continue
        number = whole_number_in_cell(value)
        if number is None or number > item["max"]:
            faults[name] = gettext(
                "“%(item)s”: “%(value)s” is not possible. Enter a whole number from 0 to %(most)s.",
                item=name,
                value=str(value)[:20],
                most=item["max"],
            )
        else:
            valid_points[name] = number
    return valid_points, faults


def is_complete(act: Act) -> str | None:
    """Refuse a sheet without all items, a review without a decision, and “not passed” without a reason."""
    record, plan = act.record, _plan_of(act.session.get_one(Application, act.record.application_id))
    if record.step is ReviewStep.MATERIAL_REVIEW:
        return _incomplete_review(record)
    asked = score_sheet.items_of(plan.score_items, record.step)
    missing = [one["name"] for one in asked if one["name"] not in record.scores]
    if missing:
        raise SheetFaults(
            {name: gettext("“%(item)s”: the points are missing.", item=name) for name in missing}
        )
    return None


def _incomplete_review(record: Assessment) -> str | None:
    if record.is_passed is None:
        raise SheetFaults({"is_passed": gettext("Choose whether the material passes.")})
    if record.is_passed is False:
        try:
            reason(record.reason)
        except Invalid as invalid:
            raise SheetFaults({"reason": str(invalid)}) from None
    return None


def lock(act: Act) -> None:
    """Lock a submitted sheet: compute the total (score sheets only) and record the time."""
    record = act.record
    if record.step is not ReviewStep.MATERIAL_REVIEW:
        plan = _plan_of(act.session.get_one(Application, record.application_id))
        asked = score_sheet.items_of(plan.score_items, record.step)
        record.total = scoring.total(asked, record.scores)
    record.submitted_at = act.at


def results_of_others(session: Session, record: Assessment) -> list[int | bool]:
    """Return the other judges' submitted results on the same candidate and step, sorted and without names.

    Empty until the own sheet is submitted (guide 1.3). Totals in hundredths, or whether the material passed.
    """
    if record.state is not AssessmentState.SUBMITTED:
        return []
    return sorted(
        _submitted_results(
            session, record.application_id, record.step, except_seat_id=record.seat_id
        )
    )


def totals_on(session: Session, application: Application, step: ReviewStep) -> list[int | bool]:
    """Return all judges' submitted results on a candidate in `step`, for a group that may see them."""
    return sorted(_submitted_results(session, application.id, step))


def _submitted_results(
    session: Session, application_id: int, step: ReviewStep, except_seat_id: int | None = None
) -> list[int | bool]:
    query = (
        select(Assessment.total, Assessment.is_passed)
        .join(Seat, Seat.id == Assessment.seat_id)
        .where(
            Assessment.application_id == application_id,
            Assessment.step == step,
            Assessment.state == AssessmentState.SUBMITTED,
            Assessment.seat_id != (except_seat_id or 0),
            Seat.state.in_(seats.MEMBERS),
            Seat.user_id.not_in(recusals.users_kept_from(application_id)),
        )
    )
    return [
        total if total is not None else bool(passed) for total, passed in session.execute(query)
    ]
