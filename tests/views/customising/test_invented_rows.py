"""Lists seen as somebody else show three invented rows, in the columns and words of the draft, and nothing of anybody."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.extensions import appbuilder, db
from app.models import Application, Unit
from app.services.customising import viewing
from app.views.base import list_rows
from app.views.base.base import GuideView
from app.views.base.invented import ROWS
from tests.support import factories as make
from tests.support.signing import client_of
from tests.views.customising.test_screens import QUERY, change, keys

LIST = "/g/1.1.4/"
MENU = re.compile(r'<li><a href="([^"]+)"')
NAME = "欧阳不可见"


@pytest.fixture
def cases(session: Session) -> list[Application]:
    """One application in every state, all of one person's name."""
    unit, above = make.unit("甲校"), make.unit("乙局")
    return [
        make.application(one, person=make.person(NAME, unit=unit), superiors=(above,))
        for one in ApplicationState
    ]


def look(client: FlaskClient, role: str = "unit") -> None:
    assert client.post("/g/customise/preview-as", data={"role": role}).status_code == 303


def rows(page: str) -> list[str]:
    return re.findall(r"<tr>.*?</tr>", page.partition("<tbody>")[2], re.DOTALL)


def column(page: str, label: str) -> list[str]:
    found = re.findall(rf'<td data-label="{label}"[^>]*>(.*?)</td>', page)
    return [re.sub(r"<.*?>", "", one).strip() for one in found]


def test_draft_is_judged_by_three_invented_rows(
    sysadmin: FlaskClient, cases: list[Application]
) -> None:
    change(sysadmin, QUERY, columns=["state", "number"], column__number_at_en="Case number")
    look(sysadmin)

    page = sysadmin.get(LIST).text

    assert "<b>Sample data</b>" in page
    assert len(rows(page)) == len(ROWS)
    assert keys(sysadmin) == ["state", "number"]
    assert column(page, "Case number") == ["sample 1", "sample 2", "sample 3"]
    with force_locale("en"):
        words = {str(one.label) for one in ApplicationState}
    assert {unescape(one) for one in column(page, "State")} <= words


def test_cells_follow_the_kind_of_the_column(sysadmin: FlaskClient) -> None:
    look(sysadmin)

    page = sysadmin.get(LIST).text

    assert [one[-11:] for one in column(page, "Arrived")] == ["06-30 09:00"] * 3
    assert column(page, "Name") == ["sample 1", "sample 2", "sample 3"]
    assert len(set(column(page, "State"))) == 3


def test_order_downwards_turns_the_rows(sysadmin: FlaskClient) -> None:
    change(sysadmin, QUERY, sort="number desc")
    look(sysadmin)

    page = sysadmin.get(LIST).text

    assert 'data-key="number" aria-sort="descending"' in page
    assert column(page, "Application number") == ["sample 3", "sample 2", "sample 1"]


def test_buttons_are_shown_and_lead_nowhere(app: Flask, sysadmin: FlaskClient) -> None:
    look(sysadmin)

    page = sysadmin.get("/g/1.1.2/").text
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]

    assert "href" not in body
    assert 'name="pk"' not in page
    assert re.search(r'aria-disabled="true"[^>]*>Report<', body)
    assert re.search(r'<button type="button" class="btn" aria-disabled="true"[^>]*>Report<', page)
    assert "formaction" not in page
    assert 'class="pager"' not in page


@pytest.mark.parametrize("role", list(Role))
def test_no_list_of_any_role_shows_a_planted_row(
    sysadmin: FlaskClient, cases: list[Application], role: Role
) -> None:
    look(sysadmin, role.value)
    planted = [NAME, "甲校", *(one.number for one in cases)]

    addresses = [one for one in MENU.findall(sysadmin.get("/").text) if one.startswith("/g/")]
    pages = {one: sysadmin.get(one).text for one in addresses}

    assert {one: word for one, page in pages.items() for word in planted if word in page} == {}


def test_search_by_a_planted_number_tells_nothing(
    sysadmin: FlaskClient, cases: list[Application]
) -> None:
    look(sysadmin)

    there = sysadmin.get(f"{LIST}?q.name={NAME}").text.replace(NAME, "")
    nobody = sysadmin.get(f"{LIST}?q.name=欧阳没有人").text.replace("欧阳没有人", "")

    assert rows(there) == rows(nobody)
    assert len(rows(there)) == len(ROWS)


@pytest.mark.parametrize("route", ["export.xlsx", "export", "bulk.xlsx"])
def test_export_stays_empty(sysadmin: FlaskClient, cases: list[Application], route: str) -> None:
    look(sysadmin)

    answer = sysadmin.get(LIST + route)

    assert answer.mimetype == "text/html"
    assert NAME not in answer.text


def test_every_scope_gives_an_onlooker_nothing(
    app: Flask, sysadmin: FlaskClient, cases: list[Application], session: Session
) -> None:
    """Also where the list of the role itself shows the planted rows: the fence does not rest on the scope."""
    lists = [one for one in appbuilder.baseviews if isinstance(one, GuideView)]
    seen, unfenced = 0, []
    with app.test_request_context("/"):
        for view in lists:
            for role in type(view).roles:
                onlooker = viewing.onlooker(role)
                query = list_rows.matching_rows(view, onlooker, {})
                seen += len(db.session.scalars(query).all())
                if role is Role.UNIT:
                    clerk = make.actor(role, unit=cases[0].unit)
                    own = db.session.scalars(view.rows(clerk)).all()
                    unfenced += [type(view).__name__] if own else []
    assert seen == 0
    assert QUERY in unfenced


def test_who_looks_at_himself_sees_the_real_rows_again(
    app: Flask, sysadmin: FlaskClient, session: Session
) -> None:
    unit: Unit = make.unit("乙校")
    case = make.application(ApplicationState.AT_UNIT, unit=unit)
    clerk = client_of(app, make.position(Role.UNIT, unit=unit))

    page = clerk.get(LIST).text

    assert case.number in page
    assert "Sample data" not in page
