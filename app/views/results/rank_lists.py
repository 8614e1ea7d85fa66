"""Rank lists of a meeting per level, with the cut line, and the posts left of quota-bound units."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask_babel import gettext

from app.enums import Level, MeetingMode, PlanState, ResultReason
from app.extensions import db
from app.models import Application, Plan, Result, Round
from app.services.judging import score_spread, scoring
from app.services.meeting import caps, quorum
from app.services.results import online_results, outcome_rules, outcomes, results
from app.services.results.outcome_rules import Rules
from app.views.base import detail_sections
from app.views.base.columns import Cell, Column, cell_of
from app.views.base.detail_sections import DetailSection
from app.views.meeting import meeting_link
from app.views.results.result_sections import lost_afterwards

SHOWN = 300
"""Maximum rows of a rank list per level; the tab of candidates lists all."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Ranked:
    """A candidate in the rank list, from a stored result or computed from the rounds counted so far."""

    item: Application
    rank: int | None
    votes: str
    of: int | None
    score: int | None
    reason: ResultReason | None
    spread: str
    """Number, range and deviation of the judges' scores, in words; empty where there are none."""
    is_standing: bool
    """Whether the candidate passed, or is undecided and has the votes needed."""


def ranked_of(plan: Plan) -> list[Ranked]:
    """Return the candidates of a meeting who were voted on, by level, best first."""
    session = db.session()
    items = {item.id: item for item in results.candidates(session, plan)}
    stored = plan.results or _preview(plan)
    is_online = plan.mode is MeetingMode.ONLINE
    spreads = score_spread.spreads_of(session, plan) if stored and is_online else {}
    ranked = [
        Ranked(
            items[one.application_id],
            one.rank,
            f"{one.yes} / {one.no} / {one.abstain}",
            one.counted_of,
            one.score,
            one.reason or _reason_before_ranks(plan, one),
            score_spread.text(spreads.get(one.application_id)),
            one.is_passed
            or (one.reason is None and outcome_rules.is_pass(one.yes, one.counted_of or 0)),
        )
        for one in stored
    ]
    return sorted(ranked, key=lambda one: (one.item.level, one.rank or 0, one.item.number))


def _preview(plan: Plan) -> list[Result]:
    """Return unsaved results of an online meeting as its rounds decide them so far."""
    if plan.mode is MeetingMode.OFFLINE:
        return []
    session = db.session()
    rounds = outcomes.counted_rounds(session, plan)
    voted = outcomes.outcome_of_plan(session, plan).voted()
    return online_results.results_of(session, plan, rounds, voted)


def _reason_before_ranks(plan: Plan, result: Result) -> ResultReason | None:
    """Return the reason of a confirmed offline result of the time when none was stored."""
    if plan.state is not PlanState.CONCLUDED:
        return None
    return ResultReason.PASSED if result.is_passed else ResultReason.TOO_FEW


def sections(
    plan: Plan, *, with_scores: bool = True, limit: int | None = SHOWN
) -> list[DetailSection]:
    """Return the rank lists of a meeting, one per level voted on, and the posts of quota-bound units.

    Return nothing before the first vote; leave the posts out once it is concluded. Each list has at most
    `limit` rows; None shows all.
    """
    ranked = ranked_of(plan)
    if not ranked:
        return []
    session = db.session()
    rules, bases = outcomes.rules_of(session, plan), caps.candidates_by_level(session, plan)
    lists = []
    for level in sorted({one.item.level for one in ranked}):
        rows = [one for one in ranked if one.item.level is level]
        lists.append(
            _level_section(plan, level, rows, rules, bases, with_scores=with_scores, limit=limit)
        )
    posts = _posts_section(ranked, rules) if plan.state is not PlanState.CONCLUDED else None
    return [*lists, posts] if posts else lists


def _level_section(
    plan: Plan,
    level: Level,
    ranked: Sequence[Ranked],
    rules: Rules,
    bases: Mapping[Level, int],
    *,
    with_scores: bool,
    limit: int | None,
) -> DetailSection:
    columns = [gettext("Rank"), gettext("Name"), gettext("Unit"), gettext("Yes / no / abstained"),
               gettext("Score"), gettext("Result")]  # fmt: skip
    places = rules.caps.get(level)
    rows = list(_rows(ranked[:limit], places))
    section = DetailSection(
        f"level-{level.value}",
        gettext("%(level)s: rank list", level=level.label),
        "table",
        columns=columns,
        rows=rows if with_scores else [_without_score(row) for row in rows],
        count=len(ranked),
    )
    if not with_scores:
        section.columns = _without_score(columns)
    if places is not None:
        section.flag = _flag(plan, level, ranked, places, bases.get(level, 0))
    return section


def _flag(plan: Plan, level: Level, ranked: Sequence[Ranked], places: int, base: int) -> str:
    """Return how many pass, or have two thirds while some are undecided, and how many may pass."""
    facts = {
        "count": sum(one.is_standing for one in ranked),
        "places": places,
        "percent": caps.percent_of(plan, level),
        "base": base,
    }
    if any(one.reason is None for one in ranked):
        return gettext(
            "%(count)s may still pass, at most %(places)s places (%(percent)s%% of %(base)s)",
            **facts,
        )
    return gettext("%(count)s of at most %(places)s (%(percent)s%% of %(base)s)", **facts)


def _without_score(cells: list[Item]) -> list[Item]:
    return [*cells[:4], *cells[5:]]


def _rows(ranked: Sequence[Ranked], places: int | None) -> Iterable[list[Cell]]:
    """Yield the rows; after the last place, yield the cut line as one cell across all columns."""
    taken = 0
    if places == 0:
        yield _cut_line(0)
    for one in ranked:
        yield _row(one)
        taken += one.is_standing
        if places and one.is_standing and taken == places:
            yield _cut_line(places)


def _cut_line(places: int) -> list[Cell]:
    label = gettext("— cut line: %(places)s places —", places=places)
    return [Cell(label, "wait")]


def _row(one: Ranked) -> list[Cell]:
    return [
        cell_of(one.rank),
        Cell(one.item.name, title=one.item.number),
        cell_of(one.item.unit),
        Cell(_needed(one.of), kind="short", links=[(one.votes, None)]),
        Cell(one.spread, links=[(scoring.format_score(one.score), None)]),
        lost_afterwards(one.item) or _verdict(one),
    ]


def _needed(of: int | None) -> str:
    """Return the number whose two thirds count, and the yes votes needed of them."""
    if of is None:
        return "—"
    return gettext("%(of)s, %(needed)s needed", of=of, needed=quorum.votes_needed(of))


def _verdict(one: Ranked) -> Cell:
    if one.reason is ResultReason.PASSED:
        return Cell(str(one.reason.label), "ok")
    if one.reason is not None:
        return Cell(str(one.reason.label), "stop")
    return Cell(gettext("Not decided yet, to be voted on again"), "wait")


def _posts_section(ranked: Sequence[Ranked], rules: Rules) -> DetailSection | None:
    bound = {caps.line_of(one.item): one.item for one in ranked if one.item.unit.kind.needs_quota}
    if not bound:
        return None
    passed = (one for one in ranked if one.reason is ResultReason.PASSED)
    counted = Counter(caps.line_of(one.item) for one in passed)
    rows = [
        [cell_of(item.unit), cell_of(item.specialty), cell_of(item.level),
         cell_of(rules.posts.get(line, 0)), cell_of(counted[line])]
        for line, item in bound.items()
    ]  # fmt: skip
    columns = [gettext("Unit"), gettext("Specialty"), gettext("Level"), gettext("Posts left"),
               gettext("Passed")]  # fmt: skip
    return DetailSection(
        "posts", gettext("Posts of public institutions"), "table", columns=columns, rows=rows,
        count=len(rows),
    )  # fmt: skip


def rounds_section(rounds: Sequence[Round]) -> DetailSection:
    """Return the section with the figures of a meeting's rounds, as far as they are known, without votes on candidates."""
    later = ("places", "members", "present", "cast", "invalid", "closed_at", "counted_at")
    known = [name for name in later if any(getattr(one, name) is not None for one in rounds)]
    names: list[str | Column] = [meeting_link.round_link(), "state", "is_on_paper", *known]
    return detail_sections.table_of("rounds", gettext("Rounds"), list(rounds), names)
