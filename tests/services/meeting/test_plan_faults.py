"""Groups, alternates and the rules of counting of a plan: what is refused, at which field."""

from typing import Any

import pytest

from app.engine import Act, Refused
from app.enums import Aggregation, ApplicationState, MeetingMode, Role
from app.ground import clock
from app.models import Application, Batch, Plan
from app.services.meeting import plan_faults
from app.services.registers import batches
from tests.services.meeting.test_plans import new, report
from tests.support import factories as f

HEARD = {"05001": "机械", "05002": "电气"}


def group(name: str = "甲组", seats: Any = 5, *specialties: str) -> dict[str, Any]:
    return {"name": name, "seats": seats, "specialties": list(specialties)}


def said(seats: int, *groups: dict[str, Any]) -> str:
    plan = Plan(seats=seats, groups=list(groups))
    found = list(plan_faults.group_faults(plan, HEARD))
    assert {field for field, _sentence in found} <= {plan_faults.GROUPS}
    return " ".join(str(sentence) for _field, sentence in found)


@pytest.mark.parametrize(
    "groups",
    [
        [],
        [group("甲组", 11)],
        [group("甲组", 6, "05001"), group("乙组", 5, "05002")],
        [group("甲组", 6, "05001"), group("乙组", 5)],
    ],
)
def test_sound_groups_are_accepted(app: Any, groups: list[Any]) -> None:
    assert said(11, *groups) == ""


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        ([group("", 11)], "Group 1, name"),
        ([group("长" * 65, 11)], "Group 1, name"),
        ([group("甲组", 6, "05001"), group("甲组", 5)], "“甲组” is there twice"),
        ([group("甲组", 9, "05001"), group("乙组", 2)], "Group 2 “乙组” needs at least 3 seats"),
        ([group("甲组", 8, "05001"), group("乙组", None)], "needs at least 3 seats"),
        ([group("甲组", 6, "05001"), group("乙组", 6)], "have 12 seats together, the meeting 11"),
        ([group("甲组", 6, "05001"), group("乙组", 5, "05001")], "“机械” is given to 2 groups"),
        ([group("甲组", 6, "05009"), group("乙组", 5, "05009")], "“05009” is given to 2 groups"),
        ([group("甲组", 6), group("乙组", 5)], "2 groups have no specialty"),
        ([group("甲组", 11, "05001")], "No group hears the candidates of: 电气"),
    ],
)
def test_unsound_groups_are_refused(app: Any, groups: list[Any], sentence: str) -> None:
    assert sentence in said(11, *groups)


@pytest.fixture
def batch(app: Any) -> Batch:
    f.work_days()
    return f.batch()


@pytest.fixture
def candidate(batch: Batch) -> Application:
    return f.application(ApplicationState.QUALIFIED, batch=batch)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"mode": MeetingMode.ONLINE, "alternates": 1}, "alternates"),
        ({"aggregation": Aggregation.TRIMMED, "trim_from": 2}, "trim_from"),
        ({"material_share": 101}, "material_share"),
        ({"material_share": -1}, "material_share"),
        ({"aggregation": "median"}, "aggregation"),
        ({"denominator": "all"}, "denominator"),
        ({"recusal_rule": "never"}, "recusal_rule"),
        ({"groups": [group("甲组", 25, "05009")]}, plan_faults.GROUPS),
    ],
)
def test_unsound_counting_is_refused_at_its_field(
    batch: Batch, candidate: Application, values: dict[str, Any], field: str
) -> None:
    office = f.actor(Role.OFFICE, committee=batch.committee)

    with pytest.raises(Refused) as refusal:
        report(new(batch, **values), office)

    assert refusal.value.field == field
    assert candidate.plan_id is None


@pytest.mark.parametrize(
    "values",
    [
        {"alternates": 0},
        {"mode": MeetingMode.ONLINE, "alternates": 2},
        {"aggregation": Aggregation.TRIMMED, "trim_from": 3},
        {"aggregation": Aggregation.MEAN, "trim_from": 2},
        {"material_share": 0},
        {"groups": [group("甲组", 13, "05001"), group("乙组", 12)]},
    ],
)
def test_sound_counting_is_reported(
    batch: Batch, candidate: Application, values: dict[str, Any]
) -> None:
    office = f.actor(Role.OFFICE, committee=batch.committee)
    plan = new(batch, **values)

    report(plan, office)

    assert candidate.plan_id == plan.id


@pytest.mark.parametrize(
    "missing", [("opens_on",), ("closes_on",), ("opens_on", "closes_on")], ids=str
)
def test_all_faults_of_an_unfinished_plan_are_collected(
    batch: Batch, missing: tuple[str, ...]
) -> None:
    plan = new(batch, **dict.fromkeys(missing), seats=4)
    office = f.actor(Role.OFFICE, committee=batch.committee)

    found = list(plan_faults.faults(Act(plan, "report", office, clock.now()), plan, batch))

    assert {field for field, _sentence in found} >= {*missing, "seats"}


def test_all_faults_of_an_empty_batch_are_collected(app: Any, session: Any) -> None:
    committee = f.committee()
    batch = Batch(committee_id=committee.id, levels=[], modes=[])
    act = Act(batch, "submit", f.actor(Role.OFFICE, committee=committee), clock.now())

    found = {field for field, _sentence in batches.faults(act, batch, committee)}

    assert {"name", "apply_start", "apply_end", "material_cutoff", "levels", "modes"} <= found
