"""Sections through HTTP: saving by itself, two devices, a sign-in that ended, rows, filling in beforehand."""

import html
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role
from app.ground import clock
from app.models import Application, Person
from app.services.dossier import dossier
from tests.bad_input.applicant import section_url as url
from tests.services import dossiers
from tests.services.dossiers import rows_of as stored
from tests.support import factories, signing
from tests.support.counting import statements
from tests.support.factories import applicant

Me = tuple[FlaskClient, Person]
AUTOSAVE_STATEMENTS = 8
"""Settings, sign-in, rights, application with person and unit, the form's number, the section; two writes."""
TEMPLATE = re.compile(r"<template.*?</template>", re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
KEPT = re.compile(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', re.DOTALL)


@pytest.fixture
def me(client: FlaskClient) -> Me:
    person, position = applicant()
    return signing.english(signing.signed_in(client, position)), person


@pytest.fixture
def draft(me: Me) -> Application:
    return factories.application(person=me[1])


def hidden(page: Any) -> dict[str, str]:
    return {name: html.unescape(text) for name, text in HIDDEN.findall(TEMPLATE.sub("", page.text))}


def units(application: Application) -> list[Any]:
    return [row["unit"] for row in stored(application)]


def fill(application: Application, *names: str, key: str = "work") -> None:
    known = dossier.stored(application).get(key)
    dossier.save_section(
        application,
        key,
        [{"unit": name} for name in names],
        actor=dossiers.owner_of(application.person),
        at=clock.now(),
        seen_revision=known.revision if known else 0,
    )


def form_of(page: Any, **change: str) -> dict[str, str]:
    """Return what a browser without scripts sends from a page, with some of it typed over."""
    text = TEMPLATE.sub("", page.text)
    typed = dict(re.findall(r'name="(rows-\d+-[a-z_]+)"[^>]*? value="([^"]*)"', text))
    sent = {name: html.unescape(text) for name, text in typed.items()} | hidden(page)
    return sent | {"do": "save"} | change


# by itself


def test_saving_by_itself_answers_with_little(me: Me, draft: Application) -> None:
    client, _person = me
    fill(draft, "甲")
    sent = {"revision": 1, "set": {"r0": {"unit": ["甲", "湖南省交通设计院"]}}}

    answer = client.post(url(draft), json=sent)

    assert answer.status_code == 200
    assert set(answer.json) == {"saved_at", "revision"}
    assert len(answer.data) < 80
    assert len(json.dumps(sent, ensure_ascii=False).encode()) < 120
    assert units(draft) == ["湖南省交通设计院"]


def test_saving_by_itself_takes_few_statements(me: Me, draft: Application) -> None:
    client, _person = me
    fill(draft, "甲")
    address = url(draft)
    client.get(address)

    with statements() as sent:
        client.post(address, json={"revision": 1, "set": {"r0": {"unit": ["甲", "乙"]}}})

    assert len(sent) <= AUTOSAVE_STATEMENTS, "\n".join(sent)


def test_saving_by_itself_tells_how_it_was_written(me: Me, draft: Application) -> None:
    client, _person = me

    answer = client.post(url(draft), json={"revision": 0, "add": {"n1": {"unit": " ＡＢ厂 "}}})

    assert answer.json["texts"] == {"n1": {"unit": "AB厂"}}
    assert units(draft) == ["AB厂"]


def test_saving_by_itself_keeps_the_rest_of_what_cannot_be_read(me: Me, draft: Application) -> None:
    client, _person = me
    sent = {"revision": 0, "add": {"n1": {"unit": "甲", "started": "2019-13"}}}

    answer = client.post(url(draft), json=sent)

    assert answer.status_code == 200
    assert [one[:2] for one in answer.json["faults"]] == [["n1", "started"]]
    assert "2019-13" in answer.json["faults"][0][2]
    assert units(draft) == ["甲"]


@pytest.mark.parametrize("body", ["", "[]", '"x"', '{"set": 7}', "{", '{"add": {"<": {}}}'])
def test_a_request_that_no_page_sends_is_refused(me: Me, draft: Application, body: str) -> None:
    client, _person = me

    answer = client.post(
        url(draft),
        data=body,
        content_type="application/json",
        headers={"Accept": "application/json"},
    )

    assert answer.status_code == 400
    assert stored(draft) == []


# two devices


def test_other_fields_of_two_devices_are_merged_and_said_so(me: Me, draft: Application) -> None:
    client, _person = me
    fill(draft, "甲", "乙")
    client.post(url(draft), json={"revision": 1, "set": {"r0": {"unit": ["甲", "丙"]}}})

    answer = client.post(url(draft), json={"revision": 1, "set": {"r1": {"duty": ["", "总工"]}}})

    assert answer.status_code == 200
    assert [(row["unit"], row["duty"]) for row in stored(draft)] == [("丙", None), ("乙", "总工")]
    assert answer.json["rows"][0][1]["unit"] == "丙"


def test_the_same_field_of_two_devices_is_shown_not_overwritten(me: Me, draft: Application) -> None:
    client, _person = me
    fill(draft, "甲")
    client.post(url(draft), json={"revision": 1, "set": {"r0": {"unit": ["甲", "手机"]}}})
    sent = {"revision": 1, "set": {"r0": {"unit": ["甲", "电脑"], "duty": ["", "总工"]}}}

    answer = client.post(url(draft), json=sent)

    assert answer.status_code == 409
    assert [one[3:] for one in answer.json["conflicts"]] == [["电脑", "手机"]]
    assert [(row["unit"], row["duty"]) for row in stored(draft)] == [("手机", "总工")]


def conflict(client: FlaskClient, draft: Application) -> Any:
    """Return the comparison after the phone was faster."""
    fill(draft, "甲", "乙")
    page = client.get(url(draft))
    fill(draft, "手机", "乙")
    sent = form_of(page, **{"rows-0-unit": "电脑", "rows-1-unit": "丁", "do": "next"})
    return client.post(url(draft), data=sent)


def test_without_a_script_both_values_are_compared(me: Me, draft: Application) -> None:
    client, _person = me

    page = conflict(client, draft)

    assert page.status_code == 409
    assert "电脑" in page.text
    assert "手机" in page.text
    assert page.text.count('type="radio"') == 2
    assert units(draft) == ["手机", "丁"]


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        ({"pick.r0.unit": "mine", "do": "next"}, "电脑"),
        ({"pick.r0.unit": "theirs", "do": "next"}, "手机"),
        ({"pick.r0.unit": "theirs", "all": "mine"}, "电脑"),
        ({"pick.r0.unit": "mine", "all": "theirs"}, "手机"),
    ],
)
def test_what_is_chosen_stays(
    me: Me, draft: Application, chosen: dict[str, str], kept: str
) -> None:
    client, _person = me
    page = conflict(client, draft)
    sent = hidden(page) | {
        name: html.unescape(text)
        for name, text in re.findall(
            r'<textarea name="([^"]+)" hidden>\n([^<]*)</textarea>', page.text
        )
    }

    answer = client.post(url(draft), data=sent | chosen)

    assert answer.status_code == 303
    assert units(draft) == [kept, "丁"]
    assert ("/section/" in answer.location and "work" not in answer.location) == ("do" in chosen)


def test_a_row_removed_on_one_device_and_changed_on_the_other_waits(
    me: Me, draft: Application
) -> None:
    client, _person = me
    fill(draft, "甲", "乙")
    page = client.get(url(draft))
    client.post(url(draft), json={"revision": 1, "set": {"r1": {"unit": ["乙", "改"]}}})

    answer = client.post(url(draft), data=form_of(page, do="remove.1"))

    assert answer.status_code == 409
    assert "(the row was removed)" in answer.text
    assert units(draft) == ["甲", "改"]
    sent = hidden(answer) | {"rows-0-unit": "甲", "pick.r1._row": "mine"}
    client.post(url(draft), data=sent)
    assert units(draft) == ["甲"]


# a sign-in that ended


def end_session(client: FlaskClient) -> None:
    client.post("/logout/")


def with_tokens(app: Flask) -> None:
    app.config |= {"WTF_CSRF_ENABLED": True, "WTF_CSRF_CHECK_DEFAULT": True}


def test_an_ended_sign_in_is_told_to_the_page_that_saves_by_itself(
    me: Me, draft: Application
) -> None:
    client, _person = me
    end_session(client)

    answer = client.post(
        url(draft),
        json={"revision": 0, "add": {"n1": {"unit": "甲"}}},
        headers={"Accept": "application/json"},
    )

    assert answer.status_code == 401
    assert answer.is_json
    assert stored(draft) == []


def test_without_a_script_an_ended_sign_in_loses_nothing(
    app: Flask, me: Me, draft: Application
) -> None:
    client, person = me
    position = factories.position(Role.APPLICANT, user=person.user)
    with_tokens(app)
    page = client.get(url(draft))
    sent = form_of(page, **{"rows-0-unit": "打了很久的字\n<b>", "rows-0-duty": "总工"})
    app.config["WTF_CSRF_ENABLED"] = False
    end_session(client)
    app.config["WTF_CSRF_ENABLED"] = True

    answer = client.post(url(draft), data=sent)

    assert answer.status_code == 401
    assert f"/login/?next={url(draft)}" in answer.text
    kept = {name: html.unescape(text) for name, text in KEPT.findall(answer.text)}
    assert kept["rows-0-unit"] == "打了很久的字\n<b>"
    app.config["WTF_CSRF_ENABLED"] = False
    signing.english(signing.signed_in(client, position))
    app.config["WTF_CSRF_ENABLED"] = True
    shown = client.post(url(draft), data=kept | {"rows-0-unit": "打了很久的字"})
    assert shown.status_code == 400
    assert 'value="打了很久的字"' in shown.text
    assert "Press save again" in shown.text
    assert stored(draft) == []
    saved = client.post(url(draft), data=form_of(shown))
    assert saved.status_code == 303
    assert [(row["unit"], row["duty"]) for row in stored(draft)] == [("打了很久的字", "总工")]


def test_a_page_that_outlived_its_sign_in_is_given_a_new_token(
    app: Flask, me: Me, draft: Application
) -> None:
    client, _person = me
    with_tokens(app)
    sent = {"revision": 0, "add": {"n1": {"unit": "甲"}}}

    stale = client.post(url(draft), json=sent)
    fresh = client.post(url(draft), json=sent, headers={"X-CSRFToken": stale.json["csrf_token"]})

    assert (stale.status_code, stale.json["stale"], fresh.status_code) == (400, True, 200)
    assert units(draft) == ["甲"]


def test_a_form_without_its_token_saves_nothing(app: Flask, me: Me, draft: Application) -> None:
    client, _person = me
    with_tokens(app)

    answer = client.post(url(draft), data={"revision": "0", "rows-0-unit": "甲"})

    assert answer.status_code == 400
    assert 'value="甲"' in answer.text
    assert stored(draft) == []


def test_the_sign_in_leads_back_to_the_field(client: FlaskClient) -> None:
    _person, position = applicant()
    user = signing.give_password(position.user)
    target = "/me/application/1/section/work#rows-2-unit"

    answer = client.post(
        "/login/",
        data={"username": user.username, "password": signing.PASSWORD, "next": target},
    )

    assert answer.location == target


# rows


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        ("up.1", ["乙", "甲", "丙"]),
        ("up.0", ["甲", "乙", "丙"]),
        ("down.1", ["甲", "丙", "乙"]),
        ("down.2", ["甲", "乙", "丙"]),
        ("copy.0", ["甲", "甲", "乙", "丙"]),
        ("remove.1", ["甲", "丙"]),
        ("remove.9", ["甲", "乙", "丙"]),
    ],
)
def test_rows_are_ordered_copied_and_removed(
    me: Me, draft: Application, wish: str, names: list[str]
) -> None:
    client, _person = me
    fill(draft, "甲", "乙", "丙")

    answer = client.post(url(draft), data=form_of(client.get(url(draft)), do=wish))

    assert answer.status_code == 303
    assert units(draft) == names


def test_a_removed_row_can_be_put_back(me: Me, draft: Application) -> None:
    client, _person = me
    fill(draft, "甲", "乙")
    answer = client.post(url(draft), data=form_of(client.get(url(draft)), do="remove.0"))
    page = client.get(answer.location)
    assert "1 rows removed" in page.text

    client.post(url(draft), data=form_of(page, do="put_back"))

    assert units(draft) == ["甲", "乙"]
    assert "rows removed" not in client.get(url(draft)).text


def test_more_rows_than_allowed_are_refused_and_kept(me: Me, draft: Application) -> None:
    client, _person = me
    section = dossier.form_of(draft).section("work")
    assert section is not None
    typed = {f"rows-{number}-unit": f"单位{number}" for number in range(section.max_rows + 1)}

    answer = client.post(url(draft), data={"revision": "0", **typed})

    assert answer.status_code == 422
    assert f"at most {section.max_rows}" in answer.text
    assert all(f'value="{name}"' in answer.text for name in typed.values())


def test_the_page_says_how_many_rows_fit(me: Me, draft: Application) -> None:
    client, _person = me
    fill(draft, "甲", "乙")

    assert "2 of at most 30 rows." in client.get(url(draft)).text


def test_a_page_of_full_sections_stays_light(me: Me, draft: Application) -> None:
    client, _person = me
    fill(draft, *(f"湖南省交通设计院第{number}分院" for number in range(5)))

    page = client.get(url(draft))

    assert len(page.data) < 150_000


def test_four_byte_characters_come_back_as_typed(me: Me, draft: Application) -> None:
    client, _person = me
    name = "\U00020000\U00030000厂"

    client.post(url(draft), data=form_of(client.get(url(draft)), **{"rows-0-unit": name}))

    assert f'value="{name}"' in client.get(url(draft)).text


def test_a_returned_field_shows_its_reason_and_its_old_value(me: Me, draft: Application) -> None:
    client, _person = me
    fill(draft, "甲")
    reason = {"reason": "单位不对", "fields": {"rows-0-unit": "请写全称"}}
    draft.state, draft.returned_sections = ApplicationState.RETURNED, {"work": reason}

    page = client.get(url(draft))

    assert "单位不对" in page.text
    assert "请写全称" in page.text


# filling in beforehand


def test_what_would_come_is_shown_before_and_can_be_undone(me: Me) -> None:
    client, person = me
    batch = factories.batch(review_year=factories.today().year - 1)
    old = factories.application(person=person, batch=batch)
    fill(old, "去年的单位")
    draft = factories.application(person=person)
    address = f"/me/application/{draft.id}/prefill"

    page = client.get(address)
    assert "去年的单位" in page.text
    assert stored(draft) == []

    done = client.post(address, data={"take": ["earlier.work"]})
    assert units(draft) == ["去年的单位"]
    assert "Filled in:" in done.text

    back = client.post(f"{address}/back", data=hidden(done))
    assert back.status_code == 303
    assert stored(draft) == []


@pytest.mark.parametrize("sent", ["", "7", "[]", '{"work": 7}', '{"nonsense": {"r0": {}}}'])
def test_an_undo_of_nothing_is_refused(me: Me, draft: Application, sent: str) -> None:
    client, _person = me

    answer = client.post(f"/me/application/{draft.id}/prefill/back", data={"filled": sent})

    assert answer.status_code == 303
    assert "nothing to put back" in client.get(answer.location).text
