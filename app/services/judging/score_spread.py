"""How far the scores of a candidate lie apart, shown to staff beside each mean: in words, and in SQL for lists."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import ScalarSelect, String, cast, func, select
from sqlalchemy.orm import Session

from app.enums import ReviewStep
from app.models import Assessment, Plan, Result, Seat
from app.services.judging import scoring
from app.services.judging.scoring import Spread
from app.services.meeting import score_sheet

Spreads = Mapping[ReviewStep, Spread]


def spreads_of(session: Session, plan: Plan) -> dict[int, dict[ReviewStep, Spread]]:
    """Return the spread of the scores that count, by candidate and step; those without a score are missing."""
    return {case: _spreads(totals) for case, totals in scoring.totals_of(session, plan.id).items()}


def text(spreads: Spreads | None) -> str:
    """Return number, range and deviation of the scores of each step; empty without scores."""
    found = [(step, spreads[step]) for step in score_sheet.SCORED if spreads and step in spreads]
    if len(found) < 2:
        return "".join(_of_step(one) for _step, one in found)
    return gettext("; ").join(
        gettext("%(step)s: %(spread)s", step=step.label, spread=_of_step(one))
        for step, one in found
    )


def totals_of_result() -> ScalarSelect[Any]:
    """Return the subquery for `Result.sheet_totals`: the totals of the judges' sheets that count, as `step:total,…`."""
    one = cast(Assessment.step, String) + ":" + cast(Assessment.total, String)
    query = select(func.aggregate_strings(one, ",")).join(Seat, Seat.id == Assessment.seat_id)
    query = query.where(
        Assessment.application_id == Result.application_id,
        Seat.plan_id == Result.plan_id,
        Assessment.total.is_not(None),
        scoring.counts(),
    )
    return query.correlate(Result).scalar_subquery()


def of_totals(typed: str | None) -> dict[ReviewStep, Spread]:
    """Return the spreads of what `totals_of_result` found."""
    totals: dict[ReviewStep, list[int]] = defaultdict(list)
    for one in (typed or "").split(",") if typed else ():
        step, _colon, total = one.partition(":")
        totals[ReviewStep(step)].append(int(total))
    return _spreads(totals)


def _spreads(totals: Mapping[ReviewStep, list[int]]) -> dict[ReviewStep, Spread]:
    found = {step: scoring.spread(one) for step, one in totals.items()}
    return {step: one for step, one in found.items() if one is not None}


def _of_step(spread: Spread) -> str:
    return gettext(
        "%(count)s scores, %(lowest)s–%(highest)s, deviation %(deviation)s",
        count=spread.count,
        lowest=scoring.format_score(spread.lowest),
        highest=scoring.format_score(spread.highest),
        deviation=scoring.format_score(spread.deviation),
    )
