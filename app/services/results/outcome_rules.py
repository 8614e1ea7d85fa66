"""Who passes a meeting: two thirds, ranks, caps, quotas, ties and further rounds, in whole numbers only.

Order 40, art. 21: two thirds must say yes. How many of those may pass is the rate of a level and, for public
institutions, the posts of a unit; the rule of the plan says what happens when more have the votes:

- every line (first the posts of a unit, then the rate of a level) is cut by rank: yes votes, and by the rule
  RANK also the score; by SECOND_ROUND all who have the votes are voted on again instead;
- candidates who are equal across the line go into a further round for the places that are left;
- who is still equal after the last round allowed does not pass. Nobody passes beyond a line.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.enums import Level, OverCap, ResultReason


def is_pass(yes: int, of: int) -> bool:
    """Return whether `yes` votes are two thirds `of` those who count (art. 21); nobody passes without a yes."""
    return yes > 0 and 3 * yes >= 2 * of


@dataclass(frozen=True)
class Candidate:
    """Somebody to decide on. `score` is in hundredths; `posts` names the quota line, None where none binds."""

    application_id: int
    level: Level
    score: int | None = None
    posts: Hashable | None = None


@dataclass(frozen=True)
class Tally:
    """Yes votes on a candidate, and of how many two thirds are needed."""

    yes: int
    of: int

    @property
    def is_pass(self) -> bool:
        return is_pass(self.yes, self.of)


@dataclass(frozen=True)
class Counted:
    """A counted round: the votes on its candidates, by application."""

    round_id: int
    votes: Mapping[int, Tally]


@dataclass(frozen=True)
class Rules:
    """What binds a meeting: places per level (no entry: no limit), posts left per quota line, rounds at most."""

    over_cap: OverCap
    caps: Mapping[Level, int]
    posts: Mapping[Hashable, int] = field(default_factory=dict)
    round_limit: int = 3


@dataclass(frozen=True)
class Standing:
    """Where a candidate stands. Without a `reason` it is undecided; `rank` counts within the level from 1."""

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
    """Candidates who are to be voted on again, and how many of them may pass."""

    application_ids: tuple[int, ...]
    places: int


@dataclass(frozen=True)
class Outcome:
    """What the rounds so far decide: everybody's standing, who has no votes yet, which rounds are due."""

    standings: Mapping[int, Standing]
    unvoted: tuple[int, ...]
    contests: tuple[Contest, ...]

    @property
    def is_complete(self) -> bool:
        return not self.unvoted and not self.contests

    def voted(self) -> dict[int, Standing]:
        """Return the standings of those who have been voted on."""
        return {key: one for key, one in self.standings.items() if one.tally is not None}


def decide(candidates: Iterable[Candidate], rounds: Sequence[Counted], rules: Rules) -> Outcome:
    """Return what `rounds`, in their order, decide on `candidates`; the order of candidates is of no matter."""
    by_id = {one.application_id: one for one in sorted(candidates, key=lambda c: c.application_id)}
    count = _Count(by_id, rounds, rules)
    unvoted = tuple(key for key in by_id if key not in count.runs)
    if not unvoted:
        count.cut()
    return Outcome(count.standings(), unvoted, tuple(count.contests))


class _Count:
    """The replay of a meeting: which rounds counted for whom, who is out for which reason."""

    def __init__(
        self, by_id: Mapping[int, Candidate], rounds: Sequence[Counted], rules: Rules
    ) -> None:
        self.by_id, self.rounds, self.rules = by_id, rounds, rules
        self.reasons: dict[int, ResultReason] = {}
        self.contests: list[Contest] = []
        self.runs = {key: [place] for key in by_id if (place := self._first(key)) is not None}
        """For every candidate the places of the rounds that counted, in their order."""
        self.of_level: dict[int, list[int]] = defaultdict(list)
        """Those of them that were about the rate of the level, after the first."""

    def _first(self, key: int) -> int | None:
        return next((place for place, one in enumerate(self.rounds) if key in one.votes), None)

    def tally(self, key: int, run: int = -1) -> Tally:
        return self.rounds[self.runs[key][run]].votes[key]

    # the cuts

    def cut(self) -> None:
        """Cut the posts of every unit, then the rate of every level, of all who have the votes."""
        for level in sorted({one.level for one in self.by_id.values()}):
            keys = self._with_votes(level)
            self._cut_posts(keys)
            # the rate is cut once it is known who has a post
            if self._contested().isdisjoint(keys):
                self._cut_rate(level, [key for key in keys if key not in self.reasons])

    def _with_votes(self, level: Level) -> list[int]:
        """Return who reached two thirds at `level`; the others are out."""
        keys = [key for key, one in self.by_id.items() if one.level is level]
        self._out((key for key in keys if not self.tally(key, 0).is_pass), ResultReason.TOO_FEW)
        return [key for key in keys if key not in self.reasons]

    def _cut_posts(self, keys: Iterable[int]) -> None:
        for posts, line in self._by_posts(keys).items():
            self._line(line, max(self.rules.posts.get(posts, 0), 0), ResultReason.OVER_QUOTA)

    def _cut_rate(self, level: Level, keys: list[int]) -> None:
        places = self.rules.caps.get(level, len(keys))
        self._line(keys, max(places, 0), ResultReason.OVER_RATE)
        decided = self._contested() | set(self.reasons)
        self._out((key for key in keys if key not in decided), ResultReason.PASSED)

    def _by_posts(self, keys: Iterable[int]) -> dict[Hashable, list[int]]:
        lines: dict[Hashable, list[int]] = defaultdict(list)
        for key in keys:
            if (posts := self.by_id[key].posts) is not None:
                lines[posts].append(key)
        return lines

    def _contested(self) -> set[int]:
        return {key for contest in self.contests for key in contest.application_ids}

    def _line(self, keys: list[int], places: int, over: ResultReason) -> None:
        """Leave at most `places` of `keys` standing; the others are out as `over`, or must be voted on again."""
        if len(keys) <= places:
            return
        if places and self.rules.over_cap is OverCap.SECOND_ROUND:
            self._contest(keys, places, over)
            return
        self._split(keys, places, over, run=0)

    def _split(self, keys: list[int], places: int, over: ResultReason, run: int) -> None:
        """Cut a ranked list; who is equal across the line is voted on again for the places left there."""
        ranked = sorted(keys, key=lambda key: self._key(key, run))
        edge = self._key(ranked[places], run)
        above = [key for key in ranked if self._key(key, run) < edge]
        equal = [key for key in ranked if self._key(key, run) == edge]
        for key in ranked[len(above) + len(equal) :]:
            self.reasons[key] = over
        if len(above) < places:
            self._contest(equal, places - len(above), over)
        else:
            self._out(equal, over)

    def _contest(self, keys: list[int], places: int, over: ResultReason) -> None:
        """Apply the round that was held among `keys`, or say that it is due."""
        place = self._held(keys)
        if place is None and self._is_last(keys):
            self._out(keys, ResultReason.TIED)
            return
        if place is None:
            self.contests.append(Contest(tuple(sorted(keys)), places))
            return
        for key in keys:
            self.runs[key].append(place)
            if over is ResultReason.OVER_RATE:
                self.of_level[key].append(place)
        self._out((key for key in keys if not self.tally(key).is_pass), ResultReason.TOO_FEW)
        left = [key for key in keys if key not in self.reasons]
        if len(left) > places:
            self._split(left, places, over, run=-1)

    def _held(self, keys: list[int]) -> int | None:
        """Return the place of the first later round in which all of `keys` were voted on."""
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

    def _out(self, keys: Iterable[int], why: ResultReason) -> None:
        self.reasons.update(dict.fromkeys(keys, why))

    def _key(self, key: int, run: int) -> tuple[int, int]:
        """Order within a round: yes votes, then by the rule RANK the score; who has none comes last."""
        score = self.by_id[key].score if self.rules.over_cap is OverCap.RANK else None
        return -self.tally(key, run).yes, 1 if score is None else -score

    # the list

    def standings(self) -> dict[int, Standing]:
        places = {key: self._place(key) for key in self.runs}
        found = {}
        for key, one in self.by_id.items():
            if key not in self.runs:
                found[key] = Standing(key, one.level)
                continue
            peers = (places[other] for other in self.runs if self.by_id[other].level is one.level)
            rank = 1 + sum(peer < places[key] for peer in peers)
            place = self.runs[key][-1]
            found[key] = Standing(
                key, one.level, self.tally(key), self.rounds[place].round_id, rank,
                self.reasons.get(key),
            )  # fmt: skip
        return found

    def _place(self, key: int) -> tuple[tuple[int, ...], ...]:
        """Order within a level: first who has the votes, then round by round, in a second round anew.

        Who was kept from a further round by the posts of the unit comes after those who were in it.
        """
        further = [self.rounds[place].votes[key] for place in self.of_level[key]]
        first = self._key(key, 0)
        if further and self.rules.over_cap is OverCap.SECOND_ROUND:
            first = (-self._most(), 0)
        return (
            (0 if self.tally(key, 0).is_pass else 1,),
            first,
            *((0 if one.is_pass else 1, -one.yes) for one in further),
            (2,),
        )

    def _most(self) -> int:
        return max(self.tally(key, 0).yes for key in self.runs)
