"""Code tables, calendar and wording on Flask-Admin pages: closed but to their administrator, logged, never broken."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.enums import Role
from app.extensions import appbuilder, db
from app.menu import MAINTENANCE as MENUS
from app.models import AuditLog, DictItem, Series, WorkDay
from app.services.registers.working_days import add_working_days
from app.views.codes.dictionaries import INSIDE
from app.views.registers.maintenance_base import WRITING, MaintenanceView
from tests.bad_input import desk
from tests.support import factories as make
from tests.support.counting import count
from tests.support.world import enter

pytestmark = pytest.mark.filterwarnings("ignore:Yielding raw tuples:DeprecationWarning")
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|\sstyle=|javascript:", re.IGNORECASE
)
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
HUGE = "9" * 30
NEW_ITEM = {"kind": "nation", "code": "99", "label": "其他民族"}


def page(view: type[MaintenanceView]) -> str:
    return f"/console/{view.model_class.__tablename__.replace('_', '-')}"


PAGES = [page(view) for view in MENUS]


@pytest.fixture
def administrator(app: Flask, session: Session) -> FlaskClient:
    return enter(app, make.actor(Role.SYSADMIN))


def key_of(row: Any) -> str:
    (column,) = row.__mapper__.primary_key
    return str(getattr(row, column.key))


def audited() -> list[tuple[str, Any]]:
    rows = db.session.scalars(select(AuditLog).filter_by(kind="maintenance").order_by(AuditLog.id))
    return [(row.subject, row.details) for row in rows]


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/console/") and rule.endpoint != "console.static":
            built = rule.build(dict.fromkeys(rule.arguments, "csv"))
            assert built is not None
            yield rule, built[1]


# who gets in


def test_every_page_is_one_of_ours(app: Flask) -> None:
    pages = [view for console in app.extensions["admin"] for view in console._views]

    found = {type(view) for view in pages if type(view).__name__ != "Console"}
    assert found == {*MENUS, *INSIDE}
    assert all(issubclass(view, MaintenanceView) for view in found)


def test_nobody_signed_in_gets_in(app: Flask, client: FlaskClient) -> None:
    for rule, address in rules(app):
        for method in {"GET", "POST"} & set(rule.methods or ()):
            answer = client.open(address, method=method, data={"id": "1"})
            if rule.endpoint == "console.index":
                answer = client.get(answer.location)
            is_led_away = answer.status_code == 302 and answer.location.startswith("/login/")
            assert is_led_away if method == "GET" else answer.status_code == 401, address


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSADMIN])
def test_other_roles_get_in_nowhere(app: Flask, session: Session, role: Role) -> None:
    before = {view.model_class: count(view.model_class) for view in MENUS}
    client = enter(app, make.actor(role))

    answers = {
        client.open(address, method=method, data={"id": "1"}).status_code
        for rule, address in rules(app)
        for method in {"GET", "POST"} & set(rule.methods or ())
        if rule.endpoint != "console.index"
    }

    assert answers == {403}
    assert {model: count(model) for model in before} == before


def test_who_may_only_look_changes_nothing(administrator: FlaskClient) -> None:
    role = appbuilder.sm.find_role(Role.SYSADMIN.value)
    role.permissions.remove(appbuilder.sm.find_permission_view_menu("can_edit", "SeriesPage"))

    answers = [
        administrator.get("/console/series/").status_code,
        administrator.get("/console/series/new/").status_code,
        administrator.post(
            "/console/series/new/", data={"code": "98", "name": "新系列"}
        ).status_code,
        administrator.post(
            "/console/series/edit/?id=05", data={"code": "05", "name": "改"}
        ).status_code,
    ]

    assert answers == [200, 403, 403, 403]
    assert db.session.get(Series, "98") is None
    assert audited() == []


def test_writing_routes_are_known_as_such(app: Flask) -> None:
    posted = {
        rule.endpoint.rpartition(".")[2]
        for rule, _address in rules(app)
        if "POST" in (rule.methods or ()) and rule.endpoint != "console.index"
    }

    assert posted == WRITING


# the token of forms


def test_post_without_token_is_refused(app: Flask, administrator: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    refused = [
        administrator.post("/console/series/new/", data={"code": "98", "name": "新系列"}),
        administrator.post("/console/series/edit/?id=05", data={"code": "05", "name": "改"}),
        administrator.post("/console/work-day/delete/", data={"id": "1"}),
        administrator.post("/console/series/action/", data={"action": "delete", "rowid": "05"}),
    ]

    assert {answer.status_code for answer in refused} == {400}
    assert db.session.get(Series, "98") is None


def test_form_carries_its_token(app: Flask, administrator: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    found = CSRF.search(administrator.get("/console/series/new/").text)
    assert found is not None
    form = {"code": "98", "name": "新系列", "csrf_token": found[1]}

    answer = administrator.post("/console/series/new/", data=form)

    assert answer.status_code == 302
    assert db.session.get_one(Series, "98").name == "新系列"


# what it is for


def test_dictionary_row_is_made_and_changed(administrator: FlaskClient) -> None:
    made = administrator.post("/console/dict-item/new/", data=NEW_ITEM)
    item = db.session.scalars(select(DictItem).filter_by(kind="nation", code="99")).one()
    changed = NEW_ITEM | {"label": "其他", "version": item.version}
    key = key_of(item)
    edited = administrator.post(f"/console/dict-item/edit/?id={key}", data=changed)

    assert (made.status_code, edited.status_code) == (302, 302)
    db.session.refresh(item)
    assert (item.label, item.is_active) == ("其他", True)
    subject = f"dict_item:{key}"
    assert [one for one, _details in audited()] == [subject, subject]
    assert audited()[0][1]["created"] is True
    assert "Label: " + NEW_ITEM["label"] in audited()[0][1]["to"]
    assert "from" not in audited()[0][1]
    assert (audited()[1][1]["from"], audited()[1][1]["to"]) == (
        f"Label: {NEW_ITEM['label']}",
        "Label: 其他",
    )


def test_calendar_day_is_made_changed_and_removed(administrator: FlaskClient) -> None:
    form = {
        "day": "2031-05-02",
        "is_working": "y",
        "note": "调休",
        "source": "国办发明电〔2030〕1号",
    }

    made = administrator.post("/console/work-day/new/", data=form)
    day = db.session.scalars(
        select(WorkDay).where(WorkDay.note == "调休", WorkDay.source == form["source"])
    ).one()
    key = key_of(day)
    changed = form | {"is_working": "", "version": day.version}
    edited = administrator.post(f"/console/work-day/edit/?id={key}", data=changed)
    is_working = db.session.scalar(
        select(WorkDay.is_working).where(WorkDay.source == form["source"])
    )
    removed = administrator.post("/console/work-day/delete/", data={"id": key})

    assert [answer.status_code for answer in (made, edited, removed)] == [302, 302, 302]
    assert is_working is False
    assert db.session.scalar(select(WorkDay.day).where(WorkDay.source == form["source"])) is None
    facts = [details for _subject, details in audited()]
    assert (facts[1]["from"], facts[1]["to"]) == ("Working day: Yes", "Working day: No")
    assert "国办发明电〔2030〕1号" in facts[2]["from"]
    assert "to" not in facts[2]


def test_change_of_the_calendar_moves_a_deadline(administrator: FlaskClient) -> None:
    make.work_days()
    first = make.today()
    before = add_working_days(first, 5)
    free = add_working_days(first, 2).isoformat()

    administrator.post(f"/console/work-day/edit/?id={free}", data={"day": free, "version": 1})

    assert add_working_days(first, 5) > before


@pytest.mark.parametrize("address", ["series", "dictionary", "dict-item", "region", "title"])
def test_code_tables_are_never_deleted_from(administrator: FlaskClient, address: str) -> None:
    view = next(view for view in (*MENUS, *INSIDE) if page(view) == f"/console/{address}")
    before = count(view.model_class)
    first = db.session.scalars(select(view.model_class)).first()
    key = key_of(first)

    administrator.post(f"/console/{address}/delete/", data={"id": key})
    administrator.post(f"/console/{address}/action/", data={"action": "delete", "rowid": key})

    assert count(view.model_class) == before


# the pages


@pytest.mark.parametrize("address", PAGES)
def test_pages_carry_no_inline_script_and_nothing_of_others(
    administrator: FlaskClient, address: str
) -> None:
    view = next(view for view in MENUS if page(view) == address)
    shown = [administrator.get(f"{address}/")]
    if view.can_create:
        shown.append(administrator.get(f"{address}/new/"))

    for answer in shown:
        assert answer.status_code == 200
        assert INLINE.findall(answer.text) == []
        assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", answer.text)
        policy = answer.headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


def test_page_of_one_row_opens(administrator: FlaskClient) -> None:
    for view in MENUS:
        row = db.session.scalars(select(view.model_class)).first()
        if row is None:
            continue

        answer = administrator.get(f"{page(view)}/edit/", query_string={"id": key_of(row)})

        assert answer.status_code == 200, view
        assert INLINE.findall(answer.text) == []


def test_search_finds_and_order_is_kept(administrator: FlaskClient) -> None:
    page = administrator.get("/console/region/?search=长沙市").text

    assert "430100" in page
    assert "430700" not in page


# wrong input


ODD = [
    "page=abc", f"page={HUGE}", "page=-1", "page_size=99999999", f"page_size={HUGE}", "sort=abc", f"sort={HUGE}",
    "sort=-1", "desc=abc", "search=%25%27%22%3B", "search=" + "x" * 5000, "flt0_0=x", "flt99_99=x", f"flt0_{HUGE}=x",
    "flt0_kind_contains=%00", "id=abc", f"id={HUGE}", "id=", "id=1,2,3", "url=//evil.example", "%ff=%fe",
]  # fmt: skip


PARTS_OF_A_PAGE = (
    "/", "/new/", "/edit/", "/details/", "/ajax/lookup/", "/export/csv/", "/export/xlsx/",
)  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_odd_arguments_break_no_page(administrator: FlaskClient, address: str) -> None:
    wrong = {}
    for query, rest in product(ODD, PARTS_OF_A_PAGE):
        answer = administrator.get(f"{address}{rest}?{query}")
        if answer.status_code >= 500:
            wrong[f"{address}{rest}?{query}"] = answer.status_code

    assert wrong == {}


ODD_VALUES = (
    "", "x" * 5000, HUGE, "-1", "<script>alert(1)</script>", "\u202e", "2031-13-45", "长" * 300,
)  # fmt: skip


def test_odd_values_are_refused_or_kept_never_an_error(administrator: FlaskClient) -> None:
    wrong = {}
    for view, typed in product(MENUS, ODD_VALUES):
        row = db.session.scalars(select(view.model_class)).first()
        for rest in ("new/", f"edit/?id={key_of(row) if row else 1}"):
            form = dict.fromkeys(view.named, typed)
            answer = administrator.post(f"{page(view)}/{rest}", data=form)
            if answer.status_code >= 500 or "<script>alert(1)</script>" in answer.text:
                wrong[f"{page(view)}/{rest}"] = answer.status_code

    assert wrong == {}


def test_refused_value_stays_in_the_form_with_a_sentence(administrator: FlaskClient) -> None:
    before = count(WorkDay)

    answer = administrator.post("/console/work-day/new/", data={"day": "no day", "note": "调休"})

    assert answer.status_code == 422
    assert 'value="no day"' in answer.text
    assert 'value="调休"' in answer.text
    assert re.search(r"class=\"[^\"]*(?:err|wrong|invalid)", answer.text)
    assert count(WorkDay) == before


def test_code_that_is_there_already_is_refused_with_a_sentence(administrator: FlaskClient) -> None:
    code = db.session.scalars(select(Series.code)).first()
    name = db.session.get_one(Series, code).name

    answer = administrator.post("/console/series/new/", data={"code": code, "name": "另一个"})

    assert answer.status_code == 422
    assert f"“{code}” is there already." in answer.text
    assert 'value="另一个"' in answer.text
    assert db.session.get_one(Series, code).name == name
    assert audited() == []


REFUSED = [
    ("series", {"code": "98", "name": ""}, "请填写此项"),
    ("series", {"code": "98", "name": "  "}, "请填写此项"),
    ("series", {"code": "9新", "name": "新系列"}, "代码只能含字母"),
    ("series", {"code": "9", "name": "新系列"}, "至少需要2字"),
    ("series", {"code": "985", "name": "新系列"}, "最多2字"),
    ("series", {"code": "98", "name": "新\ue000系列"}, "自造字编码"),
    ("series", {"code": "98", "name": "新\u200b系列"}, "不可见字符"),
    ("specialty", {"code": "98001", "series_code": "", "name": "新专业"}, "请选择"),
    ("specialty", {"code": "98001", "series_code": "99", "name": "新专业"}, "重新选择"),
    ("title", {"code": "9801", "series_code": "05", "level": "expert", "name": "新职称"}, "重新选择"),
    ("title", {"code": "9801", "series_code": "05", "level": "3", "name": "<b>新职称</b>"}, "网页标签"),
    ("region", {"code": "4301", "name": "新区", "level": "2"}, "至少需要6字"),
    ("region", {"code": "430199", "name": "新区", "level": "4"}, "1到3"),
    ("region", {"code": "430199", "name": "新区", "level": "二"}, "整数"),
    ("material-kind", {"code": "new", "name": "新材料", "max_mb": "0", "max_count": "1"}, "1到50"),
    ("work-day", {"day": "2031-02-30", "note": "补班"}, "日期"),
    ("work-day", {"day": "", "note": "补班"}, "请填写此项"),
    ("dict-item", {"kind": "nation", "code": "01", "label": "又一个"}, "“01”已存在"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "typed", "says"), REFUSED)
def test_checks_and_sentences_are_those_of_all_forms(
    administrator: FlaskClient, table: str, typed: dict[str, str], says: str
) -> None:
    with administrator.session_transaction() as held:
        held["locale"] = "zh_Hans_CN"

    said = desk.assert_refused(administrator, f"/console/{table}/new/", typed, says)

    assert not re.search("[A-Za-z]{3}", said.replace("U+200B", ""))


def test_values_are_stored_as_other_forms_store_them(administrator: FlaskClient) -> None:
    typed = {"code": "９８", "name": " 新系列\u3000\ue863 "}

    answer = administrator.post("/console/series/new/", data=typed)

    assert answer.status_code == 302
    assert db.session.get_one(Series, "98").name == "新系列 䶮"


@pytest.mark.parametrize("typed", ["长沙市\u3000", "长沙\ufe00市", "４３０１００"])
def test_search_folds_as_entry_does(administrator: FlaskClient, typed: str) -> None:
    page = administrator.get("/console/region/", query_string={"search": typed}).text

    assert "430100" in page


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_return_address_stays_on_this_site(administrator: FlaskClient, target: str) -> None:
    form = {"code": "97", "name": "新系列"}

    answer = administrator.post("/console/series/new/", query_string={"url": target}, data=form)

    assert answer.status_code == 302
    assert "evil" not in answer.location


def test_action_on_messages_that_names_nothing_is_answered(administrator: FlaskClient) -> None:
    answer = administrator.post("/console/message-template/action/", data={"a": "b"})

    assert answer.status_code < 500
