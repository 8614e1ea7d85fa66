"""The tables that are configuration, in the order in which their rows can be read in: what a row names comes first."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.models import (
    Dictionary,
    DictItem,
    EligibilityRule,
    MaterialKind,
    MessageTemplate,
    Region,
    Series,
    Setting,
    Specialty,
    Title,
    WorkDay,
)
from app.numbers import NUMBERS
from app.services.configuration import table_checks, table_rows, table_stores
from app.services.configuration.row_values import Values
from app.services.configuration.table_stores import Key, Store
from app.services.messages import templates
from app.services.rules import rule_edits

Check = Callable[[Any, Key, Values | None], str | None]
Named = tuple[str, str]
"""A row that another one names: table and key."""


@dataclass(frozen=True)
class Table:
    """A maintained table: `key` are the columns that name a row everywhere, `columns` those that a file holds.

    `known` are the only keys there can be, where the program defines them; `check` refuses a row (None: that it
    goes), `refers` yields the rows that a row names, `bounds` are of numbers, `title` is the column with a row's name,
    `within` the table of what the first part of the key names.
    """

    name: str
    label: Any
    model: Any
    key: tuple[str, ...]
    columns: tuple[str, ...]
    check: Check = lambda row, key, values: None
    refers: Callable[[Key, Values], Iterator[Named]] = lambda key, values: iter(())
    store: Store = table_stores.store
    title: str = "name"
    within: str = ""
    bounds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    known: Callable[[], Mapping[str, Any]] | None = None
    read: Callable[[Any, Collection[Key] | None], Mapping[Key, Any]] = table_rows.by_key

    def key_of(self, name: str) -> Key | None:
        """Return the key of a row that a file names, None where there can be no such row."""
        parts = tuple(name.split("/", len(self.key) - 1))
        if len(parts) != len(self.key) or not all(parts):
            return None
        if self.known is not None:
            return parts if name in self.known() else None
        return parts if table_rows.can_be_key(self.model, self.key, parts) else None

    def rows(self, keys: Collection[Key] | None = None) -> Mapping[Key, Any]:
        """Return the rows with these keys, or all, in one statement."""
        return self.read(self, keys)

    def words_of(self, parts: Key) -> str:
        """Return the name of a row, with its code; of one that is not there the code."""
        named = table_rows.names(self).get(parts) if self.title else None
        words = f"{named}（{parts[-1]}）" if named else parts[-1]
        return f"{TABLES[self.within].words_of(parts[:1])} · {words}" if self.within else words

    def column(self, name: str) -> Any:
        return self.model.__table__.c[name]


def _series(key: Key, values: Values) -> Iterator[Named]:
    yield "series", values["series_code"]


def _parent(key: Key, values: Values) -> Iterator[Named]:
    if values["parent_code"]:
        yield "region", values["parent_code"]


def _in_conditions(key: Key, values: Values) -> Iterator[Named]:
    for column in ("condition", "required_when"):
        for fact in ("series", "title"):
            for code in (values.get(column) or {}).get(fact, ()):
                yield fact, code


ALL = (
    Table(
        "dictionary", _("Dictionaries"), Dictionary, ("code",),
        ("name", "name_en", "is_closed", "is_active"), table_checks.dictionary,
    ),
    Table(
        "dict_item", _("Values of a dictionary"), DictItem, ("kind", "code"),
        ("label", "order", "is_active", "standard", "valid_from", "valid_to"),
        table_checks.dictionary_value, title="label", within="dictionary",
    ),
    Table("series", _("Series"), Series, ("code",), ("name", "is_active"), table_checks.coded),
    Table(
        "title", _("Titles"), Title, ("code",),
        ("series_code", "level", "name", "is_grassroots", "is_active"), table_checks.coded, _series,
    ),
    Table(
        "specialty", _("Specialties"), Specialty, ("code",), ("series_code", "name", "is_active"),
        table_checks.coded, _series,
    ),
    Table(
        "region", _("Regions"), Region, ("code",),
        ("name", "level", "parent_code", "is_statistical", "is_active"), table_checks.coded, _parent,
        bounds={"level": (1, 3)},
    ),
    Table(
        "material_kind", _("Kinds of material"), MaterialKind, ("code",),
        ("name", "max_mb", "max_count", "order", "is_required", "condition", "required_when", "help", "is_active"),
        table_checks.material, _in_conditions, bounds={"max_mb": (1, 50), "max_count": (1, 100)},
    ),
    Table(
        "eligibility_rule", _("Conditions for applying"), EligibilityRule, ("code",), rule_edits.WRITTEN,
        table_checks.rule, _in_conditions, table_stores.store_rule, bounds={"valid_from": (2000, 2100)},
    ),
    Table(
        "setting", _("Parameters"), Setting, ("key",), ("value",), table_checks.number,
        store=table_stores.store_number, known=lambda: NUMBERS, read=table_rows.numbers,
        title="label",
    ),
    Table("work_day", _("Working calendar"), WorkDay, ("day",), ("is_working", "note", "source"), title=""),
    Table(
        "message_template", _p("configuration", "Message wordings"), MessageTemplate, ("key",), ("subject", "body"),
        table_checks.message, known=lambda: templates.kinds(), title="subject",
    ),
)  # fmt: skip
TABLES = {table.name: table for table in ALL}
