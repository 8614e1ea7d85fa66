"""定制 → 页面: words, columns, search, order, buttons and place of a menu, changed in the browser."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.ground import clock
from app.models import ChangeSet, CustomValue, Unit
from tests.support import factories as make
from tests.support.counting import statements_of
from tests.support.signing import client_of

QUERY, ROUTES = "ApplicationQueryView", "ExpertView"
LIST = "/g/1.1.4/"


@pytest.fixture
def unit(session: Session) -> Unit:
    return make.unit()


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return client_of(app, make.position(Role.UNIT, unit=unit))


def change(client: FlaskClient, view: str, scope: str = "", **typed: Any) -> Any:
    """Send the fields `typed` of a page; a colon or an @ of a key is written as two underscores or `_at_`."""
    named = {key.replace("__", ":").replace("_at_", "@"): value for key, value in typed.items()}
    data = {"shown": list(named), "scope": scope, **{f"v:{k}": v for k, v in named.items()}}
    return client.post(f"/g/screens/{view}", data=data)


def publish(client: FlaskClient, session: Session) -> int:
    answer = client.post("/g/customise/publish", data={"note": "按处室要求"})
    assert answer.status_code == 303, answer.text
    return session.scalars(select(func.max(ChangeSet.id))).one()


def hold(client: FlaskClient, session: Session, view: str, scope: str = "", **typed: Any) -> int:
    answer = change(client, view, scope, **typed)
    assert answer.status_code == 303, re.findall(r"<p>(.+?)</p>", answer.text)
    return publish(client, session)


def headings(client: FlaskClient, url: str = LIST) -> list[str]:
    text = client.get(url).text
    found = re.findall(r'<th scope="col" data-key="[^"]+".*?</th>', text)
    return [unescape(re.sub(r"<.*?>|[↑↓]", "", one)).strip() for one in found]


def keys(client: FlaskClient, url: str = LIST) -> list[str]:
    return re.findall(r'data-key="([^"]+)"', client.get(url).text)


def test_nothing_holds_before_the_draft_is_published(
    sysadmin: FlaskClient, clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    make.application(unit=unit, state=ApplicationState.AT_UNIT)
    change(sysadmin, QUERY, column__number_at_en="Case number")

    assert "Case number" not in headings(clerk)
    publish(sysadmin, session)
    assert "Case number" in headings(clerk)


def test_columns_are_chosen_ordered_and_brought_back(
    sysadmin: FlaskClient, clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    make.application(unit=unit, state=ApplicationState.AT_UNIT)
    before = keys(clerk)
    number = hold(sysadmin, session, QUERY, columns=["state", "number", "name"])

    assert keys(clerk) == ["state", "number", "name"]
    assert keys(clerk, f"{LIST}?cols=name,number") == ["name", "number"]
    sysadmin.post(f"/g/permission-changes/{number}/undo", data={"reason": ""})
    assert keys(clerk) == before


def test_value_for_a_role_goes_before_the_one_for_everybody(
    app: Flask, sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    authority = client_of(app, make.position(Role.HRSS, unit=make.unit(region_code="430000")))
    hold(sysadmin, session, QUERY, label_at_en="For everybody")
    hold(sysadmin, session, QUERY, scope="hrss", label_at_en="For the authority")

    assert "<h1>For everybody</h1>" in clerk.get(LIST).text
    assert "<h1>For the authority</h1>" in authority.get(LIST).text


def test_words_belong_to_a_language(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    hold(sysadmin, session, QUERY, label="全省查询")

    assert "全省查询" not in clerk.get(LIST).text
    clerk.get("/language/zh_Hans_CN")
    assert "<h1>全省查询</h1>" in clerk.get(LIST).text


def test_list_opens_sorted_narrowed_and_as_long_as_set(
    sysadmin: FlaskClient, clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    names = ["丙", "甲", "乙"]
    for name in names:
        make.application(unit=unit, name=name, state=ApplicationState.AT_UNIT)
    make.application(unit=unit, name="丁", state=ApplicationState.DRAFT)
    hold(
        sysadmin, session, QUERY, sort="number asc", size="50", filter=["state=at_unit"]
    )  # fmt: skip

    page = clerk.get(LIST).text
    rows = re.findall(r'<tr id="row-(\d+)"', page)
    assert len(rows) == 3
    assert rows == sorted(rows, key=int)
    assert 'aria-sort="ascending"' in page
    assert len(re.findall(r'<tr id="row-', clerk.get(f"{LIST}?view=all").text)) >= 3


def test_search_field_that_is_taken_away_still_works_in_an_address(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    hold(sysadmin, session, QUERY, search=["state"])

    page = clerk.get(f"{LIST}?q.number=1")
    assert page.status_code == 200
    assert 'id="q-number"' not in page.text


def test_button_is_reworded_where_it_is_pressed(
    app: Flask, sysadmin: FlaskClient, session: Session
) -> None:
    office = client_of(app, make.position(Role.OFFICE, committee=make.committee()))
    hold(sysadmin, session, "BatchView", button__report_at_en="Hand up")
    hold(sysadmin, session, "BatchView", button__report="报送")
    assert office.get("/g/1.4.2/").status_code == 200


def test_menu_is_moved_renamed_and_hidden(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    hold(sysadmin, session, QUERY, chapter="1.5", place="1", label_at_en="Everybody's cases")

    menu = clerk.get("/").text
    assert "Everybody's cases" in menu
    hold(sysadmin, session, QUERY, hidden="hidden")
    assert "Everybody's cases" not in clerk.get("/").text
    assert clerk.get(LIST).status_code == 200


def test_optional_field_of_a_new_record_becomes_required(
    app: Flask, sysadmin: FlaskClient, session: Session
) -> None:
    office = client_of(app, make.position(Role.OFFICE, committee=make.committee()))
    before = office.post("/g/1.4.2/add", data={}).text
    hold(sysadmin, session, "BatchView", required=["note"])

    after = office.post("/g/1.4.2/add", data={}).text
    assert after.count("note-error") > before.count("note-error")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"columns": []}, "at least one column"),
        ({"columns": ["number", "nothing"]}, "there is no nothing here"),
        ({"columns": ["number", "number"]}, "named once"),
        ({"label@en": "长" * 31}, "31 characters; at most 30"),
        ({"label@en": "<b>查询</b>"}, "plain text"),
        ({"label@en": "查\u202e询"}, "control characters"),
        ({"sort": "name sideways"}, "choose one of the list"),
        ({"size": "1000000"}, "choose one of the list"),
        ({"filter": ["state=invented"]}, "choose one of the list"),
        ({"width__number": "12em;color:red"}, "choose one of the list"),
        ({"place": "0"}, "from 1 to 99"),
        ({"place": "第一"}, "from 1 to 99"),
        ({"chapter": "9.9"}, "choose one of the list"),
    ],
)
def test_what_could_not_hold_is_refused_and_kept(
    sysadmin: FlaskClient, session: Session, typed: dict[str, Any], sentence: str
) -> None:
    page = change(sysadmin, QUERY, **typed)

    assert page.status_code == 422
    assert sentence in unescape(page.text)
    for value in typed.values():
        if isinstance(value, str) and "\u202e" not in value and value not in ("9.9", "1000000") and " " not in value and ";" not in value:  # fmt: skip
            assert value in unescape(page.text)
    assert session.scalar(select(func.count(ChangeSet.id))) == 0


@pytest.mark.parametrize("name", ["CustomiseView", "ScreenView", "GrantView"])
def test_menu_without_which_nothing_comes_back_is_not_hidden(
    sysadmin: FlaskClient, name: str
) -> None:
    page = change(sysadmin, name, hidden="hidden")

    assert page.status_code == 422
    assert "nobody could bring it back" in page.text


@pytest.mark.parametrize("path", ["Nothing", "Lookup", "ApplicationQueryView?scope=judge"])
def test_menu_or_role_that_is_none_is_not_found(sysadmin: FlaskClient, path: str) -> None:
    assert sysadmin.get(f"/g/screens/{path}").status_code == 404


def test_only_a_system_administrator_changes_pages(
    secadmin: FlaskClient, clerk: FlaskClient
) -> None:
    assert secadmin.get(f"/g/screens/{QUERY}").status_code == 403
    assert clerk.get(f"/g/screens/{QUERY}").status_code == 403


def test_author_alone_sees_the_preview(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    change(sysadmin, "AccountView", label_at_en="People who sign in")
    assert "People who sign in" not in sysadmin.get("/g/accounts/").text.split("<main")[1]

    sysadmin.post("/g/customise/preview", data={"on": "1", "next": "/g/accounts/"})
    assert "<h1>People who sign in</h1>" in sysadmin.get("/g/accounts/").text
    sysadmin.post("/g/customise/preview", data={"on": ""})
    assert "<h1>People who sign in</h1>" not in sysadmin.get("/g/accounts/").text


def test_default_of_a_page_is_restored(
    sysadmin: FlaskClient, clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    make.application(unit=unit, state=ApplicationState.AT_UNIT)
    before = keys(clerk)
    hold(sysadmin, session, QUERY, columns=["number"], size="100")

    sysadmin.post(f"/g/screens/{QUERY}/restore", data={"scope": ""})
    publish(sysadmin, session)
    assert keys(clerk) == before
    assert session.scalar(select(func.count(CustomValue.id))) == 0


def test_changes_cost_no_statement_after_the_first_page(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    clerk.get(LIST)
    before = statements_of(clerk, LIST)
    hold(sysadmin, session, QUERY, label_at_en="Query", columns=["number", "name"])

    assert statements_of(clerk, LIST) == before + 1
    assert statements_of(clerk, LIST) <= before


def test_role_without_a_value_of_its_own_follows_everybody_after_an_undo(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    own = hold(sysadmin, session, QUERY, scope="unit", label_at_en="For units")
    hold(sysadmin, session, QUERY, label_at_en="For everybody")
    assert "<h1>For units</h1>" in clerk.get(LIST).text

    sysadmin.post(f"/g/permission-changes/{own}/undo", data={"reason": ""})

    assert "<h1>For everybody</h1>" in clerk.get(LIST).text


def test_role_is_brought_back_to_what_holds_for_everybody(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    hold(sysadmin, session, QUERY, label_at_en="For everybody")
    hold(sysadmin, session, QUERY, scope="unit", label_at_en="For units")

    sysadmin.post(f"/g/screens/{QUERY}/restore", data={"scope": "unit"})
    sysadmin.post("/g/customise/preview", data={"on": "1"})
    publish(sysadmin, session)

    assert "<h1>For everybody</h1>" in clerk.get(LIST).text
    assert session.scalar(select(func.count(CustomValue.id))) == 1


def test_saving_the_page_of_a_role_pins_nothing_that_is_as_for_everybody(
    sysadmin: FlaskClient, session: Session
) -> None:
    hold(sysadmin, session, QUERY, columns=["number", "name"])

    change(sysadmin, QUERY, scope="unit", columns=["number", "name"], size="50")
    publish(sysadmin, session)

    stored = session.execute(select(CustomValue.key, CustomValue.scope)).tuples().all()
    assert sorted(stored) == [("columns", ""), ("size", "unit")]


def test_list_that_opens_narrowed_leads_to_the_whole_one(
    sysadmin: FlaskClient, clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    make.application(unit=unit, state=ApplicationState.AT_UNIT)
    hold(sysadmin, session, QUERY, filter=["state=in_review"])

    narrowed = clerk.get(LIST).text
    assert "No record matches the search" in narrowed
    assert f'href="{LIST}?view=all">Show all' in narrowed
    assert '<tr id="row-' in clerk.get(f"{LIST}?view=all").text


def test_start_page_has_the_charts_that_were_chosen(
    sysadmin: FlaskClient, clerk: FlaskClient, unit: Unit, session: Session
) -> None:
    make.application(unit=unit, state=ApplicationState.AT_UNIT, submitted_at=clock.now())
    assert re.findall(r'<title id="t-(\w+)"', clerk.get("/").text) == ["days"]

    number = hold(sysadmin, session, "StatisticsView", home=["state", "days", "series"])

    assert re.findall(r'<title id="t-(\w+)"', clerk.get("/").text) == ["state", "days", "series"]
    sysadmin.post(f"/g/permission-changes/{number}/undo", data={"reason": ""})
    assert re.findall(r'<title id="t-(\w+)"', clerk.get("/").text) == ["days"]


def test_draft_of_a_page_is_looked_at_as_a_role(sysadmin: FlaskClient, session: Session) -> None:
    change(sysadmin, QUERY, scope="unit", label_at_en="For units")

    sysadmin.post("/g/customise/preview-as", data={"role": "unit"})
    assert "<h1>For units</h1>" in sysadmin.get(LIST).text
    assert sysadmin.post("/g/customise/publish", data={"note": ""}).status_code == 403

    ended = sysadmin.post("/viewing/end")
    assert ended.location == "/g/customise/draft"
    assert sysadmin.get(LIST).status_code == 403


def test_everything_of_an_area_goes_back_to_the_default(
    sysadmin: FlaskClient, clerk: FlaskClient, session: Session
) -> None:
    hold(sysadmin, session, QUERY, label_at_en="Renamed query", size="50")
    hold(sysadmin, session, QUERY, "unit", label_at_en="Query of units")
    page = sysadmin.get("/g/customise/").text
    sent = sysadmin.post("/g/customise/restore", data={"area": "screens"})
    unknown = sysadmin.post("/g/customise/restore", data={"area": "tables"})
    held = clerk.get(LIST).text
    publish(sysadmin, session)

    assert "Pages: 3 values differ from the default" in page
    assert (sent.location, unknown.status_code) == ("/g/customise/draft", 400)
    assert "Query of units" in held
    assert "Query of units" not in clerk.get(LIST).text
    assert session.scalar(select(func.count(CustomValue.id))) == 0
    assert "values differ from the default" not in sysadmin.get("/g/customise/").text
