"""Checks of an entered result: day, attendance, votes of every candidate (menu 1.2.5)."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import date

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import ApplicationState, Level, OverCap
from app.ground import clock
from app.models import Application, Plan
from app.services.meeting import caps
from app.services.meeting.quorum import has_quorum, quorum_needed
from app.services.registers import committees
from app.services.registers.committee_validity import validity_refusal
from app.services.results import outcomes
from app.services.results.outcome_rules import Rules, is_pass
from app.services.results.problem_list import Problem, problem_of, sentence
from app.services.results.results import Entry, Votes, candidates

LARGEST = 999
"""Maximum of members of a meeting; a larger number is a typing error."""


def is_consistent(act: Act) -> str | None:
    """Refuse an entry with `problems`; `act.details["entry"]` is the `Entry`.

    Raises Refused at the field of the first problem.
    """
    entry = act.details.get("entry")
    if not isinstance(entry, Entry):
        return gettext("Enter the figures of the meeting and the votes on every candidate.")
    found = problems(act.session, act.record, entry, today=clock.local_date(act.at))
    if found:
        message = sentence(problem.sentence for problem in found) or ""
        raise Refused(message, next((problem.field for problem in found if problem.field), None))
    return None


def problems(session: Session, plan: Plan, entry: Entry, *, today: date) -> list[Problem]:
    """Return all problems of `entry`; an empty list means it can be stored."""
    return [
        *day_problems(plan, entry.voted_on, today),
        *attendance_problems(plan, entry.members, entry.present),
        *_problems_of_rows(expected := candidates(session, plan), entry),
        *limit_problems(session, plan, expected, entry),
        *_score_problems(session, plan, expected, entry),
    ]


def day_problems(plan: Plan, day: date, today: date) -> Iterable[Problem]:
    """Yield the problems of `day` as day of the vote: outside the meeting, future, committee not valid."""
    if not plan.is_on(day):
        yield Problem(
            gettext(
                "The day of the vote %(day)s is outside the meeting (%(first)s to %(last)s).",
                day=day.isoformat(),
                first=plan.opens_on.isoformat(),
                last=plan.closes_on.isoformat(),
            ),
            "voted_on",
        )
    if day > today:
        yield Problem(
            gettext("The day of the vote %(day)s is in the future.", day=day.isoformat()),
            "voted_on",
        )
    if why := validity_refusal(plan.committee, day):
        yield Problem(why, "voted_on")


def attendance_problems(plan: Plan, members: int, present: int) -> Iterable[Problem]:
    """Yield the problems of the numbers of members and of those present (Order 40, art. 10 and 20)."""
    least = committees.least_members(plan.committee)
    if members % 2 == 0 or not least <= members <= LARGEST:
        yield Problem(
            gettext(
                "A meeting of this committee has an odd number of members, at least %(least)s; "
                "%(members)s were entered.",
                least=least,
                members=members,
            ),
            "members",
        )
    if not 0 <= present <= members:
        yield Problem(
            gettext(
                "%(present)s present of %(members)s members is not possible.",
                present=present,
                members=members,
            ),
            "present",
        )
    elif not has_quorum(present, members):
        yield Problem(
            gettext(
                "With %(members)s members at least %(needed)s must be present, two thirds; "
                "%(present)s were. The vote does not count and has to be held again.",
                members=members,
                needed=quorum_needed(members),
                present=present,
            ),
            "present",
        )


def _problems_of_rows(expected: Sequence[Application], entry: Entry) -> Iterable[Problem]:
    by_id = {item.id: item for item in expected}
    times_named = Counter(votes.application_id for votes in entry.votes)
    for item in expected:
        if item.state is not ApplicationState.IN_REVIEW:
            yield problem_of(item, gettext("no longer in review; a result cannot be entered."))
        if times_named[item.id] == 0:
            yield problem_of(item, gettext("the votes are missing."))
        elif times_named[item.id] > 1:
            yield problem_of(item, gettext("named more than once; keep one row."))
    for votes in entry.votes:
        if votes.application_id not in by_id:
            yield Problem(
                gettext("A row names somebody who is not a candidate of this plan; remove it."),
                application_id=votes.application_id,
            )
        elif why := votes_problem(votes, entry.present):
            yield problem_of(by_id[votes.application_id], why)


def votes_problem(votes: Votes, present: int) -> str | None:
    """Return why `votes` are impossible with `present` judges, or None."""
    if min(votes.yes, votes.no, votes.abstain) < 0:
        return gettext("a number of votes below zero is not possible.")
    if votes.cast > present:
        return gettext(
            "yes, no and abstained make %(cast)s votes, but only %(present)s were present.",
            cast=votes.cast,
            present=present,
        )
    return None


def limit_problems(
    session: Session, plan: Plan, expected: Sequence[Application], entry: Entry
) -> Iterable[Problem]:
    """Yield the levels with more yes votes than the judges may give, where the plan limits them (LIMIT_YES)."""
    if plan.over_cap is not OverCap.LIMIT_YES:
        return
    for level, places in outcomes.rules_of(session, plan).caps.items():
        keys = {item.id for item in expected if item.level is level}
        yield from yes_problems(str(level.label), keys, places, entry)


def yes_problems(label: str, keys: set[int], places: int, entry: Entry) -> Iterable[Problem]:
    """Yield a problem when the candidates `keys` have more yes votes than the judges present may give them."""
    said = sum(votes.yes for votes in entry.votes if votes.application_id in keys)
    if said > places * entry.present:
        yield Problem(
            gettext(
                "%(label)s: each of %(present)s judges may say yes %(places)s times, but %(said)s yes "
                "votes were entered. A ballot with more is invalid and counts as an abstention on everybody: count "
                "the ballots again without it.",
                label=label,
                present=entry.present,
                places=places,
                said=said,
            )
        )


def _score_problems(
    session: Session, plan: Plan, expected: Sequence[Application], entry: Entry
) -> Iterable[Problem]:
    """Yield who has no score although the scores of others decide for the same places.

    A missing score is never taken as the lowest. Where nobody has one, equal votes lead to a further round.
    """
    if plan.over_cap is not OverCap.RANK:
        return
    votes = {one.application_id: one for one in entry.votes}
    passed = [
        item for item in expected if item.id in votes and is_pass(votes[item.id].yes, entry.present)
    ]
    missing = {
        item.id: item
        for rivals in _rivals(outcomes.rules_of(session, plan), passed)
        if any(votes[item.id].score is not None for item in rivals)
        for item in rivals
        if votes[item.id].score is None
    }
    for item in missing.values():
        yield problem_of(
            item, gettext("the score is missing; scores decide here between equal votes.")
        )


def _rivals(rules: Rules, passed: Sequence[Application]) -> Iterable[Sequence[Application]]:
    """Yield the candidates with two thirds who compete for too few places of a level or posts of a unit."""
    groups: dict[Hashable, list[Application]] = defaultdict(list)
    for item in passed:
        groups[item.level].append(item)
        if item.unit.kind.needs_quota:
            groups[caps.line_of(item)].append(item)
    for key, items in groups.items():
        places = (
            rules.caps.get(key, len(items)) if isinstance(key, Level) else rules.posts.get(key, 0)
        )
        if len(items) > places:
            yield items
