"""To-dos: a tile counts what its list shows, and no state waits for people without standing on somebody's list."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.engine import Workflow
from app.enums import ApplicationState, PlanState, Role
from app.models import Position
from app.todos.declared import WAITING
from app.views.frame.menu_tree import current_menu
from tests.support import factories, meetings
from tests.support.signing import client_of

TILE = re.compile(r'<a class="tile" href="([^"]+)">.*?<b>(\d+)</b>', re.DOTALL)
TOTAL = re.compile(r"of (\d+)</span>")
AT_ANY_TIME = {
    ("application", "give_up"): "the applicant may leave at any time",
    ("application", "take_back"): "the applicant may take a case back that nobody has looked at",
    ("application", "entrust"): "a case may be given to a colleague at any time",
    ("application", "release"): "a case may be taken back from a colleague at any time",
    ("application", "discard"): "a draft may be deleted",
    ("application", "restore"): "a deleted draft may be brought back",
    ("application", "object"): "somebody outside objects",
    ("application", "unpublish"): "a notice was opened by mistake",
    ("application", "revoke"): "a certificate turned out to be wrongly given",
    ("application", "result_object"): "somebody outside objects",
    ("batch", "adjust"): "a deadline is moved",
    ("batch", "take_back"): "the office may change its mind until somebody acted",
    ("batch", "close"): "a batch may be closed early",
    ("consent", "take_back"): "the asker may change their mind",
    ("certificate", "correct"): "a certificate turned out to be wrong",
    ("certificate", "revoke"): "a certificate turned out to be wrongly given",
    ("change_set", "cancel"): "a change of permissions is not to take effect after all",
    ("change_set", "collect"): "the draft stands on every page of its author",
    ("change_set", "discard"): "the draft stands on every page of its author",
    ("change_set", "publish"): "the draft stands on every page of its author",
    ("change_set", "schedule"): "the draft stands on every page of its author",
    ("change_set", "undo"): "a change of permissions turned out to be wrong",
    ("deputy", "end_deputy"): "a deputyship ends by itself; it may end early",
    ("draw", "ask_void"): "something went wrong in a draw",
    ("employment_change", "withdraw"): "the person may change their mind",
    ("expert", "take_leave"): "the judge goes on leave",
    ("expert", "end_leave"): "the judge is back early; a leave ends by itself",
    ("expert", "leave_pool"): "the judge leaves",
    ("expert", "remove"): "a judge is removed",
    ("expert", "withdraw"): "the judge may change their mind",
    ("expert_account", "confirm"): "beside refusing; one refused by mistake can be confirmed",
    ("extension", "withdraw"): "an extension may be withdrawn",
    ("interview", "ask_move"): "the applicant may ask for another time",
    ("interview", "correct_absence"): "an absence was noted by mistake",
    ("interview", "move"): "another time may be given",
    ("interview", "redraw"): "the order may be drawn again before the notices",
    ("key_holder", "replace"): "a holder is replaced",
    ("notice", "cancel"): "a notice was opened by mistake",
    ("objection", "take_over"): "a higher body may take an inquiry over",
    ("opinion", "rewrite"): "a signed opinion may be changed before the vote",
    ("plan", "take_back"): "the office may change its mind until somebody acted",
    ("quota", "take_back"): "the unit may change its mind until somebody acted",
    ("plan", "reopen"): "an entry may be sent back",
    ("plan_change", "withdraw"): "the office may take back what it asked for",
    ("proposal", "withdraw"): "the handler may take a proposal back",
    ("round", "drop_paper"): "a paper round was entered by mistake",
    ("route_node", "replace"): "a place may be changed",
    ("route_change", "dispute"): "units beside the one that confirms may object",
    ("route_change", "undo"): "the office may bring a change of the tree back",
    ("route_change", "withdraw"): "the office may take back what it asked for",
    ("round", "ask_void"): "something went wrong in a round",
    ("seat", "note_decline"): "a judge refuses by telephone",
    ("seat", "object_decline"): "a message tells the judge of the refusal that was noted",
    ("seat", "appoint"): "who presides may be changed",
    ("seat", "call"): "alternates are called by the program",
    ("seat", "decline"): "beside accepting",
    ("seat", "depart"): "a judge leaves the meeting early",
    ("seat", "release"): "a seat is given up",
    ("seat", "withdraw"): "a judge gives the seat back",
}
"""(object, event) → why nobody has to be told: it answers to something that happens outside."""
FIRED_BY = {
    ("application", "objection_rejected"): ("objection", "reject"),
    ("application", "objection_return"): ("objection", "uphold_return"),
    ("application", "objection_end"): ("objection", "uphold_end"),
    ("application", "result_objection_rejected"): ("objection", "reject"),
    ("application", "result_objection_upheld"): ("objection", "uphold_end"),
    ("application", "take_in"): ("plan", "agree"),
    ("application", "decide_pass"): ("plan", "confirm"),
    ("application", "decide_fail"): ("plan", "confirm"),
    ("application", "certify"): ("filing", "agree"),
    ("application", "file_return"): ("filing", "return"),
    ("plan", "change_lines"): ("plan_change", "agree"),
    ("route_node", "rearrange"): ("route_change", "confirm"),
    ("route_node", "place_between"): ("route_change", "confirm"),
    ("route_node", "bring_back"): ("route_change", "undo"),
}
"""(object, event) → the act on another object that fires it, whose own row says who has to be told."""


def told() -> Iterator[tuple[str, str, Role, Any]]:
    """Yield (object, event, role, state) for everything on somebody's list; state None for any state."""
    for view in current_menu().views():
        for todo in getattr(view, "all_todos", tuple)():
            for role in (role for role in view.roles if todo.is_for(view, role)):
                for model, event in todo.moves:
                    yield model.__tablename__, event, role, None
                for event in todo.events:
                    for name in offered_with(view, event):
                        for state in Workflow.registry[view.model].rows[event].source:
                            yield view.model.__tablename__, name, role, state


def offered_with(view: Any, event: str) -> set[str]:
    """Return the events of the button that fires `event`: who is told of 通过 is told of 退回."""
    buttons = getattr(view, "buttons", ())
    return {event}.union(*(button.events for button in buttons if event in button.events))


def untold() -> Iterator[str]:
    known, silent = set(told()), {*AT_ANY_TIME, *FIRED_BY}
    for model, flow in Workflow.registry.items():
        name = model.__tablename__
        for row in flow.rows.values():
            for state, role in product(row.source, row.roles):
                is_told = {(name, row.event, role, state), (name, row.event, role, None)} & known
                if not is_told and (name, row.event) not in silent:
                    yield f"{name} {state.name}: {row.event} by {role.name}"


def test_no_state_waits_untold(app: Flask) -> None:
    assert list(untold()) == []


def test_exceptions_name_acts_that_exist(app: Flask) -> None:
    acts = {
        (model.__tablename__, event)
        for model, flow in Workflow.registry.items()
        for event in flow.rows
    }

    assert {*AT_ANY_TIME, *FIRED_BY, *FIRED_BY.values()} <= acts


def test_tiles_count_what_their_lists_show(app: Flask, staff: list[Position]) -> None:
    wrong, seen = [], set()
    for position in staff:
        client = client_of(app, position)
        for url, count in TILE.findall(client.get("/").text):
            shown = client.get(unescape(url))
            total = TOTAL.search(shown.text)
            is_said = url.endswith(f"todo={WAITING}") or 'id="todo"' in shown.text
            if total is None or total.group(1) != count or not is_said:
                wrong.append((position.label, url, count, shown.status_code))
            seen.add(url.partition("?")[0])

    assert wrong == []
    assert len(seen) > 15


def test_only_the_own_to_dos_can_be_asked_for(app: Flask) -> None:
    unit = client_of(app, factories.position(Role.UNIT))
    superior = client_of(app, factories.position(Role.SUPERIOR))

    asked = [unit.get(f"/g/1.1.4/?todo={key}") for key in ("publish", "waiting", "nonsense", "%00")]

    assert [answer.status_code for answer in asked] == [200, 400, 400, 400]
    assert superior.get("/g/1.1.4/?todo=publish").status_code == 400


def test_what_waits_is_listed_whole_in_a_year_of_another_batch(app: Flask) -> None:
    case = factories.application(ApplicationState.CHECKED)
    client = client_of(app, factories.position(Role.UNIT, unit=case.unit))
    client.get("/year/2019?next=/")

    assert f"/g/1.1.4/{case.id}" in client.get("/g/1.1.4/?todo=publish").text
    assert f"/g/1.1.4/{case.id}" not in client.get("/g/1.1.4/").text


def test_menu_opens_on_the_tab_that_has_work(app: Flask) -> None:
    case = factories.application(ApplicationState.AT_UNIT)
    busy = client_of(app, factories.position(Role.UNIT, unit=case.unit))
    idle = client_of(app, factories.position(Role.UNIT))

    assert 'href="/g/1.1.1/check/"' in menu(busy)
    assert 'href="/g/1.1.1/check/"' not in menu(idle)


def menu(client: FlaskClient) -> str:
    return client.get("/g/1.1.4/").text.partition("<main")[0]


@pytest.mark.parametrize(
    ("state", "values", "waits"),
    [
        (PlanState.CONCLUDED, {}, ["publish"]),
        (PlanState.ENTERED, {"entered_by": None}, []),
        (PlanState.APPROVED, {}, ["enter"]),
    ],
)
def test_office_is_told_what_its_meeting_needs(
    app: Flask, state: PlanState, values: dict[str, Any], waits: list[str]
) -> None:
    plan = meetings.offline()
    if state is PlanState.CONCLUDED:
        meetings.confirmed(plan)
    plan.state = state
    office = client_of(app, factories.position(Role.OFFICE, committee=plan.committee))
    other = client_of(app, factories.position(Role.OFFICE, committee=factories.committee()))

    tiles = re.findall(r"/g/1.2.5/\?todo=(\w+)", office.get("/").text)

    assert tiles == waits
    assert "todo=" not in other.get("/").text
