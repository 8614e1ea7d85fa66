"""The page of texts: searching, typing, refusals, pointing; what is published stands on every page."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.enums import Role
from app.extensions import db
from app.models import Override
from tests.conftest import TESTING
from tests.support import factories as make
from tests.support.counting import statements_of
from tests.support.signing import COOKIE, client_of, cookie
from tests.support.words import author, cell, chinese, collected, published

PAGE = "/g/words/"
REPORT = "Report"


def name(text: str) -> str:
    return " ".join(cell(text)[:2])


def save(client: FlaskClient, text: str, typed: str, was: str = "", **more: object) -> TestResponse:
    form = {"cell": [name(text)], "was": [was or text], "text": [typed]}
    return client.post(f"{PAGE}save", data=form | more)


def drafted(session: Session) -> list[object]:
    session.expire_all()
    return list(session.scalars(select(Override.new).where(Override.area == "words")))


def test_page_is_short_whatever_is_looked_for(sysadmin: FlaskClient) -> None:
    everything = sysadmin.get(PAGE)
    found = sysadmin.get(f"{PAGE}?q=the")

    assert everything.text.count('class="card word"') == 20
    assert found.text.count('class="card word"') == 20
    assert sysadmin.get(f"{PAGE}?q=qqzzqq").status_code == 200
    assert sysadmin.get(f"{PAGE}?page=x").status_code == 200
    assert sysadmin.get(f"{PAGE}?page=99999").status_code == 200
    assert statements_of(sysadmin, f"{PAGE}?q=the") == statements_of(sysadmin, f"{PAGE}?q=Report")


def test_text_names_the_menus_that_show_it(sysadmin: FlaskClient) -> None:
    assert "1.1.2" in sysadmin.get(f"{PAGE}?q={REPORT}").text


def test_typed_text_is_collected_and_stands_beside_its_default(
    sysadmin: FlaskClient, session: Session
) -> None:
    done = save(sysadmin, REPORT, "Send up", q=REPORT)
    page = sysadmin.get(f"{PAGE}?different=1").text

    assert (done.status_code, drafted(session)) == (303, ["Send up"])
    assert page.count('class="card word"') == 1
    assert "By default: Report" in page
    assert "Draft: 1 changes" in page


def test_draft_is_previewed_by_its_author_alone(
    sysadmin: FlaskClient, app: Flask, session: Session
) -> None:
    save(sysadmin, "Messages", "Post box")
    colleague = client_of(app, make.position(Role.SYSADMIN, user=make.user()))
    before = sysadmin.get("/").text
    sysadmin.post("/g/customise/preview", data={"on": "1"})

    assert "Post box" not in before
    assert "Post box" in sysadmin.get("/").text
    assert "Post box" not in colleague.get("/").text

    save(sysadmin, "Messages", "Letter box", was="Post box")
    assert "Letter box" in sysadmin.get("/").text


def test_restoring_collects_the_default_and_keeps_what_else_was_typed(
    sysadmin: FlaskClient, session: Session
) -> None:
    published(author(), {cell(REPORT): "Send up"})
    form = {
        "cell": [name(REPORT), name("Messages")],
        "was": ["Send up", "Messages"],
        "text": ["Send up", "Post box"],
        "restore": name(REPORT),
    }

    sysadmin.post(f"{PAGE}save", data=form)

    draft = session.scalars(select(Override)).all()
    changed = {(one.target, one.new) for one in draft if one.old != one.new}
    assert changed >= {("en", "Report"), ("en", "Post box")}


@pytest.mark.parametrize(
    ("text", "typed", "said"),
    [
        ("Draft: %(count)s changes", "Draft with changes", "Keep %(count)s"),
        ("Draft: %(count)s changes", "Draft: %(count)s of %(nosuch)s", "no value for %(nosuch)s"),
        (REPORT, "<script>alert(1)</script>", "mark of a web page"),
        (REPORT, "字" * 10_000, "10000 characters"),
        (REPORT, " ", "Type a text"),
    ],
)
def test_bad_text_is_refused_at_its_field_and_stays_typed(
    sysadmin: FlaskClient, session: Session, text: str, typed: str, said: str
) -> None:
    page = save(sysadmin, text, typed)

    assert (page.status_code, drafted(session)) == (422, [])
    assert said in page.text
    assert 'aria-invalid="true"' in page.text
    assert "<script>alert" not in page.text
    assert typed.strip()[:5].replace("<", "&lt;") in page.text


def test_text_in_a_colleagues_draft_is_refused_at_its_field(
    sysadmin: FlaskClient, session: Session
) -> None:
    collected(author("吴语"), {cell(REPORT): "Send up"})

    page = save(sysadmin, REPORT, "Hand up")

    assert page.status_code == 422
    assert "吴语 changes this already" in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Hand up" in page.text


def test_text_that_was_published_meanwhile_is_not_overwritten_unseen(
    sysadmin: FlaskClient, session: Session
) -> None:
    published(author("吴语"), {cell(REPORT): "Send up"})

    page = save(sysadmin, REPORT, "Hand up", was=REPORT)
    again = save(sysadmin, REPORT, "Hand up", was="Send up")

    assert page.status_code == 422
    assert "Meanwhile this became “Send up”" in page.text
    assert again.status_code == 303


def test_unknown_key_and_torn_form_are_refused(sysadmin: FlaskClient, session: Session) -> None:
    form = {"cell": ["en nosuch #1"], "was": ["a"], "text": ["b"]}
    unknown = sysadmin.post(f"{PAGE}save", data=form)
    restored = sysadmin.post(f"{PAGE}save", data={"restore": "fr nosuch #1"})
    torn = sysadmin.post(f"{PAGE}save", data={"cell": [name(REPORT)], "text": ["b"]})

    assert (unknown.status_code, restored.status_code, torn.status_code) == (422, 422, 400)
    assert "There is nothing of this name to change" in unknown.text
    assert drafted(session) == []


def test_only_the_system_administrator_has_the_page(
    secadmin: FlaskClient, client: FlaskClient
) -> None:
    assert secadmin.get(PAGE).status_code == 403
    assert secadmin.post(f"{PAGE}point", data={"on": "1"}).status_code == 403
    assert client.get(PAGE).status_code == 302


def test_pointing_is_turned_on_and_off(sysadmin: FlaskClient) -> None:
    on = sysadmin.post(f"{PAGE}point", data={"on": "1", "next": "/g/units/"})
    pages = [sysadmin.get(path).text for path in ("/g/units/", "/nosuch", PAGE)]
    sysadmin.post(f"{PAGE}point", data={"next": "https://elsewhere.example/"})

    assert on.location == "/g/units/"
    assert ["pointing.js" in page for page in pages] == [True, True, False]
    assert "End pointing" in pages[2]
    assert "data-pointing" not in sysadmin.get("/g/units/").text


def test_published_words_stand_on_pages_without_sign_in_and_in_faults(
    client: FlaskClient, session: Session
) -> None:
    title = "Professional title application and review"
    published(author(), {chinese(title): "本省职称", chinese("To the home page"): "回首页"})

    assert "本省职称" in client.get("/login/").text
    assert "回首页" in client.get("/nosuch").text


def test_guide_shows_what_was_published_in_its_place(
    sysadmin: FlaskClient, session: Session
) -> None:
    published(author(), {("guide", "1.1.2 functions", ""): "支持查询；\n支持报送。"})

    page = sysadmin.get("/guide/1.1.2").text
    assert "<li>支持报送。</li>" in page
    assert "支持上报" not in page


# several workers


@pytest.fixture
def other(app: Flask) -> Iterator[Flask]:
    """A second worker on the same database."""
    same = ("DATA_DIR", "SQLALCHEMY_DATABASE_URI", "SECRET_KEY")
    worker = create_app({**TESTING, **{name: app.config[name] for name in same}})
    yield worker
    with worker.app_context():
        db.session.remove()
        db.engine.dispose()


def test_two_workers_show_the_words_at_the_next_request(
    app: Flask, session: Session, sysadmin: FlaskClient, other: Flask
) -> None:
    twin = other.test_client()
    twin.set_cookie(COOKIE, cookie(sysadmin))
    outside = (app.test_client(), other.test_client())
    before = [one.get("/").text.count("Post box") for one in (sysadmin, twin)]

    published(author(), {cell("Messages"): "Post box", chinese("Server time"): "现在时间"})

    assert before == [0, 0]
    assert ["Post box" in one.get("/").text for one in (sysadmin, twin)] == [True, True]
    assert ["现在时间" in one.get("/login/").text for one in outside] == [True, True]


def test_words_cost_no_statement_after_the_first_request(
    session: Session, sysadmin: FlaskClient
) -> None:
    sysadmin.get("/g/units/")
    usual = statements_of(sysadmin, "/g/units/")
    published(author(), {cell("Messages"): "Post box"})

    first = statements_of(sysadmin, "/g/units/")

    # rights and changed values are kept under one stamp, and both read again once
    assert first <= usual + 2
    assert statements_of(sysadmin, "/g/units/") == usual
