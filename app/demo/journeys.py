"""Plan the way of a group of applicants up to the committee: who acts on which working day of the story."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from app.demo import dossiers
from app.demo.days import moment
from app.demo.register import LEADER
from app.demo.world import World
from app.enums import ApplyMode, Employment, Level, NoticeKind, Role
from app.ground.actor import Actor
from app.models import Application, Correction, Notice, Objection, Person
from app.services.form import form_definition
from app.services.ground import numbering
from app.services.review import first_checks, notices, objections, route_tree

ONE_DAY = timedelta(days=1)
DRAFT, SUBMITTED, CHECKED, IN_NOTICE, OVER, REPORTED, AT_OFFICE, QUALIFIED = range(8)
"""Stages of the regular procedure; each includes those before it."""
GOALS = {
    "draft": DRAFT, "discarded": DRAFT,
    "at_unit": SUBMITTED, "returned": SUBMITTED, "ended_by_unit": SUBMITTED, "withdrawn": SUBMITTED,
    "resubmitted": SUBMITTED,
    "checked": CHECKED,
    "in_notice": IN_NOTICE, "disputed": IN_NOTICE, "notice_cancelled": IN_NOTICE,
    "notice_over": OVER,
    "at_superior": REPORTED, "returned_by_superior": REPORTED, "ended_by_superior": REPORTED,
    "at_office": AT_OFFICE, "in_correction": AT_OFFICE, "corrected": AT_OFFICE, "lapsed": AT_OFFICE,
    "ended_by_office": AT_OFFICE,
    "qualified": QUALIFIED, "qualified_after_objection": QUALIFIED, "qualified_after_correction": QUALIFIED,
}  # fmt: skip
"""Goal of a journey → the last stage of the regular procedure that it reaches."""
RETURNED = {"sections": {"achievements": "第一项业绩的完成情况过于简略，请补充数据和证明"}}
WHY_RETURNED = "业绩材料不完整，请补充后重新提交"
ITEMS = [{"section": "education", "text": "学历认证报告页面模糊，请重新上传清晰的扫描件"}]
RECOMMENDATION = "经审核，该同志申报材料真实完整，符合申报条件，公示无异议，同意推荐。"


@dataclass
class Journey:
    """One applicant's application and the goal it is to reach."""

    goal: str
    applicant: Actor
    person: Person
    application: Application = field(init=False)


@dataclass
class Group:
    """Applicants of one unit who submit on the same working day `start` and share one notice."""

    committee: str
    unit: str
    level: Level
    specialties: tuple[str, ...]
    start: int
    goals: tuple[str, ...]
    passed: int = 0
    batch: str = ""
    journeys: list[Journey] = field(default_factory=list)

    def reaching(self, stage: int) -> list[Journey]:
        return [one for one in self.journeys if GOALS[one.goal] >= stage]

    @property
    def applications(self) -> list[Application]:
        return [one.application for one in self.journeys]


JourneyStep = Callable[[Journey, datetime], object]
"""One step of a journey: performs it at the given time."""


class JourneyPlanner:
    """Planner that schedules every step of a group in the world's agenda."""

    notice: Notice

    def __init__(self, world: World, group: Group) -> None:
        self.world = world
        self.group = group
        self.unit = world.actor(Role.UNIT, group.unit)
        self.office = world.actor(Role.OFFICE, group.committee)
        self.superiors: list[Actor] = []

    def lead(self) -> None:
        """Schedule all steps of the group and create its journeys."""
        start = self.group.start
        for number, goal in enumerate(self.group.goals):
            self._begin(number, goal)
        self._each(SUBMITTED, start, 15, self._submit)
        self._each(CHECKED, start + 1, 9, self._check)
        self._ends(
            start + 1,
            10,
            {
                "returned": self._return,
                "resubmitted": self._return,
                "ended_by_unit": self._end,
                "withdrawn": self._withdraw,
            },
        )
        self._ends(start, 17, {"discarded": self._discard})
        self._ends(start + 1, 16, {"resubmitted": self._resubmit})
        if self.group.reaching(IN_NOTICE):
            self._plan_notice(start + 2)
        self._each(REPORTED, start + 8, 9, self._report)
        self._plan_superiors(start + 9)

    def _begin(self, number: int, goal: str) -> None:
        world, group = self.world, self.group
        employment = Employment.PUBLIC_POST
        if not world.units[group.unit].kind.needs_quota:
            employment = Employment.ENTERPRISE
        person = world.add_person(world.invent(), group.unit, employment)
        user = world.add_account(f"applicant{next(world.applicants):02d}", person.name, person)
        position = world.add_position(user, Role.APPLICANT)
        applicant = replace(world.actor_of(position), person_id=person.id)
        journey = Journey(goal, applicant, person)
        group.journeys.append(journey)
        world.on(group.start, 9, partial(self._open, journey, number), minute=number)

    def _application(self, person: Person, number: int) -> Application:
        group, world = self.group, self.world
        committee, batch = (
            world.committees[group.committee],
            world.batches[group.batch or group.committee],
        )
        return Application(
            person_id=person.id,
            name=person.name,
            batch_id=batch.id,
            committee_id=committee.id,
            review_year=batch.review_year,
            unit_id=world.units[group.unit].id,
            region_code=world.units[group.unit].region_code,
            mode=ApplyMode.NORMAL,
            series_code=committee.series_code,
            level=group.level,
            title_code=world.title_code(committee.series_code, group.level),
            specialty_code=group.specialties[number % len(group.specialties)],
            form_version=form_definition.newest_version(world.session),
        )

    def _open(self, journey: Journey, number: int, at: datetime) -> None:
        world = self.world
        journey.application = application = self._application(journey.person, number)
        application.number = numbering.application_number(world.session, application.review_year)
        application.created_at = at
        world.fire(application, "begin", journey.applicant, at)
        if GOALS[journey.goal] == DRAFT:
            dossiers.begin_filling(world, application, at)
        else:
            dossiers.fill(world, application, at)

    def _submit(self, journey: Journey, at: datetime) -> None:
        self.world.fire(journey.application, "submit", journey.applicant, at)

    def _withdraw(self, journey: Journey, at: datetime) -> None:
        self.world.fire(
            journey.application, "give_up", journey.applicant, at, opinion="工作调动，今年不再申报"
        )

    def _discard(self, journey: Journey, at: datetime) -> None:
        self.world.fire(journey.application, "discard", journey.applicant, at)

    def _resubmit(self, journey: Journey, at: datetime) -> None:
        dossiers.correct(journey.application, "achievements", journey.applicant, at)
        self.world.fire(journey.application, "resubmit", journey.applicant, at)

    def _answer(self, journey: Journey, at: datetime) -> None:
        self.world.fire(journey.application, "answer_correction", journey.applicant, at)

    def _check(self, journey: Journey, at: datetime) -> None:
        checked = list(first_checks.sections_of(journey.application))
        self.world.fire(
            journey.application,
            "check_pass",
            self.unit,
            at,
            details={"checked": checked, "leader": LEADER},
        )

    def _return(self, journey: Journey, at: datetime) -> None:
        self.world.fire(
            journey.application,
            "check_return",
            self.unit,
            at,
            opinion=WHY_RETURNED,
            details=RETURNED,
        )

    def _end(self, journey: Journey, at: datetime) -> None:
        why = "近三年内有年度考核不合格记录，不符合申报条件"
        self.world.fire(journey.application, "check_end", self.unit, at, opinion=why)

    def _plan_notice(self, day: int) -> None:
        world = self.world
        world.on(day, 9, self._publish)
        objected = [
            one
            for one in self.group.journeys
            if one.goal in ("disputed", "qualified_after_objection")
        ]
        for one in objected:
            world.on(day + 3, 14, partial(self._object, one))
        if any(one.goal == "notice_cancelled" for one in self.group.journeys):
            world.on(day + 1, 15, self._cancel_notice)
        elif self.group.reaching(OVER):
            world.plan(self._morning_after(day + 5), self._close_notice)

    def _publish(self, at: datetime) -> None:
        world = self.world
        self.notice = notices.draft(
            kind=NoticeKind.UNIT,
            starts_on=at.date(),
            at=at,
            title=f"{at.year}年度职称申报人员公示",
            unit_id=world.units[self.group.unit].id,
            place="单位公告栏、单位网站",
            contact="纪检监察室",
            phone=world.units[self.group.unit].phone,
        )
        ids = [one.application.id for one in self.group.reaching(IN_NOTICE)]
        world.fire(self.notice, "open", self.unit, at, details={"application_ids": ids})

    def _close_notice(self, at: datetime) -> None:
        self.world.pass_time(self.notice, "close", at)

    def _cancel_notice(self, at: datetime) -> None:
        why = "公示名单中单位名称有误，更正后重新公示"
        self.world.fire(self.notice, "cancel", self.unit, at, opinion=why)

    def _object(self, journey: Journey, at: datetime) -> None:
        objection = objections.draft(
            notice=self.notice,
            application_id=journey.application.id,
            content="反映其申报的第一项业绩并非本人主持完成，请予核实。",
            received_at=at,
            author=self.world.invent().name,
            contact="13900000000",
        )
        objection.created_at = at
        self.world.fire(objection, "register", self.unit, at)
        if journey.goal == "qualified_after_objection":
            self.world.plan(
                self.world.days.at(self.group.start + 6, 16), partial(self._reject, objection)
            )

    def _reject(self, objection: Objection, at: datetime) -> None:
        why = "经查阅立项书和验收材料并询问项目组成员，该项目由本人主持，异议不成立。"
        self.world.fire(objection, "reject", self.unit, at, opinion=why)

    def _report(self, journey: Journey, at: datetime) -> None:
        details = {
            "recommendation": RECOMMENDATION,
            "leader": LEADER,
            "proof": self.world.drawer.sheet("notice_proof"),
        }
        self.world.fire(journey.application, "report", self.unit, at, details=details)

    def _plan_superiors(self, day: int) -> None:
        group, world = self.group, self.world
        if not group.reaching(REPORTED):
            return
        route = route_tree.route_for(
            world.units[group.unit].id, world.committees[group.committee].id, group.level
        )
        keys = {unit.id: key for key, unit in world.units.items()}
        self.superiors = [world.actor(Role.SUPERIOR, keys[unit_id]) for unit_id in route]
        endings = {
            "returned_by_superior": self._return_from_above,
            "ended_by_superior": self._end_from_above,
        }
        self._ends(day, 11, endings)
        for place in range(len(self.superiors)):
            step = partial(self._pass, place)
            self._each(AT_OFFICE, day + place, 14, step)
            if place < group.passed:
                self._ends(day + place, 14, {"at_superior": step})
        self._plan_office(day + len(self.superiors) + 1)

    def _pass(self, place: int, journey: Journey, at: datetime) -> None:
        self.world.fire(journey.application, "superior_pass", self.superiors[place], at)

    def _return_from_above(self, journey: Journey, at: datetime) -> None:
        self.world.fire(
            journey.application,
            "superior_return",
            self.superiors[0],
            at,
            opinion=WHY_RETURNED,
            details=RETURNED,
        )

    def _end_from_above(self, journey: Journey, at: datetime) -> None:
        why = "申报专业与现岗位不一致，不符合申报条件"
        self.world.fire(journey.application, "superior_end", self.superiors[0], at, opinion=why)

    def _plan_office(self, day: int) -> None:
        asked = dict.fromkeys(
            ("in_correction", "corrected", "lapsed", "qualified_after_correction"), self._ask
        )
        self._ends(day, 9, asked | {"ended_by_office": self._refuse})
        self._ends(
            day + 2, 16, {"corrected": self._answer, "qualified_after_correction": self._answer}
        )
        self._ends(
            day, 10, dict.fromkeys(("qualified", "qualified_after_objection"), self._qualify)
        )
        self._ends(day + 3, 10, {"qualified_after_correction": self._qualify})

    def _ask(self, journey: Journey, at: datetime) -> None:
        why = "请在期限内一次补齐以下材料"
        self.world.fire(
            journey.application,
            "ask_correction",
            self.office,
            at,
            opinion=why,
            details={"items": ITEMS},
        )
        if journey.goal == "lapsed":
            asked = (
                self.world.session.query(Correction)
                .filter_by(application_id=journey.application.id)
                .one()
            )
            lapse = partial(self.world.pass_time, journey.application, "lapse")
            self.world.plan(moment(asked.deadline + ONE_DAY), lapse)

    def _refuse(self, journey: Journey, at: datetime) -> None:
        why = "任现职年限截至规定日期不满五年，不符合申报条件"
        self.world.fire(journey.application, "office_refuse", self.office, at, opinion=why)

    def _qualify(self, journey: Journey, at: datetime) -> None:
        self.world.fire(journey.application, "office_pass", self.office, at)

    def _each(self, stage: int, day: int, hour: int, step: JourneyStep) -> None:
        for number, journey in enumerate(self.group.reaching(stage)):
            self.world.on(day, hour, partial(step, journey), minute=number)

    def _ends(self, day: int, hour: int, steps: Mapping[str, JourneyStep]) -> None:
        for number, journey in enumerate(self.group.journeys):
            if journey.goal in steps:
                self.world.on(day, hour, partial(steps[journey.goal], journey), minute=20 + number)

    def _morning_after(self, day: int) -> datetime:
        """Return a time shortly after midnight on the day after a working day of the story."""
        return moment(self.world.days.day(day) + ONE_DAY)
