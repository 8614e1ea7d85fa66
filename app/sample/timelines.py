"""The log lines of the running year's applications: the straight way to a state and the last turn off it."""

from typing import Any

from app.enums import Role, S
from app.sample.times import Year
from app.sample.writer import Writer

Line = tuple[str, S, S, Role, int]
WAY: tuple[Line, ...] = (
    ("submit", S.DRAFT, S.AT_UNIT, Role.APPLICANT, 1),
    ("check_pass", S.AT_UNIT, S.CHECKED, Role.UNIT, 5),
    ("publish", S.CHECKED, S.IN_NOTICE, Role.UNIT, 10),
    ("notice_over", S.IN_NOTICE, S.NOTICE_OVER, Role.SYSADMIN, 18),
    ("report", S.NOTICE_OVER, S.AT_OFFICE, Role.UNIT, 20),
    ("office_pass", S.AT_OFFICE, S.QUALIFIED, Role.OFFICE, 60),
    ("take_in", S.QUALIFIED, S.IN_REVIEW, Role.HRSS, 90),
    ("decide_pass", S.IN_REVIEW, S.PASSED, Role.OFFICE, 102),
    ("publish_result", S.PASSED, S.IN_RESULT_NOTICE, Role.OFFICE, 105),
    ("result_over", S.IN_RESULT_NOTICE, S.RESULT_CLEAR, Role.SYSADMIN, 114),
    ("file", S.RESULT_CLEAR, S.IN_FILING, Role.OFFICE, 118),
    ("certify", S.IN_FILING, S.CERTIFIED, Role.HRSS, 125),
)
"""Event, from, to, role and the day it happened; before the meeting that counts from each person's own day."""
OWN_DAYS = 60
TURNS: dict[S, tuple[S, str, Role, int]] = {
    S.RETURNED: (S.AT_UNIT, "check_return", Role.UNIT, 8),
    S.ENDED: (S.AT_UNIT, "check_end", Role.UNIT, 8),
    S.DISCARDED: (S.DRAFT, "discard", Role.APPLICANT, 2),
    S.WITHDRAWN: (S.AT_UNIT, "give_up", Role.APPLICANT, 8),
    S.DISPUTED: (S.IN_NOTICE, "object", Role.UNIT, 14),
    S.IN_CORRECTION: (S.AT_OFFICE, "ask_correction", Role.OFFICE, 52),
    S.CORRECTED: (S.AT_OFFICE, "answer_correction", Role.APPLICANT, 58),
    S.LAPSED: (S.AT_OFFICE, "lapse", Role.SYSADMIN, 59),
    S.FAILED: (S.IN_REVIEW, "decide_fail", Role.OFFICE, 102),
    S.RESULT_DISPUTED: (S.IN_RESULT_NOTICE, "result_object", Role.OFFICE, 108),
    S.CANCELLED: (S.IN_RESULT_NOTICE, "result_objection_upheld", Role.OFFICE, 112),
    S.REVOKED: (S.CERTIFIED, "revoke", Role.HRSS, 140),
}
"""State → where the turn leaves the straight way, its event, its role, its day."""


def write(
    writer: Writer, key: int, state: S, route: tuple[int, ...], position: int, day: int, year: Year
) -> None:
    """Write the lines of one application; `position` is the superior unit it stands with or passed last."""
    turn = TURNS.get(state)
    last = turn[0] if turn else S.AT_OFFICE if state is S.AT_SUPERIOR else state
    for event, source, target, role, on in WAY:
        if source is last:
            break
        is_upwards = event == "report" and route
        _line(
            writer,
            key,
            event,
            source,
            S.AT_SUPERIOR if is_upwards else target,
            role,
            _at(year, day, on),
        )
        if is_upwards:
            _passes(writer, key, route, position - (state is S.AT_SUPERIOR), day, year)
    if turn:
        source, event, role, on = turn
        _line(writer, key, event, source, state, role, _at(year, day, on))


def _passes(
    writer: Writer, key: int, route: tuple[int, ...], count: int, day: int, year: Year
) -> None:
    for place in range(1, count + 1):
        target = S.AT_OFFICE if place == len(route) else S.AT_SUPERIOR
        at = year.stamps[day + 25 + 10 * place]
        _line(writer, key, "superior_pass", S.AT_SUPERIOR, target, Role.SUPERIOR, at)


def _at(year: Year, day: int, on: int) -> str:
    return year.stamps[day + on if on <= OWN_DAYS else on]


def _line(writer: Writer, key: int, event: str, source: S, target: S, role: Role, at: Any) -> None:
    writer.add(
        "transition_log", at, "application", key, event, source.value, target.value, "", "{}", "经办人", role.value,
        "", "",
    )  # fmt: skip
