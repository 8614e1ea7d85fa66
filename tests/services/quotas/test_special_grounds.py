"""Special grounds for posts: senior levels only, until the day of the batch, with reason and proof."""

import itertools
from typing import Any

import pytest

from app.engine import Refused
from app.enums import Level, QuotaKind, QuotaState, Role, UnitKind
from app.ground import clock
from app.ground.actor import Actor
from app.models import Quota, Unit
from tests.support import factories as f
from tests.support.acting import fire

pytestmark = pytest.mark.usefixtures("app")
REASON = "引进国家级人才计划入选者两名"
DIGESTS = (f"{number:064x}" for number in itertools.count(16**63))
SPECIAL = [kind for kind in QuotaKind if kind is not QuotaKind.VACANCY]


@pytest.fixture
def unit(app: Any) -> Unit:
    f.specialty("05001")
    return f.unit(kind=UnitKind.PUBLIC, parent=f.unit(kind=UnitKind.AUTHORITY))


@pytest.fixture
def clerk(unit: Unit) -> Actor:
    return f.actor(Role.UNIT, unit=unit)


def line(unit: Unit, **values: Any) -> Quota:
    sound = {
        "unit_id": unit.id, "review_year": f.today().year, "level": Level.ASSOCIATE, "specialty_code": "05001",
        "kind": QuotaKind.TALENT, "posts": 10, "held": 10, "asked": 2, "note": REASON,
    }  # fmt: skip
    return Quota(**sound | values)


def ask(quota: Quota, actor: Actor, event: str = "ask", **values: Any) -> None:
    stored = f.add(f.StoredFile(digest=next(DIGESTS), size=10, media_type="application/pdf"))
    fire(quota, event, actor, details={"proof": [(stored, "专项报告.pdf")]}, **values)


def refused(quota: Quota, actor: Actor) -> Refused:
    with pytest.raises(Refused) as caught:
        ask(quota, actor)
    return caught.value


@pytest.mark.parametrize("level", [Level.MIDDLE, Level.ASSISTANT, Level.CLERK])
@pytest.mark.parametrize("kind", SPECIAL)
def test_special_ground_is_for_senior_levels_only(
    unit: Unit, clerk: Actor, level: Level, kind: QuotaKind
) -> None:
    refusal = refused(line(unit, level=level, kind=kind), clerk)

    assert refusal.field == "kind"
    assert "senior" in refusal.sentence


@pytest.mark.parametrize("level", [Level.SENIOR, Level.ASSOCIATE])
def test_senior_special_ground_is_taken(unit: Unit, clerk: Actor, level: Level) -> None:
    quota = line(unit, level=level)

    ask(quota, clerk)

    assert quota.state is QuotaState.SUBMITTED


@pytest.mark.parametrize(("days", "is_taken"), [(-1, False), (-40, False), (0, True), (3, True)])
def test_last_day_is_that_of_the_batch(unit: Unit, clerk: Actor, days: int, is_taken: bool) -> None:
    batch = f.batch(special_quota_end=f.in_days(days))
    quota = line(unit)

    if is_taken:
        ask(quota, clerk)
    else:
        refusal = refused(quota, clerk)
        assert batch.name in refusal.sentence
        assert f.in_days(days).isoformat() in refusal.sentence


def test_ordinary_vacancy_has_no_special_day(unit: Unit, clerk: Actor) -> None:
    f.batch(special_quota_end=f.in_days(-1))
    quota = line(unit, kind=QuotaKind.VACANCY, posts=12)

    ask(quota, clerk)

    assert quota.state is QuotaState.SUBMITTED


@pytest.mark.parametrize("other", ["year", "level", "series", "region", "draft"])
def test_day_of_another_batch_does_not_bind(unit: Unit, clerk: Actor, other: str) -> None:
    values: dict[str, Any] = {"special_quota_end": f.in_days(-1)}
    if other == "year":
        values["review_year"] = f.today().year - 1
    if other == "level":
        values["levels"] = "345"
    if other == "draft":
        values["state"] = "submitted"
    committee = {
        "series": lambda: f.committee(series_code="03"),
        "region": lambda: f.committee(region_code="430700"),
    }.get(other, f.committee)()
    f.batch(committee=committee, **values)
    quota = line(unit)

    ask(quota, clerk)

    assert quota.state is QuotaState.SUBMITTED


def test_one_open_day_is_enough(unit: Unit, clerk: Actor) -> None:
    f.batch(special_quota_end=f.in_days(-1))
    f.batch(special_quota_end=f.in_days(5))
    quota = line(unit)

    ask(quota, clerk)

    assert quota.state is QuotaState.SUBMITTED


def test_returned_line_is_bound_too(unit: Unit, clerk: Actor) -> None:
    quota = line(unit)
    ask(quota, clerk)
    chief = f.actor(Role.SUPERIOR, unit=f.db.session.get_one(Unit, unit.parent_id))
    fire(quota, "refuse", chief, opinion="请补充引进人才的合同")
    f.batch(special_quota_end=f.in_days(-1))

    with pytest.raises(Refused, match="were taken until"):
        ask(quota, clerk, "revise")

    assert clock.local_date(clock.now()) == f.today()
