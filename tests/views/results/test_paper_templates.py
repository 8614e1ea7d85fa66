"""Menu 1.2.5, tab 纸质投票: the votes of a round from its Excel template."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.enums import ApplicationState, Level, Role
from app.extensions import db
from app.forms.results import FORM_MAX
from app.models import Plan, Round
from tests.support import factories, meetings
from tests.support.signing import client_of as at
from tests.views.results.test_ch1_2_results import a_pdf

ADD = "/g/1.2.5/paper/add"


@pytest.fixture
def plan(app: Any) -> Plan:
    factories.work_days()
    return meetings.online(level=Level.MIDDLE)


@pytest.fixture
def office(app: Any, plan: Plan) -> FlaskClient:
    return at(app, factories.position(Role.OFFICE, committee=plan.committee))


def template(office: FlaskClient, plan: Plan, *yes: int | None) -> bytes:
    """Return the filled template of the round that is due; None leaves a candidate out."""
    content = office.get(f"/g/1.2.5/{plan.id}/round.xlsx").data
    book = load_workbook(io.BytesIO(content))
    for row, count in zip(book.worksheets[0].iter_rows(min_row=3), yes, strict=True):
        numbers = (None, None, None) if count is None else (count, 22 - count, 0)
        for cell, number in zip(row[4:7], numbers, strict=True):
            cell.value = number
    return saved(book)


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def enter(office: FlaskClient, plan: Plan, content: bytes | None) -> Any:
    data: dict[str, Any] = {
        "plan_id": str(plan.id),
        "members": "25",
        "present": "22",
        "voted_on": factories.today().isoformat(),
        "scan": a_pdf(),
        "opinions_signed": "y",
        "opinions": a_pdf(),
    }
    if content is not None:
        data["sheet"] = (io.BytesIO(content), "第一轮.xlsx")
    return office.post(ADD, data=data)


def test_round_is_entered_from_its_template(office: FlaskClient, plan: Plan) -> None:
    page = office.get(f"/g/1.2.5/{plan.id}").text
    entered = enter(office, plan, template(office, plan, 20, None, 3))

    held = db.session.query(Round).one()
    first, _left_out, third = meetings.candidates(plan)
    assert f"/g/1.2.5/{plan.id}/round.xlsx" in page
    assert entered.status_code == 303, entered.text
    assert [(one.application_id, one.yes, one.no) for one in held.candidates] == [
        (first.id, 20, 2), (third.id, 3, 19),
    ]  # fmt: skip


def test_half_filled_row_and_empty_template_are_refused(office: FlaskClient, plan: Plan) -> None:
    book = load_workbook(io.BytesIO(template(office, plan, 20, 20, 20)))
    book.worksheets[0]["F3"].value = None
    half = enter(office, plan, saved(book))
    empty = enter(office, plan, template(office, plan, None, None, None))

    assert (half.status_code, empty.status_code) == (422, 422)
    assert "“No” must be a whole number" in half.text
    assert "at least one candidate" in empty.text
    assert db.session.query(Round).count() == 0


def test_template_of_an_earlier_round_is_refused(office: FlaskClient, plan: Plan) -> None:
    old = template(office, plan, 20, 20, 20)
    enter(office, plan, template(office, plan, 20, None, None))
    overtaken = enter(office, plan, old)

    assert overtaken.status_code == 422
    assert "template of another round" in overtaken.text


def test_round_of_more_people_than_the_page_takes(office: FlaskClient, plan: Plan) -> None:
    for _count in range(FORM_MAX - 2):
        factories.application(ApplicationState.IN_REVIEW, plan=plan, level=Level.MIDDLE)
    page = office.get(f"{ADD}?plan={plan.id}").text
    without = enter(office, plan, None)
    entered = enter(office, plan, template(office, plan, *[20] * (FORM_MAX + 1)))

    assert 'name="votes-' not in page
    assert (without.status_code, entered.status_code) == (422, 303)
    assert 'id="sheet-error"' in without.text
    assert len(db.session.query(Round).one().candidates) == FORM_MAX + 1


def test_template_of_a_foreign_meeting_does_not_exist(app: Any, plan: Plan) -> None:
    stranger = at(app, factories.position(Role.OFFICE, committee=factories.committee()))

    assert stranger.get(f"/g/1.2.5/{plan.id}/round.xlsx").status_code == 404
