"""Start page: the running batches with their days, and what comes next where nothing waits."""

from flask import Flask

from app.enums import PlanState, Role, SeatState
from app.models import Batch
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
