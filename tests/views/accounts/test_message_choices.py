"""Page of the message settings: open to everybody, nothing typed is lost, faults in one sentence."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import MessageKind, Role
from app.extensions import db
from app.models import MessageChoice, Position
from tests.support import factories as f
from tests.support.signing import client_of

PAGE = "/session/messages/"


@pytest.fixture
def position(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Position:
    monkeypatch.setitem(app.config, "SMS_FILE", str(tmp_path / "sms"))
    unit = f.unit()
    return f.position(Role.UNIT, unit=unit, person=f.person(unit=unit, phone="13800138000"))


@pytest.fixture
def client(app: Flask, position: Position) -> FlaskClient:
    return client_of(app, position)


def stored(position: Position) -> MessageChoice | None:
    db.session.rollback()
    return db.session.query(MessageChoice).filter_by(user_id=position.user_id).one_or_none()


def test_page_shows_the_channels_with_masked_addresses(client: FlaskClient) -> None:
    page = client.get(PAGE).text

    assert "138****8000" in page
    assert page.count("checked") == 3
    assert 'name="by_mail"' not in page
    assert PAGE in client.get("/messages/").text


def test_choice_is_stored_and_shown_again(client: FlaskClient, position: Position) -> None:
    typed = {"by_sms": [MessageKind.WORK.value], "quiet_from": "22", "quiet_to": "0"}

    answer = client.post(PAGE, data=typed)
    page = client.get(PAGE).text

    assert answer.status_code == 303
    found = stored(position)
    assert found is not None
    assert sorted(found.silenced) == ["case.sms", "result.sms"]
    assert (found.quiet_from, found.quiet_to) == (22, 0)
    assert "Saved: 1 of 3 ways are on, quiet from 22:00 to 00:00." in page
    assert '<option selected value="0">00:00' in page


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ({"quiet_from": "22", "quiet_to": ""}, "Choose both hours"),
        ({"quiet_from": "8", "quiet_to": "8"}, "Choose an end other than the beginning"),
        ({"quiet_from": "25", "quiet_to": "8"}, "Choose again"),
    ],
)
def test_wrong_hours_are_refused_with_everything_kept(
    client: FlaskClient, position: Position, hours: dict[str, str], sentence: str
) -> None:
    answer = client.post(PAGE, data={"by_sms": ["work"], **hours})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert answer.text.count("checked") == 1
    assert stored(position) is None


def test_an_unknown_kind_is_refused(client: FlaskClient, position: Position) -> None:
    assert client.post(PAGE, data={"by_sms": ["account"]}).status_code == 422
    assert stored(position) is None


def test_without_channels_the_page_says_so(app: Flask) -> None:
    client = client_of(app, f.position(Role.UNIT, unit=f.unit()))

    assert "sends neither email nor SMS" in client.get(PAGE).text
    assert client.post(PAGE, data={}).status_code == 422


def test_signed_out_goes_to_the_sign_in(app: Flask) -> None:
    assert "/login/" in app.test_client().get(PAGE).location
