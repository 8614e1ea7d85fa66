"""1.2.3, my seats and the applicant's request over HTTP: the whole way, whose rows, whose names."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import DrawState, RecusalState, Role, SeatRole, SeatState
from app.extensions import db
from app.ground import clock
from app.models import Application, AuditLog, Draw, Message, Position, Recusal, Seat, Unit
from app.services.messages import outbox
from tests.support import drawing
from tests.support import factories as f
from tests.support.counting import statements
from tests.support.drawing import OFFICE_SECRET, REASON, SUPERVISOR_SECRET, Meeting
from tests.support.signing import client_of
from tests.support.verifiers import verdict, verify_draw

DRAWS, SEATS, RECUSALS, MINE = (
    "/g/1.2.3/draws",
    "/g/1.2.3/seats",
    "/g/1.2.3/recusals",
    "/g/my-seats",
)


@pytest.fixture
def made(app: Flask) -> Meeting:
    return drawing.meeting()


@pytest.fixture
def office(app: Flask, made: Meeting) -> FlaskClient:
    return client_of(app, made.clerk)


@pytest.fixture
def supervisor(app: Flask, made: Meeting) -> FlaskClient:
    return client_of(app, made.watcher)


def judge_of(app: Flask, seat: Seat) -> FlaskClient:
    position = db.session.query(Position).filter_by(user_id=seat.user_id, role=Role.JUDGE).one()
    return client_of(app, position)


def press(client: FlaskClient, base: str, button: str, record: Any, **typed: Any) -> Any:
    row = f"{record.id}:{record.version}"
    return client.post(f"{base}/act/{button}", data={"row": row} | typed)


# the draw


def test_judges_are_drawn_from_page_to_page(
    office: FlaskClient, supervisor: FlaskClient, made: Meeting
) -> None:
    saved = office.post(f"{DRAWS}/add", data={"plan_id": made.plan.id})
    draw = db.session.query(Draw).one()
    steps = [
        press(office, DRAWS, "commit", draw, digest=drawing.digest(draw, "office", OFFICE_SECRET)),
        press(supervisor, DRAWS, "commit", draw, secret=SUPERVISOR_SECRET),
        press(office, DRAWS, "reveal", draw, secret=OFFICE_SECRET),
        press(supervisor, DRAWS, "reveal", draw, secret=SUPERVISOR_SECRET),
    ]

    assert [saved.status_code, *(step.status_code for step in steps)] == [303] * 5
    assert draw.state is DrawState.DRAWN
    assert len(drawing.seats(draw, SeatState.CALLED)) == 5


def test_meeting_with_judges_is_not_offered_for_a_draw(office: FlaskClient, made: Meeting) -> None:
    before = office.get(f"{DRAWS}/add").text
    f.seat(made.plan, f.user())

    assert made.plan.name in before
    assert made.plan.name not in office.get(f"{DRAWS}/add").text


def test_page_of_a_draw_shows_its_course(
    office: FlaskClient, supervisor: FlaskClient, made: Meeting
) -> None:
    made.experts[0].leave_from = f.in_days(0)
    draw = drawing.freeze(made)

    frozen = office.get(f"{DRAWS}/{draw.id}").text
    drawing.commit(made, draw)
    drawing.fire(draw, "open_office", made.office, secret=OFFICE_SECRET)
    opening = supervisor.get(f"{DRAWS}/{draw.id}").text
    drawing.fire(draw, "open_supervisor", made.supervisor, secret=SUPERVISOR_SECRET)
    shown = supervisor.get(f"{DRAWS}/{draw.id}").text

    assert "On leave during the meeting" in frozen
    assert f'data-pool="{draw.pool_hash}"' in frozen
    assert 'data-role="office"' in frozen
    assert "js/draw.js" in frozen
    assert "The supervisor reveals last" in opening
    assert "Public value" not in opening.split('id="acts"')[1]
    names = {seat.user.real_name for seat in drawing.seats(draw)}
    assert all(name in shown for name in names)
    assert draw.seed in shown
    assert draw.salt not in shown


def test_public_value_is_entered_by_the_office_and_confirmed_by_the_supervisor(
    office: FlaskClient, supervisor: FlaskClient, made: Meeting
) -> None:
    draw = drawing.freeze(
        made, source_kind="ssq", source_day=f.in_days(1), public_source="2026138 期"
    )
    drawing.commit(made, draw)
    db.session.commit()

    early = press(office, DRAWS, "value", draw, public_value="03 08 17 22 26 31 + 12")
    draw.source_day = f.today()
    db.session.commit()
    asked = office.get(f"{DRAWS}/act/value?pk={draw.id}").text
    wrong = press(office, DRAWS, "value", draw, public_value="03 08")
    answers = [
        press(office, DRAWS, "reveal", draw, secret=OFFICE_SECRET),
        press(office, DRAWS, "value", draw, public_value="03 08 17 22 26 31 + 12"),
        press(supervisor, DRAWS, "check_value", draw, decision="confirm_value"),
        press(office, DRAWS, "reveal", draw, secret=OFFICE_SECRET),
    ]

    assert (early.status_code, wrong.status_code) == (422, 422)
    assert "03 08 17 22 26 31 + 12" in asked
    assert "03 08" in wrong.text
    assert [answer.status_code for answer in answers] == [422, 303, 303, 303]
    assert draw.public_value == "03081722263112"


def test_secrets_concern_one_draw(office: FlaskClient, made: Meeting) -> None:
    one, two = drawing.freeze(made), f.draw(f.plan(batch=made.plan.batch))
    rows = [f"{draw.id}:{draw.version}" for draw in (one, two)]

    answer = office.post(f"{DRAWS}/act/commit", data={"row": rows, "secret": OFFICE_SECRET})

    assert answer.status_code == 422
    assert "one draw at a time" in answer.text


def test_void_is_asked_and_agreed(
    office: FlaskClient, supervisor: FlaskClient, made: Meeting
) -> None:
    draw = drawing.drawn(made)

    asked = press(office, DRAWS, "ask_void", draw, opinion=REASON)
    page = supervisor.get(f"{DRAWS}/{draw.id}").text
    agreed = press(supervisor, DRAWS, "void", draw, decision="void")
    again = office.post(f"{DRAWS}/add", data={"plan_id": made.plan.id, "reason": REASON})

    assert [asked.status_code, agreed.status_code, again.status_code] == [303] * 3
    assert "One side asked to make it void" in page
    assert draw.state is DrawState.VOID
    second = db.session.query(Draw).filter_by(attempt=2).one()
    assert REASON in office.get(f"{DRAWS}/{second.id}").text


def test_record_is_verified_and_holds_no_name(
    office: FlaskClient, supervisor: FlaskClient, made: Meeting
) -> None:
    draw = drawing.drawn(made)

    answers = [client.get(f"{DRAWS}/{draw.id}/record.json") for client in (office, supervisor)]

    assert verdict(verify_draw, json.loads(answers[0].text))[0] == 0
    assert answers[0].text == answers[1].text
    assert not [e for e in made.experts if e.person.name in answers[0].text]
    assert f"draw-{made.plan.id}-1.json" in answers[0].headers["Content-Disposition"]
    kinds = db.session.query(AuditLog).filter_by(kind="draw_record").all()
    assert {row.actor_id for row in kinds} == {made.office.user_id, made.supervisor.user_id}


def test_sheet_has_the_names(office: FlaskClient, made: Meeting) -> None:
    draw = drawing.drawn(made)

    sheet = office.get(f"{DRAWS}/{draw.id}/sheet").text

    assert all(seat.user.real_name in sheet for seat in drawing.seats(draw))
    assert "ffeeddccbbaa9988" in sheet
    assert db.session.query(AuditLog).filter_by(kind="draw_sheet").count() == 1


def test_nothing_is_handed_out_before_the_draw(office: FlaskClient, made: Meeting) -> None:
    draw = drawing.freeze(made)

    answers = [office.get(f"{DRAWS}/{draw.id}/{what}") for what in ("record.json", "sheet")]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert "Nothing has been drawn yet" in office.get(f"{DRAWS}/{draw.id}").text


def test_meetings_lead_to_their_draw(
    office: FlaskClient, supervisor: FlaskClient, made: Meeting
) -> None:
    before = [client.get(f"/g/1.2.3/{made.plan.id}").text for client in (office, supervisor)]
    draw = drawing.drawn(made)
    after = office.get(f"/g/1.2.3/{made.plan.id}").text

    assert [f"{DRAWS}/add" in page for page in before] == [True, False]
    assert "Query the review plan" in office.get("/g/1.2.3/").text
    assert f"{DRAWS}/{draw.id}" in after
    assert f"{SEATS}/?q.plan={made.plan.id}" in after
    assert "No chair and no vice chair" in after


def test_draws_of_another_committee_do_not_exist(app: Flask, made: Meeting) -> None:
    draw = drawing.drawn(made)
    seat = drawing.seats(draw)[0]
    kept = f.recusal(drawing.candidate(made), seat.user)
    stranger = client_of(app, f.position(Role.OFFICE, committee=f.committee()))

    statuses = [
        stranger.get(path).status_code
        for path in (
            f"/g/1.2.3/{made.plan.id}", f"{DRAWS}/{draw.id}", f"{DRAWS}/{draw.id}/record.json",
            f"{DRAWS}/{draw.id}/sheet", f"{SEATS}/{seat.id}", f"{RECUSALS}/{kept.id}",
        )
    ]  # fmt: skip
    pressed = [
        press(stranger, DRAWS, "ask_void", draw, opinion=REASON),
        press(stranger, SEATS, "accept", seat),
    ]

    assert statuses == [404] * 6
    assert [answer.status_code for answer in pressed] == [404] * 2
    assert (draw.state, seat.state) == (DrawState.DRAWN, SeatState.CALLED)


def test_lists_take_as_many_statements_for_many_rows(app: Flask) -> None:
    few, many = (listing(app, drawing.meeting(size=25, seats=seats)) for seats in (3, 15))

    assert few == many


def listing(app: Flask, made: Meeting) -> int:
    drawing.drawn(made)
    client = client_of(app, made.clerk)
    client.get(f"{SEATS}/")
    with statements() as sent:
        client.get(f"{SEATS}/")
    return len(sent)


# seats


def test_office_calls_and_appoints(
    office: FlaskClient, supervisor: FlaskClient, made: Meeting
) -> None:
    draw = drawing.drawn(made)
    one, two = drawing.seats(draw, SeatState.CALLED)[:2]

    answers = [
        press(office, SEATS, "accept", one),
        press(office, SEATS, "note_decline", two, opinion=REASON),
        press(supervisor, SEATS, "check_decline", two, decision="confirm_decline"),
        press(office, SEATS, "appoint", one, role="chair"),
    ]

    assert [answer.status_code for answer in answers] == [303] * 4
    assert (one.state, one.role) == (SeatState.ACCEPTED, SeatRole.CHAIR)
    assert two.state is SeatState.DECLINED
    assert "Reason" in office.get(f"{SEATS}/{two.id}").text
    assert len(drawing.seats(draw, SeatState.CALLED)) == 4


def test_office_reads_the_telephone_the_supervisor_does_not(
    office: FlaskClient, supervisor: FlaskClient, made: Meeting
) -> None:
    seat = drawing.seats(drawing.drawn(made))[0]

    pages = [client.get(f"{SEATS}/{seat.id}").text for client in (office, supervisor)]

    assert ["13800000000" in page for page in pages] == [True, False]
    assert all(seat.user.real_name in page for page in pages)


def test_supervisor_presses_nothing_about_seats(supervisor: FlaskClient, made: Meeting) -> None:
    seat = drawing.seats(drawing.drawn(made))[0]

    answers = [press(supervisor, SEATS, name, seat) for name in ("accept", "appoint", "depart")]

    assert [answer.status_code for answer in answers] == [403] * 3


# recusal


def test_office_imposes_a_recusal(office: FlaskClient, made: Meeting) -> None:
    case = drawing.candidate(made)
    seat = drawing.seats(drawing.drawn(made))[0]
    typed = {"seat_id": seat.id, "number": case.number, "reason": REASON}

    wrong = office.post(f"{RECUSALS}/add", data=typed | {"number": "SB00000000"})
    right = office.post(f"{RECUSALS}/add", data=typed)

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "no application with this number" in wrong.text
    kept = db.session.query(Recusal).one()
    assert (kept.user_id, kept.application_id) == (seat.user_id, case.id)
    assert case.number in office.get(f"{SEATS}/{seat.id}").text


# the judge's own


def test_judge_answers_signs_in_and_leaves(app: Flask, made: Meeting) -> None:
    seat = drawing.seats(drawing.drawn(made), SeatState.CALLED)[0]
    judge = judge_of(app, seat)

    steps = [press(judge, MINE, "accept", seat)]
    made.plan.opens_on = f.today()
    db.session.commit()
    steps += [press(judge, MINE, name, seat) for name in ("attend",)]
    steps += [press(judge, MINE, name, seat) for name in ("depart",)]

    assert [step.status_code for step in steps] == [303] * 3
    assert seat.state is SeatState.GONE
    page = judge.get(f"{MINE}/{seat.id}").text
    assert made.plan.name in page


def test_judge_gives_the_seat_back(app: Flask, made: Meeting) -> None:
    seat, other = drawing.seats(drawing.drawn(made), SeatState.CALLED)[:2]
    drawing.fire(seat, "accept", made.office)
    judge = judge_of(app, seat)

    answers = [
        press(judge, MINE, "give_back", seat, opinion=REASON),
        press(judge, MINE, "accept", other),
        judge.get(f"{MINE}/{other.id}"),
    ]

    assert [answer.status_code for answer in answers] == [303, 404, 404]
    assert (seat.state, other.state) == (SeatState.DECLINED, SeatState.CALLED)


def test_alternate_does_not_know(app: Flask, made: Meeting) -> None:
    seat = drawing.seats(drawing.drawn(made), SeatState.RESERVE)[0]
    judge = judge_of(app, seat)

    assert judge.get(f"{MINE}/{seat.id}").status_code == 404
    assert made.plan.name not in judge.get(f"{MINE}/").text


def test_judge_keeps_away_from_an_own_case(app: Flask, made: Meeting) -> None:
    seat = drawing.seats(drawing.drawn(made), SeatState.CALLED)[0]
    case, foreign = drawing.candidate(made), f.application()
    drawing.fire(seat, "accept", made.office)
    made.plan.opens_on = f.today()
    judge = judge_of(app, seat)
    form = judge.get(f"{MINE}/recusals/add").text

    wrong = judge.post(
        f"{MINE}/recusals/add", data={"application_id": foreign.id, "reason": REASON}
    )
    right = judge.post(f"{MINE}/recusals/add", data={"application_id": case.id, "reason": REASON})

    assert case.number in form
    assert (wrong.status_code, right.status_code) == (422, 303)
    kept = db.session.query(Recusal).one()
    assert case.number in judge.get(f"{MINE}/recusals/{kept.id}").text
    assert case.number in judge.get(f"{MINE}/recusals/").text
    assert case.number not in judge.get(f"{MINE}/recusals/add").text


def test_anonymous_meeting_hides_the_names_of_cases(app: Flask, made: Meeting) -> None:
    made.plan.is_anonymous = True
    case = drawing.candidate(made, name="隐名申报人")
    seat = drawing.seats(drawing.drawn(made), SeatState.CALLED)[0]
    drawing.fire(seat, "accept", made.office)
    made.plan.opens_on = f.today()

    form = judge_of(app, seat).get(f"{MINE}/recusals/add").text

    assert case.number in form
    assert "隐名申报人" not in form


# the applicant


def test_applicant_asks_and_the_office_decides(
    app: Flask, office: FlaskClient, made: Meeting
) -> None:
    case = drawing.candidate(made)
    me = client_of(app, f.position(Role.APPLICANT, person=case.person))
    typed = {"named": "王某某", "named_unit": "某设计院", "reason": REASON}

    answer = me.post(f"/me/application/{case.id}/recusal", data=typed)
    asked = db.session.query(Recusal).one()
    page = me.get(f"/me/application/{case.id}/").text
    listed = office.get(f"{RECUSALS}/{asked.id}").text
    decided = press(office, RECUSALS, "decide", asked, decision="grant")
    outbox.deliver(clock.now())

    assert answer.status_code == 303
    assert "王某某" in page
    assert "某设计院" in listed
    assert (decided.status_code, asked.state) == (303, RecusalState.IN_FORCE)
    told = db.session.query(Message).filter_by(user_id=case.person.user_id).all()
    assert "已获同意" in told[-1].body


def test_refused_request_keeps_what_was_typed(app: Flask, made: Meeting) -> None:
    case = drawing.candidate(made)
    me = client_of(app, f.position(Role.APPLICANT, person=case.person))

    answer = me.post(
        f"/me/application/{case.id}/recusal",
        data={"named": "王某某", "named_unit": "某设计院", "reason": "无"},
    )

    assert answer.status_code == 422
    assert all(word in answer.text for word in ("王某某", "某设计院", 'role="alert"'))
    assert db.session.query(Recusal).count() == 0


def test_request_is_not_offered_when_it_does_not_matter(app: Flask, made: Meeting) -> None:
    case = drawing.candidate(made)
    me = client_of(app, f.position(Role.APPLICANT, person=case.person))
    draft = f.application(person=case.person, review_year=f.today().year - 4)
    url = f"/me/application/{case.id}/"

    before = me.get(url).text
    made.plan.opens_on = f.today()
    closed = me.get(url).text
    late = me.post(f"{url}recusal", data={"named": "王某某", "reason": REASON})
    f.recusal(case)
    asked = me.get(url).text

    assert 'id="recusal"' in before
    assert 'id="recusal"' not in closed
    assert 'id="recusal"' not in me.get(f"/me/application/{draft.id}/").text
    assert late.status_code == 422
    assert "too late" in late.text
    assert "too late" in asked


def test_request_about_another_application_is_not_found(app: Flask, made: Meeting) -> None:
    case = drawing.candidate(made)
    stranger = client_of(app, f.position(Role.APPLICANT, person=f.person()))

    answer = stranger.post(f"/me/application/{case.id}/recusal", data={"named": "王某某"})

    assert answer.status_code == 404


# names


CANARY = "鴞魊鸑鷟"


@dataclass
class Sitting:
    """A judge with a name that stands nowhere else, who signed in; another judge, and a case of both."""

    seat: Seat
    other: Seat
    case: Application
    superior: Unit


@pytest.fixture
def sitting(app: Flask, made: Meeting) -> Sitting:
    superior = f.unit()
    case = drawing.candidate(made, unit=f.unit(), superiors=(superior,))
    draw = drawing.drawn(made)
    seat, other = drawing.seats(draw, SeatState.CALLED)[:2]
    assert seat.expert is not None
    seat.expert.person.name = seat.user.real_name = CANARY
    for one in (seat, other):
        drawing.fire(one, "accept", drawing.judge(one))
    made.plan.opens_on = f.today()
    drawing.fire(seat, "attend", drawing.judge(seat))
    return Sitting(seat, other, case, superior)


def test_name_of_a_judge_reaches_office_and_supervisor_only(
    app: Flask, made: Meeting, office: FlaskClient, supervisor: FlaskClient, sitting: Sitting
) -> None:
    case, seat, other = sitting.case, sitting.seat, sitting.other
    asked = f.recusal(case, named="某甲")
    drawing.fire(asked, "deny", made.office, "所述情形不属于应当回避")
    f.recusal(case, seat.user)
    outbox.deliver(clock.now())
    readers = {
        "applicant": client_of(app, f.position(Role.APPLICANT, person=case.person)),
        "unit": client_of(app, f.position(Role.UNIT, unit=case.unit)),
        "superior": client_of(app, f.position(Role.SUPERIOR, unit=sitting.superior)),
        "authority": client_of(app, f.position(Role.HRSS, unit=f.unit(region_code="430000"))),
        "judge": judge_of(app, other),
    }
    paths = [
        "/", "/messages/", "/me/", f"/me/application/{case.id}/", "/g/1.1.1/", "/g/1.1.3/", "/g/1.1.4/",
        f"/g/1.1.4/{case.id}", "/g/1.1.4/export.xlsx", "/g/1.2.3/", f"{DRAWS}/", f"{DRAWS}/{seat.draw_id}",
        f"{DRAWS}/{seat.draw_id}/sheet", f"{DRAWS}/{seat.draw_id}/record.json", f"{SEATS}/",
        f"{SEATS}/{seat.id}", f"{SEATS}/export.xlsx", f"{RECUSALS}/", f"{RECUSALS}/{asked.id}", f"{MINE}/",
        f"{MINE}/{other.id}", f"{MINE}/{seat.id}", f"{MINE}/recusals/", f"{MINE}/act/accept?pk={seat.id}",
        "/g/1.2.2/", f"/g/1.2.2/{made.plan.id}", "/g/1.3.1/", f"/g/1.3.1/{case.id}", "/g/1.3.4/", "/g/1.3.5/",
        "/g/course/", "/lookup/account?q=鴞",
    ]  # fmt: skip

    told = {
        (who, path)
        for who, client in readers.items()
        for path in paths
        if CANARY.encode() in (answer := client.get(path)).data or CANARY in str(answer.headers)
    }

    assert told == set()
    assert [CANARY in client.get(f"{SEATS}/").text for client in (office, supervisor)] == [True] * 2
    assert CANARY not in office.get(f"{DRAWS}/{seat.draw_id}/record.json").text


def test_export_of_seats_has_no_name_in_its_file_name(
    office: FlaskClient, made: Meeting, sitting: Sitting
) -> None:
    answer = office.get(f"{SEATS}/export.xlsx")

    assert answer.status_code == 200
    assert CANARY not in str(answer.headers)
