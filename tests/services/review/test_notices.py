"""Public notices: five working days by the official calendar, nobody let go early."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.engine import Refused, RefusedRows, fire
from app.enums import ApplicationState, NoticeKind, NoticeState, ObjectionState, Role
from app.ground import clock
from app.ground.actor import SYSTEM, Actor
from app.models import Application, Notice
from app.services.registers.working_days import UnknownDay
from app.services.review import notices
from tests.support import factories
from tests.support.acting import act_on

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def official_calendar(app: object) -> None:
    factories.work_days()


@pytest.fixture
def clerk() -> Actor:
    return factories.actor(Role.UNIT, unit=factories.unit())


def application_of(
    clerk: Actor, state: ApplicationState = ApplicationState.CHECKED, **values: Any
) -> Application:
    unit = factories.db.session.get_one(factories.Unit, clerk.unit_id)
    return factories.application(state, unit=unit, **values)


def typed(clerk: Actor, starts_on: date | None = None, **values: Any) -> Notice:
    filled = {"title": "公示", "place": "公告栏", "contact": "王芳", "phone": "0731-12345678"}
    return notices.draft(
        kind=values.pop("kind", NoticeKind.UNIT),
        unit_id=clerk.unit_id,
        starts_on=starts_on or factories.today(),
        at=clock.now(),
        **filled | values,
    )


def open_notice(clerk: Actor, *chosen: Application, **details: Any) -> Notice:
    notice = typed(clerk, details.pop("starts_on", None))
    details = {"application_ids": [one.id for one in chosen]} | details
    fire(notice, "open", actor=clerk, at=clock.now(), details=details)
    return notice


# its length


@pytest.mark.parametrize(
    ("posted", "ends"),
    [
        (date(2024, 9, 9), date(2024, 9, 14)),
        (date(2024, 9, 10), date(2024, 9, 18)),
        (date(2024, 9, 24), date(2024, 9, 30)),
        (date(2024, 9, 26), date(2024, 10, 9)),
        (date(2024, 12, 25), date(2025, 1, 2)),
    ],
)
def test_last_day_follows_the_official_calendar(posted: date, ends: date) -> None:
    factories.work_days(date(2024, 9, 1), date(2025, 1, 31))

    assert notices.last_day(NoticeKind.UNIT, posted) == ends
    assert notices.last_day(NoticeKind.RESULT, posted) == ends


def test_last_day_stops_where_the_calendar_is_unknown() -> None:
    with pytest.raises(UnknownDay):
        notices.last_day(NoticeKind.UNIT, date(2090, 1, 3))


def test_open_refuses_a_first_day_in_the_past(clerk: Actor) -> None:
    chosen = application_of(clerk)

    with pytest.raises(Refused) as refusal:
        open_notice(clerk, chosen, starts_on=factories.in_days(-1))

    assert refusal.value.field == "starts_on"
    assert chosen.state is ApplicationState.CHECKED


def test_open_refuses_an_end_that_was_shortened(clerk: Actor) -> None:
    notice = typed(clerk)
    notice.ends_on -= timedelta(days=1)
    chosen = application_of(clerk)

    with pytest.raises(Refused, match="must hang until"):
        fire(
            notice,
            "open",
            actor=clerk,
            at=clock.now(),
            details={"application_ids": [chosen.id]},
        )


def test_open_warns_when_the_end_falls_after_the_units_deadline(clerk: Actor) -> None:
    batch = factories.batch(
        apply_end=factories.today(),
        resubmit_end=factories.today(),
        material_cutoff=factories.today(),
        unit_end=factories.in_days(1),
    )
    chosen = application_of(clerk, batch=batch)

    with pytest.raises(Refused, match="deadline") as refusal:
        open_notice(clerk, chosen)
    assert refusal.value.field == "accept_late"
    assert chosen.state is ApplicationState.CHECKED

    open_notice(clerk, chosen, accept_late=True)
    assert chosen.state is ApplicationState.IN_NOTICE


# opening it


def test_open_freezes_everybody_named(clerk: Actor) -> None:
    chosen = [application_of(clerk), application_of(clerk)]

    notice = open_notice(clerk, *chosen)

    assert notice.state is NoticeState.RUNNING
    assert [one.state for one in chosen] == [ApplicationState.IN_NOTICE, ApplicationState.IN_NOTICE]
    assert all(one.frozen_at for one in chosen)
    assert {item.application_id for item in notice.items} == {one.id for one in chosen}


def test_open_refuses_an_empty_notice(clerk: Actor) -> None:
    with pytest.raises(Refused, match="at least one"):
        open_notice(clerk)


def test_open_refuses_another_units_application(clerk: Actor) -> None:
    own, strange = application_of(clerk), factories.application(ApplicationState.CHECKED)

    with pytest.raises(Refused, match="not filed in your unit"):
        open_notice(clerk, own, strange)

    assert (own.state, strange.state) == (ApplicationState.CHECKED, ApplicationState.CHECKED)


def test_open_names_those_who_did_not_pass_the_first_check(clerk: Actor, session: Session) -> None:
    good, early = application_of(clerk), application_of(clerk, ApplicationState.AT_UNIT)
    session.commit()

    with pytest.raises(RefusedRows) as refusal:
        open_notice(clerk, good, early)
    assert [record for record, _why in refusal.value.rows] == [early]
    session.rollback()

    assert good.state is ApplicationState.CHECKED


def test_open_refuses_a_notice_in_another_units_name(clerk: Actor) -> None:
    notice = typed(clerk)
    notice.unit_id = factories.unit().id

    with pytest.raises(Refused, match="opened by that unit"):
        fire(notice, "open", actor=clerk, at=clock.now(), details={"application_ids": [1]})


def test_open_result_notice_takes_everybody_who_passed() -> None:
    plan = factories.plan()
    office = factories.actor(Role.OFFICE, committee=plan.committee)
    passed = [factories.application(ApplicationState.PASSED, plan=plan) for _ in range(2)]
    failed = factories.application(ApplicationState.FAILED, plan=plan)
    notice = typed(office, kind=NoticeKind.RESULT, plan_id=plan.id)

    fire(notice, "open", actor=office, at=clock.now())

    assert [one.state for one in passed] == [
        ApplicationState.IN_RESULT_NOTICE,
        ApplicationState.IN_RESULT_NOTICE,
    ]
    assert failed.state is ApplicationState.FAILED
    assert len(notice.items) == 2


def test_open_result_notice_refuses_another_office_and_an_empty_plan() -> None:
    plan = factories.plan()
    office = factories.actor(Role.OFFICE, committee=plan.committee)
    stranger = factories.actor(Role.OFFICE, committee=factories.committee())
    notice = typed(office, kind=NoticeKind.RESULT, plan_id=plan.id)

    with pytest.raises(Refused, match="own office"):
        fire(notice, "open", actor=stranger, at=clock.now())
    with pytest.raises(Refused, match="Nobody of the plan"):
        fire(notice, "open", actor=office, at=clock.now())


# its end


def last_moment(notice: Notice) -> datetime:
    return clock.end_of_day(notice.ends_on)


def test_close_waits_for_the_end_of_the_last_day(clerk: Actor) -> None:
    chosen = application_of(clerk)
    notice = open_notice(clerk, chosen)

    with pytest.raises(Refused, match="hangs until"):
        fire(notice, "close", actor=SYSTEM, at=last_moment(notice))
    assert chosen.state is ApplicationState.IN_NOTICE

    fire(notice, "close", actor=SYSTEM, at=last_moment(notice) + timedelta(microseconds=1))
    assert (notice.state, chosen.state) == (NoticeState.OVER, ApplicationState.NOTICE_OVER)


def test_close_is_for_the_clock_alone(clerk: Actor) -> None:
    notice = open_notice(clerk, application_of(clerk))

    with pytest.raises(Refused, match="position"):
        fire(notice, "close", actor=clerk, at=last_moment(notice) + timedelta(days=1))


def test_close_leaves_a_disputed_application_where_it_is(clerk: Actor) -> None:
    chosen = application_of(clerk)
    notice = open_notice(clerk, chosen)
    factories.objection(notice, chosen)
    fire(chosen, "object", actor=clerk, at=clock.now())

    fire(notice, "close", actor=SYSTEM, at=last_moment(notice) + timedelta(seconds=1))

    assert chosen.state is ApplicationState.DISPUTED


def test_close_of_an_old_notice_leaves_those_who_hang_in_a_later_one(clerk: Actor) -> None:
    chosen = application_of(clerk, ApplicationState.IN_NOTICE)
    old = factories.notice([chosen], ends_on=factories.in_days(-1), starts_on=factories.in_days(-9))
    new = factories.notice([chosen], ends_on=factories.in_days(6))

    fire(old, "close", actor=SYSTEM, at=clock.now())
    assert chosen.state is ApplicationState.IN_NOTICE

    fire(new, "close", actor=SYSTEM, at=last_moment(new) + timedelta(seconds=1))
    assert chosen.state is ApplicationState.NOTICE_OVER


def test_close_of_a_result_notice_clears_the_results() -> None:
    plan = factories.plan()
    passed = factories.application(ApplicationState.IN_RESULT_NOTICE, plan=plan)
    notice = factories.notice([passed], plan=plan)

    fire(notice, "close", actor=SYSTEM, at=last_moment(notice) + timedelta(seconds=1))

    assert passed.state is ApplicationState.RESULT_CLEAR


def test_cancel_takes_everybody_out(clerk: Actor) -> None:
    chosen = application_of(clerk)
    notice = open_notice(clerk, chosen)

    fire(notice, "cancel", actor=clerk, at=clock.now(), opinion="名单有误，重新公示")

    assert (notice.state, chosen.state) == (NoticeState.CANCELLED, ApplicationState.CHECKED)


def test_cancel_refuses_another_unit_and_an_open_objection(clerk: Actor) -> None:
    chosen = application_of(clerk)
    notice = open_notice(clerk, chosen)
    other = factories.actor(Role.UNIT, unit=factories.unit())

    with pytest.raises(Refused, match="another unit"):
        fire(notice, "cancel", actor=other, at=clock.now(), opinion="名单有误，重新公示")
    factories.objection(notice, chosen)
    with pytest.raises(Refused, match="Settle it first"):
        fire(notice, "cancel", actor=clerk, at=clock.now(), opinion="名单有误，重新公示")

    assert notice.state is NoticeState.RUNNING


# what an application asks its notice


def test_has_finished_notice_refuses_without_and_with_a_cancelled_notice(clerk: Actor) -> None:
    chosen = application_of(clerk, ApplicationState.NOTICE_OVER)
    assert "1.1.1" in str(notices.has_finished_notice(act_on(chosen)))

    factories.notice([chosen], state=NoticeState.CANCELLED)
    assert "1.1.1" in str(notices.has_finished_notice(act_on(chosen)))


def test_has_finished_notice_refuses_while_it_hangs(clerk: Actor) -> None:
    chosen = application_of(clerk, ApplicationState.NOTICE_OVER, submitted_at=None)
    notice = factories.notice([chosen])
    last = last_moment(notice)

    assert "hangs until" in str(notices.has_finished_notice(act_on(chosen, at=last)))
    assert notices.has_finished_notice(act_on(chosen, at=last + timedelta(seconds=1))) is None


def test_has_finished_notice_refuses_a_notice_older_than_the_material(clerk: Actor) -> None:
    chosen = application_of(clerk, ApplicationState.NOTICE_OVER)
    factories.notice(
        [chosen], ends_on=factories.in_days(-2), created_at=clock.now() - timedelta(days=9)
    )
    chosen.submitted_at = clock.now() - timedelta(days=1)

    assert "new notice" in str(notices.has_finished_notice(act_on(chosen)))


def test_report_of_returned_material_needs_a_new_notice(clerk: Actor) -> None:
    chosen = application_of(clerk)
    notice = open_notice(clerk, chosen)
    after = last_moment(notice) + timedelta(seconds=1)
    fire(notice, "close", actor=SYSTEM, at=after)
    chosen.submitted_at = after + timedelta(hours=1)

    with pytest.raises(Refused, match="new notice"):
        fire(
            chosen,
            "report",
            actor=clerk,
            at=after + timedelta(hours=2),
            details={"recommendation": "同意推荐"},
        )


def test_report_is_refused_while_the_notice_runs(clerk: Actor) -> None:
    chosen = application_of(clerk)
    open_notice(clerk, chosen)

    with pytest.raises(Refused, match="In public notice"):
        fire(chosen, "report", actor=clerk, at=clock.now(), details={"recommendation": "同意"})


def test_has_no_open_objection_counts_open_ones_only(clerk: Actor) -> None:
    chosen = application_of(clerk, ApplicationState.NOTICE_OVER)
    notice = factories.notice([chosen])
    factories.objection(notice, chosen, state=ObjectionState.REJECTED)
    assert notices.has_no_open_objection(act_on(chosen)) is None

    factories.objection(notice, chosen)
    assert notices.has_no_open_objection(act_on(chosen)) is not None


def test_is_over_refuses_without_a_notice(clerk: Actor) -> None:
    assert notices.is_over(act_on(application_of(clerk, ApplicationState.IN_NOTICE))) is not None


@pytest.mark.parametrize(
    ("state", "running", "over"),
    [
        (ApplicationState.DISPUTED, ApplicationState.IN_NOTICE, ApplicationState.NOTICE_OVER),
        (
            ApplicationState.RESULT_DISPUTED,
            ApplicationState.IN_RESULT_NOTICE,
            ApplicationState.RESULT_CLEAR,
        ),
    ],
)
def test_state_after_inquiry_depends_on_the_notice(
    state: ApplicationState, running: ApplicationState, over: ApplicationState
) -> None:
    plan = factories.plan() if state is ApplicationState.RESULT_DISPUTED else None
    record = factories.application(state, plan=plan)
    notice = factories.notice([record], plan=plan)

    assert notices.state_after_inquiry(act_on(record, at=last_moment(notice))) is running
    late = last_moment(notice) + timedelta(seconds=1)
    assert notices.state_after_inquiry(act_on(record, at=late)) is over
