"""The authority's verification of an online result: compares every line with its deciding round."""

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
"""Reasons of candidates with two thirds, whether passed or not."""


def problems(session: Session, plan: Plan, stored: Sequence[Result]) -> list[Line]:
    """Return the results that do not follow from the counted rounds of `plan`, each with its sentence.

    The limits are not applied again, because posts may have been granted or used since. Instead nobody over
    the rate may rank before somebody who passed; `results.cap_problems` checks the number of passes.
    """
    votes: Votes = {
        (vote_round.id, vote.application_id): (vote, vote_round)
        for vote_round in outcomes.counted_rounds(session, plan)
        for vote in vote_round.candidates
    }
    lines = [(one, why) for one in stored if (why := _problem(plan, one, votes))]
    return [*lines, *outranked(stored)]


def _problem(plan: Plan, result: Result, votes: Votes) -> str | None:
    found = votes.get((result.round_id, result.application_id))
    if found is None:
        return gettext("no counted round stands behind this result.")
    vote, vote_round = found
    counted = (vote.yes, vote.no, vote.abstain, outcomes.counted_of(plan, vote, vote_round))
    if counted != (result.yes, result.no, result.abstain, result.counted_of):
        return gettext("the votes differ from those counted in %(round)s.", round=vote_round.title)
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


def outranked(stored: Sequence[Result]) -> Iterable[Line]:
    """Yield who lost a place of the level to somebody of a lower rank."""
    lowest_passed_rank: dict[str, int] = {}
    for one in stored:
        if one.is_passed:
            level = one.application.level
            lowest_passed_rank[level] = max(one.rank or 0, lowest_passed_rank.get(level, 0))
    for one in stored:
        if one.reason is ResultReason.OVER_RATE and (one.rank or 0) <= lowest_passed_rank.get(
            one.application.level, 0
        ):
            yield one, gettext("ranks before somebody who passed.")
