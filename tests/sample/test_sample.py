"""Bulk data: so many rows as asked for, all rules kept, every state there."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import sample
from app.enums import ApplicationState, CertificateState, IdKind
from app.extensions import db
from app.models import (
    Application,
    Certificate,
    Committee,
    Correction,
    NoticeItem,
    Person,
    Quota,
    Result,
    RouteStep,
    TransitionLog,
    Unit,
)
from app.models.base import metadata
from app.sample.writer import TABLES
from app.services.certificates import certificates
from app.validators import credit_code, id_number
from tests.support.counting import count
from tests.support.databases import Prepared

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
COUNT = 1000


@pytest.fixture(scope="module")
def written(application: Flask, prepared: Prepared) -> Iterator[dict[str, int]]:
    """The rows written, by table; the sample is loaded once for this file and gone afterwards."""
    with application.app_context():
        yield sample.load(COUNT, seed=3, at=AT)
        db.session.remove()
        prepared.doubt()
        prepared.restore()


@pytest.fixture
def session(application: Flask, written: dict[str, int]) -> Iterator[Any]:
    with application.app_context():
        yield db.session()
        db.session.remove()


def test_counts_are_those_asked_for(session: Any, written: dict[str, int]) -> None:
    assert written["application"] == count(Application) == COUNT
    assert count(Unit) == 20_000
    assert count(Committee) >= 300
    assert set(Counter(session.scalars(select(Application.review_year))).values()) == {COUNT // 5}
    assert count(Person) == written["person"]


def test_every_state_occurs(session: Any) -> None:
    assert set(session.scalars(select(Application.state).distinct())) == set(ApplicationState)


def test_units_form_a_tree_of_four_levels_over_all_regions(session: Any) -> None:
    paths = session.scalars(select(Unit.path)).all()
    assert Counter(path.count("/") - 1 for path in paths) == {1: 1, 2: 14, 3: 122, 4: 20_000 - 137}
    assert all(
        path.endswith(f"/{key}/") for key, path in session.execute(select(Unit.id, Unit.path))
    )


def test_codes_are_valid(session: Any) -> None:
    for code, region in session.execute(select(Unit.credit_code, Unit.region_code).limit(500)):
        assert credit_code(code)[2:8] == region
    for person in session.scalars(select(Person)):
        id_number(
            IdKind.RESIDENT,
            person.id_number,
            sex=person.sex,
            birth=person.birth_date,
            today=AT.date(),
        )
    assert all(
        certificates.is_number(number) for number in session.scalars(select(Certificate.number))
    )


def test_rows_agree_with_the_states(session: Any) -> None:
    certified = count(
        Application, Application.state.in_((ApplicationState.CERTIFIED, ApplicationState.REVOKED))
    )
    assert count(Certificate) == certified
    assert count(Certificate, Certificate.state == CertificateState.REVOKED) == count(
        Application, Application.state == ApplicationState.REVOKED
    )
    lacking = (
        select(Application.id)
        .where(Application.state == ApplicationState.IN_CORRECTION)
        .except_(select(Correction.application_id))
    )
    assert session.scalars(lacking).all() == []
    unnamed = (
        select(Application.id)
        .where(Application.state == ApplicationState.IN_NOTICE)
        .except_(select(NoticeItem.application_id))
    )
    assert session.scalars(unnamed).all() == []
    unjudged = (
        select(Application.id)
        .where(Application.state.in_((ApplicationState.PASSED, ApplicationState.FAILED)))
        .except_(select(Result.application_id))
    )
    assert session.scalars(unjudged).all() == []


def test_superior_units_hold_what_arrived(session: Any) -> None:
    query = (
        select(func.count())
        .select_from(Application)
        .join(RouteStep, RouteStep.application_id == Application.id)
        .where(
            Application.state == ApplicationState.AT_SUPERIOR,
            RouteStep.position == Application.route_position,
            RouteStep.unit_id == Application.holder_id,
            RouteStep.arrived_at.is_not(None),
            RouteStep.passed_at.is_(None),
        )
    )
    assert (
        session.scalar(query)
        == count(Application, Application.state == ApplicationState.AT_SUPERIOR)
        > 0
    )


def test_quotas_cover_what_was_used(session: Any) -> None:
    assert count(Quota) > 0
    assert count(Quota, Quota.used > Quota.granted) == 0


def test_references_lead_somewhere(session: Any) -> None:
    for table in TABLES:
        for key in metadata.tables[table].foreign_keys:
            child, parent = key.parent, key.column
            astray = select(child).where(child.is_not(None)).except_(select(parent))
            assert session.execute(astray.limit(1)).all() == [], f"{table}.{child.name}"


def test_last_log_line_of_the_running_year_leads_to_the_state(session: Any) -> None:
    lines = session.execute(
        select(TransitionLog.subject_id, TransitionLog.target, TransitionLog.at).order_by(
            TransitionLog.id
        )
    ).all()
    latest = {key: target for key, target, _at in lines}
    moments: dict[int, list[datetime]] = {}
    for key, _target, at in lines:
        moments.setdefault(key, []).append(at)

    running = select(Application).where(
        Application.review_year == 2026, Application.state != ApplicationState.DRAFT
    )
    for record in session.scalars(running):
        assert latest[record.id] == record.state.value
        assert moments[record.id] == sorted(moments[record.id])
