"""The editor of the application form over HTTP: a draft is shaped, looked at and published without any programming."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import AuditLog, DictItem, FormDefinition, MaterialKind
from app.services.form import form_definition, form_drafts, form_edits, form_versions
from tests.journeys.markup import parse
from tests.support import factories, signing
from tests.support.world import enter

LIST = "/g/form/"


@pytest.fixture
def administrator(app: Flask, session: Session) -> FlaskClient:
    return enter(app, factories.actor(Role.SYSADMIN))


@pytest.fixture
def draft(administrator: FlaskClient) -> str:
    """The address of a draft just begun."""
    answer = administrator.post("/g/form/begin")
    assert answer.status_code == 303
    return str(answer.location)


def the_draft() -> FormDefinition:
    db.session.expire_all()
    found = form_versions.draft()
    assert found is not None
    return found


def section(key: str) -> dict[str, Any]:
    return form_edits.section_of(the_draft().body, key)


def keys(of: str) -> list[str]:
    return [one["key"] for one in section(of)["fields"]]


def seen(**typed: Any) -> dict[str, Any]:
    """Return what a page sends: the values typed and the revision it was opened with."""
    return {"version": str(the_draft().revision), **typed}


def press(client: FlaskClient, address: str, **typed: Any) -> str:
    """Send a form that must be taken and return where it leads."""
    answer = client.post(address, data=seen(**typed))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


# the steps of docs/customise.md


def test_field_is_added_published_filled_in_and_shown_to_staff(
    administrator: FlaskClient, app: Flask
) -> None:
    before = form_definition.newest_version(db.session())
    old = factories.application(ApplicationState.DRAFT)

    # 1 to 3
    draft = administrator.post("/g/form/begin").location
    page = administrator.get(draft).text
    assert f"{draft}section/basic/field" in page
    typed = {"label": "微信号", "kind": "text", "max": "40", "help": "便于联系", "version": "1"}
    # 4
    saved = administrator.post(f"{draft}section/basic/field", data=typed)
    key = saved.location.rpartition("#basic-")[2]
    assert saved.status_code == 303
    assert keys("basic")[-1] == key
    # 5
    moved = press(administrator, f"{draft}arrange", do=f"up/basic/{key}")
    assert moved.endswith(f"#basic-{key}")
    assert keys("basic")[-2] == key
    # 6
    preview = administrator.get(f"{draft}preview?section=basic&width=phone").text
    assert "微信号" in preview
    assert "preview-phone" in preview
    # 7
    asked = administrator.get(f"{draft}publish").text
    assert "微信号" in asked
    published = press(administrator, f"{draft}publish")
    assert "is published. New applications begin with it" in administrator.get(published).text
    # 8
    assert form_definition.newest_version(db.session()) == before + 1
    unit = factories.unit()
    person = factories.person(unit=unit)
    new = factories.application(ApplicationState.DRAFT, person=person, unit=unit)
    client = enter(app, factories.actor_of(factories.position(Role.APPLICANT, person=person)))
    address = f"/me/application/{new.id}/section/basic"
    shown = client.get(address)
    assert f'name="rows-0-{key}"' in shown.text
    revision = re.search(r'name="revision" value="(\d+)"', shown.text)
    assert revision
    sent = {f"rows-0-{key}": "wx-430100", "revision": revision[1], "do": "save"}
    assert client.post(address, data=sent).status_code == 303
    new.state, new.holder_id = ApplicationState.AT_UNIT, unit.id
    db.session.commit()
    clerk = enter(app, factories.actor_of(factories.position(Role.UNIT, unit=unit)))
    case = clerk.get(f"/g/1.1.4/{new.id}").text
    assert "微信号" in case
    assert "wx-430100" in case
    assert old.form_version == before
    assert form_definition.load(db.session(), before).section("basic") is not None
    assert key not in {
        one.key
        for one in form_definition.load(db.session(), before).section("basic").fields  # type: ignore[union-attr]  # it has the section
    }


# the list


def test_list_shows_versions_with_state_and_number_of_applications(
    administrator: FlaskClient,
) -> None:
    newest = form_versions.published()[-1]
    factories.application(ApplicationState.DRAFT)

    empty = parse(administrator.get(LIST).text)
    draft = administrator.post("/g/form/begin").location
    full = parse(administrator.get(LIST).text)

    rows = [[cell.text for cell in row.all("td")][:5] for row in full.all("tr")][1:]
    assert [row[2] for row in rows[:2]] == ["Draft", "In use"]
    assert (rows[1][0], rows[1][1], rows[1][4]) == (str(newest.form_version), newest.title, "1")
    assert "New draft" in [button.text for button in empty.all("button")]
    assert draft in [link.get("href") for link in full.all("a")]


def test_second_administrator_is_told_who_has_the_draft(
    administrator: FlaskClient, draft: str, app: Flask
) -> None:
    other = enter(app, factories.actor(Role.SYSADMIN))

    page = other.get(other.post("/g/form/begin").location).text

    assert "There is a draft already" in page
    assert re.search(r"Last change: Draft begun \(\w+, ", page)
    assert form_versions.versions()[0].is_draft


def test_discarding_asks_first(administrator: FlaskClient, draft: str) -> None:
    asked = administrator.get(f"{draft}discard").text
    still = form_versions.draft() is not None

    press(administrator, f"{draft}discard")

    db.session.expire_all()
    assert "This cannot be undone" in asked
    assert still
    assert form_versions.draft() is None


# sections and fields


def test_section_is_added_with_everything_it_can_have(
    administrator: FlaskClient, draft: str
) -> None:
    typed = {
        "label": "社会兼职",
        "label_en": "Posts of honour",
        "help": "每个兼职一行",
        "is_repeated": "y",
        "min_rows": "0",
        "max_rows": "8",
        "materials": ["other"],
        "shown_when": ["level=1", "level=2", "mode=normal"],
    }

    press(administrator, f"{draft}section", **typed)
    key = the_draft().body["sections"][-1]["key"]
    press(administrator, f"{draft}section/{key}/field", label="组织名称", kind="text", key="body")
    press(
        administrator,
        f"{draft}section/{key}",
        **{**typed, "row_title": "body", "label": "学会兼职"},
    )

    assert section(key) == {
        "key": "posts_of_honour",
        "label": "学会兼职",
        "label_en": "Posts of honour",
        "help": "每个兼职一行",
        "is_repeated": True,
        "min_rows": 0,
        "max_rows": 8,
        "row_title": "body",
        "materials": ["other"],
        "shown_when": {"mode": ["normal"], "level": ["1", "2"]},
        "fields": [{"key": "body", "label": "组织名称", "kind": "text"}],
    }
    assert form_drafts.faults(the_draft().body) == []


def test_field_is_added_with_everything_it_can_have(administrator: FlaskClient, draft: str) -> None:
    typed = {
        "label": "学位论文评价",
        "key": "thesis_grade",
        "kind": "choice",
        "dictionary": "award_grade",
        "is_required": "y",
        "help": "按证书填写",
        "unit": "级",
        "shown_when": ["series=05"],
        "required_when": ["degree=3", "is_basis=y"],
        "visible_when": ["level=11"],
    }

    press(administrator, f"{draft}section/education/field", **typed)

    assert section("education")["fields"][-1] == {
        **{name: typed[name] for name in ("label", "key", "kind", "dictionary", "help", "unit")},
        "is_required": True,
        "shown_when": {"series": ["05"]},
        "required_when": {"degree": ["3"], "is_basis": ["y"]},
        "visible_when": {"level": ["11"]},
    }
    assert form_drafts.faults(the_draft().body) == []
    page = administrator.get(draft).text
    assert "Only for Series: 05" in page
    assert "Required when" in page


def test_key_of_a_published_field_cannot_be_renamed(administrator: FlaskClient, draft: str) -> None:
    page = parse(administrator.get(f"{draft}section/basic/field/nation").text)

    press(administrator, f"{draft}section/basic/field/nation", label="民族成份", kind="choice",
          dictionary="nation", key="people")  # fmt: skip

    assert "key" not in [one.get("name") for one in page.all("input")]
    assert "nation" in keys("basic")
    assert "people" not in keys("basic")


def test_new_kind_of_a_published_field_is_warned_about_twice(
    administrator: FlaskClient, draft: str
) -> None:
    led = press(
        administrator,
        f"{draft}section/basic/field/nation",
        label="民族",
        kind="text",
        dictionary="",
    )

    once = administrator.get(led).text
    again = administrator.get(f"{draft}publish").text

    assert "“民族” changes its kind from" in once
    assert "“民族” changes its kind from" in again
    assert "Kind of field: " in re.sub(r"<[^>]+>", "", again)


def test_parts_are_moved_copied_removed_and_brought_back(
    administrator: FlaskClient, draft: str
) -> None:
    first, second = keys("education")[:2]

    press(administrator, f"{draft}arrange", do=f"down/education/{first}")
    after_move = keys("education")[:2]
    led = press(administrator, f"{draft}arrange", do=f"copy/education/{first}")
    asked = administrator.get(f"{draft}remove/education/{second}").text
    press(administrator, f"{draft}remove/education/{second}")
    after_removal = keys("education")
    press(administrator, f"{draft}undo")

    assert after_move == [second, first]
    assert keys("education")[2] == led.rpartition("#education-")[2]
    assert "Remove the field" in asked
    assert second not in after_removal
    assert second in keys("education")


def test_section_is_removed_after_a_question(administrator: FlaskClient, draft: str) -> None:
    asked = administrator.get(f"{draft}remove/summary").text

    led = press(administrator, f"{draft}remove/summary")

    assert re.search(r"Remove the section “.+” with its \d+ fields", asked)
    assert "summary" not in [one["key"] for one in the_draft().body["sections"]]
    assert "Undo the last change" in administrator.get(led).text


def test_rules_are_sentences_added_by_kind_and_removed(
    administrator: FlaskClient, draft: str
) -> None:
    page = administrator.get(f"{draft}section/education/rules").text
    before = list(section("education")["rules"])

    press(administrator, f"{draft}section/education/rules/unique", field="certificate_number")
    listed = parse(administrator.get(f"{draft}section/education/rules").text).text
    twice = administrator.post(
        f"{draft}section/education/rules/unique", data=seen(field="certificate_number")
    )
    press(administrator, f"{draft}section/education/rules/0/remove")

    assert "Tick exactly one row" in page
    assert "the section has no fields for it" in page
    assert "No two rows have the same “毕业证书编号”." in listed
    assert (twice.status_code, "This rule is there already" in twice.text) == (422, True)
    assert section("education")["rules"] == [
        *before[1:],
        {"kind": "unique", "field": "certificate_number"},
    ]


def test_rule_with_a_number_keeps_it(administrator: FlaskClient, draft: str) -> None:
    address = f"{draft}section/training/rules/no_gap"

    press(administrator, address, first="started", last="ended", note="content", months="6")

    assert section("training")["rules"][-1]["months"] == 6
    assert "Months allowed 6" in administrator.get(draft).text


def test_changed_commitment_counts_its_version_up(administrator: FlaskClient, draft: str) -> None:
    before = dict(the_draft().body["commitment"])
    page = administrator.get(f"{draft}texts").text

    press(
        administrator,
        f"{draft}texts",
        title="申报表",
        text="本人承诺内容真实。",
        secrets="不涉密。",
    )

    after = the_draft().body["commitment"]
    assert before["text"][:10] in page
    assert (after["version"], after["text"]) == (before["version"] + 1, "本人承诺内容真实。")
    assert the_draft().title == "申报表"


# two editors


def test_later_editor_keeps_what_was_typed_and_saves_knowingly(
    administrator: FlaskClient, draft: str, app: Flask
) -> None:
    other = enter(app, factories.actor(Role.SYSADMIN))
    press(other, f"{draft}section/basic/field", label="微信号", kind="text")
    address = f"{draft}section/basic/field/former_name"
    typed = {"label": "曾用姓名", "kind": "name", "version": "1"}

    refused = administrator.post(address, data=typed)
    page = parse(refused.text)
    held = {one.get("name"): one.get("value") for one in page.all("input")}
    again = administrator.post(address, data=typed | {"version": held["version"]})

    assert refused.status_code == 422
    assert "The draft was changed meanwhile. Last change: Field added: 微信号" in page.text
    assert held["label"] == "曾用姓名"
    assert again.status_code == 303
    assert form_edits.field_of(section("basic"), "former_name")["label"] == "曾用姓名"


def test_stale_presses_without_a_form_change_nothing(
    administrator: FlaskClient, draft: str
) -> None:
    press(administrator, f"{draft}section/basic/field", label="微信号", kind="text")
    before = the_draft().body

    for route, typed in (("undo", {}), ("arrange", {"do": "up/summary"})):
        answer = administrator.post(f"{draft}{route}", data={"version": "1", **typed})
        assert "The draft was changed meanwhile" in administrator.get(answer.location).text

    assert the_draft().body == before
    assert administrator.post(f"{draft}publish", data={"version": "1"}).status_code == 422
    assert the_draft().published_at is None


# faults, publication, preview


def test_faults_lead_to_their_place(administrator: FlaskClient, draft: str) -> None:
    press(administrator, f"{draft}section", label="空栏目", key="empty")
    press(
        administrator, f"{draft}section/basic/field", label="去向", kind="choice",
        dictionary="nation", key="gone",
    )  # fmt: skip
    press(administrator, f"{draft}remove/education/school")
    press(administrator, f"{draft}section/empty/field", label="某项", kind="text")
    db.session.execute(DictItem.__table__.delete().where(DictItem.kind == "health"))

    page = parse(administrator.get(f"{draft}publish").text)
    pressed = administrator.post(f"{draft}publish", data=seen())

    links = [one.get("href") for one in page.all("a")]
    assert f"{draft}#education" in links
    assert (pressed.status_code, "Not published" in pressed.text) == (422, True)


def test_preview_follows_the_chosen_facts_and_saves_nothing(
    administrator: FlaskClient, draft: str
) -> None:
    press(administrator, f"{draft}section/basic/field", label="绿色通道编号", kind="text",
          shown_when=["mode=green"])  # fmt: skip
    before = db.session.scalar(select(func.count()).select_from(AuditLog))

    pages = [
        administrator.get(f"{draft}preview?section=basic&mode={mode}").text
        for mode in ("green", "normal", "nonsense")
    ]

    assert ["绿色通道编号" in page for page in pages] == [True, False, False]
    assert db.session.scalar(select(func.count()).select_from(AuditLog)) == before
    assert administrator.get(f"{draft}preview?section=nowhere&width=x").status_code == 200


def test_preview_of_a_faulty_draft_says_what_is_wrong(
    administrator: FlaskClient, draft: str
) -> None:
    press(administrator, f"{draft}section", label="空栏目", key="empty")

    page = administrator.get(f"{draft}preview").text

    assert "The preview appears when this is corrected" in page
    assert "空栏目" in page


def test_published_version_is_shown_but_has_no_editor(administrator: FlaskClient) -> None:
    newest = form_definition.newest_version(db.session())
    address = f"/g/form/{newest}/"

    page = administrator.get(address).text
    edited = administrator.post(f"{address}section/basic", data={"label": "改", "version": "1"})

    assert "stays as it is" in page
    assert f"{address}section/basic" not in page
    assert "cannot be changed. Begin a new draft" in administrator.get(edited.location).text
    assert form_versions.published()[-1].revision == 1


def test_every_change_is_in_the_audit_trail(administrator: FlaskClient, draft: str) -> None:
    press(administrator, f"{draft}section/basic/field", label="微信号", kind="text")
    press(administrator, f"{draft}publish")

    rows = db.session.scalars(select(AuditLog).where(AuditLog.kind.like("form_%")))

    assert [(row.kind, row.details["what"]) for row in rows] == [
        ("form_change", "begun"),
        ("form_change", "field_added"),
        ("form_publish", "published"),
    ]


# files


def test_version_goes_out_and_comes_in_as_the_draft(administrator: FlaskClient, app: Flask) -> None:
    newest = form_definition.newest_version(db.session())
    exported = administrator.get(f"/g/form/{newest}/export.json")
    body = json.loads(exported.data)
    body["title"] = "外省申报表"
    content = json.dumps(body).encode()

    first = administrator.post(
        "/g/form/import", data={"file": (BytesIO(content), "form.json"), "version": "0"}
    )
    page = administrator.get("/g/form/import").text
    again = administrator.post(
        "/g/form/import", data={"file": (BytesIO(exported.data), "form.json"), "version": "1"}
    )

    assert exported.headers["Content-Disposition"].startswith("attachment")
    assert (first.status_code, again.status_code) == (303, 303)
    assert "the file takes its place" in page
    assert the_draft().title != "外省申报表"
    press(administrator, f"/g/form/{newest + 1}/undo")
    assert the_draft().title == "外省申报表"


# kinds of material


def test_condition_of_a_kind_of_material_is_ticked(administrator: FlaskClient) -> None:
    address = "/console/material-kind/edit/?id=social_insurance"
    kind = db.session.get_one(MaterialKind, "social_insurance")
    typed = {name: str(getattr(kind, name)) for name in ("code", "name", "max_mb", "max_count", "order", "version")}  # fmt: skip
    page = parse(administrator.get(address).text)
    ticked = [one.get("value") for one in page.all("input") if one.has("checked")]

    saved = administrator.post(
        address,
        data={**typed, "condition": ["by=applicant", "level=1"], "required_when": "mode=green"},
    )
    stored = kind.condition, kind.required_when
    refused = administrator.post(address, data={**typed, "condition": ["moon=full"]})

    assert "by=applicant" in ticked
    assert saved.status_code == 302
    assert stored == ({"by": ["applicant"], "level": ["1"]}, {"mode": ["green"]})
    assert "What was ticked is not offered any more" in refused.text
    assert kind.condition == stored[0]
    listed = parse(administrator.get("/console/material-kind/").text).text
    assert "Level: Senior (full)" in listed


# who may


ADDRESSES = (
    "", "import", "9/", "9/section", "9/section/basic", "9/section/basic/field", "9/section/basic/field/nation",
    "9/section/basic/rules", "9/section/basic/rules/order", "9/remove/basic", "9/remove/basic/nation", "9/texts",
    "9/preview", "9/publish", "9/discard", "9/export.json",
)  # fmt: skip
PRESSES = ("begin", "9/arrange", "9/undo", "9/section/basic/rules/0/remove")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSADMIN])
def test_other_roles_get_in_nowhere(role: Role, app: Flask, session: Session) -> None:
    client = enter(app, factories.actor(role))

    answers = {client.get(f"{LIST}{address}").status_code for address in ADDRESSES}
    answers |= {client.post(f"{LIST}{address}").status_code for address in (*ADDRESSES[1:], *PRESSES) if not address.endswith(("9/", "preview", "json", "rules"))}  # fmt: skip

    assert answers == {403}
    assert form_versions.draft() is None


def test_strangers_are_led_to_the_sign_in(client: FlaskClient) -> None:
    answers = [client.get(f"{LIST}{address}") for address in ADDRESSES]

    assert {answer.status_code for answer in answers} == {302}
    assert signing.is_anonymous(client)
