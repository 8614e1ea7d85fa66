"""Whatever is sent to whatever address: a page, a refusal or a sentence, never a failure of the server.

`LONG=1` asks forty times as much. What is found here becomes an example of its own below.
"""

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.routing import Rule

from app.enums import ApplicationState, Role
from app.extensions import db
from app.menu import views
from app.models import Application
from app.views.base.base import GuideView
from tests.services.dossiers import pdf, picture
from tests.support.databases import Prepared
from tests.support.fuzzing import (
    LIST_KEYS,
    NAUGHTY,
    ODD_TEXT,
    assert_fine,
    encoded,
    fields_of,
    filled,
    in_path,
    send,
)
from tests.support.world import World, bearer, inhabited

pytestmark = pytest.mark.filterwarnings("ignore:Yielding raw tuples:DeprecationWarning")
NOT_POSTED = {
    "Session.logout", "Session.end", "AccountView.change_account", "PositionView.withdraw", "Session.login",
    "Session.password",
}  # fmt: skip
"""They end the very sessions the others are asked with, or hash passwords; asked about apart."""
SECTIONS = (
    "applying", "basic", "titles", "education", "work", "training", "continuing", "achievements", "projects",
    "papers", "books", "patents", "awards", "summary", "conduct", "assessments", "exceptional",
)  # fmt: skip
COUNT = settings.default.max_examples
MODERATELY = settings(max_examples=COUNT * 3, suppress_health_check=list(HealthCheck))
SLOWLY = settings(max_examples=max(12, COUNT // 4), suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def world(application: Flask, prepared: Prepared) -> Iterator[World]:
    with inhabited(application, prepared) as made:
        yield made


def holder(world: World, rule: Rule) -> FlaskClient:
    """Return somebody who may enter `rule`."""
    name = rule.endpoint.partition(".")[0]
    view = next((view for view in views() if view.__name__ == name), None)
    roles = getattr(view, "roles", ()) or (Role.UNIT,)
    return world.clients[roles[0]]


def model_of(rule: Rule) -> type[Any] | None:
    name = rule.endpoint.partition(".")[0]
    view = next((view for view in views() if view.__name__ == name), None)
    if view is not None and issubclass(view, GuideView):
        return view.model  # type: ignore[no-any-return]
    models = {"Hall": "application", "Phone": "application", "PublicNotices": "notice"}
    return next(
        (m.class_ for m in db.Model.registry.mappers if m.class_.__tablename__ == models.get(name)),
        None,
    )


def choosable(rule: Rule) -> dict[str, list[Any]]:
    """Return what is right for the parts of an address, so that odd ones are not all that is asked."""
    name = rule.endpoint.partition(".")[0]
    view = next((view for view in views() if view.__name__ == name), None)
    return {
        "button": [button.name for button in getattr(view, "buttons", ())],
        "event": ["give_up", "take_back"],
        "key": ["basic", "titles", "education", "work", "notice_days", "page_size_max"],
        "number": ["1.1.1"],
        "kind": ["unit", "account", "title", "batch", "specialty"],
        "act": ["disable", "enable", "unlock", "reset"],
        "code": ["en", "zh_Hans_CN"],
        "name": ["1.1.3", "QuotaQueryView"],
    }


def address(draw: Any, world: World, rule: Rule) -> str:
    """Return an address of `rule` whose parts are sometimes right and sometimes odd."""
    parts: dict[str, str] = {}
    model = model_of(rule)
    keys = sorted(world.own.ids.get(model, set())) if model else []
    for part in rule.arguments:
        right = keys if part == "pk" else choosable(rule).get(part, [])
        known = st.sampled_from(right) if right else st.nothing()
        other = st.integers(0, 2**33) if part in ("pk", "attachment") else ODD_TEXT
        parts[part] = in_path(draw(st.one_of(known, known, other)))
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: parts[found[1]], rule.rule)


def rules(world: World, method: str) -> list[Rule]:
    app = world.anonymous.application
    return sorted(
        (
            rule
            for rule in app.url_map.iter_rules()
            if method in (rule.methods or ()) and "static" not in rule.endpoint
        ),
        key=lambda rule: (rule.rule, rule.endpoint),
    )


@cache
def names_of(endpoint: str) -> tuple[str, ...]:
    """Return the parameters of a list's search."""
    view = next((view for view in views() if view.__name__ == endpoint.partition(".")[0]), None)
    if view is None or not issubclass(view, GuideView):
        return ()
    return tuple(
        f"q.{name}{end}" for name in view.search_columns or () for end in ("", ".from", ".to")
    )


# reading


@MODERATELY
@given(data=st.data())
def test_any_question_is_answered(world: World, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(rules(world, "GET")))
    keys = [*LIST_KEYS, *names_of(rule.endpoint)]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(keys) | ODD_TEXT, ODD_TEXT), max_size=4))
    asked = f"{address(data.draw, world, rule)}?{encoded(pairs)}"
    secret = world.tokens[Role.SUPERIOR] if rule.rule.startswith("/api/") else ""

    answer = holder(world, rule).get(asked, headers=bearer(secret) if secret else {})
    if rule.endpoint == "Year.choose":
        holder(world, rule).get("/year/0")

    assert_fine(answer, asked)


@MODERATELY
@given(data=st.data())
def test_any_search_is_answered(world: World, data: st.DataObject) -> None:
    """One odd value in every field a list is searched by."""
    lists = [
        rule
        for rule in rules(world, "GET")
        if names_of(rule.endpoint) and rule.endpoint.endswith(".list")
    ]
    rule = data.draw(st.sampled_from(lists))
    key = data.draw(st.sampled_from([*names_of(rule.endpoint), "page", "size", "sort"]))
    asked = f"{rule.rule}?{encoded([(key, data.draw(ODD_TEXT))])}"

    assert_fine(holder(world, rule).get(asked), asked)


# writing


@MODERATELY
@given(data=st.data())
def test_any_form_is_answered(world: World, data: st.DataObject) -> None:
    posted = [rule for rule in rules(world, "POST") if rule.endpoint not in NOT_POSTED]
    rule = data.draw(st.sampled_from(posted))
    client, place = holder(world, rule), address(data.draw, world, rule)
    pairs = filled(data.draw, client, place)

    assert_fine(send(client, place, pairs), (place, pairs))


@cache
def pressable(world: World) -> list[tuple[Any, Any, Role, int]]:
    """Return (view, button, role, number of the row) of every button with a row it stands beside.

    Found once: a press that succeeds moves its row, and what is drawn must not depend on that.
    """
    found = []
    for view in views():
        for role in view.roles:
            buttons = [
                b for b in getattr(view, "buttons", ()) if b.name in view.permissions_of(role)
            ]
            if not buttons:
                continue
            conditions = view.conditions(world.own.actors[role])
            query = select(view.model.id).where(*conditions).order_by(view.model.id)
            if pk := db.session.scalars(query).first():
                found += [(view, button, role, pk) for button in buttons]
    db.session.rollback()
    return found


@MODERATELY
@given(data=st.data())
def test_any_press_is_answered(world: World, data: st.DataObject) -> None:
    view, button, role, pk = data.draw(st.sampled_from(pressable(world)))
    client, place = world.clients[role], f"{view.route_base}/act/{button.name}"
    fields = filled(data.draw, client, f"{place}?pk={pk}")
    typed = [(name, value) for name, value in fields if name not in ("row", "decision")]
    decision = data.draw(st.sampled_from([*button.events, "refuse"]) | ODD_TEXT)
    pairs = [("row", f"{pk}:{version_of(view, pk)}"), ("decision", decision), *typed]

    assert_fine(send(client, place, pairs), (place, pairs))


def version_of(view: Any, pk: int) -> int:
    version = db.session.scalar(select(view.model.version).where(view.model.id == pk))
    db.session.rollback()
    return int(version or 0)


@cache
def editable(world: World) -> list[tuple[str, FlaskClient]]:
    """Return every page on which something is typed: new records, records that may be changed, own pages."""
    found = [
        (f"{view.route_base}/add", world.clients[role])
        for view in views()
        if issubclass(view, GuideView)
        for role in view.roles
        if {"add", "create"} & set(view.permissions_of(role))
    ]
    for view in views():
        if issubclass(view, GuideView) and view.change is not None:
            role = next(role for role in view.roles if "edit" in view.permissions_of(role))
            keys = sorted(world.own.ids[view.model])[-6:]
            found += [(f"{view.route_base}/{key}/edit", world.clients[role]) for key in keys]
    draft = draft_of(world)
    pages = [f"section/{key}" for key in SECTIONS]
    own = [
        "/me/person/",
        "/me/apply",
        *(f"/me/application/{draft}/{page}" for page in [*pages, "submit"]),
    ]
    found += [(place, world.clients[Role.APPLICANT]) for place in own]
    return [(place, client) for place, client in found if client.get(place).status_code == 200]


@cache
def draft_of(world: World) -> int:
    """Return the number of the applicant's own draft."""
    query = select(Application.id).where(
        Application.person_id == world.own.actors[Role.APPLICANT].person_id,
        Application.state == ApplicationState.DRAFT,
    )
    return db.session.scalars(query).one()


@MODERATELY
@given(data=st.data())
def test_any_record_typed_is_answered(world: World, data: st.DataObject) -> None:
    place, client = data.draw(st.sampled_from(editable(world)))
    pairs = filled(data.draw, client, place)

    assert_fine(send(client, place, pairs), (place, pairs))


ROWS = st.lists(
    st.tuples(st.sampled_from(["0", "1", "99", "x", "-1", "9" * 6]), ODD_TEXT, ODD_TEXT), max_size=6
)


@MODERATELY
@given(
    key=st.sampled_from(SECTIONS),
    rows=ROWS,
    is_quiet=st.booleans(),
    do=st.sampled_from(["save", "copy.0", "remove.9", "add", "x.y"]),
)
def test_any_section_sent_is_answered(
    world: World, key: str, rows: list[tuple[str, str, str]], is_quiet: bool, do: str
) -> None:
    """Rows by number and field as the page sends them, the numbers and the values odd."""
    client, place = (
        world.clients[Role.APPLICANT],
        f"/me/application/{draft_of(world)}/section/{key}",
    )
    known = [name.rpartition("-")[2] for name in fields_of(client, place)] or ["name"]
    pairs = [
        (f"rows-{number}-{known[len(name) % len(known)]}", value) for number, name, value in rows
    ]
    accept = {"Accept": "application/json"} if is_quiet else {}
    body = encoded([("do", do), ("revision", "0"), *pairs]).encode()

    answer = client.post(
        place, data=body, headers=accept, content_type="application/x-www-form-urlencoded"
    )

    assert_fine(answer, (place, pairs))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc") | ODD_TEXT, inner)
    ),
    max_leaves=8,
)
CHANGE = st.fixed_dictionaries(
    {},
    optional={
        "revision": JSON,
        "set": JSON | st.dictionaries(ODD_TEXT, st.dictionaries(ODD_TEXT, JSON, max_size=3)),
        "add": JSON,
        "gone": JSON,
        "order": JSON,
    },
)


@MODERATELY
@given(key=st.sampled_from(SECTIONS), change=CHANGE | JSON)
def test_any_change_saved_by_itself_is_answered(world: World, key: str, change: Any) -> None:
    place = f"/me/application/{draft_of(world)}/section/{key}"

    answer = world.clients[Role.APPLICANT].post(place, json=change)

    assert_fine(answer, (place, change))


@MODERATELY
@given(
    place=st.sampled_from(["/register/", "/register/finish", "/r/", "/forgot/", "/forgot/code"]),
    data=st.data(),
)
def test_any_registration_is_answered(world: World, place: str, data: st.DataObject) -> None:
    names = ("name", "id_kind", "id_number", "phone", "email", "password", "again", "new", "code")
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(names), ODD_TEXT), max_size=6))

    assert_fine(send(world.anonymous, place, pairs), (place, pairs))


# files


BEGINNINGS = (
    b"",
    b"%PDF-1.7\n",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"PK\x03\x04",
    b"<svg",
    b"\xd0\xcf\x11\xe0",
)
CONTENT = st.one_of(
    st.builds(
        lambda start, rest: start + rest, st.sampled_from(BEGINNINGS), st.binary(max_size=300)
    ),
    st.integers(0, 600).map(lambda cut: pdf()[:cut]),
    st.integers(0, 80).map(lambda cut: picture()[:cut]),
    st.sampled_from([pdf(), picture()]),
)
FILE_NAME = st.sampled_from(
    [*NAUGHTY, "证明.pdf", "a.xlsx", "x" * 300 + ".pdf", "a/../b.png", "con", ".pdf"]
)


@SLOWLY
@given(
    content=CONTENT,
    name=FILE_NAME,
    kind=st.sampled_from(["education", "other", "photo"]) | ODD_TEXT,
)
def test_any_upload_is_answered(world: World, content: bytes, name: str, kind: str) -> None:
    place = f"/me/application/{draft_of(world)}/materials"
    sendable = kind.encode("utf-8", "replace").decode()
    form = {
        "kind": sendable,
        "secret": "no",
        "file": (io.BytesIO(content), name.encode("utf-8", "replace").decode()),
    }

    answer = world.clients[Role.APPLICANT].post(place, data=form)

    assert_fine(answer, (content, name, kind))


@SLOWLY
@given(
    content=CONTENT, name=FILE_NAME, field=st.sampled_from(["sheet", "scan", "proof", "minutes"])
)
def test_any_sheet_of_results_is_answered(
    world: World, content: bytes, name: str, field: str
) -> None:
    view, pk = next((view, pk) for view, b, _role, pk in pressable(world) if b.name == "enter")
    sent = (io.BytesIO(content), name.encode("utf-8", "replace").decode())
    form = {
        "row": f"{pk}:{version_of(view, pk)}",
        "members": "25",
        "present": "20",
        "voted_on": "2026-01-01",
        field: sent,
    }

    answer = world.clients[Role.OFFICE].post("/g/1.2.5/act/enter", data=form)

    assert_fine(answer, (content, name, field))


# without an account, and the account's own pages


@SLOWLY
@given(name=ODD_TEXT, password=ODD_TEXT, target=ODD_TEXT)
def test_any_sign_in_is_answered(world: World, name: str, password: str, target: str) -> None:
    pairs = [("username", name), ("password", password), ("next", target)]
    client = world.anonymous.application.test_client()

    answer = send(client, "/login/", pairs)

    assert_fine(answer, pairs)
    assert answer.status_code != 302


@SLOWLY
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["old", "new", "again", "session", "x"]), ODD_TEXT), max_size=4
    )
)
def test_any_change_of_the_account_is_answered(world: World, pairs: list[tuple[str, str]]) -> None:
    client = world.clients[Role.AUDITOR]

    assert_fine(send(client, "/session/password", pairs), pairs)
    assert_fine(
        send(client, "/session/end", [(key, value) for key, value in pairs if key != "session"]),
        pairs,
    )


@MODERATELY
@given(number=ODD_TEXT, name=ODD_TEXT, token=ODD_TEXT)
def test_any_query_of_the_public_is_answered(
    world: World, number: str, name: str, token: str
) -> None:
    pairs = [("number", number), ("name", name)]

    assert_fine(send(world.anonymous, "/public/certificates/", pairs), pairs)
    assert_fine(world.anonymous.get(f"/public/certificates/{in_path(token)}"), token)
    assert_fine(world.anonymous.get(f"/public/notices/?{encoded([('page', number)])}"), number)


HEADERS = ("Accept", "Accept-Language", "Cookie", "Range", "If-None-Match", "If-Modified-Since", "Referer", "Origin",
           "X-Requested-With", "X-Forwarded-For", "Authorization", "Content-Length", "User-Agent")  # fmt: skip
HEADER_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=255), max_size=60
) | st.sampled_from(
    [
        "bytes=0-",
        "bytes=9-1",
        "bytes=-",
        "bytes=0-0,1-1",
        "*/*;q=x",
        "Bearer " + "x" * 5000,
        "zhicheng=x",
        "en;q=1e9",
    ]
)


@MODERATELY
@given(headers=st.dictionaries(st.sampled_from(HEADERS), HEADER_TEXT, max_size=3))
def test_any_header_is_answered(world: World, headers: dict[str, str]) -> None:
    client, key = world.clients[Role.SUPERIOR], min(world.own.files)
    for place in ("/g/1.1.3/", f"/file/{key}", "/static/shell.css", "/api/v1/g/1.1.3/", "/healthz"):
        assert_fine(client.get(place, headers=headers), (place, headers))


# the interface for programs


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
DETAILS = [
    "granted",
    "approval_number",
    "items",
    "votes-0-yes",
    "recommendation",
    "decision",
    "opinion",
    "members",
]
DETAIL = st.dictionaries(st.sampled_from(DETAILS) | ODD_TEXT, JSON, max_size=4)


@MODERATELY
@given(data=st.data())
def test_any_body_is_answered(world: World, data: st.DataObject) -> None:
    view, button, role, pk = data.draw(st.sampled_from(pressable(world)))
    right = {
        "event": next(iter(button.events)),
        "rows": [{"id": pk, "version": version_of(view, pk)}],
    }
    odd = {
        "event": st.sampled_from(list(button.events)) | JSON,
        "rows": st.lists(st.fixed_dictionaries({"id": JSON, "version": JSON}), max_size=3) | JSON,
        "opinion": JSON,
        "details": DETAIL | JSON,
    }
    wrong = data.draw(st.lists(st.sampled_from(list(odd)), min_size=1, unique=True))
    body = right | {key: data.draw(odd[key]) for key in wrong}
    place = f"/api/v1/g/{view.__name__}/act/{button.name}"
    sent = data.draw(st.one_of(st.just(body), st.just(body), st.just(body), JSON))

    answer = world.anonymous.post(place, json=sent, headers=bearer(world.tokens[role]))

    assert_fine(answer, (place, sent))
    assert answer.is_json


@SLOWLY
@given(
    body=JSON
    | st.fixed_dictionaries({"username": JSON, "password": JSON}, optional={"position": JSON})
)
def test_any_request_of_a_token_is_answered(world: World, body: Any) -> None:
    assert_fine(world.anonymous.post("/api/v1/token", json=body), body)


@SLOWLY
@given(data=st.data(), body=st.binary(max_size=200))
def test_any_bytes_are_answered(world: World, data: st.DataObject, body: bytes) -> None:
    rule = data.draw(
        st.sampled_from([r for r in rules(world, "POST") if r.endpoint not in NOT_POSTED])
    )
    place = address(data.draw, world, rule)
    kinds = [
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        "x/y; charset=zz",
    ]
    kind = data.draw(st.sampled_from(kinds))

    assert_fine(holder(world, rule).post(place, data=body, content_type=kind), (place, kind, body))
