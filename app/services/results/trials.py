"""Trying other lines of a meeting: who would pass by them, against the lines of its plan. Nothing is written.

The outcome is that of `outcome_rules.decide`, computed twice from the same figures.
"""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.enums import Level, ResultReason, RoundState
from app.models import Application, Plan, Round
from app.services.judging import scoring
from app.services.judging.scoring import Sheets
from app.services.meeting.caps import QuotaKey
from app.services.meeting.lines import Lines
from app.services.results import outcomes
from app.services.results.outcome_rules import Outcome, Standing, decide
from app.services.results.outcomes import Cases


class Fate(Enum):
    """What comes of a candidate: passes, is voted on again, or does not pass."""

    PASSES = "passes"
    AGAIN = "again"
    FAILS = "fails"


@dataclass(frozen=True)
class Figures:
    """What the outcome of a meeting is computed from, apart from its lines."""

    cases: Cases
    rounds: Sequence[Round]
    sheets: Sheets

    @property
    def items(self) -> Sequence[Application]:
        return self.cases.items

    @property
    def bases(self) -> Mapping[Level, int]:
        return self.cases.bases

    @property
    def posts(self) -> Mapping[QuotaKey, int]:
        return self.cases.posts


@dataclass(frozen=True)
class Move:
    """A candidate for whom other lines lead to something else, with the reason by either lines."""

    item: Application
    before: Fate
    after: Fate
    reason_before: ResultReason | None
    reason_after: ResultReason | None

    @property
    def joins(self) -> bool:
        return self.after is Fate.PASSES

    @property
    def leaves(self) -> bool:
        return self.before is Fate.PASSES


@dataclass(frozen=True)
class Group:
    """Candidates of one level, unit or post quota: how many pass by either lines, who comes in, who drops out.

    `again_before` and `again_after` are voted on again.
    """

    candidates: int
    before: int
    after: int
    again_before: int
    again_after: int
    joins: int
    leaves: int

    @property
    def is_changed(self) -> bool:
        return bool(self.joins or self.leaves or self.again_before != self.again_after)


@dataclass(frozen=True)
class Trial:
    """The outcome by the lines of the plan and by others; without a vote on everybody nothing is compared."""

    figures: Figures
    before: Outcome
    after: Outcome

    @property
    def is_voted(self) -> bool:
        return not self.before.unvoted and bool(self.figures.items)

    def moves(self) -> list[Move]:
        """Return the candidates whose fate differs, in the order of level and number."""
        found = [self._move(item) for item in self.figures.items] if self.is_voted else []
        changed = [one for one in found if one.before is not one.after]
        return sorted(changed, key=lambda one: (one.item.level, one.item.number))

    def groups(self, key_of: Callable[[Application], Hashable | None]) -> dict[Hashable, Group]:
        """Return the figures of the groups into which `key_of` puts the candidates; None leaves one out."""
        members: dict[Hashable, list[Move]] = {}
        for item in self.figures.items if self.is_voted else ():
            if (key := key_of(item)) is not None:
                members.setdefault(key, []).append(self._move(item))
        return {key: _group(moves) for key, moves in members.items()}

    def _move(self, item: Application) -> Move:
        before, after = self.before.standings[item.id], self.after.standings[item.id]
        return Move(item, fate_of(before), fate_of(after), before.reason, after.reason)


def fate_of(standing: Standing) -> Fate:
    """Return what comes of a candidate with votes."""
    if standing.is_passed:
        return Fate.PASSES
    return Fate.AGAIN if standing.reason is None else Fate.FAILS


def figures_of(
    session: Session,
    plan: Plan,
    rounds: Sequence[Round] | None = None,
    hidden: ColumnElement[bool] | None = None,
) -> Figures:
    """Load the figures of an online meeting in a fixed number of statements.

    `rounds` are all of its rounds if the caller has them; `hidden` says which candidates its reader may not see.
    """
    cases = outcomes.cases_of(session, plan, hidden)
    counted = (
        outcomes.counted_rounds(session, plan)
        if rounds is None
        else [one for one in rounds if one.state is RoundState.COUNTED]
    )
    return Figures(cases, counted, scoring.sheets_with(session, plan.id, cases.absent))


def outcome_by(figures: Figures, lines: Lines) -> Outcome:
    """Return the outcome of the counted rounds by `lines`."""
    scores = scoring.scores_by(figures.sheets, lines)
    candidates = [outcomes.candidate_of(item, scores.get(item.id)) for item in figures.items]
    rounds = [outcomes.votes_of(one, lines) for one in figures.rounds]
    return decide(candidates, rounds, outcomes.limits(lines, figures.bases, figures.posts))


def compare(figures: Figures, present: Lines, tried: Lines) -> Trial:
    """Return the outcomes by the present lines and by those that are tried."""
    return Trial(figures, outcome_by(figures, present), outcome_by(figures, tried))


def digest_of(figures: Figures) -> str:
    """Return the SHA-256 of the figures: candidates, counted votes, totals of sheets, posts left."""
    facts = {
        "candidates": sorted(item.id for item in figures.items),
        "rounds": [[one.number, one.present, sorted(_votes(one))] for one in figures.rounds],
        "sheets": sorted(
            [application, step.value, sorted(totals)]
            for (application, step), totals in figures.sheets.totals.items()
        ),
        "absent": sorted(figures.sheets.absent),
        "bases": sorted([level.value, count] for level, count in figures.bases.items()),
        "posts": sorted([list(map(str, key)), left] for key, left in figures.posts.items()),
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _votes(vote_round: Round) -> Iterable[list[int | None]]:
    for one in vote_round.candidates:
        yield [one.application_id, one.eligible, one.yes, one.no, one.abstain]


def _group(moves: Sequence[Move]) -> Group:
    changed = [one for one in moves if one.before is not one.after]
    return Group(
        len(moves),
        sum(one.before is Fate.PASSES for one in moves),
        sum(one.after is Fate.PASSES for one in moves),
        sum(one.before is Fate.AGAIN for one in moves),
        sum(one.after is Fate.AGAIN for one in moves),
        sum(one.joins for one in changed),
        sum(one.leaves for one in changed),
    )
