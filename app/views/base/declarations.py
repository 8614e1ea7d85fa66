"""Declarations of a menu besides its columns: buttons, 新增 (add) and editing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement
from sqlalchemy.orm.interfaces import LoaderOption

from app.engine import Workflow
from app.enums import Role
from app.forms.base.base import ActForm, Form
from app.ground.actor import Actor
from app.models.base import Stateful, Versioned
from app.views.base.aliases import Label
from app.views.base.detail_sections import DetailSection

SAVE = _("Save")


@dataclass(frozen=True)
class Button:
    """A button named in the guide, with one permission. `events` are its outcomes; the first one approves.

    With `refusals` the page offers two radio buttons, 审核通过 (pass) and 审核不通过 (do not pass), and the other
    events as ways of refusing; without it each event is a radio button. A button with `is_page` leads to
    other pages of the view and fires no event. `when` narrows the rows on which a list offers it to those whose
    guards can pass; the page of a record shows it with the reason. One that is not `is_in_rows` stands above the
    list and at the record only.
    """

    name: str
    label: Label
    events: Mapping[str, Label]
    form: type[ActForm] | None = None
    refusals: Label | None = None
    confirm: Label | None = None
    tone: str = "go"
    asks_opinion: bool = False
    is_in_rows: bool = True
    is_page: bool = False
    when: Callable[[Actor], ColumnElement[bool]] | None = None

    def events_for(self, model: type[Stateful], actor: Actor) -> dict[str, Label]:
        """Return the events that the role of `actor` may fire on records of `model`, with their labels."""
        if self.is_page:
            return {}
        rows = Workflow.registry[model].rows
        return {
            event: label for event, label in self.events.items() if actor.role in rows[event].roles
        }


def take_back(confirm: Label) -> Button:
    """Return the button 撤回修改, by which who reported a record takes it back until somebody has acted."""
    label = _("Take back")
    return Button("take_back", label, {"take_back": label}, confirm=confirm, tone="")


@dataclass(frozen=True)
class DryRun:
    """A dry-run button of a form: saves as usual, shows the effect, then rolls everything back.

    `show` returns the sections that the page shows above the form.
    """

    label: Label
    show: Callable[[Any, Actor], Sequence[DetailSection]]


class FieldGroup(Protocol):
    """Fields that stand together, each as (key, label)."""

    @property
    def label(self) -> str: ...

    @property
    def fields(self) -> Sequence[tuple[str, str]]: ...


class FieldSource(Protocol):
    """Further fields of a list's records that an export may hold, read for many records at a time."""

    loading: Sequence[LoaderOption]

    def groups(self) -> Sequence[FieldGroup]: ...

    def headings(self, keys: Sequence[str]) -> list[str]: ...

    def values(self, records: Sequence[Any], keys: Sequence[str], /) -> Mapping[int, list[Any]]: ...


@dataclass(frozen=True)
class TakenOver:
    """Values that a form for a new record takes from the last one, which `source` names; all can be changed.

    `left_empty` names fields whose day cannot be taken over.
    """

    source: Label
    values: dict[str, Any]
    left_empty: Sequence[str] = ()


@dataclass(frozen=True)
class Add:
    """Adding a record (新增 → 保存): `build` returns the unsaved record, the engine starts it with `event`.

    `verb` is the text of the save button. Registers without a workflow leave `event` empty; their changes
    go to the audit log, with the name of the record unless the name is private (`is_named=False`).
    """

    label: Label
    form: type[Form]
    event: str
    build: Callable[[dict[str, Any], Actor, datetime], Stateful | Versioned]
    notes: tuple[Label, ...] = ()
    roles: tuple[Role, ...] = ()
    is_named: bool = True
    trial: DryRun | None = None
    verb: Label = SAVE
    last: Callable[[Actor, Any], TakenOver | None] | None = None
    """Return what a new record takes over from the given one, without one from the last of the actor's own."""
    faults: Callable[[dict[str, Any], Actor, datetime], Iterable[tuple[str, str]]] | None = None
    """Return (field, sentence) of what the rules say to the fields that are filled in, for a form with faults."""
    has_drafts: bool = False
    """Whether the form can be kept half filled in (存草稿)."""


@dataclass(frozen=True)
class Change:
    """Editing a record: `load` fills the form, `apply` writes it back.

    It is possible in the states from which `event` may be fired. A register without a workflow leaves `event`
    empty; its model is `Versioned`.
    """

    label: Label
    form: type[Form]
    event: str
    load: Callable[[Any], dict[str, Any]]
    apply: Callable[[Any, dict[str, Any], Actor, datetime], None]
    notes: tuple[Label, ...] = ()
    trial: DryRun | None = None
    verb: Label = SAVE
