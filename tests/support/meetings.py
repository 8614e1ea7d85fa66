"""Create online meetings for the tests: present judges, counted rounds, results in progress."""

from collections.abc import Sequence
from typing import Any

from app.enums import (
    ApplicationState,
    KeyRole,
    Level,
    MeetingMode,
    PlanState,
    Role,
    RoundState,
    SeatRole,
    SeatState,
)
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Certificate, Plan, Position, Round, SealedBallot, Seat
from app.services.results import results
from app.services.voting import ballots, key_holders, round_record, sealing, vote_rounds
from tests.support import factories
from tests.support.acting import fire

EARLY = "其余评委因故离会，不再等候"
MINUTES = "2026年度评审会议在长沙召开，应到二十五人，实到二十五人，无记名投票表决。"


def online(*, count: int = 3, level: Level = Level.MIDDLE, **values: Any) -> Plan:
    """Make an online meeting under way with `count` candidates in review."""
    plan = factories.plan(
        **{
            "mode": MeetingMode.ONLINE,
            "opens_on": factories.in_days(-1),
            "closes_on": factories.in_days(1),
        }
        | values
    )
    for _count in range(count):
        factories.application(ApplicationState.IN_REVIEW, plan=plan, level=level)
    return plan


def offline(**values: Any) -> Plan:
    """Make an approved offline meeting that began yesterday, with three candidates of the middle level."""
    plan = factories.plan(
        **{"opens_on": factories.in_days(-1), "closes_on": factories.in_days(1)} | values
    )
    for _count in range(3):
        factories.application(ApplicationState.IN_REVIEW, plan=plan, level=Level.MIDDLE)
    return plan


def on_the_sheet(plan: Plan) -> list[Application]:
    """Return the candidates in the order of the result sheet."""
    return results.candidates(db.session(), plan)


def confirmed(plan: Plan) -> Plan:
    """Put an offline meeting where its result is confirmed: everybody passed."""
    plan.state, plan.members, plan.present = PlanState.CONCLUDED, 25, 25
    plan.voted_on = factories.today()
    for one in on_the_sheet(plan):
        one.state = ApplicationState.PASSED
        factories.result(plan, one)
    factories.attachment(plan, results.RESULT_SHEET)
    return plan


def candidate(plan: Plan, **values: Any) -> Application:
    """Make one more candidate of the plan's batch."""
    return factories.application(ApplicationState.IN_REVIEW, batch=plan.batch, plan=plan, **values)


def certified() -> Certificate:
    """Make a valid certificate from an agreed filing."""
    plan = factories.plan(state="concluded", voted_on=factories.today(), members=25, present=22)
    factories.filing(plan, state="agreed", approval_number="湘职改办〔2026〕9号")
    return factories.certificate(factories.application(ApplicationState.CERTIFIED, plan=plan))


def candidates(plan: Plan) -> list[Application]:
    return list(db.session.query(Application).filter_by(plan_id=plan.id).order_by(Application.id))


def counted(plan: Plan, votes: dict[int, int], *, of: int = 25, **values: Any) -> Round:
    """Hold a round: {application: yes votes}; everybody else said no."""
    cases = [db.session.get_one(Application, key) for key in votes]
    number = db.session.query(Round).filter_by(plan_id=plan.id).count() + 1
    held = factories.ballot_round(
        plan, *cases, number=number, members=25, present=of, frozen_hash=f"{number:064d}",
        closed_at=clock.now(), counted_at=clock.now(), cast=of, invalid=0, eligible=of, **values,
    )  # fmt: skip
    for one in held.candidates:
        yes = votes[one.application_id]
        one.yes, one.no, one.abstain = yes, of - yes, 0
    db.session.flush()
    held.signed_record = round_record.signed(db.session(), held)
    held.state = RoundState.COUNTED
    db.session.flush()
    return held


def vote(plan: Plan, *yes: int, **values: Any) -> Round:
    """Hold a round over all candidates with these yes votes, in their order."""
    keys = [item.id for item in candidates(plan)]
    return counted(plan, dict(zip(keys, yes, strict=True)), **values)


def office(plan: Plan) -> Actor:
    """Return a new clerk of the committee's office."""
    return factories.actor(Role.OFFICE, committee=plan.committee)


def authority(region_code: str = "430000") -> Actor:
    """Return a new clerk of a title authority."""
    return factories.actor(
        Role.HRSS, unit=factories.unit(kind="authority", region_code=region_code)
    )


def supervisor(plan: Plan) -> Position:
    return factories.position(Role.SUPERVISOR, committee=plan.committee)


def judge(
    plan: Plan, role: SeatRole = SeatRole.MEMBER, state: SeatState = SeatState.PRESENT
) -> tuple[Position, Seat]:
    """Make a judge with a seat, who signed in if the state says so."""
    position = factories.position(Role.JUDGE, committee=plan.committee)
    was_there = state in (SeatState.PRESENT, SeatState.GONE)
    seat = factories.seat(
        plan,
        position.user,
        role=role,
        state=state,
        attended_at=clock.now() if was_there else None,
    )
    return position, seat


def computed(plan: Plan) -> Actor:
    """Compute the result; return who did."""
    clerk = office(plan)
    fire(plan, "compute", clerk)
    return clerk


def signed(plan: Plan) -> Sequence[Position]:
    """Write the minutes and sign them; return chair and supervisor."""
    chair, _seat = judge(plan, SeatRole.CHAIR)
    watcher = supervisor(plan)
    fire(plan, "write_minutes", office(plan), details={"minutes": MINUTES})
    fire(plan, "sign_chair", factories.actor_of(chair))
    fire(plan, "sign_supervisor", factories.actor_of(watcher))
    return chair, watcher


def concluded(plan: Plan) -> Plan:
    """Bring a meeting whose rounds decide everybody to its confirmed result."""
    computed(plan)
    signed(plan)
    fire(plan, "confirm", office(plan))
    assert plan.state is PlanState.CONCLUDED
    return plan


def sitting(
    *, count: int = 3, judges: int = 13, away: int = 0, **values: Any
) -> tuple[Plan, list[tuple[Position, Seat]]]:
    """Make an online meeting in which `judges` sit, the first one as chair, the last `away` not signed in.

    Every candidate has its opinion; all that misses is the three codes (`keys`).
    """
    plan = online(count=count, steps=["opinion", "vote"], seats=judges, **values)
    if judges < plan.committee.min_size:
        factories.agree_to_size(plan.committee, judges)
    there = judges - away
    sat = [
        judge(
            plan,
            SeatRole.CHAIR if place == 0 else SeatRole.MEMBER,
            SeatState.PRESENT if place < there else SeatState.ACCEPTED,
        )
        for place in range(judges)
    ]
    for place, (_position, seat) in enumerate(sat):
        seat.place = place + 1
    for case in candidates(plan):
        factories.opinion(case, *(seat for _position, seat in sat[:3]))
    return plan, sat


def keys(plan: Plan, chair: Position) -> dict[KeyRole, tuple[Actor, str]]:
    """Let chair, supervisor and office take their codes; return who holds which."""
    holders = {
        KeyRole.CHAIR: factories.actor_of(chair),
        KeyRole.SUPERVISOR: factories.actor_of(supervisor(plan)),
        KeyRole.OFFICE: office(plan),
    }
    return {
        role: (actor, key_holders.take_code(db.session(), plan, actor=actor, at=clock.now()))
        for role, actor in holders.items()
    }


def with_older_codes(plan: Plan, holders: dict[KeyRole, tuple[Actor, str]]) -> None:
    """Give the holders the keys that an earlier version derived from their codes."""
    for role, holder in key_holders.holders_of_plan(db.session(), plan.id).items():
        context = key_holders.context(plan.id, role)
        private = sealing.key_of_code(holders[role][1], context, sealing.ALG_1)
        holder.alg, holder.public_key = sealing.ALG_1, sealing.public_of(private)
        key_holders.seal_holder(holder)
    db.session.flush()


def ready(**values: Any) -> tuple[Plan, list[tuple[Position, Seat]], dict[KeyRole, Any]]:
    """Make a meeting in which everybody sits and the three codes are taken: a round can be frozen."""
    plan, judges = sitting(**values)
    return plan, judges, keys(plan, judges[0][0])


def freeze(plan: Plan, clerk: Actor, alg: str = sealing.ALG, **answers: Any) -> Round:
    """Freeze the round that is due, sealed with `alg`; `answers` are to what the form asks."""
    held = vote_rounds.draft(db.session(), plan, clock.now())
    held.alg = alg
    fire(held, "freeze", clerk, details=answers)
    return held


def cast(held: Round, position: Position, letters: str) -> SealedBallot:
    """Cast these letters, sealed in the browser: no server has seen whether they are valid."""
    sealed = seal(held, letters)
    return ballots.cast(held, sealed, actor=factories.actor_of(position), at=clock.now())


def seal(held: Round, letters: str) -> str:
    """Seal letters as a browser does."""
    context = vote_rounds.ballot_context(held)
    return sealing.seal(held.public_key or "", letters.encode(), context, held.alg)


def close(held: Round, holders: dict[KeyRole, tuple[Actor, str]]) -> None:
    """Close the round, with a reason for not waiting for anybody."""
    fire(held, "close", holders[KeyRole.CHAIR][0], opinion=EARLY)


def count(held: Round, holders: dict[KeyRole, tuple[Actor, str]]) -> None:
    """Close the round and open its box with the codes of chair and supervisor."""
    close(held, holders)
    for role in (KeyRole.CHAIR, KeyRole.SUPERVISOR):
        actor, code = holders[role]
        fire(held, "release", actor, details={"code": code})


def void(held: Round, clerk: Actor, why: str = "设备故障，重新投票") -> None:
    """Make a round void: the office asks, the supervisor agrees."""
    fire(held, "ask_void", clerk, opinion=why)
    fire(held, "void", factories.actor_of(supervisor(held.plan)))
