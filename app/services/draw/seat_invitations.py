"""Calling judges: those drawn, then the alternates in their order, then whoever follows in the record."""

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
    """Make acts on one meeting's draw and seats wait for each other; the first lock of each of them."""
    session.execute(select(Plan.id).where(Plan.id == plan_id).with_for_update())


def begun(session: Session, plan_id: int) -> str | None:
    """Return why a draw is not undone any more: the meeting has begun with its first signature."""
    attended = select(func.count(Seat.id)).where(
        Seat.plan_id == plan_id, Seat.attended_at.is_not(None)
    )
    if session.scalar(attended) or round_lock.has_round(session, plan_id):
        return gettext("The meeting has begun; its judges stay as they are.")
    return None


def seat_drawn(act: Act, draw: Draw, drawn: Sequence[Drawn]) -> None:
    """Make a seat for everybody drawn, in the order of the draw."""
    plan = act.session.get_one(Plan, draw.plan_id)
    experts = draw_pool.experts_of(act.session, plan, draw.salt, [one.token for one in drawn])
    accounts = _accounts(act.session, experts.values())
    _give_positions(act.session, plan, accounts.values())
    for place, one in enumerate(drawn, start=1):
        expert_id = experts[one.token]
        _seat(
            act, draw, expert_id, accounts[expert_id], one.group, place, is_called=one.kind == SEAT
        )


def _seat(
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


def _accounts(session: Session, experts: Iterable[int]) -> dict[int, int]:
    """Return expert → account."""
    query = (
        select(Expert.id, Person.user_id)
        .join(Person, Person.id == Expert.person_id)
        .where(Expert.id.in_(list(experts)), Person.user_id.is_not(None))
    )
    return {expert: user for expert, user in session.execute(query) if user is not None}


def _give_positions(session: Session, plan: Plan, users: Iterable[int]) -> None:
    """Give the accounts the position in which a judge of the committee works."""
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
    """Call whoever follows in the group of the seat that became free; tell the office when nobody is left.

    Who left the pool or lost the account since the draw keeps the place and is passed over; the log names the
    places.
    """
    session, free = act.session, act.record
    if free.draw_id is None:
        return
    draw, plan = session.get_one(Draw, free.draw_id), session.get_one(Plan, free.plan_id)
    passed_over: list[int] = []
    for seat in _in_line(act, draw, plan, free.group_name):
        if _is_fit(session, seat):
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


def _in_line(act: Act, draw: Draw, plan: Plan, group: str) -> Iterator[Seat]:
    """Yield the alternates of a group by their place, then whoever follows in the record, listed as they come."""
    waiting = select(Seat).where(
        Seat.draw_id == draw.id, Seat.group_name == group, Seat.state == SeatState.RESERVE
    )
    query = waiting.order_by(Seat.place).execution_options(populate_existing=True)
    yield from act.session.scalars(query).all()
    pool = draw_rules.read_pool(draw.pool)
    while entry := draw_rules.next_in_line(pool, str(draw.seed), group, _taken(act.session, draw)):
        yield _list(act, draw, plan, group, entry.token)


def _taken(session: Session, draw: Draw) -> list[str]:
    """Return the tokens of everybody who has a place in the record of the draw."""
    known = session.scalars(select(Seat.expert_id).where(Seat.draw_id == draw.id))
    return [draw_rules.token(draw.salt, expert) for expert in known if expert is not None]


def _list(act: Act, draw: Draw, plan: Plan, group: str, token: str) -> Seat:
    """Give an expert of the record the next place, not called yet."""
    session = act.session
    expert_id = draw_pool.experts_of(session, plan, draw.salt, [token])[token]
    last = session.scalar(select(func.max(Seat.place)).where(Seat.draw_id == draw.id)) or 0
    user_id = _accounts(session, [expert_id])[expert_id]
    return _seat(act, draw, expert_id, user_id, group, last + 1, is_called=False)


def _is_fit(session: Session, seat: Seat) -> bool:
    """Return whether the expert of a seat is in the pool still and can sign in."""
    query = (
        select(Expert.id)
        .join(User, User.id == seat.user_id)
        .where(Expert.id == seat.expert_id, Expert.state == ExpertState.ADMITTED, User.active)
    )
    return session.scalar(query) is not None


# messages: to the judge without other names, to the office without any


def tell_judge(act: Act) -> None:
    """Tell the judge of a call or a release, and how to answer; an alternate who was never called hears nothing."""
    seat = act.record
    if act.notes.get("was_reserve"):
        return
    plan = act.session.get_one(Plan, seat.plan_id)
    outbox.tell(
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
    """Remember that nobody was ever told of this seat."""
    if act.record.state is SeatState.RESERVE:
        act.notes["was_reserve"] = True
    return None


def _tell_office(act: Act, plan: Plan, template: str, **payload: str) -> None:
    committee = act.session.get_one(Committee, plan.committee_id)
    query = select(Position.user_id).where(
        Position.role == Role.OFFICE,
        Position.is_active,
        (Position.unit_id == committee.unit_id) | (Position.committee_id == committee.id),
    )
    for user_id in act.session.scalars(query.distinct()):
        outbox.tell(act.session, user_id, template, at=act.at, url=SEATS, plan=plan.name, **payload)
