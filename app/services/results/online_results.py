"""Guards and effects of an online result, computed from counted rounds and never typed (guide 1.2.5)."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import MeetingMode
from app.ground import clock
from app.models import Plan, Result, Round, RoundCandidate
from app.services.judging import scoring
from app.services.registers.committee_validity import validity_refusal
from app.services.results import minutes, outcomes
from app.services.results.outcome_rules import Standing


def is_online(act: Act) -> str | None:
    """Refuse an offline meeting: its result is entered by hand."""
    if act.record.mode is MeetingMode.ONLINE:
        return None
    return gettext("This meeting is held offline: enter its result from the signed sheet.")


def has_counted_round(act: Act) -> str | None:
    """Refuse to compute a result before a round was counted."""
    if outcomes.counted_rounds(act.session, act.record):
        return None
    return gettext("No round of this meeting has been counted yet.")


def has_no_open_round(act: Act) -> str | None:
    """Refuse while a round is neither counted nor void, because it may change the result."""
    unfinished = outcomes.unfinished_round(act.session, act.record)
    if unfinished is None:
        return None
    return gettext(
        "%(round)s is in the state “%(state)s”; finish it first.",
        round=unfinished.title,
        state=unfinished.state.label,
    )


def is_decided(act: Act) -> str | None:
    """Refuse while a round is due: candidates without votes, or to be voted on again."""
    due = outcomes.next_round(act.session, act.record)
    if due is None:
        return None
    if due.places is None:
        return gettext(
            "%(count)s candidates have not been voted on yet; hold that round first.",
            count=len(due.application_ids),
        )
    return gettext(
        "%(count)s candidates are to be voted on again for %(places)s places; hold that round first.",
        count=len(due.application_ids),
        places=due.places,
    )


def committee_is_valid(act: Act) -> str | None:
    """Refuse if the committee was not valid on the last day of voting (Order 40, art. 8 and 38)."""
    rounds = outcomes.counted_rounds(act.session, act.record)
    return validity_refusal(act.record.committee, last_day(rounds))


def still_stands(act: Act) -> str | None:
    """Refuse to confirm a stored result that differs from one computed now from rounds, caps and quotas."""
    plan: Plan = act.record
    outcome = outcomes.outcome_of_plan(act.session, plan)
    stored = {one.application_id: (one.rank, one.reason, one.round_id) for one in plan.results}
    computed = {key: (one.rank, one.reason, one.round_id) for key, one in outcome.standings.items()}
    if outcome.is_complete and stored == computed:
        return None
    return gettext(
        "Since the result was computed, its scores, posts or rounds have changed. "
        "Send it back, then compute it or enter it again."
    )


def compute(act: Act) -> None:
    """Compute and store the result of every candidate from the counted rounds, replacing an earlier one."""
    session, plan = act.session, act.record
    rounds, outcome = (
        outcomes.counted_rounds(session, plan),
        outcomes.outcome_of_plan(session, plan),
    )
    _delete_results(session, plan)
    plan.members, plan.present = rounds[-1].members, rounds[-1].present
    plan.voted_on, plan.entered_by = last_day(rounds), act.actor.user_id
    session.add_all(results_of(session, plan, rounds, outcome.standings))
    session.flush()
    act.notes["rounds"] = [one.number for one in rounds]
    act.notes["passed"] = sum(one.is_passed for one in outcome.standings.values())


def withdraw(act: Act) -> None:
    """Delete the computed result and its signatures; keep the rounds."""
    if act.record.mode is MeetingMode.ONLINE:
        _delete_results(act.session, act.record)
        minutes.clear_signatures(act.record)
        act.record.signed_result = None


def results_of(
    session: Session, plan: Plan, rounds: Sequence[Round], standings: Mapping[int, Standing]
) -> list[Result]:
    """Return unsaved results for `standings`, each with the votes of the deciding round."""
    votes = {(one.id, vote.application_id): vote for one in rounds for vote in one.candidates}
    scores = scoring.scores_of(session, plan)
    return [
        _result(plan, one, votes[one.round_id or 0, key], scores.get(key))
        for key, one in standings.items()
    ]


def _result(plan: Plan, standing: Standing, vote: RoundCandidate, score: int | None) -> Result:
    return Result(
        plan_id=plan.id,
        application_id=standing.application_id,
        yes=vote.yes or 0,
        no=vote.no or 0,
        abstain=vote.abstain or 0,
        is_passed=standing.is_passed,
        note=vote.note,
        round_id=standing.round_id,
        counted_of=standing.tally.of if standing.tally else None,
        score=score,
        rank=standing.rank,
        reason=standing.reason,
    )


def _delete_results(session: Session, plan: Plan) -> None:
    session.execute(delete(Result).where(Result.plan_id == plan.id))
    session.expire(plan, ["results"])


def last_day(rounds: Sequence[Round]) -> date:
    """Return the day on which the last of the rounds was voted on."""
    return max(clock.local_date(one.closed_at or one.counted_at or one.frozen_at) for one in rounds)
