"""Post quotas: asked within the vacancy, granted within what was asked, used within what was granted."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app import engine
from app.engine import Act, Refused
from app.enums import Level, QuotaKind, QuotaState, Role, UnitKind
from app.ground import clock
from app.ground.actor import Actor
from app.models import Quota, Unit
from app.services.quotas import quotas, special_grounds
from tests.support import factories as f

pytestmark = pytest.mark.usefixtures("app")
REASON = "引进国家级人才计划入选者两名"
REPEATED = run(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def superior(app: Any) -> Unit:
    return f.unit(kind=UnitKind.AUTHORITY)


@pytest.fixture
def unit(superior: Unit) -> Unit:
    f.specialty("05001")
    return f.unit(kind=UnitKind.PUBLIC, parent=superior)


@pytest.fixture
def clerk(unit: Unit) -> Actor:
    return f.actor(Role.UNIT, unit=unit)


@pytest.fixture
def chief(superior: Unit) -> Actor:
    return f.actor(Role.SUPERIOR, unit=superior)


def new(unit: Unit, **values: Any) -> Quota:
    """Return a line that is not stored yet, sound but for `values`."""
    sound = {
        "unit_id": unit.id,
        "review_year": f.today().year,
        "level": Level.ASSOCIATE,
        "specialty_code": "05001",
        "kind": QuotaKind.VACANCY,
        "posts": 10,
        "held": 8,
        "asked": 2,
        "note": "",
    }
    return Quota(**sound | values)


def ask(quota: Quota, actor: Actor, **details: Any) -> Any:
    return engine.fire(quota, "ask", actor=actor, at=clock.now(), details=details)


def approve(quota: Quota, actor: Actor, **details: Any) -> Any:
    return engine.fire(quota, "approve", actor=actor, at=clock.now(), details=details)


def key_of(quota: Quota) -> tuple[int, int, Level, str]:
    return quota.unit_id, quota.review_year, quota.level, quota.specialty_code


def test_line_is_asked_for_and_granted(unit: Unit, clerk: Actor, chief: Actor) -> None:
    quota = new(unit)

    ask(quota, clerk)
    approve(quota, chief, granted=1)

    assert quota.state is QuotaState.APPROVED
    assert quotas.balance(*key_of(quota)) == (1, 0, 1)


def test_line_of_another_unit_is_refused(unit: Unit) -> None:
    with pytest.raises(Refused, match="another unit"):
        ask(new(unit), f.actor(Role.UNIT, unit=f.unit(kind=UnitKind.PUBLIC)))


def test_private_firm_needs_no_posts(app: Any) -> None:
    firm = f.unit()

    with pytest.raises(Refused, match="Only public institutions"):
        ask(new(firm), f.actor(Role.UNIT, unit=firm))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"posts": -1}, "posts"),
        ({"posts": 1.5}, "posts"),
        ({"posts": None}, "posts"),
        ({"held": -1}, "held"),
        ({"held": 11}, "held"),
        ({"asked": 0}, "asked"),
        ({"asked": -2}, "asked"),
        ({"asked": True}, "asked"),
        ({"asked": 3}, "asked"),
        ({"review_year": 1990}, "review_year"),
        ({"review_year": None}, "review_year"),
        ({"level": "7"}, "level"),
        ({"kind": None}, "level"),
        ({"specialty_code": "9999"}, "specialty_code"),
        ({"specialty_code": None}, "specialty_code"),
        ({"kind": QuotaKind.TALENT, "asked": 3}, "note"),
        ({"kind": QuotaKind.TALENT, "asked": 3, "note": "无"}, "note"),
        ({"kind": QuotaKind.TALENT, "asked": 3, "note": REASON}, "proof"),
    ],
)
def test_uncovered_line_is_refused_at_its_field(
    unit: Unit, clerk: Actor, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        ask(new(unit, **values), clerk)

    assert refusal.value.field == field


def test_special_ground_with_proof_goes_beyond_the_vacancy(
    unit: Unit, clerk: Actor, session: Any
) -> None:
    stored = f.add(f.StoredFile(digest="e" * 64, size=10, media_type="application/pdf"))
    quota = new(unit, kind=QuotaKind.TALENT, asked=5, note=REASON)

    ask(quota, clerk, proof=[(stored, "专项报告.pdf")])

    [kept] = session.query(f.Attachment).filter_by(subject_type="quota", subject_id=quota.id)
    assert (kept.kind, kept.name) == (special_grounds.PROOF, "专项报告.pdf")


def test_returned_special_line_keeps_its_proof(unit: Unit, clerk: Actor, chief: Actor) -> None:
    quota = f.quota(
        unit, kind=QuotaKind.URGENT, note=REASON, asked=5, granted=0, state=QuotaState.SUBMITTED
    )
    engine.fire(quota, "refuse", actor=chief, at=clock.now(), opinion="专项报告未盖章，请重新上传")

    with pytest.raises(Refused):
        engine.fire(quota, "revise", actor=clerk, at=clock.now())
    f.attachment(quota, special_grounds.PROOF)
    engine.fire(quota, "revise", actor=clerk, at=clock.now())

    assert quota.state is QuotaState.SUBMITTED


def test_same_line_twice_is_refused(unit: Unit, clerk: Actor) -> None:
    ask(new(unit), clerk)

    with pytest.raises(Refused, match="already"):
        ask(new(unit, asked=1), clerk)
    ask(new(unit, level=Level.SENIOR), clerk)


@REPEATED
@given(posts=st.integers(-3, 12), held=st.integers(-3, 12), asked=st.integers(-3, 12))
def test_vacancy_covers_exactly_what_is_free(
    posts: int, held: int, asked: int, unit: Unit, clerk: Actor
) -> None:
    act = Act(new(unit, posts=posts, held=held, asked=asked), "ask", clerk, clock.now())

    try:
        quotas.is_covered(act)
        is_accepted = True
    except Refused:
        is_accepted = False

    assert is_accepted == (0 <= held <= posts and 1 <= asked <= posts - held)


# granting


@pytest.mark.parametrize("granted", [0, -1, 3, 1.5, "1", True])
def test_unfit_grant_is_refused(unit: Unit, clerk: Actor, chief: Actor, granted: Any) -> None:
    quota = new(unit)
    ask(quota, clerk)

    with pytest.raises(Refused) as refusal:
        approve(quota, chief, granted=granted)

    assert refusal.value.field == "granted"
    assert quota.state is QuotaState.SUBMITTED


def test_grant_without_a_number_is_the_number_asked_for(
    unit: Unit, clerk: Actor, chief: Actor
) -> None:
    quota = new(unit)
    ask(quota, clerk)

    approve(quota, chief, granted=None)

    assert quota.granted == 2


def test_only_the_superior_or_the_authority_of_the_region_is_in_charge(
    unit: Unit, clerk: Actor
) -> None:
    quota = new(unit)
    ask(quota, clerk)
    strangers = [
        f.actor(Role.SUPERIOR, unit=f.unit(kind=UnitKind.AUTHORITY)),
        f.actor(Role.HRSS, unit=f.unit(region_code="430700")),
        Actor(role=Role.HRSS),
    ]

    for stranger in strangers:
        with pytest.raises(Refused, match="another superior"):
            approve(quota, stranger)
    approve(quota, f.actor(Role.HRSS, unit=f.unit(region_code="430000")))

    assert quota.state is QuotaState.APPROVED


# using


def test_nothing_approved_is_no_line(unit: Unit) -> None:
    quota = f.quota(unit, state=QuotaState.SUBMITTED, granted=0)

    assert quotas.approved_line(*key_of(quota)) is None
    assert quotas.balance(*key_of(quota)) == (0, 0, 0)


def test_line_with_posts_left_comes_first(unit: Unit) -> None:
    f.quota(unit, used=2)
    other = f.quota(unit, kind=QuotaKind.RETIREMENT, used=1)

    assert quotas.approved_line(*key_of(other)) is other
    assert quotas.balance(*key_of(other)) == (4, 3, 1)


@REPEATED
@given(granted=st.lists(st.integers(1, 4), min_size=1, max_size=4), wanted=st.integers(0, 20))
def test_never_more_posts_are_used_than_granted(
    granted: list[int], wanted: int, unit: Unit, session: Any
) -> None:
    session.query(Quota).delete()
    kinds = list(QuotaKind)
    lines = [
        f.quota(unit, kind=kind, posts=20, held=0, asked=9, granted=count)
        for kind, count in zip(kinds, granted, strict=False)
    ]
    key, refused = key_of(lines[0]), 0

    for _ in range(wanted):
        try:
            quotas.consume(session, *key)
        except Refused:
            refused += 1

    total = sum(granted)
    assert quotas.balance(*key) == (total, min(wanted, total), max(total - wanted, 0))
    assert refused == max(wanted - total, 0)


def test_refusal_of_a_post_names_unit_and_numbers(unit: Unit, session: Any) -> None:
    quota = f.quota(unit, used=2)

    with pytest.raises(Refused) as refusal:
        quotas.consume(session, *key_of(quota))

    assert unit.name in refusal.value.sentence
    assert "granted 2 posts" in refusal.value.sentence


@pytest.mark.parametrize("change", [{"used": -1}, {"granted": -1, "used": -1}, {"used": -5}])
def test_the_database_keeps_no_number_of_posts_below_none(
    unit: Unit, session: Any, change: dict[str, int]
) -> None:
    quota = f.quota(unit)
    session.commit()

    with pytest.raises(IntegrityError):
        session.execute(update(Quota).where(Quota.id == quota.id).values(**change))
    session.rollback()


def test_line_is_taken_back_until_it_is_decided(unit: Unit, clerk: Actor, chief: Actor) -> None:
    quota = new(unit)
    ask(quota, clerk)

    engine.fire(quota, "take_back", actor=clerk, at=clock.now())
    assert quota.state is QuotaState.DRAFT
    engine.fire(quota, "revise", actor=clerk, at=clock.now())
    engine.fire(quota, "approve", actor=chief, at=clock.now())

    with pytest.raises(Refused, match="Already dealt with"):
        engine.fire(quota, "take_back", actor=clerk, at=clock.now())
