"""Every address with its methods and the right it needs, kept in a golden file so that a change is seen.

`make golden` writes the file anew.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.menu import views
from app.permissions import all_permissions
from app.views.base.base import GuideView, PageView
from app.views.codes.dictionaries import INSIDE
from app.views.registers.maintenance_base import MaintenanceView

GOLDEN = Path(__file__).parent / "golden" / "routes.txt"
PUBLIC, SIGNED_IN, TOKEN = "public", "signed in", "token"
PLAIN = {
    "Session.login": (PUBLIC, "nobody is signed in before the sign-in"),
    "Session.logout": (PUBLIC, "ends a session if there is one"),
    "Session.password": (SIGNED_IN, "everybody's own password"),
    "SecondFactorPages.own": (SIGNED_IN, "everybody's own second factor"),
    "SecondFactorPages.ask": (SIGNED_IN, "everybody's own second factor"),
    "SecondFactorPages.set_up": (SIGNED_IN, "everybody's own second factor"),
    "SecondFactorPages.renew_codes": (SIGNED_IN, "everybody's own second factor"),
    "SecondFactorPages.remove": (SIGNED_IN, "everybody's own second factor"),
    "MessageChoices.list": (SIGNED_IN, "everybody's own message settings"),
    "Session.sessions": (SIGNED_IN, "everybody's own sessions"),
    "Session.end": (SIGNED_IN, "everybody's own sessions"),
    "Session.without_position": (SIGNED_IN, "tells that the own account holds no position"),
    "Session.switch": (SIGNED_IN, "everybody's own positions"),
    "Home.index": (SIGNED_IN, "shows what the position's own menus count"),
    "Finding.show": (SIGNED_IN, "searches the menus of the position, each within its scope"),
    "HowTo.list": (SIGNED_IN, "lists the pages of the menus that the position may open"),
    "HowTo.show": (SIGNED_IN, "the right to the menus that name the page, asked inside"),
    "HowTo.image": (SIGNED_IN, "the right to the menus whose page shows it, asked inside"),
    "Guide.show": (SIGNED_IN, "the operating guide, the same for everybody"),
    "Messages.list": (SIGNED_IN, "everybody's own messages"),
    "Messages.read": (SIGNED_IN, "everybody's own messages"),
    "PhoneApp.manifest": (PUBLIC, "name and icons of the installed app, the same for everybody"),
    "PhoneApp.worker": (PUBLIC, "keeps static files on the phone, nothing of anybody"),
    "PhoneApp.offline": (PUBLIC, "says that there is no network"),
    "Files.page": (SIGNED_IN, "the scope of the record decides"),
    "Files.download": (SIGNED_IN, "the scope of the record decides"),
    "Reminders.remind": (SIGNED_IN, "the scope of the application and the roles of the act decide"),
    "Phrases.offered": (SIGNED_IN, "the scope of the phrases: the own ones and those of the role"),
    "ResultProof.show": (SIGNED_IN, "the scope of the results decides"),
    "MeetingTrial.show": (SIGNED_IN, "office and chair of the meeting, asked inside"),
    "MeetingFairness.show": (
        SIGNED_IN,
        "chair, supervisor and authority of the meeting, asked inside",
    ),
    "Lookup.answer": (
        SIGNED_IN,
        "registers every form picks from; scoped where rows are somebody's",
    ),
    "PublicNotices.list": (PUBLIC, "results in public notice"),
    "PublicNotices.show": (PUBLIC, "results in public notice"),
    "PublicCertificates.query": (PUBLIC, "verification of a certificate"),
    "PublicCertificates.scanned": (PUBLIC, "verification of a certificate"),
    "PublicProofs.show": (PUBLIC, "fingerprint of the key and the programs that check records"),
    "PublicProofs.program": (PUBLIC, "fingerprint of the key and the programs that check records"),
    "Registration.ask": (PUBLIC, "registration: nobody has an account before it"),
    "Registration.waiting": (PUBLIC, "shows the code this browser asked for"),
    "Registration.state": (PUBLIC, "tells how far the ticket of this browser is"),
    "Registration.finish": (PUBLIC, "signs in the browser whose ticket a phone completed"),
    "PhoneRegistration.open_code": (PUBLIC, "opens a code with its secret"),
    "PhoneRegistration.fill_in": (PUBLIC, "registration: nobody has an account before it"),
    "PhoneRegistration.prove": (PUBLIC, "registration: proves with a code who registers"),
    "PhoneRegistration.confirm": (
        SIGNED_IN,
        "only the phone that registered confirms its web page",
    ),
    "PhoneRegistration.done": (SIGNED_IN, "tells the own username"),
    "Forgotten.ask": (PUBLIC, "for those who cannot sign in"),
    "Forgotten.again": (PUBLIC, "for those who cannot sign in"),
    "Forgotten.code": (PUBLIC, "for those who cannot sign in"),
    "Forgotten.use": (PUBLIC, "for those who cannot sign in"),
    "Year.choose": (SIGNED_IN, "which review year the own lists show"),
    "Language.choose": (PUBLIC, "the language of the pages"),
    "Onlooking.end": (SIGNED_IN, "ends looking as somebody else"),
    "health.healthz": (PUBLIC, "tells the machine that starts us whether we answer"),
    "static": (PUBLIC, "style sheets and scripts"),
    "appbuilder.static": (PUBLIC, "style sheets and scripts of the framework"),
    "console.static": (PUBLIC, "style sheets and scripts of the framework"),
    "console.index": (PUBLIC, "leads on to a page that asks for its permission"),
    "SingleSignOn.start": (PUBLIC, "leads to the province's sign-on, where there is one"),
    "SingleSignOn.callback": (PUBLIC, "the answer of the sign-on, checked before it is believed"),
    "SingleSignOn.link": (PUBLIC, "asks for name and password once"),
    "SingleSignOn.cancel": (PUBLIC, "forgets an identity that waits to be linked"),
    "Api.token": (PUBLIC, "name and password are exchanged for a token here"),
    "Api.end_token": (TOKEN, "ends the token it is called with"),
    "Api.specification": (TOKEN, "can_list on Api, and can_list on each menu it describes"),
    "Api.rows": (TOKEN, "can_list on Api and on the menu named in the address"),
    "Api.row": (TOKEN, "can_list on Api and can_show on the menu named in the address"),
    "Api.act": (TOKEN, "can_list on Api and the button's permission on the menu"),
}
NEEDS_EDIT = {
    "create_view", "edit_view", "delete_view", "action_view", "ajax_update", "switch_view", "order_view",
    "merge_view", "import_view",
}  # fmt: skip
MENUS = {view.__name__: view for view in (*views(), *INSIDE)}


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def right(app: Flask, rule: Rule) -> str:
    """Return what `rule` asks for, "" when nothing says so."""
    name, _dot, method = rule.endpoint.partition(".")
    view, named = (
        MENUS.get(name),
        getattr(app.view_functions[rule.endpoint], "_permission_name", ""),
    )
    if rule.endpoint in PLAIN:
        return PLAIN[rule.endpoint][0]
    if view is None:
        return ""
    if issubclass(view, MaintenanceView):
        name = view.permission_of or name
        pairs = ["can_list", "can_edit"] if method in NEEDS_EDIT else ["can_list"]
    elif method == "act" and issubclass(view, GuideView):
        pairs = [f"can_{button.name}" for button in view.buttons]
    else:
        pairs = [f"can_{named}"] if named else []
        if not named:
            return ""
    existing = [pair for pair in pairs if (pair, name) in all_permissions()]
    return f"{' and '.join(existing)} on {name}" if existing else "nobody"


def line(app: Flask, rule: Rule) -> str:
    return f"{','.join(methods(rule)):<8} {rule.rule}  {rule.endpoint}  [{right(app, rule)}]"


def test_routes_are_those_of_the_golden_file(app: Flask) -> None:
    lines = [line(app, rule) for rule in rules(app)]
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")

    assert lines == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_every_route_needs_a_permission_or_says_why_not(app: Flask) -> None:
    bare = [rule.endpoint for rule in rules(app) if not right(app, rule)]

    assert bare == []


def test_plain_routes_exist_and_name_a_reason(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in rules(app)}

    assert set(PLAIN) <= endpoints
    assert all(kind in (PUBLIC, SIGNED_IN, TOKEN) and reason for kind, reason in PLAIN.values())


def test_menus_guard_each_of_their_routes(app: Flask) -> None:
    """A route that a view overrides without its guard has no permission and would be open."""
    own = {view.__name__ for view in MENUS.values() if issubclass(view, (GuideView, PageView))}
    unguarded = [
        rule.endpoint
        for rule in rules(app)
        if rule.endpoint.partition(".")[0] in own
        and rule.endpoint not in PLAIN
        and not hasattr(app.view_functions[rule.endpoint], "_permission_name")
    ]

    assert unguarded == []


def address(rule: Rule) -> str:
    values: dict[str, Any] = {
        "locale": "en",
        "code": "en",
        "filename": "none.css",
        "token": "none",
        "year": 0,
    }
    values |= {
        "kind": "unit",
        "number": "1.1.1",
        "name": "1.1.2",
        "button": "report",
        "pk": 1,
        "page": 1,
    }
    built = rule.build({name: values[name] for name in rule.arguments})
    assert built is not None
    return built[1]


def is_closed(answer: Any) -> bool:
    is_led_away = answer.status_code == 302 and answer.location.startswith("/login/")
    return is_led_away or answer.status_code == 401


@pytest.mark.parametrize("endpoint", PLAIN)
def test_plain_routes_are_as_open_as_they_say(
    app: Flask, client: FlaskClient, endpoint: str
) -> None:
    kind = PLAIN[endpoint][0]
    own = [rule for rule in rules(app) if rule.endpoint == endpoint]

    answers = [
        client.open(address(rule), method=method, json={} if kind == TOKEN else None)
        for rule in own
        for method in methods(rule)
    ]

    if kind == PUBLIC:
        signing_in = endpoint in ("Session.login", "Session.logout", "Api.token")
        assert signing_in or not any(is_closed(answer) for answer in answers)
    else:
        assert all(is_closed(answer) for answer in answers)


def test_reading_routes_of_menus_have_a_writing_one_only_by_post(app: Flask) -> None:
    """Nothing is changed by a PUT, PATCH or DELETE, which the token check of forms would not see."""
    odd = {
        rule.endpoint: methods(rule)
        for rule in rules(app)
        if not set(methods(rule)) <= {"GET", "POST"} and rule.endpoint != "Api.end_token"
    }

    assert odd == {}
