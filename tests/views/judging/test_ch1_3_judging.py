"""Menus 1.3.1 to 1.3.3: whose cases, the lists, sheets that save themselves, the lock, anonymous meetings."""

import io
from datetime import timedelta

import pytest
from flask import Flask
from openpyxl import load_workbook

from app.enums import AssessmentState, InterviewState, ReviewStep, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, Assessment, CaseNote, CaseOpening, Plan
from app.services.judging import anonymity
from tests.support import factories
from tests.support.counting import statements
from tests.support.world import bearer
from tests.views import desk
from tests.views.desk import FULL, LISTS, SHEETS, Judge

MOST_STATEMENTS = 12


@pytest.fixture
def plan(app: Flask) -> Plan:
    return desk.plan()


@pytest.fixture
def me(app: Flask, plan: Plan) -> Judge:
    return desk.judge(app, plan)


def rows(page: str) -> str:
    """Return the part of a list page that holds its rows."""
    return page.partition("<tbody>")[2]


def led_on(judge: Judge, address: str) -> str:
    """Return the page that an address leads on to."""
    return judge.client.get(judge.client.get(address).location).text


# whose cases


@pytest.mark.parametrize("guide", LISTS)
def test_what_is_not_the_judges_does_not_exist_on_any_page(
    app: Flask, plan: Plan, me: Judge, guide: str
) -> None:
    own, hidden = desk.candidate(plan, me), desk.hidden_from(me, plan)
    act = "opinion" if guide == "1.3.5" else "assess"
    get = me.client.get

    page = get(f"/g/{guide}/").text
    shown = [get(f"/g/{guide}/{one.id}").status_code for one in (own, *hidden)]
    acts = [get(f"/g/{guide}/act/{act}?pk={one.id}").status_code for one in (own, *hidden)]
    papers = [get(f"/g/{guide}/{one.id}/form.pdf").status_code for one in hidden]
    compared = [
        get(f"/g/{guide}/compare?a={own.id}&b={one.id}").status_code for one in (own, *hidden)
    ]

    assert own.number in page
    assert [one.number for one in hidden if one.number in page] == []
    assert shown == [200, 404, 404, 404, 404, 404]
    assert acts == [303, 404, 404, 404, 404, 404]
    assert papers == [404] * 5
    assert compared == [200, 404, 404, 404, 404, 404]


@pytest.mark.parametrize("guide", LISTS)
def test_what_is_not_the_judges_does_not_exist_in_search_count_and_export(
    plan: Plan, me: Judge, guide: str
) -> None:
    own, hidden = desk.candidate(plan, me), desk.hidden_from(me, plan)

    by_number = [rows(me.client.get(f"/g/{guide}/?q.number={one.number}").text) for one in hidden]
    by_name = [rows(me.client.get(f"/g/{guide}/?q.name={one.name}").text) for one in hidden]
    menu = me.client.get("/").text
    sheet = load_workbook(io.BytesIO(me.client.get(f"/g/{guide}/export.xlsx").data)).worksheets[0]
    exported = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]

    assert not any(one.number in found for one in hidden for found in by_number + by_name)
    assert 'title="1 waiting"' in menu
    assert 'title="2 waiting"' not in menu
    assert exported == [own.number]


@pytest.mark.parametrize("guide", LISTS)
def test_what_is_not_the_judges_does_not_exist_for_programs(
    app: Flask, plan: Plan, me: Judge, guide: str
) -> None:
    own, hidden = desk.candidate(plan, me), desk.hidden_from(me, plan)
    client, headers = app.test_client(), bearer(me.token)
    act, event = ("opinion", "write") if guide == "1.3.5" else ("assess", "submit")

    listed = client.get(f"/api/v1/g/{guide}/", headers=headers).json
    single = [
        client.get(f"/api/v1/g/{guide}/{one.id}", headers=headers).status_code
        for one in (own, *hidden)
    ]
    pressed = client.post(
        f"/api/v1/g/{guide}/act/{act}",
        headers=headers,
        json={"event": event, "rows": [{"id": own.id}]},
    )
    described = client.get("/api/v1/_openapi", headers=headers).text

    assert [row["number"] for row in listed["rows"]] == [own.number]
    assert single == [200, 404, 404, 404, 404, 404]
    assert pressed.status_code == 403
    assert f"/act/{act}" not in described
    assert db.session.query(Assessment).count() == 0


@pytest.mark.parametrize("guide", SHEETS)
def test_what_is_not_the_judges_takes_no_draft_and_no_note(
    plan: Plan, me: Judge, guide: str
) -> None:
    hidden = desk.hidden_from(me, plan)

    statuses = {
        me.client.post(f"/g/{guide}/{one.id}/{route}", **sent).status_code
        for one in hidden
        for route in ("sheet", "note")
        for sent in ({"json": FULL | {"note": "看"}}, {"data": FULL | {"do": "submit"}})
    }

    assert statuses == {404}
    assert db.session.query(Assessment).count() == 0
    assert db.session.query(CaseNote).count() == 0


def test_file_of_what_is_not_the_judges_does_not_exist(plan: Plan, me: Judge) -> None:
    files = [factories.attachment(one, "paper") for one in desk.hidden_from(me, plan)]
    private = [
        factories.attachment(desk.candidate(plan, me), kind) for kind in ("id_card", "roster")
    ]

    statuses = {me.client.get(f"/file/{one.id}").status_code for one in (*files, *private)}

    assert statuses == {404}


def test_candidate_of_an_open_round_is_voted_on_but_not_scored(plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan)
    factories.ballot_round(plan, case, seats=(me.seat,), state="open", opened_at=clock.now())

    pages = [me.client.get(f"/g/{guide}/{case.id}").status_code for guide in LISTS]

    assert pages == [404] * 4
    assert me.client.get(f"/g/1.3.4/{case.id}").status_code == 200


@pytest.mark.parametrize("state", ["called", "gone", "declined", "reserve"])
def test_seat_that_is_not_taken_sees_nothing(app: Flask, plan: Plan, state: str) -> None:
    other = desk.judge(app, plan, state=state)
    case = desk.candidate(plan, other)

    assert case.number not in other.client.get("/g/1.3.3/").text
    assert other.client.get(f"/g/1.3.3/{case.id}").status_code == 404


@pytest.mark.parametrize("role", [Role.OFFICE, Role.SUPERVISOR, Role.HRSS, Role.UNIT])
def test_other_roles_have_no_desk(app: Flask, plan: Plan, me: Judge, role: Role) -> None:
    case = desk.candidate(plan, me)
    unit = plan.committee.unit
    other = desk.enter(app, factories.actor(role, unit=unit, committee=plan.committee))

    assert other.get("/g/1.3.3/").status_code == 403
    assert other.post(f"/g/1.3.3/{case.id}/sheet", data=FULL).status_code == 403


# lists


def test_unfinished_stand_first_and_progress_is_said(plan: Plan, me: Judge) -> None:
    done, begun, fresh = (desk.candidate(plan, me) for _count in range(3))
    factories.assessment(me.seat, done)
    factories.assessment(me.seat, begun, state=AssessmentState.DRAFT, submitted_at=None, total=None)

    page = me.client.get("/g/1.3.3/").text

    assert page.index(begun.number) < page.index(fresh.number) < page.index(done.number)
    assert "1 of 3 done" in page
    assert [word in rows(page) for word in ("Not begun", "Draft", "Submitted")] == [True] * 3
    assert rows(page).count("/act/assess?pk=") == 2


def test_list_is_searched_by_progress(plan: Plan, me: Judge) -> None:
    done, fresh = desk.candidate(plan, me), desk.candidate(plan, me)
    factories.assessment(me.seat, done)

    left = rows(me.client.get("/g/1.3.3/?q.progress=open").text)
    finished = rows(me.client.get("/g/1.3.3/?q.progress=done").text)

    assert (fresh.number in left, done.number in left) == (True, False)
    assert (fresh.number in finished, done.number in finished) == (False, True)
    assert me.client.get("/g/1.3.3/?q.progress=x").status_code == 400


@pytest.mark.parametrize("guide", LISTS)
def test_list_needs_as_many_statements_for_one_case_as_for_twenty(
    plan: Plan, me: Judge, guide: str
) -> None:
    desk.candidate(plan, me)
    counts = []
    for _round in range(2):
        with statements() as sent:
            assert me.client.get(f"/g/{guide}/").status_code == 200
        counts.append(len(sent))
        for _count in range(19):
            factories.assessment(me.seat, desk.candidate(plan, me), step=ReviewStep.INTERVIEW)

    assert counts[0] == counts[1] <= MOST_STATEMENTS


def test_interview_list_names_room_and_time_and_who_was_absent(plan: Plan, me: Judge) -> None:
    heard, absent = desk.candidate(plan, me), desk.candidate(plan, me)
    factories.interview(heard, state=InterviewState.HEARD, order=7)
    factories.interview(absent, state=InterviewState.ABSENT)

    page = me.client.get("/g/1.3.2/").text
    case = me.client.get(f"/g/1.3.2/{absent.id}").text

    assert "第一答辩室, number 7" in page
    assert "Absent" in rows(page)
    assert "1 of 2 done" in page
    assert "absent from the interview" in case
    assert 'name="score-0"' not in case


def test_two_ticked_candidates_are_compared(plan: Plan, me: Judge) -> None:
    one, other, third = (desk.candidate(plan, me) for _count in range(3))
    keys = [f"pk={case.id}" for case in (one, other, third)]

    answer = me.client.get(f"/g/1.3.3/act/compare?{'&'.join(keys[:2])}")
    page = me.client.get(answer.location).text
    refused = [led_on(me, f"/g/1.3.3/act/compare?{'&'.join(some)}") for some in (keys[:1], keys)]

    assert one.number in page
    assert other.number in page
    assert all("Tick exactly two candidates" in text for text in refused)


def test_button_without_a_ticked_row_says_so(plan: Plan, me: Judge) -> None:
    desk.candidate(plan, me)

    page = led_on(me, "/g/1.3.3/act/assess")

    assert "Choose at least one row first." in page
    assert me.client.get("/g/1.3.3/act/none").status_code == 404


# the page of a case


def test_opening_a_case_is_noted(plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan, me)

    for _count in range(2):
        me.client.get(f"/g/1.3.1/{case.id}")

    opening = db.session.query(CaseOpening).one()
    assert (opening.seat_id, opening.application_id, opening.times) == (me.seat.id, case.id, 2)
    assert opening.first_at <= opening.last_at


def test_case_shows_no_numbers_of_a_person(plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan, me)
    person = case.person

    page = me.client.get(f"/g/1.3.3/{case.id}").text
    compared = me.client.get(f"/g/1.3.3/compare?a={case.id}&b={case.id}").text
    workbook = load_workbook(io.BytesIO(me.client.get(f"/g/1.3.3/{case.id}/dossier.xlsx").data))
    cells = " ".join(
        str(cell) for sheet in workbook for row in sheet.iter_rows(values_only=True) for cell in row
    )

    for text in (page, compared, cells):
        assert person.id_number not in text
        assert person.id_number[-4:] not in text
        assert person.phone not in text
    assert me.client.get(f"/g/1.3.3/{case.id}/form.pdf").status_code == 200


def test_next_goes_on_with_what_is_not_finished(plan: Plan, me: Judge) -> None:
    first, second, third = (desk.candidate(plan, me) for _count in range(3))
    factories.assessment(me.seat, second)

    page = me.client.get(f"/g/1.3.3/{first.id}").text
    last = me.client.get(f"/g/1.3.3/{third.id}").text

    assert f'href="/g/1.3.3/{third.id}" data-key="j"' in page
    assert 'data-key="k"' not in page
    assert f'href="/g/1.3.3/{first.id}" data-key="j"' in last
    assert f'href="/g/1.3.3/{second.id}" data-key="k"' in last
    assert "3 of 3, 2 to do" in last


# sheets


def test_draft_saves_itself(plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan, me)
    url = f"/g/1.3.3/{case.id}/sheet"

    told = me.client.post(url, json={"score-0": "40", "score-1": "", "note": "论文待查"})
    sheet = me.sheet_of(case)
    page = me.client.get(f"/g/1.3.3/{case.id}").text

    assert told.status_code == 200
    assert told.json["faults"] == {}
    assert len(told.json["saved_at"]) == len("12:30:05")
    assert (sheet.state, sheet.scores, sheet.total) == (AssessmentState.DRAFT, {"业绩": 40}, None)
    assert 'value="40"' in page
    assert "论文待查" in page
    assert "48.00" in page


def test_draft_that_saves_itself_keeps_what_fits_and_says_what_does_not(
    plan: Plan, me: Judge
) -> None:
    case = desk.candidate(plan, me)

    told = me.client.post(f"/g/1.3.3/{case.id}/sheet", json={"score-0": "51", "score-1": 9})

    assert told.status_code == 200
    assert list(told.json["faults"]) == ["score-0"]
    assert me.sheet_of(case).scores == {"学术": 9}


def test_note_alone_begins_no_sheet(plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan, me)

    told = me.client.post(f"/g/1.3.3/{case.id}/sheet", json={"score-0": "", "note": "先看论文"})

    assert told.status_code == 200
    assert db.session.query(CaseNote).one().text == "先看论文"
    assert db.session.query(Assessment).count() == 0


@pytest.mark.parametrize("body", ["[]", '"x"', "{", '{"score-0": {}}', '{"note": true}'])
def test_body_that_no_page_sends_is_a_bad_request(plan: Plan, me: Judge, body: str) -> None:
    case = desk.candidate(plan, me)

    answer = me.client.post(f"/g/1.3.3/{case.id}/sheet", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert db.session.query(Assessment).count() == 0


def test_draft_is_saved_by_a_press(plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan, me)
    typed = {"score-0": "40", "score-1": "", "note": "看", "do": "save"}

    answer = me.client.post(f"/g/1.3.3/{case.id}/sheet", data=typed)

    assert answer.location.endswith(f"/g/1.3.3/{case.id}")
    assert me.sheet_of(case).scores == {"业绩": 40}
    assert db.session.query(CaseNote).one().text == "看"


def test_submitting_locks_and_goes_on_with_the_next_case(plan: Plan, me: Judge) -> None:
    case, following = desk.candidate(plan, me), desk.candidate(plan, me)
    url = f"/g/1.3.3/{case.id}/sheet"

    answer = me.client.post(url, data=FULL | {"do": "next"})
    page = me.client.get(f"/g/1.3.3/{case.id}").text
    again = me.client.post(url, data=FULL | {"score-0": "50", "do": "submit"})
    by_itself = me.client.post(url, json=FULL | {"score-0": "50"})

    sheet = me.sheet_of(case)
    assert answer.location.endswith(f"/g/1.3.3/{following.id}")
    assert (sheet.state, sheet.total) == (AssessmentState.SUBMITTED, 7800)
    assert "78.00 points" in page
    assert 'name="score-0"' not in page
    assert (again.status_code, by_itself.status_code) == (422, 422)
    assert "locked" in by_itself.json["refused"]
    assert sheet.scores == {"业绩": 40, "学术": 15}


def test_submitting_stays_with_the_case_if_asked_or_if_it_was_the_last(
    plan: Plan, me: Judge
) -> None:
    last, first = desk.candidate(plan, me), desk.candidate(plan, me)

    stays = me.client.post(f"/g/1.3.3/{first.id}/sheet", data=FULL | {"do": "submit"})
    is_last = me.client.post(f"/g/1.3.3/{last.id}/sheet", data=FULL | {"do": "next"})

    assert stays.location.endswith(f"/g/1.3.3/{first.id}")
    assert is_last.location.endswith(f"/g/1.3.3/{first.id}")


def test_note_is_written_after_the_lock_too(plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan, me)
    factories.assessment(me.seat, case)

    told = me.client.post(f"/g/1.3.3/{case.id}/note", json={"note": "已看"})
    pressed = me.client.post(f"/g/1.3.3/{case.id}/note", data={"note": "再看"})
    long = me.client.post(f"/g/1.3.3/{case.id}/note", json={"note": "长" * 2001})

    assert (told.status_code, pressed.status_code, long.status_code) == (200, 303, 422)
    assert db.session.query(CaseNote).one().text == "再看"
    assert list(long.json["faults"]) == ["note"]


def test_others_are_seen_only_after_the_own_sheet_and_never_by_name(
    app: Flask, plan: Plan, me: Judge
) -> None:
    second, third, late = (desk.judge(app, plan) for _count in range(3))
    second.seat.user.real_name = "欧阳评委"
    case = desk.candidate(plan, me, second, third, late)
    factories.assessment(second.seat, case, total=6100)
    factories.assessment(third.seat, case, total=7000)

    before = me.client.get(f"/g/1.3.3/{case.id}").text
    me.client.post(f"/g/1.3.3/{case.id}/sheet", data=FULL | {"do": "submit"})
    after = me.client.get(f"/g/1.3.3/{case.id}").text

    assert "61.00" not in before
    assert "70.00 · 61.00" in after
    assert "2 of 3 other judges have submitted." in after
    assert "69.67 points" in after
    assert "欧阳评委" not in before + after


def test_sheet_of_a_recused_judge_is_not_among_the_others(
    app: Flask, plan: Plan, me: Judge
) -> None:
    other = desk.judge(app, plan)
    case = desk.candidate(plan, me, other)
    factories.assessment(other.seat, case, total=100)
    factories.recusal(case, other.seat.user)

    me.client.post(f"/g/1.3.3/{case.id}/sheet", data=FULL | {"do": "submit"})
    page = me.client.get(f"/g/1.3.3/{case.id}").text

    assert "1.00" not in page.partition("Your group")[2].partition("</section>")[0]
    assert "0 of 0 other judges" in page


def test_review_passes_or_refuses_with_a_reason(app: Flask, plan: Plan, me: Judge) -> None:
    other = desk.judge(app, plan)
    case, passing = desk.candidate(plan, me, other), desk.candidate(plan, me)
    reason = "代表作与申报专业不符，缺检索证明"
    step = ReviewStep.MATERIAL_REVIEW
    factories.assessment(other.seat, case, step=step, is_passed=True, scores={}, total=None)

    refused = {"do": "submit", "is_passed": "0", "reason": reason}
    answers = [
        me.client.post(f"/g/1.3.1/{case.id}/sheet", data=refused),
        me.client.post(f"/g/1.3.1/{passing.id}/sheet", data={"do": "submit", "is_passed": "1"}),
    ]
    page = me.client.get(f"/g/1.3.1/{case.id}").text

    assert [answer.status_code for answer in answers] == [303, 303]
    sheets = [me.sheet_of(one, step) for one in (case, passing)]
    assert [(one.is_passed, one.total) for one in sheets] == [(False, None), (True, None)]
    assert reason in page
    assert "1 passed, 1 not passed" in page


def test_sign_in_that_ended_loses_nothing(app: Flask, plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan, me)
    stranger = app.test_client()

    page = stranger.post(f"/g/1.3.3/{case.id}/sheet", data=FULL | {"note": "还没存"})
    by_itself = stranger.post(f"/g/1.3.3/{case.id}/sheet", json=FULL)

    assert (page.status_code, by_itself.status_code) == (401, 401)
    assert "还没存" in page.text


def test_page_of_an_earlier_sign_in_is_given_the_present_token(
    app: Flask, plan: Plan, me: Judge
) -> None:
    case = desk.candidate(plan, me)
    app.config |= {"WTF_CSRF_ENABLED": True, "WTF_CSRF_CHECK_DEFAULT": True}
    url = f"/g/1.3.3/{case.id}"

    told = [me.client.post(f"{url}/{route}", json=FULL) for route in ("sheet", "note")]
    pages = [
        me.client.post(f"{url}/{route}", data=FULL | {"note": "还没存"})
        for route in ("sheet", "note")
    ]
    opinion = me.client.post(f"/g/1.3.5/{case.id}/opinion", data={"text": desk.WORDING})
    token = told[0].json["csrf_token"]
    again = me.client.post(f"{url}/sheet", json=FULL, headers={"X-CSRFToken": token})

    assert [(one.status_code, one.json["stale"]) for one in told] == [(400, True)] * 2
    assert [one.status_code for one in (*pages, opinion)] == [400] * 3
    assert all("还没存" in page.text for page in pages)
    assert desk.WORDING in opinion.text
    assert again.status_code == 200


# anonymous meetings


@pytest.fixture
def unknown(plan: Plan, me: Judge) -> Application:
    """A candidate nobody may recognise."""
    plan.is_anonymous = True
    person = factories.person("司马相如", unit=factories.unit("藏名单位"))
    return desk.candidate(plan, me, person=person)


def test_anonymous_meeting_hides_who_it_is_on_every_page(
    app: Flask, plan: Plan, me: Judge, unknown: Application
) -> None:
    shown = factories.attachment(unknown, "paper", name="司马相如论文.pdf")
    kinds = ("photo", "id_card", "degree", "notice_sheet")
    hidden = [factories.attachment(unknown, kind, name="司马相如.pdf") for kind in kinds]
    addresses = ["", unknown.id, f"compare?a={unknown.id}&b={unknown.id}", "upload"]

    texts = [me.client.get(f"/g/{guide}/{one}").text for guide in LISTS for one in addresses]
    headers = bearer(me.token)
    texts += [
        app.test_client().get(f"/api/v1/g/{guide}/{one}", headers=headers).text
        for guide in LISTS
        for one in ("", unknown.id)
    ]
    answer = me.client.post(f"/g/1.3.3/{unknown.id}/sheet", data=FULL | {"do": "submit"})
    texts.append(me.client.get(answer.location).text)

    assert [one for one in texts if "司马" in one or "藏名单位" in one] == []
    assert f"{unknown.number}-{shown.id}.pdf" in texts[1]
    assert {me.client.get(f"/file/{one.id}").status_code for one in hidden} == {404}


def test_anonymous_meeting_hides_who_it_is_in_search_and_files(
    plan: Plan, me: Judge, unknown: Application
) -> None:
    searched = rows(me.client.get("/g/1.3.3/?q.name=司马").text)
    found = rows(me.client.get(f"/g/1.3.3/?q.number={unknown.number}").text)
    sorted_by_name = me.client.get("/g/1.3.3/?sort=name")
    books = [
        load_workbook(io.BytesIO(me.client.get(f"/g/1.3.3/{file}").data))
        for file in ("export.xlsx", "sheet.xlsx")
    ]
    cells = " ".join(
        str(cell)
        for book in books
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    )

    assert unknown.number not in searched
    assert unknown.number in found
    assert sorted_by_name.status_code == 400
    assert unknown.number in cells
    assert "司马" not in cells
    assert "藏名单位" not in cells
    for paper in ("form.pdf", "dossier.xlsx"):
        assert me.client.get(f"/g/1.3.3/{unknown.id}/{paper}").status_code == 404


def test_office_reads_files_of_an_anonymous_meeting_as_they_are(
    app: Flask, plan: Plan, unknown: Application
) -> None:
    photo = factories.attachment(unknown, "photo", name="司马相如.png")
    office = factories.actor(Role.OFFICE, committee=plan.committee)

    assert not anonymity.hides_file(photo, unknown, office)


def test_names_of_files_stay_where_the_meeting_is_not_anonymous(plan: Plan, me: Judge) -> None:
    paper = factories.attachment(desk.candidate(plan, me), "paper", name="论文.pdf")
    case = db.session.get_one(Application, paper.subject_id)

    assert anonymity.file_name(paper, case) == "论文.pdf"
    assert "论文.pdf" in me.client.get(f"/g/1.3.3/{case.id}").text


def test_nobody_signed_in_is_led_to_the_sign_in(app: Flask, plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan, me)

    answer = app.test_client().get(f"/g/1.3.3/act/assess?pk={case.id}")

    assert answer.location.startswith("/login/")


def test_comparison_of_one_leads_back_to_the_list(plan: Plan, me: Judge) -> None:
    case = desk.candidate(plan, me)

    page = led_on(me, f"/g/1.3.3/compare?a={case.id}")

    assert "Tick exactly two candidates" in page


def test_an_interview_waits_for_its_score_once_it_has_begun(plan: Plan, me: Judge) -> None:
    begun, ahead, _unplanned = (desk.candidate(plan, me) for _count in range(3))
    now = clock.now()
    for case, starts_at in ((begun, now - timedelta(hours=1)), (ahead, now + timedelta(days=1))):
        factories.interview(case, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=20))

    waiting = rows(me.client.get("/g/1.3.2/?todo=waiting").text)
    listed = rows(me.client.get("/g/1.3.2/").text)

    assert [one.number in waiting for one in (begun, ahead, _unplanned)] == [True, False, False]
    assert all(one.number in listed for one in (begun, ahead, _unplanned))
