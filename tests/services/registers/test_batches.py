"""The parameters of an annual batch fit together, and there is one a year."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run
from hypothesis import strategies as st

from app import engine
from app.engine import Act, Refused
from app.enums import ApplicationState, ApplyMode, BatchState, ExtensionKind, Level, Role, Stage
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch, Committee
from app.services.registers import batches
from tests.support import factories as f

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def committee(app: Any) -> Committee:
    return f.committee()


@pytest.fixture
def office(committee: Committee) -> Actor:
    return f.actor(Role.OFFICE, committee=committee)


@pytest.fixture
def authority(app: Any) -> Actor:
    return f.actor(Role.HRSS, unit=f.unit(region_code="430000"))


def new(committee: Committee, **values: Any) -> Batch:
    """Return a batch that is not stored yet, sound but for `values`."""
    sound = {
        "name": "高级评审批次",
        "committee_id": committee.id,
        "review_year": f.today().year,
        "modes": [ApplyMode.NORMAL.value],
        "levels": "12",
        "apply_start": f.today(),
        "apply_end": f.in_days(10),
        "resubmit_end": f.in_days(20),
        "unit_end": f.in_days(30),
        "superior_end": f.in_days(40),
        "office_end": f.in_days(50),
        "material_cutoff": f.in_days(10),
        "seniority_date": date(f.today().year, 12, 31),
        "senior_cap": 40,
        "associate_cap": 55,
        "required_materials": [],
    }
    return Batch(**sound | values)


def submit(batch: Batch, actor: Actor) -> None:
    engine.fire(batch, "submit", actor=actor, at=clock.now())


def test_batch_is_submitted_and_opened(
    committee: Committee, office: Actor, authority: Actor
) -> None:
    batch = new(committee)

    submit(batch, office)
    engine.fire(batch, "agree", actor=authority, at=clock.now())

    assert batch.state is BatchState.OPEN


def test_batch_of_another_committee_is_refused(office: Actor) -> None:
    with pytest.raises(Refused, match="another committee"):
        submit(new(f.committee()), office)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 121}, "name"),
        ({"note": "a\u200bb"}, "note"),
        ({"apply_end": None}, "apply_end"),
        ({"apply_start": f.in_days(11)}, "apply_end"),
        ({"resubmit_end": f.in_days(9)}, "resubmit_end"),
        ({"unit_end": f.in_days(19)}, "unit_end"),
        ({"superior_end": f.in_days(29)}, "superior_end"),
        ({"office_end": f.in_days(39)}, "office_end"),
        ({"material_cutoff": f.in_days(11)}, "material_cutoff"),
        (
            {
                "apply_start": f.in_days(-20),
                "apply_end": f.in_days(-1),
                "material_cutoff": f.in_days(-1),
            },
            "apply_end",
        ),
        ({"review_year": 1999}, "review_year"),
        (
            {"review_year": f.today().year - 1, "apply_start": f.today() - timedelta(days=800)},
            "apply_start",
        ),
        ({"seniority_date": date(f.today().year + 1, 1, 1)}, "seniority_date"),
        ({"levels": ""}, "levels"),
        ({"levels": "11"}, "levels"),
        ({"levels": "9"}, "levels"),
        ({"modes": []}, "modes"),
        ({"modes": ["unknown"]}, "modes"),
        ({"senior_cap": 140}, "senior_cap"),
        ({"associate_cap": -1}, "associate_cap"),
        ({"required_materials": ["no-such-kind"]}, "required_materials"),
        ({"office_end": f.in_days(701)}, "office_end"),
        ({"special_quota_end": f.in_days(61)}, "special_quota_end"),
        ({"special_quota_end": f.in_days(5), "levels": "345"}, "special_quota_end"),
    ],
)
def test_contradicting_batch_is_refused_at_its_field(
    committee: Committee, office: Actor, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        submit(new(committee, **values), office)

    assert refusal.value.field == field


def test_refusal_of_dates_names_both(committee: Committee, office: Actor) -> None:
    with pytest.raises(Refused) as refusal:
        submit(new(committee, unit_end=f.in_days(19)), office)

    assert str(f.in_days(19)) in refusal.value.sentence
    assert str(f.in_days(20)) in refusal.value.sentence


def test_batch_without_a_committee_is_refused(office: Actor) -> None:
    batch = new(f.committee(), committee_id=None)

    with pytest.raises(Refused, match="another committee"):
        submit(batch, office)


def test_level_above_the_committee_is_refused(office: Actor, committee: Committee) -> None:
    committee.level = Level.MIDDLE

    with pytest.raises(Refused, match="judges up to"):
        submit(new(committee, levels="23"), office)

    submit(new(committee, levels="34"), office)


@run(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offsets=st.lists(st.integers(0, 200), min_size=6, max_size=6))
def test_dates_are_accepted_exactly_when_in_order(
    offsets: list[int], committee: Committee, office: Actor
) -> None:
    days = dict(zip(batches.IN_ORDER, map(f.in_days, offsets), strict=True))
    batch = new(committee, **days, material_cutoff=days["apply_end"])
    if days["apply_start"].year > f.today().year:
        batch.review_year += 1
        batch.seniority_date = date(batch.review_year, 12, 31)
    act = Act(batch, "submit", office, clock.now())

    try:
        batches.is_consistent(act)
        is_accepted = True
    except Refused:
        is_accepted = False

    assert is_accepted == (offsets == sorted(offsets))


@run(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(percent=st.integers(-1000, 1000))
def test_percentages_lie_between_nothing_and_all(
    percent: int, committee: Committee, office: Actor
) -> None:
    act = Act(new(committee, senior_cap=percent), "submit", office, clock.now())

    try:
        batches.is_consistent(act)
        is_accepted = True
    except Refused:
        is_accepted = False

    assert is_accepted == (0 <= percent <= 100)


@pytest.mark.parametrize("state", [BatchState.OPEN, BatchState.SUBMITTED])
def test_second_batch_of_the_year_is_refused(
    committee: Committee, office: Actor, state: BatchState
) -> None:
    first = f.batch(committee=committee, state=state)

    with pytest.raises(Refused, match="one per year") as refusal:
        submit(new(committee), office)

    assert first.name in refusal.value.sentence


def test_another_year_or_a_closed_batch_does_not_block(committee: Committee, office: Actor) -> None:
    f.batch(committee=committee, state=BatchState.CLOSED)
    f.batch(committee=committee, review_year=f.today().year - 1)
    batch = new(committee)

    submit(batch, office)

    assert batch.state is BatchState.SUBMITTED


def test_opening_a_second_batch_is_refused(committee: Committee, authority: Actor) -> None:
    waiting = f.batch(committee=committee, state=BatchState.SUBMITTED)
    f.batch(committee=committee)

    with pytest.raises(Refused, match="one per year"):
        engine.fire(waiting, "agree", actor=authority, at=clock.now())

    assert waiting.state is BatchState.SUBMITTED


def test_expired_committee_opens_no_batch(committee: Committee, authority: Actor) -> None:
    waiting = f.batch(committee=committee, state=BatchState.SUBMITTED)
    committee.valid_to = f.in_days(-1)

    with pytest.raises(Refused, match="approved again"):
        engine.fire(waiting, "agree", actor=authority, at=clock.now())


def test_authority_of_another_region_opens_no_batch(committee: Committee) -> None:
    waiting = f.batch(committee=committee, state=BatchState.SUBMITTED)
    stranger = f.actor(Role.HRSS, unit=f.unit(region_code="430700"))

    with pytest.raises(Refused, match="another region"):
        engine.fire(waiting, "agree", actor=stranger, at=clock.now())


def test_returned_batch_is_revised(committee: Committee, office: Actor, authority: Actor) -> None:
    batch = new(committee)
    submit(batch, office)
    engine.fire(batch, "return", actor=authority, at=clock.now(), opinion="截止日期过早，请顺延")

    batch.unit_end = f.in_days(1)
    with pytest.raises(Refused):
        engine.fire(batch, "revise", actor=office, at=clock.now())
    batch.unit_end = f.in_days(35)
    engine.fire(batch, "revise", actor=office, at=clock.now())

    assert batch.state is BatchState.SUBMITTED


def test_batch_with_applications_under_way_stays_open(
    committee: Committee, authority: Actor
) -> None:
    over = [f.in_days(-60 + 5 * step) for step in range(6)]
    batch = f.batch(
        committee=committee,
        **dict(zip(batches.IN_ORDER, over, strict=True)),
        material_cutoff=over[1],
    )
    pending = f.application(ApplicationState.AT_OFFICE, batch=batch)
    f.application(ApplicationState.DRAFT, batch=batch)
    f.application(ApplicationState.ENDED, batch=batch)
    f.extension(
        kind=ExtensionKind.PERSON,
        person_id=pending.person_id,
        stage=Stage.OFFICE,
        until=f.in_days(1),
        review_year=batch.review_year,
    )

    with pytest.raises(Refused, match="1 applications"):
        engine.fire(batch, "close", actor=authority, at=clock.now())
    office = f.actor(Role.OFFICE, committee=committee)
    engine.fire(
        pending, "office_refuse", actor=office, at=clock.now(), opinion="业绩材料与申报专业不符"
    )
    engine.fire(batch, "close", actor=authority, at=clock.now())

    assert batch.state is BatchState.CLOSED


def test_batch_still_taking_applications_stays_open(committee: Committee, authority: Actor) -> None:
    batch = f.batch(committee=committee)

    with pytest.raises(Refused, match="may be handed in until"):
        engine.fire(batch, "close", actor=authority, at=clock.now())


def test_submitted_batch_is_taken_back_until_it_is_decided(
    committee: Committee, office: Actor, authority: Actor
) -> None:
    batch = new(committee)
    submit(batch, office)

    engine.fire(batch, "take_back", actor=office, at=clock.now())
    assert batch.state is BatchState.DRAFT
    engine.fire(batch, "revise", actor=office, at=clock.now())
    engine.fire(batch, "agree", actor=authority, at=clock.now())

    with pytest.raises(Refused, match="Already dealt with"):
        engine.fire(batch, "take_back", actor=office, at=clock.now())
