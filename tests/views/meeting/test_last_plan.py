"""A new plan takes what the last one of the committee had, with the next possible days."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.enums import BatchState, MeetingMode, Role
from app.models import Batch
from tests.support import factories as f
from tests.support.signing import client_of, english

NEW = "/g/1.2.2/add"
NOW = "2026-09-01 10:00"
ITEM = {"name": "学术水平", "max": 100, "weight": 100, "step": "material_score"}


@pytest.fixture(autouse=True)
def on_one_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def batch(app: Flask) -> Batch:
    f.work_days(date(2026, 8, 1), date(2026, 12, 31))
    return f.batch(
        name="2026年度批次",
        review_year=2026,
        senior_cap=30,
        apply_start=date(2026, 3, 2),
        apply_end=date(2026, 4, 30),
        material_cutoff=date(2026, 4, 30),
        resubmit_end=date(2026, 5, 15),
        unit_end=date(2026, 5, 29),
        superior_end=date(2026, 6, 30),
        office_end=date(2026, 10, 9),
    )


@pytest.fixture
def office(app: Flask, batch: Batch) -> FlaskClient:
    return english(client_of(app, f.position(Role.OFFICE, committee=batch.committee)))


@pytest.fixture
def old(batch: Batch) -> Batch:
    return f.batch(
        committee=batch.committee, review_year=2025, name="2025年度批次", state=BatchState.CLOSED
    )


def test_new_plan_takes_over_the_last_one_on_the_next_possible_days(
    office: FlaskClient, batch: Batch, old: Batch
) -> None:
    f.plan(batch=old, name="2024年度会议", place="旧会议室")
    f.plan(
        batch=old,
        name="2025年度机械会议",
        place="长沙市行政中心三楼",
        mode=MeetingMode.ONLINE,
        seats=13,
        alternates=4,
        senior_cap=40,
        steps=["material_score", "opinion", "vote"],
        score_items=[ITEM],
        opens_on=date(2025, 10, 20),
        closes_on=date(2025, 10, 22),
        groups=[{"name": "一组", "seats": 13, "specialties": []}],
    )

    page = office.get(NEW).text

    for value in ("长沙市行政中心三楼", "2026年度机械会议", "13", "4", "学术水平", "一组", "30"):
        assert f'value="{value}"' in page
    # the qualification check of the batch ends on Friday 9 October; the Saturday after it is worked
    assert 'value="2026-10-10"' in page
    assert 'value="2026-10-12"' in page
    assert 'checked id="mode-0" name="mode" required' in page or 'checked id="mode-0"' in page
    assert "Taken over from “2025年度机械会议”" in page
    assert f'<option selected value="{batch.id}">' in page
    assert "旧会议室" not in page


def test_without_a_calendar_the_days_stay_empty(office: FlaskClient, old: Batch) -> None:
    f.plan(batch=old, place="长沙市行政中心三楼")
    f.unknown_after(date(2026, 9, 4))

    page = office.get(NEW).text

    assert "does not reach it: Meeting from, Meeting until." in page
    assert "长沙市行政中心三楼" in page


def test_first_plan_has_the_usual_values(office: FlaskClient) -> None:
    page = office.get(NEW).text

    assert "Taken over" not in page
    assert 'value="5"' in page
