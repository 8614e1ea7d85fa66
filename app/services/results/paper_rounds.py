"""Rounds held on paper: of online meetings, and the further rounds of offline meetings.

The office enters the figures, a second person confirms them.

Entries are checked with the same functions as results of offline meetings (`app.services.results.results`).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import MeetingMode, PlanState, RoundState, SeatState
from app.ground import clock
from app.models import Application, Plan, Round, RoundCandidate
from app.services.draw import recusals
from app.services.files import attached_files
from app.services.meeting import seats
from app.services.results import entry_checks, outcomes, problem_list, results
from app.services.results.outcomes import NextRound
from app.services.results.problem_list import Problem
from app.services.results.result_workbook import VoteSheet
from app.services.results.results import Entry

PAPER_SHEET = "paper_sheet"
"""Attachment kind: scan of the signed sheet of a round."""


def open_plans(session: Session, committee_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return (id, name) of these committees' plans in which a round may be held on paper, newest first.

    These are meetings that have opened: online ones without a result, offline ones whose first vote was entered.
    """
    is_under_way = tuple_(Plan.mode, Plan.state).in_(
        [(MeetingMode.ONLINE, PlanState.APPROVED), (MeetingMode.OFFLINE, PlanState.ENTERED)]
    )
    query = select(Plan.id, Plan.name).where(
        Plan.committee_id.in_(committee_ids),
        is_under_way,
        Plan.opens_on <= clock.local_date(clock.now()),
    )
    return list(session.execute(query.order_by(Plan.id.desc())).tuples())


def candidates_due(session: Session, plan: Plan) -> tuple[NextRound, list[Application]]:
    """Return the round that is due in `plan` and its candidates, in the order of the result sheet."""
    due = outcomes.next_round(session, plan) or NextRound(())
    wanted = set(due.application_ids)
    return due, [item for item in results.candidates(session, plan) if item.id in wanted]


def sheet_of(session: Session, plan: Plan) -> VoteSheet:
    """Return the workbook for the votes of the round that is due in `plan`."""
    due, candidates = candidates_due(session, plan)
    return VoteSheet(plan, candidates, next_number(session, plan.id), due.places)


def members_of(session: Session, plan: Plan) -> int:
    """Return the number of judges who accepted their seats; without seats the number entered, or planned."""
    entered = plan.members if plan.mode is MeetingMode.OFFLINE else None
    return seats.count_members(session, plan.id) or entered or plan.seats


def next_number(session: Session, plan_id: int) -> int:
    """Return the number of the next round of a meeting; a void round keeps its number."""
    query = select(func.max(Round.number)).where(Round.plan_id == plan_id)
    return (session.scalar(query) or 0) + 1


def is_own_committee(act: Act) -> str | None:
    """Refuse the office of another committee."""
    if outcomes.plan_of(act).committee_id in act.actor.committee_ids:
        return None
    return gettext("This meeting belongs to another committee; its own office enters its rounds.")


def is_in_meeting(act: Act) -> str | None:
    """Refuse unless a round may be held: online before the result is computed, offline once a further one is due."""
    plan = outcomes.plan_of(act)
    if plan.mode is MeetingMode.OFFLINE:
        return _refuse_offline(act, plan)
    if plan.state is not PlanState.APPROVED:
        return gettext(
            "The meeting is in the state “%(state)s”; no round can be added or changed now.",
            state=plan.state.label,
        )
    return None


def _refuse_offline(act: Act, plan: Plan) -> str | None:
    if plan.state is PlanState.APPROVED:
        return gettext("This meeting is held offline: enter its result from the signed sheet.")
    if plan.state is not PlanState.ENTERED:
        return gettext(
            "The meeting is in the state “%(state)s”; no round can be added or changed now.",
            state=plan.state.label,
        )
    if outcomes.next_round(act.session, plan) is None:
        return gettext("All candidates are decided; no further round is due.")
    return None


def is_still_in_meeting(act: Act) -> str | None:
    """Check `is_in_meeting` again with the plan row locked against a concurrent computation of the result."""
    locked = select(Plan).where(Plan.id == outcomes.plan_of(act).id).with_for_update()
    act.session.scalars(locked.execution_options(populate_existing=True)).one()
    return is_in_meeting(act)


def has_no_open_round(act: Act) -> str | None:
    """Refuse while another round is neither counted nor void."""
    left = outcomes.unfinished_round(act.session, outcomes.plan_of(act))
    if left is None or left.id == act.record.id:
        return None
    return gettext(
        "%(round)s is in the state “%(state)s”; finish it first.",
        round=left.title,
        state=left.state.label,
    )


def is_second_person(act: Act) -> str | None:
    """Refuse a confirmation by the person who entered the figures."""
    if act.record.entered_by is not None and act.record.entered_by != act.actor.user_id:
        return None
    return gettext("The round was entered by you; a second person of the office must confirm it.")


def has_sheet(act: Act) -> str | None:
    """Refuse a paper round without the scan of its signed sheet. Raises Refused at `scan`."""
    if act.details.get("scan") is None:
        raise Refused(gettext("Upload the scan of the signed sheet of this round."), "scan")
    return None


def have_sheets(act: Act) -> str | None:
    """Refuse a result if a counted paper round has no scan of its signed sheet."""
    for vote_round in outcomes.counted_rounds(act.session, act.record):
        if vote_round.is_on_paper and not attached_files.attachments_of(vote_round, PAPER_SHEET):
            return gettext(
                "The scan of the signed sheet of %(round)s is missing.",
                round=vote_round.title,
            )
    return None


def is_consistent(act: Act) -> str | None:
    """Refuse an entry with problems. Raises Refused at the field of the first problem."""
    entry = act.details.get("entry")
    if not isinstance(entry, Entry) or not entry.votes:
        return gettext("Enter the figures of the round and the votes on at least one candidate.")
    found = problems(act.session, outcomes.plan_of(act), entry, today=clock.local_date(act.at))
    if found:
        message = problem_list.sentence(problem.sentence for problem in found) or ""
        raise Refused(message, next((problem.field for problem in found if problem.field), None))
    return None


def problems(session: Session, plan: Plan, entry: Entry, *, today: date) -> list[Problem]:
    """Return all problems of `entry`; an empty list means the round can be stored."""
    due, candidates = candidates_due(session, plan)
    return [
        *entry_checks.day_problems(plan, entry.voted_on, today),
        *entry_checks.attendance_problems(plan, entry.members, entry.present),
        *_problems_of_members(session, plan, entry),
        *_problems_of_choice(due, candidates, entry),
        *_problems_of_votes(session, plan, candidates, entry),
        *_problems_of_limits(session, plan, due, candidates, entry),
    ]


def _problems_of_members(session: Session, plan: Plan, entry: Entry) -> Iterable[Problem]:
    members = seats.count_members(session, plan.id)
    if members and entry.members != members:
        yield Problem(
            gettext(
                "%(members)s judges have accepted their seats in this meeting; %(typed)s were entered.",
                members=members,
                typed=entry.members,
            ),
            "members",
        )


def _problems_of_choice(
    due: NextRound, candidates: Sequence[Application], entry: Entry
) -> Iterable[Problem]:
    known = {item.id for item in candidates}
    times_named = Counter(votes.application_id for votes in entry.votes)
    for key, times in times_named.items():
        if key not in known:
            yield Problem(
                gettext("A row names somebody who is not to be voted on now; remove it."),
                application_id=key,
            )
        elif times > 1:
            yield Problem(gettext("A candidate is named more than once."), application_id=key)
    if due.places is not None and known - set(times_named):
        yield Problem(
            gettext(
                "In a further round all %(count)s candidates who are equal are voted on together.",
                count=len(known),
            )
        )


def _problems_of_votes(
    session: Session, plan: Plan, candidates: Sequence[Application], entry: Entry
) -> Iterable[Problem]:
    by_id = {item.id: item for item in candidates}
    eligible = eligible_judges(session, plan, entry.present)
    for votes in entry.votes:
        item = by_id.get(votes.application_id)
        why = entry_checks.votes_problem(votes, eligible.get(votes.application_id, entry.present))
        if item is not None and why:
            yield Problem(f"{item.number} {item.name}: {why}", application_id=item.id)


def _problems_of_limits(
    session: Session,
    plan: Plan,
    due: NextRound,
    candidates: Sequence[Application],
    entry: Entry,
) -> Iterable[Problem]:
    """Yield the limits (yes votes per judge × judges present) that the entered yes votes exceed."""
    if due.places is None:
        yield from entry_checks.limit_problems(session, plan, candidates, entry)
        return
    keys = {item.id for item in candidates}
    yield from entry_checks.yes_problems(gettext("This round"), keys, due.places, entry)


def eligible_judges(session: Session, plan: Plan, present: int) -> dict[int, int]:
    """Return how many judges may vote on each candidate with recusals: application id → number.

    Counted are recusals of present judges: those who signed in, or all members if all are present.
    """
    members = seats.members(session, plan.id)
    is_complete = present >= len(members)
    there = {seat.id for seat in members if is_complete or seat.state is SeatState.PRESENT}
    recused_count = Counter(
        case for seat, case in recusals.recused_pairs(session, plan.id) if seat in there
    )
    return {case: max(present - count, 0) for case, count in recused_count.items()}


def store(act: Act) -> None:
    """Store the votes of the round and the scan of its sheet."""
    vote_round, plan, session = act.record, outcomes.plan_of(act), act.session
    entry: Entry = act.details["entry"]
    eligible = eligible_judges(session, plan, entry.present)
    for place, votes in enumerate(entry.votes, start=1):
        session.add(
            RoundCandidate(
                round_id=vote_round.id, application_id=votes.application_id, position=place,
                eligible=eligible.get(votes.application_id, entry.present),
                yes=votes.yes, no=votes.no, abstain=votes.abstain, note=votes.note,
            )
        )  # fmt: skip
    for name, kind in (("scan", PAPER_SHEET), ("opinions", results.OPINION_SHEET)):
        if (scan := act.details.get(name)) is not None:
            attached_files.attach(vote_round, scan.stored, kind, scan.name, act.actor, act.at)
    act.notes["members"], act.notes["present"] = vote_round.members, vote_round.present
    act.notes["candidates"] = len(entry.votes)


def draft(session: Session, plan: Plan, entry: Entry, places: int | None, at: Any) -> Round:
    """Return an unsaved round for `entry`; `frozen` holds its canonical text, `frozen_hash` the digest."""
    frozen = canonical(plan, entry)
    return Round(
        plan_id=plan.id,
        number=next_number(session, plan.id),
        is_on_paper=True,
        places=places,
        members=entry.members,
        present=entry.present,
        frozen=frozen,
        frozen_hash=hashlib.sha256(frozen.encode()).hexdigest(),
        frozen_at=at,
        closed_at=clock.start_of_day(entry.voted_on),
        state=RoundState.ENTERED,
    )


def canonical(plan: Plan, entry: Entry) -> str:
    """Return the figures of a round as canonical JSON: equal figures give the same text."""
    votes = sorted((v.application_id, v.yes, v.no, v.abstain) for v in entry.votes)
    facts = {
        "plan": plan.id,
        "day": entry.voted_on.isoformat(),
        "members": entry.members,
        "present": entry.present,
        "votes": votes,
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"))


def sign_entry(act: Act) -> None:
    """Record who entered the figures."""
    act.record.entered_by = act.actor.user_id


def count(act: Act) -> None:
    """Record the time at which the confirmed figures were counted."""
    act.record.counted_at = act.at
