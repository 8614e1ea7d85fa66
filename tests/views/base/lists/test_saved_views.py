"""Saved views of a list: kept, applied, shared, limited, and what an upgrade took away named in a sentence."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import settings
from app.enums import ApplicationState, Role
from app.extensions import appbuilder, db
from app.models import Application, ListDefault, Position, SavedView, Unit
from app.validators import mask_id
from app.views.review.ch1_1_evaluation import ApplicationQueryView
from tests.support import factories, signing
from tests.support.counting import count, statements_of

LIST, VIEWS = "/g/1.1.4/", "/g/1.1.4/views"
MOST = 12
"""Most statements of a list page."""
FILTER = "q.name=%E7%8E%8B&sort=number&dir=desc&cols=number%2Cname%2Clevel"


@pytest.fixture
def school(app: Flask) -> Unit:
    return factories.unit("长沙市第一中学")


@pytest.fixture
def cases(school: Unit) -> list[Application]:
    return [
        factories.application(ApplicationState.AT_UNIT, unit=school, name=name)
        for name in ("王建国", "李娜", "王敏")
    ]


@pytest.fixture
def clerk(school: Unit) -> Position:
    return factories.position(Role.UNIT, unit=school)


@pytest.fixture
def client(app: Flask, clerk: Position, cases: list[Application]) -> FlaskClient:
    return signing.client_of(app, clerk)


def keep(client: FlaskClient, name: str = "王姓", state: str = FILTER, **more: str) -> int:
    """Keep the list as `state` shows it and return the id of the view."""
    sent = {"act": "save", "state": state, "name": name, "sharing": "own", **more}
    answer = client.post(VIEWS, data=sent)
    assert answer.status_code == 303, answer.text
    return int(answer.location.partition("view=")[2])


def change(client: FlaskClient, act: str, key: int, **more: str) -> int:
    return client.post(VIEWS, data={"act": act, "chosen": key, "state": "", **more}).status_code


def names(client: FlaskClient, url: str) -> list[str]:
    page = client.get(url)
    assert page.status_code == 200
    return list(dict.fromkeys(re.findall("王建国|李娜|王敏", page.text)))


def headings(client: FlaskClient, url: str) -> list[str]:
    return re.findall(r'<th scope="col" data-key="([^"]+)"', client.get(url).text)


def said(client: FlaskClient, url: str = LIST) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", client.get(url).text))


def test_a_view_keeps_filter_order_and_columns(client: FlaskClient) -> None:
    key = keep(client)

    assert names(client, f"{LIST}?view={key}") == ["王敏", "王建国"]
    assert headings(client, f"{LIST}?view={key}") == ["number", "name", "level"]
    assert names(client, LIST) == ["王敏", "李娜", "王建国"]
    assert headings(client, f"{LIST}?view={key}&page=1") == ["number", "name", "level"]


def test_columns_are_ticked_and_ordered_in_the_address(client: FlaskClient) -> None:
    assert headings(client, f"{LIST}?col=due_at&col=number") == ["due_at", "number"]
    assert headings(client, f"{LIST}?cols=id_number,number") == ["id_number", "number"]
    assert "has no column person_id" in said(client, f"{LIST}?cols=person_id,number")
    assert headings(client, f"{LIST}?cols=person_id") == headings(client, LIST)


def test_an_id_number_is_masked_and_offered_to_its_roles_alone(
    app: Flask, client: FlaskClient, cases: list[Application]
) -> None:
    menu = next(one for one in appbuilder.baseviews if type(one) is ApplicationQueryView)
    shown = client.get(f"{LIST}?cols=number,id_number").text

    offered = {
        role: "id_number" in {one.key for one in menu.offered_columns(factories.actor(role))}
        for role in (Role.UNIT, Role.HRSS, Role.SUPERVISOR)
    }

    assert mask_id(cases[0].person.id_number) in shown
    assert cases[0].person.id_number not in shown
    assert offered == {Role.UNIT: True, Role.HRSS: True, Role.SUPERVISOR: False}


def test_the_default_opens_the_list_and_all_rows_leave_it(client: FlaskClient) -> None:
    key = keep(client, is_default="1")

    assert names(client, LIST) == ["王敏", "王建国"]
    assert f'href="{LIST}?view=all"' in client.get(LIST).text
    assert names(client, f"{LIST}?view=all") == ["王敏", "李娜", "王建国"]
    emptied = client.post(f"{LIST}search", data={"q.name": "", "view": str(key)})
    assert emptied.location == f"{LIST}?view=all"
    assert change(client, "open_without", key) == 303
    assert names(client, LIST) == ["王敏", "李娜", "王建国"]


def test_a_search_keeps_order_and_columns(client: FlaskClient) -> None:
    typed = {"q.name": "李", "cols": "number,name", "sort": "number", "dir": "asc", "size": "50"}

    led = client.post(f"{LIST}search", data=typed).location

    assert headings(client, led) == ["number", "name"]
    assert "sort=number&dir=asc&size=50" in led


def test_a_shared_view_is_taken_and_not_changed(
    app: Flask, client: FlaskClient, school: Unit
) -> None:
    key = keep(client, sharing="unit")
    colleague = signing.client_of(app, factories.position(Role.UNIT, unit=school))

    assert "王姓" in said(colleague)
    assert names(colleague, f"{LIST}?view={key}") == ["王敏", "王建国"]
    assert change(colleague, "open_with", key) == 303
    assert headings(colleague, LIST) == ["number", "name", "level"]
    for act in ("change", "update", "delete"):
        assert change(colleague, act, key, name="别的", sharing="own") == 422
    assert [one.name for one in db.session.scalars(select(SavedView))] == ["王姓"]
    assert change(client, "delete", key) == 303
    assert count(ListDefault) == 0
    assert names(colleague, LIST) == ["王敏", "李娜", "王建国"]


def test_a_view_is_not_seen_by_another_role_or_unit(app: Flask, client: FlaskClient) -> None:
    with_unit, own = keep(client, "本校", sharing="unit"), keep(client, "自用")
    authority = signing.client_of(app, factories.position(Role.HRSS, unit=factories.unit()))
    with_role = keep(authority, sharing="role")
    other = signing.client_of(app, factories.position(Role.SUPERIOR, unit=factories.unit()))
    elsewhere = signing.client_of(
        app, factories.position(Role.HRSS, unit=factories.unit(region_code="430900"))
    )

    for stranger, keys in ((other, (with_role, with_unit, own)), (elsewhere, (with_unit, own))):
        for key in keys:
            assert "gone, or no longer shared" in said(stranger, f"{LIST}?view={key}")
            assert change(stranger, "open_with", key) == 422
            assert change(stranger, "delete", key) == 422
    assert "王姓" not in said(other)
    assert names(elsewhere, f"{LIST}?view={with_role}") == []


def test_what_an_upgrade_took_away_is_named_and_the_rest_applies(
    client: FlaskClient,
) -> None:
    key = keep(client)
    kept = db.session.get_one(SavedView, key)
    kept.columns = ["number", "score_of_old", "name"]
    kept.query = {"q.name": "王", "q.colour": "red", "q.state": "no_state", "sort": "gone"}
    kept.labels = {"score_of_old": "旧评分", "q.colour": "颜色", "q.state": "状态", "sort": "旧序"}
    db.session.commit()

    text = said(client, f"{LIST}?view={key}")

    assert "颜色, 状态, 旧序, 旧评分. The rest applies." in text
    assert names(client, f"{LIST}?view={key}") == ["王敏", "王建国"]
    assert headings(client, f"{LIST}?view={key}") == ["number", "name"]
    assert change(client, "open_with", key) == 303
    assert client.get(LIST).status_code == 200


def test_the_limit_and_a_name_in_use_are_sentences(client: FlaskClient) -> None:
    settings.store_value("saved_views_max", "2")
    db.session.commit()
    keep(client)
    twice = client.post(
        VIEWS, data={"act": "save", "state": FILTER, "name": "王姓", "sharing": "own"}
    )
    key = keep(client, "第二")
    third = client.post(
        VIEWS, data={"act": "save", "state": FILTER, "name": "第三个", "sharing": "own"}
    )

    assert twice.status_code == third.status_code == 422
    assert "You already have a view “王姓”" in twice.text
    assert "You have 2 views of this list" in third.text
    assert 'value="第三个"' in third.text
    assert change(client, "change", key, name="王姓", sharing="own") == 422
    assert change(client, "change", key, name="改名", sharing="role") == 422
    assert change(client, "change", key, name="改名", sharing="unit") == 303
    assert change(client, "change", key, name="", sharing="own") == 422
    assert count(SavedView, SavedView.name == "改名", SavedView.shared_unit_id.is_not(None)) == 1


def test_an_update_takes_over_the_list_as_it_is(client: FlaskClient) -> None:
    key = keep(client)

    assert change(client, "update", key, state="q.name=%E6%9D%8E&cols=name") == 303

    assert names(client, f"{LIST}?view={key}") == ["李娜"]
    assert headings(client, f"{LIST}?view={key}") == ["name"]


@pytest.mark.parametrize(
    "sent", [{"act": "x"}, {"act": "delete"}, {"act": "delete", "chosen": "9" * 30}, {}]
)
def test_a_tampered_press_is_refused(client: FlaskClient, sent: dict[str, str]) -> None:
    assert client.post(VIEWS, data=sent).status_code == 400


def test_a_tampered_sharing_is_refused(client: FlaskClient) -> None:
    sent = {"act": "save", "state": "", "name": "越权", "sharing": "everybody"}

    assert client.post(VIEWS, data=sent).status_code == 422
    assert count(SavedView) == 0


def test_an_id_number_is_kept_as_its_index(client: FlaskClient, cases: list[Application]) -> None:
    number = cases[0].person.id_number
    led = client.post(f"{LIST}search", data={"q.id_number": number}).location

    key = keep(client, state=led.partition("?")[2])

    assert names(client, f"{LIST}?view={key}") == ["王建国"]
    assert number not in str(db.session.get_one(SavedView, key).query)


@pytest.mark.parametrize(
    "address", ["", "?view={}", f"?{FILTER}", "?cols=holder,batch,committee,plan,person.sex"]
)
def test_a_list_with_views_takes_few_statements(client: FlaskClient, address: str) -> None:
    keys = [keep(client, f"视图{number}", sharing="unit") for number in range(5)]

    assert statements_of(client, LIST + address.format(keys[0])) <= MOST
