"""Checks of an entered result: day, attendance, votes of every candidate (menu 1.2.5)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import ApplicationState
from app.ground import clock
from app.models import Application, Plan
from app.services.meeting.quorum import has_quorum, quorum_needed
from app.services.registers.committee_validity import validity_refusal
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
        *_problems_of_rows(candidates(session, plan), entry),
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
    least = plan.committee.min_size
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
