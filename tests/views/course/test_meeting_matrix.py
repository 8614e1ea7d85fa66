"""Judges × candidates of a meeting over HTTP: marks, totals, filter, pages, scopes; reminders once a day."""

from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.enums import (
    AssessmentState,
    MeetingDuty,
    ReviewStep,
    Role,
    SeatState,
)
from app.extensions import db
from app.ground import clock
from app.models import (
    MeetingReminder,
    Opinion,
    OpinionSigner,
    Outbox,
    Plan,
    Position,
    Seat,
    TransitionLog,
)
from app.views.course import meeting_matrix
from tests.bad_input import desk
from tests.support import factories, meetings
from tests.support.counting import statements_of
from tests.support.signing import client_of

MOST_STATEMENTS = 14
Sat = list[tuple[Position, Seat]]


def scored(count: int = 3, judges: int = 5) -> tuple[Plan, Sat]:
    """Make a meeting with sheets and opinions in which the first judge has handed in everything on one candidate."""
    plan, sat = meetings.sitting(count=count, judges=judges)
    plan.steps = ["material_review", "material_score", "opinion", "vote"]
    cases = meetings.candidates(plan)
    for place, (position, seat) in enumerate(sat, start=1):
        position.user.real_name = f"评委{place:02}号"
        factories.assign(seat, *cases)
    db.session.query(OpinionSigner).delete()
    db.session.query(Opinion).delete()
    done(sat[0][1], plan, cases[0].id)
    db.session.commit()
    return plan, sat


def done(seat: Seat, plan: Plan, case_id: int, total: int = 8000) -> None:
    case = next(one for one in meetings.candidates(plan) if one.id == case_id)
    for step, points in ((ReviewStep.MATERIAL_REVIEW, None), (ReviewStep.MATERIAL_SCORE, total)):
        factories.assessment(seat, case, step=step, state=AssessmentState.SUBMITTED, total=points)


def office(app: Flask, plan: Plan) -> FlaskClient:
    return client_of(app, factories.position(Role.OFFICE, committee=plan.committee))


def page(client: FlaskClient, plan: Plan, query: str = "") -> str:
    answer = client.get(f"/g/meeting/{plan.id}/matrix/{query}")
    assert answer.status_code == 200
    return answer.text


def told(*accounts: int) -> list[int]:
    db.session.rollback()
    return sorted(
        one.user_id for one in db.session.query(Outbox).filter_by(template="meeting.remind")
    )


def test_cells_and_totals_say_what_is_done_and_missing(app: Flask) -> None:
    plan, sat = scored()
    cases = meetings.candidates(plan)
    factories.recusal(cases[1], sat[2][0].user)
    done(sat[1][1], plan, cases[0].id, total=9000)
    factories.opinion(cases[0], sat[0][1])
    db.session.commit()

    text = page(office(app, plan), plan)

    assert "done: Material review, Material score, Group opinion" in text
    assert "done: Material review, Material score; missing: Group opinion" in text
    assert "missing: Material review, Material score, Group opinion" in text
    assert "Recused" in text
    assert "Sheets 2 of 6 · Opinions 1 of 3" in text
    assert "5 of 5 judges are behind; 4 of 30 sheets are handed in." in text
    assert "1 / 5" in text, "judges who have done everything on the first candidate"
    for figure in ("85.00", "5.00", "80.00", "90.00"):
        assert f">{figure}</td>" in text, figure


def test_only_what_is_missing_leaves_out_who_is_done(app: Flask) -> None:
    plan, sat = scored(count=2)
    first, second = meetings.candidates(plan)
    for _position, seat in sat[1:]:
        done(seat, plan, first.id)
    factories.opinion(first, *(seat for _position, seat in sat[:3]))
    done(sat[0][1], plan, second.id)
    factories.opinion(second, sat[0][1])
    client = office(app, plan)
    db.session.commit()

    whole, missing = page(client, plan), page(client, plan, "?missing=1")

    assert first.number in whole
    assert first.number not in missing
    assert second.number in missing
    assert sat[0][0].user.real_name in whole
    assert sat[0][0].user.real_name not in missing
    assert sat[1][0].user.real_name in missing


def test_candidates_come_in_pages_at_the_same_number_of_statements(app: Flask) -> None:
    plan, sat = scored(count=meeting_matrix.SIZE + 3)
    client = office(app, plan)
    path = f"/g/meeting/{plan.id}/matrix/"
    counts = [
        statements_of(client, f"{path}{query}") for query in ("", "?page=2", "?missing=1&page=2")
    ]
    assert len(set(counts)) == 1
    assert counts[0] <= MOST_STATEMENTS, counts
    numbers = [one.number for one in meetings.candidates(plan)]
    first, second = page(client, plan), page(client, plan, "?page=2")
    assert [one in first for one in numbers] == [True] * meeting_matrix.SIZE + [False] * 3
    assert [one in second for one in numbers] == [False] * meeting_matrix.SIZE + [True] * 3
    assert "no candidate" in page(client, plan, "?page=99"), "a page too far is empty"
    for typed in ("0", "-1", "x", "９"):
        assert client.get(f"{path}?page={typed}").status_code == 400
    assert statements_of(desk.at(app, sat[1][0]), path) <= MOST_STATEMENTS


def test_judges_see_their_own_row_and_no_names(app: Flask) -> None:
    plan, sat = scored()
    factories.recusal(meetings.candidates(plan)[2], sat[1][0].user)
    names = [position.user.real_name for position, _seat in sat]
    authority = factories.position(
        Role.HRSS, unit=factories.unit(kind="authority", region_code=plan.committee.region_code)
    )
    supervisor = meetings.supervisor(plan)
    db.session.commit()

    for who, own in ((sat[0][0], names[0]), (sat[1][0], names[1])):
        text = page(client_of(app, who), plan)
        assert own in text
        assert not [one for one in names if one != own and one in text]
        assert "Remind" not in text
        assert "80.00" not in text
    assert meetings.candidates(plan)[2].number not in page(client_of(app, sat[1][0]), plan)
    text = page(client_of(app, supervisor), plan)
    assert all(one in text for one in names)
    assert "Remind" not in text
    assert "80.00" not in text
    text = page(client_of(app, authority), plan)
    assert not [one for one in names if one in text]
    assert "Seat 1" in text


def test_the_matrix_of_another_meeting_does_not_exist(app: Flask) -> None:
    plan, sat = scored()
    other = meetings.online()
    strangers = [
        factories.position(Role.OFFICE, committee=other.committee),
        factories.position(Role.HRSS, unit=factories.unit(kind="authority", region_code="110000")),
        meetings.judge(other)[0],
    ]
    db.session.commit()
    for stranger in strangers:
        client = client_of(app, stranger)
        assert client.get(f"/g/meeting/{plan.id}/matrix/").status_code == 404
        if stranger.role is not Role.HRSS:
            assert client.post(f"/g/meeting/{plan.id}/remind").status_code == 404
    assert desk.at(app, strangers[1]).post(f"/g/meeting/{plan.id}/remind").status_code == 403
    member = client_of(app, sat[1][0])
    assert member.post(f"/g/meeting/{plan.id}/remind").status_code == 404
    clerk = office(app, plan)
    assert clerk.post(f"/g/meeting/{plan.id}/remind", data={"duty": "x"}).status_code == 400
    assert clerk.post(f"/g/meeting/{plan.id}/remind", data={"seat": "x"}).status_code == 400
    assert told() == []


def test_the_office_reminds_one_judge_once_a_day(app: Flask) -> None:
    plan, sat = scored()
    seat, client = sat[1][1], office(app, plan)
    back = f"/g/meeting/{plan.id}/matrix/?page=1"
    typed = {"seat": str(seat.id), "duty": ["sheets", "opinions"], "next": back}

    answer = client.post(f"/g/meeting/{plan.id}/remind", data=typed)
    assert (answer.status_code, answer.location) == (303, back)
    text = client.get(back).text
    assert "2 of 2 reminders were sent." in text
    assert text.count("reminded today") == 1

    client.post(f"/g/meeting/{plan.id}/remind", data=typed)
    assert "All were reminded today already" in client.get(back).text
    assert told() == [seat.user_id] * 2
    logs = db.session.query(TransitionLog).filter_by(subject_type="meeting_reminder").all()
    assert {one.details["duty"] for one in logs} == {"sheets", "opinions"}
    assert (logs[0].details["missing"], logs[0].details["due"]) == (6, 6)
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        client = office(app, plan)
        client.post(f"/g/meeting/{plan.id}/remind", data=typed)
        assert len(told()) in (2, 4), "the next day, as long as the meeting lasts"


def test_all_who_are_behind_are_reminded_in_one_press(app: Flask) -> None:
    plan, sat = scored()
    client = office(app, plan)
    remind = f"/g/meeting/{plan.id}/remind"
    client.post(remind, data={"seat": str(sat[0][1].id), "duty": "sheets"})

    client.post(remind, data={"duty": "sheets"})

    assert "4 of 5 reminders were sent; the other 1 had been sent today already." in page(
        client, plan
    )
    assert told() == sorted(position.user_id for position, _seat in sat)
    assert {one.duty for one in db.session.query(MeetingReminder)} == {MeetingDuty.SHEETS}


def test_every_step_that_waits_for_persons_has_the_button(app: Flask) -> None:
    plan, sat = scored()
    for _position, seat in sat[2:]:
        seat.state = SeatState.ACCEPTED
    late = factories.seat(plan, factories.user("王未答"), state=SeatState.CALLED)
    plan.seats = 7
    chair = sat[0][0]
    supervisor = meetings.supervisor(plan)
    client, presides = office(app, plan), client_of(app, chair)
    db.session.commit()
    text = client.get(f"/g/meeting/{plan.id}/").text
    for duty in ("seat", "sign_in", "sheets", "opinions", "key"):
        assert f"/g/meeting/{plan.id}/remind?duty={duty}" in text, duty
    assert "Not yet: 王未答." in text
    assert "Not yet: 评委03号、评委04号、评委05号." in text
    assert "/remind?duty=sheets" in presides.get(f"/g/meeting/{plan.id}/").text
    assert "/remind?" not in client_of(app, sat[1][0]).get(f"/g/meeting/{plan.id}/").text
    assert "/remind?" not in client_of(app, supervisor).get(f"/g/meeting/{plan.id}/").text

    expected = {
        "seat": [late.user_id],
        "sign_in": [position.user_id for position, _seat in sat[2:]],
        "key": [chair.user_id, supervisor.user_id],
    }
    for duty, accounts in expected.items():
        db.session.query(Outbox).delete()
        db.session.commit()
        answer = client.post(f"/g/meeting/{plan.id}/remind?duty={duty}")
        assert answer.location == f"/g/meeting/{plan.id}"
        assert told() == sorted(accounts), duty
    presides.post(f"/g/meeting/{plan.id}/remind?duty=key")
    assert "today already" in presides.get(f"/g/meeting/{plan.id}/").text
    db.session.query(Outbox).delete()
    db.session.commit()
    presides.post(f"/g/meeting/{plan.id}/remind?duty=sheets")
    assert told() == sorted(position.user_id for position, _seat in sat[1:])
    sent = db.session.query(Outbox).filter_by(template="meeting.remind").first()
    assert chair.user.real_name not in str(sent.payload), "judges do not read each other's names"


def test_signatures_are_reminded_of(app: Flask) -> None:
    plan, _sat, _holders = meetings.ready()
    meetings.vote(plan, 13, 13, 13)
    who = meetings.computed(plan)
    meetings.fire(plan, "write_minutes", who, details={"minutes": meetings.MINUTES})
    client = office(app, plan)
    db.session.commit()
    assert "duty=signature" in client.get(f"/g/meeting/{plan.id}/").text
    client.post(f"/g/meeting/{plan.id}/remind?duty=signature")
    assert len(told()) == 2
    client.post(f"/g/meeting/{plan.id}/remind?duty=sheets")
    assert "nothing is missing" in client.get(f"/g/meeting/{plan.id}/").text
