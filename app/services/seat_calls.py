"""Calling judges: those drawn, then the alternates in their order, then whoever follows in the record."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.enums import ExpertState, Role, SeatState
from app.models import Committee, Draw, Expert, Person, Plan, Position, Seat, User
from app.services import draw_pool, draw_rules, meeting_bounds, messages
from app.services.draw_rules import SEAT, Drawn
from app.workflow import engine
from app.workflow.engine import Act

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
    if session.scalar(attended) or meeting_bounds.has_round(session, plan_id):
        return gettext("The meeting has begun; its judges stay as they are.")
    return None


def seat_drawn(act: Act, draw: Draw, drawn: Sequence[Drawn]) -> None:
    """Make a seat for everybody drawn, in the order of the draw."""
    plan = act.session.get_one(Plan, draw.plan_id)
    experts = draw_pool.experts_of(act.session, plan, draw.salt, [one.token for one in drawn])
    accounts = _accounts(act.session, plan, experts.values())
    for place, one in enumerate(drawn, start=1):
        expert_id = experts[one.token]
        _seat(
            act, draw, expert_id, accounts[expert_id], one.group, place, is_called=one.kind == SEAT
        )


def _seat(
    act: Act, draw: Draw, expert_id: int, user_id: int, group: str, place: int, *, is_called: bool
) -> None:
    seat = Seat(
        plan_id=draw.plan_id,
        draw_id=draw.id,
        expert_id=expert_id,
        user_id=user_id,
        place=place,
        group_name=group,
    )
    engine.fire(seat, "draw" if is_called else "list", actor=act.actor, at=act.at)


def _accounts(session: Session, plan: Plan, experts: Iterable[int]) -> dict[int, int]:
    """Return expert → account, each with the position in which a judge works."""
    query = (
        select(Expert.id, Person.user_id)
        .join(Person, Person.id == Expert.person_id)
        .where(Expert.id.in_(list(experts)), Person.user_id.is_not(None))
    )
    accounts = {expert: user for expert, user in session.execute(query) if user is not None}
    _give_positions(session, plan, accounts.values())
    return accounts


def _give_positions(session: Session, plan: Plan, users: Iterable[int]) -> None:
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

    Who left the pool or lost the account since the draw is passed over; the log names the places.
    """
    free = act.record
    if free.draw_id is None:
        return
    waiting = select(Seat).where(
        Seat.draw_id == free.draw_id,
        Seat.group_name == free.group_name,
        Seat.state == SeatState.RESERVE,
    )
    query = waiting.order_by(Seat.place).execution_options(populate_existing=True)
    alternates = act.session.scalars(query).all()
    fit = _fit(act.session, [seat.expert_id for seat in alternates])
    passed_over = list(takewhile(lambda seat: seat.expert_id not in fit, alternates))
    if passed_over:
        act.notes["passed_over"] = [seat.place for seat in passed_over]
    if len(passed_over) == len(alternates):
        act.notes["followed_by"] = _call_beyond(act, free)
        return
    following = alternates[len(passed_over)]
    engine.fire(following, "call", actor=act.actor, at=act.at)
    act.notes["followed_by"] = following.place


def _fit(session: Session, experts: Iterable[int | None]) -> set[int]:
    """Return those of the experts who are in their pool still and can sign in."""
    query = (
        select(Expert.id)
        .join(Person, Person.id == Expert.person_id)
        .join(User, User.id == Person.user_id)
        .where(Expert.id.in_(list(experts)), Expert.state == ExpertState.ADMITTED, User.active)
    )
    return set(session.scalars(query))


def _call_beyond(act: Act, free: Seat) -> int | None:
    """Call the next of the record who has no seat yet, and return the place; None if there is nobody."""
    session = act.session
    draw, plan = session.get_one(Draw, free.draw_id), session.get_one(Plan, free.plan_id)
    known = session.execute(select(Seat.expert_id, Seat.place).where(Seat.draw_id == draw.id)).all()
    taken = [draw_rules.token(draw.salt, expert) for expert, _place in known if expert is not None]
    expert_id = _next_fit(session, plan, draw, free.group_name, taken)
    if expert_id is None:
        _tell_office(act, plan, "seat.none_left", group=free.group_name)
        return None
    user_id = _accounts(session, plan, [expert_id])[expert_id]
    place: int = max(place for _expert, place in known) + 1
    _seat(act, draw, expert_id, user_id, free.group_name, place, is_called=True)
    return place


def _next_fit(session: Session, plan: Plan, draw: Draw, group: str, taken: list[str]) -> int | None:
    """Return the next expert of the frozen pool, in the order of the draw, who can still be called."""
    pool = draw_rules.read_pool(draw.pool)
    while entry := draw_rules.next_in_line(pool, str(draw.seed), group, taken):
        expert_id = draw_pool.experts_of(session, plan, draw.salt, [entry.token])[entry.token]
        if _fit(session, [expert_id]):
            return expert_id
        taken.append(entry.token)
    return None


# messages: to the judge without other names, to the office without any


def tell_judge(act: Act) -> None:
    """Tell the judge of a call or a release, and how to answer; an alternate who was never called hears nothing."""
    seat = act.record
    if act.notes.get("was_reserve"):
        return
    plan = act.session.get_one(Plan, seat.plan_id)
    messages.tell(
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
        messages.tell(
            act.session, user_id, template, at=act.at, url=SEATS, plan=plan.name, **payload
        )
