"""Rows 1 to 4 and 62: numbers of persons and units, units from the register, texts as they are pasted."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Application, Person, Unit
from app.services.accounts import persons
from app.services.dossier import dossier
from tests.bad_input import desk
from tests.support import factories, world
from tests.support.pressing import LEADER

SCRIPT = "<script>alert(1)</script>"
UNSEEN = {
    f"湖{character}南": character for character in ("\u200b", "\u202e", "\ufeff", "\x07", "\u2800")
}
TYPED_UNITS = (" 长沙市一医院 ", "0", "-1", "1e3", "٣", "4294967297", "1;DROP TABLE unit", "..")


@pytest.fixture
def me(app: Flask) -> tuple[FlaskClient, Person]:
    person = factories.person(unit=factories.unit())
    return desk.clerk(app, Role.APPLICANT, person=person), person


Me = tuple[FlaskClient, Person]


# 1 and 2


def test_row_01_id_number_is_nobodys_to_type(me: Me, app: Flask) -> None:
    client, person = me
    number, index = person.id_number, person.id_index
    typed = {
        "phone": "13911112222",
        "employment": "enterprise",
        "unit_id": person.unit_id,
        "version": person.version,
    }
    forged = {"id_number": factories.id_number(), "id_index": "0" * 64, "id_kind": "passport"}

    answer = client.post("/me/person/", data=typed | forged)

    assert answer.status_code == 303
    assert (person.id_number, person.id_index) == (number, index)


def test_row_01_wrong_id_number_finds_nobody(app: Flask) -> None:
    unit = factories.unit()
    factories.application(
        ApplicationState.AT_UNIT, unit=unit, person=factories.person("欧阳春华", unit=unit)
    )
    client = desk.clerk(app, Role.UNIT, unit=unit)

    for wrong in ("43010119850307001X", "4301", "四三〇", "' OR 1=1 --", "%", "0" * 64):
        found = client.post("/g/1.1.4/search", data={"q.id_number": wrong})
        assert (found.status_code, wrong in found.location) == (303, False)
        assert "欧阳春华" not in client.get(found.location).text


def test_row_02_same_number_twice_is_refused_by_the_database(app: Flask) -> None:
    number = next(n for n in iter(factories.id_number, "") if n.endswith("X"))
    person = factories.person(id_number=number)

    assert persons.index_of(number.lower()) == persons.index_of(f" {number} ") == person.id_index
    desk.assert_refused_twin(person, user_id=None)


# 3


def wrong_codes(unit: Unit) -> dict[str, str]:
    right = factories.credit_code()
    swapped = right[:9] + right[10] + right[9] + right[11:]
    return {
        right[:17]: "17",
        right + "0": "19",
        right[:17] + ("A" if right[17] != "A" else "B"): "校验位",
        right[:16] + ("1" if right[16] != "1" else "2") + right[17]: "17",
        f"{right[:10]}I{right[11:]}": "I",
        f"12A{right[3:]}": "A",
        swapped if swapped != right else right[::-1]: "",
        "统一社会信用代码统一社会信用代码代码": "统",
        SCRIPT[:18]: "<",
        f" {unit.credit_code.lower()} ": unit.name,
        "": "",
    }


def test_row_03_wrong_credit_code_is_refused(app: Flask) -> None:
    known = factories.unit("长沙机床厂")
    client = desk.clerk(app, Role.SYSADMIN)
    typed = {"name": "湘江机械有限公司", "kind": "private_firm", "region_code": "430100"}

    for code, named in wrong_codes(known).items():
        desk.assert_refused(client, "/g/units/add", {"credit_code": code, **typed}, named)


def test_row_03_same_credit_code_twice_is_refused_by_the_database(app: Flask) -> None:
    desk.assert_refused_twin(factories.unit())


# 4


def test_row_04_unit_is_picked_from_the_register(me: Me) -> None:
    client, _person = me
    batch = factories.batch()
    title = factories.title()
    closed = factories.unit("已撤销单位", is_active=False)
    chosen = {
        "batch": batch.id,
        "mode": "normal",
        "level": "2",
        "title_code": title.code,
        "specialty_code": batch.committee.specialties[0].code,
    }

    for typed in (*TYPED_UNITS, closed.id, ""):
        desk.assert_refused(client, "/me/apply", chosen | {"unit_id": typed}, keeps=False)
        own = {"phone": "13911112222", "employment": "enterprise", "unit_id": typed or "x"}
        desk.assert_refused(client, "/me/person/", own, keeps=False)
    stranger = factories.unit("别人的单位")
    desk.assert_refused(client, "/me/apply", chosen | {"unit_id": stranger.id}, stranger.name)


def test_row_04_unit_that_is_not_registered_is_refused_by_the_database(me: Me) -> None:
    _client, person = me

    desk.assert_refused_change(person, unit_id=999_999)
    desk.assert_refused_change(factories.application(person=person), unit_id=999_999)


# 62


def test_row_62_section_refuses_what_cannot_be_seen_or_would_run(me: Me) -> None:
    client, person = me
    application = factories.application(person=person)
    url = f"/me/application/{application.id}/section"
    wrong = [(text, f"U+{ord(character):04X}") for text, character in UNSEEN.items()]
    wrong += [(SCRIPT, "<script"), ("<img src=x onerror=alert(1)>", "<img"), ("长" * 5001, "5001")]

    for text, named in wrong:
        typed = {"revision": "0", "rows-0-unit": text}
        desk.assert_refused(client, f"{url}/work", typed, named)
        desk.assert_refused(client, f"{url}/work".replace("/me/", "/m/"), typed, named)
    assert (
        client.post(f"{url}/work", data={"revision": "0", "rows-0-unit": "甲\0乙"}).status_code
        == 400
    )
    answer = client.post(f"{url}/work", data={"revision": "0", "rows-0-unit": SCRIPT})
    assert SCRIPT not in answer.text
    assert dossier.stored(application) == {}


def test_row_62_section_takes_rare_letters_and_counts_characters(me: Me) -> None:
    client, person = me
    application = factories.application(person=person)
    outcome = "🚀𠮷" * 20 + "，a < b，10²"

    answer = client.post(
        f"/me/application/{application.id}/section/achievements",
        data={"revision": "0", "rows-0-name": "湘江大桥🌉", "rows-0-outcome": outcome},
    )

    assert answer.status_code == 303
    [saved] = dossier.stored(application)["achievements"].rows
    assert (saved["name"], saved["outcome"]) == ("湘江大桥🌉", outcome)


def test_row_62_forms_of_staff_refuse_the_same(app: Flask) -> None:
    unit = factories.unit()
    client = desk.clerk(app, Role.UNIT, unit=unit)
    application = factories.application(ApplicationState.AT_UNIT, unit=unit)
    checked = factories.application(ApplicationState.CHECKED, unit=unit)
    notice: dict[str, Any] = {
        "application_ids": [str(checked.id)], "place": "公告栏", "contact": "王芳",
        "phone": "0731-12345678", "starts_on": factories.today().isoformat(),
    }  # fmt: skip
    back = {"row": desk.row(application), "decision": "refuse", "way": "check_return", **LEADER}

    for text in (*UNSEEN, SCRIPT, "长" * 5001):
        desk.assert_refused(client, "/g/1.1.1/add", notice | {"title": text})
        desk.assert_refused(client, "/g/1.1.1/check/act/audit", back | {"opinion": text})
    desk.assert_refused(
        client, "/g/1.1.1/add", notice | {"title": "公示", "phone": "见公告"}, "0731"
    )
    desk.assert_refused(client, "/g/1.1.1/add", notice | {"title": "甲\0乙"}, status=400)


def test_row_62_interface_for_programs_refuses_the_same(app: Flask) -> None:
    unit = factories.unit()
    application = factories.application(ApplicationState.AT_UNIT, unit=unit)
    position = factories.position(Role.UNIT, unit=unit)
    secret = world.token(factories.actor_of(position))
    client, act = app.test_client(), "FirstCheckView/act/audit"
    rows = [{"id": application.id, "version": application.version}]

    for text in (*UNSEEN, SCRIPT, "长" * 5001, "\0"):
        body = {"event": "check_return", "rows": rows, "opinion": text}
        desk.assert_refused_by_api(client, secret, act, body)
    for more in ({"details": [1]}, {"details": "x"}, {"rows": "x"}, {"rows": [{"id": True}]}, {"rows": []},
                 {"event": []}, {"event": {}}, {"opinion": {}}, {"rows": [{"id": 2**62}]}):  # fmt: skip
        body = {"event": "check_return", "rows": rows, "opinion": "材料不完整，请补充"} | more
        desk.assert_refused_by_api(client, secret, act, body)
    assert db.session.get_one(Application, application.id).state is ApplicationState.AT_UNIT
