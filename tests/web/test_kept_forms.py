"""A form that could not be taken is given back to its own sender, with everything typed, and does nothing before a press."""

import html
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import wtforms
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from app.enums import ApplicationState, Role
from app.extensions import db
from app.forms import accounts as account_forms
from app.models import Position, Series, Unit
from app.views.accounts import account
from app.web import kept_forms
from app.web.form_tokens import NOBODY, owner_of
from tests.bad_input import desk
from tests.journeys.markup import parse
from tests.support import factories, signing
from tests.support.pressing import LEADER

TYPED = "打了很久的理由：第2项论文缺封面 <b>、\n“引号” & 其他"
KEPT = re.compile(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', re.DOTALL)
HERE = {"Origin": "http://localhost"}
OWN_WAY = {"note_down", "sheet", "opine", "section", "login"}
"""Routes that check the token themselves and show the very form again."""


@pytest.fixture(autouse=True)
def with_tokens(app: Flask) -> None:
    app.config |= {"WTF_CSRF_ENABLED": True, "WTF_CSRF_CHECK_DEFAULT": True}


def sign_in(app: Flask, client: FlaskClient, position: Position) -> None:
    """Sign in as people do, which drops the session of before."""
    app.config["WTF_CSRF_ENABLED"] = False
    signing.english(signing.signed_in_by_password(client, position))
    app.config["WTF_CSRF_ENABLED"] = True


def sign_out(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client.post("/logout/")
    app.config["WTF_CSRF_ENABLED"] = True


def token_of(client: FlaskClient, url: str = "/session/") -> str:
    found = parse(client.get(url).text).all("input", name="csrf_token")
    return str(found[0].get("value"))


def sent(answer: Any, **more: Any) -> dict[str, Any]:
    """Return what the form that is given back would send."""
    token = parse(answer.text).all("input", name="csrf_token")[0].get("value")
    fields = MultiDict([(name, html.unescape(text)) for name, text in KEPT.findall(answer.text)])
    return {"csrf_token": token, **fields.to_dict(flat=False), **more}


@pytest.fixture
def position(app: Flask) -> Position:
    return factories.position(Role.SUPERIOR, unit=factories.unit("长沙市职改办"))


@pytest.fixture
def stale(app: Flask, client: FlaskClient, position: Position) -> tuple[FlaskClient, str]:
    """A client signed in anew, and the token of a page from before."""
    sign_in(app, client, position)
    token = token_of(client)
    sign_in(app, client, position)
    return client, token


def test_an_act_is_given_back_and_done_by_the_next_press(
    stale: tuple[FlaskClient, str], position: Position
) -> None:
    client, token = stale
    cases = [
        factories.application(state=ApplicationState.AT_SUPERIOR, superiors=(position.unit,))
        for _ in range(2)
    ]
    db.session.commit()
    rows = [f"{case.id}:{case.version}" for case in cases]
    typed = {"row": rows, "decision": "refuse", "way": "superior_return", "opinion": TYPED}

    answer = client.post("/g/1.1.3/act/audit", data={**typed, "csrf_token": token})

    assert answer.status_code == 400
    assert "what you typed is still here" in answer.text
    again = sent(answer)
    assert again["row"] == rows
    assert again["opinion"] == [TYPED]
    assert "打了很久的理由" in parse(answer.text).one("blockquote").text
    assert {case.state for case in cases} == {ApplicationState.AT_SUPERIOR}
    pressed = client.post("/g/1.1.3/act/audit", data=again)
    # the tag in the reason is refused by the form itself, which the token no longer stops
    assert pressed.status_code == 422
    assert "mark of a web page" in pressed.text


def name_of(rule: Rule) -> str:
    return rule.endpoint.rpartition(".")[2]


def value_for(rule: Rule, name: str) -> str:
    """Return what may stand for a variable of an address: its first choice, or a number."""
    return next(iter(sorted(getattr(rule._converters[name], "items", ()))), "1")


def addresses(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        is_api = rule.rule.startswith("/api/")
        if "POST" in (rule.methods or ()) and not is_api and name_of(rule) not in OWN_WAY:
            built = rule.build({name: value_for(rule, name) for name in rule.arguments})
            assert built is not None, rule
            yield rule, built[1]


def test_every_form_of_the_program_is_given_back(
    app: Flask, stale: tuple[FlaskClient, str]
) -> None:
    client, token = stale
    lost, before = [], desk.stored()
    known = list(addresses(app))

    for rule, address in known:
        answer = client.post(address, data={"csrf_token": token, "reason": TYPED, "row": "1:0"})
        if answer.status_code != 400 or html.escape(TYPED, quote=False)[:9] not in answer.text:
            lost.append((rule.endpoint, answer.status_code))

    assert lost == []
    assert len(known) > 60
    assert desk.stored() == before


def test_a_maintenance_page_is_given_back(app: Flask, client: FlaskClient) -> None:
    administrator = factories.position(Role.SYSADMIN)
    sign_in(app, client, administrator)
    token = token_of(client, "/console/series/new/")
    sign_in(app, client, administrator)

    answer = client.post(
        "/console/series/new/?url=/console/series/",
        data={"code": "98", "name": "新系列", "csrf_token": token},
    )
    again = client.post("/console/series/new/", data=sent(answer))

    assert answer.status_code == 400
    assert (again.status_code, db.session.get_one(Series, "98").name) == (302, "新系列")


def test_a_register_is_given_back(app: Flask, client: FlaskClient) -> None:
    administrator = factories.position(Role.SYSADMIN)
    sign_in(app, client, administrator)
    token = token_of(client)
    sign_in(app, client, administrator)
    typed = {
        "name": "湘江机电有限公司", "credit_code": factories.credit_code(), "kind": "private_firm", "region_code": "430100",
        "is_active": "y",
    }  # fmt: skip
    factories.region()
    db.session.commit()

    answer = client.post("/g/units/add", data={**typed, "csrf_token": token})
    again = client.post("/g/units/add", data=sent(answer))

    assert answer.status_code == 400
    assert again.status_code == 303, again.text
    assert db.session.scalar(select(Unit.name).where(Unit.credit_code == typed["credit_code"]))


def test_files_are_named_to_be_chosen_again(stale: tuple[FlaskClient, str]) -> None:
    client, token = stale
    files = [(io.BytesIO(b"%PDF"), "证明.pdf"), (io.BytesIO(b"%PDF"), "扫描.pdf")]

    answer = client.post(
        "/g/1.1.3/act/audit",
        data={"row": "1:0", "file": files, "csrf_token": token},
        content_type="multipart/form-data",
    )

    page = parse(answer.text)
    form = page.one("form", enctype="multipart/form-data")
    chosen = form.one("input", type="file")
    assert chosen.get("name") == "file"
    assert chosen.has("multiple")
    assert "证明.pdf" in form.text
    assert "扫描.pdf" in form.text


def test_no_password_is_shown_again(stale: tuple[FlaskClient, str]) -> None:
    client, token = stale
    typed = {"old": "Geheim-old-1", "new": "Geheim-new-1", "again": "Geheim-new-1"}

    answer = client.post("/session/password", data={**typed, "csrf_token": token})

    assert answer.status_code == 400
    assert "Geheim" not in answer.text
    asked = parse(answer.text).all("input", type="password")
    assert [one.get("name") for one in asked] == ["old", "new", "again"]


def test_every_password_is_known_as_one() -> None:
    forms = [
        one
        for module in (account, account_forms)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, wtforms.Form)
    ]

    names = {
        name
        for form in forms
        for name in dir(form)
        if getattr(getattr(form, name), "field_class", None) is wtforms.PasswordField
    }

    assert names == kept_forms.PASSWORDS


def test_the_form_of_somebody_else_is_not_given_back(
    app: Flask, stale: tuple[FlaskClient, str]
) -> None:
    client, token = stale
    sign_in(app, client, factories.position(Role.SUPERIOR))

    answer = client.post(
        "/g/1.1.3/act/audit", data={"row": "1:0", "opinion": TYPED, "csrf_token": token}
    )

    assert answer.status_code == 400
    assert "does not belong to your present sign-in" in answer.text
    assert "打了很久" not in answer.text
    assert not parse(answer.text).all("textarea")


@pytest.mark.parametrize("token", ["", "x", "IjEuMTIi.x.y"])
def test_a_form_without_a_token_of_ours_is_not_given_back(
    stale: tuple[FlaskClient, str], token: str
) -> None:
    client, _token = stale

    answer = client.post("/g/1.1.3/act/audit", data={"opinion": TYPED, "csrf_token": token})

    assert answer.status_code == 400
    assert "打了很久" not in answer.text


@pytest.mark.parametrize(
    ("headers", "is_kept"),
    [
        (HERE, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Referer": "http://localhost/public/certificates/"}, True),
        ({}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Sec-Fetch-Site": "cross-site", **HERE}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_a_form_from_before_the_sign_in_must_come_from_here(
    app: Flask, client: FlaskClient, headers: dict[str, str], is_kept: bool
) -> None:
    token = token_of(client, "/public/certificates/")
    client.delete_cookie(signing.COOKIE)

    answer = client.post(
        "/public/certificates/",
        data={"number": "4320", "name": "张三丰", "csrf_token": token},
        headers=headers,
    )

    assert answer.status_code == 400
    assert ("张三丰" in answer.text) is is_kept


def test_the_sign_in_page_comes_back_with_the_name(app: Flask, client: FlaskClient) -> None:
    user = signing.give_password(factories.user("向若溪"))
    signing.english(client)
    token = token_of(client, "/login/")
    client.delete_cookie(signing.COOKIE)
    signing.english(client)
    typed = {"username": user.username, "password": signing.PASSWORD, "next": "/session/"}

    stale = client.post("/login/", data={**typed, "csrf_token": token})

    page = parse(stale.text)
    assert stale.status_code == 400
    assert "The page had expired" in stale.text
    assert page.one("input", id="username").get("value") == user.username
    assert page.one("input", id="password").get("value") == ""
    fresh = page.all("input", name="csrf_token")[0].get("value")
    entered = client.post("/login/", data={**typed, "csrf_token": fresh})
    assert (entered.status_code, entered.location) == (302, "/session/")


def test_a_form_sent_after_the_sign_in_ended_waits_for_the_next_one(
    app: Flask, client: FlaskClient, position: Position
) -> None:
    sign_in(app, client, position)
    token = token_of(client)
    sign_out(app, client)
    case = factories.application(state=ApplicationState.AT_SUPERIOR, superiors=(position.unit,))
    db.session.commit()
    typed = {
        "row": f"{case.id}:{case.version}", "decision": "refuse", "way": "superior_return",
        "opinion": "第2项论文缺封面和目录，请补交。", **LEADER,
    }  # fmt: skip

    ended = client.post("/g/1.1.3/act/audit", data={**typed, "csrf_token": token})
    sign_in(app, client, position)
    shown = client.post("/g/1.1.3/act/audit", data=sent(ended))
    done = client.post("/g/1.1.3/act/audit", data=sent(shown))

    assert (ended.status_code, shown.status_code) == (401, 400)
    assert "第2项论文缺封面" in ended.text
    assert done.status_code == 303, done.text
    db.session.refresh(case)
    assert case.state is ApplicationState.RETURNED


def test_a_form_sent_in_a_pause_too_long_keeps_what_was_typed(
    app: Flask, client: FlaskClient, position: Position
) -> None:
    sign_in(app, client, position)
    token = token_of(client)
    with client.session_transaction() as held:
        held["sid"] = "ended-meanwhile"

    answer = client.post(
        "/g/1.1.3/act/audit", data={"row": "1:0", "opinion": TYPED, "csrf_token": token}
    )

    assert answer.status_code == 401
    assert "/login/?next=/g/1.1.3/act/audit" in answer.text
    assert "打了很久的理由" in answer.text
    assert sent(answer)["csrf_token"] == token


def test_a_form_is_given_back_when_the_system_is_busy(
    app: Flask, client: FlaskClient, position: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(app, client, position)
    token = token_of(client)

    def busy(**_values: Any) -> str:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setitem(app.view_functions, "SuperiorReviewView.act", busy)
    answer = client.post(
        "/g/1.1.3/act/audit", data={"row": "1:0", "opinion": TYPED, "csrf_token": token}
    )

    assert answer.status_code == 503
    assert "打了很久的理由" in answer.text
    assert sent(answer)["row"] == ["1:0"]


def test_tokens_say_whose_they_are(app: Flask, client: FlaskClient, position: Position) -> None:
    before = token_of(client, "/login/")
    sign_in(app, client, position)

    assert owner_of(before) == NOBODY
    assert owner_of(token_of(client)) == position.user_id
    assert owner_of(f"{before}x") is None
    assert re.fullmatch(r"[\w.-]+", before)
