"""Loads a meeting's counted rounds and limits, and returns the outcome and the next round due."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app import settings
from app.engine import Act
from app.enums import ApplicationState, Denominator, Level, MeetingMode, RoundState
from app.models import Application, Plan, Result, Round, RoundCandidate
from app.services.judging import scoring
from app.services.meeting import caps, quorum
from app.services.meeting.caps import QuotaKey
from app.services.meeting.lines import Lines, lines_of
from app.services.results.outcome_rules import (
    Candidate,
    Counted,
    Outcome,
    Rules,
    Tally,
    decide,
)

UNFINISHED = (RoundState.READY, RoundState.OPEN, RoundState.CLOSED, RoundState.ENTERED)


@dataclass(frozen=True)
class NextRound:
    """The round that is due: its candidates and the number who may pass (None: as many as the caps allow)."""

    application_ids: tuple[int, ...]
    places: int | None = None


@dataclass(frozen=True)
class Cases:
    """The candidates of a meeting with what limits them, read in one statement.

    `bases`: all candidates by level, the base of its pass rate; `posts`: posts left by quota key, for the candidates whose
    unit needs a quota; `absent`: absent from the interview; `hidden`: those that the reader may not see.
    """

    items: Sequence[Application]
    bases: Mapping[Level, int]
    posts: Mapping[QuotaKey, int]
    absent: frozenset[int]
    hidden: frozenset[int]


def plan_of(act: Act) -> Plan:
    """Return the plan of a plan's or round's act; an unsaved round has only the id of its plan."""
    if isinstance(act.record, Plan):
        return act.record
    vote_round: Round = act.record
    return vote_round.plan or act.session.get_one(Plan, vote_round.plan_id)


def next_round(session: Session, plan: Plan) -> NextRound | None:
    """Return the round that is due, or None: candidates without votes first, then those left undecided."""
    outcome = outcome_of_plan(session, plan)
    if outcome.unvoted:
        return NextRound(outcome.unvoted)
    if outcome.contests:
        return NextRound(outcome.contests[0].application_ids, outcome.contests[0].places)
    return None


def note_due(act: Act) -> None:
    """Note candidates and places of the round that is due next in the act that counted a round."""
    if act.record.state is RoundState.COUNTED:
        due = next_round(act.session, plan_of(act))
        act.notes["due"] = len(due.application_ids) if due else 0
        act.notes["places"] = due.places if due else None


def have_votes() -> ColumnElement[bool]:
    """Return the condition for plans in which every candidate was voted on in a counted round."""
    counted = (
        select(RoundCandidate.id)
        .join(Round, Round.id == RoundCandidate.round_id)
        .where(
            RoundCandidate.application_id == Application.id,
            Round.plan_id == Application.plan_id,
            Round.state == RoundState.COUNTED,
        )
    )
    candidates = select(Application.id).where(Application.plan_id == Plan.id)
    unvoted = candidates.where(~counted.correlate(Application).exists())
    return candidates.correlate(Plan).exists() & ~unvoted.correlate(Plan).exists()


def outcome_of_plan(session: Session, plan: Plan, *more: Round) -> Outcome:
    """Return the outcome of the counted rounds of `plan` so far, or as it will be with `more` rounds."""
    lines, cases = lines_of(plan), cases_of(session, plan)
    rounds = [votes_of(one, lines) for one in (*counted_rounds(session, plan), *more)]
    if plan.mode is MeetingMode.OFFLINE:
        rounds.insert(0, _first_vote(plan))
    scores = _scores_of(session, plan, cases)
    candidates = [candidate_of(item, scores.get(item.id)) for item in cases.items]
    return decide(candidates, rounds, limits(lines, cases.bases, cases.posts))


def candidate_of(item: Application, score: int | None) -> Candidate:
    """Return an application as a candidate with its score in hundredths and its quota key, if it needs a post."""
    posts = caps.line_of(item) if item.unit.kind.needs_quota else None
    return Candidate(item.id, item.level, score, posts)


def _scores_of(session: Session, plan: Plan, cases: Cases) -> dict[int, int]:
    """Return the scores in hundredths by application id: those entered, or those of the judges' sheets."""
    if plan.mode is MeetingMode.ONLINE:
        return scoring.scores_by(scoring.sheets_with(session, plan.id, cases.absent), plan)
    return {one.application_id: one.score for one in plan.results if one.score is not None}


def rules_of(session: Session, plan: Plan) -> Rules:
    """Return the limits of the meeting: over-cap rule, places per level, posts left per unit, rounds."""
    cases = cases_of(session, plan)
    return limits(lines_of(plan), cases.bases, cases.posts)


def limits(lines: Lines, bases: Mapping[Level, int], posts: Mapping[QuotaKey, int]) -> Rules:
    """Return the limits by `lines`; `bases`: candidates per level, `posts`: posts left by quota key."""
    percents = {level: caps.percent_of(lines, level) for level in bases}
    return Rules(
        lines.over_cap,
        {
            level: caps.cap(bases[level], percent)
            for level, percent in percents.items()
            if percent is not None
        },
        dict[Hashable, int](posts.items()),
        settings.get("round_limit"),
    )


def rounds(session: Session, plan: Plan) -> Sequence[Round]:
    """Return every round of `plan`, void ones too, in their order."""
    query = select(Round).where(Round.plan_id == plan.id)
    return session.scalars(query.order_by(Round.number)).all()


def rounds_with_candidates(session: Session, plan: Plan) -> Sequence[Round]:
    """Return every round of `plan` with its candidates, in their order."""
    query = select(Round).where(Round.plan_id == plan.id).options(selectinload(Round.candidates))
    return session.scalars(query.order_by(Round.number)).all()


def counted_rounds(session: Session, plan: Plan) -> Sequence[Round]:
    """Return the counted rounds of `plan` with their candidates, in their order."""
    query = (
        select(Round)
        .where(Round.plan_id == plan.id, Round.state == RoundState.COUNTED)
        .options(selectinload(Round.candidates))
    )
    return session.scalars(query.order_by(Round.number)).all()


def unfinished_round(session: Session, plan: Plan) -> Round | None:
    """Return the round of `plan` that is neither counted nor void."""
    query = select(Round).where(Round.plan_id == plan.id, Round.state.in_(UNFINISHED))
    return session.scalars(query.limit(1)).first()


def counted_of(plan: Plan | Lines, vote: RoundCandidate, vote_round: Round) -> int:
    """Return the denominator of the two thirds: all present, or those who may vote on the candidate."""
    return vote_round.present if plan.denominator is Denominator.PRESENT else vote.eligible


def needed_text(plan: Plan, vote: RoundCandidate, vote_round: Round) -> str:
    """Return how many may vote on a candidate of a round and how many yes votes are needed (art. 21)."""
    needed = quorum.votes_needed(counted_of(plan, vote, vote_round))
    return gettext(
        "%(eligible)s may vote, %(needed)s yes needed", eligible=vote.eligible, needed=needed
    )


def needed_range(plan: Plan, vote_round: Round) -> str:
    """Return the same for all candidates of a round: once if it is equal for all, else the least and the most."""
    votes = sorted(vote_round.candidates, key=lambda one: one.eligible)
    texts = [needed_text(plan, one, vote_round) for one in (*votes[:1], *votes[-1:])]
    return " – ".join(dict.fromkeys(texts))


def _first_vote(plan: Plan) -> Counted:
    """Return the vote of an offline meeting as entered: two thirds of all present are needed (art. 21)."""
    present = plan.present or 0
    return Counted(None, {one.application_id: Tally(one.yes, present) for one in plan.results})


def votes_of(vote_round: Round, lines: Lines) -> Counted:
    """Return the votes of a counted round, each with the number of which `lines` require a part."""
    return Counted(
        vote_round.id,
        {
            vote.application_id: Tally(
                vote.yes or 0, counted_of(lines, vote, vote_round), lines.pass_line
            )
            for vote in vote_round.candidates
        },
    )


def cases_of(session: Session, plan: Plan, hidden: ColumnElement[bool] | None = None) -> Cases:
    """Return the candidates in review, after confirmation those with votes; `hidden`: which to note as such."""
    voted = (
        select(RoundCandidate.application_id)
        .join(Round)
        .where(Round.plan_id == plan.id, Round.state == RoundState.COUNTED)
    )
    if plan.mode is MeetingMode.OFFLINE:
        voted = select(Result.application_id).where(Result.plan_id == plan.id)
    rows = session.execute(
        select(
            Application,
            (Application.state == ApplicationState.IN_REVIEW) | Application.id.in_(voted),
            caps.posts_left_of_candidate(),
            Application.id.in_(scoring.absent(plan.id)),
            false() if hidden is None else hidden,
        )
        .where(Application.plan_id == plan.id)
        .options(joinedload(Application.unit), joinedload(Application.specialty))
        .order_by(Application.id)
    ).all()
    found = [row for row in rows if row[1]]
    return Cases(
        [item for item, *_flags in found],
        Counter(item.level for item, *_flags in rows),
        {caps.line_of(one): left for one, _in, left, *_ in found if one.unit.kind.needs_quota},
        frozenset(item.id for item, _in, _left, is_absent, _hidden in rows if is_absent),
        frozenset(item.id for item, *_flags, is_hidden in rows if is_hidden),
    )
