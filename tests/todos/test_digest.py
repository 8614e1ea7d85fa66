"""Daily digest: one message a day, what is new and late in it, every deadline told of once."""

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

from app import settings
from app.enums import ApplicationState, DeadlineStage, Role
from app.extensions import db
from app.ground import clock
from app.menu import TREE
from app.models import Application, DeadlineNote, DigestRun, Handler, Message, Outbox, Position
from app.services.messages import outbox, templates
from app.todos import digest
from tests.support import factories as f
from tests.support.signing import client_of

DAY = date(2026, 6, 3)
"""A Wednesday."""
TILE = re.compile(r'<a class="tile".*?<b>(\d+)</b>', re.DOTALL)
NINE = clock.start_of_day(DAY) + timedelta(hours=9)


def run(at: datetime = NINE) -> int:
    return digest.run(TREE.entries(), at)


def sent(position: Position) -> list[Outbox]:
    query = select(Outbox).where(
        Outbox.template.like("digest.%"), Outbox.user_id == position.user_id
    )
    return list(db.session.scalars(query.order_by(Outbox.id)))


def body(row: Outbox) -> str:
    return templates.fill(templates.defaults()[row.template][1], row.payload)


def arrived(unit: object, since: datetime, due: datetime | None = None) -> Application:
    case = f.application(ApplicationState.AT_UNIT, unit=unit)
    case.held_since, case.due_at = since, due
    db.session.flush()
    return case


@pytest.fixture
def clerk(app: Flask) -> Position:
    f.work_days(date(2026, 1, 1), date(2026, 12, 31))
    return f.position(Role.UNIT, unit=f.unit())


def test_digest_counts_per_menu_what_waits_and_what_is_new(clerk: Position) -> None:
    arrived(clerk.unit, NINE - timedelta(days=5))
    arrived(clerk.unit, NINE - timedelta(hours=3))

    assert run() == 1

    [row] = sent(clerk)
    assert (row.payload["count"], row.payload["fresh"], row.payload["url"]) == (2, 1, "/")
    assert "2 件待办、新到 1 件、最早到达 2026-05-29" in body(row)
    assert "](/g/1.1.1/check/?todo=waiting)" in body(row)
    assert clerk.label in body(row)
    assert "{" not in body(row)


def test_digest_is_sent_once_a_day(clerk: Position) -> None:
    arrived(clerk.unit, NINE)

    sent_per_run = [run(), run(NINE + timedelta(hours=2)), run(NINE + timedelta(days=1))]

    assert sent_per_run == [1, 0, 1]
    assert len(sent(clerk)) == 2
    assert [one.finished_at is not None for one in db.session.scalars(select(DigestRun))] == [
        True,
        True,
    ]


def test_new_is_what_arrived_since_the_digest_before(clerk: Position) -> None:
    arrived(clerk.unit, NINE - timedelta(hours=3))
    run()
    arrived(clerk.unit, NINE + timedelta(hours=3))

    run(NINE + timedelta(days=1))

    assert [one.payload["fresh"] for one in sent(clerk)] == [1, 1]


def test_nothing_waiting_sends_nothing(clerk: Position) -> None:
    arrived(f.unit(), NINE)

    assert run() == 0
    assert sent(clerk) == []


def test_digest_waits_for_its_hour_and_can_be_switched_off(clerk: Position) -> None:
    arrived(clerk.unit, NINE)
    settings.store_value("digest_hour", "10")

    assert run() == 0
    settings.store_value("digest_on", "0")
    assert run(NINE + timedelta(hours=2)) == 0
    settings.store_value("digest_on", "1")
    assert run(NINE + timedelta(hours=2)) == 1


def test_a_day_off_has_no_digest_unless_a_deadline_comes_nearer(clerk: Position) -> None:
    saturday = NINE + timedelta(days=3)
    arrived(clerk.unit, NINE)
    assert run(saturday) == 0

    arrived(clerk.unit, NINE, clock.end_of_day(date(2026, 6, 8)))

    assert run(saturday + timedelta(days=1)) == 1
    assert "一天内到期" in body(sent(clerk)[0])


def test_every_stage_of_a_deadline_is_told_once(clerk: Position) -> None:
    case = arrived(clerk.unit, NINE - timedelta(days=9), clock.end_of_day(DAY + timedelta(days=3)))

    for days in range(6):
        run(NINE + timedelta(days=days))

    notes = db.session.scalars(select(DeadlineNote).order_by(DeadlineNote.id)).all()
    assert [(one.stage, one.subject_id, one.user_id) for one in notes] == [
        (stage, case.id, clerk.user_id)
        for stage in (DeadlineStage.THREE_DAYS, DeadlineStage.ONE_DAY, DeadlineStage.PASSED)
    ]
    named = [case.number in row.payload["deadlines"] for row in sent(clerk)]
    assert named.count(True) == 3
    assert "已逾期" in body(sent(clerk)[-1])


def test_a_moved_deadline_is_told_of_again(clerk: Position) -> None:
    case = arrived(clerk.unit, NINE, clock.end_of_day(DAY + timedelta(days=3)))
    run()
    case.due_at = clock.end_of_day(DAY + timedelta(days=4))
    db.session.flush()

    run(NINE + timedelta(days=1))

    assert [bool(row.payload["deadlines"]) for row in sent(clerk)] == [True, True]


def test_many_deadlines_are_named_up_to_ten(clerk: Position) -> None:
    for _number in range(12):
        arrived(clerk.unit, NINE, clock.end_of_day(DAY))

    run()

    lines = sent(clerk)[0].payload["deadlines"].splitlines()
    assert len(lines) == 11
    assert lines[-1] == "· 另有 2 件"


def test_applicants_hear_of_deadlines_alone(app: Flask) -> None:
    f.work_days(date(2026, 1, 1), date(2026, 12, 31))
    near, later = f.applicant(), f.applicant()
    for (person, _position), days in ((near, 1), (later, 9)):
        case = f.application(ApplicationState.DRAFT, person=person)
        case.due_at = clock.end_of_day(DAY + timedelta(days=days))
    db.session.flush()

    assert run() == 1

    [row] = sent(near[1])
    assert (row.template, row.payload["url"]) == ("digest.deadline", "/me/")
    assert sent(later[1]) == []


def test_accounts_that_cannot_sign_in_get_nothing(clerk: Position) -> None:
    arrived(clerk.unit, NINE)
    clerk.user.active = False
    db.session.flush()

    assert run() == 0


def test_pages_of_accounts_are_all_served(clerk: Position, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "ACCOUNTS", 2)
    arrived(clerk.unit, NINE)
    others = [f.position(Role.UNIT, unit=clerk.unit) for _number in range(4)]

    assert run() == 5
    assert all(len(sent(one)) == 1 for one in [clerk, *others])


def test_statements_do_not_grow_with_rows(clerk: Position) -> None:
    def statements(at: datetime) -> int:
        count = 0

        def note(*_args: object) -> None:
            nonlocal count
            count += 1

        event.listen(db.engine, "before_cursor_execute", note)
        run(at)
        event.remove(db.engine, "before_cursor_execute", note)
        return count

    arrived(clerk.unit, NINE, clock.end_of_day(DAY))
    run(NINE - timedelta(days=1))
    first = statements(NINE)
    for _number in range(20):
        arrived(clerk.unit, NINE, clock.end_of_day(DAY + timedelta(days=2)))

    assert statements(NINE + timedelta(days=1)) <= first


def test_links_of_a_digest_open_lists(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    for view in TREE.views():
        for todo in getattr(view, "all_todos", tuple)():
            endpoint, _values = adapter.match(f"{view.route_base}/")
            assert endpoint == f"{view.__name__}.{view.default_view}", (view, todo)


def test_digest_reaches_the_hall(clerk: Position) -> None:
    arrived(clerk.unit, NINE)
    run()

    outbox.deliver(NINE)

    message = db.session.scalars(select(Message).where(Message.user_id == clerk.user_id)).one()
    assert message.subject == "每日待办：1 件等您办理"


def test_counts_equal_those_of_the_start_page_without_a_colleagues_case(
    app: Flask, clerk: Position
) -> None:
    colleague = f.position(Role.UNIT, unit=clerk.unit)
    given, *_others = [arrived(clerk.unit, NINE - timedelta(days=1)) for _number in range(3)]
    f.application(ApplicationState.CHECKED, unit=clerk.unit)
    f.add(
        Handler(
            application_id=given.id, role=Role.UNIT, unit_id=clerk.unit_id,
            position_id=colleague.id, given_at=NINE,
        )
    )  # fmt: skip

    assert run() == 2

    with time_machine.travel(NINE, tick=True):
        for position, mine in ((clerk, 3), (colleague, 4)):
            tiles = TILE.findall(client_of(app, position).get("/").text)
            assert sum(map(int, tiles)) == sent(position)[0].payload["count"] == mine
