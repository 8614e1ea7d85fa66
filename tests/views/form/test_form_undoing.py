"""The editor over HTTP: steps back and forth, taking a version back, dictionaries in the dialog of a field, exclusions."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import DictItem, FormDefinition
from app.services.form import form_dictionaries, form_edits, form_versions
from tests.support import factories
from tests.support.world import enter

FIELD = {"label": "平台", "kind": "choice", "dictionary": "+", "new_name": "收录平台", "new_values": "知网\n万方"}  # fmt: skip


@pytest.fixture
def administrator(app: Flask, session: Session) -> FlaskClient:
    return enter(app, factories.actor(Role.SYSADMIN))


@pytest.fixture
def draft(administrator: FlaskClient) -> str:
    return str(administrator.post("/g/form/begin").location)


def the_draft() -> FormDefinition:
    db.session.expire_all()
    found = form_versions.draft()
    assert found is not None
    return found


def press(client: FlaskClient, address: str, **typed: Any) -> Any:
    return client.post(address, data={"version": str(the_draft().revision), **typed})


def papers() -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = form_edits.section_of(the_draft().body, "papers")["fields"]
    return fields


def publish(client: FlaskClient, draft: str) -> None:
    assert press(client, f"{draft}publish").status_code == 303


def test_steps_go_back_and_forth(administrator: FlaskClient, draft: str) -> None:
    count = len(papers())
    for label in ("一", "二"):
        press(administrator, f"{draft}section/papers/field", label=label, kind="text")

    press(administrator, f"{draft}undo")
    press(administrator, f"{draft}undo")
    undone = len(papers())
    press(administrator, f"{draft}redo")
    redone = len(papers())
    page = administrator.get(draft).text
    press(administrator, f"{draft}state/2")

    assert (undone, redone, len(papers())) == (count, count + 1, count + 2)
    assert "/redo" in page
    assert "/state/2" in page
    assert "/redo" not in administrator.get(draft).text


@pytest.mark.parametrize("route", ["undo", "redo", "state/9", "state/0"])
def test_step_from_an_old_page_or_that_is_not_there_changes_nothing(
    administrator: FlaskClient, draft: str, route: str
) -> None:
    press(administrator, f"{draft}section/papers/field", label="一", kind="text")
    before = the_draft().body

    answer = administrator.post(f"{draft}{route}", data={"version": "1"})

    assert answer.status_code == 303
    assert the_draft().body == before


def test_dictionary_is_made_in_the_dialog_of_the_field(
    administrator: FlaskClient, draft: str
) -> None:
    answer = press(administrator, f"{draft}section/papers/field", **FIELD)
    field = papers()[-1]
    page = administrator.get(f"{draft}section/papers/field/{field['key']}").text
    press(
        administrator, f"{draft}section/papers/field/{field['key']}",
        **FIELD | {"dictionary": field["dictionary"], "new_values": "知网\n维普", "key": field["key"]},
    )  # fmt: skip

    assert answer.status_code == 303
    assert "知网\n万方" in page.replace("\r", "")
    values = form_dictionaries.of(the_draft().body)[field["dictionary"]]["values"]
    assert values == {"01": "知网", "03": "维普"}
    publish(administrator, draft)
    stored = select(DictItem.label).where(DictItem.kind == field["dictionary"])
    assert list(db.session.scalars(stored)) == ["知网", "维普"]
    assert "收录平台" in administrator.get("/console/dictionary/").text


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({"new_name": ""}, "new_name"),
        ({"new_values": " \n "}, "new_values"),
        ({"new_values": "知网\n知网"}, "new_values"),
        ({"new_name": "长" * 41}, "new_name"),
        ({"new_values": "甲\x07"}, "new_values"),
    ],
)
def test_unusable_dictionary_is_refused_with_everything_kept(
    administrator: FlaskClient, draft: str, typed: dict[str, str], at: str
) -> None:
    answer = press(administrator, f"{draft}section/papers/field", **FIELD | typed)

    assert answer.status_code == 422
    assert f'id="{at}-error"' in answer.text
    assert 'value="平台"' in answer.text
    assert form_dictionaries.of(the_draft().body) == {}


def test_kind_that_is_no_choice_makes_no_dictionary(administrator: FlaskClient, draft: str) -> None:
    answer = press(administrator, f"{draft}section/papers/field", **FIELD | {"kind": "text"})

    assert answer.status_code == 422
    assert form_dictionaries.of(the_draft().body) == {}


def test_exclusion_is_ticked_shown_and_previewed(administrator: FlaskClient, draft: str) -> None:
    words = {"label": "字数", "kind": "integer", "hidden_when": ["series=02", "mode=exceptional"]}
    answer = press(administrator, f"{draft}section/papers/field/words", **words)

    assert answer.status_code == 303
    assert "Not for" in administrator.get(draft).text
    assert "Not for" in administrator.get(f"{draft}publish").text
    shown = [
        'name="rows-0-words"' in administrator.get(f"{draft}preview?section=papers&{facts}").text
        for facts in (
            "series=02&mode=normal",
            "series=05&mode=exceptional",
            "series=05&mode=normal",
        )
    ]
    assert shown == [False, False, True]


def test_version_is_taken_back_with_one_press(administrator: FlaskClient, draft: str) -> None:
    former = form_versions.in_force().form_version
    press(administrator, f"{draft}section/papers/field", label="一", kind="text")
    number = the_draft().form_version
    publish(administrator, draft)
    begun = factories.application(ApplicationState.DRAFT)
    db.session.commit()
    page = administrator.get("/g/form/").text

    answer = administrator.post(f"{draft}take-back")

    assert re.search(rf"data-ask=\"[^\"]*{former}[^\"]*: 1 so far", page)
    assert answer.status_code == 303
    db.session.expire_all()
    assert form_versions.in_force().form_version == former
    assert begun.form_version == number
    assert "Taken back" in administrator.get("/g/form/").text
    again = administrator.post(f"/g/form/begin?from={number}")
    assert again.status_code == 303
    assert [one["label"] for one in papers()][-1] == "一"


def test_only_the_version_in_use_is_taken_back(administrator: FlaskClient, draft: str) -> None:
    used = form_versions.in_force().form_version

    for number in (used, the_draft().form_version):
        administrator.post(f"/g/form/{number}/take-back")
        db.session.expire_all()
        assert form_versions.in_force().form_version == used
    assert administrator.post("/g/form/999/take-back").status_code == 404
    assert administrator.post("/g/form/begin?from=999").status_code == 404


@pytest.mark.parametrize("role", [Role.UNIT, Role.SECADMIN, Role.AUDITOR])
def test_others_neither_step_nor_take_back(
    app: Flask, administrator: FlaskClient, draft: str, role: Role
) -> None:
    other = enter(app, factories.actor(role, unit=factories.unit()))

    for route in ("undo", "redo", "state/0", "take-back"):
        assert other.post(f"{draft}{route}", data={"version": "1"}).status_code == 403
