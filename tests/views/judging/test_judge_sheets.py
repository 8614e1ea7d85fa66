"""Offline sheets of 1.3.1 to 1.3.3: downloaded, filled, uploaded; checked row by row, whole or not at all."""

import io
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook

from app.enums import AssessmentState, ReviewStep
from app.extensions import db
from app.ground import clock
from app.models import Application, Assessment, CaseNote, Plan
from app.services.exports.workbook import FIRST_ROW
from app.services.imports.refusals import SheetRefused
from app.services.judging.score_import import Line, take_over
from tests.support import factories
from tests.views import desk
from tests.views.desk import Judge

REVIEW = ReviewStep.MATERIAL_REVIEW


@pytest.fixture
def plan(app: Flask) -> Plan:
    return desk.plan()


@pytest.fixture
def me(app: Flask, plan: Plan) -> Judge:
    return desk.judge(app, plan)


@pytest.fixture
def cases(plan: Plan, me: Judge) -> list[Application]:
    return [desk.candidate(plan, me) for _count in range(3)]


def download(me: Judge, guide: str = "1.3.3") -> Workbook:
    answer = me.client.get(f"/g/{guide}/sheet.xlsx")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.data))


def fill(book: Workbook, rows: dict[str, list[Any]], first: int = 4) -> Workbook:
    """Write into the rows of these numbers, from column `first` on."""
    for row in book.worksheets[0].iter_rows(min_row=FIRST_ROW):
        for cell, value in zip(row[first - 1 :], rows.get(row[0].value, []), strict=False):
            cell.value = value
    return book


def upload(me: Judge, book: Any, guide: str = "1.3.3", **typed: str) -> Any:
    stream = io.BytesIO()
    if isinstance(book, bytes):
        stream.write(book)
    else:
        book.save(stream)
    stream.seek(0)
    return me.client.post(f"/g/{guide}/upload", data={"sheet": (stream, "表.xlsx")} | typed)


def test_sheet_holds_the_unfinished_cases_with_their_drafts(
    plan: Plan, me: Judge, cases: list[Application]
) -> None:
    factories.assessment(me.seat, cases[0])
    me.client.post(f"/g/1.3.3/{cases[1].id}/sheet", json={"score-0": "30", "note": "=SUM(1)"})

    sheet = download(me).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))

    specialty = cases[1].specialty.name
    assert rows == [
        ("Application number", "Name", "Specialty", "业绩 (0 to 50)", "学术 (0 to 20)", "Remark"),
        (cases[1].number, cases[1].name, specialty, 30, None, "'=SUM(1)"),
        (cases[2].number, cases[2].name, specialty, None, None, None),
    ]
    assert sheet["A3"].protection.locked
    assert not sheet["D3"].protection.locked


def test_filled_rows_become_drafts_and_empty_rows_stay(me: Judge, cases: list[Application]) -> None:
    rows = {cases[0].number: [40, 15, "材料齐全"], cases[1].number: [40]}

    answer = upload(me, fill(download(me), rows))

    assert answer.status_code == 303
    assert me.sheet_of(cases[0]).scores == {"业绩": 40, "学术": 15}
    assert me.sheet_of(cases[1]).scores == {"业绩": 40}
    assert db.session.query(Assessment).count() == 2
    assert [one.state for one in db.session.query(Assessment)] == [AssessmentState.DRAFT] * 2
    assert db.session.query(CaseNote).one().text == "材料齐全"


def test_filled_rows_are_submitted_by_a_tick(me: Judge, cases: list[Application]) -> None:
    rows = {cases[0].number: ["４０", 15], cases[1].number: [50, 20]}

    answer = upload(me, fill(download(me), rows), is_final="y")

    assert answer.status_code == 303
    assert [me.sheet_of(one).total for one in cases[:2]] == [7800, 10000]
    assert cases[0].number not in [row[0].value for row in download(me).worksheets[0].iter_rows()]


def test_reviews_come_back_in_words(me: Judge, cases: list[Application]) -> None:
    rows = {
        cases[0].number: ["Audit passed"],
        cases[1].number: ["Audit not passed", "代表作与申报专业不符"],
    }
    me.client.post(f"/g/1.3.1/{cases[0].id}/sheet", json={"is_passed": "0", "reason": "再看"})

    book = download(me, "1.3.1")
    before = [row[3:5] for row in book.worksheets[0].iter_rows(min_row=3, values_only=True)]
    book.worksheets[0]["E3"].value = None
    answer = upload(me, fill(book, rows), "1.3.1", is_final="y")

    assert before[0] == ("Audit not passed", "再看")
    assert answer.status_code == 303
    assert [me.sheet_of(one, REVIEW).is_passed for one in cases[:2]] == [True, False]


def strange_number(sheet: Any) -> None:
    sheet["A3"].value = "不存在"


def twice(sheet: Any) -> None:
    sheet["A4"].value = sheet["A3"].value


def mixed_names(sheet: Any) -> None:
    sheet["B3"].value = "别人"


def too_many(sheet: Any) -> None:
    sheet["D3"].value = 51


def in_words(sheet: Any) -> None:
    sheet["E3"].value = "九十"


def formula(sheet: Any) -> None:
    sheet["D3"].value = "=50"


def half(sheet: Any) -> None:
    sheet["D3"].value = 9.5


def long_remark(sheet: Any) -> None:
    sheet["F3"].value = "长" * 2001


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (strange_number, "Row 3: column A"), (twice, "Row 4: column A"), (mixed_names, "Row 3: column B"),
        (too_many, "Row 3: column D"), (in_words, "Row 3: column E"), (formula, "Row 3: column D"),
        (half, "Row 3: column D"), (long_remark, "Row 3: column F"),
    ],
)  # fmt: skip
def test_wrong_row_is_named_with_its_column_and_nothing_is_taken(
    me: Judge, cases: list[Application], change: Any, place: str
) -> None:
    book = fill(download(me), {one.number: [40, 15] for one in cases})
    change(book.worksheets[0])

    answer = upload(me, book)

    assert answer.status_code == 422
    assert place in answer.text
    assert "Nothing was taken from the file." in answer.text
    assert db.session.query(Assessment).count() == 0


def test_incomplete_row_is_no_sheet_to_submit(me: Judge, cases: list[Application]) -> None:
    scores = fill(download(me), {cases[0].number: [40]})
    reviews = fill(download(me, "1.3.1"), {cases[0].number: ["Audit not passed"]})
    words = fill(download(me, "1.3.1"), {cases[0].number: ["合格"]})
    useless = fill(download(me, "1.3.1"), {cases[0].number: ["Audit not passed", "无"]})

    answers = [
        upload(me, scores, is_final="y"),
        upload(me, reviews, "1.3.1", is_final="y"),
        upload(me, words, "1.3.1"),
        upload(me, useless, "1.3.1", is_final="y"),
    ]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert "Row 3: column E: nothing is entered." in answers[0].text
    assert "Row 3: column E: nothing is entered." in answers[1].text
    assert "Row 3: column D: Write Audit passed or Audit not passed." in answers[2].text
    assert "Row 3: “无” is not a reason." in answers[3].text
    assert db.session.query(Assessment).count() == 0


def test_sheet_of_another_step_meeting_or_judge_is_refused(
    app: Flask, plan: Plan, me: Judge, cases: list[Application]
) -> None:
    other = desk.judge(app, plan)
    theirs = desk.candidate(plan, other)
    elsewhere = desk.plan()
    third = desk.judge(app, elsewhere)
    desk.candidate(elsewhere, third)

    wrong_step = upload(me, download(me, "1.3.2"))
    wrong_plan = upload(me, download(third))
    of_another = upload(me, fill(download(other), {theirs.number: [40, 15]}))
    no_book = upload(me, b"no workbook")
    empty = me.client.post("/g/1.3.3/upload", data={})

    answers = [wrong_step, wrong_plan, of_another, no_book, empty]
    assert [answer.status_code for answer in answers] == [422] * 5
    assert "This is not the sheet of this step." in wrong_step.text
    assert "is none of your unfinished cases" in of_another.text
    assert db.session.query(Assessment).count() == 0


def test_submitted_sheet_is_not_changed_by_an_upload(me: Judge, cases: list[Application]) -> None:
    book = fill(download(me), {one.number: [40, 15] for one in cases})
    factories.assessment(me.seat, cases[0], total=1234)

    answer = upload(me, book)

    assert answer.status_code == 422
    assert "Row 3: column A" in answer.text
    assert me.sheet_of(cases[0]).total == 1234
    assert db.session.query(Assessment).count() == 1


def test_refusals_of_the_desk_name_their_rows(
    plan: Plan, me: Judge, cases: list[Application]
) -> None:
    book = fill(download(me), {one.number: [40, 15, "看"] for one in cases})
    factories.ballot_round(plan, cases[1], seats=(me.seat,), state="counted")

    answer = upload(me, book, is_final="y")

    assert answer.status_code == 422
    assert "Row 4: The vote on this candidate is prepared or held" in answer.text
    assert db.session.query(Assessment).count() == 0


def test_sheet_far_too_long_is_refused(me: Judge, cases: list[Application]) -> None:
    book = download(me)
    book.worksheets[0]["A5000"].value = "x"

    assert upload(me, book).status_code == 422


def test_judge_of_two_meetings_has_a_sheet_of_each(
    app: Flask, plan: Plan, me: Judge, cases: list[Application]
) -> None:
    second = desk.plan(score_items=[{"name": "能力", "max": 10, "weight": 100}])
    seat = factories.seat(second, me.seat.user)
    case = desk.candidate(second)
    factories.assign(seat, case)

    page = me.client.get("/g/1.3.3/").text
    answer = me.client.get(f"/g/1.3.3/sheet.xlsx?plan={second.id}")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]

    assert f"/g/1.3.3/sheet.xlsx?plan={second.id}" in page
    assert f"/g/1.3.3/upload?plan={plan.id}" in page
    assert [row[0].value for row in sheet.iter_rows(min_row=3)] == [case.number]
    assert me.client.get(f"/g/1.3.3/sheet.xlsx?plan={desk.plan().id}").status_code == 404


def test_judge_without_cases_has_no_sheet(app: Flask, me: Judge) -> None:
    assert me.client.get("/g/1.3.3/sheet.xlsx").status_code == 404
    assert "/sheet.xlsx" not in me.client.get("/g/1.3.3/").text


def test_row_with_a_remark_alone_begins_no_sheet(me: Judge, cases: list[Application]) -> None:
    rows = {cases[0].number: [None, None, "先看论文"]}

    answer = upload(me, fill(download(me), rows), is_final="y")

    assert answer.status_code == 303
    assert db.session.query(CaseNote).one().text == "先看论文"
    assert db.session.query(Assessment).count() == 0


def test_rows_of_another_judge_are_not_taken_over(
    app: Flask, plan: Plan, cases: list[Application]
) -> None:
    stranger = factories.actor_of(desk.judge(app, plan).position)
    lines = [Line(row, case, {"业绩": 40}, "看") for row, case in enumerate(cases, start=3)]

    with pytest.raises(SheetRefused) as refused:
        take_over(
            db.session(), desk.STEPS["1.3.3"], lines, actor=stranger, at=clock.now(), is_final=False
        )

    assert [error.row for error in refused.value.errors] == [3, 4, 5]


def test_upload_says_how_much_of_what_was_asked(me: Judge, cases: list[Application]) -> None:
    rows = {cases[0].number: [40, 15, "看"], cases[1].number: [30]}

    upload(me, fill(download(me), rows))
    page = me.client.get("/g/1.3.3/").text

    assert "2 of 3 sheets were taken over as drafts. Private remarks saved: 1." in page
    assert f"Rows without an entry stay unfinished: {cases[2].number}." in page


def test_sheet_without_an_entry_is_refused(me: Judge, cases: list[Application]) -> None:
    for guide in desk.SHEETS[::2]:
        answer = upload(me, download(me, guide), guide, is_final="y")

        assert answer.status_code == 422
        assert "No row has an entry." in answer.text


def test_row_that_is_gone_is_named(me: Judge, plan: Plan, cases: list[Application]) -> None:
    book = fill(download(me), {one.number: [40, 15] for one in cases})
    book.worksheets[0].delete_rows(4)
    later = desk.candidate(plan, me)

    answer = upload(me, book)

    assert answer.status_code == 422
    assert f"“{cases[1].number}” is missing" in answer.text
    assert later.number not in answer.text
    assert db.session.query(Assessment).count() == 0


def test_case_that_came_later_does_not_stop_a_sheet(
    me: Judge, plan: Plan, cases: list[Application]
) -> None:
    book = fill(download(me), {one.number: [40, 15] for one in cases})
    later = desk.candidate(plan, me)

    answer = upload(me, book)

    assert answer.status_code == 303
    assert "3 of 4 sheets" in me.client.get("/g/1.3.3/").text
    assert db.session.query(Assessment).filter_by(application_id=later.id).all() == []


def test_private_note_comes_back_as_it_was_and_never_as_a_reason(
    me: Judge, cases: list[Application]
) -> None:
    words = "=先看论文\n再看业绩\n" + "长" * 500
    me.client.post(f"/g/1.3.1/{cases[0].id}/sheet", json={"note": words})
    book = fill(download(me, "1.3.1"), {cases[0].number: ["Audit passed"]})
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=FIRST_ROW - 1):
        row[4].value, row[5].value = row[5].value, row[4].value

    answer = upload(me, book, "1.3.1", is_final="y")

    assert answer.status_code == 303
    assert me.sheet_of(cases[0], REVIEW).reason == ""
    assert db.session.query(CaseNote).one().text == words


def test_items_with_strange_names_are_found(app: Flask) -> None:
    names = ["=业绩", "学术（论文）", "remark"]
    items = [{"name": name, "max": 10, "weight": 50} for name in names]
    meeting = desk.plan(score_items=items)
    judge = desk.judge(app, meeting)
    case = desk.candidate(meeting, judge)

    answer = upload(judge, fill(download(judge), {case.number: [1, 2, 3]}))

    assert answer.status_code == 303
    assert judge.sheet_of(case).scores == dict(zip(names, (1, 2, 3), strict=True))


def test_private_note_below_the_heading_of_the_reason_is_refused(
    me: Judge, cases: list[Application]
) -> None:
    for case in cases[:2]:
        me.client.post(f"/g/1.3.1/{case.id}/sheet", json={"note": "与某某 有利益关系"})
    rows = {case.number: ["Audit not passed"] for case in cases[:2]}
    book = fill(download(me, "1.3.1"), rows)
    book.worksheets[0]["E2"].value, book.worksheets[0]["F2"].value = "Remark", "Reason"
    moved = fill(
        download(me, "1.3.1"), {cases[0].number: ["Audit not passed", "与某某有利益关系", ""]}
    )

    answers = [upload(me, one, "1.3.1") for one in (book, moved)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "Row 3: column F: this is your private remark and no reason" in answers[0].text
    assert "Row 3: column E: this is your private remark and no reason" in answers[1].text
    assert db.session.query(Assessment).count() == 0


def test_reason_may_repeat_the_private_note(me: Judge, cases: list[Application]) -> None:
    me.client.post(f"/g/1.3.1/{cases[0].id}/sheet", json={"note": "代表作与申报专业不符"})
    rows = {cases[0].number: ["Audit not passed", "代表作与申报专业不符"]}

    answer = upload(me, fill(download(me, "1.3.1"), rows), "1.3.1", is_final="y")

    assert answer.status_code == 303
    assert me.sheet_of(cases[0], REVIEW).reason == "代表作与申报专业不符"
