"""Rows 1, 2 and 61: numbers that are none, a second account, tickets of others, and what else people type into the form."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.models import Person, User
from app.services.accounts import registration_tickets
from tests.bad_input import desk
from tests.support import factories
from tests.views.accounts.test_registration import code_of

NUMBER = "43009919920101105X"
PASSWORD = "Correct-horse-9"
TYPED = {
    "name": "向若溪", "id_kind": "resident", "id_number": NUMBER, "phone": "13800000000", "email": "",
    "consent": "y",
}  # fmt: skip
SECRETS = {"password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    return chinese(app)


def chinese(app: Flask) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as held:
        held["locale"] = "zh_Hans_CN"
    return client


def refused(client: FlaskClient, *says: str, url: str = "/r/", **typed: Any) -> str:
    """Check the refusal; passwords alone are typed again."""
    before = desk.stored()

    answer = client.post(url, data=TYPED | SECRETS | typed)

    said = desk.assert_answer(client, answer, 422, says)
    # that somebody tried is counted whatever comes of it
    assert desk.stored() == before
    page = answer.text
    for name, value in (TYPED | typed).items():
        if name not in ("password", "again", "consent", "id_kind", "sex") and value:
            assert escaped(value) in page, f"{name} is lost"
    assert PASSWORD not in page
    return said


def escaped(value: str) -> str:
    return (
        value.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&#34;")
        .replace("'", "&#39;")
    )


# row 1: the number


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("43009919850307101", "18"),
        ("4300991985030710100", "18"),
        ("430099198503071011", "校验"),
        ("43009919920101105", "18"),
        ("430099198502301010", "19850230"),
        ("430099198513011010", "19851301"),
        ("430099209903071010", "2099"),
        ("430099850307101", "15"),
        ("43009920150307101X", ""),
        ("430099190003071013", ""),
        ("43009919850307101O", "O"),
        ("4300991985030710１２", ""),
        ("Ａ３００９９１９８５０３０７１０１０", ""),
        ("４３００９９１９８５０３０７１０１１", "校验"),
        ("x30099198503071010", "X"),
        ("' OR 1=1 --", ""),
        ("0" * 18, ""),
        ("-30099198503071010", ""),
        ("４３００９９１９８５０３０７１０", ""),
        ("", ""),
    ],
)
def test_wrong_number_is_refused_at_its_field(phone: FlaskClient, number: str, says: str) -> None:
    refused(phone, "证件号", says, id_number=number)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("passport", "ABCDEFGH"), ("passport", "E1"), ("passport", "护照1234567"), ("passport", "E" + "1" * 30),
        ("hmt_pass", "X12345678"), ("hmt_pass", "H1234567"),
        ("hmt_residence", "430099198503071010"), ("hmt_residence", "810000199001010001"),
        ("foreign_residence", "430099198503071010"), ("foreign_residence", "US1110085031101"),
        ("nothing", NUMBER), ("", NUMBER),
    ],
)  # fmt: skip
def test_wrong_number_of_another_kind_is_refused(
    phone: FlaskClient, kind: str, number: str
) -> None:
    refused(phone, id_kind=kind, id_number=number, sex="1", birth_date="1985-03-11")


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({}, "性别"),
        ({"sex": "1"}, "出生日期"),
        ({"sex": "3", "birth_date": "1985-03-11"}, "性别"),
        ({"sex": "1", "birth_date": "1985-02-30"}, "出生日期"),
        ({"sex": "1", "birth_date": "2099-01-01"}, "出生日期"),
        ({"sex": "1", "birth_date": "2015-01-01"}, "出生日期"),
        ({"sex": "1", "birth_date": "1901-01-01"}, "出生日期"),
    ],
)
def test_number_that_tells_nothing_needs_sex_and_birth(
    phone: FlaskClient, told: dict[str, str], says: str
) -> None:
    refused(phone, says, id_kind="passport", id_number="E12345678", **told)


# the other fields


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": "向"}, {"name": "<script>alert(1)</script>"}, {"name": "向\u200b若溪"}, {"name": "向1"},
        {"name": "向" * 51}, {"name": "😀😀"},
        {"phone": ""}, {"phone": "12345"}, {"phone": "23800000000"}, {"phone": "0731-12345678"},
        {"email": "x"}, {"email": "a@b"}, {"email": "a b@example.com"}, {"email": "a@example.com, b@example.com"},
        {"consent": ""},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_field_is_refused(phone: FlaskClient, wrong: dict[str, str]) -> None:
    refused(phone, **wrong)


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("", "", "密码"),
        ("Short-1", "Short-1", "10"),
        ("alllowercase", "alllowercase", "三种"),
        ("Correct-horse-9", "Correct-horse-8", "不一致"),
        ("Correct-horse-9", "", "确认密码"),
        (f"Zz-{NUMBER}", f"Zz-{NUMBER}", "证件号"),
        ("Tel-13800000000", "Tel-13800000000", "手机号"),
        ("Aa1-" * 40, "Aa1-" * 40, "128"),
    ],
)
def test_wrong_password_is_refused(
    phone: FlaskClient, password: str, again: str, says: str
) -> None:
    refused(phone, says, password=password, again=again)


def test_every_wrong_field_is_said_at_once(phone: FlaskClient) -> None:
    refused(
        phone,
        "真实姓名",
        "证件号",
        "手机",
        "邮箱",
        "确认密码",
        name="1",
        id_number="1",
        phone="1",
        email="1",
        again="x",
    )


def test_empty_form_is_refused(phone: FlaskClient) -> None:
    desk.assert_answer(phone, phone.post("/r/", data={}), 422, ("真实姓名",))


# row 2: one account per number


@pytest.mark.parametrize(
    "again",
    [
        NUMBER,
        NUMBER.lower(),
        f"  {NUMBER}",
        "4300 9919 9201 0110 5x",
        "４３００９９１９９２０１０１１０５ｘ",
    ],
)
def test_second_account_for_a_number_is_refused(phone: FlaskClient, again: str) -> None:
    factories.user(person=factories.person("向若水", id_number=NUMBER))

    answer = phone.post("/r/", data=TYPED | SECRETS | {"id_number": again})

    said = desk.assert_answer(phone, answer, 422, ("已有账号", "忘记密码"))
    assert "向若水" not in said
    assert (db.session.query(Person).count(), db.session.query(User).count()) == (1, 1)


def test_record_of_a_unit_under_another_name_is_refused(phone: FlaskClient) -> None:
    entered = factories.person("向若水", unit=factories.unit("长沙机床厂"), id_number=NUMBER)

    said = refused(phone, "经办人")

    assert "向若水" not in said
    assert "长沙机床厂" not in said
    db.session.refresh(entered)
    assert entered.user_id is None


def test_database_refuses_a_second_person_with_the_number(app: Flask) -> None:
    person = factories.person("向若溪", id_number=NUMBER)

    desk.assert_refused_twin(person, user_id=None)


# the ticket


@pytest.mark.parametrize(
    "forged", ["x", "a" * 32, "a" * 4000, "..%2F..%2Fetc", "%F0%9F%98%80", "'--"]
)
def test_forged_ticket_is_refused(phone: FlaskClient, forged: str) -> None:
    answer = phone.get(f"/r/{forged}")

    desk.assert_answer(phone, answer, 404, ("二维码" if "%2F" not in forged else "",))


def test_ticket_of_another_browser_is_refused(app: Flask, phone: FlaskClient) -> None:
    thief = chinese(app)
    path = code_of(chinese(app))
    thief.get(path)
    code_of(thief)

    answer = thief.post("/register/finish")

    desk.assert_answer(thief, answer, 422, ("尚未完成",))


@pytest.mark.parametrize("cookie", ["x", 1, None, [1, 2, 3], [1, "a"], {"a": 1}, ["1", "a", "b"]])
def test_cookie_of_another_form_is_no_ticket(phone: FlaskClient, cookie: Any) -> None:
    with phone.session_transaction() as held:
        held["ticket"] = held["reset"] = held["opened"] = cookie

    answers = [
        phone.get("/register/waiting"), phone.get("/register/state"), phone.post("/register/finish"),
        phone.get("/forgot/code"), phone.post("/forgot/again"), phone.get("/r/"),
    ]  # fmt: skip

    assert all(answer.status_code < 500 for answer in answers)
    assert answers[1].json["stage"] == "over"


def test_used_ticket_is_refused(app: Flask, phone: FlaskClient) -> None:
    path = code_of(chinese(app))
    issued = registration_tickets.complete(
        path.rpartition("/")[2], factories.user(), at=clock.now()
    )
    db.session.commit()

    answer = phone.get(path)

    assert issued
    desk.assert_answer(phone, answer, 404, ("只能使用一次",))


# the password forgotten


@pytest.mark.parametrize(
    "wrong",
    [
        {"id_number": ""}, {"id_number": "430099198503071011"}, {"id_number": "1"}, {"name": ""}, {"name": "1"},
        {"id_kind": "x"}, {"id_kind": ""}, {"id_number": "\u200b"},
    ],
    ids=str,
)  # fmt: skip
def test_nobody_is_asked_for_with_such_entries(phone: FlaskClient, wrong: dict[str, str]) -> None:
    typed = {"id_kind": "resident", "id_number": NUMBER, "name": "向若溪"} | wrong

    desk.assert_refused(phone, "/forgot/", typed)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"code": "12345"}, "6 位"),
        ({"code": "1234567"}, "6 位"),
        ({"code": "abcdef"}, "6 位"),
        ({"code": "１２３４５６"}, "验证码"),
        ({"code": ""}, "验证码"),
        ({"again": "Other-words-8"}, "不一致"),
        ({"new": "weak", "again": "weak"}, "10"),
        ({}, "验证码"),
    ],
)
def test_wrong_code_is_refused(phone: FlaskClient, typed: dict[str, str], says: str) -> None:
    with phone.session_transaction() as held:
        held["reset"] = ["a" * 64, "b" * 64, int(clock.now().timestamp())]
    sent = {"code": "123456", "new": PASSWORD, "again": PASSWORD} | typed

    answer = phone.post("/forgot/code", data=sent)

    desk.assert_answer(phone, answer, 422, (says,))
    assert PASSWORD not in answer.text


# row 61: the unit's Excel file, the rest of it in tests/views/accounts/test_unit_people.py


def test_person_of_another_unit_is_refused(app: Flask) -> None:
    clerk = desk.clerk(app, Role.UNIT, unit=factories.unit())
    factories.person("向若溪", unit=factories.unit("长沙机床厂"), id_number=NUMBER)
    typed = {
        "name": "向若溪",
        "id_kind": "resident",
        "id_number": NUMBER,
        "employment": "enterprise",
    }

    said = desk.assert_refused(clerk, "/g/unit-people/add", typed, "其他单位")

    assert "长沙机床厂" not in said
