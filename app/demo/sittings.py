"""Work in online meetings of the demonstration: judges seated and signed in, interviews, scores, opinions."""

from collections.abc import Sequence
from datetime import datetime, time
from itertools import islice

from sqlalchemy import select

from app.demo.world import World
from app.enums import ApplicationState, Role, SeatRole
from app.ground.actor import Actor
from app.models import Application, Expert, Interview, Person, Plan, Position, Seat
from app.services.interviews import interviews
from app.services.interviews.interviews import Wanted
from app.services.judging import assessments, opinions
from app.services.meeting.score_sheet import SCORED

ROLES = (SeatRole.CHAIR, SeatRole.VICE)
OPINION = "业绩成果突出，论文与申报专业相符，评议组同意推荐。"
ROOM, MINUTES = "第一答辩室", 15
SCORING = 3
"""Number of judges who have submitted their sheets on each candidate."""


class Sitting:
    """Judges of one online meeting and their acts."""

    def __init__(self, world: World, plan: Plan, office: Actor) -> None:
        self.world, self.plan, self.office = world, plan, office

    def seat(self, at: datetime) -> None:
        """Seat the committee's judges in order of their accounts; all accept by telephone."""
        for place, position in enumerate(self._judges()[: self.plan.seats]):
            seat = Seat(
                plan_id=self.plan.id,
                user_id=position.user_id,
                expert_id=self._expert_id(position),
                place=place + 1,
                role=ROLES[place] if place < len(ROLES) else SeatRole.MEMBER,
            )
            self.world.fire(seat, "draw", self.office, at)
            self.world.fire(seat, "accept", self.office, at)

    def sign_in(self, at: datetime) -> None:
        """Sign in all judges but the last one."""
        for actor, seat in self._sitting()[:-1]:
            self.world.fire(seat, "attend", actor, at)

    def arrange_interviews(self, at: datetime) -> None:
        """Assign every candidate a slot by lot on the first morning and send the notices."""
        wanted = Wanted(ROOM, self.plan.opens_on, time(9), time(12), MINUTES)
        interviews.generate(self.world.session, self.plan, wanted, actor=self.office, at=at)
        for interview in self._interviews():
            self.world.fire(interview, "send", self.office, at)

    def hear(self, at: datetime) -> None:
        """Record that every candidate attended the interview."""
        for interview in self._interviews():
            self.world.fire(interview, "hold", self.office, at)

    def judge(self, at: datetime) -> None:
        """Have the first judges submit material and interview scores and sign the opinions."""
        at_work = [actor for actor, _seat in self._sitting()]
        for case in self._cases():
            scored = (actor for actor in at_work if self._score(case, actor, at))
            self._sign(case, list(islice(scored, SCORING)), at)

    def _score(self, case: Application, actor: Actor, at: datetime) -> bool:
        """Submit one judge's sheets; return False if the judge is recused from the candidate."""
        session = self.world.session
        if assessments.seat_for(session, case, actor) is None:
            return False
        spread = (case.id * 7 + (actor.user_id or 0)) % 20
        points = {one["name"]: one["max"] - spread for one in self.plan.score_items}
        for step in SCORED:
            sheet = assessments.save_draft(case, step, points, actor=actor, at=at)
            self.world.fire(sheet, "submit", actor, at)
        return True

    def _sign(self, case: Application, actors: Sequence[Actor], at: datetime) -> None:
        if not actors:
            return
        opinion = opinions.begin(case, OPINION, actor=actors[0], at=at)
        for actor in actors[1:]:
            details = {"read": opinions.digest(opinion.text)}
            self.world.fire(opinion, "sign", actor, at, details=details)

    def _judges(self) -> list[Position]:
        return [
            position
            for (_name, role), position in sorted(self.world.positions.items())
            if role is Role.JUDGE and position.committee_id == self.plan.committee_id
        ]

    def _sitting(self) -> list[tuple[Actor, Seat]]:
        seats = self.world.session.scalars(
            select(Seat).where(Seat.plan_id == self.plan.id).order_by(Seat.place)
        )
        of_user = {one.user_id: one for one in self._judges()}
        return [(self.world.actor_of(of_user[seat.user_id]), seat) for seat in seats]

    def _interviews(self) -> Sequence[Interview]:
        query = select(Interview).where(Interview.plan_id == self.plan.id)
        return self.world.session.scalars(query.order_by(Interview.starts_at)).all()

    def _cases(self) -> Sequence[Application]:
        query = select(Application).where(
            Application.plan_id == self.plan.id, Application.state == ApplicationState.IN_REVIEW
        )
        return self.world.session.scalars(query.order_by(Application.id)).all()

    def _expert_id(self, position: Position) -> int | None:
        query = (
            select(Expert.id)
            .join(Person, Person.id == Expert.person_id)
            .where(
                Person.user_id == position.user_id,
                Expert.committee_id == self.plan.committee_id,
            )
        )
        return self.world.session.scalars(query.limit(1)).first()
