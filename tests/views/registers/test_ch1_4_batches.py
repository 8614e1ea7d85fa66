"""1.4.2 over HTTP: the annual batch from submission to closing."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import BatchState, Role
from app.models import Batch, Committee
from tests.support import factories as f
from tests.support.signing import client_of, english


@pytest.fixture
def committee(app: Flask) -> Committee:
    return f.committee()


@pytest.fixture
def office(app: Flask, committee: Committee) -> FlaskClient:
    return client_of(app, f.position(Role.OFFICE, committee=committee))


@pytest.fixture
def authority(app: Flask) -> FlaskClient:
    return client_of(app, f.position(Role.HRSS, unit=f.unit(region_code="430000")))


def typed(committee: Committee, **values: Any) -> dict[str, Any]:
    days = {
        "apply_start": 0,
        "apply_end": 10,
        "resubmit_end": 20,
        "unit_end": 30,
        "superior_end": 40,
    }
    days |= {"office_end": 50, "material_cutoff": 10}
    return {
        "committee_id": committee.id,
        "name": "高级评审批次",
        "review_year": f.today().year,
        "modes": ["normal", "green"],
        "levels": ["2", "1"],
        "seniority_date": f"{f.today().year}-12-31",
        "senior_cap": "40",
        "associate_cap": "55",
        **{name: f.in_days(count).isoformat() for name, count in days.items()},
    } | values


def decide(client: FlaskClient, batch: Batch, **form: Any) -> Any:
    button = form.pop("button", "audit")
    return client.post(f"/g/1.4.2/act/{button}", data={"row": f"{batch.id}:{batch.version}"} | form)


def test_batch_is_submitted_returned_changed_and_opened(
    office: FlaskClient, authority: FlaskClient, committee: Committee, session: Session
) -> None:
    assert office.get("/g/1.4.2/add").status_code == 200

    submitted = office.post("/g/1.4.2/add", data=typed(committee))
    assert submitted.status_code == 303, submitted.text
    batch = session.scalars(select(Batch)).one()
    assert (batch.levels, batch.modes) == ("12", ["normal", "green"])
    assert batch.name in authority.get("/g/1.4.2/waiting/").text
    returned = decide(authority, batch, decision="return", opinion="单位上报截止日期过早，请顺延")
    assert returned.status_code == 303
    assert 'value="高级评审批次"' in office.get(f"/g/1.4.2/{batch.id}/edit").text
    changed = office.post(
        f"/g/1.4.2/{batch.id}/edit", data=typed(committee, unit_end=f.in_days(35).isoformat())
    )
    assert changed.status_code == 303, changed.text
    session.expire_all()
    opened = decide(authority, batch, decision="agree")

    assert opened.status_code == 303
    session.expire_all()
    assert (batch.state, batch.unit_end) == (BatchState.OPEN, f.in_days(35))
    assert office.get(f"/g/1.4.2/{batch.id}").status_code == 200


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"apply_end": f.in_days(60).isoformat(), "material_cutoff": f.in_days(60).isoformat()},
            "lies before",
        ),
        ({"material_cutoff": f.in_days(11).isoformat()}, "lies before"),
        ({"senior_cap": "140"}, "from 0 to 100"),
        ({"levels": []}, "Tick at least one"),
        ({"levels": ["8"]}, "not offered any more"),
        ({"office_end": "2026-02-30"}, "is no day"),
        ({"office_end": f.in_days(705).isoformat()}, "approved again"),
        ({"review_year": "二零二六"}, "whole number"),
        ({"committee_id": "424242"}, "not offered any more"),
    ],
)
def test_refused_batch_keeps_what_was_typed(
    office: FlaskClient,
    committee: Committee,
    session: Session,
    values: dict[str, Any],
    sentence: str,
) -> None:
    page = office.post("/g/1.4.2/add", data=typed(committee, **values))

    assert page.status_code == 422
    assert sentence in page.text
    assert 'value="高级评审批次"' in page.text
    assert session.scalars(select(Batch)).all() == []


def test_refused_change_leaves_the_batch_as_it_was(
    office: FlaskClient, committee: Committee, session: Session
) -> None:
    batch = f.batch(committee=committee, state=BatchState.RETURNED)
    before = batch.unit_end

    page = office.post(
        f"/g/1.4.2/{batch.id}/edit", data=typed(committee, unit_end=f.in_days(1).isoformat())
    )

    assert page.status_code == 422
    assert "lies before" in page.text
    session.expire_all()
    assert (batch.unit_end, batch.state) == (before, BatchState.RETURNED)


def test_second_batch_of_the_year_is_refused(office: FlaskClient, committee: Committee) -> None:
    f.batch(committee=committee)

    page = office.post("/g/1.4.2/add", data=typed(committee))

    assert page.status_code == 422
    assert "one per year" in page.text


def test_open_batch_is_not_closed_while_people_may_apply(
    authority: FlaskClient, committee: Committee, session: Session
) -> None:
    batch = f.batch(committee=committee)

    page = decide(authority, batch, button="close")

    assert page.status_code == 422
    assert "may be handed in until" in page.text


def test_batch_of_another_committee_or_region_is_not_found(office: FlaskClient, app: Flask) -> None:
    foreign = f.batch(state=BatchState.SUBMITTED)
    elsewhere = client_of(app, f.position(Role.HRSS, unit=f.unit(region_code="430700")))

    assert office.get(f"/g/1.4.2/{foreign.id}").status_code == 404
    assert decide(elsewhere, foreign, decision="agree").status_code == 404


def test_office_does_not_open_its_own_batch(office: FlaskClient, committee: Committee) -> None:
    batch = f.batch(committee=committee, state=BatchState.SUBMITTED)

    assert decide(office, batch, decision="agree").status_code == 403
    assert office.get("/g/1.4.2/waiting/").status_code == 403


def test_unit_sees_neither_experts_nor_batches_of_the_office(app: Flask) -> None:
    clerk = client_of(app, f.position(Role.UNIT, unit=f.unit()))

    assert [clerk.get(path).status_code for path in ("/g/1.4.1/", "/g/1.4.2/")] == [403, 403]


def test_every_fault_of_a_batch_stands_at_its_field(
    office: FlaskClient, committee: Committee
) -> None:
    f.batch(committee=committee, name="已有批次")
    wrong = {"unit_end": f.in_days(1).isoformat(), "material_cutoff": f.in_days(20).isoformat()}

    answer = english(office).post("/g/1.4.2/add", data=typed(committee) | wrong)

    assert answer.status_code == 422
    for field in ("unit_end", "material_cutoff", "review_year"):
        assert f'id="{field}-error"' in answer.text
    assert "The committee has the batch “已有批次”" in answer.text


def test_missing_fields_and_broken_rules_are_shown_together(
    office: FlaskClient, committee: Committee
) -> None:
    wrong = {"name": "", "apply_end": "x", "modes": [], "unit_end": f.in_days(1).isoformat()}

    answer = english(office).post("/g/1.4.2/add", data=typed(committee) | wrong)

    assert answer.status_code == 422
    for field in ("name", "apply_end", "modes", "unit_end"):
        assert f'id="{field}-error"' in answer.text
    assert 'value="x"' in answer.text
    assert office.post("/g/1.4.2/add", data={}).status_code == 422
