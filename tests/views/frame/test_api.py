"""The interface for programs: the same sign-in, permissions, scopes and rules as the pages, by token alone."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import Application, AuditLog, LoginSession, Position, TransitionLog, Unit
from app.services.accounts import accounts
from app.services.credentials import sessions
from app.views.base.list_rows import LARGEST_PAGE
from tests.support import factories as make
from tests.support.pressing import LEADER
from tests.support.signing import (
    OTHER_PASSWORD,
    PASSWORD,
    cookie,
    english,
    give_password,
    is_anonymous,
    replays,
    sign_in,
)
from tests.support.world import bearer, enter, token

LIST = "/api/v1/g/1.1.3/"
AUDIT = "/api/v1/g/1.1.3/act/audit"


@pytest.fixture
def superior(session: Session) -> Unit:
    return make.unit(name="常德市教育局")


@pytest.fixture
def clerk(superior: Unit) -> Position:
    return make.position(Role.SUPERIOR, unit=superior)


@pytest.fixture
def cases(superior: Unit) -> list[Application]:
    """Five applications before the clerk's unit."""
    unit, batch = make.unit(parent=superior), make.batch()
    return [
        make.application(
            ApplicationState.AT_SUPERIOR, unit=unit, batch=batch, superiors=(superior,)
        )
        for _case in range(5)
    ]


@pytest.fixture
def secret(clerk: Position, cases: list[Application]) -> str:
    return token(make.actor_of(clerk))


def get_token(client: FlaskClient, username: str, password: str = PASSWORD, **more: Any) -> Any:
    body = {"username": username, "password": password, **more}
    return client.post("/api/v1/token", json=body)


def test_programs_get_every_moment_with_its_year(
    client: FlaskClient, secret: str, cases: list[Application]
) -> None:
    listed = client.get(LIST, headers=bearer(secret)).json["rows"]
    single = client.get(f"{LIST}{cases[0].id}", headers=bearer(secret)).json

    year = f"{clock.local(clock.now()).year}-"
    assert all(row["held_since"].startswith(year) for row in [*listed, single])


def works(client: FlaskClient, secret: str) -> bool:
    status = client.get(LIST, headers=bearer(secret)).status_code
    assert status in (200, 401)
    return bool(status == 200)


def press(client: FlaskClient, secret: str, *cases: Application, **body: Any) -> Any:
    rows = [{"id": case.id, "version": case.version} for case in cases]
    body = {"event": "superior_pass", "rows": rows, "details": LEADER, **body}
    return client.post(AUDIT, json=body, headers=bearer(secret))


def acts() -> int:
    return db.session.scalar(select(func.count()).select_from(TransitionLog)) or 0


# getting a token


def test_token_is_given_for_name_and_password(client: FlaskClient, clerk: Position) -> None:
    give_password(clerk.user)

    answer = get_token(client, clerk.user.username)

    found = answer.get_json()
    assert answer.status_code == 200
    assert found["position"] == clerk.id
    assert clerk.id in found["positions"]
    assert works(client, found["token"])
    assert client.get_cookie("zhicheng") is None


def test_token_works_in_the_position_that_was_named(client: FlaskClient, clerk: Position) -> None:
    other = make.position(Role.HRSS, unit=make.unit(), user=clerk.user)
    give_password(clerk.user)

    found = get_token(client, clerk.user.username, position=other.id).get_json()

    assert client.get(LIST, headers=bearer(found["token"])).status_code == 403
    assert client.get("/api/v1/g/1.1.4/", headers=bearer(found["token"])).status_code == 200


def test_position_of_somebody_else_gives_no_token(client: FlaskClient, clerk: Position) -> None:
    other = make.position(Role.HRSS, unit=make.unit())
    give_password(clerk.user)

    answer = get_token(client, clerk.user.username, position=other.id)

    assert answer.status_code == 401
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_wrong_passwords_lock_the_name_as_on_the_page(app: Flask, clerk: Position) -> None:
    give_password(clerk.user)
    name, client = clerk.user.username, app.test_client()

    by_token = [get_token(client, name, "wrong").status_code for _try in range(3)]
    by_page = [sign_in(app.test_client(), name, "wrong").status_code for _try in range(2)]

    assert (by_token, by_page) == ([401] * 3, [401] * 2)
    assert get_token(client, name).status_code == 429
    assert sign_in(app.test_client(), name).status_code == 429
    assert db.session.scalar(select(func.count()).where(AuditLog.kind == "lock")) == 1


def test_program_that_keeps_its_cookie_is_not_locked_by_a_stranger(
    app: Flask, clerk: Position
) -> None:
    give_password(clerk.user)
    name, program = clerk.user.username, app.test_client()

    first = get_token(program, name, remember=True)
    tries = [get_token(app.test_client(), name, "wrong").status_code for _try in range(6)]

    assert (first.status_code, tries[-1]) == (200, 429)
    assert get_token(app.test_client(), name).status_code == 429
    assert get_token(program, name).status_code == 200


def test_unknown_name_is_answered_like_a_wrong_password(
    client: FlaskClient, clerk: Position
) -> None:
    give_password(clerk.user)

    known = get_token(client, clerk.user.username, "wrong")
    unknown = get_token(client, "nobody-here", "wrong")

    assert (known.status_code, known.get_json()) == (unknown.status_code, unknown.get_json())


def test_first_password_gives_no_token_and_stays_usable(app: Flask, clerk: Position) -> None:
    give_password(clerk.user, must_change=True)

    refused = get_token(app.test_client(), clerk.user.username)
    by_page = sign_in(app.test_client(), clerk.user.username)

    assert refused.status_code == 401
    assert by_page.status_code == 302


def test_disabled_account_gets_no_token(client: FlaskClient, clerk: Position) -> None:
    give_password(clerk.user)
    accounts.disable(SYSTEM, clerk.user, at=clock.now())

    assert get_token(client, clerk.user.username).status_code == 401


@pytest.mark.parametrize(
    "body", [None, [], "text", 7, {}, {"username": ["a"], "password": {"b": 1}}]
)
def test_odd_sign_ins_are_refused_calmly(client: FlaskClient, body: Any) -> None:
    assert client.post("/api/v1/token", json=body).status_code in (400, 401)


# cookie and token are two things


def test_cookie_opens_nothing_here(app: Flask, clerk: Position, secret: str) -> None:
    client = enter(app, make.actor_of(clerk))

    assert client.get("/g/1.1.3/").status_code == 200
    assert client.get(LIST).status_code == 401
    assert client.post(AUDIT, json={}).status_code == 401
    assert client.delete("/api/v1/token").status_code == 401


def test_token_opens_no_page(client: FlaskClient, secret: str) -> None:
    pages = ["/", "/g/1.1.3/", "/session/", "/messages/", "/lookup/unit"]

    answers = [client.get(page, headers=bearer(secret)) for page in pages]

    assert {answer.status_code for answer in answers} == {302, 401}


def test_token_as_cookie_and_cookie_as_token_open_nothing(
    app: Flask, clerk: Position, secret: str
) -> None:
    client = app.test_client()
    with client.session_transaction() as held:
        held["sid"] = secret
    on_the_page = enter(app, make.actor_of(clerk))
    with on_the_page.session_transaction() as held:
        stolen = held["sid"]

    assert is_anonymous(replays(app, cookie(client)))
    assert not works(app.test_client(), stolen)
    assert not works(app.test_client(), cookie(on_the_page))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic {}", "{}", "bearer {} x"])
def test_only_a_bearer_token_counts(client: FlaskClient, secret: str, header: str) -> None:
    answer = client.get(LIST, headers={"Authorization": header.format(secret)})

    assert answer.status_code == 401


def test_page_on_another_site_cannot_use_the_interface(
    app: Flask, clerk: Position, cases: list[Application]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = enter(app, make.actor_of(clerk))
    body = {"event": "superior_pass", "rows": [{"id": cases[0].id}]}

    answers = [
        client.post(AUDIT, json=body, headers={"Origin": "https://evil.example"}),
        client.post(AUDIT, data={"event": "superior_pass"}),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert acts() == 0


# reading


def test_list_says_what_the_page_says(
    app: Flask, client: FlaskClient, clerk: Position, cases: list[Application], secret: str
) -> None:
    page = english(enter(app, make.actor_of(clerk))).get("/g/1.1.3/?size=2&page=2&sort=number")
    answer = client.get(f"{LIST}?size=2&page=2&sort=number", headers=bearer(secret))

    found = answer.get_json()
    assert (found["total"], found["page"], found["is_bounded"]) == (5, 2, False)
    numbers = [row["number"] for row in found["rows"]]
    assert numbers == sorted(case.number for case in cases)[2:4]
    assert [case.number in page.text for case in cases] == [
        case.number in numbers for case in cases
    ]


def test_search_is_the_one_of_the_page(
    client: FlaskClient, cases: list[Application], secret: str
) -> None:
    answer = client.get(f"{LIST}?q.number={cases[1].number}", headers=bearer(secret))

    assert [row["id"] for row in answer.get_json()["rows"]] == [cases[1].id]


@pytest.mark.parametrize(
    "query", ["page=abc", "page=0", f"page={LARGEST_PAGE + 1}", "size=x", "sort=id", "q.person_id=1", "q.state=x"]
)  # fmt: skip
def test_odd_arguments_are_bad_requests(client: FlaskClient, secret: str, query: str) -> None:
    answer = client.get(f"{LIST}?{query}", headers=bearer(secret))

    assert answer.status_code == 400
    assert answer.get_json()["message"]


def test_row_shows_the_columns_of_the_list(
    client: FlaskClient, cases: list[Application], secret: str
) -> None:
    row = client.get(f"{LIST}{cases[0].id}", headers=bearer(secret)).get_json()
    listed = client.get(f"{LIST}?q.number={cases[0].number}", headers=bearer(secret)).get_json()

    assert row == listed["rows"][0]
    assert row["version"] == cases[0].version
    assert cases[0].person.id_number not in str(row)


@pytest.mark.parametrize("name", ["9.9.9", "NoView", "1.1.3x", "Hall", "Api", "%00", "x" * 300])
def test_unknown_menus_are_not_found(client: FlaskClient, secret: str, name: str) -> None:
    answer = client.get(f"/api/v1/g/{name}/", headers=bearer(secret))

    assert answer.status_code in (400, 404)
    assert answer.is_json


# acting


def test_act_is_the_one_of_the_page(
    app: Flask, client: FlaskClient, clerk: Position, cases: list[Application], secret: str
) -> None:
    by_token, by_page = cases[:2]
    form = {"row": f"{by_page.id}:{by_page.version}", "decision": "superior_pass", **LEADER}

    answer = press(client, secret, by_token)
    enter(app, make.actor_of(clerk)).post("/g/1.1.3/act/audit", data=form)

    logs = db.session.scalars(select(TransitionLog).order_by(TransitionLog.id)).all()
    assert answer.get_json() == {"receipts": [logs[0].receipt], "is_proposed": False}
    facts = ("event", "source", "target", "opinion", "actor_id", "actor_role", "unit_id", "details")
    first, second = ([getattr(log, fact) for fact in facts] for log in logs)
    assert first == second
    assert by_token.state is by_page.state is ApplicationState.AT_OFFICE


def test_many_rows_move_together(
    client: FlaskClient, cases: list[Application], secret: str
) -> None:
    answer = press(client, secret, *cases)

    assert len(answer.get_json()["receipts"]) == 5
    assert {case.state for case in cases} == {ApplicationState.AT_OFFICE}


def test_row_named_twice_is_moved_once(
    client: FlaskClient, cases: list[Application], secret: str
) -> None:
    answer = press(client, secret, cases[0], cases[0])

    assert len(answer.get_json()["receipts"]) == 1
    assert acts() == 1


def test_refusal_names_each_row_and_moves_none(
    client: FlaskClient, cases: list[Application], secret: str
) -> None:
    rows = [{"id": case.id, "version": case.version + (case is cases[1])} for case in cases[:3]]

    answer = press(client, secret, rows=rows)

    found = answer.get_json()
    assert answer.status_code == 409
    assert "1" in found["message"]
    assert [row["id"] for row in found["rows"]] == [cases[1].id]
    assert found["rows"][0]["reason"] not in ("", found["message"])
    assert acts() == 0
    assert {case.state for case in cases} == {ApplicationState.AT_SUPERIOR}


def test_second_press_says_who_was_faster(
    client: FlaskClient, clerk: Position, cases: list[Application], secret: str
) -> None:
    rows = [{"id": cases[0].id, "version": cases[0].version}]
    press(client, secret, rows=rows)

    again = press(client, secret, rows=rows)

    assert again.status_code == 409
    assert clerk.user.real_name in again.get_json()["message"]
    assert acts() == 1


@pytest.mark.parametrize("opinion", ["", "   ", None])
def test_missing_reason_is_refused_with_a_sentence(
    client: FlaskClient, cases: list[Application], secret: str, opinion: str | None
) -> None:
    answer = press(client, secret, cases[0], event="superior_return", opinion=opinion)

    assert answer.status_code in (409, 422)
    assert answer.get_json()["message"]
    assert acts() == 0


def test_incomplete_details_are_named(client: FlaskClient, session: Session) -> None:
    unit = make.unit()
    record = make.quota(unit, state="submitted")
    office = make.actor(Role.HRSS, unit=make.unit(region_code="430000"))
    body = {"event": "approve", "rows": [{"id": record.id, "version": record.version}]}
    headers = bearer(token(office))

    answer = client.post(
        "/api/v1/g/1.5.2/act/audit", json={**body, "details": {"granted": "many"}}, headers=headers
    )

    assert answer.status_code == 422
    assert list(answer.get_json()["fields"]) == ["granted"]
    assert acts() == 0


ODD_BODIES: list[dict[str, Any]] = [
    {"event": None}, {"event": ["superior_pass"]}, {"event": {"a": 1}}, {"event": "fly"}, {"event": "report"},
    {"rows": None}, {"rows": []}, {"rows": {}}, {"rows": [1]}, {"rows": [{}]}, {"rows": [{"id": "1"}]},
    {"rows": [{"id": True}]}, {"rows": [{"id": 1.5}]}, {"rows": [{"id": 2**40}]}, {"rows": [{"id": -1}]},
    {"rows": [{"id": 1, "version": "x"}]}, {"rows": [{"id": 1}] * 501}, {"details": ["x"]}, {"details": "x"},
    {"details": {"a": {"b": 1}}}, {"details": {"decision": [{}]}}, {"opinion": ["x"]}, {"opinion": 7},
]  # fmt: skip


def test_odd_bodies_are_refused_calmly(
    client: FlaskClient, cases: list[Application], secret: str
) -> None:
    answers = [press(client, secret, cases[0], **body) for body in ODD_BODIES]

    assert {answer.status_code for answer in answers} <= {400, 403}
    assert all(answer.get_json()["message"] for answer in answers)
    assert acts() == 0


def test_row_of_another_branch_moves_nothing(
    client: FlaskClient, cases: list[Application], secret: str
) -> None:
    foreign = make.application(ApplicationState.AT_SUPERIOR, superiors=(make.unit(),))

    answer = press(client, secret, cases[0], foreign)

    assert answer.status_code == 404
    assert acts() == 0


# the description


def described(client: FlaskClient, secret: str) -> dict[str, Any]:
    answer = client.get("/api/v1/_openapi", headers=bearer(secret))
    assert answer.status_code == 200
    return dict(answer.get_json()["paths"])


def test_description_names_only_what_the_position_has(client: FlaskClient, secret: str) -> None:
    paths = described(client, secret)

    menus = {path.split("/")[4] for path in paths if path.startswith("/api/v1/g/")}
    assert menus == {
        "1.1.3", "SuperiorProposalView", "ComplaintView", "1.1.4", "ClosedUnitView", "1.5.2", "QuotaQueryView", "1.6.2", "RouteChangeAnswerView", "1.7.1",
        "deputies", "own-phrases", "running-batches", "statistics",
    }  # fmt: skip
    acts = {path for path in paths if "/act/" in path}
    assert acts == {
        AUDIT,
        "/api/v1/g/RouteChangeAnswerView/act/confirm",
        "/api/v1/g/SuperiorProposalView/act/confirm",
        "/api/v1/g/SuperiorProposalView/act/withdraw",
        "/api/v1/g/ComplaintView/act/settle",
        "/api/v1/g/ComplaintView/act/take_over",
        "/api/v1/g/ClosedUnitView/act/hand_on",
        "/api/v1/g/1.5.2/act/audit",
        "/api/v1/g/1.6.2/act/confirm",
        "/api/v1/g/1.1.3/act/entrust",
        "/api/v1/g/1.1.3/act/release",
        "/api/v1/g/deputies/act/end_deputy",
    }


def test_everything_described_answers(client: FlaskClient, secret: str) -> None:
    for path, methods in described(client, secret).items():
        for method in methods:
            answer = client.open(
                path.replace("{id}", "1"), method=method.upper(), json={}, headers=bearer(secret)
            )
            assert answer.status_code in (200, 400, 401, 403, 404), path
            assert answer.is_json


def test_description_needs_a_token(client: FlaskClient) -> None:
    assert client.get("/api/v1/_openapi").status_code == 401


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_roles_without_the_interface_are_turned_away(
    client: FlaskClient, session: Session, role: Role
) -> None:
    secret = token(make.actor(role))

    assert client.get("/api/v1/_openapi", headers=bearer(secret)).status_code == 403


# the end of a token


def change_password(app: Flask, clerk: Position) -> None:
    browser = app.test_client()
    sign_in(browser, give_password(clerk.user).username)
    form = {"old": PASSWORD, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert browser.post("/session/password", data=form).status_code == 302


def end_on_the_page(app: Flask, clerk: Position) -> None:
    browser = enter(app, make.actor_of(clerk))
    key = db.session.scalars(select(LoginSession.id).where(LoginSession.kind == "api")).one()
    assert browser.post("/session/end", data={"session": key}).status_code == 302


ENDS: dict[str, Callable[[Flask, Position], Any]] = {
    "own change of password": change_password,
    "password reset": lambda app, clerk: accounts.issue_first_password(
        SYSTEM, clerk.user, at=clock.now()
    ),
    "account disabled": lambda app, clerk: accounts.disable(SYSTEM, clerk.user, at=clock.now()),
    "position withdrawn": lambda app, clerk: accounts.withdraw_position(
        SYSTEM, clerk, at=clock.now()
    ),
    "ended on the page of sessions": end_on_the_page,
    "every session ended": lambda app, clerk: sessions.end_all(
        clerk.user_id, "test", at=clock.now()
    ),
}


@pytest.mark.parametrize("cause", ENDS)
def test_token_ends_with_its_account(app: Flask, clerk: Position, secret: str, cause: str) -> None:
    client = app.test_client()
    assert works(client, secret)

    ENDS[cause](app, clerk)

    assert not works(client, secret)


def test_token_ends_when_it_is_given_back(client: FlaskClient, secret: str) -> None:
    first = client.delete("/api/v1/token", headers=bearer(secret))
    second = client.delete("/api/v1/token", headers=bearer(secret))

    assert (first.status_code, second.status_code) == (200, 401)
    assert not works(client, secret)
