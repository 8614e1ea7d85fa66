"""Who of a meeting owes what: the persons behind each step of its checklist that waits for named people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import MeetingDuty, PlanState, Role, RoundState, SeatState
from app.models import Seat, User
from app.services.course import judge_loads, meeting_steps, result_steps
from app.services.course.judge_loads import Load
from app.services.course.meeting_course import PARTY_OF_KEY, Party, Standing, Step, StepKey
from app.services.course.meeting_facts import Facts
from app.services.judging.assessments import WORKING
from app.services.messages import recipients

STEP_OF = {
    MeetingDuty.SEAT: StepKey.SEATS,
    MeetingDuty.SIGN_IN: StepKey.SIGN_IN,
    MeetingDuty.SHEETS: StepKey.SCORES,
    MeetingDuty.OPINIONS: StepKey.OPINIONS,
    MeetingDuty.KEY: StepKey.KEYS,
    MeetingDuty.SIGNATURE: StepKey.SIGNATURES,
}
"""Step of the checklist that waits for each duty."""
STAFF = {Party.SUPERVISOR: Role.SUPERVISOR, Party.OFFICE: Role.OFFICE}


@dataclass(frozen=True)
class Owed:
    """What one person owes the meeting; `seat` is None for supervisor and office.

    `missing` and `due` count sheets or opinions; both are 1 for everything else.
    """

    duty: MeetingDuty
    party: Party
    user_id: int
    name: str
    seat: Seat | None = None
    missing: int = 1
    due: int = 1


def owed(session: Session, facts: Facts) -> list[Owed]:
    """Return what single persons owe to the open steps of the meeting, by duty and then by place in the draw."""
    waiting = {one.key for one in result_steps.checklist(facts) if is_waited_for(one, facts)}
    duties = [duty for duty, step in STEP_OF.items() if step in waiting]
    loads: Mapping[int, Load] = {}
    if {MeetingDuty.SHEETS, MeetingDuty.OPINIONS} & set(duties):
        loads = judge_loads.loads(session, facts.plan, Seat.state.in_(WORKING))
    return [one for duty in duties for one in _of_duty(session, facts, duty, loads)]


def is_waited_for(step: Step, facts: Facts) -> bool:
    """Return whether somebody still has to do a part of the step.

    Signing in is done with the quorum, but goes on until every judge who accepted is there or no vote is to come.
    """
    if step.key is not StepKey.SIGN_IN or not step.is_done:
        return step.standing is Standing.OPEN
    plan, standing = facts.plan, facts.standing
    is_voted = bool(standing) and standing[-1].state is RoundState.COUNTED and not facts.due
    if plan.state is not PlanState.APPROVED or not plan.is_on(facts.today) or is_voted:
        return False
    return bool(not_yet(facts, MeetingDuty.SIGN_IN))


def _of_duty(
    session: Session, facts: Facts, duty: MeetingDuty, loads: Mapping[int, Load]
) -> Iterator[Owed]:
    if duty in (MeetingDuty.SHEETS, MeetingDuty.OPINIONS):
        yield from of_desks(facts.seats, duty, loads)
    elif duty is MeetingDuty.KEY:
        missing = [party for role, party in PARTY_OF_KEY.items() if role not in facts.holders]
        yield from _of_parties(session, facts, duty, missing)
    elif duty is MeetingDuty.SIGNATURE:
        yield from _of_parties(session, facts, duty, unsigned(facts))
    else:
        yield from (_of_seat(duty, seat) for seat in not_yet(facts, duty))


def not_yet(facts: Facts, duty: MeetingDuty) -> list[Seat]:
    """Return the seats that have not answered (SEAT), or whose judges have not signed in (SIGN_IN)."""
    state = SeatState.CALLED if duty is MeetingDuty.SEAT else SeatState.ACCEPTED
    return [one for one in facts.seats if one.state is state and one.decline_noted_by is None]


def unsigned(facts: Facts) -> list[Party]:
    """Return who has not signed the result: chair and supervisor."""
    plan = facts.plan
    signed = {Party.CHAIR: plan.chair_signed_at, Party.SUPERVISOR: plan.supervisor_signed_at}
    return [party for party, at in signed.items() if at is None]


def of_desks(found: Sequence[Seat], duty: MeetingDuty, loads: Mapping[int, Load]) -> Iterator[Owed]:
    """Yield the judges who have sheets to hand in, or opinions to sign."""
    for seat in found:
        load = loads.get(seat.id, Load())
        if duty is MeetingDuty.SHEETS:
            missing, due = load.missing_sheets, load.sheets_due
        else:
            missing, due = load.missing_opinions, load.opinions_due
        if missing:
            yield _of_seat(duty, seat, missing, due)


def _of_seat(
    duty: MeetingDuty, seat: Seat, missing: int = 1, due: int = 1, party: Party = Party.JUDGES
) -> Owed:
    return Owed(duty, party, seat.user_id, seat.user.real_name, seat, missing, due)


def _of_parties(
    session: Session, facts: Facts, duty: MeetingDuty, parties: list[Party]
) -> Iterator[Owed]:
    """Yield the persons who may act for these parties: whoever presides, each account of supervisor and office."""
    chair = meeting_steps.presiding(facts)
    if Party.CHAIR in parties and chair is not None:
        yield _of_seat(duty, chair, party=Party.CHAIR)
    for party, role in STAFF.items():
        if party not in parties:
            continue
        accounts = recipients.of_committee(session, facts.plan.committee_id, role)
        query = select(User).where(User.id.in_(accounts)).order_by(User.id)
        for user in session.scalars(query):
            yield Owed(duty, party, user.id, user.real_name)
