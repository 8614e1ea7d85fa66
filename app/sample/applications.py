"""Write the sample's applications in all states, with the rows that belong to each state."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from app.enums import (
    ApplicationState,
    ApplyMode,
    CertificateState,
    CorrectionState,
    ObjectionState,
    QuotaKind,
    QuotaState,
)
from app.ground import crypto
from app.sample import timelines
from app.sample.meetings import AGREED, PHASE, VOTED, Meetings, Sitting
from app.sample.people import People
from app.sample.province import Jury, Leaf, Province
from app.sample.times import Year, end_stamp
from app.sample.writer import Writer
from app.services.certificates.certificates import SERIAL_DIGITS, check_character
from app.services.meeting.quorum import votes_needed

NOW = {
    ApplicationState.DRAFT: 7, ApplicationState.DISCARDED: 1, ApplicationState.AT_UNIT: 8, ApplicationState.RETURNED: 3, ApplicationState.CHECKED: 3, ApplicationState.IN_NOTICE: 6, ApplicationState.DISPUTED: 1, ApplicationState.NOTICE_OVER: 4,
    ApplicationState.AT_SUPERIOR: 12, ApplicationState.AT_OFFICE: 8, ApplicationState.IN_CORRECTION: 2, ApplicationState.CORRECTED: 1, ApplicationState.QUALIFIED: 8, ApplicationState.IN_REVIEW: 6,
    ApplicationState.PASSED: 2, ApplicationState.FAILED: 6, ApplicationState.IN_RESULT_NOTICE: 3, ApplicationState.RESULT_DISPUTED: 1, ApplicationState.RESULT_CLEAR: 2, ApplicationState.IN_FILING: 3,
    ApplicationState.CERTIFIED: 6, ApplicationState.ENDED: 3, ApplicationState.LAPSED: 1, ApplicationState.CANCELLED: 1, ApplicationState.WITHDRAWN: 1, ApplicationState.REVOKED: 1,
}  # fmt: skip
THEN = {
    ApplicationState.CERTIFIED: 58, ApplicationState.FAILED: 25, ApplicationState.ENDED: 8, ApplicationState.LAPSED: 2, ApplicationState.CANCELLED: 1, ApplicationState.WITHDRAWN: 5, ApplicationState.REVOKED: 1,
}  # fmt: skip
"""Percent of applications in each state, for the running year and for a past one."""
WITH_APPLICANT = frozenset(
    {ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.IN_CORRECTION}
)
WITH_UNIT = frozenset(
    {
        ApplicationState.AT_UNIT,
        ApplicationState.CHECKED,
        ApplicationState.IN_NOTICE,
        ApplicationState.DISPUTED,
        ApplicationState.NOTICE_OVER,
    }
)
WITH_NOBODY = frozenset(
    {
        ApplicationState.FAILED, ApplicationState.CERTIFIED, ApplicationState.ENDED, ApplicationState.LAPSED, ApplicationState.CANCELLED, ApplicationState.WITHDRAWN, ApplicationState.DISCARDED, ApplicationState.REVOKED,
    }
)  # fmt: skip
BELOW_OFFICE = (
    WITH_APPLICANT
    | WITH_UNIT
    | {
        ApplicationState.AT_SUPERIOR,
        ApplicationState.ENDED,
        ApplicationState.WITHDRAWN,
        ApplicationState.DISCARDED,
    }
    - {ApplicationState.IN_CORRECTION}
)
UNFROZEN = frozenset(
    {
        ApplicationState.DRAFT,
        ApplicationState.DISCARDED,
        ApplicationState.AT_UNIT,
        ApplicationState.RETURNED,
        ApplicationState.CHECKED,
        ApplicationState.WITHDRAWN,
    }
)
CORRECTIONS = {
    ApplicationState.IN_CORRECTION: CorrectionState.OPEN,
    ApplicationState.CORRECTED: CorrectionState.ANSWERED,
    ApplicationState.LAPSED: CorrectionState.MISSED,
}
PASSING = frozenset(PHASE) - {ApplicationState.FAILED, ApplicationState.IN_REVIEW}
ITEMS = '[{"section": "education", "text": "学历认证报告页面模糊，请重新上传"}]'
RECOMMENDED = "材料真实完整，公示无异议，同意推荐。"
DAYS = 30
"""Length of the period of submission, in days."""


@dataclass
class ApplicationWriter:
    """Writer of applications that keeps the running numbers."""

    writer: Writer
    random: Random
    province: Province
    people: People
    meetings: Meetings
    form_version: int
    region: str
    numbers: Counter[str] = field(default_factory=Counter)
    asked: dict[tuple[int, str, str], list[int]] = field(default_factory=dict)

    def write(self, place: int, year: Year, state: ApplicationState) -> None:
        """Write the application in `year` of the person at index `place`, with the rows its state requires."""
        people, leaf = self.people, self.people.leaves[place]
        level = people.levels[place]
        jury = self.province.jury(leaf, level)
        route = self.province.route(leaf, jury)
        if state is ApplicationState.AT_SUPERIOR and not route:
            state = ApplicationState.AT_OFFICE
        position = (
            self.random.randint(1, len(route))
            if state is ApplicationState.AT_SUPERIOR
            else len(route)
        )
        if state in BELOW_OFFICE and state is not ApplicationState.AT_SUPERIOR:
            position = 0
        sitting = self.meetings.sitting(jury, year, state) if state in PHASE else None
        day = self.random.randrange(DAYS)
        copied = self._copied(place, leaf, jury, level)
        holder, due = self._holder(state, leaf, jury, route, position, year)
        key = self.writer.add(
            "application", self._number(year), people.id_of(place),
            self.province.batches[jury.id, year.number], year.number, ApplyMode.NORMAL.value,
            self.form_version, state.value, holder, *copied, *self._moments(state, day, due, year), position,
            "" if state in UNFROZEN else RECOMMENDED, "{}", 1, year.stamps[day], 1,
            sitting.plan if sitting else None, None if state is ApplicationState.DRAFT else int(place % 7 == 0), 1, year.stamps[day],
        )  # fmt: skip
        self._steps(key, route, position, state, day, year)
        self._about(key, state, leaf, year, day)
        if sitting:
            self._judged(key, place, state, sitting, copied, jury, year)
        if year.is_current:
            timelines.write(self.writer, key, state, route, position, day, year)
        if year.is_current and leaf.needs_quota:
            line = self.asked.setdefault((leaf.id, level, people.specialties[place]), [0, 0])
            line[0] += 1
            line[1] += state is ApplicationState.CERTIFIED

    def _number(self, year: Year) -> str:
        name = f"application:{year.number}"
        self.numbers[name] += 1
        return f"{year.number:04d}{self.numbers[name]:09d}"

    def _copied(self, place: int, leaf: Leaf, jury: Jury, level: str) -> tuple[Any, ...]:
        title = self.province.titles[leaf.series, level]
        return (
            self.people.names[place], leaf.id, leaf.region, jury.id, leaf.series, level, title,
            self.people.specialties[place],
        )  # fmt: skip

    def _holder(
        self,
        state: ApplicationState,
        leaf: Leaf,
        jury: Jury,
        route: tuple[int, ...],
        position: int,
        year: Year,
    ) -> tuple[int | None, str | None]:
        """Return the unit that holds the application and its due date."""
        _first, apply_end, resubmit_end, unit_end, superior_end, office_end = year.deadlines
        if state in WITH_NOBODY:
            return None, None
        if state in WITH_APPLICANT:
            return None, end_stamp(apply_end if state is ApplicationState.DRAFT else resubmit_end)
        if state in WITH_UNIT:
            return leaf.id, end_stamp(unit_end)
        if state is ApplicationState.AT_SUPERIOR:
            return route[position - 1], end_stamp(superior_end)
        is_checked = state not in (ApplicationState.AT_OFFICE, ApplicationState.CORRECTED)
        return jury.unit, None if is_checked else end_stamp(office_end)

    @staticmethod
    def _moments(
        state: ApplicationState, day: int, due: str | None, year: Year
    ) -> tuple[str | None, ...]:
        """Return its times: held since, due, submitted, frozen, with the committee since."""
        stamps = year.stamps
        return (
            None if state in WITH_NOBODY else stamps[day + 60],
            due,
            None
            if state in (ApplicationState.DRAFT, ApplicationState.DISCARDED)
            else stamps[day + 1],
            None if state in UNFROZEN else stamps[day + 10],
            None if state in BELOW_OFFICE else stamps[day + 50],
        )

    def _steps(
        self,
        key: int,
        route: tuple[int, ...],
        position: int,
        state: ApplicationState,
        day: int,
        year: Year,
    ) -> None:
        if not position:
            return
        waits = state is ApplicationState.AT_SUPERIOR
        for place, unit in enumerate(route, start=1):
            arrived = year.stamps[day + 20 + 10 * place] if place <= position else None
            has_passed = place < position or (place == position and not waits)
            passed = year.stamps[day + 25 + 10 * place] if has_passed else None
            self.writer.add("route_step", key, place, unit, arrived, passed)

    def _about(self, key: int, state: ApplicationState, leaf: Leaf, year: Year, day: int) -> None:
        """Write the supplement, unit notice and objection that the state requires."""
        stamps = year.stamps
        if correction := CORRECTIONS.get(state):
            is_open = correction is CorrectionState.OPEN
            deadline = year.day(AGREED + 40) if is_open else year.day(day + 62)
            settled = None if is_open else stamps[day + 61]
            self.writer.add(
                "correction", key, ITEMS, deadline, correction.value, stamps[day + 52], settled
            )
        if not year.is_current or state in UNFROZEN or state is ApplicationState.ENDED:
            return
        is_running = state in (ApplicationState.IN_NOTICE, ApplicationState.DISPUTED)
        notice = self.meetings.hanging(leaf, year, is_running)
        self.writer.add("notice_item", notice, key)
        if state is ApplicationState.DISPUTED:
            self._objection(notice, key, leaf.id, year)

    def _objection(self, notice: int, key: int, unit: int, year: Year) -> None:
        self.writer.add(
            "objection", notice, key, unit, crypto.encrypt("某群众"), crypto.encrypt("13900000000"),
            "反映其业绩材料与事实不符，请予核实。", year.stamps[149], year.day(AGREED + 40), "",
            ObjectionState.OPEN.value, 1, year.stamps[149],
        )  # fmt: skip

    def _judged(
        self,
        key: int,
        place: int,
        state: ApplicationState,
        sitting: Sitting,
        copied: tuple[Any, ...],
        jury: Jury,
        year: Year,
    ) -> None:
        """Write the result, the result notice's item and the certificate."""
        if state is ApplicationState.IN_REVIEW:
            return
        has_passed = state in PASSING
        needed = votes_needed(sitting.present)
        yes = needed if has_passed else needed - 1
        self.writer.add(
            "result", sitting.plan, key, yes, sitting.present - yes, 0, int(has_passed), ""
        )
        if has_passed and sitting.notice is not None:
            self.writer.add("notice_item", sitting.notice, key)
            if state is ApplicationState.RESULT_DISPUTED:
                self._objection(sitting.notice, key, jury.unit, year)
        if state in (ApplicationState.CERTIFIED, ApplicationState.REVOKED):
            self._certificate(key, place, state, sitting, copied, jury, year)

    def _certificate(
        self,
        key: int,
        place: int,
        state: ApplicationState,
        sitting: Sitting,
        copied: tuple[Any, ...],
        jury: Jury,
        year: Year,
    ) -> None:
        prefix = f"{self.region}{year.number:04d}{jury.series}{copied[5]}{jury.code}"
        self.numbers[f"certificate:{prefix}"] += 1
        body = f"{prefix}{self.numbers[f'certificate:{prefix}']:0{SERIAL_DIGITS}d}"
        is_revoked = state is ApplicationState.REVOKED
        kept = CertificateState.REVOKED if is_revoked else CertificateState.VALID
        self.writer.add(
            "certificate", body + check_character(body), f"{self.random.getrandbits(128):032x}", key,
            self.people.id_of(place), *copied, year.day(VOTED), year.day(AGREED), sitting.approval, kept.value,
            f"湘职改办决〔{year.number}〕{key}号" if is_revoked else "", "提供虚假材料" if is_revoked else "",
            int(is_revoked), year.stamps[AGREED],
        )  # fmt: skip

    def write_quotas(self, year: Year) -> None:
        """Write the approved quotas of the running year, with as many posts as there are applicants."""
        for (unit, level, specialty), (asked, used) in self.asked.items():
            self.writer.add(
                "quota", unit, year.number, level, specialty, QuotaKind.VACANCY.value, asked + 5, 5, asked,
                asked, used, "", QuotaState.APPROVED.value, 1, year.stamps[0],
            )  # fmt: skip
            self.writer.flush_if_full()


def shuffled_states(random: Random) -> tuple[list[ApplicationState], list[ApplicationState]]:
    """Return a hundred states each for the running year and for a past one, shuffled."""
    made = []
    for shares in (NOW, THEN):
        deck = [state for state, share in shares.items() for _ in range(share)]
        random.shuffle(deck)
        made.append(deck)
    return made[0], made[1]
