"""What a ballot says beside each name: own sheets, means of the group, interview and opinion; no judge's name.

The mean of a step is shown to who has submitted the own sheet, and to who votes without working on the case:
all sheets are locked once the round is frozen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from app.enums import InterviewState, ReviewStep
from app.models import Application, Assignment, Interview, Opinion, Plan, Seat
from app.services.judging import scoring
from app.services.judging.scoring import Sheet
from app.services.meeting.score_sheet import WITH_SHEETS


@dataclass(frozen=True)
class CaseFacts:
    """Facts about one candidate: (step, sentence) for each step with sheets, and the group's opinion."""

    sheets: Sequence[tuple[ReviewStep, str]] = ()
    opinion: str = ""


@dataclass
class _Case:
    own: dict[ReviewStep, Sheet] = field(default_factory=dict)
    all: list[Sheet] = field(default_factory=list)
    is_assigned: bool = False
    interview: InterviewState | None = None
    opinion: str | None = None


def facts_of(
    session: Session, plan: Plan, seat: Seat, application_ids: Sequence[int]
) -> dict[int, CaseFacts]:
    """Return the facts about the candidates `application_ids` for the judge in `seat`: application id → facts.

    The caller leaves out the candidates from whom the judge is recused.
    """
    cases = {key: _Case() for key in application_ids}
    for sheet in scoring.submitted(session, plan.id, application_ids):
        case = cases[sheet.application_id]
        case.all.append(sheet)
        if sheet.seat_id == seat.id:
            case.own[sheet.step] = sheet
    for key, *facts in session.execute(_facts_of_cases(plan, seat, application_ids)):
        case = cases[key]
        case.is_assigned, case.interview, case.opinion = facts
    return {
        key: CaseFacts(list(_sheets(plan, case)), case.opinion or "") for key, case in cases.items()
    }


def _facts_of_cases(plan: Plan, seat: Seat, application_ids: Sequence[int]) -> Select[Any]:
    """Return the query for (application id, whether assigned to the seat, state of the interview, opinion)."""
    assigned = select(Assignment.id).where(
        Assignment.seat_id == seat.id, Assignment.application_id == Application.id
    )
    held = and_(Interview.application_id == Application.id, Interview.plan_id == plan.id)
    return (
        select(Application.id, assigned.exists(), Interview.state, Opinion.text)
        .outerjoin(Interview, held)
        .outerjoin(Opinion, Opinion.application_id == Application.id)
        .where(Application.id.in_(application_ids))
    )


def _sheets(plan: Plan, case: _Case) -> Iterator[tuple[ReviewStep, str]]:
    for step in WITH_SHEETS:
        if step.value not in plan.steps:
            continue
        if step is ReviewStep.INTERVIEW and case.interview is InterviewState.ABSENT:
            yield step, gettext("absent")
        else:
            yield step, gettext(", ").join(_step_parts(plan, case, step))


def _step_parts(plan: Plan, case: _Case, step: ReviewStep) -> Iterator[str]:
    own = case.own.get(step)
    if own is not None:
        yield gettext("own: %(result)s", result=_result(own))
    elif case.is_assigned:
        yield gettext("own sheet not submitted")
        return
    found = [one for one in case.all if one.step is step]
    yield _summary(plan, found) if found else gettext("no sheets")


def _result(sheet: Sheet) -> str:
    if sheet.total is not None:
        return scoring.format_score(sheet.total)
    return gettext("passed") if sheet.is_passed else gettext("not passed")


def _summary(plan: Plan, found: Sequence[Sheet]) -> str:
    totals = [one.total for one in found if one.total is not None]
    mean = scoring.aggregate(totals, plan.aggregation, plan.trim_from)
    if mean is not None:
        return gettext(
            "mean %(mean)s of %(count)s sheets",
            mean=scoring.format_score(mean), count=len(totals),
        )  # fmt: skip
    passed = sum(one.is_passed is True for one in found)
    return gettext(
        "%(passed)s passed, %(rest)s not passed", passed=passed, rest=len(found) - passed
    )
