"""定制 → 导出、导入文件: the configuration moves to another installation as drafts."""

import json
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import engine, settings
from app.enums import ApplicationState, Role
from app.ground.actor import SYSTEM
from app.models import (
    ChangeSet,
    Consent,
    CustomValue,
    Dictionary,
    DictItem,
    EligibilityRule,
    FormDefinition,
    MaterialKind,
    MessageTemplate,
    WorkDay,
)
from app.services.form import form_versions
from tests.support import factories as make
from tests.support import multipart
from tests.support.signing import client_of
from tests.views.customising.test_screens import QUERY, hold

PARTS = ("tables", "screens", "words", "dossier", "form")


def send(client: FlaskClient, content: str) -> Any:
    return client.post(
        "/g/customise/import", **multipart.large("configuration.json", content.encode())
    )


def collect(client: FlaskClient, content: str, parts: tuple[str, ...] = PARTS) -> Any:
    return client.post("/g/customise/collect", data={"content": content, "part": list(parts)})


def publish(client: FlaskClient, session: Session) -> int:
    assert client.post("/g/customise/publish", data={"note": ""}).status_code == 303
    return session.scalars(select(func.max(ChangeSet.id))).one()


def exported(client: FlaskClient) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(client.get("/g/customise/export.json").text)
    return body


def row(content: dict[str, Any], table: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = content["areas"]["tables"][table][key]["*"]
    return found


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return the values in which two files differ, as table key."""
    tables, others = one["areas"]["tables"], other["areas"]["tables"]
    return [
        f"{name} {key}"
        for name in sorted({*tables, *others})
        for key in sorted({*tables.get(name, {}), *others.get(name, {})})
        if tables.get(name, {}).get(key) != others.get(name, {}).get(key)
    ]


def put(content: dict[str, Any], table: str, key: str, **values: Any) -> None:
    content["areas"]["tables"][table][key] = {"*": values}


def with_everything(content: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration in which a row of every kind of table is another or new, and the form too."""
    other = deepcopy(content)
    put(other, "dictionary", "x_award", name="奖励级别", name_en="Award", is_closed=False, is_active=True)  # fmt: skip
    value = dict(label="省级", order=1, is_active=True, standard="", valid_from=None, valid_to=None)  # noqa: C408 - as they stand in the file
    put(other, "dict_item", "x_award/p", **value)
    put(other, "series", "99", name="试行系列", is_active=True)
    put(other, "specialty", "9901", series_code="99", name="试行专业", is_active=True)
    row(other, "material_kind", "id_card")["max_mb"] = 7
    first = next(iter(other["areas"]["tables"]["eligibility_rule"].values()))["*"]
    first["is_active"] = not first["is_active"]
    row(other, "setting", "notice_days")["value"] = "9"
    put(other, "work_day", "2031-05-01", is_working=False, note="劳动节", source="试")
    template = next(iter(other["areas"]["tables"]["message_template"].values()))["*"]
    template["subject"] += "（新）"
    other["form"]["sections"][0]["label"] += "（新）"
    return other


def test_every_kind_of_table_is_read_in_published_and_undone(
    sysadmin: FlaskClient, session: Session
) -> None:
    before = exported(sysadmin)
    content = json.dumps(with_everything(before))

    assert send(sysadmin, content).status_code == 200
    assert exported(sysadmin) == before
    assert collect(sysadmin, content).status_code == 303
    assert exported(sysadmin) == before
    number = publish(sysadmin, session)
    after = exported(sysadmin)
    draft = form_versions.draft()
    undone = sysadmin.post(f"/g/permission-changes/{number}/undo", data={"reason": ""})

    assert undone.status_code == 303, undone.text
    assert differing(after, json.loads(content)) == []
    assert draft is not None
    assert draft.body["sections"][0]["label"].endswith("（新）")
    assert differing(exported(sysadmin), before) == []


def test_what_was_published_is_where_the_program_asks_for_it(
    sysadmin: FlaskClient, session: Session
) -> None:
    collect(sysadmin, json.dumps(with_everything(exported(sysadmin))))
    publish(sysadmin, session)

    assert settings.get("notice_days") == 9
    assert session.get_one(Dictionary, "x_award").name_en == "Award"
    assert session.scalars(select(DictItem.label).where(DictItem.kind == "x_award")).all() == [
        "省级"
    ]
    assert session.get_one(MaterialKind, "id_card").max_mb == 7
    assert session.scalar(select(WorkDay.note).where(WorkDay.source == "试")) == "劳动节"
    assert session.scalar(
        select(func.count(MessageTemplate.id)).where(MessageTemplate.subject.like("%（新）"))
    ) == 1  # fmt: skip


def test_screens_move_with_the_file(sysadmin: FlaskClient, session: Session) -> None:
    number = hold(sysadmin, session, QUERY, columns=["number", "name"], size="50")
    content = sysadmin.get("/g/customise/export.json").text
    sysadmin.post(f"/g/permission-changes/{number}/undo", data={"reason": ""})
    assert session.scalar(select(func.count(CustomValue.id))) == 0

    assert collect(sysadmin, content, ("screens",)).status_code == 303
    publish(sysadmin, session)
    assert sysadmin.get("/g/customise/export.json").text == content


def test_dry_run_stores_nothing_and_names_what_it_leaves_out(
    sysadmin: FlaskClient, session: Session
) -> None:
    hold(sysadmin, session, QUERY, label="申报查询")
    areas = {
        "screens": {
            QUERY: {"columns": {"*": []}, "size": {"*": "50"}},
            "GoneView": {"label": {"*": "旧"}},
        },
        "rights": {QUERY: {"can_list": {"unit": False}}},
        "nosuch": {"a": {"b": {"*": 1}}},
    }
    page = send(sysadmin, json.dumps({"kind": "configuration", "format": 1, "areas": areas})).text

    for said in (
        "1 changes can be collected",
        "Not in this installation, left out (2)",
        "GoneView label",
        "nosuch (1)",
        "at least one column",
        "Differs, and somebody else reads it in (1)",
        "Only in this installation; it stays (1)",
        "申报查询",
    ):
        assert said in page, said
    assert session.scalar(select(func.count(ChangeSet.id))) == 1


BAD = [
    ("setting", "notice_days", {"value": "900"}, "between"),
    ("setting", "notice_days", {"value": 5}, "A text is expected"),
    ("dict_item", "nosuch/1", {"label": "一", "order": 1, "is_active": True, "standard": "", "valid_from": None, "valid_to": None}, "It names what is not here: Dictionaries nosuch"),
    ("dict_item", "nation/77", {"label": "一", "order": 1, "is_active": True, "standard": "", "valid_from": "2027-02-01", "valid_to": "2027-01-01"}, "The last day lies before the first one"),
    ("specialty", "7701", {"series_code": "77", "name": "一", "is_active": True}, "It names what is not here: Series 77"),
    ("series", "77", {"name": "<script>", "is_active": True}, "mark of a web page"),
    ("series", "77", {"name": "长" * 201, "is_active": True}, "at most 200"),
    ("series", "77", {"name": "一", "is_active": "yes"}, "Yes or no is expected"),
    ("series", "77", {"name": "一"}, "A row has these values: name, is_active"),
    ("series", "77", [], "A row has these values"),
    ("title", "7701", {"series_code": "01", "level": "king", "name": "一", "is_grassroots": False, "is_active": True}, "is none of"),
    ("eligibility_rule", "x_rule", {"name": "一", "clause": "", "kind": "nosuch", "parameters": {}, "condition": None, "is_hard": False, "is_active": True, "valid_from": 2026, "valid_to": None, "order": 1}, "There is no kind of rule"),
    ("work_day", "2031-05-01", {"is_working": 1, "note": "", "source": ""}, "Yes or no is expected"),
    ("message_template", "case_returned", {"subject": "退回", "body": "{password}"}, "no variable"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "key", "values", "said"), BAD)
def test_rows_that_no_page_would_take_are_refused_with_their_place(
    sysadmin: FlaskClient, table: str, key: str, values: Any, said: str
) -> None:
    if table == "message_template":
        key = next(iter(exported(sysadmin)["areas"]["tables"]["message_template"]))
    areas = {"tables": {table: {key: {"*": values}}}}
    content = json.dumps({"kind": "configuration", "format": 1, "areas": areas})
    page = send(sysadmin, content).text

    assert said in page
    assert "May not be set, left out (1)" in page
    assert collect(sysadmin, content).location == "/g/customise/"


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("setting", "nosuch"),
        ("message_template", "nosuch"),
        ("work_day", "2031-02-30"),
        ("work_day", "20310501"),
        ("series", "<b>"),
        ("series", "999"),
        ("dict_item", "nation"),
        ("nosuch", "1"),
    ],
)
def test_names_that_can_be_none_are_listed(sysadmin: FlaskClient, table: str, key: str) -> None:
    areas = {"tables": {table: {key: {"*": {}}}}}
    page = send(sysadmin, json.dumps({"kind": "configuration", "format": 1, "areas": areas})).text

    assert "Not in this installation, left out (1)" in page


@pytest.mark.parametrize(
    ("table", "key", "said"),
    [
        ("dict_item", "punishment/demotion", "condition for applying"),
        ("dictionary", "nation", "it is used by"),
        ("material_kind", "id_card", "has to stay"),
    ],
)
def test_needed_row_is_not_retired_by_a_file(
    sysadmin: FlaskClient, table: str, key: str, said: str
) -> None:
    content = exported(sysadmin)
    row(content, table, key)["is_active"] = False
    page = send(sysadmin, json.dumps(content)).text

    assert "May not be set, left out (1)" in page
    assert said in page


def test_form_waits_for_the_draft_of_a_colleague(sysadmin: FlaskClient, session: Session) -> None:
    content = json.dumps(with_everything(exported(sysadmin)))
    assert collect(sysadmin, content, ("form",)).status_code == 303
    again = collect(sysadmin, content, ("form",))

    assert again.status_code == 422
    assert session.scalar(
        select(func.count(FormDefinition.id)).where(FormDefinition.published_at.is_(None))
    ) == 1  # fmt: skip


def test_rule_that_came_with_a_file_goes_with_the_undoing(
    sysadmin: FlaskClient, session: Session
) -> None:
    content = exported(sysadmin)
    rules = content["areas"]["tables"]["eligibility_rule"]
    rules["x_rule"] = deepcopy(next(iter(rules.values())))
    collect(sysadmin, json.dumps(content))
    number = publish(sysadmin, session)
    there = session.scalar(select(EligibilityRule.id).where(EligibilityRule.code == "x_rule"))
    sysadmin.post(f"/g/permission-changes/{number}/undo", data={"reason": ""})

    assert there is not None
    assert exported(sysadmin)["areas"]["tables"]["eligibility_rule"].keys() == (
        rules.keys() - {"x_rule"}
    )


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"kind": "configuration", "format": 2, "areas": {}}',
        '{"kind": "configuration", "format": 1, "areas": {"screens": []}}',
        '{"kind": "configuration", "format": 1, "areas": {"screens": {"x": {"y": 1}}}}',
        '{"kind": "configuration", "format": 1, "areas": {}, "form": []}',
        '{"kind": "menu-permissions", "format": 1, "rights": {}}',
        " " * (3 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_export_is_refused(sysadmin: FlaskClient, content: str) -> None:
    page = send(sysadmin, content)

    assert page.status_code == 422
    assert collect(sysadmin, content).status_code == 422


def test_set_is_not_undone_over_what_was_changed_by_hand_since(
    sysadmin: FlaskClient, session: Session
) -> None:
    content = exported(sysadmin)
    row(content, "material_kind", "id_card")["max_mb"] = 7
    collect(sysadmin, json.dumps(content))
    number = publish(sysadmin, session)
    session.get_one(MaterialKind, "id_card").max_mb = 9
    session.commit()
    answer = sysadmin.post(f"/g/permission-changes/{number}/undo", data={"reason": ""})

    assert answer.status_code == 422
    assert "This was changed on its own page since" in answer.text
    assert row(exported(sysadmin), "material_kind", "id_card")["max_mb"] == 9


def test_draft_says_what_it_touches_of_what_is_under_way(
    sysadmin: FlaskClient, session: Session
) -> None:
    make.application(state=ApplicationState.DRAFT)
    session.commit()
    content = exported(sysadmin)
    row(content, "setting", "notice_days")["value"] = "9"
    row(content, "material_kind", "id_card")["max_mb"] = 7
    collect(sysadmin, json.dumps(content))
    page = sysadmin.get("/g/customise/draft").text

    assert "Touched of what is under way" in page
    assert "notices that hang already keep their last day" in page
    assert "1 application is being filled in" in page


def test_rows_take_effect_by_the_clock_on_their_day(
    sysadmin: FlaskClient, session: Session
) -> None:
    content = exported(sysadmin)
    row(content, "setting", "notice_days")["value"] = "9"
    row(content, "material_kind", "id_card")["max_mb"] = 7
    collect(sysadmin, json.dumps(content))
    sysadmin.post("/g/customise/publish", data={"effective_from": str(make.in_days(3))})
    record = session.scalars(select(ChangeSet)).one()
    before = settings.get("notice_days"), session.get_one(MaterialKind, "id_card").max_mb

    engine.fire(record, "take_effect", actor=SYSTEM, at=record.effective_from)
    session.commit()

    assert before == (5, 5)
    assert settings.get("notice_days") == 9
    assert session.get_one(MaterialKind, "id_card").max_mb == 7


def test_number_that_makes_signing_in_less_safe_needs_a_second_administrator(
    app: Flask, sysadmin: FlaskClient, session: Session
) -> None:
    second = client_of(app, make.position(Role.SECADMIN, user=make.user()))
    content = exported(sysadmin)
    row(content, "setting", "password_min_length")["value"] = "8"
    collect(sysadmin, json.dumps(content))

    alone = sysadmin.post("/g/customise/publish", data={"note": ""})
    asked = sysadmin.post("/g/customise/publish", data={"note": "", "reason": "统一口令长度"})

    assert alone.status_code == 422
    assert "Two administrators decide" in alone.text
    assert asked.status_code == 303, asked.text
    assert settings.get("password_min_length") == 10
    consent = session.scalars(select(Consent)).one()
    page = second.get(f"/g/consents/{consent.id}").text
    second.post(
        "/g/consents/act/decide",
        data={"row": f"{consent.id}:{consent.version}", "decision": "agree"},
    )

    assert "Shortest password" in page
    assert settings.get("password_min_length") == 8
