"""Bulk data: so many rows as asked for, all rules of the database kept, the same for the same seed."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app import demo, sample
from app.enums import BatchState, CertificateState, IdKind, S
from app.extensions import db
from app.models import (
    Application,
    Batch,
    Certificate,
    Committee,
    Correction,
    NoticeItem,
    Person,
    Quota,
    Result,
    RouteNode,
    RouteStep,
    Unit,
    WorkDay,
)
from app.models.base import metadata
from app.sample.writer import TABLES
from app.services import certificates, numbering
from app.validators import credit_code, id_number

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
COUNT = 1000

pytestmark = pytest.mark.usefixtures("app")


def load(count: int = COUNT, seed: int = 3) -> dict[str, int]:
    written = sample.load(count, seed=seed, at=AT)
    # the rows went past the session
    db.session.expire_all()
    return written


def count(model: Any, *where: Any) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0)


def content() -> list[Any]:
    columns = (Application.number, Application.name, Application.state, Application.unit_id, Application.held_since)
    return list(db.session.execute(select(*columns).order_by(Application.number)))


def test_counts_are_those_asked_for() -> None:
    written = load()

    assert written["application"] == count(Application) == COUNT
    assert count(Unit) == 20_000
    assert count(Committee) >= 300
    assert set(Counter(db.session.scalars(select(Application.review_year))).values()) == {COUNT // 5}
    assert db.session.scalar(text("SELECT count(*) FROM person")) == written["person"]


def test_every_state_occurs() -> None:
    load()

    assert set(db.session.scalars(select(Application.state).distinct())) == set(S)


def test_units_form_a_tree_of_four_levels_over_all_regions() -> None:
    load(10)

    paths = db.session.scalars(select(Unit.path)).all()
    assert Counter(path.count("/") - 1 for path in paths) == {1: 1, 2: 14, 3: 122, 4: 20_000 - 137}
    assert all(path.endswith(f"/{key}/") for key, path in db.session.execute(select(Unit.id, Unit.path)))


def test_codes_are_valid() -> None:
    load()

    for code, region in db.session.execute(select(Unit.credit_code, Unit.region_code).limit(500)):
        assert credit_code(code)[2:8] == region
    for person in db.session.scalars(select(Person)):
        id_number(IdKind.RESIDENT, person.id_number, sex=person.sex, birth=person.birth_date, today=AT.date())
    assert all(certificates.is_number(number) for number in db.session.scalars(select(Certificate.number)))


def test_rows_agree_with_the_states() -> None:
    load()

    certified = count(Application, Application.state.in_((S.CERTIFIED, S.REVOKED)))
    assert count(Certificate) == certified
    assert count(Certificate, Certificate.state == CertificateState.REVOKED) == count(Application, Application.state == S.REVOKED)
    lacking = select(Application.id).where(Application.state == S.IN_CORRECTION).except_(select(Correction.application_id))
    assert db.session.scalars(lacking).all() == []
    unnamed = select(Application.id).where(Application.state == S.IN_NOTICE).except_(select(NoticeItem.application_id))
    assert db.session.scalars(unnamed).all() == []
    unjudged = select(Application.id).where(Application.state.in_((S.PASSED, S.FAILED))).except_(select(Result.application_id))
    assert db.session.scalars(unjudged).all() == []


def test_superior_units_hold_what_arrived() -> None:
    load()

    query = (
        select(func.count())
        .select_from(Application)
        .join(RouteStep, RouteStep.application_id == Application.id)
        .where(
            Application.state == S.AT_SUPERIOR,
            RouteStep.position == Application.route_position,
            RouteStep.unit_id == Application.holder_id,
            RouteStep.arrived_at.is_not(None),
            RouteStep.passed_at.is_(None),
        )
    )
    assert db.session.scalar(query) == count(Application, Application.state == S.AT_SUPERIOR) > 0


def test_quotas_cover_what_was_used() -> None:
    load()

    assert count(Quota) > 0
    assert count(Quota, Quota.used > Quota.granted) == 0


def test_same_seed_gives_the_same_rows(prepared: Any) -> None:
    load(200)
    first = content()
    db.session.remove()
    prepared.restore()

    load(200)

    assert content() == first


def test_another_seed_gives_other_rows(prepared: Any) -> None:
    load(200)
    first = content()
    db.session.remove()
    prepared.restore()

    load(200, seed=4)

    assert content() != first


def test_references_lead_somewhere() -> None:
    load(300)

    for table in TABLES:
        for key in metadata.tables[table].foreign_keys:
            child, parent = key.parent, key.column
            astray = select(child).where(child.is_not(None)).except_(select(parent))
            assert db.session.execute(astray.limit(1)).all() == [], f"{table}.{child.name}"


def test_numbers_go_on_after_the_sample() -> None:
    load(100)

    new = numbering.application_number(db.session(), 2026)

    assert new == "2026000000021"
    db.session.add(Unit(credit_code="x", name="新单位", kind="public", region_code="430100", path="/"))
    db.session.flush()


def test_loads_beside_the_demonstration() -> None:
    demo.load(db.session(), AT)
    db.session.commit()
    before = count(Application), count(Unit), count(RouteNode)

    load(100)

    assert count(Application) == before[0] + 100
    assert count(Unit) == before[1] + 20_000
    assert count(RouteNode) > before[2]
    assert count(Batch, Batch.state == BatchState.OPEN) > 300


def test_loads_twice() -> None:
    load(50)

    load(50, seed=4)

    assert count(Application) == 100
    assert count(Unit) == 40_000


def test_command_says_how_far_it_is(runner: Any) -> None:
    result = runner.invoke(args=["load-sample", "--applications", "20", "--seed", "5"])

    assert result.exit_code == 0, result.output
    assert "20" in result.stderr
    assert count(Application) == 20


def test_reference_data_stays(app: Flask) -> None:
    days = count(WorkDay)

    load(20)

    assert count(WorkDay) == days
