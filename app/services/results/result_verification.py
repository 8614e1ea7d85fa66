"""The authority's second look at an online result: every line against the round that decided it."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.enums import ResultReason
from app.models import Plan, Result, Round, RoundCandidate
from app.services.results import outcomes
from app.services.results.outcome_rules import is_pass

Votes = dict[tuple[int | None, int], tuple[RoundCandidate, Round]]
Line = tuple[Result, str]

WITH_VOTES = (
    ResultReason.PASSED,
    ResultReason.OVER_RATE,
    ResultReason.OVER_QUOTA,
    ResultReason.TIED,
)
"""Reasons of those who have two thirds, whether there was a place for them or not."""


def problems(session: Session, plan: Plan, stored: Sequence[Result]) -> list[Line]:
    """Return the results that do not follow from the counted rounds of `plan`, each with its sentence.

    Posts may have been granted or used since, so the cut is not made anew: nobody beyond the rate may rank
    before somebody who passed, and how many passed is counted by `results.cap_problems`.
    """
    votes: Votes = {
        (held.id, vote.application_id): (vote, held)
        for held in outcomes.counted_rounds(session, plan)
        for vote in held.candidates
    }
    lines = [(one, why) for one in stored if (why := _problem(plan, one, votes))]
    return [*lines, *_outranked(stored)]


def _problem(plan: Plan, result: Result, votes: Votes) -> str | None:
    found = votes.get((result.round_id, result.application_id))
    if found is None:
        return gettext("no counted round stands behind this result.")
    vote, held = found
    counted = (vote.yes, vote.no, vote.abstain, outcomes.counted_of(plan, vote, held))
    if counted != (result.yes, result.no, result.abstain, result.counted_of):
        return gettext(
            "the votes differ from those counted in round %(number)s.", number=held.number
        )
    has_votes = is_pass(result.yes, result.counted_of or 0)
    is_right = result.is_passed == (result.reason is ResultReason.PASSED)
    if is_right and has_votes == (result.reason in WITH_VOTES):
        return None
    return gettext(
        "%(yes)s yes of %(of)s do not lead to “%(result)s”.",
        yes=result.yes,
        of=result.counted_of,
        result=result.reason.label if result.reason else "—",
    )


def _outranked(stored: Sequence[Result]) -> Iterable[Line]:
    lowest: dict[str, int] = {}
    for one in stored:
        if one.is_passed:
            level = one.application.level
            lowest[level] = max(one.rank or 0, lowest.get(level, 0))
    for one in stored:
        if one.reason is ResultReason.OVER_RATE and (one.rank or 0) <= lowest.get(
            one.application.level, 0
        ):
            yield one, gettext("ranks before somebody who passed.")
