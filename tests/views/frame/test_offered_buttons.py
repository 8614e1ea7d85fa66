"""A button in a row of a list is one that works: its guards refuse nothing that the list could have known."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.engine import Workflow
from app.extensions import db
from app.ground import clock
from app.models import Position
from app.views.base.acting import why_not_any
from app.views.frame.menu_tree import current_menu
from tests.support import factories
from tests.support.signing import client_of

ROW_ACT = re.compile(r'<a href="([^"]*(?:/act/\w+\?[^"]*|/\d+(?:\?[^"#]*)?#act-\w+))"')
PRESSED = re.compile(r"/act/(?P<act>\w+)\?.*?\bpk=(?P<key>\d+)")
TOLD = {
    (
        "QualificationView",
        "audit",
    ): "the office has to read at the case why its committee cannot go on",
}
"""(menu, button) → why it is offered nevertheless."""
BESIDE = re.compile(r"/(?P<key>\d+)(?:\?[^#]*)?#act-(?P<act>\w+)")


def offered(page: str) -> Iterator[tuple[int, str]]:
    """Yield (key of the row, name of the button) for every act in a row of a list."""
    for url in map(unescape, ROW_ACT.findall(page)):
        found = PRESSED.search(url) or BESIDE.search(url)
        if found is not None:
            yield int(found["key"]), found["act"]


def refused(view: Any, page: str, position: Position) -> Iterator[str]:
    actor, buttons = factories.actor_of(position), {one.name: one for one in view.buttons}
    for key, name in offered(page):
        events = buttons[name].events_for(view.model, actor)
        record = db.session.get_one(view.model, key)
        why = why_not_any(record, events, actor, clock.now()) if events else None
        if why is not None and (view.__name__, name) not in TOLD:
            yield f"{view.__name__} {name} {record.state.name}: {why}"


def hidden(view: Any, page: str, position: Position) -> Iterator[str]:
    """Yield the acts whose guards pass and that the list does not offer all the same."""
    actor, shown = factories.actor_of(position), set(offered(page))
    rows = select(view.model).where(*view.conditions(actor)).limit(100)
    ruled = [one for one in view.buttons if one.when and one.events_for(view.model, actor)]
    for record in db.session.scalars(rows).all() if ruled else ():
        for button in ruled:
            events = button.events_for(view.model, actor)
            is_due = record.state in Workflow.registry[view.model].sources(events)
            is_free = not why_not_any(record, events, actor, clock.now())
            if is_due and is_free and (record.id, button.name) not in shown:
                yield f"{view.__name__} {button.name} {record.state.name} is hidden"


def test_buttons_of_rows_can_work(app: Flask, staff: list[Position]) -> None:
    wrong, seen = set(), 0
    for position in staff:
        client = client_of(app, position)
        for view in current_menu().views():
            if not hasattr(view, "buttons") or position.role not in view.roles:
                continue
            page = client.get(f"{view.route_base}/?size=100").get_data(as_text=True)
            seen += len(list(offered(page)))
            wrong |= {*refused(view, page, position), *hidden(view, page, position)}

    assert sorted(wrong) == []
    assert seen > 100
