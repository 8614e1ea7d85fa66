"""The page of a meeting: its checklist for each role, the buttons, the scope, its statements."""

import re

from flask import Flask
from flask.testing import FlaskClient

from app.enums import (
    AssessmentState,
    Denominator,
    InterviewState,
    KeyRole,
    Level,
    MeetingDuty,
    OverCap,
    PlanState,
    ReviewStep,
    Role,
    SeatState,
)
from app.extensions import db
from app.models import Assignment, Plan, Position, TransitionLog
from app.services.course import meeting_duties, meeting_facts, result_steps
from app.services.course.meeting_course import Party, Step, StepKey
from app.services.results import outcomes
from tests.bad_input import desk
from tests.support import drawing, factories, meetings
from tests.support.acting import press as fire
from tests.support.counting import statements_of
from tests.support.world import enter
from tests.test_meeting_choice import chosen

MOST_STATEMENTS = 14


def steps(plan: Plan) -> dict[StepKey, Step]:
    db.session.flush()
    db.session.expire_all()
    facts = meeting_facts.facts_of(db.session(), plan, factories.today())
    return {one.key: one for one in result_steps.checklist(facts)}


def presses(client: FlaskClient, plan: Plan) -> list[str]:
    """Return the addresses of the buttons of the checklist, each checked for its way back and without it."""
    db.session.commit()
    page = client.get(f"/g/meeting/{plan.id}/")
    assert page.status_code == 200
    course = page.text.partition('id="s-course"')[2].partition("</section>")[0]
    found = [
        one.replace("&amp;", "&") for one in re.findall(r'<a href="([^"]+)" class="btn', course)
    ]
    back = re.compile(rf"[?&]back=(/|%2F)g(/|%2F)meeting(/|%2F){plan.id}\b")
    ahead = (f"/g/meeting/{plan.id}/key", "/g/1.3.4/", "/g/meeting-result/")
    assert all(back.search(one) or one.startswith(ahead) for one in found), found
    return [_without(one, back) for one in found]


def _without(address: str, back: re.Pattern[str]) -> str:
    found = back.search(address)
    if found is None:
        return address
    before, after = address[: found.start()], address[found.end() :]
    return before + ("?" + after[1:] if found[0][0] == "?" and after else after)


def clients(app: Flask, plan: Plan, *judges: Position) -> list[FlaskClient]:
    """Return the clients of office, supervisor and these judges."""
    staff = [
        factories.position(role, committee=plan.committee)
        for role in (Role.OFFICE, Role.SUPERVISOR)
    ]
    return [desk.at(app, one) for one in (*staff, *judges)]


def assert_turn(plan: Plan, key: StepKey, *parties: Party) -> Step:
    """Check that `key` is the first step that is not done, and that it waits for `parties`."""
    found = steps(plan)
    first = next(one for one in found.values() if not one.is_done)
    assert first.key is key, (first, key)
    assert set(first.waits_for) == set(parties), first
    return first


def test_steps_from_the_plan_to_the_draw(app: Flask) -> None:
    made = drawing.meeting(size=8, seats=3, opens_on=factories.in_days(0))
    plan = made.plan
    office, supervisor = desk.at(app, made.clerk), desk.at(app, made.watcher)
    for state, party in ((PlanState.REPORTED, Party.HRSS), (PlanState.RETURNED, Party.OFFICE)):
        plan.state = state
        assert_turn(plan, StepKey.PLAN, party)
    assert presses(office, plan) == [f"/g/1.2.2/{plan.id}/edit"]
    plan.state = PlanState.APPROVED
    assert_turn(plan, StepKey.DRAW, Party.OFFICE)
    form = f"/g/1.2.3/draws/add?plan={plan.id}"
    assert form in presses(office, plan)
    assert office.get(form).status_code == 200

    draw = drawing.freeze(made)
    assert_turn(plan, StepKey.DRAW, Party.OFFICE, Party.SUPERVISOR)
    commit = f"/g/1.2.3/draws/act/commit?pk={draw.id}"
    assert commit in presses(office, plan)
    assert presses(supervisor, plan)[0] == commit
    fire(draw, "commit_office", made.office, secret=drawing.OFFICE_SECRET)
    assert_turn(plan, StepKey.DRAW, Party.SUPERVISOR)
    assert commit not in presses(office, plan)
    fire(draw, "commit_supervisor", made.supervisor, secret=drawing.SUPERVISOR_SECRET)
    reveal = f"/g/1.2.3/draws/act/reveal?pk={draw.id}"
    assert_turn(plan, StepKey.DRAW, Party.OFFICE)
    assert reveal in presses(office, plan)
    other = desk.at(app, factories.position(Role.OFFICE, committee=plan.committee))
    assert reveal not in presses(other, plan), "only who committed reveals"
    drawing.reveal(made, draw)
    assert_turn(plan, StepKey.SEATS, Party.JUDGES, Party.OFFICE)
    assert f"/g/1.2.3/seats/?q.plan={plan.id}&todo=unanswered" in presses(office, plan)
    for seat in drawing.seats(draw, SeatState.CALLED):
        fire(seat, "accept", drawing.judge(seat))
    assert_turn(plan, StepKey.CHAIR, Party.OFFICE)
    chair, *members = drawing.seats(draw, SeatState.ACCEPTED)
    fire(chair, "appoint", made.office, role="chair")
    assert_turn(plan, StepKey.SIGN_IN, Party.JUDGES)
    judge = desk.at(app, drawing.judge_position(members[0]))
    attend = f"/g/my-seats/act/attend?pk={members[0].id}"
    assert attend in presses(judge, plan)
    assert judge.get(attend).status_code == 200
    for seat in (chair, *members):
        fire(seat, "attend", drawing.judge(seat))
    assert steps(plan)[StepKey.SIGN_IN].is_done
    assert attend not in presses(judge, plan)


def test_steps_from_the_codes_to_the_filing(app: Flask) -> None:
    plan, judges = meetings.sitting()
    chair, member = judges[0][0], judges[1][0]
    assert_turn(plan, StepKey.KEYS, Party.OFFICE, Party.SUPERVISOR, Party.CHAIR)
    office, supervisor, presides, sits = clients(app, plan, chair, member)
    for client in (office, supervisor, presides):
        assert presses(client, plan) == [f"/g/meeting/{plan.id}/key"]
    assert presses(sits, plan) == []
    holders = meetings.keys(plan, chair)
    assert_turn(plan, StepKey.ROUND, Party.OFFICE)
    assert presses(office, plan) == [f"/g/meeting/rounds/add?plan={plan.id}"]

    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    assert_turn(plan, StepKey.ROUND, Party.CHAIR)
    assert presses(presides, plan) == [f"/g/meeting/rounds/act/open?pk={held.id}"]
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    assert_turn(plan, StepKey.ROUND, Party.JUDGES, Party.CHAIR)
    assert presses(sits, plan) == [f"/g/1.3.4/round/{held.id}"] == presses(presides, plan)
    late = desk.at(app, meetings.judge(plan)[0])
    assert presses(late, plan) == []
    assert "可参加下一轮投票" in late.get(f"/g/meeting/{plan.id}/").text
    for position, _seat in judges:
        meetings.cast(held, position, "yyn")
    assert_turn(plan, StepKey.ROUND, Party.CHAIR)
    assert presses(sits, plan) == []
    assert presses(presides, plan) == [f"/g/meeting/rounds/act/close?pk={held.id}"]
    meetings.close(held, holders)
    assert_turn(plan, StepKey.COUNT, Party.OFFICE, Party.SUPERVISOR, Party.CHAIR)
    assert presses(office, plan) == [], "only who holds the code opens the box"
    assert presses(presides, plan) == [f"/g/meeting/rounds/act/release?pk={held.id}"]
    for role, left in ((KeyRole.CHAIR, [Party.OFFICE, Party.SUPERVISOR]), (KeyRole.SUPERVISOR, [])):
        actor, code = holders[role]
        meetings.fire(held, "release", actor, details={"code": code})
        if left:
            assert_turn(plan, StepKey.COUNT, *left)
    assert_turn(plan, StepKey.RESULT, Party.OFFICE)
    assert presses(office, plan) == [f"/g/1.2.5/act/compute?pk={plan.id}"]
    for client in (office, supervisor, presides, sits):
        assert statements_of(client, f"/g/meeting/{plan.id}/") <= MOST_STATEMENTS

    who = meetings.computed(plan)
    assert_turn(plan, StepKey.MINUTES, Party.OFFICE)
    minutes = {"minutes": meetings.MINUTES}
    meetings.fire(plan, "write_minutes", who, details=minutes)
    assert_turn(plan, StepKey.SIGNATURES, Party.CHAIR, Party.SUPERVISOR)
    assert presses(presides, plan) == [f"/g/meeting-result/{plan.id}"] == presses(supervisor, plan)
    meetings.fire(plan, "sign_chair", factories.actor_of(chair))
    assert_turn(plan, StepKey.SIGNATURES, Party.SUPERVISOR)
    meetings.fire(plan, "sign_supervisor", holders[KeyRole.SUPERVISOR][0])
    assert_turn(plan, StepKey.CONFIRMATION, Party.OFFICE)
    assert presses(office, plan) == [f"/g/1.2.5/act/confirm?pk={plan.id}"]
    assert presses(enter(app, who), plan) == [], "a second person confirms"
    meetings.fire(plan, "confirm", meetings.office(plan))
    assert_turn(plan, StepKey.NOTICE, Party.OFFICE)
    form = f"/g/1.2.6/add?plan={plan.id}"
    assert presses(office, plan) == [form]
    assert chosen(office, form) == [str(plan.id)]


def test_a_further_round_is_named_with_its_places(app: Flask) -> None:
    plan, _judges, holders = meetings.ready(
        level=Level.SENIOR, over_cap=OverCap.SECOND_ROUND, senior_cap=40
    )
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    for position, _seat in _judges:
        meetings.cast(held, position, "yyy")
    meetings.count(held, holders)

    step = assert_turn(plan, StepKey.FURTHER, Party.OFFICE)

    due = outcomes.next_round(db.session(), plan)
    assert due is not None
    assert str(len(due.application_ids)) in step.says
    assert str(due.places) in step.says
    log = (
        db.session.query(TransitionLog)
        .filter_by(event="release")
        .order_by(TransitionLog.id)
        .all()[-1]
    )
    assert (log.details["due"], log.details["places"]) == (len(due.application_ids), due.places)
    office = clients(app, plan)[0]
    assert presses(office, plan) == [f"/g/meeting/rounds/add?plan={plan.id}"]
    assert statements_of(office, f"/g/meeting/{plan.id}/") <= MOST_STATEMENTS
    next_held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    assert_turn(plan, StepKey.FURTHER, Party.CHAIR)
    assert next_held.number == 2


def test_interviews_and_sheets_are_counted(app: Flask) -> None:
    used = ["material_score", "interview", "opinion", "vote"]
    plan, judges = meetings.sitting(count=2, over_cap=OverCap.RANK)
    plan.steps = used
    first, second = meetings.candidates(plan)
    office, _supervisor, sits = clients(app, plan, judges[1][0])
    assert f"/g/1.2.4/generate?plan={plan.id}" in presses(office, plan)
    for place, case in enumerate((first, second), start=1):
        factories.interview(case, order=place)
    assert f"/g/1.2.4/slots/?q.plan={plan.id}&todo=send" in presses(office, plan)
    seat = judges[1][1]
    db.session.add_all(
        Assignment(seat_id=seat.id, application_id=one.id) for one in (first, second)
    )
    db.session.flush()
    assert steps(plan)[StepKey.SCORES].waits_for == (Party.JUDGES,)
    assert f"/g/1.3.3/?q.plan={plan.id}" in presses(sits, plan)
    assert str(StepKey.SCORES.label) in steps(plan)[StepKey.ROUND].says
    for case in (first, second):
        case.interview.state = InterviewState.HEARD
        for step in (ReviewStep.MATERIAL_SCORE, ReviewStep.INTERVIEW):
            factories.assessment(seat, case, step=step, state=AssessmentState.SUBMITTED, total=8000)
    found = steps(plan)
    assert found[StepKey.INTERVIEWS].is_done
    assert found[StepKey.SCORES].is_done, found[StepKey.SCORES]


def test_the_page_of_another_meeting_does_not_exist(app: Flask) -> None:
    plan, judges = meetings.sitting(count=1)
    other, offline = meetings.online(), meetings.offline()
    called = factories.position(Role.JUDGE, committee=plan.committee)
    factories.seat(plan, called.user, state=SeatState.CALLED)
    for client in (*clients(app, other), desk.at(app, called)):
        for rest in ("", "/"):
            assert client.get(f"/g/meeting/{plan.id}{rest}").status_code == 404
    for client in clients(app, offline):
        assert client.get(f"/g/meeting/{offline.id}/").status_code == 404
    assert desk.at(app, judges[1][0]).get(f"/g/meeting/{other.id}/").status_code == 404
    assert desk.clerk(app, Role.UNIT, unit=factories.unit()).get(
        f"/g/meeting/{plan.id}/"
    ).status_code in (403, 404)


def test_judges_see_their_share_without_names(app: Flask) -> None:
    plan, judges, holders = meetings.ready()
    names = [position.user.real_name for position, _seat in judges]
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    office, supervisor, presides, sits = clients(app, plan, judges[0][0], judges[1][0])
    pages = [one.get(f"/g/meeting/{plan.id}/").text for one in (office, supervisor)]
    assert all(name in page for page in pages for name in names)
    for client, own in ((presides, names[0]), (sits, names[1])):
        page = client.get(f"/g/meeting/{plan.id}/").text
        assert not [name for name in names if name != own and name in page]
    course = sits.get(f"/g/meeting/{plan.id}/").text
    with app.test_request_context():
        assert str(StepKey.FILING.label) not in course
    assert [statements_of(one, f"/g/meeting/{plan.id}/") for one in (office, supervisor, presides, sits)] <= [MOST_STATEMENTS] * 4  # fmt: skip


def test_lists_and_to_dos_lead_to_the_page(app: Flask) -> None:
    plan, judges, _holders = meetings.ready()
    link = f'href="/g/meeting/{plan.id}'
    office, supervisor, presides = clients(app, plan, judges[0][0])
    for client, lists in (
        (office, ("1.2.2/", "1.2.3/", "1.2.3/seats/", "1.2.5/", "meeting/", "course/")),
        (supervisor, ("1.2.3/", "1.2.3/seats/", "meeting/", "course/")),
        (presides, ("my-seats/", "meeting/")),
    ):
        for one in lists:
            assert link in client.get(f"/g/{one}").text, one
    assert link in office.get(f"/g/1.2.3/{plan.id}").text
    assert link in office.get(f"/g/1.2.5/{plan.id}").text
    plan.state = PlanState.REPORTED
    region = plan.committee.region_code
    authority = desk.clerk(
        app, Role.HRSS, unit=factories.unit(kind="authority", region_code=region)
    )
    page = authority.get("/g/1.2.2/").text
    assert link in page
    assert authority.get(f"/g/meeting/{plan.id}/").status_code == 200


def test_needed_votes_stand_on_freeze_ballot_and_result(app: Flask) -> None:
    for denominator, needed in ((Denominator.PRESENT, 9), (Denominator.ELIGIBLE, 8)):
        plan, judges, holders = meetings.ready(denominator=denominator)
        for _position, seat in judges[4:6]:
            factories.recusal(meetings.candidates(plan)[1], seat.user)
        said = f"可投11人，需{needed}票"
        office, _supervisor, presides, sits = clients(app, plan, judges[0][0], judges[1][0])
        typed = {"plan_id": str(plan.id), "try": "1"}
        assert said in office.post("/g/meeting/rounds/add", data=typed).text
        held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
        meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
        db.session.commit()
        page = sits.get(f"/g/1.3.4/round/{held.id}").text
        assert said in page
        assert "可投13人，需9票" in page
        for place, (position, _seat) in enumerate(judges):
            meetings.cast(held, position, "y-y" if place in (4, 5) else "yyy")
        meetings.count(held, holders)
        db.session.commit()
        assert said in presides.get(f"/g/meeting/rounds/{held.id}").text
        of = 13 if denominator is Denominator.PRESENT else 11
        assert f"{of}人，需{needed}票" in office.get(f"/g/1.2.5/{plan.id}").text


def test_a_request_to_void_names_the_side_that_decides(app: Flask) -> None:
    plan, judges, holders = meetings.ready()
    chair, clerk = holders[KeyRole.CHAIR][0], holders[KeyRole.OFFICE][0]
    office, supervisor, presides, sits = clients(app, plan, judges[0][0], judges[1][0])
    held = meetings.freeze(plan, clerk)
    decide = f"/g/meeting/rounds/act/void?pk={held.id}"
    fire(held, "ask_void", clerk, "设备故障")
    step = assert_turn(plan, StepKey.ROUND, Party.SUPERVISOR, Party.CHAIR)
    with app.test_request_context():
        assert str(Party.SUPERVISOR.label) in step.says
    assert presses(supervisor, plan) == [decide]
    assert decide not in presses(office, plan) + presses(presides, plan)
    fire(held, "keep", factories.actor_of(meetings.supervisor(plan)), "继续投票")

    fire(held, "open", chair)
    fire(held, "ask_void", factories.actor_of(meetings.supervisor(plan)), "票箱异常")
    assert_turn(plan, StepKey.ROUND, Party.OFFICE, Party.CHAIR, Party.JUDGES)
    assert presses(office, plan) == [decide] == presses(presides, plan)
    assert presses(sits, plan) == [f"/g/1.3.4/round/{held.id}"]
    assert statements_of(office, f"/g/meeting/{plan.id}/") <= MOST_STATEMENTS


def test_sign_in_reminders_go_on_until_everybody_is_there(app: Flask) -> None:
    plan, judges = meetings.sitting(away=1)
    missing, seat = judges[-1]
    office = clients(app, plan)[0]
    assert steps(plan)[StepKey.SIGN_IN].is_done

    def duties() -> list[str]:
        facts = meeting_facts.facts_of(db.session(), plan, factories.today())
        owed = meeting_duties.owed(db.session(), facts)
        return [one.name for one in owed if one.duty is MeetingDuty.SIGN_IN]

    assert duties() == [missing.user.real_name]
    db.session.commit()
    assert "duty=sign_in" in office.get(f"/g/meeting/{plan.id}/").text
    fire(seat, "attend", factories.actor_of(missing))
    assert duties() == []
    db.session.commit()
    assert "duty=sign_in" not in office.get(f"/g/meeting/{plan.id}/").text


def test_the_ballot_takes_few_statements(app: Flask) -> None:
    plan, judges, holders = meetings.ready(count=12)
    sits = clients(app, plan, judges[1][0])[-1]
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    assert statements_of(sits, f"/g/1.3.4/round/{held.id}") <= MOST_STATEMENTS


def test_a_round_shows_only_what_is_known_of_it(app: Flask) -> None:
    plan = meetings.online(count=2)
    factories.ballot_round(plan, *meetings.candidates(plan))
    office, *_others = clients(app, plan)
    db.session.commit()

    page = office.get(f"/g/meeting/{plan.id}/").text

    rounds = page.partition('id="s-rounds"')[2].partition("</section>")[0]
    assert "第一轮" in rounds
    assert "未填写" not in rounds
    assert "已投票数" not in rounds
