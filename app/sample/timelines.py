"""Write log rows of the running year's applications: the regular steps to a state and the last deviation."""

from app.enums import ApplicationState, Role
from app.sample.times import Year
from app.sample.writer import Writer

Line = tuple[str, ApplicationState, ApplicationState, Role, int]
WAY: tuple[Line, ...] = (
    ("submit", ApplicationState.DRAFT, ApplicationState.AT_UNIT, Role.APPLICANT, 1),
    ("check_pass", ApplicationState.AT_UNIT, ApplicationState.CHECKED, Role.UNIT, 5),
    ("publish", ApplicationState.CHECKED, ApplicationState.IN_NOTICE, Role.UNIT, 10),
    ("notice_over", ApplicationState.IN_NOTICE, ApplicationState.NOTICE_OVER, Role.SYSADMIN, 18),
    ("report", ApplicationState.NOTICE_OVER, ApplicationState.AT_OFFICE, Role.UNIT, 20),
    ("office_pass", ApplicationState.AT_OFFICE, ApplicationState.QUALIFIED, Role.OFFICE, 60),
    ("take_in", ApplicationState.QUALIFIED, ApplicationState.IN_REVIEW, Role.HRSS, 90),
    ("decide_pass", ApplicationState.IN_REVIEW, ApplicationState.PASSED, Role.OFFICE, 102),
    (
        "publish_result",
        ApplicationState.PASSED,
        ApplicationState.IN_RESULT_NOTICE,
        Role.OFFICE,
        105,
    ),
    (
        "result_over",
        ApplicationState.IN_RESULT_NOTICE,
        ApplicationState.RESULT_CLEAR,
        Role.SYSADMIN,
        114,
    ),
    ("file", ApplicationState.RESULT_CLEAR, ApplicationState.IN_FILING, Role.OFFICE, 118),
    ("certify", ApplicationState.IN_FILING, ApplicationState.CERTIFIED, Role.HRSS, 125),
)
"""Event, source, target, role, day; days before the meeting count from the applicant's own first day."""
OWN_DAYS = 60
TURNS: dict[ApplicationState, tuple[ApplicationState, str, Role, int]] = {
    ApplicationState.RETURNED: (ApplicationState.AT_UNIT, "check_return", Role.UNIT, 8),
    ApplicationState.ENDED: (ApplicationState.AT_UNIT, "check_end", Role.UNIT, 8),
    ApplicationState.DISCARDED: (ApplicationState.DRAFT, "discard", Role.APPLICANT, 2),
    ApplicationState.WITHDRAWN: (ApplicationState.AT_UNIT, "give_up", Role.APPLICANT, 8),
    ApplicationState.DISPUTED: (ApplicationState.IN_NOTICE, "object", Role.UNIT, 14),
    ApplicationState.IN_CORRECTION: (ApplicationState.AT_OFFICE, "ask_correction", Role.OFFICE, 52),
    ApplicationState.CORRECTED: (
        ApplicationState.AT_OFFICE,
        "answer_correction",
        Role.APPLICANT,
        58,
    ),
    ApplicationState.LAPSED: (ApplicationState.AT_OFFICE, "lapse", Role.SYSADMIN, 59),
    ApplicationState.FAILED: (ApplicationState.IN_REVIEW, "decide_fail", Role.OFFICE, 102),
    ApplicationState.RESULT_DISPUTED: (
        ApplicationState.IN_RESULT_NOTICE,
        "result_object",
        Role.OFFICE,
        108,
    ),
    ApplicationState.CANCELLED: (
        ApplicationState.IN_RESULT_NOTICE,
        "result_objection_upheld",
        Role.OFFICE,
        112,
    ),
    ApplicationState.REVOKED: (ApplicationState.CERTIFIED, "revoke", Role.HRSS, 140),
}
"""State off the regular way → state it is reached from, event, role, day."""


def write(
    writer: Writer,
    key: int,
    state: ApplicationState,
    route: tuple[int, ...],
    position: int,
    day: int,
    year: Year,
) -> None:
    """Write the log rows of one application; `position` is the superior unit it is with or passed last."""
    turn = TURNS.get(state)
    last = (
        turn[0]
        if turn
        else ApplicationState.AT_OFFICE
        if state is ApplicationState.AT_SUPERIOR
        else state
    )
    for event, source, target, role, on in WAY:
        if source is last:
            break
        is_upwards = event == "report" and route
        _line(
            writer,
            key,
            event,
            source,
            ApplicationState.AT_SUPERIOR if is_upwards else target,
            role,
            _at(year, day, on),
        )
        if is_upwards:
            _passes(
                writer, key, route, position - (state is ApplicationState.AT_SUPERIOR), day, year
            )
    if turn:
        source, event, role, on = turn
        _line(writer, key, event, source, state, role, _at(year, day, on))


def _passes(
    writer: Writer, key: int, route: tuple[int, ...], count: int, day: int, year: Year
) -> None:
    for place in range(1, count + 1):
        target = ApplicationState.AT_OFFICE if place == len(route) else ApplicationState.AT_SUPERIOR
        at = year.stamps[day + 25 + 10 * place]
        _line(writer, key, "superior_pass", ApplicationState.AT_SUPERIOR, target, Role.SUPERIOR, at)


def _at(year: Year, day: int, on: int) -> str:
    return year.stamps[day + on if on <= OWN_DAYS else on]


def _line(
    writer: Writer,
    key: int,
    event: str,
    source: ApplicationState,
    target: ApplicationState,
    role: Role,
    at: str,
) -> None:
    writer.add(
        "transition_log", at, "application", key, event, source.value, target.value, "", "{}", "经办人", role.value,
        "", "",
    )  # fmt: skip
