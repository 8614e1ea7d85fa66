"""A list opens sorted by a field of the dossier: offered where it is a column, refused where it is none or would be none."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.models import CustomValue, Unit
from tests.support import factories as make
from tests.support.dossier_lists import FIELD, QUERY, TITLE, declare, fill_in, run_clock
from tests.support.signing import client_of
from tests.views.customising.test_dossier_listing import PAGE, save
from tests.views.customising.test_screens import LIST, change, hold, publish

SCREEN = f"/g/screens/{QUERY}"
DOWN = f"d.{TITLE} desc"
NO_COLUMN = "the list has no such column"
IN_USE = "Choose another order of that page first"


@pytest.fixture
def unit(session: Session) -> Unit:
    unit = make.unit()
    for name, title in (("甲", "A 桥梁"), ("乙", "C 隧道"), ("丙", "B 路基")):
        person = make.person(f"王{name}", unit=unit)
        case = make.application(ApplicationState.AT_UNIT, unit=unit, person=person)
        fill_in(case, papers=[{"title": title}])
    return unit


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return client_of(app, make.position(Role.UNIT, unit=unit))


def offered(client: FlaskClient) -> list[str]:
    select = re.search(r'<select[^>]*name="v:sort".*?</select>', client.get(SCREEN).text, re.S)
    assert select is not None
    return [one for one in re.findall(r'<option value="([^"]*)"', select[0]) if "d." in one]


def names(client: FlaskClient) -> list[str]:
    return re.findall(r'<td data-label="Name"[^>]*>王([甲乙丙])</td>', client.get(LIST).text)


def test_columns_of_the_list_are_offered_and_no_other_field(sysadmin: FlaskClient) -> None:
    assert offered(sysadmin) == []

    declare(TITLE)
    declare(FIELD, view="FirstCheckView")

    assert offered(sysadmin) == [f"d.{TITLE} asc", f"d.{TITLE} desc"]


def test_column_of_the_own_draft_is_offered(sysadmin: FlaskClient) -> None:
    save(sysadmin, {TITLE: "offered"})

    assert offered(sysadmin) == [f"d.{TITLE} asc", f"d.{TITLE} desc"]


def test_list_opens_sorted_by_the_field_until_it_is_undone(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    declare(TITLE)
    run_clock()
    before = names(clerk)
    number = hold(sysadmin, session, QUERY, sort=DOWN)

    sorted_names = names(clerk)
    page = clerk.get(LIST).text
    draft = unescape(sysadmin.get(f"/g/permission-changes/{number}").text)
    sysadmin.post(f"/g/permission-changes/{number}/undo", data={})

    assert sorted_names == ["乙", "丙", "甲"]
    assert re.search(rf'data-key="d\.{TITLE}"[^>]*aria-sort="descending"', page)
    assert "downwards" in draft
    assert names(clerk) == before


@pytest.mark.parametrize("order", [f"d.{FIELD} asc", f"d.{TITLE} desc"])
def test_field_that_is_no_column_is_refused_with_the_reason(
    sysadmin: FlaskClient, session: Session, order: str
) -> None:
    answer = change(sysadmin, QUERY, sort=order)

    assert answer.status_code == 422
    assert NO_COLUMN in answer.text
    assert session.query(CustomValue).count() == 0


@pytest.mark.parametrize("order", ["d.papers.nosuch asc", f"d.{TITLE} sideways", "d. asc", "d.x"])
def test_what_is_no_order_is_refused(sysadmin: FlaskClient, order: str) -> None:
    declare(TITLE)

    answer = change(sysadmin, QUERY, sort=order)

    assert answer.status_code == 422
    assert "choose one of the list" in answer.text


def test_column_by_which_a_list_opens_cannot_be_taken_away(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    declare(TITLE)
    run_clock()
    hold(sysadmin, session, QUERY, "unit", sort=DOWN)

    refused = save(sysadmin, {TITLE: ""})
    change(sysadmin, QUERY, "unit", sort="number asc")
    taken = save(sysadmin, {TITLE: ""})
    publish(sysadmin, session)

    assert refused.status_code == 422
    assert IN_USE in refused.text
    assert "Unit clerk" in refused.text
    assert taken.status_code == 303
    assert 'data-key="number" aria-sort="ascending"' in clerk.get(LIST).text


def test_column_and_order_are_published_and_undone_together(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    save(sysadmin, {TITLE: "shown"})
    number = hold(sysadmin, session, QUERY, sort=DOWN)
    run_clock()
    there = names(clerk)

    undone = sysadmin.post(f"/g/permission-changes/{number}/undo", data={})

    assert there == ["乙", "丙", "甲"]
    assert undone.status_code == 303
    assert session.query(CustomValue).count() == 0


def test_order_without_its_column_is_not_published(sysadmin: FlaskClient, session: Session) -> None:
    save(sysadmin, {TITLE: "shown"})
    change(sysadmin, QUERY, sort=DOWN)
    draft = sysadmin.get("/g/customise/draft").text
    columns = re.findall(r'name="override" value="(\d+)"', draft)
    sysadmin.post("/g/customise/leave-out", data={"override": columns[0]})

    answer = sysadmin.post("/g/customise/publish", data={"note": ""})

    assert answer.status_code == 422
    assert NO_COLUMN in answer.text
    assert session.query(CustomValue).count() == 0


def test_undoing_a_column_in_use_is_refused(sysadmin: FlaskClient, session: Session) -> None:
    save(sysadmin, {TITLE: "shown"})
    column = publish(sysadmin, session)
    hold(sysadmin, session, QUERY, sort=DOWN)

    page = sysadmin.post(f"/g/permission-changes/{column}/undo", data={}, follow_redirects=True)

    assert IN_USE in unescape(page.text)
    assert session.query(CustomValue).count() == 2


def test_drafts_of_two_administrators_do_not_leave_an_order_without_column(
    app: Flask, sysadmin: FlaskClient, session: Session
) -> None:
    """Each draft was right when it was collected; the one that is published later is asked again."""
    declare(TITLE)
    colleague = client_of(app, make.position(Role.SYSADMIN, user=make.user()))
    assert save(colleague, {TITLE: ""}).status_code == 303
    hold(sysadmin, session, QUERY, sort=DOWN)

    answer = colleague.post("/g/customise/publish", data={"note": ""})

    assert answer.status_code == 422
    assert IN_USE in unescape(answer.text)


def test_order_whose_column_is_gone_leads_back_to_the_usual_one(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    """Values restored from a copy, or written by an earlier version, open the list all the same."""
    usual = names(clerk)
    make.add(CustomValue(area="screens", target=QUERY, key="sort", scope="", value=DOWN))

    assert names(clerk) == usual
    assert sysadmin.get(SCREEN).status_code == 200
    assert sysadmin.get(f"{PAGE}?menu={QUERY}").status_code == 200
