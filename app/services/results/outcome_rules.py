"""Decides who passes a meeting: two thirds, ranks, caps, quotas, ties, further rounds; integers only.

Order 40, art. 21: two thirds must vote yes. The number of passes is limited by the pass rate of a level and,
for public institutions, by the posts of a unit. The plan's over-cap rule applies when more have two thirds:

- each limit (first the posts of a unit, then the rate of a level) is applied by rank: yes votes, with RANK
  then the score; with SECOND_ROUND all who have two thirds are voted on again instead;
- candidates tied at the limit go into a further round for the remaining places; places that it leaves empty,
  because fewer had two thirds in it, go to who follows in rank;
- candidates still tied after the last allowed round do not pass. A limit is never exceeded.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from app.enums import Level, OverCap, ResultReason
from app.services.meeting.lines import TWO_THIRDS


def is_pass(yes: int, of: int, line: Fraction = TWO_THIRDS) -> bool:
    """Return whether `yes` is at least two thirds of `of` (art. 21), and more than zero; `line` tries another part."""
    return yes > 0 and line.denominator * yes >= line.numerator * of


@dataclass(frozen=True)
class Candidate:
    """A candidate; `score` in hundredths; `posts`: key of the unit's post quota, None without a quota."""

    application_id: int
    level: Level
    score: int | None = None
    posts: Hashable | None = None


@dataclass(frozen=True)
class Tally:
    """Yes votes on a candidate; `of`: the number of which two thirds (or the part `line` of a trial) are needed."""

    yes: int
    of: int
    line: Fraction = TWO_THIRDS

    @property
    def is_pass(self) -> bool:
        return is_pass(self.yes, self.of, self.line)


@dataclass(frozen=True)
class Counted:
    """A counted round; `votes`: application id → tally. The first vote of an offline meeting has no `round_id`."""

    round_id: int | None
    votes: Mapping[int, Tally]


@dataclass(frozen=True)
class Rules:
    """Limits of a meeting; `caps`: level → places (no entry: no limit); `posts`: quota key → posts left."""

    over_cap: OverCap
    caps: Mapping[Level, int]
    posts: Mapping[Hashable, int] = field(default_factory=dict)
    round_limit: int = 3


@dataclass(frozen=True)
class Standing:
    """The result of a candidate so far; no `reason`: undecided; `rank` within the level, from 1."""

    application_id: int
    level: Level
    tally: Tally | None = None
    round_id: int | None = None
    rank: int | None = None
    reason: ResultReason | None = None

    @property
    def is_passed(self) -> bool:
        return self.reason is ResultReason.PASSED


@dataclass(frozen=True)
class Contest:
    """A further round that is due: its candidates and the number who may pass."""

    application_ids: tuple[int, ...]
    places: int


@dataclass(frozen=True)
class Outcome:
    """The outcome of the rounds so far: standings by application, candidates without votes, rounds due."""

    standings: Mapping[int, Standing]
    unvoted: tuple[int, ...]
    contests: tuple[Contest, ...]
    unused: tuple[int, ...] = ()
    """Numbers (`round_id`) of rounds that decide about nobody: the votes before them no longer lead to them."""

    @property
    def is_complete(self) -> bool:
        return not self.unvoted and not self.contests

    def voted(self) -> dict[int, Standing]:
        """Return the standings of candidates with votes."""
        return {key: one for key, one in self.standings.items() if one.tally is not None}


def decide(candidates: Iterable[Candidate], rounds: Sequence[Counted], rules: Rules) -> Outcome:
    """Return the outcome of `rounds`, in their order, for `candidates`, in any order."""
    by_id = {one.application_id: one for one in sorted(candidates, key=lambda c: c.application_id)}
    replay = _Replay(by_id, rounds, rules)
    unvoted = tuple(key for key in by_id if key not in replay.runs)
    if not unvoted:
        replay.apply_limits()
    return Outcome(replay.standings(), unvoted, tuple(replay.contests), replay.unused())


class _Replay:
    """Replays the rounds of a meeting; collects the rounds and the decision of every candidate."""

    def __init__(
        self, by_id: Mapping[int, Candidate], rounds: Sequence[Counted], rules: Rules
    ) -> None:
        self.by_id, self.rounds, self.rules = by_id, rounds, rules
        self.reasons: dict[int, ResultReason] = {}
        self.contests: list[Contest] = []
        self.runs = {key: [place] for key in by_id if (place := self._first_round(key)) is not None}
        """Application id → indices of the rounds that apply to it, in order."""
        self.rate_rounds: dict[int, list[int]] = defaultdict(list)
        """Application id → indices of the further rounds for the rate of the level."""
        self.passed_over: set[int] = set()
        """Application ids of those who had no two thirds in a further round and whose place went to others."""

    def _first_round(self, key: int) -> int | None:
        return next((place for place, one in enumerate(self.rounds) if key in one.votes), None)

    def tally(self, key: int, run: int = -1) -> Tally:
        """Return the votes on a candidate in its `run`-th round, by default the last."""
        return self.rounds[self.runs[key][run]].votes[key]

    def apply_limits(self) -> None:
        """Apply the posts of every unit, then the rate of every level, to candidates with two thirds."""
        for level in sorted({one.level for one in self.by_id.values()}):
            keys = self._with_votes(level)
            self._apply_posts(keys)
            # the rate is applied only after all rounds about posts are decided
            if self._in_due_rounds().isdisjoint(keys):
                self._apply_rate(level, [key for key in keys if key not in self.reasons])

    def _with_votes(self, level: Level) -> list[int]:
        """Return the candidates of `level` with two thirds; exclude the others as TOO_FEW."""
        keys = [key for key, one in self.by_id.items() if one.level is level]
        self._set_reason(
            (key for key in keys if not self.tally(key, 0).is_pass), ResultReason.TOO_FEW
        )
        return [key for key in keys if key not in self.reasons]

    def _apply_posts(self, keys: Iterable[int]) -> None:
        for posts, line in self._group_by_posts(keys).items():
            self._limit(line, max(self.rules.posts.get(posts, 0), 0), ResultReason.OVER_QUOTA)

    def _apply_rate(self, level: Level, keys: list[int]) -> None:
        places = self.rules.caps.get(level, len(keys))
        self._limit(keys, max(places, 0), ResultReason.OVER_RATE)
        settled = self._in_due_rounds() | set(self.reasons)
        self._set_reason((key for key in keys if key not in settled), ResultReason.PASSED)

    def _group_by_posts(self, keys: Iterable[int]) -> dict[Hashable, list[int]]:
        lines: dict[Hashable, list[int]] = defaultdict(list)
        for key in keys:
            if (posts := self.by_id[key].posts) is not None:
                lines[posts].append(key)
        return lines

    def _in_due_rounds(self) -> set[int]:
        return {key for contest in self.contests for key in contest.application_ids}

    def _limit(self, keys: list[int], places: int, over: ResultReason) -> None:
        """Limit `keys` to `places`: exclude the others with reason `over`, or require a further round."""
        if len(keys) <= places:
            return
        if places and self.rules.over_cap is OverCap.SECOND_ROUND:
            self._apply_further_round(keys, places, over)
            return
        self._limit_by_rank(keys, places, over, run=0)

    def _limit_by_rank(self, keys: list[int], places: int, over: ResultReason, run: int) -> None:
        """Apply a limit by rank; candidates tied at the limit are voted on again for the remaining places."""
        ranked = sorted(keys, key=lambda key: self._sort_key(key, run))
        edge = self._sort_key(ranked[places], run)
        above = [key for key in ranked if self._sort_key(key, run) < edge]
        equal = [key for key in ranked if self._sort_key(key, run) == edge]
        below = ranked[len(above) + len(equal) :]
        self._set_reason(below, over)
        if len(above) < places:
            self._apply_further_round(equal, places - len(above), over)
            self._fill_places(equal, below, places - len(above), over, run)
        else:
            self._set_reason(equal, over)

    def _fill_places(
        self, equal: list[int], below: list[int], places: int, over: ResultReason, run: int
    ) -> None:
        """Give the places to who follows in rank, where a further round left them empty.

        Who is still tied after the last round keeps them empty: nobody passes before who had more votes.
        """
        reasons = [self.reasons.get(key) for key in equal]
        is_decided = self._in_due_rounds().isdisjoint(equal) and ResultReason.TIED not in reasons
        free = places - reasons.count(None)
        if not is_decided or free <= 0 or not below:
            return
        self.passed_over.update(key for key in equal if key in self.reasons)
        for key in below:
            del self.reasons[key]
        if len(below) > free:
            self._limit_by_rank(below, free, over, run)

    def _apply_further_round(self, keys: list[int], places: int, over: ResultReason) -> None:
        """Apply the further round among `keys` or add it to those due; TIED after the last allowed round."""
        place = self._later_round_of(keys)
        if place is None and self._is_last(keys):
            self._set_reason(keys, ResultReason.TIED)
            return
        if place is None:
            self.contests.append(Contest(tuple(sorted(keys)), places))
            return
        for key in keys:
            self.runs[key].append(place)
            if over is ResultReason.OVER_RATE:
                self.rate_rounds[key].append(place)
        self._set_reason((key for key in keys if not self.tally(key).is_pass), ResultReason.TOO_FEW)
        left = [key for key in keys if key not in self.reasons]
        if len(left) > places:
            self._limit_by_rank(left, places, over, run=-1)

    def _later_round_of(self, keys: list[int]) -> int | None:
        """Return the index of the first later round with votes on all of `keys`, or None."""
        after = max(self.runs[key][-1] for key in keys)
        wanted = set(keys)
        return next(
            (
                place
                for place, one in enumerate(self.rounds)
                if place > after and wanted <= set(one.votes)
            ),
            None,
        )

    def _is_last(self, keys: list[int]) -> bool:
        return max(len(self.runs[key]) for key in keys) >= self.rules.round_limit

    def _set_reason(self, keys: Iterable[int], why: ResultReason) -> None:
        self.reasons.update(dict.fromkeys(keys, why))

    def _sort_key(self, key: int, run: int) -> tuple[int, int]:
        """Return the sort key within a round: yes votes, with RANK then the score; no score comes last."""
        score = self.by_id[key].score if self.rules.over_cap is OverCap.RANK else None
        return -self.tally(key, run).yes, 1 if score is None else -score

    def standings(self) -> dict[int, Standing]:
        """Return the standing of every candidate, with its rank within the level."""
        sort_keys = {key: self._level_sort_key(key) for key in self.runs}
        found = {}
        for key, one in self.by_id.items():
            if key not in self.runs:
                found[key] = Standing(key, one.level)
                continue
            peers = (
                sort_keys[other] for other in self.runs if self.by_id[other].level is one.level
            )
            rank = 1 + sum(peer < sort_keys[key] for peer in peers)
            place = self.runs[key][-1]
            found[key] = Standing(
                key, one.level, self.tally(key), self.rounds[place].round_id, rank,
                self.reasons.get(key),
            )  # fmt: skip
        return found

    def _level_sort_key(self, key: int) -> tuple[tuple[int, ...], ...]:
        """Return the sort key within a level: two thirds first, then round by round.

        Who left a place empty in a further round comes after who follows into it.
        With SECOND_ROUND participants of a further round rank first, whatever their votes in the first round.
        Candidates excluded from a further round by the posts of their unit come after its participants.
        """
        further = [self.rounds[place].votes[key] for place in self.rate_rounds[key]]
        first = self._sort_key(key, 0)
        if further and self.rules.over_cap is OverCap.SECOND_ROUND:
            first = (-self._most_yes(), 0)
        return (
            (1 if key in self.passed_over or not self.tally(key, 0).is_pass else 0,),
            first,
            *((0 if one.is_pass else 1, -one.yes) for one in further),
            (2,),
        )

    def unused(self) -> tuple[int, ...]:
        """Return the rounds that apply to no candidate."""
        used = {place for places in self.runs.values() for place in places}
        return tuple(
            one.round_id
            for place, one in enumerate(self.rounds)
            if place not in used and one.round_id is not None
        )

    def _most_yes(self) -> int:
        return max(self.tally(key, 0).yes for key in self.runs)
