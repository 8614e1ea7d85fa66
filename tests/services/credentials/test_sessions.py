"""Sessions end for good: every cause, on every worker; and what a sign-in leaves behind."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import AuditLog, LoginSession, Position, User
from app.services.accounts import accounts
from app.web.security import safe_next
from tests.support import factories
from tests.support.signing import (
    OTHER_PASSWORD,
    PASSWORD,
    cookie,
    english,
    give_password,
    is_anonymous,
    opened,
    replays,
    sign_in,
    signed_in_by_password,
)

SHARED = (
    "SQLALCHEMY_DATABASE_URI",
    "SECRET_KEY",
    "FIELD_KEY",
    "DATA_DIR",
    "TRUSTED_HOSTS",
    "TESTING",
    "WTF_CSRF_ENABLED",
    "DEMO",
)


NOWHERE = "/session/without-position"


@pytest.fixture(scope="module")
def other_application(application: Flask) -> Flask:
    other = create_app({key: application.config[key] for key in SHARED})
    other.test_client_class = application.test_client_class
    return other


@pytest.fixture
def other_worker(other_application: Flask, app: Flask) -> Iterator[Flask]:
    """A second application on the same database, as another process of the same installation."""
    yield other_application
    with other_application.app_context():
        db.engine.dispose()


@pytest.fixture
def clerk(session: Session) -> Position:
    return factories.position(Role.UNIT, unit=factories.unit())


def change_password(client: FlaskClient) -> None:
    form = {"old": PASSWORD, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert client.post("/session/password", data=form).status_code == 302


def end_from_elsewhere(client: FlaskClient, clerk: Position) -> None:
    number = db.session.scalars(select(LoginSession.id)).one()
    elsewhere = client.application.test_client()
    sign_in(elsewhere, clerk.user.username)
    assert elsewhere.post("/session/end", data={"session": number}).status_code == 302


def change_elsewhere(client: FlaskClient, clerk: Position) -> None:
    elsewhere = client.application.test_client()
    sign_in(elsewhere, clerk.user.username)
    change_password(elsewhere)


def disable(client: FlaskClient, clerk: Position) -> None:
    accounts.disable(SYSTEM, clerk.user, at=clock.now())


def reset(client: FlaskClient, clerk: Position) -> None:
    accounts.issue_first_password(SYSTEM, clerk.user, at=clock.now())


def withdraw(client: FlaskClient, clerk: Position) -> None:
    accounts.withdraw_position(SYSTEM, clerk, at=clock.now())


CAUSES: dict[str, Callable[[FlaskClient, Position], None]] = {
    "sign-out": lambda client, clerk: client.post("/logout/"),
    "own change of password": lambda client, clerk: change_password(client),
    "change of password elsewhere": change_elsewhere,
    "password reset": reset,
    "account disabled": disable,
    "position withdrawn": withdraw,
    "ended from another session": end_from_elsewhere,
    "signed in anew": lambda client, clerk: sign_in(client, clerk.user.username),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_ended_session_cannot_be_replayed_on_any_worker(
    cause: str, app: Flask, other_worker: Flask, clerk: Position
) -> None:
    client = signed_in_by_password(app.test_client(), clerk.user)
    stolen = cookie(client)
    assert not is_anonymous(replays(other_worker, stolen))

    CAUSES[cause](client, clerk)

    assert is_anonymous(replays(app, stolen))
    assert is_anonymous(replays(other_worker, stolen))


@pytest.mark.parametrize(
    ("idle", "whole", "is_over"),
    [
        (timedelta(minutes=29), timedelta(hours=9), False),
        (timedelta(minutes=31), timedelta(hours=1), True),
        (timedelta(minutes=20), timedelta(hours=10, minutes=1), True),
    ],
)
def test_session_times_out(
    idle: timedelta,
    whole: timedelta,
    is_over: bool,
    app: Flask,
    other_worker: Flask,
    clerk: Position,
) -> None:
    client = signed_in_by_password(app.test_client(), clerk.user)
    row = db.session.scalars(select(LoginSession)).one()
    row.created_at, row.seen_at = clock.now() - whole, clock.now() - idle
    db.session.commit()

    assert is_anonymous(replays(other_worker, cookie(client))) is is_over
    assert is_anonymous(client) is is_over


def test_activity_keeps_a_session_alive(app: Flask, clerk: Position) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        client = signed_in_by_password(app.test_client(), clerk.user)

        for _step in range(4):
            traveller.shift(timedelta(minutes=25))

            assert not is_anonymous(client)


def test_last_seen_is_written_once_a_minute(app: Flask, clerk: Position) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        client = signed_in_by_password(app.test_client(), clerk.user)
        began = db.session.scalars(select(LoginSession.seen_at)).one()
        seen = []
        for _step in range(3):
            traveller.shift(timedelta(seconds=40))
            client.get("/session/")
            db.session.commit()
            seen.append(db.session.scalars(select(LoginSession.seen_at)).one() - began)

    assert seen == [timedelta(0), timedelta(seconds=80), timedelta(seconds=80)]


def test_own_change_of_password_keeps_this_session_with_a_new_cookie(
    app: Flask, clerk: Position
) -> None:
    client = signed_in_by_password(app.test_client(), clerk.user)

    change_password(client)

    assert not is_anonymous(client)
    assert sign_in(app.test_client(), clerk.user.username).status_code == 401
    assert sign_in(app.test_client(), clerk.user.username, OTHER_PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", OTHER_PASSWORD, OTHER_PASSWORD, "The present password is wrong."),
        (PASSWORD, OTHER_PASSWORD, "different", "The two entries of the new password differ."),
        (PASSWORD, PASSWORD, PASSWORD, "The new password must differ from the present one."),
        (PASSWORD, "Short-1", "Short-1", "The password needs at least 10 characters."),
    ],
)
def test_refused_change_of_password_changes_nothing(
    old: str, new: str, again: str, sentence: str, app: Flask, clerk: Position
) -> None:
    client = english(signed_in_by_password(app.test_client(), clerk.user))

    answer = client.post("/session/password", data={"old": old, "new": new, "again": again})

    assert answer.status_code == 401
    assert sentence in answer.text
    assert not is_anonymous(client)
    assert sign_in(app.test_client(), clerk.user.username).status_code == 302


def test_sign_in_starts_with_a_new_session(app: Flask, clerk: Position) -> None:
    client = app.test_client()
    with client.session_transaction() as planted:
        planted["sid"] = "planted"
        planted["note"] = "planted"

    signed_in_by_password(client, clerk.user)

    with client.session_transaction() as held:
        assert held["sid"] != "planted"
        assert "note" not in held
        row = db.session.scalars(select(LoginSession)).one()
        assert held["sid"] not in (row.token_hash, "")


def test_first_password_leads_to_its_change_before_anything_else(
    app: Flask, clerk: Position
) -> None:
    give_password(clerk.user, must_change=True)
    client = app.test_client()
    sign_in(client, clerk.user.username)

    answers = [client.get(path) for path in ("/", "/session/", "/session/password")]

    assert [answer.status_code for answer in answers] == [302, 302, 200]
    assert {answer.location for answer in answers[:2]} == {"/session/password"}

    change_password(client)

    assert not is_anonymous(client)
    assert sign_in(app.test_client(), clerk.user.username, OTHER_PASSWORD).status_code == 302


def test_first_password_left_unchanged_is_void(app: Flask, clerk: Position) -> None:
    give_password(clerk.user, must_change=True)
    first = app.test_client()
    sign_in(first, clerk.user.username)
    first.post("/logout/")
    second = english(app.test_client())

    answer = sign_in(second, clerk.user.username)

    assert answer.status_code == 401
    assert "Ask a system administrator to reset it." in answer.text
    assert is_anonymous(second)

    password = accounts.issue_first_password(SYSTEM, clerk.user, at=clock.now())

    assert sign_in(second, clerk.user.username, password).status_code == 302


def test_disabled_account_is_told_so_only_with_the_right_password(
    app: Flask, clerk: Position
) -> None:
    give_password(clerk.user)
    accounts.disable(SYSTEM, clerk.user, at=clock.now())
    client = english(app.test_client())

    right = sign_in(client, clerk.user.username)
    wrong = sign_in(client, clerk.user.username, "wrong")

    assert "This account is disabled." in right.text
    assert "This account is disabled." not in wrong.text
    assert is_anonymous(client)


def test_switch_goes_to_own_active_positions_only(app: Flask, clerk: Position) -> None:
    own = factories.position(Role.HRSS, unit=factories.unit(), user=clerk.user)
    withdrawn = factories.position(
        Role.OFFICE, unit=factories.unit(), user=clerk.user, is_active=False
    )
    foreign = factories.position(Role.UNIT, unit=factories.unit())
    client = signed_in_by_password(app.test_client(), clerk.user)

    statuses = {
        name: client.post("/session/switch", data={"position": value}).status_code
        for name, value in {
            "own": own.id,
            "withdrawn": withdrawn.id,
            "foreign": foreign.id,
            "text": "x",
            "huge": "9" * 30,
            "none": "",
        }.items()
    }

    assert statuses == {
        "own": 302,
        "withdrawn": 404,
        "foreign": 404,
        "text": 404,
        "huge": 404,
        "none": 404,
    }
    assert db.session.scalars(select(LoginSession.position_id)).one() == own.id


def test_next_sign_in_begins_in_the_position_last_worked_in(app: Flask, clerk: Position) -> None:
    second = factories.position(Role.HRSS, unit=factories.unit(), user=clerk.user)
    client = signed_in_by_password(app.test_client(), second)
    client.post("/logout/")

    sign_in(client, clerk.user.username)

    positions = db.session.scalars(select(LoginSession.position_id).order_by(LoginSession.id))
    assert list(positions) == [second.id, second.id]


def test_person_gets_the_position_of_an_applicant_at_sign_in(app: Flask, session: Session) -> None:
    user = factories.user(person=factories.person())
    signed_in_by_password(app.test_client(), user)
    signed_in_by_password(app.test_client(), user)

    positions = session.scalars(select(Position).where(Position.user_id == user.id)).all()

    assert [(position.role, position.unit_id) for position in positions] == [(Role.APPLICANT, None)]


def test_sign_out_is_a_press_not_a_link(app: Flask, clerk: Position) -> None:
    client = signed_in_by_password(app.test_client(), clerk.user)

    followed = client.get("/logout/")
    pressed = client.post("/logout/")

    assert followed.status_code == 405
    assert pressed.headers["Clear-Site-Data"] == '"cache"'


def test_ending_a_session_of_somebody_else_is_not_found(app: Flask, clerk: Position) -> None:
    victim = signed_in_by_password(
        app.test_client(), factories.position(Role.UNIT, unit=factories.unit())
    )
    number = db.session.scalars(select(LoginSession.id)).one()
    client = signed_in_by_password(app.test_client(), clerk.user)

    statuses = [
        client.post("/session/end", data={"session": value}).status_code
        for value in (number, "x", "9" * 30, "")
    ]

    assert statuses == [404, 404, 404, 404]
    assert not is_anonymous(victim)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/g/1.1.2/?q.name=x", "/g/1.1.2/?q.name=x"),
        ("http://localhost/me/", "/me/"),
        ("/me/#rows-2-unit", "/me/#rows-2-unit"),
        ("/me/#<script>", "/me/"),
        ("", "/"),
        ("http://evil.com/", "/"),
        ("https://evil.com", "/"),
        ("//evil.com/", "/"),
        ("///evil.com/", "/"),
        ("/\\evil.com", "/"),
        ("\\\\evil.com", "/"),
        ("/\tevil", "/"),
        ("http:evil.com", "/"),
        ("http:///evil.com", "/"),
        ("http://localhost//evil.com", "/"),
        ("http://localhost@evil.com/", "/"),
        ("http://[evil", "/"),
        ("javascript:alert(1)", "/"),
        ("data:text/html,x", "/"),
        ("evil.com", "/"),
    ],
)
def test_next_page_lies_on_this_site(target: str, path: str, app: Flask) -> None:
    with app.test_request_context("/login/", base_url="http://localhost"):
        assert safe_next(target) == path


def test_sign_in_leads_to_the_page_asked_for(app: Flask, clerk: Position) -> None:
    give_password(clerk.user)

    answer = sign_in(
        app.test_client(), clerk.user.username, query_string={"next": "http://localhost/session/"}
    )

    assert answer.location == "/session/"


def test_refused_sign_in_keeps_the_name_and_never_the_password(app: Flask, clerk: Position) -> None:
    answer = sign_in(app.test_client(), clerk.user.username, "Not-my-password-1")

    assert f'value="{clerk.user.username}"' in answer.text
    assert "Not-my-password-1" not in answer.text


def test_one_press_sign_in_is_for_demonstration_accounts_of_a_demonstration(
    app: Flask, clerk: Position
) -> None:
    shown = factories.user(username="shown", is_demo=True)
    factories.position(Role.UNIT, unit=factories.unit(), user=shown)
    names = {"demo": "shown", "real": clerk.user.username, "nobody": "nobody"}

    def press() -> dict[str, int]:
        return {
            key: app.test_client().post("/login/", data={"demo": name}).status_code
            for key, name in names.items()
        }

    off = press()
    app.config["DEMO"] = True
    on = press()

    assert off == {"demo": 401, "real": 401, "nobody": 401}
    assert on == {"demo": 302, "real": 404, "nobody": 404}


def test_accounts_of_a_demonstration_are_refused_where_it_is_off(
    app: Flask, session: Session
) -> None:
    shown = factories.user(username="shown", is_demo=True)
    factories.position(Role.UNIT, unit=factories.unit(), user=shown)
    give_password(shown)
    app.config["DEMO"] = True
    before = signed_in_by_password(english(app.test_client()), shown)
    token = app.test_client().post(
        "/api/v1/token", json={"username": "shown", "password": PASSWORD}
    )
    app.config["DEMO"] = False
    client, bearer = english(app.test_client()), {"Authorization": f"Bearer {token.json['token']}"}

    pressed = client.post("/login/", data={"demo": "shown"})
    typed = sign_in(client, "shown")
    program = client.post("/api/v1/token", json={"username": "shown", "password": PASSWORD})

    assert is_anonymous(before)
    assert client.get("/api/v1/_openapi", headers=bearer).status_code == 401
    for answer in (pressed, typed, program):
        assert answer.status_code == 401
        assert "the demonstration, which is switched off" in answer.text


def test_preparing_ends_the_sessions_of_a_demonstration_that_is_off(
    app: Flask, clerk: Position, runner: FlaskCliRunner
) -> None:
    shown = factories.user(username="shown", is_demo=True)
    app.config["DEMO"] = True
    for user in (shown, clerk.user):
        opened(user)
    app.config["DEMO"] = False

    result = runner.invoke(args=["prepare"])

    assert result.exit_code == 0, result.output
    rows = db.session.execute(select(LoginSession.user_id, LoginSession.end_reason)).all()
    assert dict(map(tuple, rows)) == {shown.id: "demo_off", clerk.user_id: ""}


def test_sign_in_page_offers_demonstration_accounts_only_in_a_demonstration(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    shown = factories.user(username="shown", is_demo=True)
    factories.position(Role.UNIT, unit=factories.unit(), user=shown)

    off = client.get("/login/").text
    app.config["DEMO"] = True
    on = client.get("/login/").text

    assert 'value="shown"' not in off
    assert 'value="shown"' in on


def test_audit_trail_names_every_act_of_an_account(app: Flask, clerk: Position) -> None:
    second = factories.position(Role.HRSS, unit=factories.unit(), user=clerk.user)
    client = app.test_client()
    sign_in(client, give_password(clerk.user).username, "wrong")
    signed_in_by_password(client, second)
    change_password(client)
    client.post("/logout/")

    rows = db.session.scalars(select(AuditLog).order_by(AuditLog.id)).all()

    assert [(row.kind, row.is_success, row.address) for row in rows] == [
        ("sign_in", False, "127.0.0.1"),
        ("sign_in", True, "127.0.0.1"),
        ("switch", True, "127.0.0.1"),
        ("password", True, "127.0.0.1"),
        ("sign_out", True, "127.0.0.1"),
    ]
    assert {row.actor_id for row in rows[1:]} == {clerk.user_id}
    assert all(row.request_id for row in rows)


def nobody_yet(app: Flask) -> tuple[FlaskClient, User]:
    """Return an account without a position, signed in."""
    user: User = factories.user()
    return signed_in_by_password(english(app.test_client()), user), user


def follow(client: FlaskClient, place: str) -> tuple[str, TestResponse]:
    """Return where the redirects from `place` end, and the page there."""
    for _step in range(5):
        page = client.get(place)
        if page.status_code != 302:
            return place, page
        place = page.location
    raise AssertionError(f"endless redirect at {place}")


def test_account_without_position_is_told_so_and_led_nowhere_else(
    app: Flask, session: Session
) -> None:
    client, user = nobody_yet(app)

    for place in (
        "/",
        "/login/",
        "/login/?next=/g/1.1.1/",
        "/g/1.1.1/",
        "/me/",
        "/m/",
        "/messages/",
        "/guide/1.1.1",
    ):
        end, page = follow(client, place)
        assert (end, page.status_code) == (NOWHERE, 200), place
        assert "This account holds no position yet" in page.text
        assert user.username in page.text
    assert client.post("/messages/read").status_code == 403
    assert client.get("/session/").status_code == 200
    assert client.get("/public/notices/").status_code == 200
    assert client.post("/logout/").status_code == 302


def test_position_granted_meanwhile_is_offered(app: Flask, session: Session) -> None:
    client, user = nobody_yet(app)
    position = factories.position(Role.UNIT, unit=factories.unit(), user=user)

    _end, page = follow(client, "/")
    client.post("/session/switch", data={"position": position.id})
    entered, again = client.get("/"), client.get(NOWHERE)

    assert f'name="position" value="{position.id}"' in page.text
    assert entered.status_code == 200
    assert (again.status_code, again.location) == (302, "/")


def test_last_position_withdrawn_is_told_at_the_next_sign_in(app: Flask, session: Session) -> None:
    position = factories.position(Role.HRSS, unit=factories.unit(), user=factories.user())
    client = signed_in_by_password(english(app.test_client()), position)
    accounts.withdraw_position(SYSTEM, position, at=clock.now())
    db.session.commit()

    assert is_anonymous(client)
    sign_in(client, position.user.username)
    assert follow(client, "/")[0] == NOWHERE
