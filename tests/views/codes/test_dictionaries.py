"""Dictionaries on their pages: heads, values, edits in place, order, retirement, merge, workbooks; all of it logged."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import Role
from app.extensions import appbuilder, db
from app.models import AuditLog, Dictionary, DictItem, Section
from tests.journeys.markup import parse
from tests.services import dossiers
from tests.support import factories, form_data, workbooks
from tests.support.world import enter

pytestmark = pytest.mark.filterwarnings("ignore:Yielding raw tuples:DeprecationWarning")
VALUES = "/console/dict-item/?kind=nation"
NEW = "/console/dict-item/new/?kind=nation"
CELL = "/console/dict-item/ajax/update/"
ORDER = "/console/dict-item/order/"
SHEET = "/console/dict-item/sheet/?kind=politics"
IMPORT = "/console/dict-item/import/?kind=politics"


@pytest.fixture
def administrator(app: Flask, session: Session) -> FlaskClient:
    return enter(app, factories.actor(Role.SYSADMIN))


def value(kind: str, code: str) -> DictItem:
    db.session.expire_all()
    return db.session.scalars(select(DictItem).filter_by(kind=kind, code=code)).one()


def labels(kind: str) -> list[str]:
    query = select(DictItem.label).where(DictItem.kind == kind)
    return list(db.session.scalars(query.order_by(DictItem.order, DictItem.id)))


def typed_into(page: str, **typed: str) -> Any:
    """Return what the form of a page sends after these fields were typed."""
    data = form_data.sent(page)
    for name, words in typed.items():
        data[name] = words
    return data


def logged(subject: str) -> list[Any]:
    query = select(AuditLog).where(AuditLog.kind == "maintenance", AuditLog.subject == subject)
    return [row.details for row in db.session.scalars(query.order_by(AuditLog.id))]


def switch(client: FlaskClient, item: DictItem) -> Any:
    address = f"/console/dict-item/switch/?id={item.id}"
    return client.post(address, data=form_data.sent(client.get(address).text))


# heads and values


def test_head_leads_to_its_values_in_order_and_says_where_they_are_used(
    administrator: FlaskClient,
) -> None:
    heads = administrator.get("/console/dictionary/").text
    shown = administrator.get(VALUES).text

    assert "/console/dict-item/?kind=nation" in heads
    assert "form version 2, section “个人基本信息”, field “民族” (required)" in shown
    places = [shown.index(f">{label}<") for label in labels("nation")[:4]]
    assert places == sorted(places)
    assert "九三学社社员" not in shown


def test_new_dictionary_leads_to_its_values(administrator: FlaskClient) -> None:
    typed = {"name": "岗位性质", "code": "post_nature", "name_en": "Nature of post"}

    made = administrator.post("/console/dictionary/new/", data=typed)

    assert made.location.endswith("/console/dict-item/?kind=post_nature")
    assert "Used nowhere yet" in administrator.get(made.location).text


def test_unknown_dictionary_is_404_and_none_leads_to_all(administrator: FlaskClient) -> None:
    assert administrator.get("/console/dict-item/?kind=nothing").status_code == 404
    assert administrator.get("/console/dict-item/new/?kind=nothing").status_code == 404
    assert administrator.get("/console/dict-item/").location.endswith("/console/dictionary/")


def test_new_value_comes_last_and_is_told_with_places_and_numbers(
    administrator: FlaskClient,
) -> None:
    factories.application(form_version=2)

    made = administrator.post(NEW, data={"code": "99", "label": "其他"})
    page = administrator.get(made.location).text

    assert labels("nation")[-1] == "其他"
    assert "Added: 其他. It is offered in form version 2" in page
    assert "1 applications are being filled in there" in page


def test_closed_dictionary_takes_no_value(administrator: FlaskClient) -> None:
    typed = {"code": "maybe", "label": "也许"}

    answer = administrator.post("/console/dict-item/new/?kind=yes_no", data=typed)

    assert answer.status_code == 422
    assert "is closed" in answer.text
    assert 'value="也许"' in answer.text


def test_dictionary_in_use_is_not_retired_and_keeps_its_code(administrator: FlaskClient) -> None:
    address = "/console/dictionary/switch/?id=nation"

    asked = administrator.get(address)
    pressed = administrator.post(address, data={"version": "1"})
    edited = administrator.post(
        "/console/dictionary/edit/?id=nation",
        data={"code": "people", "name": "民族", "version": "1"},
    )

    assert "field “民族”" in asked.text
    assert (pressed.status_code, edited.status_code) == (422, 422)
    assert db.session.get_one(Dictionary, "nation").is_active


# codes and days


def test_code_in_use_is_read_only_and_refused(administrator: FlaskClient) -> None:
    dossiers.fill(factories.application())
    item = value("education", "21")
    address = f"/console/dict-item/edit/?id={item.id}"
    page = administrator.get(address).text

    answer = administrator.post(address, data=typed_into(page, code="2100"))

    assert "readonly" in page
    assert answer.status_code == 422
    assert "The code cannot be changed: 1 applications have this value." in answer.text
    assert value("education", "21").id == item.id


def test_code_that_nothing_has_is_changed(administrator: FlaskClient) -> None:
    item = value("nation", "56")
    address = f"/console/dict-item/edit/?id={item.id}"
    page = administrator.get(address).text

    answer = administrator.post(address, data=typed_into(page, code="5600"))

    assert "readonly" not in page
    assert answer.status_code == 302
    assert value("nation", "5600").id == item.id


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-05-02", "2026-05-01", "before the first"),
        ("", "2020-01-01", "needed by"),
        ("2099-01-01", "", "needed by"),
    ],
)
def test_days_that_would_take_a_needed_value_away_are_refused(
    administrator: FlaskClient, first: str, last: str, field: str
) -> None:
    item = value("patent_kind", "transfer")
    address = f"/console/dict-item/edit/?id={item.id}"
    page = administrator.get(address).text

    answer = administrator.post(address, data=typed_into(page, valid_from=first, valid_to=last))

    assert answer.status_code == 422
    assert field in answer.text
    assert (value("patent_kind", "transfer").valid_to) is None


# in place


def cell(client: FlaskClient, item: Any, column: str, typed: str, version: Any = None) -> Any:
    sent = {"key": item.id, "column": column, column: typed, "version": version or item.version}
    return client.post(CELL, data=sent)


def test_cell_is_saved_and_logged_with_both_values(administrator: FlaskClient) -> None:
    item = value("nation", "56")
    before = item.label

    answer = cell(administrator, item, "label", "基诺族人 ")

    assert answer.status_code == 200
    assert answer.json["shown"] == "基诺族人"
    assert value("nation", "56").label == "基诺族人"
    assert answer.json["version"] == value("nation", "56").version
    assert logged(f"dict_item:{item.id}")[0]["from"] == f"Label: {before}"


def test_second_saver_of_a_cell_is_told_and_may_press_again(administrator: FlaskClient) -> None:
    item = value("nation", "56")
    seen = item.version
    cell(administrator, item, "label", "甲")

    second = cell(administrator, item, "standard", "乙", seen)
    again = cell(administrator, item, "standard", "乙", second.json["version"])

    assert second.status_code == 422
    assert "This record was changed after you opened it." in second.json["why"]
    assert again.status_code == 200
    assert (value("nation", "56").label, value("nation", "56").standard) == ("甲", "乙")


ODD_CELLS = [
    ("label", "", 422), ("label", "长" * 201, 422), ("label", "<b>x</b>", 422), ("valid_to", "nonsense", 422),
    ("code", "77", 404), ("is_active", "", 404), ("nothing", "x", 404),
]  # fmt: skip


@pytest.mark.parametrize(("column", "typed", "status"), ODD_CELLS)
def test_odd_cells_are_refused(
    administrator: FlaskClient, column: str, typed: str, status: int
) -> None:
    item = value("nation", "56")
    before = (item.label, item.code, item.is_active)

    assert cell(administrator, item, column, typed).status_code == status
    item = value("nation", "56")
    assert (item.label, item.code, item.is_active) == before


def test_cell_of_nothing_is_404(administrator: FlaskClient) -> None:
    for key in ("", "x", "0", "9" * 30):
        sent = {"key": key, "column": "label", "label": "x", "version": "1"}
        assert administrator.post(CELL, data=sent).status_code == 404


def test_who_may_only_look_is_offered_no_change(administrator: FlaskClient) -> None:
    role = appbuilder.sm.find_role(Role.SYSADMIN.value)
    role.permissions.remove(appbuilder.sm.find_permission_view_menu("can_edit", "DictionaryPage"))
    db.session.flush()
    item = value("nation", "56")

    page = administrator.get(VALUES).text

    assert "data-cell " not in page
    assert "data-move" not in page
    assert "/merge/" not in page
    assert cell(administrator, item, "label", "x").status_code == 403
    for path in (f"switch/?id={item.id}", f"merge/?id={item.id}", "import/?kind=nation"):
        assert administrator.get(f"/console/dict-item/{path}").status_code == 403
    assert administrator.post(ORDER, data={"kind": "nation"}).status_code == 403


# order


def order(client: FlaskClient, kind: str, keys: list[int], **more: Any) -> Any:
    head = db.session.get_one(Dictionary, kind)
    sent = {"kind": kind, "version": head.version, "order": ",".join(map(str, keys)), **more}
    return client.post(ORDER, data=sent, headers={"Accept": "application/json"})


def keys_of(kind: str) -> list[int]:
    query = select(DictItem.id).where(DictItem.kind == kind)
    return list(db.session.scalars(query.order_by(DictItem.order, DictItem.id)))


def test_order_is_stored_logged_and_leaves_versions_of_values(administrator: FlaskClient) -> None:
    keys, before = keys_of("degree"), labels("degree")
    versions = [value("degree", code).version for code in "01234"]

    answer = order(administrator, "degree", list(reversed(keys)))

    assert answer.status_code == 200
    assert labels("degree") == before[::-1]
    assert [value("degree", code).version for code in "01234"] == versions
    assert logged("dictionary:degree")[0]["from"].endswith(", ".join(before))


def test_second_order_is_told(administrator: FlaskClient) -> None:
    keys, seen = keys_of("degree"), db.session.get_one(Dictionary, "degree").version
    order(administrator, "degree", list(reversed(keys)))
    stored = labels("degree")

    answer = order(administrator, "degree", keys, version=seen)

    assert answer.status_code == 422
    assert "This record was changed after you opened it." in answer.json["why"]
    assert labels("degree") == stored


def test_button_moves_one_row_without_a_script(administrator: FlaskClient) -> None:
    keys = keys_of("degree")
    page = administrator.get("/console/dict-item/?kind=degree").text
    assert f'value="{keys[1]}:-1"' in page
    version = db.session.get_one(Dictionary, "degree").version

    answer = administrator.post(
        ORDER,
        data={
            "kind": "degree",
            "version": version,
            "order": ",".join(map(str, keys)),
            "move": f"{keys[1]}:-1",
        },
    )

    assert answer.status_code == 303
    assert keys_of("degree")[:2] == [keys[1], keys[0]]


@pytest.mark.parametrize("sent", ["", "x", "1", "1,2,3", "9" * 4000, "1,1,1,1,1"])
def test_odd_orders_are_refused(administrator: FlaskClient, sent: str) -> None:
    before = labels("degree")
    data = {"kind": "degree", "version": "1", "order": sent}

    answer = administrator.post(ORDER, data=data, headers={"Accept": "application/json"})

    assert answer.status_code == 422
    assert labels("degree") == before


# retirement and merge


def test_value_is_retired_and_taken_back(administrator: FlaskClient) -> None:
    case = factories.application()
    dossiers.fill(case, basic=[{"nation": "56"}])
    item = value("nation", "56")

    asked = administrator.get(f"/console/dict-item/switch/?id={item.id}").text
    retired = switch(administrator, item)
    page = administrator.get(retired.location).text

    assert "1 applications have it and go on showing it" in asked
    assert retired.status_code == 303
    assert f"Retired: {item.label}" in page
    assert not value("nation", "56").is_active
    assert switch(administrator, item).status_code == 303
    assert value("nation", "56").is_active
    assert [one["to"] for one in logged(f"dict_item:{item.id}")] == ["Active: No", "Active: Yes"]


def test_second_retirement_is_told(administrator: FlaskClient) -> None:
    item = value("nation", "56")
    seen = item.version
    cell(administrator, item, "label", "甲")

    answer = administrator.post(f"/console/dict-item/switch/?id={item.id}", data={"version": seen})

    assert answer.status_code == 422
    assert "This record was changed after you opened it." in answer.text
    assert value("nation", "56").is_active


def test_needed_value_is_not_retired(administrator: FlaskClient) -> None:
    item = value("punishment", "demerit")

    answer = administrator.post(
        f"/console/dict-item/switch/?id={item.id}", data={"version": item.version}
    )

    assert answer.status_code == 422
    assert "condition for applying “" in answer.text
    assert value("punishment", "demerit").is_active


def merge(client: FlaskClient, source: DictItem, target: DictItem) -> Any:
    address = f"/console/dict-item/merge/?id={source.id}"
    return client.post(address, data=typed_into(client.get(address).text, target=str(target.id)))


def test_merge_says_how_many_before_and_after(administrator: FlaskClient) -> None:
    case = factories.application()
    dossiers.fill(case, basic=[{"nation": "56"}])
    source, target = value("nation", "56"), value("nation", "02")
    address = f"/console/dict-item/merge/?id={source.id}"

    asked = administrator.get(address).text
    unseen = administrator.post(address, data={"target": target.id, "version": source.version})
    done = merge(administrator, source, target)

    assert f"1 applications have “{source.label}”" in asked
    assert unseen.status_code == 422
    assert done.status_code == 303
    assert "1 applications and 0 conditions" in administrator.get(done.location).text
    row = db.session.scalars(select(Section).filter_by(application_id=case.id, key="basic")).one()
    assert row.rows[0]["nation"] == "02"


def test_refused_merge_keeps_the_choice_and_names_the_place(administrator: FlaskClient) -> None:
    source, target = value("degree", "0"), value("degree", "4")

    answer = merge(administrator, source, target)

    assert answer.status_code == 422
    assert "field “学位授予时间”" in answer.text
    assert f'selected value="{target.id}"' in answer.text
    assert value("degree", "0").is_active


@pytest.mark.parametrize("target", ["", "x", "0", "9" * 30])
def test_odd_targets_are_refused(administrator: FlaskClient, target: str) -> None:
    source = value("nation", "56")
    address = f"/console/dict-item/merge/?id={source.id}"
    page = administrator.get(address).text

    assert administrator.post(address, data=typed_into(page, target=target)).status_code == 422
    assert value("nation", "56").is_active


# workbooks


def exported(client: FlaskClient) -> Any:
    return load_workbook(BytesIO(client.get(SHEET).data))


def write(sheet: Any, cells: list[Any]) -> None:
    """Write a row below the thirteen values, which begin in row 3."""
    for place, cell in enumerate(cells, start=1):
        sheet.cell(16, place, cell)


def back(book: Any) -> BytesIO:
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def confirmed(client: FlaskClient, page: Any) -> Any:
    (rows,) = [
        one.get("value") for one in parse(page.text).all("input") if one.get("name") == "rows"
    ]
    return client.post(IMPORT, data={"rows": rows})


def test_what_is_exported_comes_back_unchanged(administrator: FlaskClient) -> None:
    answer = workbooks.send(administrator, IMPORT, back(exported(administrator)))

    assert answer.status_code == 200
    assert "0 new values, 0 changed ones, 13 as they are" in answer.text


def test_import_shows_first_and_stores_after_the_second_press(administrator: FlaskClient) -> None:
    book = exported(administrator)
    sheet = book.active
    sheet["B3"] = "中国共产党党员"
    write(sheet, ["14", "其他", None, "2030-12-31", None, None])
    before = labels("politics")

    shown = workbooks.send(administrator, IMPORT, back(book))
    stored_before = labels("politics")
    done = confirmed(administrator, shown)

    assert "1 new values, 1 changed ones, 12 as they are" in shown.text
    assert stored_before == before
    assert (
        "Taken from the file: 1 new values, 1 changed ones" in administrator.get(done.location).text
    )
    assert labels("politics") == ["中国共产党党员", *before[1:], "其他"]
    assert str(value("politics", "14").valid_to) == "2030-12-31"
    changed = logged(f"dict_item:{value('politics', '01').id}")[0]
    assert changed["from"] == f"Label: {before[0]}"


def test_import_changes_nothing_that_was_changed_meanwhile(administrator: FlaskClient) -> None:
    book = exported(administrator)
    book.active["B3"] = "中国共产党党员"
    shown = workbooks.send(administrator, IMPORT, back(book))
    cell(administrator, value("politics", "01"), "label", "党员")

    answer = confirmed(administrator, shown)

    assert answer.status_code == 422
    assert "Row 3: “01” was changed meanwhile." in answer.text
    assert value("politics", "01").label == "党员"


WRONG = [
    (["", "甲"], "Row 16: Code: Fill in this field."),
    (["15", ""], "Row 16: Label: Fill in this field."),
    (["1 5", "甲"], "Row 16: Code: "),
    (["01", "甲"], "Row 16: The same code stands in row 3."),
    (["15", "甲", "2030-02-01", "2030-01-01"], "Row 16: Offered until: The last day lies before the first one."),
    (["15", "甲", "", "nonsense"], "Row 16: Offered until: "),
    (["15", "甲", "", "", "vielleicht"], "Row 16: Active: "),
    (["15", "<b>甲</b>"], "Row 16: Label: "),
]  # fmt: skip


@pytest.mark.parametrize(("row", "says"), WRONG)
def test_wrong_rows_are_named_and_nothing_is_taken(
    administrator: FlaskClient, row: list[str], says: str
) -> None:
    book = exported(administrator)
    write(book.active, row)
    before = labels("politics")

    answer = workbooks.send(administrator, IMPORT, back(book))

    assert answer.status_code == 422
    assert says in answer.text
    assert labels("politics") == before


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        "[]",
        "{}",
        "[[1]]",
        '[[1,"","",0,0,0,0,0]]',
        json.dumps([[1, "x", "y", "z", "", True, "", 0]]),
    ],
)
def test_rows_that_did_not_come_from_the_page_are_refused(
    administrator: FlaskClient, sent: str
) -> None:
    before = labels("politics")

    answer = administrator.post(IMPORT, data={"rows": sent})

    assert answer.status_code == 422
    assert "The rows did not come back whole." in answer.text
    assert labels("politics") == before
