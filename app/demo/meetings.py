"""Plan the meetings of the demonstration: plan, result, notice and filing, up to the stage in the story."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from app.demo.days import moment
from app.demo.journeys import ONE_DAY, Group, Journey
from app.demo.sittings import Sitting
from app.demo.world import World
from app.enums import (
    MeetingMode,
    NoticeKind,
    OverCap,
    PlanState,
    ReviewStep,
    Role,
)
from app.ground.actor import Actor
from app.models import Application, Certificate, Filing, Notice, Objection, Plan
from app.models.base import Base
from app.services.certificates import filings
from app.services.files import attached_files
from app.services.meeting import quorum
from app.services.results import results
from app.services.review import notices, objections

(
    REPORTED,
    RETURNED,
    APPROVED,
    ENTERED,
    CONCLUDED,
    IN_NOTICE,
    CLEAR,
    FILED,
    FILING_RETURNED,
    AGREED,
) = range(10)
"""Last stage that a meeting reaches; RETURNED and FILING_RETURNED are side branches."""
STEPS = [
    ReviewStep.MATERIAL_REVIEW,
    ReviewStep.MATERIAL_SCORE,
    ReviewStep.INTERVIEW,
    ReviewStep.OPINION,
    ReviewStep.VOTE,
]
ITEMS = [
    {"name": "业绩成果", "max": 100, "weight": 60, "step": "material_score"},
    {"name": "学术水平", "max": 100, "weight": 40, "step": "material_score"},
    {"name": "专业水平", "max": 100, "weight": 50, "step": "interview"},
    {"name": "答辩表现", "max": 100, "weight": 50, "step": "interview"},
]


@dataclass
class Meeting:
    """One meeting for the qualified applicants of `groups`. Days are working days of the story."""

    committee: str
    name: str
    groups: tuple[Group, ...]
    reported: int
    opens: int
    closes: int
    until: int
    passing: int = 0
    noticed: int = 0
    objected: str = ""
    mode: MeetingMode = MeetingMode.OFFLINE
    hrss: str = "hunan"
    revoked: bool = False
    corrected: bool = False
    members: int = 0
    seated: bool = True
    """Whether an online meeting already has its judges; otherwise they can still be drawn."""
    judged: bool = False

    @property
    def journeys(self) -> list[Journey]:
        wanted = ("qualified", "qualified_after_objection", "qualified_after_correction")
        return [one for group in self.groups for one in group.journeys if one.goal in wanted]


class MeetingPlanner:
    """Planner that schedules every step of one meeting in the world's agenda."""

    notice: Notice
    filing: Filing

    def __init__(self, world: World, meeting: Meeting) -> None:
        self.world = world
        self.meeting = meeting
        self.office = world.actor(Role.OFFICE, meeting.committee)
        self.hrss = world.actor(Role.HRSS, meeting.hrss)
        self.plan = self._plan()
        self.sitting = Sitting(world, self.plan, self.office)

    def lead(self) -> None:
        """Schedule all steps of the meeting."""
        world, meeting = self.world, self.meeting
        world.on(meeting.reported, 9, self._report)
        if meeting.until == RETURNED:
            world.on(meeting.reported + 1, 15, self._return)
        if meeting.until >= APPROVED:
            world.on(meeting.reported + 2, 15, self._agree)
        if meeting.until == APPROVED and self._is_seated():
            world.on(meeting.opens, 8, self.sitting.sign_in)
        if meeting.judged:
            world.on(meeting.opens - 1, 10, self.sitting.arrange_interviews)
            world.on(meeting.opens, 14, self.sitting.hear)
            world.on(meeting.opens, 15, self.sitting.judge)
        if meeting.until >= ENTERED:
            world.on(meeting.closes, 16, self._enter)
        if meeting.until >= CONCLUDED:
            world.on(meeting.closes + 1, 9, self._confirm)
        if meeting.until >= IN_NOTICE:
            self._plan_notice()
        if meeting.until >= FILED:
            self._plan_filing()

    def _plan(self) -> Plan:
        meeting, days = self.meeting, self.world.days
        committee = self.world.committees[meeting.committee]
        return Plan(
            name=meeting.name,
            committee_id=committee.id,
            mode=meeting.mode,
            opens_on=days.day(meeting.opens),
            closes_on=days.day(meeting.closes),
            place="长沙市芙蓉宾馆二楼会议室"
            if meeting.hrss == "hunan"
            else "市民服务中心三楼会议室",
            seats=meeting.members or committee.min_size,
            groups=[],
            steps=[step.value for step in STEPS],
            score_items=ITEMS,
            senior_cap=40,
            associate_cap=55,
            over_cap=OverCap.RANK,
            note="评审方案按年度批次报备。",
            created_at=days.at(meeting.reported),
        )

    def _report(self, at: datetime) -> None:
        applications = [one.application for one in self.meeting.journeys]
        self.plan.batch_id = applications[0].batch_id
        details = {"application_ids": [one.id for one in applications]}
        self.world.fire(self.plan, "report", self.office, at, details=details)

    def _return(self, at: datetime) -> None:
        why = "会议期间与全省统一的监督检查时间冲突，请调整日期后重新呈报"
        self.world.fire(self.plan, "return", self.hrss, at, opinion=why)

    def _agree(self, at: datetime) -> None:
        self.world.fire(self.plan, "agree", self.hrss, at)
        if self._is_seated():
            self.sitting.seat(at)

    def _is_seated(self) -> bool:
        return self.meeting.mode is MeetingMode.ONLINE and self.meeting.seated

    def _enter(self, at: datetime) -> None:
        members = self.plan.seats
        present = members - 1
        needed = quorum.votes_needed(present)
        votes = tuple(
            results.Votes(one.application.id, *self._counted(place, present, needed))
            for place, one in enumerate(self.meeting.journeys)
        )
        entry = results.Entry(members, present, self.plan.closes_on, votes, opinions_signed=True)
        self.world.fire(self.plan, "enter", self.office, at, details={"entry": entry})
        for kind in (results.RESULT_SHEET, results.OPINION_SHEET):
            self._attach(self.plan, kind, at)

    def _counted(self, place: int, present: int, needed: int) -> tuple[int, int, int]:
        """Return yes, no and abstained votes: the first `passing` candidates pass, others fail narrowly."""
        if place < self.meeting.passing:
            yes = min(present, needed + place % 2)
            return yes, present - yes, 0
        return needed - 1, present - needed, 1

    def _confirm(self, at: datetime) -> None:
        second = self.world.actor(Role.OFFICE, self.meeting.committee, second=True)
        self.world.fire(self.plan, "confirm", second, at)

    def _plan_notice(self) -> None:
        meeting, world = self.meeting, self.world
        world.on(meeting.noticed, 9, self._publish)
        if meeting.objected:
            world.on(meeting.noticed + 2, 14, self._object)
        if meeting.until >= CLEAR:
            end = world.days.day(meeting.noticed + 5)
            world.plan(moment(end + ONE_DAY), self._close_notice)

    def _publish(self, at: datetime) -> None:
        unit = self.world.session.get_one(Plan, self.plan.id).committee.unit
        self.notice = notices.draft(
            kind=NoticeKind.RESULT,
            starts_on=at.date(),
            at=at,
            title=f"{self.plan.committee.name}{at.year}年度评审结果公示",
            unit_id=unit.id,
            plan_id=self.plan.id,
            place="评委会组建单位网站",
            contact="监督电话",
            phone=unit.phone,
        )
        self.world.fire(self.notice, "open", self.office, at)

    def _close_notice(self, at: datetime) -> None:
        self.world.pass_time(self.notice, "close", at)

    def _object(self, at: datetime) -> None:
        application = self._first_passed()
        objection = objections.draft(
            notice=self.notice,
            application_id=application.id,
            content="反映其代表作论文与他人已发表文章多处雷同，请予核查。",
            received_at=at,
            author=self.world.invent().name,
            contact="13900000001",
        )
        objection.created_at = at
        self.world.fire(objection, "register", self.office, at)
        if self.meeting.objected == "upheld":
            self.world.on(self.meeting.noticed + 4, 16, partial(self._uphold, objection))

    def _uphold(self, objection: Objection, at: datetime) -> None:
        why = "经比对，论文主体内容与他人文章重复率超过规定，异议成立，取消评审结果。"
        self.world.fire(objection, "uphold_end", self.office, at, opinion=why)

    def _plan_filing(self) -> None:
        meeting, world = self.meeting, self.world
        day = meeting.noticed + 7
        world.on(day, 9, self._file)
        if meeting.until == FILING_RETURNED:
            world.on(day + 3, 10, self._return_filing)
        if meeting.until == AGREED:
            world.on(day + 2, 10, self._agree_filing)
        if meeting.revoked:
            world.on(day + 15, 10, self._revoke)
        if meeting.corrected:
            world.on(day + 15, 11, self._correct)

    def _file(self, at: datetime) -> None:
        self.filing = Filing(
            plan_id=self.plan.id,
            document_number=f"评委会〔{at.year}〕{self.plan.id}号",
            summary=f"应到评委{self.plan.members}人，实到{self.plan.present}人，按规定程序投票表决，结果已公示。",
            reported_at=at,
            created_at=at,
        )
        papers = {kind: self.world.drawer.sheet(kind) for kind in filings.PAPERS}
        self.world.fire(self.filing, "file", self.office, at, details=papers)

    def _return_filing(self, at: datetime) -> None:
        why = "会议纪要缺少主任委员签字，请补充后重新备案"
        self.world.fire(self.filing, "return", self.hrss, at, opinion=why)

    def _agree_filing(self, at: datetime) -> None:
        number = f"湘职改办〔{at.year}〕{100 + self.plan.id}号"
        self.world.fire(self.filing, "agree", self.hrss, at, details={"approval_number": number})

    def _revoke(self, at: datetime) -> None:
        why = "经查实，申报时提供虚假业绩证明，撤销其职称"
        details = {"decision_number": f"湘职改办决〔{at.year}〕3号"}
        self.world.fire(self._certificate(), "revoke", self.hrss, at, opinion=why, details=details)

    def _correct(self, at: datetime) -> None:
        why = "证书姓名中的字录入有误，予以更正"
        certificate = self._certificate()
        details = {
            "decision_number": f"湘职改办更〔{at.year}〕1号",
            "name": certificate.person.name,
        }
        self.world.fire(certificate, "correct", self.hrss, at, opinion=why, details=details)

    def _first_passed(self) -> Application:
        return self.meeting.journeys[0].application

    def _certificate(self) -> Certificate:
        query = self.world.session.query(Certificate)
        return query.filter_by(application_id=self._first_passed().id).one()

    def _attach(self, record: Base, kind: str, at: datetime) -> None:
        stored, name = self.world.drawer.sheet(kind)
        actor: Actor = self.office
        attached_files.attach(record, stored, kind, name, actor, at)


def sketch(world: World, committee: str) -> Plan:
    """Add a plan that its office has drafted but not yet reported."""
    plan = MeetingPlanner(
        world, Meeting(committee, "年度评审方案（草稿）", (), -1, 13, 14, REPORTED)
    ).plan
    plan.batch_id = world.batches[committee].id
    plan.state = PlanState.DRAFT
    added: Plan = world.add(plan)
    return added
