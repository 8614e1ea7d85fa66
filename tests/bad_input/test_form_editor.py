"""Bad input in the editor of the application form: each refusal is a sentence, and nothing is changed or lost."""

import json
from copy import deepcopy
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role
from app.extensions import db
from app.services.form import form_definition, form_versions
from tests.bad_input import desk

FIELD = {"label": "微信号", "kind": "text"}
SECTION = {"label": "社会兼职"}
LONG = "长" * 10_000


@pytest.fixture
def editor(app: Flask) -> FlaskClient:
    return desk.clerk(app, Role.SYSADMIN)


@pytest.fixture
def draft(editor: FlaskClient) -> str:
    location: str = editor.post("/g/form/begin").location
    return location


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"label": ""}, "填写"),
        ({"label": LONG}, "60"),
        ({"label": "<script>alert(1)</script>"}, "<script>"),
        ({"label": "微\u202e信"}, "U+202E"),
        ({"help": "<b>粗</b>"}, "<b>"),
        ({"help": LONG}, "500"),
        ({"unit": "个" * 21}, "20"),
        ({"key": "Bad Key"}, "小写字母"),
        ({"key": "民族"}, "小写字母"),
        ({"key": "1st"}, "小写字母"),
        ({"key": "x" * 41}, "40"),
        ({"key": "nation"}, "nation"),
        ({"key": "errors"}, "errors"),
        ({"kind": "picture"}, "重新选择"),
        ({"kind": "choice"}, "字典"),
        ({"kind": "choice", "dictionary": "nowhere"}, "重新选择"),
        ({"dictionary": "nation"}, "字典"),
        ({"min": "9", "max": "3"}, "3"),
        ({"max": "many"}, "整数"),
        ({"max": "9" * 30}, "整数"),
        ({"max": "2000000000"}, "1000000000"),
        ({"kind": "tick", "max": "3"}, "清空"),
        ({"is_past": "y"}, "日期"),
        ({"source": "person.password"}, "重新选择"),
        ({"shown_when": ["level=99"]}, "重新核对"),
        ({"shown_when": ["moon=full"]}, "重新核对"),
        ({"required_when": ["nation=zz"]}, "重新核对"),
        ({"visible_when": ["nowhere=1"]}, "重新核对"),
    ],
)
def test_bad_field_is_refused(
    typed: dict[str, Any], says: str, editor: FlaskClient, draft: str
) -> None:
    sent = {"version": "1", **FIELD, **typed}

    desk.assert_refused(editor, f"{draft}section/basic/field", sent, says)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"label": ""}, "填写"),
        ({"label": LONG}, "60"),
        ({"label": "<img src=x onerror=alert(1)>"}, "<img"),
        ({"key": "basic"}, "basic"),
        ({"key": "materials"}, "materials"),
        ({"key": "A"}, "小写字母"),
        ({"is_repeated": "y", "min_rows": "5", "max_rows": "2"}, "5"),
        ({"is_repeated": "y", "min_rows": "21", "max_rows": ""}, "20"),
        ({"min_rows": "2", "max_rows": ""}, "只填写一次"),
        ({"max_rows": "201"}, "200"),
        ({"row_title": "nowhere"}, "重新选择"),
        ({"materials": ["id_card"]}, "重新选择"),
        ({"materials": ["nothing"]}, "重新选择"),
        ({"shown_when": ["series=99"]}, "重新核对"),
    ],
)
def test_bad_section_is_refused(
    typed: dict[str, Any], says: str, editor: FlaskClient, draft: str
) -> None:
    desk.assert_refused(editor, f"{draft}section", {"version": "1", **SECTION, **typed}, says)


@pytest.mark.parametrize(
    "typed",
    [{"first": "school", "last": "graduated"}, {"first": "nowhere", "last": "graduated"}, {}],
)
def test_bad_rule_is_refused(typed: dict[str, str], editor: FlaskClient, draft: str) -> None:
    desk.assert_refused(editor, f"{draft}section/education/rules/order", {"version": "1", **typed})


@pytest.mark.parametrize(
    ("typed", "says"),
    [({"text": ""}, "填写"), ({"text": "承诺" * 2000}, "3000"), ({"title": "<i>表</i>"}, "<i>")],
)
def test_bad_texts_are_refused(
    typed: dict[str, str], says: str, editor: FlaskClient, draft: str
) -> None:
    texts = {"title": "申报表", "text": "承诺", "secrets": "不涉密", "version": "1"}

    desk.assert_refused(editor, f"{draft}texts", texts | typed, says)


@pytest.mark.parametrize("version", ["", "0", "99", "-1", "1e3", "x", "٣", "9" * 40])
def test_forged_revision_changes_nothing(version: str, editor: FlaskClient, draft: str) -> None:
    sent = {**FIELD, "version": version}

    desk.assert_refused(editor, f"{draft}section/basic/field", sent, "上次修改", keeps=False)


@pytest.mark.parametrize(
    "place",
    [
        "section/nowhere",
        "section/nowhere/field",
        "section/basic/field/nowhere",
        "section/basic/rules/nowhere",
        "section/nowhere/rules",
        "remove/nowhere",
        "remove/basic/nowhere",
        "section/%00",
        "section/..%2f..%2fetc",
    ],
)
def test_forged_place_is_not_found(place: str, editor: FlaskClient, draft: str) -> None:
    before = desk.stored()

    answers = {editor.get(f"{draft}{place}").status_code}
    answers |= {editor.post(f"{draft}{place}", data={"version": "1", **FIELD}).status_code}

    assert answers <= {400, 404, 405}
    assert desk.stored() == before


@pytest.mark.parametrize(
    "do",
    ["", "up", "up/", "fly/basic", "up/nowhere", "copy/basic/nowhere", "up/basic/nation/more", "%"],
)
def test_forged_arrangement_is_not_found(do: str, editor: FlaskClient, draft: str) -> None:
    before = desk.stored()

    answer = editor.post(f"{draft}arrange", data={"version": "1", "do": do})

    assert answer.status_code == 404
    assert desk.stored() == before


@pytest.mark.parametrize("version", ["0", "99", "2147483647", "99999999999999", "x"])
def test_forged_version_is_not_found(version: str, editor: FlaskClient, app: Flask) -> None:
    addresses = ("", "publish", "preview", "export.json", "section/basic", "discard")

    answers = {editor.get(f"/g/form/{version}/{one}").status_code for one in addresses}

    assert answers == {404}


def test_removed_rule_that_is_not_there_is_refused(editor: FlaskClient, draft: str) -> None:
    address = f"{draft}section/basic/rules/99/remove"

    desk.assert_refused(editor, address, {"version": "1"}, "草稿中已没有该规则")


def test_published_version_takes_no_press(editor: FlaskClient) -> None:
    address = f"/g/form/{form_definition.newest_version(db.session())}/"

    for route in ("section", "section/basic", "section/basic/field", "texts", "publish", "discard", "undo", "arrange"):  # fmt: skip
        desk.assert_refused(
            editor, f"{address}{route}", {"version": "1", **FIELD}, "已发布", status=303
        )


# files


def sent_file(content: bytes, name: str = "form.json") -> dict[str, Any]:
    return {"file": (BytesIO(content), name), "version": "0"}


def body() -> dict[str, Any]:
    return deepcopy(form_versions.published()[-1].body)


def test_no_file_is_refused(editor: FlaskClient) -> None:
    desk.assert_refused(editor, "/g/form/import", {"version": "0"}, "文件")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "JSON"),
        (b"%PDF-1.7", "JSON"),
        ('{"title": "表"'.encode(), "JSON"),
        ("申报表".encode("gb18030"), "JSON"),
        (b"\xff\xfe\x00", "JSON"),
        (b"null", ""),
        (b"[]", ""),
        (b'{"sections": 5}', ""),
        (b'{"title": NaN}', ""),
        (b'{"title": "a", "title": "b"}', "title"),
        (b"[" * 200_000, "JSON"),
        (b"[" * 40 + b"]" * 40, "嵌套"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, ""),
        (b"9" * 100_000, "JSON"),
        (b" " * (5 * 1024 * 1024), "1 MB"),
    ],
)
def test_wrong_file_is_refused(content: bytes, says: str, editor: FlaskClient) -> None:
    desk.assert_refused(editor, "/g/form/import", sent_file(content), says)


SPOILT: list[tuple[tuple[Any, ...], Any, str]] = [
    (("title",), LONG, "title"),
    (("sections", 0, "label"), "<script>1</script>", "sections 1.label"),
    (("sections", 0, "key"), ["x"], ""),
    (("sections", 0, "fields", 0, "kind"), "picture", "picture"),
    (("sections", 0, "fields", 0, "label"), None, ""),
    (("sections", 0, "fields", 0, "min"), 10**40, ""),
    (("sections", 0, "fields"), [{}] * 3, ""),
    (("sections", 1, "key"), "applying", "applying"),
    (("commitment",), [], ""),
    (("commitment", "text"), "\ud800", ""),
]


@pytest.mark.parametrize(("path", "to", "says"), SPOILT)
def test_spoilt_file_is_refused(
    path: tuple[Any, ...], to: Any, says: str, editor: FlaskClient
) -> None:
    spoilt: Any = body()
    part = spoilt
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = to

    desk.assert_refused(editor, "/g/form/import", sent_file(json.dumps(spoilt).encode()), says)


def test_file_with_an_unknown_dictionary_is_refused(editor: FlaskClient) -> None:
    spoilt = body()
    nation = next(one for part in spoilt["sections"] for one in part["fields"] if one["key"] == "nation")  # fmt: skip
    nation["dictionary"] = "nowhere"

    desk.assert_refused(editor, "/g/form/import", sent_file(json.dumps(spoilt).encode()), "nowhere")


def test_file_for_a_stale_draft_is_refused(editor: FlaskClient, draft: str) -> None:
    content = json.dumps({**body(), "title": "别的表"}).encode()

    desk.assert_refused(editor, "/g/form/import", sent_file(content), "上次修改", keeps=False)
