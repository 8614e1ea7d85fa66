"""Start page: the running batches with their days, and what comes next where nothing waits."""

from datetime import timedelta

import pytest
from flask import Flask

from app import engine
from app.enums import ApplicationState, BatchState, PlanState, Role, SeatState
from app.extensions import appbuilder
from app.ground import clock
from app.models import Batch
from app.views.frame import home_batches
from tests.support import factories
from tests.support.signing import client_of


def running(name: str, last_day: int) -> Batch:
    """Make a batch whose last day is so many days away."""
    ends = ("unit_end", "superior_end", "office_end")
    days = {end: factories.in_days(last_day) for end in ends}
    if last_day < 0:
        begun = ("apply_end", "material_cutoff", "resubmit_end")
        days |= {end: factories.in_days(-20) for end in begun}
    return factories.batch(name=name, **days)


def test_running_batches_are_shown_the_next_end_first(app: Flask) -> None:
    ended = running("已结束的批次", -1)
    late = running("后结束的批次", 130)
    soon = running("先结束的批次", 125)
    future = factories.batch(name="未开始的批次", apply_start=factories.in_days(5))

    province = factories.unit("省人社厅", region_code="430000")
    page = client_of(app, factories.position(Role.HRSS, unit=province)).get("/").text

    assert page.index(soon.name) < page.index(late.name)
    assert ended.name not in page
    assert f"<h2>{future.name}" not in page


def test_who_has_nothing_to_do_reads_what_comes_next(app: Flask) -> None:
    committee = factories.committee()
    batch = factories.batch(committee=committee, name="教师批次")

    page = client_of(app, factories.position(Role.OFFICE, committee=committee)).get("/").text

    last_day = batch.apply_end.isoformat()
    assert f"Next in {batch.name}: Personal applications, until {last_day}" in page


def test_unit_sees_the_batches_that_concern_it(app: Flask) -> None:
    unit = factories.unit()
    in_tree, filed, other = (
        factories.batch(name=name) for name in ("树上批次", "申报批次", "别的批次")
    )
    factories.route(in_tree.committee, unit)
    factories.application(ApplicationState.AT_UNIT, unit=unit, batch=filed)
    client = client_of(app, factories.position(Role.UNIT, unit=unit))

    page, every = client.get("/").text, client.get("/g/running-batches/").text

    assert in_tree.name in page
    assert filed.name in page
    assert other.name not in page
    assert all(one.name in every for one in (in_tree, filed))
    assert other.name not in every
    assert client.get(f"/g/running-batches/{other.id}").status_code == 404


def test_draft_of_the_units_people_is_not_told_by_its_batch(app: Flask) -> None:
    unit = factories.unit()
    batch = factories.batch(name="草稿批次")
    factories.application(ApplicationState.DRAFT, unit=unit, batch=batch)

    page = client_of(app, factories.position(Role.UNIT, unit=unit)).get("/").text

    assert batch.name not in page


def test_more_batches_than_shown_have_a_list(app: Flask) -> None:
    committee = factories.committee()
    for number in range(home_batches.SHOWN):
        factories.batch(committee=committee, review_year=2020 + number)
    client = client_of(app, factories.position(Role.OFFICE, committee=committee))
    few = client.get("/").text
    last = factories.batch(
        committee=committee, name="第四个批次", office_end=factories.in_days(130)
    )

    many = client.get("/").text

    assert "All running batches" not in few
    assert "All running batches" in many
    assert last.name not in many
    assert last.name in client.get("/g/running-batches/").text


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "Now: Units report, last day today"), (3, "Now: Units report, days left: 3")],
)
def test_batch_says_which_stage_lasts_and_how_long(app: Flask, days: int, words: str) -> None:
    committee = factories.committee()
    begun = ("apply_end", "material_cutoff", "resubmit_end")
    past = {name: factories.in_days(-2) for name in begun}
    factories.batch(committee=committee, unit_end=factories.in_days(days), **past)

    page = client_of(app, factories.position(Role.OFFICE, committee=committee)).get("/").text

    assert words in page


def test_figures_are_not_shown_without_the_statistics(app: Flask) -> None:
    unit = factories.unit()
    factories.application(ApplicationState.AT_UNIT, unit=unit)
    client = client_of(app, factories.position(Role.UNIT, unit=unit))
    before = client.get("/").text
    role = appbuilder.sm.find_role(Role.UNIT.value)
    role.permissions.remove(appbuilder.sm.find_permission_view_menu("can_list", "StatisticsView"))

    after = client.get("/").text

    assert "Where it is stuck" in before
    assert "Where it is stuck" not in after


def test_running_batches_do_not_tell_units_how_many_apply_elsewhere(app: Flask) -> None:
    case = factories.application(ApplicationState.AT_UNIT)
    client = client_of(app, factories.position(Role.UNIT, unit=case.unit))

    page = client.get(f"/g/running-batches/{case.batch_id}").text

    assert case.batch.name in page
    assert "Applications by state" not in page


def test_without_a_running_batch_the_next_one_is_named(app: Flask) -> None:
    committee = factories.committee()
    day = factories.in_days(9)
    factories.batch(committee=committee, name="明年批次", apply_start=day)

    page = client_of(app, factories.position(Role.OFFICE, committee=committee)).get("/").text

    assert f"Next: 明年批次 opens on {day}." in page


def test_a_judge_reads_of_the_next_own_meeting(app: Flask) -> None:
    day = factories.in_days(12)
    plan = factories.plan(name="教师评审会", state=PlanState.APPROVED, opens_on=day, closes_on=day)
    judge = factories.position(Role.JUDGE, committee=plan.committee)
    factories.seat(plan, judge.user, state=SeatState.ACCEPTED)
    other = factories.position(Role.JUDGE, committee=plan.committee)

    assert f"Next: the meeting “教师评审会”, from {day}." in client_of(app, judge).get("/").text
    assert "教师评审会" not in client_of(app, other).get("/").text


def test_an_empty_queue_says_what_comes_next(app: Flask) -> None:
    committee = factories.committee()
    day = factories.in_days(9)
    factories.batch(committee=committee, name="明年批次", apply_start=day)
    client = client_of(app, factories.position(Role.OFFICE, committee=committee))

    assert f"Next: 明年批次 opens on {day}." in client.get("/g/1.2.1/").text


def test_tile_says_the_next_deadline_and_since_when_the_oldest_waits(app: Flask) -> None:
    unit = factories.unit()
    due = clock.end_of_day(factories.in_days(3))
    since = clock.now() - timedelta(days=4)
    factories.application(ApplicationState.AT_UNIT, unit=unit, held_since=since, due_at=due)

    page = client_of(app, factories.position(Role.UNIT, unit=unit)).get("/").text

    assert f"<small>until {factories.in_days(3)}</small>" in page
    assert f"<small>waiting, the oldest since {clock.local_date(since)}</small>" in page


def test_days_without_anything_handed_in_are_told_in_words(app: Flask) -> None:
    unit = factories.unit()

    page = client_of(app, factories.position(Role.UNIT, unit=unit)).get("/").text

    assert "Nothing was handed in during the last 14 days." in page


def test_a_tile_says_since_when_what_was_returned_waits(app: Flask) -> None:
    committee = factories.committee()
    office = factories.position(Role.OFFICE, committee=committee)
    authority = factories.actor(Role.HRSS, unit=factories.unit(region_code="430000"))
    batch = factories.batch(committee=committee, state=BatchState.SUBMITTED)
    back = clock.now() - timedelta(days=3)
    engine.fire(batch, "return", actor=authority, at=back, opinion="请核对截止时间")
    factories.db.session.commit()

    page = client_of(app, office).get("/").text

    assert f"the oldest since {clock.local_date(back)}" in page
