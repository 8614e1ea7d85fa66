"""What every page of every role asks of the database: the pages, their statements and their bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import select

from app.engine import Workflow
from app.enums import Role
from app.extensions import db
from app.menu import views
from app.models import Position
from app.views.base.base import GuideView, PageView
from app.views.frame.api import Api
from tests.support import factories as make
from tests.support.counting import statements
from tests.support.world import World

SEEN = "UPDATE login_session"
"""Begins the statement that notes now and then that a session is used."""


class Page(NamedTuple):
    """A page of a role; its kind is home, list, detail or act (the page before an act)."""

    role: Role
    kind: str
    name: str


def page(role: str, kind: str, name: str) -> Page:
    """Return the page that a line of a table names."""
    return Page(Role(role), kind, name)


@dataclass(frozen=True)
class Cost:
    """What a page asked of the database, and its bytes."""

    sent: tuple[str, ...]
    size: int

    @property
    def statements(self) -> int:
        return len(self.sent)


def measure(application: Flask, world: World, rows: int) -> dict[Page, Cost]:
    """Ask every page that the world's people may open; acts are asked about at most `rows` rows at once."""
    found: dict[Page, Cost] = {}
    for role, client in world.clients.items():
        # what a worker keeps between requests is read once
        client.get("/")
        for page, address in _pages(application, world, role, rows):
            db.session.rollback()
            with statements() as sent:
                answer = client.get(address)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                asked = tuple(one for one in sent if not one.startswith(SEEN))
                found[page] = Cost(asked, len(answer.data))
    return found


def _pages(application: Flask, world: World, role: Role, rows: int) -> Iterator[tuple[Page, str]]:
    yield Page(role, "home", "Home.index"), "/"
    for view in views():
        if role not in view.roles or view is Api:
            continue
        held = set(view.permissions_of(role))
        if issubclass(view, GuideView):
            yield from _of_menu(view, world, role, held, rows)
        elif issubclass(view, PageView) and "list" in held:
            endpoint = f"{view.__name__}.{view.default_view}"
            yield Page(role, "list", endpoint), _address(application, endpoint)


def _of_menu(
    view: Any, world: World, role: Role, held: set[str], rows: int
) -> Iterator[tuple[Page, str]]:
    # made anew: the committees of an office follow from the database
    actor = make.actor_of(db.session.get_one(Position, world.own.actors[role].position_id))
    name = view.__name__
    yield Page(role, "list", f"{name}.list"), f"{view.route_base}/"
    own = sorted(world.own.ids[view.model])
    first = db.session.scalar(_some(view, actor, view.model.id.in_(own), 1))
    if first is None:
        return
    if "show" in held:
        yield Page(role, "detail", f"{name}.show"), f"{view.route_base}/{first}"
    for button in view.buttons:
        if button.name in held and not button.is_page:
            waits = _waiting(view, button)
            keys = db.session.scalars(_some(view, actor, waits, rows)).all()
            query = "&".join(f"pk={key}" for key in keys)
            if keys:
                yield (
                    Page(role, "act", f"{name}.{button.name}"),
                    f"{view.route_base}/act/{button.name}?{query}",
                )


def _address(application: Flask, endpoint: str) -> str:
    found = [rule for rule in application.url_map.iter_rules(endpoint) if not rule.arguments]
    return found[0].rule


def _waiting(view: Any, button: Any) -> Any:
    return view.model.state.in_(Workflow.registry[view.model].sources(button.events))


def _some(view: Any, actor: Any, condition: Any, limit: int) -> Any:
    query = select(view.model.id).where(*view.conditions(actor), condition)
    return query.order_by(view.model.id).limit(limit)
