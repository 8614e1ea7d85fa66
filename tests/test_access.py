"""Role × route × row: who gets in, who sees which row, on pages, files and the interface for programs.

Taken from the menu and the address map, so that a new view is asked about by itself. One world serves the
whole module, and no test may move a row of it.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from app import scopes
from app.engine import Workflow
from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground.actor import Actor
from app.menu import views
from app.models import Application, Plan, Round
from app.views.base.base import GuideView, PageView
from app.views.frame.api import Api
from tests.support.databases import Prepared
from tests.support.world import PARTS, World, bearer, inhabited

GUIDE_VIEWS = [view for view in views() if issubclass(view, GuideView)]
PAGE_VIEWS = [view for view in views() if issubclass(view, PageView) and view is not Api]
PAGE_MODELS: dict[str, type[Any]] = {"Hall": Application, "Phone": Application}
"""Pages over single records, with the model of their `<int:pk>`."""
SEEN_BEFORE = 999
"""A version nobody has: a press with it is let in and refused by the engine."""
PARTS_OF_ALL = 4
"""So many tests share what is asked about every row, so that workers can."""
HARMLESS = {"list", "show", "search", "export", "act", "add_record", "edit"}
"""Routes of GuideView that may be posted to on own rows: an empty form or an old version moves nothing."""
WITH_API = {role for role in Role if role.is_staff and not role.is_maintenance}
GUIDE_ROLES = {
    Role.APPLICANT: {"1.7.1"},
    Role.UNIT: {"1.1.1", "1.1.2", "1.1.4", "1.5.1", "1.6.2", "1.7.1"},
    Role.SUPERIOR: {"1.1.3", "1.1.4", "1.5.2", "1.6.2", "1.7.1"},
    Role.OFFICE: {
        "1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5", "1.2.6", "1.2.7", "1.4.1", "1.4.2", "1.6.1", "1.7.1",
    },
    Role.JUDGE: {"1.3.1", "1.3.2", "1.3.3", "1.3.4", "1.3.5", "1.7.1"},
    Role.SUPERVISOR: {"1.2.3", "1.7.1"},
    Role.HRSS: {"1.1.4", "1.2.2", "1.2.7", "1.4.1", "1.4.2", "1.5.2", "1.7.1"},
    Role.SYSADMIN: set(),
    Role.SECADMIN: set(),
    Role.AUDITOR: set(),
}  # fmt: skip
"""The guide's own table, written down a second time."""


@pytest.fixture(scope="module")
def world(application: Flask, prepared: Prepared) -> Iterator[World]:
    with inhabited(application, prepared) as made:
        yield made


@pytest.fixture(autouse=True)
def unmoved(world: World) -> Iterator[None]:
    """Whatever was asked: no row changed its state, no file came, nothing was logged as done."""
    before = world.states()
    yield
    assert world.states() == before


def rules_of(application: Flask, view: type[Any]) -> list[Rule]:
    return [
        rule
        for rule in application.url_map.iter_rules()
        if rule.endpoint.startswith(f"{view.__name__}.")
    ]


def method_of(rule: Rule) -> str:
    return rule.endpoint.rpartition(".")[2]


def asked(view: type[Any], rule: Rule, application: Flask) -> list[tuple[str, dict[str, Any]]]:
    """Return (permission, values of the address) for every door behind `rule`."""
    if method_of(rule) == "act" and issubclass(view, GuideView):
        return [(button.name, {"button": button.name}) for button in view.buttons]
    permission = getattr(application.view_functions[rule.endpoint], "_permission_name", "")
    return [(permission, {name: PARTS[name] for name in rule.arguments if name != "pk"})]


def path(rule: Rule, values: dict[str, Any]) -> str:
    built = rule.build(values)
    assert built is not None, rule
    return built[1]


def doors(
    application: Flask, view: type[Any], pk: int
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield (permission, method, address, form) for everything `view` answers, about the row `pk`."""
    for rule in rules_of(application, view):
        for permission, values in asked(view, rule, application):
            address = path(rule, values | ({"pk": pk} if "pk" in rule.arguments else {}))
            is_act = "button" in values
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                query = f"?pk={pk}" if is_act and method == "GET" else ""
                form = {"row": f"{pk}:{SEEN_BEFORE}"} if is_act else {}
                yield permission, method, f"{address}{query}", form


def ask(client: FlaskClient, method: str, address: str, form: dict[str, Any]) -> int:
    """Return the status; a refusal comes in the few words a program gets, not as a page drawn for nobody."""
    data, headers = None if method == "GET" else form, {"Accept": "application/json"}
    answer = client.open(address, method=method, data=data, headers=headers)
    status: int = answer.status_code
    return status


def is_about_a_row(address: str, pk: int) -> bool:
    return f"/{pk}" in address or f"pk={pk}" in address or "/act/" in address


# who gets in at all


@pytest.mark.parametrize("role", list(Role))
def test_menus_of_a_role_are_those_of_the_guide(role: Role) -> None:
    numbers = {
        view.guide for view in GUIDE_VIEWS if role in view.roles and view.guide[:1].isdigit()
    }

    assert numbers == GUIDE_ROLES[role]


@pytest.mark.parametrize("view", [*GUIDE_VIEWS, *PAGE_VIEWS])
def test_without_a_sign_in_every_door_is_closed(
    application: Flask, world: World, view: Any
) -> None:
    wrong = []
    for _permission, method, address, form in doors(application, view, 1):
        answer = world.anonymous.open(address, method=method, data=form)
        is_led_away = answer.status_code == 302 and answer.location.startswith("/login/?next=/")
        if not (is_led_away if method == "GET" else answer.status_code == 401):
            wrong.append((method, address, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("view", [*GUIDE_VIEWS, *PAGE_VIEWS])
def test_without_the_permission_every_door_is_closed(
    application: Flask, world: World, view: Any
) -> None:
    wrong = []
    for role, client in world.clients.items():
        held = set(view.permissions_of(role)) if role in view.roles else set()
        for permission, method, address, form in doors(application, view, 1):
            if permission not in held and (status := ask(client, method, address, form)) != 403:
                wrong.append((role.value, method, address, status))

    assert wrong == []


# which rows


def rows_of(world: World, view: Any, actor: Actor, rule: Rule | None = None) -> list[int]:
    """Return own rows that stand in this menu; for its edit page, those that can be edited."""
    query = select(view.model.id).where(*view.conditions(actor))
    found = sorted(set(db.session.scalars(query)) & world.own.ids[view.model])
    db.session.rollback()
    return found


def is_everybodys(view: Any) -> bool:
    """Registers and logs of the administrators know no rows of one's own."""
    return all(role.is_maintenance for role in view.roles)


@pytest.mark.parametrize("view", GUIDE_VIEWS)
def test_own_row_is_shown(application: Flask, world: World, view: Any) -> None:
    wrong = []
    for role in view.roles:
        rows = rows_of(world, view, world.own.actors[role])
        assert rows, f"the world has no row in {view.__name__} for {role.value}"
        for permission, method, address, form in doors(application, view, rows[0]):
            is_tried = (
                method == "GET" or address.rpartition("/")[2] in ("add", "edit", "search") or form
            )
            if permission not in view.permissions_of(role) or not is_tried:
                continue
            status = ask(world.clients[role], method, address, form)
            if status not in ((200, 302, 303) if method == "GET" else (302, 303, 422)):
                wrong.append((role.value, method, address, status))

    assert wrong == []


@pytest.mark.parametrize("view", GUIDE_VIEWS)
def test_list_names_own_rows_and_no_other(world: World, view: Any) -> None:
    for role in view.roles:
        page = world.clients[role].get(f"{view.route_base}/?size=100").text
        own = rows_of(world, view, world.own.actors[role])

        named = {int(key) for key in re.findall(rf'"{view.route_base}/(\d+)["?]', page)}
        shown, foreign = named & set(own), named & world.other.ids[view.model]

        assert shown == set(own[-100:])
        assert is_everybodys(view) or not foreign


@pytest.mark.parametrize("view", [view for view in GUIDE_VIEWS if view.change is not None])
def test_edit_page_opens_for_a_row_that_may_be_edited(world: World, view: Any) -> None:
    roles = [role for role in view.roles if "edit" in view.permissions_of(role)]
    states = (
        Workflow.registry[view.model].sources([view.change.event]) if view.change.event else None
    )
    for role in roles:
        keys = rows_of(world, view, world.own.actors[role])
        query = select(view.model.id).where(view.model.id.in_(keys))
        fit = db.session.scalars(
            query.where(view.model.state.in_(states)) if states else query
        ).all()
        db.session.rollback()

        answers = [
            world.clients[role].get(f"{view.route_base}/{key}/edit").status_code for key in fit
        ]

        assert set(answers) == {200}


@pytest.mark.parametrize("view", [view for view in GUIDE_VIEWS if not is_everybodys(view)])
def test_row_of_others_does_not_exist(application: Flask, world: World, view: Any) -> None:
    foreign = sorted(world.other.ids[view.model])
    assert foreign, view.model
    wrong = []
    for role in view.roles:
        held = view.permissions_of(role)
        for pk in foreign:
            for permission, method, address, form in doors(application, view, pk):
                if permission not in held or not is_about_a_row(address, pk):
                    continue
                if (status := ask(world.clients[role], method, address, form)) != 404:
                    wrong.append((role.value, method, address, status))

    assert wrong == []


@pytest.mark.parametrize("part", range(PARTS_OF_ALL))
@pytest.mark.parametrize("view", [view for view in PAGE_VIEWS if view.__name__ in PAGE_MODELS])
def test_pages_show_only_the_persons_own_record(
    application: Flask, world: World, view: Any, part: int
) -> None:
    applicant = world.own.actors[Role.APPLICANT]
    client = world.clients[Role.APPLICANT]
    rows = db.session.execute(select(Application.id, Application.person_id)).tuples().all()
    db.session.rollback()
    wrong = []
    for pk, person_id in sorted(rows)[part::PARTS_OF_ALL]:
        for _permission, method, address, form in doors(application, view, pk):
            is_own = person_id == applicant.person_id
            # an upload that was begun, the calendar file of an interview: there are none
            is_absent = "/uploads/" in address or address.endswith(".ics")
            if not is_about_a_row(address, pk) or (is_own and (method != "GET" or is_absent)):
                continue
            status = ask(client, method, address, form)
            if status not in ((200, 302, 303) if is_own else (404,)):
                wrong.append((is_own, method, address, status))

    assert wrong == []


def test_every_page_over_records_is_asked_about(application: Flask) -> None:
    with_rows = {
        view.__name__
        for view in PAGE_VIEWS
        for rule in rules_of(application, view)
        # what administrators configure belongs to all of them
        if "pk" in rule.arguments and not all(role.is_maintenance for role in view.roles)
    }

    assert with_rows == set(PAGE_MODELS)


# files


@pytest.mark.parametrize("role", list(Role))
def test_file_follows_the_scope_of_its_record(world: World, role: Role) -> None:
    actor, client = world.own.actors[role], world.clients[role]
    seen = {
        model: set(db.session.scalars(select(model.id).where(scopes.visible(model, actor))))
        for model in scopes.VISIBLE
    }
    db.session.rollback()
    wrong = []
    for key, (model, record) in {**world.own.files, **world.other.files}.items():
        status = client.get(f"/file/{key}").status_code
        is_sheet = role is Role.JUDGE and model in (Plan, Round)  # bears the names of judges
        if status != (200 if record in seen[model] and not is_sheet else 404):
            wrong.append((model.__name__, record, status))

    assert wrong == []
    assert not role.is_maintenance or not any(seen.values())


@pytest.mark.parametrize("role", [role for role in Role if not role.is_maintenance])
def test_file_of_others_does_not_exist(world: World, role: Role) -> None:
    opened = {model for model in scopes.VISIBLE if model.__name__ == "Batch"}
    answers = {
        world.clients[role].get(f"/file/{key}").status_code
        for key, (model, _record) in world.other.files.items()
        if model not in opened
    }

    assert answers == {404}


def test_file_needs_a_sign_in(world: World) -> None:
    key = next(iter(world.own.files))

    answer = world.anonymous.get(f"/file/{key}")

    assert answer.status_code == 302
    assert answer.location == f"/login/?next=/file/{key}"


# the interface for programs


def api_doors(view: Any, pk: int) -> Iterator[tuple[str, str, str, dict[str, Any] | None]]:
    name = view.guide if not view.slug else view.__name__
    yield "list", "GET", f"/api/v1/g/{name}/", None
    yield "show", "GET", f"/api/v1/g/{name}/{pk}", None
    for button in view.buttons:
        for event in button.events:
            body = {
                "event": event,
                "rows": [{"id": pk, "version": SEEN_BEFORE}],
                "opinion": "缺少任职年限的证明",
            }
            yield button.name, "POST", f"/api/v1/g/{name}/act/{button.name}", body


def call(client: FlaskClient, secret: str, method: str, address: str, body: Any) -> int:
    headers = bearer(secret) if secret else {}
    status: int = client.open(address, method=method, json=body, headers=headers).status_code
    return status


@pytest.mark.parametrize("view", GUIDE_VIEWS)
def test_api_is_closed_without_a_token_or_without_the_permission(world: World, view: Any) -> None:
    wrong = []
    for permission, method, address, body in api_doors(view, 1):
        if (status := call(world.anonymous, "", method, address, body)) != 401:
            wrong.append(("nobody", method, address, status))
        for role, secret in world.tokens.items():
            is_held = role in view.roles and permission in view.permissions_of(role)
            if is_held and role in WITH_API:
                continue
            if (status := call(world.anonymous, secret, method, address, body)) != 403:
                wrong.append((role.value, method, address, status))

    assert wrong == []


@pytest.mark.parametrize("view", [view for view in GUIDE_VIEWS if not is_everybodys(view)])
def test_api_knows_own_rows_and_no_others(world: World, view: Any) -> None:
    wrong = []
    for role in set(view.roles) & WITH_API:
        own = rows_of(world, view, world.own.actors[role])[0]
        foreign = min(world.other.ids[view.model])
        for pk, expected in ((own, (200, 409, 422)), (foreign, (404, 422))):
            for permission, method, address, body in api_doors(view, pk):
                if permission not in view.permissions_of(role) or permission == "list":
                    continue
                status = call(world.anonymous, world.tokens[role], method, address, body)
                is_closed_event = status == 403 and method == "POST"
                if status not in expected and not is_closed_event:
                    wrong.append((role.value, method, address, body, status))

    assert wrong == []


@pytest.mark.parametrize("view", [view for view in GUIDE_VIEWS if set(view.roles) & WITH_API])
def test_api_lists_the_rows_of_the_page(world: World, view: Any) -> None:
    name = view.guide if not view.slug else view.__name__
    for role in set(view.roles) & WITH_API:
        answer = world.anonymous.get(
            f"/api/v1/g/{name}/?size=100", headers=bearer(world.tokens[role])
        )

        keys = {row["id"] for row in answer.get_json()["rows"]}

        assert keys == set(rows_of(world, view, world.own.actors[role]))


# the own application in a role of staff (Order 40, art. 34: nobody handles the own case)


OWN_DESKS = [
    (Role.UNIT, ApplicationState.AT_UNIT, "FirstCheckView"),
    (Role.UNIT, ApplicationState.NOTICE_OVER, "UnitReportView"),
    (Role.SUPERIOR, ApplicationState.AT_SUPERIOR, "SuperiorReviewView"),
    (Role.OFFICE, ApplicationState.AT_OFFICE, "QualificationView"),
]


def press_everything(world: World, role: Role, view: Any, pk: int) -> Iterator[tuple[int, int]]:
    """Yield the answers of page and interface to every outcome of every button, as if nothing was amiss."""
    version = db.session.scalar(select(view.model.version).where(view.model.id == pk))
    db.session.rollback()
    for button in view.buttons:
        names = list(button.events)
        for event in names:
            typed = {"decision": event, "opinion": "材料不属实", "recommendation": "同意推荐"}
            if button.refusals and event != names[0]:
                typed |= {"decision": "refuse", "way": event}
            by_page = world.clients[role].post(
                f"{view.route_base}/act/{button.name}", data=typed | {"row": f"{pk}:{version}"}
            )
            body = {"event": event, "opinion": typed["opinion"], "details": typed}
            by_api = world.anonymous.post(
                f"/api/v1/g/{view.__name__}/act/{button.name}",
                json=body | {"rows": [{"id": pk, "version": version}]},
                headers=bearer(world.tokens[role]),
            )
            yield by_page.status_code, by_api.status_code


@pytest.mark.parametrize(("role", "state", "name"), OWN_DESKS)
def test_nobody_handles_the_own_application(
    world: World, role: Role, state: ApplicationState, name: str
) -> None:
    view = next(view for view in GUIDE_VIEWS if view.__name__ == name)
    pk = world.own.own_cases[role, state]

    page = world.clients[role].get(f"{view.route_base}/act/{view.buttons[0].name}?pk={pk}")
    answers = list(press_everything(world, role, view, pk))

    assert "is your own; somebody else must handle it" in page.text
    assert {by_page for by_page, _by_api in answers} == {422}
    assert {by_api for _by_page, by_api in answers} <= {409, 422}


def test_nobody_settles_an_objection_against_oneself(world: World) -> None:
    view = next(view for view in GUIDE_VIEWS if view.__name__ == "ObjectionView")

    answers = list(press_everything(world, Role.UNIT, view, world.own.own_objection))

    assert {by_page for by_page, _by_api in answers} == {422}
    assert {by_api for _by_page, by_api in answers} <= {409, 422}
