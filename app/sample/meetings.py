"""Write the sample's plans, notices and filings, each when the first application needs it."""

import json
from dataclasses import dataclass, field

from app.enums import (
    ApplicationState,
    FilingState,
    MeetingMode,
    NoticeKind,
    NoticeState,
    OverCap,
    PlanState,
    ReviewStep,
)
from app.sample.province import SIZES, Jury, Leaf, Province
from app.sample.times import Year
from app.sample.writer import Writer

REVIEW, PASSED, NOTICE, CLEAR, FILING, DONE = range(6)
"""Phase of a meeting; candidates in different states belong to different meetings."""
PHASE = {
    ApplicationState.IN_REVIEW: REVIEW,
    ApplicationState.PASSED: PASSED,
    ApplicationState.FAILED: DONE,
    ApplicationState.IN_RESULT_NOTICE: NOTICE,
    ApplicationState.RESULT_DISPUTED: NOTICE,
    ApplicationState.RESULT_CLEAR: CLEAR,
    ApplicationState.CANCELLED: CLEAR,
    ApplicationState.IN_FILING: FILING,
    ApplicationState.CERTIFIED: DONE,
    ApplicationState.REVOKED: DONE,
}
STEPS = json.dumps([ReviewStep.OPINION.value, ReviewStep.VOTE.value])
MEETS, VOTED, NOTICED, NOTICE_ENDS, FILED, AGREED = 100, 101, 105, 113, 118, 125
"""Dates of a meeting's steps, in days after the first day of the batch."""
AHEAD = 160
"""Day of a future meeting, or of the end of a running notice."""


@dataclass(frozen=True)
class Sitting:
    """One meeting: plan, notice if any, number present, approval number of its filing."""

    plan: int
    notice: int | None
    present: int
    approval: str


@dataclass
class Meetings:
    """Cache that finds or creates the meeting and the unit notice that an application belongs to."""

    writer: Writer
    province: Province
    sittings: dict[tuple[int, int, int], Sitting] = field(default_factory=dict)
    hangings: dict[tuple[int, int, bool], int] = field(default_factory=dict)

    def sitting(self, jury: Jury, year: Year, state: ApplicationState) -> Sitting:
        phase = PHASE[state]
        key = (jury.id, year.number, phase)
        if key not in self.sittings:
            self.sittings[key] = self._meet(jury, year, phase)
        return self.sittings[key]

    def hanging(self, leaf: Leaf, year: Year, is_running: bool) -> int:
        """Return the id of the unit's notice that names its applications, running or over."""
        key = (leaf.id, year.number, is_running)
        if key not in self.hangings:
            days = (year.day(148), year.day(AHEAD)) if is_running else (year.day(40), year.day(48))
            self.hangings[key] = self._notice(
                NoticeKind.UNIT, leaf.id, None, days, is_running, year
            )
        return self.hangings[key]

    def _meet(self, jury: Jury, year: Year, phase: int) -> Sitting:
        members = SIZES[jury.tier]
        state = PlanState.APPROVED if phase == REVIEW else PlanState.CONCLUDED
        has_voted = phase > REVIEW
        opens, voted = (MEETS, VOTED) if has_voted else (AHEAD, AHEAD + 1)
        plan = self.writer.add(
            "plan", f"{year.number}年度{jury.name}评审方案{phase + 1}", jury.id,
            self.province.batches[jury.id, year.number], MeetingMode.OFFLINE.value, year.day(opens),
            year.day(voted), "会议中心", members, "[]", STEPS, "[]", 40, 55, OverCap.RANK.value, "",
            year.stamps[70], members if has_voted else None, members - 1 if has_voted else None,
            year.day(voted) if has_voted else None, state.value, 4, year.stamps[70],
        )  # fmt: skip
        notice = None
        if phase >= NOTICE:
            is_running = phase == NOTICE
            days = (
                (year.day(148), year.day(AHEAD))
                if is_running
                else (year.day(NOTICED), year.day(NOTICE_ENDS))
            )
            notice = self._notice(NoticeKind.RESULT, jury.unit, plan, days, is_running, year)
        return Sitting(plan, notice, members - 1, self._file(plan, year, phase))

    def _file(self, plan: int, year: Year, phase: int) -> str:
        """Write the filing of a meeting and return its approval number."""
        if phase < FILING:
            return ""
        is_agreed = phase == DONE
        approval = f"湘职改办〔{year.number}〕{plan}号" if is_agreed else ""
        state = FilingState.AGREED if is_agreed else FilingState.REPORTED
        self.writer.add(
            "filing", plan, f"评委会〔{year.number}〕{plan}号", "按规定程序投票表决，结果已公示。",
            year.stamps[FILED], approval, state.value, 1, year.stamps[FILED],
        )  # fmt: skip
        return approval

    def _notice(
        self,
        kind: NoticeKind,
        unit: int,
        plan: int | None,
        days: tuple[str, str],
        is_running: bool,
        year: Year,
    ) -> int:
        state = NoticeState.RUNNING if is_running else NoticeState.OVER
        return self.writer.add(
            "notice", kind.value, f"{year.number}年度职称评审公示", unit, plan, "单位公告栏", "人事科",
            "0731-80000000", *days, state.value, 1, year.stamps[148 if is_running else 40],
        )  # fmt: skip
