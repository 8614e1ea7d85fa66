"""The authority's recomputation of a filed result: meeting, votes, candidates (menu 1.2.7)."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import ApplicationState, MeetingMode, ResultReason
from app.models import Application, Plan, Result
from app.services.certificates.filings import candidate_line, plan_of
from app.services.meeting import quorum
from app.services.registers import committees
from app.services.registers.committee_validity import validity_refusal
from app.services.results import entry_checks, outcome_rules, result_verification, results
from app.services.review import notices


def is_right(act: Act) -> str | None:
    """Recompute the result and refuse the whole filing if any line of it is wrong."""
    lines = problems(act.session, plan_of(act))
    if not lines:
        return None
    return " ".join(
        [gettext("The filing is refused as a whole; return it with these lines:"), *lines]
    )


def problems(session: Session, plan: Plan) -> list[str]:
    """Recompute the result of `plan` and return a sentence for everything that is wrong."""
    stored = results.results_of_plan(session, plan)
    passed = [
        result
        for result in stored
        if result.is_passed and result.application.state is not ApplicationState.CANCELLED
    ]
    disputed = notices.disputed_among(session, [result.application_id for result in passed])
    return [
        *_meeting_problems(plan),
        *_result_problems(session, plan, stored),
        *_person_problems(plan, [result.application for result in passed], disputed),
        *results.cap_problems(session, plan, [result.application for result in passed]),
    ]


def _meeting_problems(plan: Plan) -> Iterable[str]:
    if plan.voted_on is None or plan.members is None or plan.present is None:
        yield gettext("The figures of the meeting are missing.")
        return
    if why := validity_refusal(plan.committee, plan.voted_on):
        yield why
    least = committees.least_members(plan.committee)
    if plan.members % 2 == 0 or plan.members < least:
        yield gettext(
            "%(members)s members: the committee needs an odd number, at least %(least)s.",
            members=plan.members,
            least=least,
        )
    if not quorum.has_quorum(plan.present, plan.members):
        yield gettext(
            "%(present)s of %(members)s members were present; at least %(needed)s are needed.",
            present=plan.present,
            members=plan.members,
            needed=quorum.quorum_needed(plan.members),
        )


def _result_problems(session: Session, plan: Plan, stored: Sequence[Result]) -> Iterable[str]:
    """Yield what is wrong when an offline result is checked by its votes, an online one by its rounds."""
    if plan.mode is MeetingMode.ONLINE:
        for result, why_not in result_verification.problems(session, plan, stored):
            yield candidate_line(result.application, why_not)
        return
    yield from (why for result in stored if (why := _result_problem(plan, result)))
    for result, why_not in result_verification.outranked(stored):
        yield candidate_line(result.application, why_not)


def _result_problem(plan: Plan, result: Result) -> str | None:
    present = plan.present or 0
    votes = results.Votes(result.application_id, result.yes, result.no, result.abstain)
    if why := entry_checks.votes_problem(votes, present):
        return candidate_line(result.application, why)
    has_votes = outcome_rules.is_pass(result.yes, present)
    lost_place = has_votes and result.reason not in (None, ResultReason.PASSED)
    if result.is_passed == (has_votes and not lost_place):
        return None
    return candidate_line(
        result.application,
        gettext(
            "%(yes)s yes of %(present)s present; %(needed)s are needed to pass.",
            yes=result.yes,
            present=present,
            needed=quorum.votes_needed(present),
        ),
    )


def _person_problems(
    plan: Plan, passed: Sequence[Application], disputed: set[int]
) -> Iterable[str]:
    """Yield who cannot be filed: by the state, an open objection, or a bar in force on the day of the vote or later."""
    is_bar = False
    for item in passed:
        until = item.person.banned_until
        if item.state is not ApplicationState.IN_FILING:
            why = gettext("is in the state “%(state)s”.", state=item.state.label)
            yield candidate_line(item, why)
        elif item.id in disputed:
            why = gettext("an objection is still under inquiry; settle it first.")
            yield candidate_line(item, why)
        elif until is not None and plan.voted_on is not None and plan.voted_on <= until:
            is_bar = True
            why = gettext("is barred until the end of %(day)s.", day=until.isoformat())
            yield candidate_line(item, why)
    if is_bar:
        yield gettext("Take barred people out under “Barred people”; the others can then be filed.")
    if not passed:
        yield gettext("Nobody of this meeting is left to be filed.")
