"""Helpers to fire events and ask guards through the engine, without pages."""

from typing import Any

from app import engine
from app.engine import Act
from app.enums import Role
from app.ground import clock
from app.ground.actor import Actor
from tests.support import factories


def act_on(record: Any, **values: Any) -> Act:
    """Return an act on a record as a guard gets it, by a clerk of a unit unless said otherwise."""
    values = {"actor": factories.actor(Role.UNIT), "at": clock.now(), "event": "x"} | values
    return Act(record, **values)


def why_not(record: Any, event: str, actor: Actor) -> str | None:
    """Return why the actor may not fire the event now."""
    return engine.why_not(record, event, actor=actor, at=clock.now())


def fire(record: Any, event: str, actor: Actor, **values: Any) -> Any:
    """Fire the event now."""
    return engine.fire(record, event, actor=actor, at=clock.now(), **values)


def press(record: Any, event: str, actor: Actor, opinion: str = "", **details: Any) -> Any:
    """Fire the event now with an opinion and with what was typed beside it."""
    return fire(record, event, actor, opinion=opinion, details=details)
