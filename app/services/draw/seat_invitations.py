"""Creates and calls seats: the drawn judges, then the alternates by place, then the next experts by rank."""

from collections.abc import Iterable, Iterator, Sequence

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act
from app.enums import ExpertState, Role, SeatState
from app.models import Committee, Draw, Expert, Person, Plan, Position, Seat, User
from app.services.draw import draw_pool, draw_rules
from app.services.draw.draw_rules import SEAT, Drawn
from app.services.meeting import round_lock
from app.services.messages import outbox

OWN_SEATS = "/g/my-seats/"
SEATS = "/g/1.2.3/seats/"


def lock_plan(session: Session, plan_id: int | None) -> None:
    """Lock the plan row to serialise acts on its draw and seats; taken before any other lock."""
    session.execute(select(Plan.id).where(Plan.id == plan_id).with_for_update())


def refusal_if_begun(session: Session, plan_id: int) -> str | None:
    """Return the refusal if the meeting has begun (a judge signed in or a round is frozen), else None."""
    attended = select(func.count(Seat.id)).where(
        Seat.plan_id == plan_id, Seat.attended_at.is_not(None)
    )
    if session.scalar(attended) or round_lock.has_round(session, plan_id):
        return gettext("The meeting has begun; its judges stay as they are.")
    return None


def seat_drawn(act: Act, draw: Draw, drawn: Sequence[Drawn]) -> None:
    """Create a seat for every drawn expert, in the order of the draw."""
    plan = act.session.get_one(Plan, draw.plan_id)
    experts = draw_pool.experts_of(act.session, plan, draw.salt, [one.token for one in drawn])
    accounts = _account_ids(act.session, experts.values())
    _give_positions(act.session, plan, accounts.values())
    for place, one in enumerate(drawn, start=1):
        expert_id = experts[one.token]
        _create_seat(
            act, draw, expert_id, accounts[expert_id], one.group, place, is_called=one.kind == SEAT
        )


def _create_seat(
    act: Act, draw: Draw, expert_id: int, user_id: int, group: str, place: int, *, is_called: bool
) -> Seat:
    seat = Seat(
        plan_id=draw.plan_id,
        draw_id=draw.id,
        expert_id=expert_id,
        user_id=user_id,
        place=place,
        group_name=group,
    )
    engine.fire(seat, "draw" if is_called else "list", actor=act.actor, at=act.at)
    return seat


def _account_ids(session: Session, experts: Iterable[int]) -> dict[int, int]:
    """Return the accounts of experts: expert id → user id."""
    query = (
        select(Expert.id, Person.user_id)
        .join(Person, Person.id == Expert.person_id)
        .where(Expert.id.in_(list(experts)), Person.user_id.is_not(None))
    )
    return {expert: user for expert, user in session.execute(query) if user is not None}


def _give_positions(session: Session, plan: Plan, users: Iterable[int]) -> None:
    """Create the missing positions as judge of the committee for the accounts."""
    wanted = set(users)
    known = select(Position.user_id).where(
        Position.role == Role.JUDGE,
        Position.committee_id == plan.committee_id,
        Position.user_id.in_(wanted),
    )
    session.add_all(
        Position(user_id=user, role=Role.JUDGE, committee_id=plan.committee_id)
        for user in sorted(wanted - set(session.scalars(known)))
    )


def call_next(act: Act) -> None:
    """Call the next expert of the group of a vacated seat; notify the office when nobody is left.

    Experts who have left the pool or lost their account since the draw keep their place but are skipped; the
    log row contains their places.
    """
    session, free = act.session, act.record
    if free.draw_id is None:
        return
    draw, plan = session.get_one(Draw, free.draw_id), session.get_one(Plan, free.plan_id)
    passed_over: list[int] = []
    for seat in _next_seats(act, draw, plan, free.group_name):
        if _can_be_called(session, seat):
            _give_positions(session, plan, [seat.user_id])
            engine.fire(seat, "call", actor=act.actor, at=act.at)
            act.notes["followed_by"] = seat.place
            break
        passed_over.append(seat.place)
    else:
        act.notes["followed_by"] = None
        _tell_office(act, plan, "seat.none_left", group=free.group_name)
    if passed_over:
        act.notes["passed_over"] = passed_over


def _next_seats(act: Act, draw: Draw, plan: Plan, group: str) -> Iterator[Seat]:
    """Yield the alternates of a group by place, then the next experts by rank, each with a new seat."""
    waiting = select(Seat).where(
        Seat.draw_id == draw.id, Seat.group_name == group, Seat.state == SeatState.RESERVE
    )
    query = waiting.order_by(Seat.place).execution_options(populate_existing=True)
    yield from act.session.scalars(query).all()
    pool = draw_rules.read_pool(draw.pool)
    while entry := draw_rules.next_in_line(
        pool, str(draw.seed), group, _seated_tokens(act.session, draw)
    ):
        yield _list_expert(act, draw, plan, group, entry.token)


def _seated_tokens(session: Session, draw: Draw) -> list[str]:
    """Return the tokens of all experts who have a seat of the draw."""
    known = session.scalars(select(Seat.expert_id).where(Seat.draw_id == draw.id))
    return [draw_rules.token(draw.salt, expert) for expert in known if expert is not None]


def _list_expert(act: Act, draw: Draw, plan: Plan, group: str, token: str) -> Seat:
    """Create a seat with the next free place for an expert of the pool, not called yet."""
    session = act.session
    expert_id = draw_pool.experts_of(session, plan, draw.salt, [token])[token]
    last = session.scalar(select(func.max(Seat.place)).where(Seat.draw_id == draw.id)) or 0
    user_id = _account_ids(session, [expert_id])[expert_id]
    return _create_seat(act, draw, expert_id, user_id, group, last + 1, is_called=False)


def _can_be_called(session: Session, seat: Seat) -> bool:
    """Return whether the expert of a seat is still admitted to the pool and has an active account."""
    query = (
        select(Expert.id)
        .join(User, User.id == seat.user_id)
        .where(Expert.id == seat.expert_id, Expert.state == ExpertState.ADMITTED, User.active)
    )
    return session.scalar(query) is not None


def tell_judge(act: Act) -> None:
    """Notify the judge of a call or release, without other names; alternates never called get no message."""
    seat = act.record
    if act.notes.get("was_reserve"):
        return
    plan = act.session.get_one(Plan, seat.plan_id)
    outbox.queue_message(
        act.session,
        seat.user_id,
        "seat.release" if act.event == "release" else "seat.call",
        at=act.at,
        url=OWN_SEATS,
        plan=plan.name,
        opens=plan.opens_on.isoformat(),
        closes=plan.closes_on.isoformat(),
        place=plan.place,
    )


def note_reserve(act: Act) -> str | None:
    """Note in the act that the seat was an alternate who was never notified; never refuses."""
    if act.record.state is SeatState.RESERVE:
        act.notes["was_reserve"] = True
    return None


def _tell_office(act: Act, plan: Plan, template: str, **payload: str) -> None:
    """Notify the office of the committee; the message contains no judge's name."""
    committee = act.session.get_one(Committee, plan.committee_id)
    query = select(Position.user_id).where(
        Position.role == Role.OFFICE,
        Position.is_active,
        (Position.unit_id == committee.unit_id) | (Position.committee_id == committee.id),
    )
    for user_id in act.session.scalars(query.distinct()):
        outbox.queue_message(
            act.session, user_id, template, at=act.at, url=SEATS, plan=plan.name, **payload
        )
