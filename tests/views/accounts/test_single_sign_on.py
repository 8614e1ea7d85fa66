"""The province's single sign-on against a real provider in a process of its own: journeys, faults, attacks."""

import json
import re
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import base64_decode
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import AuditLog, ExternalIdentity, LoginSession, Outbox, Person, User
from app.services.accounts import accounts
from app.services.credentials import openid, passwords
from tests.support import factories, oidc_provider
from tests.support.oidc_provider import Provider
from tests.support.signing import (
    PASSWORD,
    cookie,
    english,
    give_password,
    is_anonymous,
    replays,
    sign_in,
)

NAME = "湘小易"
KEYS = {"provider": ""}
"""Under what the running provider is known in the database."""
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
EVIL = [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "\t//evil",
]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with oidc_provider.running() as running:
        yield running


@pytest.fixture
def site(app: Flask, provider: Provider) -> Iterator[Flask]:
    """The program as an installation with the single sign-on, of which nothing has been read yet."""
    provider.set("")
    app.config.update(configured(provider))
    [known] = openid.remotes(app).values()
    KEYS["provider"] = known.key
    yield app
    del app.extensions[openid.EXTENSION]


def configured(provider: Provider) -> dict[str, str]:
    return {
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": oidc_provider.CLIENT_ID,
        "OIDC_CLIENT_SECRET": oidc_provider.CLIENT_SECRET,
    }


@pytest.fixture
def browser(site: Flask) -> FlaskClient:
    return english(site.test_client())


def begin(browser: FlaskClient, **query: str) -> str:
    """Press the button; return the address at the provider."""
    answer = browser.get("/sso/", query_string=query)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def go_round(browser: FlaskClient, provider: Provider, **query: str) -> Any:
    """Press the button, sign in at the provider, come back; return what the site answers."""
    return browser.get(local(provider.signs_in(begin(browser, **query))))


def citizen(name: str = NAME, **values: Any) -> Person:
    """Make a person with an account and a password."""
    person = factories.person(name=name, **values)
    give_password(factories.user(person=person))
    return person


def claims(person: Person, sub: str = "s-1", **changed: Any) -> dict[str, Any]:
    told = {"sub": sub, "name": person.name, "id_number": person.id_number}
    return told | {"phone_number": "13900000009"} | changed


def link(person: Person, sub: str = "s-1", *, is_confirmed: bool = False) -> None:
    """Link the account of `person` with a subject of the one provider."""
    factories.add(
        ExternalIdentity(
            provider=KEYS["provider"],
            subject=sub,
            user_id=person.user_id,
            is_confirmed=is_confirmed,
        )
    )


def identities() -> list[ExternalIdentity]:
    db.session.expire_all()
    return list(db.session.scalars(select(ExternalIdentity).order_by(ExternalIdentity.id)))


def signed_in_as() -> set[int]:
    """Return whose sessions are open."""
    query = select(LoginSession.user_id).where(LoginSession.ended_at.is_(None))
    return set(db.session.scalars(query))


def is_turned_away(answer: Any) -> bool:
    return answer.status_code == 303 and urlsplit(answer.location).path == "/login/"


def sentence(browser: FlaskClient) -> str:
    return str(browser.get("/login/").text)


def held(client: FlaskClient) -> dict[str, Any]:
    """Read the cookie as everybody can who has it."""
    payload = cookie(client)
    body = payload.removeprefix(".").split(".")[0]
    raw = base64_decode(body)
    if payload.startswith("."):
        raw = zlib.decompress(raw)
    found: dict[str, Any] = json.loads(raw)
    return found


# the button


def test_button_is_shown_where_there_is_a_single_sign_on(browser: FlaskClient) -> None:
    assert 'href="/sso/?next=/me/"' in browser.get("/login/?next=/me/").text


def test_button_is_not_shown_without_one(client: FlaskClient) -> None:
    assert "/sso/" not in client.get("/login/").text


def test_provider_of_the_settings_is_the_frameworks(app: Flask, provider: Provider) -> None:
    made = create_app({**app.config, **configured(provider)})

    assert made.appbuilder.sm.oauth_remotes == {openid.NAME: openid.provider_of(made)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/sso/", "/sso/callback", "/sso/link"])
def test_without_a_single_sign_on_its_addresses_do_not_exist(
    client: FlaskClient, path: str
) -> None:
    assert client.get(path).status_code == 404


def test_start_asks_with_everything_the_protocol_protects_by(browser: FlaskClient) -> None:
    asked = parse_qs(urlsplit(begin(browser)).query)

    assert asked["redirect_uri"] == [oidc_provider.RETURN_ADDRESS]
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))


def test_return_address_follows_no_host_of_the_request(browser: FlaskClient) -> None:
    answer = browser.get("/sso/", base_url="http://127.0.0.1")

    assert parse_qs(urlsplit(answer.location).query)["redirect_uri"] == [
        oidc_provider.RETURN_ADDRESS
    ]


# who comes in


def test_known_person_is_signed_in_with_a_session_of_our_own(
    browser: FlaskClient, provider: Provider
) -> None:
    person = citizen()
    link(person)
    provider.set(**claims(person))

    answer = go_round(browser, provider, next="/session/")

    [row] = db.session.scalars(select(AuditLog).where(AuditLog.kind == "sign_in"))
    assert (answer.status_code, answer.location) == (303, "/session/")
    assert not is_anonymous(browser)
    assert (row.is_success, row.actor_id) == (True, person.user_id)
    assert set(held(browser)) <= {"sid", "_user_id", "_fresh", "_id", "locale", "csrf_token"}


def test_session_before_the_sign_in_opens_nothing_after_it(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    other, person = citizen(name="前任"), citizen()
    link(person)
    provider.set(**claims(person))
    assert other.user is not None
    sign_in(browser, other.user.username)
    before = cookie(browser)

    go_round(browser, provider)

    assert is_anonymous(replays(site, before))
    assert signed_in_as() == {person.user_id}


def test_id_number_and_name_find_the_account_and_link_it(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    person = citizen()
    provider.set(**claims(person))

    answer = go_round(browser, provider)

    [identity] = identities()
    [told] = db.session.scalars(select(Outbox).where(Outbox.template == "account.vouched"))
    assert answer.status_code == 303
    assert (identity.user_id, identity.subject) == (person.user_id, "s-1")
    assert identity.is_confirmed is False
    assert told.user_id == person.user_id
    assert signed_in_as() == {person.user_id}


@pytest.mark.parametrize("change", [str.lower, lambda number: f" {number[:6]} {number[6:]} "])
def test_id_number_is_found_however_it_is_written(
    browser: FlaskClient, provider: Provider, change: Any
) -> None:
    person = citizen(id_number="43009919920101105X")
    provider.set(**claims(person, id_number=change(person.id_number)))

    go_round(browser, provider)

    assert signed_in_as() == {person.user_id}


def test_who_registered_under_somebody_elses_number_is_kept_out(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    person = citizen(phone="13800000001", email="thief@example.com")
    link(person, "s-thief", is_confirmed=True)
    thief = site.test_client()
    assert person.user is not None
    username = person.user.username
    sign_in(thief, username)
    provider.set(**claims(person))

    go_round(browser, provider)

    assert is_anonymous(thief)
    assert sign_in(site.test_client(), username).status_code == 401
    assert [one.subject for one in identities()] == ["s-1"]
    assert (person.phone, person.email) == ("13900000009", None)
    assert not is_anonymous(browser)


def test_other_name_than_the_accounts_asks_for_a_sign_in_here(
    browser: FlaskClient, provider: Provider
) -> None:
    person = citizen()
    provider.set(**claims(person, name="别人"))

    answer = go_round(browser, provider)

    assert answer.location == "/sso/link"
    assert identities() == []
    assert signed_in_as() == set()


def test_record_of_a_unit_is_claimed(browser: FlaskClient, provider: Provider) -> None:
    unit = factories.unit()
    person = factories.person(name=NAME, unit=unit, phone="13700000007")
    provider.set(**claims(person, phone_number=None))

    go_round(browser, provider)

    [identity] = identities()
    assert person.user_id == identity.user_id
    assert (person.unit_id, person.phone) == (unit.id, "13700000007")
    assert browser.get("/me/").status_code == 200


def test_record_of_a_unit_with_another_name_is_not_claimed(
    browser: FlaskClient, provider: Provider
) -> None:
    person = factories.person(name="李四")
    provider.set(**claims(person, name=NAME))

    answer = go_round(browser, provider)

    assert is_turned_away(answer)
    assert "another name" in sentence(browser)
    assert person.user_id is None
    assert db.session.query(User).count() == 0


def test_new_person_is_registered_once(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    number = factories.id_number()
    provider.set(sub="s-9", name=NAME, id_number=number, phone_number="13911112222")

    first = go_round(browser, provider)
    second = go_round(site.test_client(), provider)

    person = db.session.scalars(select(Person)).one()
    assert (first.status_code, second.status_code) == (303, 303)
    assert (person.name, person.id_number, person.phone) == (NAME, number, "13911112222")
    assert person.user is not None
    assert person.user.password is None
    assert signed_in_as() == {person.user_id}
    assert browser.get("/me/").status_code == 200


def test_account_without_a_password_opens_by_none(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    provider.set(sub="s-9", name=NAME, id_number=factories.id_number())
    go_round(browser, provider)
    user = db.session.scalars(select(User)).one()

    answers = [
        sign_in(site.test_client(), user.username, typed) for typed in ("", "None", PASSWORD)
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]


def test_same_new_person_twice_at_once_is_one_person(site: Flask, provider: Provider) -> None:
    provider.set(sub="s-9", name=NAME, id_number=factories.id_number())
    browsers = [site.test_client() for _ in range(4)]
    returns = [local(provider.signs_in(begin(one))) for one in browsers]
    start = Barrier(4)

    def come_back(browser: FlaskClient, address: str) -> int:
        with site.app_context():
            start.wait()
            return int(browser.get(address).status_code)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(come_back, browsers, returns))

    assert set(answers) == {303}
    assert db.session.query(Person).count() == db.session.query(User).count() == 1
    assert len(identities()) == 1


def test_disabled_account_stays_out(browser: FlaskClient, provider: Provider) -> None:
    known, found = citizen(), citizen(name="另一人")
    link(known)
    for person in (known, found):
        assert person.user is not None
        accounts.disable(SYSTEM, person.user, at=clock.now())

    for person, sub in ((known, "s-1"), (found, "s-2")):
        provider.set(**claims(person, sub))
        answer = go_round(browser, provider)

        assert is_turned_away(answer)
        assert "disabled" in sentence(browser)
    assert signed_in_as() == set()
    assert len(identities()) == 1


# staff, and people the provider gives no number of


def test_staff_links_only_by_signing_in_here(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    person = citizen()
    factories.position(Role.UNIT, unit=factories.unit(), user=person.user)
    provider.set(**claims(person))
    assert person.user is not None

    asked = go_round(browser, provider)
    before = signed_in_as()
    linked = browser.post(
        "/sso/link", data={"username": person.user.username, "password": PASSWORD}
    )
    again = go_round(site.test_client(), provider)

    assert asked.location == "/sso/link"
    assert before == set()
    assert (linked.status_code, again.status_code) == (303, 303)
    assert [one.is_confirmed for one in identities()] == [True]
    assert signed_in_as() == {person.user_id}


def test_link_by_number_ends_to_hold_when_its_person_becomes_staff(
    browser: FlaskClient, provider: Provider
) -> None:
    person = citizen()
    link(person)
    factories.position(Role.UNIT, unit=factories.unit(), user=person.user)
    provider.set(**claims(person))
    assert person.user is not None

    asked = go_round(browser, provider)
    browser.post("/sso/link", data={"username": person.user.username, "password": PASSWORD})

    assert asked.location == "/sso/link"
    assert [one.is_confirmed for one in identities()] == [True]
    assert signed_in_as() == {person.user_id}


@pytest.mark.parametrize("number", [None, "", "4300**********1010", "430099198503071011", 7, ["x"]])
def test_person_without_a_usable_number_signs_in_here_once(
    browser: FlaskClient, site: Flask, provider: Provider, number: Any
) -> None:
    person = citizen()
    provider.set(**claims(person, id_number=number))
    assert person.user is not None

    go_round(browser, provider, next="/session/")
    page = browser.get("/sso/link")
    linked = browser.post(
        "/sso/link", data={"username": person.user.username, "password": PASSWORD}
    )
    again = go_round(site.test_client(), provider)

    assert NAME in page.text
    assert (linked.status_code, linked.location) == (303, "/session/")
    assert again.status_code == 303
    assert signed_in_as() == {person.user_id}


def test_cookie_of_a_waiting_identity_holds_no_id_number(
    browser: FlaskClient, provider: Provider
) -> None:
    person = citizen()
    provider.set(**claims(person, name="别人"))

    go_round(browser, provider)

    assert held(browser)["sso_pending"]["who"]["subject"] == "s-1"
    assert person.id_number not in json.dumps(held(browser))


def test_link_refuses_the_account_of_another_id_number(
    browser: FlaskClient, provider: Provider
) -> None:
    mine, other = citizen(), citizen(name="另一人")
    provider.set(**claims(mine, name="别人"))
    assert other.user is not None

    go_round(browser, provider)
    answer = browser.post("/sso/link", data={"username": other.user.username, "password": PASSWORD})

    assert answer.status_code == 401
    assert "another ID number" in answer.text
    assert identities() == []
    assert signed_in_as() == set()


def test_link_refuses_an_identity_that_belongs_to_somebody(
    browser: FlaskClient, provider: Provider
) -> None:
    owner, other = citizen(), citizen(name="另一人")
    link(owner)
    factories.position(Role.UNIT, unit=factories.unit(), user=owner.user)
    provider.set(sub="s-1", name=NAME)
    assert other.user is not None

    go_round(browser, provider)
    answer = browser.post("/sso/link", data={"username": other.user.username, "password": PASSWORD})

    assert answer.status_code == 401
    assert [one.user_id for one in identities()] == [owner.user_id]
    assert signed_in_as() == set()


def test_link_refuses_a_second_person_for_an_account(
    browser: FlaskClient, provider: Provider
) -> None:
    person = citizen()
    link(person, is_confirmed=True)
    provider.set(sub="s-2", name="别人")
    assert person.user is not None

    go_round(browser, provider)
    answer = browser.post(
        "/sso/link", data={"username": person.user.username, "password": PASSWORD}
    )

    assert answer.status_code == 401
    assert [one.subject for one in identities()] == ["s-1"]
    assert signed_in_as() == set()


def test_link_counts_wrong_passwords_like_the_sign_in(
    browser: FlaskClient, provider: Provider
) -> None:
    person = citizen()
    provider.set(sub="s-2", name=NAME)
    assert person.user is not None
    go_round(browser, provider)

    tried = [
        browser.post("/sso/link", data={"username": person.user.username, "password": "wrong"})
        for _try in range(6)
    ]
    right = browser.post("/sso/link", data={"username": person.user.username, "password": PASSWORD})

    assert [answer.status_code for answer in tried] == [401] * 5 + [429]
    assert right.status_code == 429
    assert identities() == []


def test_link_needs_the_token_of_its_page(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    person = citizen()
    provider.set(sub="s-2", name=NAME)
    assert person.user is not None
    go_round(browser, provider)
    site.config["WTF_CSRF_ENABLED"] = True
    typed = {"username": person.user.username, "password": PASSWORD}

    forged = browser.post("/sso/link", data=typed)
    found = CSRF.search(browser.get("/sso/link").text)
    assert found is not None
    honest = browser.post("/sso/link", data=typed | {"csrf_token": found.group(1)})

    assert forged.status_code == 400
    assert honest.status_code == 303
    assert len(identities()) == 1


def test_link_without_an_identity_leads_to_the_sign_in(browser: FlaskClient) -> None:
    person = citizen()
    assert person.user is not None

    answer = browser.post(
        "/sso/link", data={"username": person.user.username, "password": PASSWORD}
    )

    assert is_turned_away(answer)
    assert signed_in_as() == set()


def test_identity_waits_ten_minutes(browser: FlaskClient, provider: Provider) -> None:
    person = citizen()
    provider.set(sub="s-2", name=NAME)
    assert person.user is not None
    go_round(browser, provider)

    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        answer = browser.post(
            "/sso/link", data={"username": person.user.username, "password": PASSWORD}
        )

    assert is_turned_away(answer)
    assert identities() == []


def test_cancel_forgets_the_waiting_identity(browser: FlaskClient, provider: Provider) -> None:
    provider.set(sub="s-2", name=NAME)
    go_round(browser, provider)

    browser.post("/sso/cancel")

    assert is_turned_away(browser.get("/sso/link"))


# what goes wrong

FAULTY_ANSWERS = {
    "denied": "cancelled",
    "server_error": "does not work",
    "mixed_up": "cannot be trusted",
    "no_sender": "cannot be trusted",
    "token_500": "does not work",
    "token_html": "cannot be trusted",
    "token_redirect": "cannot be trusted",
    "no_id_token": "cannot be trusted",
    "jwks_500": "does not work",
    "jwks_rubbish": "cannot be trusted",
    "userinfo_500": "does not work",
    "userinfo_other": "cannot be trusted",
} | dict.fromkeys(
    (
        "wrong_nonce", "no_nonce", "wrong_aud", "wrong_aud_own_azp", "many_aud", "wrong_iss", "expired",
        "from_the_future", "no_exp", "odd_exp", "empty_sub", "odd_sub", "long_sub", "wrong_at_hash",
        "alg_none", "alg_hs256_secret", "alg_hs256_public", "bad_key", "own_key_in_header", "tampered",
        "rubbish",
    ),
    "cannot be trusted",
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTY_ANSWERS)
def test_faulty_answer_ends_on_the_sign_in_page_without_a_session(
    browser: FlaskClient, provider: Provider, fault: str
) -> None:
    person = citizen()
    link(person)
    link(citizen(name="管理员"), "admin")
    provider.set(fault, **claims(person))

    answer = go_round(browser, provider)

    shown = sentence(browser)
    [row] = db.session.scalars(select(AuditLog).where(AuditLog.kind == "sign_in"))
    assert is_turned_away(answer)
    assert FAULTY_ANSWERS[fault] in shown
    assert "call 110" not in shown
    assert is_anonymous(browser)
    assert signed_in_as() == set()
    assert row.is_success is False


@pytest.mark.parametrize(
    "fault",
    [
        "discovery_500",
        "discovery_html",
        "discovery_list",
        "other_issuer",
        "readable_endpoint",
        "no_endpoint",
    ],
)
def test_faulty_description_of_the_provider_ends_on_the_sign_in_page(
    browser: FlaskClient, provider: Provider, fault: str
) -> None:
    provider.set(fault)

    answer = browser.get("/sso/")

    assert is_turned_away(answer)
    assert "Unified identity authentication" in sentence(browser)


def test_provider_that_is_down_is_asked_again_a_little_later(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    provider.set("discovery_500")
    first = browser.get("/sso/")
    counts = provider.set("")
    second = browser.get("/sso/")
    now = clock.now()

    with time_machine.travel(now + openid.PAUSE * 2):
        third = browser.get("/sso/")

    discovery = "/.well-known/openid-configuration"
    assert is_turned_away(first)
    assert is_turned_away(second)
    assert third.status_code == 302
    assert provider.set("")[discovery] == counts[discovery] + 1


def test_provider_that_does_not_listen_is_said_to_be_down(
    site: Flask, browser: FlaskClient
) -> None:
    known = openid.provider_of(site)
    assert known is not None
    address, known._server_metadata_url = known._server_metadata_url, "http://127.0.0.1:9/"

    answer = browser.get("/sso/")

    known._server_metadata_url = address
    assert is_turned_away(answer)
    assert "does not work" in sentence(browser)


def test_provider_is_read_once_and_its_new_keys_are_found(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    person = citizen()
    link(person)
    before = provider.set(**claims(person))
    answers = [go_round(site.test_client(), provider) for _time in range(3)]
    between = provider.set(new_key=True)

    answers.append(go_round(browser, provider))

    after = provider.set("")
    discovery = "/.well-known/openid-configuration"
    assert {answer.status_code for answer in answers} == {303}
    assert signed_in_as() == {person.user_id}
    assert between[discovery] - before.get(discovery, 0) == 1
    assert between["/jwks"] - before.get("/jwks", 0) == 1
    assert after["/jwks"] - between["/jwks"] == 1
    assert after[discovery] == between[discovery]


# attacks


def test_answer_counts_once(browser: FlaskClient, site: Flask, provider: Provider) -> None:
    person = citizen()
    link(person)
    provider.set(**claims(person))
    address = local(provider.signs_in(begin(browser)))
    stolen = cookie(browser)

    first = browser.get(address)
    again = browser.get(address)
    replayed = replays(site, stolen).get(address)

    assert first.status_code == 303
    assert is_turned_away(again)
    assert is_turned_away(replayed)
    assert db.session.query(LoginSession).count() == 1


@pytest.mark.parametrize("state", [None, "", "x", "状态", "%00", "x" * 3000])
def test_answer_with_another_state_is_refused(
    browser: FlaskClient, provider: Provider, state: str | None
) -> None:
    person = citizen()
    link(person)
    provider.set(**claims(person))
    sent_back = parse_qs(urlsplit(provider.signs_in(begin(browser))).query)
    asked = {"code": sent_back["code"][0]} | ({} if state is None else {"state": state})

    answer = browser.get("/sso/callback", query_string=asked)

    assert is_turned_away(answer)
    assert "another window" in sentence(browser)
    assert signed_in_as() == set()


def test_answer_meant_for_another_browser_is_refused(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    attacker = citizen()
    link(attacker)
    provider.set(**claims(attacker))
    address = local(provider.signs_in(begin(site.test_client())))
    begin(browser)

    answer = browser.get(address)

    assert is_turned_away(answer)
    assert is_anonymous(browser)
    assert signed_in_as() == set()


def test_code_of_another_sign_in_is_refused(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    attacker = citizen()
    link(attacker)
    provider.set(**claims(attacker))
    theirs = parse_qs(urlsplit(provider.signs_in(begin(site.test_client()))).query)
    own = parse_qs(urlsplit(begin(browser)).query)

    answer = browser.get(
        "/sso/callback",
        query_string={
            "code": theirs["code"][0],
            "state": own["state"][0],
            "iss": theirs["iss"][0],
        },
    )

    assert is_turned_away(answer)
    assert signed_in_as() == set()


def test_answer_after_ten_minutes_is_refused(browser: FlaskClient, provider: Provider) -> None:
    person = citizen()
    link(person)
    provider.set(**claims(person))
    address = local(provider.signs_in(begin(browser)))

    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        answer = browser.get(address)

    assert is_turned_away(answer)
    assert signed_in_as() == set()


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_led_away_from_this_site(
    browser: FlaskClient, provider: Provider, target: str
) -> None:
    person = citizen()
    link(person)
    provider.set(**claims(person))

    answer = go_round(browser, provider, next=target)

    assert answer.location == "/"


def test_subject_of_another_provider_is_somebody_else(
    browser: FlaskClient, provider: Provider
) -> None:
    person = citizen()
    factories.add(ExternalIdentity(provider="0" * 40, subject="s-1", user_id=person.user_id))
    provider.set(sub="s-1", name=NAME)

    answer = go_round(browser, provider)

    assert answer.location == "/sso/link"
    assert signed_in_as() == set()


def test_first_password_of_somebody_found_by_number_is_void(
    browser: FlaskClient, provider: Provider
) -> None:
    person = citizen()
    assert person.user is not None
    passwords.set_password(person.user, PASSWORD, must_change=True)
    provider.set(**claims(person))

    go_round(browser, provider)

    assert browser.get("/me/").status_code == 200


def test_sign_out_ends_the_session_here(
    browser: FlaskClient, site: Flask, provider: Provider
) -> None:
    person = citizen()
    link(person)
    provider.set(**claims(person))
    go_round(browser, provider)
    kept = cookie(browser)

    browser.post("/logout/")

    assert is_anonymous(replays(site, kept))


def test_sign_in_with_a_password_works_beside_it(browser: FlaskClient, session: Session) -> None:
    person = citizen()
    assert person.user is not None

    assert sign_in(browser, person.user.username).status_code == 302
