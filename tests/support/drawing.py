"""Create a meeting with its expert pool and perform every step of a draw through the engine."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.enums import ApplicationState, MeetingMode, Role, SeatState
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Assignment, Committee, Draw, Expert, Plan, Position, Seat
from app.services.draw import draw_rules
from tests.support import factories as f
from tests.support.acting import press as fire

OFFICE_SECRET, SUPERVISOR_SECRET = "a1b2c3d4e5f60718", "ffee ddcc-bbaa 9988"
REASON = "两名评委抽取后发现资格有误"


@dataclass
class Meeting:
    """An online meeting that opens today, its pool, and who draws."""

    plan: Plan
    committee: Committee
    office: Actor
    supervisor: Actor
    clerk: Position
    watcher: Position
    experts: list[Expert] = field(default_factory=list)


def meeting(size: int = 12, seats: int = 5, **values: Any) -> Meeting:
    """Make a meeting of `seats` with `size` experts in the pool of its committee, and one candidate."""
    f.work_days()
    committee = f.committee(min_size=3, size_approval_number="湘人社函〔2026〕7号")
    plan = f.plan(
        **{
            "batch": f.batch(committee=committee),
            "mode": MeetingMode.ONLINE,
            "opens_on": f.in_days(1),
            "closes_on": f.in_days(2),
            "seats": seats,
            "alternates": 2,
        }
        | values
    )
    clerk, watcher = (
        f.position(Role.OFFICE, committee=committee),
        f.position(Role.SUPERVISOR, committee=committee),
    )
    made = Meeting(plan, committee, f.actor_of(clerk), f.actor_of(watcher), clerk, watcher)
    made.experts = [expert(committee, f"专家{number:03d}号") for number in range(size)]
    f.application(ApplicationState.IN_REVIEW, plan=plan)
    return made


def expert(committee: Committee, name: str = "", **values: Any) -> Expert:
    """Put somebody with an account into the pool."""
    person = f.person(name, unit=values.pop("unit", None) or f.unit())
    f.user(person=person)
    return f.expert(committee, person=person, **values)


def freeze(made: Meeting, **details: Any) -> Draw:
    draw = Draw(plan_id=made.plan.id)
    fire(draw, "freeze", made.office, **details)
    return draw


def commit(made: Meeting, draw: Draw) -> None:
    fire(draw, "commit_office", made.office, secret=OFFICE_SECRET)
    fire(draw, "commit_supervisor", made.supervisor, secret=SUPERVISOR_SECRET)


def settle_value(made: Meeting, draw: Draw, value: str) -> None:
    """Enter and confirm the value of the public source; its day must have come."""
    fire(draw, "enter_value", made.office, public_value=value)
    fire(draw, "confirm_value", made.supervisor)


def reveal(made: Meeting, draw: Draw, **details: Any) -> None:
    fire(draw, "open_office", made.office, secret=OFFICE_SECRET)
    fire(draw, "open_supervisor", made.supervisor, secret=SUPERVISOR_SECRET, **details)


def drawn(made: Meeting, **details: Any) -> Draw:
    """Draw the judges from freezing to the seats."""
    draw = freeze(made, **details)
    commit(made, draw)
    reveal(made, draw)
    return draw


def seats(draw: Draw, *states: SeatState) -> list[Seat]:
    """Return the seats of a draw in their order, those in `states` if any are named."""
    query = db.session.query(Seat).filter_by(draw_id=draw.id).order_by(Seat.place)
    return [one for one in query if not states or one.state in states]


def judge(seat: Seat) -> Actor:
    """Return the judge of a seat, in the position the draw gave."""
    return f.actor_of(judge_position(seat))


def judge_position(seat: Seat) -> Position:
    """Return the position that the draw gave the judge of a seat."""
    query = db.session.query(Position).filter_by(user_id=seat.user_id, role=Role.JUDGE)
    return query.one()


def candidate(made: Meeting, **values: Any) -> Application:
    return f.application(ApplicationState.IN_REVIEW, plan=made.plan, **values)


def digest(draw: Draw, role: str, secret: str) -> str:
    return draw_rules.commitment(draw.pool_hash, role, draw_rules.plain_secret(secret))


def cases(session: Session, seat: Seat) -> set[int]:
    """Return the applications assigned to a seat."""
    query = session.query(Assignment.application_id).filter_by(seat_id=seat.id)
    return {key for (key,) in query}
