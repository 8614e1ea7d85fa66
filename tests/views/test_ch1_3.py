"""The judge's desk: lists, sheets that save themselves, the lock, opinions, sheets on paper's terms."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.enums import AssessmentState, MeetingMode, OpinionState, ReviewStep, Role, S
from app.extensions import db
from app.models import Application, Assessment, CaseNote, CaseOpening, Opinion, Plan, Seat
from app.services import opinions
from tests import factories as f
from tests.bad_input import desk as bad
from tests.world import bearer, enter, token

LISTS = ["1.3.1", "1.3.2", "1.3.3", "1.3.5"]
ITEMS = [{"name": "业绩", "max": 50, "weight": 60}, {"name": "学术", "max": 20, "weight": 40}]
FULL = {"item-0": "40", "item-1": "15"}


@pytest.fixture
def plan(app: Flask) -> Plan:
    return f.plan(
        opens_on=f.in_days(-1), closes_on=f.in_days(1), mode=MeetingMode.ONLINE,
        steps=[step.value for step in ReviewStep], score_items=ITEMS,
    )  # fmt: skip


def judge(app: Flask, plan: Plan) -> tuple[FlaskClient, Seat]:
    position = f.position(Role.JUDGE, committee=plan.committee)
    return enter(app, f.actor_of(position)), f.seat(plan, position.user)


@pytest.fixture
def mine(app: Flask, plan: Plan) -> tuple[FlaskClient, Seat]:
    return judge(app, plan)


def candidate(plan: Plan, *seats: Seat, **values: Any) -> Application:
    made = f.application(S.IN_REVIEW, plan=plan, **values)
    for seat in seats:
        f.assign(seat, made)
    return made


def stored(seat: Seat, case: Application) -> Assessment:
    return db.session.query(Assessment).filter_by(seat_id=seat.id, application_id=case.id).one()


# whose cases


@pytest.mark.parametrize("guide", LISTS)
def test_what_is_not_assigned_does_not_exist(
    app: Flask, plan: Plan, mine: tuple[FlaskClient, Seat], guide: str
) -> None:
    client, seat = mine
    own = candidate(plan, seat)
    recused = candidate(plan, seat)
    f.recusal(recused, seat.user)
    colleague = candidate(plan, seat, unit=f.unit())
    db.session.query(Assessment).delete()
    person = f.person(unit=colleague.unit)
    person.user_id = seat.user_id
    db.session.query(type(person)).filter_by(user_id=seat.user_id).filter(
        type(person).id != person.id
    ).update({"user_id": None})
    unassigned = candidate(plan)
    hidden = (recused, colleague, unassigned)
    secret = token(f.actor_of(f.position(Role.JUDGE, user=seat.user, committee=None)))

    page = client.get(f"/g/{guide}/").text
    answers = [client.get(f"/g/{guide}/{one.id}").status_code for one in (own, *hidden)]
    posts = [client.post(f"/g/{guide}/{one.id}/sheet", data=FULL).status_code for one in hidden]
    searched = client.get(f"/g/{guide}/?q.number={unassigned.number}").text
    api = app.test_client().get(f"/api/v1/g/{guide}/", headers=bearer(secret)).json

    assert own.number in page
    assert [
        one.number for one in hidden if one.number in page + searched.split("<tbody>")[-1]
    ] == []
    assert answers == [200, 404, 404, 404]
    assert posts == [404, 404, 404]
    assert [row["number"] for row in api["rows"]] == [own.number]


def test_compare_shows_two_own_candidates_and_no_other(
    plan: Plan, mine: tuple[FlaskClient, Seat]
) -> None:
    client, seat = mine
    first, second, strange = candidate(plan, seat), candidate(plan, seat), candidate(plan)

    page = client.get(f"/g/1.3.3/compare?a={first.id}&b={second.id}")
    refused = client.get(f"/g/1.3.3/compare?a={first.id}&b={strange.id}")

    assert page.status_code == 200
    assert first.number in page.text
    assert second.number in page.text
    assert refused.status_code == 404
    assert client.get("/g/1.3.3/compare?a=x").status_code == 404


def test_unfinished_stand_first_and_progress_is_counted(
    plan: Plan, mine: tuple[FlaskClient, Seat]
) -> None:
    client, seat = mine
    begun, done, fresh = (candidate(plan, seat) for _ in range(3))
    f.assessment(seat, done)
    f.assessment(seat, begun, state=AssessmentState.DRAFT, submitted_at=None, total=None)

    page = client.get("/g/1.3.3/").text

    assert page.index(fresh.number) < page.index(begun.number) < page.index(done.number)
    assert "1 of 3 done" in page
    assert "Not begun" in page


def test_opening_a_case_is_noted_for_the_supervisor(
    plan: Plan, mine: tuple[FlaskClient, Seat]
) -> None:
    client, seat = mine
    case = candidate(plan, seat)

    for _ in range(2):
        client.get(f"/g/1.3.1/{case.id}")

    opening = db.session.query(CaseOpening).one()
    assert (opening.seat_id, opening.application_id, opening.times) == (seat.id, case.id, 2)


# sheets


def test_draft_saves_itself_and_locks_when_submitted(
    plan: Plan, mine: tuple[FlaskClient, Seat]
) -> None:
    client, seat = mine
    case = candidate(plan, seat)
    url = f"/g/1.3.3/{case.id}/sheet"

    told = client.post(url, json={"item-0": "40", "item-1": "", "note": "论文待查"})
    kept = stored(seat, case)
    assert (told.status_code, kept.scores, kept.state) == (200, {"业绩": 40}, AssessmentState.DRAFT)
    assert db.session.query(CaseNote).one().text == "论文待查"

    answer = client.post(url, data=FULL | {"press": "submit", "note": "论文待查"})

    db.session.refresh(kept)
    assert answer.status_code == 303
    assert (kept.state, kept.total) == (AssessmentState.SUBMITTED, 7800)
    assert client.post(url, json=FULL | {"item-0": "50"}).status_code == 422
    db.session.refresh(kept)
    assert kept.scores == {"业绩": 40, "学术": 15}
    assert client.post(url, json={"note": "已看"}).status_code == 200
    assert "78.00" in client.get(f"/g/1.3.3/{case.id}").text


def test_others_scores_are_seen_after_the_own_without_names(
    app: Flask, plan: Plan, mine: tuple[FlaskClient, Seat]
) -> None:
    client, seat = mine
    _other, second = judge(app, plan)
    second.user.real_name = "欧阳评委"
    case = candidate(plan, seat, second)
    f.assessment(second, case, total=6100)

    before = client.get(f"/g/1.3.3/{case.id}").text
    client.post(f"/g/1.3.3/{case.id}/sheet", data=FULL | {"press": "submit"})
    after = client.get(f"/g/1.3.3/{case.id}").text

    assert "61.00" not in before
    assert "61.00" in after
    assert "69.50" in after
    assert "欧阳评委" not in before + after


def test_submitting_goes_on_to_the_next_unfinished(
    plan: Plan, mine: tuple[FlaskClient, Seat]
) -> None:
    client, seat = mine
    last, middle, first = (candidate(plan, seat) for _ in range(3))
    f.assessment(seat, middle)

    answer = client.post(f"/g/1.3.3/{first.id}/sheet", data=FULL | {"press": "submit"})

    assert answer.location.endswith(f"/g/1.3.3/{last.id}")


def test_review_passes_or_refuses_with_a_reason(plan: Plan, mine: tuple[FlaskClient, Seat]) -> None:
    client, seat = mine
    case = candidate(plan, seat)
    url = f"/g/1.3.1/{case.id}/sheet"

    assert client.post(url, data={"press": "submit", "reason": ""}).status_code == 422
    refused = client.post(url, data={"press": "submit", "is_passed": "0", "reason": "无"})
    assert refused.status_code == 422
    reason = "代表作与申报专业不符，缺检索证明"
    done = client.post(url, data={"press": "submit", "is_passed": "0", "reason": reason})

    kept = stored(seat, case)
    assert done.status_code == 303
    assert (kept.is_passed, kept.reason, kept.total) == (False, reason, None)


# anonymous meetings


def test_anonymous_meeting_hides_who_it_is(plan: Plan, mine: tuple[FlaskClient, Seat]) -> None:
    client, seat = mine
    plan.is_anonymous = True
    case = candidate(plan, seat, person=f.person("司马相如", unit=f.unit("藏名单位")))
    photo = f.attachment(case, "photo", name="司马相如.pdf")

    pages = [client.get(f"/g/1.3.3/{one}").text for one in ("", case.id)]
    pages.append(client.get(f"/g/1.3.3/compare?a={case.id}&b={case.id}").text)
    searched = client.get("/g/1.3.3/?q.name=司马").text
    sheet = load_workbook(io.BytesIO(client.get("/g/1.3.3/sheet.xlsx").data)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]

    assert [page for page in pages if "司马相如" in page or "藏名单位" in page] == []
    assert case.number not in searched.split("<tbody>")[-1]
    assert not any("司马" in cell for cell in cells)
    assert client.get(f"/file/{photo.id}").status_code == 404


# sheets on paper's terms


def filled(client: FlaskClient, points: dict[str, tuple[Any, Any]]) -> io.BytesIO:
    book = load_workbook(io.BytesIO(client.get("/g/1.3.3/sheet.xlsx").data))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=3):
        if row[0].value in points:
            row[4].value, row[5].value = points[row[0].value]
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def test_offline_sheet_comes_back_whole(plan: Plan, mine: tuple[FlaskClient, Seat]) -> None:
    client, seat = mine
    first, second = candidate(plan, seat), candidate(plan, seat)
    file = filled(client, {first.number: (50, 20), second.number: (25, 10)})

    answer = client.post("/g/1.3.3/upload", data={"file": (file, "评分.xlsx"), "submit_now": "y"})

    assert answer.status_code == 303
    assert [stored(seat, one).total for one in (first, second)] == [10000, 5000]


def test_offline_sheet_with_a_wrong_row_changes_nothing(
    plan: Plan, mine: tuple[FlaskClient, Seat]
) -> None:
    client, seat = mine
    first, second = candidate(plan, seat), candidate(plan, seat)
    file = filled(client, {first.number: (50, 20), second.number: (51, "九十")})

    answer = client.post("/g/1.3.3/upload", data={"file": (file, "评分.xlsx")})

    assert answer.status_code == 422
    assert "Row 3" in answer.text or "Row 4" in answer.text
    assert db.session.query(Assessment).count() == 0
    strange = client.post("/g/1.3.3/upload", data={"file": (io.BytesIO(b"x"), "评分.xlsx")})
    assert strange.status_code == 422


# opinions


def test_opinion_is_complete_with_three_signatures(app: Flask, plan: Plan) -> None:
    judges = [judge(app, plan) for _ in range(4)]
    case = candidate(plan, *(seat for _client, seat in judges))
    url = f"/g/1.3.5/{case.id}/sheet"
    clients = [client for client, _seat in judges]

    clients[0].post(url, data={"press": "write", "text": "业绩突出，同意推荐为高级工程师。"})
    assert opinions.missing(db.session(), plan.id, [case.id]) == [case.id]
    for place, client in enumerate(clients[1:3], start=0):
        answer = client.post(url, data={"press": "sign", "version": str(place)})
        assert answer.status_code == 303

    record = db.session.query(Opinion).one()
    assert (record.state, len(record.signers)) == (OpinionState.COMPLETE, 3)
    assert opinions.missing(db.session(), plan.id, [case.id]) == []
    changed = {
        "press": "write",
        "text": "业绩一般，不同意推荐本次评审。",
        "version": record.version,
    }
    assert clients[3].post(url, data=changed).status_code == 303
    db.session.refresh(record)
    assert (record.state, len(record.signers)) == (OpinionState.DRAFT, 1)


def test_opinion_signed_twice_or_unseen_is_refused(app: Flask, plan: Plan) -> None:
    (first, seat), (second, other) = judge(app, plan), judge(app, plan)
    case = candidate(plan, seat, other)
    url = f"/g/1.3.5/{case.id}/sheet"
    first.post(url, data={"press": "write", "text": "业绩突出，同意推荐为高级工程师。"})

    assert first.post(url, data={"press": "sign", "version": "0"}).status_code == 422
    assert second.post(url, data={"press": "sign", "version": "7"}).status_code == 422
    assert second.post(url, data={"press": "sign", "version": "x"}).status_code == 422
    assert len(db.session.query(Opinion).one().signers) == 1


def test_note_of_an_opinion_is_kept_by_itself(plan: Plan, mine: tuple[FlaskClient, Seat]) -> None:
    client, seat = mine
    case = candidate(plan, seat)

    told = client.post(f"/g/1.3.5/{case.id}/sheet", json={"note": "请组长写"})

    assert told.status_code == 200
    assert "请组长写" in client.get(f"/g/1.3.5/{case.id}").text
    assert bad.stored()["opinion"] == []
