"""DeclaredView: a menu declared by class attributes, with the permissions, rows and buttons they give."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from urllib.parse import urlencode

from flask import abort, url_for
from flask_appbuilder import ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm.interfaces import LoaderOption

from app.engine import Workflow
from app.enums import Role
from app.extensions import appbuilder, db
from app.ground import clock
from app.ground.actor import Actor
from app.todos.declared import WAITING, Todo
from app.views.base import access, columns, customised, detail_sections, returning, search
from app.views.base.aliases import Label, Page
from app.views.base.declarations import Add, Button, Change, FieldSource
from app.views.base.further import NOTHING, Further


class Scope(Protocol):
    """A function that returns the SQL condition for the rows an actor may see."""

    def __call__(self, actor: Actor, /) -> ColumnElement[bool]: ...


class DeclaredView(ModelView):
    """One menu item without its routes: declared by class attributes of a subclass.

    It must not store anything of a request: one view object serves all requests of a worker.
    """

    guide: ClassVar[str] = ""
    slug: ClassVar[str] = ""
    label: ClassVar[Label]
    purpose: ClassVar[Label] = ""
    empty: ClassVar[Label] = ""
    roles: ClassVar[tuple[Role, ...]] = ()
    model: ClassVar[type[Any]]
    inbox: ClassVar[Scope | None] = None
    waiting: ClassVar[tuple[str, ...]] = ()
    todos: ClassVar[tuple[Todo, ...]] = ()
    buttons: ClassVar[tuple[Button, ...]] = ()
    add: ClassVar[Add | None] = None
    change: ClassVar[Change | None] = None
    tabs: ClassVar[tuple[type["DeclaredView"], ...]] = ()
    owner: ClassVar[type["DeclaredView"] | None] = None
    can_export: ClassVar[bool] = False
    hides_handlers: ClassVar[bool] = False
    """Whether its timeline names other people only by their unit."""
    has_desk: ClassVar[bool] = False
    """Whether an act in a row opens the record with the form beside it; otherwise the form alone."""
    names_judges: ClassVar[bool] = False
    """Whether it shows who judges; administrators then give it to no further role (`rights.py`)."""
    scripts: ClassVar[tuple[str, ...]] = ()
    """Additional scripts from app/static/js for its detail page and its button pages."""
    main_columns: ClassVar[Sequence[str] | None] = None
    """Attribute paths that the box above the list searches; None: all texts among its fields and columns."""
    optional_columns: ClassVar[Sequence[str | columns.Column]] = ()
    """Further columns that a person may choose to see and to export."""
    how_to: ClassVar[tuple[str, ...]] = ()
    """Names of the pages under docs/customise that say how to change something there."""
    found_by: ClassVar[Sequence[str]] = ()
    """Attribute paths by which the search across menus finds its rows; not inherited."""
    record_loading: ClassVar[Sequence[LoaderOption]] = ()
    """What the page of a record shows of other tables, read together with it."""
    base_order = ("id", "desc")
    late_column: ClassVar[str] = "due_at"
    if TYPE_CHECKING:

        @staticmethod
        def scope(actor: Actor, /) -> ColumnElement[bool]: ...

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "model" not in cls.__dict__ and not hasattr(cls, "model"):
            return
        if not (cls.guide and "label" in cls.__dict__):
            return
        customised.declare_words(cls)
        cls.datamodel = SQLAInterface(cls.model)
        cls.class_permission_name = cls.__name__
        cls.route_base = f"/g/{cls.guide}" + (f"/{cls.slug}" if cls.slug else "")
        cls.base_permissions = [f"can_{name}" for name in cls.permissions()]
        cls.list_title = cls.show_title = cls.label
        for tab in cls.__dict__.get("tabs", ()):
            tab.owner = cls

    @classmethod
    def permissions(cls) -> list[str]:
        """Return the permission names of this menu: list, show, add, edit, export, and one per button."""
        names = ["list", "show"]
        names += ["add"] if cls.add else []
        names += ["edit"] if cls.change else []
        names += ["export"] if cls.can_export else []
        return names + [button.name for button in cls.buttons]

    @classmethod
    def permissions_of(cls, role: Role) -> list[str]:
        """Return the permissions that `role` can have.

        Add, edit, buttons and routes are included only if the role may fire one of their events.
        """
        flow = Workflow.registry.get(cls.model)
        rows = flow.rows if flow else {}
        names = []
        for name in cls.permissions():
            button = next((b for b in cls.buttons if b.name == name), None)
            events = list(button.events) if button and not button.is_page else []
            if name == "add" and cls.add is not None:
                events = [cls.add.event]
            if name == "edit" and cls.change is not None:
                events = [cls.change.event]
            ruled = [rows[event] for event in events if event in rows]
            if ruled and not any(role in row.roles for row in ruled):
                continue
            if access.may_fire(cls, name, role):
                names.append(name)
        return names

    def _init_forms(self) -> None:
        """Build no stock forms, which would load whole tables; our forms are in app/forms."""

    def _init_properties(self) -> None:
        """Resolve the declared columns and search fields once, not every column of the model."""
        self._related_views: list[Any] = []
        self.related_views: list[Any] = []
        self._base_filters = self.datamodel.get_filters()
        self.columns = [self._column(key) for key in self.list_columns]
        known = {column.key for column in self.columns}
        further = [self._column(key) for key in self.optional_columns]
        self.all_columns = [*self.columns, *(c for c in further if c.key not in known)]
        self._orders = _orders_of(self.all_columns)
        self.search_fields = search.fields_for(self.model, list(self.search_columns or []))

    def _column(self, key: str | columns.Column) -> columns.Column:
        return customised.column(type(self), columns.resolve(self.model, key))

    def further(self) -> Further:
        """Return what administrators added to this list, for the reader of this request."""
        return NOTHING

    @property
    def orders(self) -> Mapping[str, Any]:
        """What the list can be sorted by, by column."""
        further = self.further()
        return {**self._orders, **_orders_of(further.columns)} if further.columns else self._orders

    @property
    def searched(self) -> Sequence[search.SearchField]:
        """All fields of the search area: declared, following from the columns, added by administrators."""
        return [*self._searched, *self.further().fields]

    @cached_property
    def _searched(self) -> list[search.SearchField]:
        return search.with_box_and_ranges(
            self.model, self.search_fields, self.list_columns, self.columns, self.main_columns
        )

    def offered_columns(self, actor: Actor) -> list[columns.Column]:
        """Return the columns that the actor may choose among: those of the list, then the optional ones."""
        every = (*self.all_columns, *self.further().columns)
        return [one for one in every if not one.roles or actor.role in one.roles]

    def usual_columns(self, actor: Actor) -> Sequence[columns.Column]:
        """Return the columns of the list for who chose none."""
        further = [one for one in self.further().shown if not one.roles or actor.role in one.roles]
        return [*customised.columns(self), *further] if further else customised.columns(self)

    def offered_sections(self) -> Mapping[str, Label] | None:
        """Return the sections of a record that may come first: key → label; None where they cannot be told."""
        return None

    def field_source(self, actor: Actor) -> FieldSource | None:
        """Return further fields of the records that the actor may export; None without any."""
        return None

    def rows(self, actor: Actor) -> Select[Any]:
        """Return the query for the rows that this menu lists for `actor`."""
        return select(self.model).where(*self.conditions(actor))

    @classmethod
    def conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Return the SQL conditions of the list: in scope, in the actor's inbox, in a waiting state.

        The inbox is narrower than the scope: a record that has left the inbox can still be opened, so that a
        second clerk is told that somebody else was faster.
        """
        conditions = [cls.scope(actor)]
        if cls.inbox is not None:
            conditions.append(cls.inbox(actor))
        if cls.waiting:
            conditions.append(cls.model.state.in_(cls.waiting_states()))
        return conditions

    def order_before_all(self) -> list[ColumnElement[Any]]:
        """Return what a list is sorted by before the order that the person chose."""
        return []

    @classmethod
    def all_todos(cls) -> tuple[Todo, ...]:
        """Return what may wait in this menu: the rows of a list that shows only what waits, and its `todos`.

        A menu does not take over the to-dos of the menu it is derived from.
        """
        own: tuple[Todo, ...] = cls.__dict__.get("todos", ())
        if not cls.waiting:
            return own
        label = getattr(cls, "tab_label", cls.label)
        return (Todo(WAITING, label, cls.waiting), *own)

    @classmethod
    def waiting_conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Return the SQL conditions of the rows counted beside the menu's name."""
        return cls.conditions(actor)

    @classmethod
    def waiting_states(cls) -> list[StrEnum]:
        return sorted(Workflow.registry[cls.model].sources(cls.waiting))

    def find(self, pk: int, actor: Actor, *loading: LoaderOption) -> Any:
        """Return the record `pk` if it is in the scope of `actor`; otherwise abort 404."""
        query = select(self.model).where(self.model.id == pk, type(self).scope(actor))
        return db.session.scalars(query.options(*loading)).one_or_none() or abort(404)

    def find_whole(self, pk: int, actor: Actor) -> Any:
        """Return the same record with what its page shows."""
        return self.find(pk, actor, *self.record_loading)

    def find_all(self, keys: Sequence[int], actor: Actor) -> list[Any]:
        """Return the records `keys`, in this order, with what rows and rules need; abort 404 unless all are in scope."""
        query = select(self.model).where(self.model.id.in_(keys), type(self).scope(actor))
        shown = [option for column in self.columns for option in column.load]
        rows = db.session.scalars(query.options(*shown, *self.record_loading))
        found = {one.id: one for one in rows}
        return [found.get(key) or abort(404) for key in dict.fromkeys(keys)]

    def is_late(self, record: Any) -> bool:
        due = getattr(record, self.late_column, None)
        return bool(due and due < clock.now())

    def name_of(self, record: Any) -> str:
        return str(getattr(record, "name", None) or getattr(record, "number", None) or record.id)

    def may(self, permission: str) -> bool:
        return bool(appbuilder.sm.has_access(f"can_{permission}", self.class_permission_name))

    def buttons_for(self, actor: Actor) -> list[Button]:
        return [b for b in self.buttons if self.may(b.name) and b.events_for(self.model, actor)]

    def is_waiting_for(self, record: Any, button: Button, actor: Actor) -> bool:
        """Return whether to offer the button for this record: its state is one that the button leads on from."""
        return record.state in Workflow.registry[self.model].sources(button.events)

    def may_change(self, record: Any, actor: Actor) -> bool:
        if self.change is None or not self.may("edit"):
            return False
        if not self.change.event:
            return True
        row = Workflow.registry[self.model].rows[self.change.event]
        return record.state in row.source and actor.role in row.roles

    def add_link(self, actor: Actor) -> Page | None:
        if self.add is None or not self.may("add"):
            return None
        url = self.url("add_record", **returning.meeting_of_list())
        return {"label": self.add.label, "url": url, "why_not": None}

    def empty_text(self, actor: Actor) -> Label:
        """Return the text of an empty list."""
        return self.empty

    def note(self, actor: Actor) -> Label | None:
        """Return a sentence to show above the table, such as a quota balance; None for no sentence."""
        return None

    def url(self, route: str, **values: Any) -> str:
        """Return the address of a route of this menu; it carries the way back to the list as it was left."""
        if route not in returning.WITHOUT and (back := returning.way_back(f"{self.route_base}/")):
            values = {"back": back, **values}
        return url_for(f"{self.endpoint}.{route}", **values)

    def list_url(self, args: Mapping[str, Any]) -> str:
        """Return the address of the list with `args`, or without any as it is when nothing is searched."""
        base = self.url("list")
        return f"{base}?{urlencode(args)}" if args else base

    def back_url(self) -> str:
        """Return the address of the list as the person left it, with its filter, order and page."""
        return returning.way_back(f"{self.route_base}/") or self.url("list")

    def detail_url(self, record: Any) -> str:
        return self.url("show", pk=record.id)

    def tab_links(self, actor: Actor) -> list[Page]:
        owner = self.owner or type(self)
        family = [owner, *owner.tabs]
        links = []
        for view in family if len(family) > 1 else []:
            if appbuilder.sm.has_access("can_list", view.__name__):
                links.append(
                    {
                        "label": getattr(view, "tab_label", view.label),
                        "url": url_for(f"{view.__name__}.list"),
                        "is_current": type(self) is view,
                        "count": None,
                    }
                )
        return links

    def sections(self, record: Any, actor: Actor) -> list[detail_sections.DetailSection]:
        """Return the sections of the detail page; by default one with every labelled column."""
        return [
            detail_sections.pairs(
                "basic", gettext("Details"), record, detail_sections.labelled(self.model)
            )
        ]

    def act_sections(
        self, button: Button, records: Sequence[Any], actor: Actor
    ) -> list[detail_sections.DetailSection]:
        """Return sections to show on the page of a button, below the chosen rows."""
        return []

    def act_result(self, event: str, records: Sequence[Any]) -> str:
        """Return a sentence about what came of an act, for its green message."""
        return ""

    def links(self, record: Any, actor: Actor) -> list[tuple[Label, str]]:
        """Return further links of the detail page as (label, URL): print sheets, certificates."""
        return []

    def row_links(self, record: Any, actor: Actor) -> list[tuple[Label, str]]:
        """Return further links of a row of the list as (label, URL)."""
        return []

    def changes(self, record: Any) -> Page | None:
        """Return the bar above the sections that summarises what a resubmission changed; None without one."""
        return None

    def reminder(self, record: Any, actor: Actor) -> Page | None:
        """Return the button that reminds whoever holds the record; None without one."""
        return None

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        """Return further links of the list page as (label, URL): summaries to print."""
        return []

    def head(self, record: Any, actor: Actor) -> Page | None:
        return None


def _orders_of(some: Sequence[columns.Column]) -> dict[str, Any]:
    return {one.key: one.order for one in some if one.order is not None}
