"""The two menus of canned phrases, and the list that fields offer."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Phrase
from tests.support import factories as f
from tests.support.signing import client_of


@pytest.fixture(autouse=True)
def none_yet(app: Flask) -> None:
    """Take the phrases away with which an installation begins."""
    db.session.execute(delete(Phrase))


@pytest.fixture
def clerk(app: Flask) -> FlaskClient:
    return client_of(app, f.position(Role.UNIT, unit=f.unit()))


@pytest.fixture
def administrator(app: Flask) -> FlaskClient:
    return client_of(app, f.position(Role.SYSADMIN))


def offered(client: FlaskClient) -> list[str]:
    answer = client.get("/phrases/")
    assert answer.status_code == 200
    told: list[str] = answer.get_json()["phrases"]
    return told


def test_administrator_keeps_phrases_of_a_role(
    clerk: FlaskClient, administrator: FlaskClient
) -> None:
    typed = {"role": "unit", "text": "经核对，与原件一致。", "order": "", "is_active": "y"}
    saved = administrator.post("/g/phrases/add", data=typed)

    assert saved.status_code == 303
    assert offered(clerk) == ["经核对，与原件一致。"]
    assert "经核对" in administrator.get("/g/phrases/").text


def test_clerk_keeps_own_phrases_which_nobody_else_sees(app: Flask, clerk: FlaskClient) -> None:
    other = client_of(app, f.position(Role.UNIT, unit=f.unit()))
    clerk.post("/g/own-phrases/add", data={"text": "请补充学位证书。", "is_active": "y"})
    kept = db.session.query(Phrase).one()

    assert offered(clerk) == ["请补充学位证书。"]
    assert offered(other) == []
    assert other.get(f"/g/own-phrases/{kept.id}").status_code == 404
    assert other.get(f"/g/own-phrases/{kept.id}/edit").status_code == 404


def test_own_phrase_is_changed_and_switched_off(clerk: FlaskClient) -> None:
    clerk.post("/g/own-phrases/add", data={"text": "请补充学位证书。", "is_active": "y"})
    kept = db.session.query(Phrase).one()
    version = str(kept.version)

    clerk.post(
        f"/g/own-phrases/{kept.id}/edit", data={"text": "请补学历证书。", "version": version}
    )

    db.session.refresh(kept)
    assert (kept.text, kept.is_active) == ("请补学历证书。", False)
    assert offered(clerk) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Fill in this field."),
        ("字" * 301, "300"),
        ("好", "2"),
        ("<script>x", "looks like a mark of a web page"),
        ("一行\n两行", ""),
    ],
)
def test_odd_wordings_are_refused_with_a_sentence(
    clerk: FlaskClient, text: str, sentence: str
) -> None:
    answer = clerk.post("/g/own-phrases/add", data={"text": text, "is_active": "y"})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.query(Phrase).count() == 0


def test_administrator_cannot_see_what_people_keep_for_themselves(
    clerk: FlaskClient, administrator: FlaskClient
) -> None:
    clerk.post("/g/own-phrases/add", data={"text": "请补充学位证书。", "is_active": "y"})
    kept = db.session.query(Phrase).one()

    assert "请补充学位证书" not in administrator.get("/g/phrases/").text
    assert administrator.get(f"/g/phrases/{kept.id}").status_code == 404


def test_nobody_is_offered_phrases_without_signing_in(app: Flask) -> None:
    assert app.test_client().get("/phrases/").status_code == 401


def test_opinions_and_reasons_offer_phrases(app: Flask, clerk: FlaskClient) -> None:
    unit = f.unit()
    mine = client_of(app, f.position(Role.UNIT, unit=unit))
    case = f.application(ApplicationState.AT_UNIT, unit=unit)
    page = mine.get(f"/g/1.1.1/check/{case.id}").text

    assert 'data-phrases-url="/phrases/"' in page
    marked = [one for one in page.split("<") if "data-phrases=" in one]
    assert any('name="opinion"' in one for one in marked)
    assert any('name="checks-0-reason"' in one for one in marked)
