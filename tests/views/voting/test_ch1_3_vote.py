"""1.3.4 投票 and the meeting room over HTTP: the ballot, its receipt, the live number, the record."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import InterviewState, KeyRole, OverCap, RoundState, SeatState
from app.extensions import db
from app.ground import crypto, signing
from app.ground.actor import Actor
from app.models import KeyHolder, Outbox, Plan, Position, Round, SealedBallot, Seat, TransitionLog
from app.services.voting import vote_rounds
from tests.bad_input import desk
from tests.support import factories as f
from tests.support import meetings
from tests.support.tampering import unsealed
from tests.support.verifiers import opened
from tests.support.world import bearer, enter, token

Room = tuple[Plan, list[tuple[Position, Seat]], dict[KeyRole, tuple[Actor, str]], Round]
YES = {"choice-1": "y", "choice-2": "n", "choice-3": "a"}


@pytest.fixture
def room(app: Flask) -> Room:
    plan, judges, holders = meetings.ready()
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    db.session.commit()
    return plan, judges, holders, held


def judge(app: Flask, room: Room, place: int = 1) -> FlaskClient:
    return enter(app, f.actor_of(room[1][place][0]))


def url(room: Room, rest: str = "") -> str:
    return f"/g/1.3.4/round/{room[3].id}{rest}"


def test_list_leads_to_the_ballot_of_the_open_round(app: Flask, room: Room) -> None:
    client = judge(app, room)

    page = client.get("/g/1.3.4/").text

    assert url(room) in page
    assert all(case.number in page for case in meetings.candidates(room[0]))


def test_vote_is_cast_once_and_has_a_receipt(app: Flask, room: Room) -> None:
    client = judge(app, room)

    first = client.post(url(room), data=YES)
    again = client.post(url(room), data=YES | {"choice-1": "n"})

    ballot = db.session.query(SealedBallot).one()
    assert (first.status_code, again.status_code) == (303, 302)
    assert ballot.tracker in client.get(url(room, "/receipt")).text
    assert client.get(url(room)).location.endswith(url(room, "/receipt"))


def test_requests_and_answers_are_of_one_length_whatever_is_chosen(app: Flask, room: Room) -> None:
    answers, pages, sizes = set(), set(), set()
    for place, letter in enumerate("yna", start=1):
        client = judge(app, room, place)
        data = dict.fromkeys(YES, letter)
        answer = client.post(url(room), data=data)
        answers.add((answer.status_code, len(answer.data)))
        receipt = client.get(url(room, "/receipt")).text
        pages.add(len(receipt))
        sizes.add(len("&".join(f"{key}={value}" for key, value in data.items())))

    sealed = {len(one.sealed or "") for one in db.session.query(SealedBallot)}
    assert (len(answers), len(pages), len(sizes), len(sealed)) == (1, 1, 1, 1)


def test_recused_candidate_is_a_number_only(app: Flask) -> None:
    plan, judges, holders = meetings.ready()
    case = meetings.candidates(plan)[1]
    case.name = "慕容回避"
    f.recusal(case, judges[4][0].user)
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    room = (plan, judges, holders, held)
    client = judge(app, room, 4)

    pages = client.get(url(room)).text + client.get("/g/1.3.4/").text

    assert "慕容回避" not in pages
    assert case.number not in pages
    assert client.get(f"/g/1.3.4/{case.id}").status_code == 404
    assert client.post(url(room), data=YES | {"choice-2": "-"}).status_code == 303


def test_who_is_not_on_the_roll_finds_no_ballot(app: Flask, room: Room) -> None:
    plan, judges, _holders, held = room
    late, _seat = meetings.judge(plan)
    stranger, _other = meetings.judge(meetings.online())
    clients = [enter(app, f.actor_of(one)) for one in (late, stranger)]

    assert [one.get(url(room)).status_code for one in clients] == [404, 404]
    assert [one.post(url(room), data=YES).status_code for one in clients] == [404, 404]
    assert vote_rounds.count_cast(db.session(), held.id) == 0
    clerk = enter(app, meetings.office(plan))
    assert clerk.get(url(room)).status_code == 403
    assert judges[1][1].state is SeatState.PRESENT


def test_closed_round_takes_no_ballot(app: Flask, room: Room) -> None:
    client = judge(app, room)
    meetings.fire(room[3], "close", room[2][KeyRole.CHAIR][0], opinion=meetings.EARLY)

    answer = client.post(url(room), data=YES)

    assert answer.status_code == 303
    assert db.session.query(SealedBallot).count() == 0
    assert client.get(url(room)).status_code == 302


def test_incomplete_ballot_is_refused_and_keeps_what_was_chosen(app: Flask, room: Room) -> None:
    client = judge(app, room)

    answer = client.post(url(room), data={"choice-1": "y", "choice-2": "n"})

    assert answer.status_code == 422
    assert answer.text.count("checked") == 2
    for forged in ({"sealed": "AAAA"}, {"sealed": "é" * 130}, {"sealed": "x" * 70_000}):
        assert client.post(url(room), data=forged).status_code == 422
    assert db.session.query(SealedBallot).count() == 0


def test_number_of_ballots_is_seen_live_and_no_choice(app: Flask, room: Room) -> None:
    _plan, judges, holders, held = room
    clerk, watcher = (enter(app, holders[role][0]) for role in (KeyRole.OFFICE, KeyRole.SUPERVISOR))
    before = clerk.get(f"/g/meeting/rounds/{held.id}/count")
    meetings.cast(held, judges[1][0], "yyy")

    after = watcher.get(f"/g/meeting/rounds/{held.id}/count")
    page = watcher.get(f"/g/meeting/rounds/{held.id}").text

    assert (before.json["cast"], after.json["cast"], after.json["roll"]) == ("000", "001", "013")
    assert len(before.data) == len(after.data)
    assert "1 of 13" in page
    assert "Receipts of the ballots counted" not in page
    assert clerk.get(f"/g/meeting/rounds/{held.id}/export.json").status_code == 302


def test_meeting_is_led_to_its_count_in_the_room(app: Flask) -> None:
    plan, judges = meetings.sitting()
    clerk, watcher = meetings.office(plan), f.actor_of(meetings.supervisor(plan))
    people = [f.actor_of(judges[0][0]), watcher, clerk]
    chair, supervisor, office = (enter(app, one) for one in people)
    codes = []
    for client in (chair, supervisor, office):
        page = client.post(f"/g/meeting/{plan.id}/key").text
        codes.append(page.split("<output>")[1].split("</output>")[0])
    assert office.post("/g/meeting/rounds/add", data={"plan_id": plan.id}).status_code == 303
    held = db.session.query(Round).one()
    act = "/g/meeting/rounds/act"

    def press(client: FlaskClient, name: str, **typed: Any) -> int:
        db.session.refresh(held)
        answer = client.post(f"{act}/{name}", data={"row": desk.row(held), **typed})
        return int(answer.status_code)

    assert press(chair, "open") == 303
    assert (
        judge(app, (plan, judges, {}, held), 2)
        .post(f"/g/1.3.4/round/{held.id}", data=YES)
        .status_code
        == 303
    )
    assert press(supervisor, "close") == 403
    assert press(chair, "close") == 422
    assert press(chair, "close", opinion=meetings.EARLY) == 303
    assert press(supervisor, "release", code="ABCDE-ABCDE-ABCDE-ABCDE") == 422
    assert press(supervisor, "release", code=codes[1]) == 303
    assert press(office, "release", code=codes[2]) == 303

    db.session.refresh(held)
    record = office.get(f"/g/meeting/rounds/{held.id}/export.json")
    page = supervisor.get(f"/g/meeting/rounds/{held.id}").text
    assert held.state is RoundState.COUNTED
    counted = opened(opened(record.json)["at_count"])
    assert [one["opened"] for one in counted["candidates"]] == ["y", "n", "a"]
    assert db.session.query(SealedBallot).one().tracker in page
    logged = json.dumps([[one.details, one.opinion] for one in db.session.query(TransitionLog)])
    assert not any(code in logged for code in codes)


def test_code_is_for_chair_supervisor_and_office_only(app: Flask, room: Room) -> None:
    plan = room[0]
    member = judge(app, room, 5)

    answer = member.post(f"/g/meeting/{plan.id}/key")

    assert answer.status_code == 422
    assert db.session.query(KeyHolder).count() == 3
    other = enter(app, meetings.office(meetings.online()))
    assert other.post(f"/g/meeting/{plan.id}/key").status_code == 404
    assert other.get(f"/g/meeting/rounds/{room[3].id}").status_code == 404


def test_names_of_judges_are_for_office_and_supervisor(app: Flask, room: Room) -> None:
    plan, judges, holders, held = room
    judges[3][0].user.real_name = "令狐评委"
    pages = {}
    for role, actor in (
        ("judge", f.actor_of(judges[1][0])),
        ("office", holders[KeyRole.OFFICE][0]),
    ):
        client = enter(app, actor)
        pages[role] = "".join(
            client.get(one).text
            for one in (f"/g/meeting/{plan.id}", f"/g/meeting/rounds/{held.id}")
        )

    assert "令狐评委" not in pages["judge"]
    assert "令狐评委" in pages["office"]


def test_program_cannot_cast(app: Flask, room: Room) -> None:
    secret = token(f.actor_of(room[1][1][0]))

    answer = app.test_client().post(
        "/api/v1/g/1.3.4/act/vote", headers=bearer(secret), json={"event": "cast", "rows": []}
    )

    assert answer.status_code == 404


def test_round_is_previewed_before_it_is_frozen(app: Flask) -> None:
    plan, judges, holders = meetings.ready(away=1)
    office = enter(app, holders[KeyRole.OFFICE][0])

    page = office.post("/g/meeting/rounds/add", data={"plan_id": plan.id, "try": "y"}).text

    assert all(case.number in page for case in meetings.candidates(plan))
    assert judges[12][0].user.real_name in page
    assert db.session.query(Round).count() == 0


def test_list_says_what_the_judge_waits_for(app: Flask) -> None:
    plan, judges, holders = meetings.ready(away=1)
    for case in meetings.candidates(plan):
        f.recusal(case, judges[5][0].user)
    db.session.commit()
    chair, member, recused, late = (
        enter(app, f.actor_of(judges[place][0])) for place in (0, 1, 5, 12)
    )
    before = member.get("/g/1.3.4/").text
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(judges[12][1], "attend", f.actor_of(judges[12][0]))
    db.session.commit()

    texts = [client.get("/g/1.3.4/").text for client in (chair, member, recused, late)]

    assert "The office freezes the round" in before
    assert "you preside: open the vote" in texts[0]
    assert "whoever presides opens the vote" in texts[1]
    assert "recused from every candidate" in texts[2]
    assert "you vote in the next one" in texts[3]
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    db.session.commit()
    answer = recused.get(f"/g/1.3.4/round/{held.id}")
    assert (answer.status_code, answer.location) == (302, "/g/1.3.4/")


def test_list_leads_to_the_receipt_after_the_vote(app: Flask, room: Room) -> None:
    client = judge(app, room)
    client.post(url(room), data=YES)

    page = client.get("/g/1.3.4/").text

    assert url(room, "/receipt") in page
    assert "You have voted: receipt" in page


def test_first_holder_is_told_that_another_one_is_needed(app: Flask, room: Room) -> None:
    _plan, _judges, holders, held = room
    meetings.fire(held, "close", holders[KeyRole.CHAIR][0], opinion=meetings.EARLY)
    actor, code = holders[KeyRole.SUPERVISOR]
    watcher = enter(app, actor)
    before = watcher.get(f"/g/meeting/rounds/{held.id}").text
    meetings.fire(held, "release", actor, details={"code": code})

    page = watcher.get(f"/g/meeting/rounds/{held.id}").text

    assert "none yet; two are needed" in before
    assert "another holder is needed" in page


def test_recused_judge_reads_no_votes_on_the_candidate(app: Flask, room: Room) -> None:
    plan, judges, holders, held = room
    meetings.cast(held, judges[1][0], "yna")
    meetings.count(held, holders)
    case, other = meetings.candidates(plan)[:2]
    f.recusal(case, judges[2][0].user)
    db.session.commit()

    page = judge(app, room, 2).get(f"/g/meeting/rounds/{held.id}").text

    assert other.number in page
    assert case.number not in page


def test_judge_of_two_open_meetings_reaches_both_ballots(app: Flask, room: Room) -> None:
    second, judges, holders = meetings.ready()
    seat = judges[3][1]
    seat.user_id = room[1][1][0].user_id
    held = meetings.freeze(second, holders[KeyRole.OFFICE][0])
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    second.committee_id = room[0].committee_id
    db.session.commit()
    client = judge(app, room)

    page = client.get("/g/1.3.4/").text
    ballots = [client.get(f"/g/1.3.4/round/{key}").status_code for key in (room[3].id, held.id)]

    assert url(room) in page
    assert f"/g/1.3.4/round/{held.id}" in page
    assert ballots == [200, 200]


def test_code_is_offered_to_who_may_hold_it(app: Flask, room: Room) -> None:
    plan, judges, _holders, held = room
    link = f"/g/meeting/{plan.id}/key"
    chair, member = (enter(app, f.actor_of(judges[place][0])) for place in (0, 5))

    chairs, members = (client.get(f"/g/meeting/{plan.id}").text for client in (chair, member))

    assert link in chairs
    assert "Replace the code" in chairs
    assert link not in members
    assert f'href="/g/1.3.4/round/{held.id}"' in members


def test_vote_is_closed_early_only_with_a_reason(app: Flask, room: Room) -> None:
    _plan, judges, _holders, held = room
    chair = enter(app, f.actor_of(judges[0][0]))
    for position, _seat in judges[1:]:
        meetings.cast(held, position, "yna")
    db.session.commit()
    press = {"row": desk.row(held)}

    early = chair.post("/g/meeting/rounds/act/close", data=press)
    meetings.cast(held, judges[0][0], "yna")
    db.session.commit()
    late = chair.post("/g/meeting/rounds/act/close", data=press)

    assert early.status_code == 422
    assert "1 judges who are there have not voted yet" in early.text
    assert late.status_code == 303


def test_sealed_box_is_for_the_holders_between_close_and_count(app: Flask, room: Room) -> None:
    plan, judges, holders, held = room
    meetings.cast(held, judges[1][0], "yna")
    address = f"/g/meeting/rounds/{held.id}/box.json"
    people = [holders[role][0] for role in (KeyRole.CHAIR, KeyRole.SUPERVISOR, KeyRole.OFFICE)]
    clients = [
        enter(app, one) for one in (*people, f.actor_of(judges[5][0]), meetings.office(plan))
    ]
    before = [client.get(address).status_code for client in clients]
    meetings.close(held, holders)

    closed = [client.get(address) for client in clients]
    page = clients[0].get(f"/g/meeting/rounds/{held.id}").text

    assert before == [302] * 5
    assert [answer.status_code for answer in closed] == [200, 200, 200, 302, 302]
    assert address in page
    assert len(opened(closed[0].json)["ballots"]) == 1
    stranger = enter(app, meetings.office(meetings.online()))
    assert stranger.get(address).status_code == 404
    for role in (KeyRole.CHAIR, KeyRole.OFFICE):
        actor, code = holders[role]
        meetings.fire(held, "release", actor, details={"code": code})
    assert clients[0].get(address).status_code == 302


def test_receipt_says_whether_it_is_in_the_signed_box(app: Flask, room: Room) -> None:
    _plan, judges, holders, held = room
    cast = meetings.cast(held, judges[1][0], "yna")
    meetings.cast(held, judges[2][0], "yna")
    client = judge(app, room)
    before = client.get(url(room, "/receipt")).text
    meetings.count(held, holders)

    after = client.get(url(room, "/receipt")).text
    rounds = client.get(f"/g/meeting/rounds/{held.id}").text

    number = f"{cast.tracker}:{cast.digest}"
    for page in (before, after):
        assert crypto.fingerprint() in page
        assert number in page
    assert "signed box" not in before
    assert "one of the 2 in the signed box" in after
    assert number in rounds
    with unsealed():
        facts = signing.facts_of(held.signed_record or "")
        facts["receipts"] = [one for one in facts["receipts"] if one["tracker"] != cast.tracker]
        held.signed_record = signing.stored(facts)
    assert "is not in the signed box" in client.get(url(room, "/receipt")).text


def test_holders_are_told_to_destroy_their_codes(app: Flask, room: Room) -> None:
    plan, judges, holders, held = room
    for position, _seat in judges:
        meetings.cast(held, position, "yyn")
    meetings.count(held, holders)
    meetings.computed(plan)

    told = db.session.query(Outbox.user_id).filter_by(template="codes.destroy")

    assert {key for (key,) in told} == {actor.user_id for actor, _code in holders.values()}
    key = enter(app, holders[KeyRole.CHAIR][0]).get(f"/g/meeting/{plan.id}").text
    assert "Destroy your code" in key


def test_ballot_shows_own_scores_the_mean_interview_and_opinion(app: Flask) -> None:
    plan, judges, holders = meetings.ready(over_cap=OverCap.SECOND_ROUND)
    plan.steps = ["material_score", "interview", "opinion", "vote"]
    first, second, _third = meetings.candidates(plan)
    for place, total in enumerate((8000, 9000), start=3):
        f.assign(judges[place][1], first, second)
        f.assessment(judges[place][1], first, total=total)
    f.interview(second, state=InterviewState.ABSENT)
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0], goes_on=True)
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    room = (plan, judges, holders, held)

    own, other = (facts(judge(app, room, place).get(url(room)).text) for place in (3, 5))

    assert "Material score own: 80.00, mean 85.00 of 2 sheets" in own[0]
    assert "Material score own sheet not submitted" in own[1]
    assert "Interview absent" in own[1]
    assert "Material score mean 85.00 of 2 sheets" in other[0]
    assert "Material score no sheets" in other[2]
    assert all("Opinion of the group" in one for one in own)
    assert "90.00" not in " ".join(own + other)


def facts(page: str) -> list[str]:
    """Return the facts beside each name of a ballot as plain text."""
    found = re.findall(r'<dl class="ballot-facts">.*?</dl>', page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]
