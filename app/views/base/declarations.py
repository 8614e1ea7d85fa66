"""What a menu declares besides columns: its buttons, its 新增, its editing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from app.engine import Workflow
from app.enums import Role
from app.ground.actor import Actor
from app.models.base import Stateful

SAVE = _("Save")


@dataclass(frozen=True)
class Button:
    """A button of the guide. One permission; `events` are its outcomes, the first one the approving one.

    With `refusals` the page offers two radios, 审核通过 and 审核不通过, and the other events as ways of
    refusing; without it each event is a radio of its own. A button with `is_page` leads to pages of its own view.
    """

    name: str
    label: Any
    events: Mapping[str, Any]
    form: type[Any] | None = None
    refusals: Any = None
    confirm: Any = None
    tone: str = "go"
    asks_opinion: bool = False
    is_page: bool = False

    def events_for(self, model: type[Any], actor: Actor) -> dict[str, Any]:
        """Return the events that the role of `actor` may fire on records of `model`, with their labels."""
        if self.is_page:
            return {}
        rows = Workflow.registry[model].rows
        return {
            event: label for event, label in self.events.items() if actor.role in rows[event].roles
        }


@dataclass(frozen=True)
class Trial:
    """A second button of a form: does everything the press would do, shows what came of it, and undoes it.

    `show` returns the sections that the page draws above the form.
    """

    label: Any
    show: Callable[[Any, Actor], Sequence[Any]]


@dataclass(frozen=True)
class Add:
    """新增 → 保存: `build` makes the unsaved record, the engine begins it with `event`; `verb` stands on the button.

    Registers without a workflow leave `event` empty; their changes go to the audit log, with the name of the
    record unless that is somebody's private matter (`is_named`).
    """

    label: Any
    form: type[Any]
    event: str
    build: Callable[[dict[str, Any], Actor, Any], Stateful]
    notes: tuple[Any, ...] = ()
    roles: tuple[Role, ...] = ()
    is_named: bool = True
    trial: Trial | None = None
    verb: Any = SAVE


@dataclass(frozen=True)
class Change:
    """Editing a record in a state that `event` starts from: `load` fills the form, `apply` writes it back.

    A register without a workflow leaves `event` empty; its model is `Versioned`.
    """

    label: Any
    form: type[Any]
    event: str
    load: Callable[[Any], dict[str, Any]]
    apply: Callable[[Any, dict[str, Any], Actor, Any], None]
    notes: tuple[Any, ...] = ()
    trial: Trial | None = None
    verb: Any = SAVE
