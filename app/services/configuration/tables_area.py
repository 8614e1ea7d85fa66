"""The area “tables”: rows of the maintained tables as values of a set of changes. A row that is not there has none."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app import settings
from app.engine import Refused
from app.enums import Role
from app.ground.actor import Actor
from app.services.accounts import parameters
from app.services.accounts.parameters import Wish
from app.services.configuration import row_values, table_rows, touching
from app.services.configuration.table_rows import Key
from app.services.configuration.tables import ALL, TABLES, Table
from app.services.customising.catalogue import Beside, Cell, Item, Place
from app.validators import Invalid

Values = Mapping[str, Any]


@dataclass(frozen=True)
class TableRow(Item):
    """A row that is there or may come to be: `target` is the name of its table, `key` its key."""

    table: Table
    parts: Key


class Rows(Mapping[Place, TableRow]):
    """Every row that there may be, made when it is asked for; only those that are there are counted."""

    def __getitem__(self, place: Place) -> TableRow:
        table = TABLES.get(place[0])
        parts = table.key_of(place[1]) if table else None
        if table is None or parts is None:
            raise KeyError(place)
        return TableRow(*place, group=table.label, menu=table.label, label=table.words_of(parts), table=table, parts=parts)  # fmt: skip

    def __iter__(self) -> Iterator[Place]:
        for table in ALL:
            yield from ((table.name, "/".join(key)) for key in table.rows())

    def __len__(self) -> int:
        return sum(len(table.rows()) for table in ALL)


class TablesArea:
    """Rows are read from and written to their own tables, with the rules of their pages."""

    name = "tables"
    label = _("Maintained tables")
    authors: tuple[Role, ...] = (Role.SYSADMIN,)

    def items(self) -> Mapping[Place, TableRow]:
        return Rows()

    def present(self, cells: Collection[Cell]) -> dict[Cell, Any]:
        """Return the rows that are there, one statement for each table."""
        items, held = self.items(), dict.fromkeys(cells)
        for name in dict.fromkeys(target for target, _key, _scope in cells):
            wanted = {items[cell[:2]].parts: cell for cell in cells if cell[0] == name}
            table = TABLES[name]
            for key, row in table.rows(wanted.keys()).items():
                held[wanted[key]] = row_values.written(row, table.columns)
        return held

    def stated(self) -> dict[Cell, Any]:
        """Return every row, table by table in the order in which they can be read in."""
        return {
            (table.name, "/".join(key), ""): row_values.written(row, table.columns)
            for table in ALL
            for key, row in table.rows().items()
        }

    def default(self, item: TableRow, scope: str) -> Any:
        """Return the row that is there: what the program came with is not kept."""
        cell = (item.target, item.key, scope)
        return self.present([cell])[cell]

    def why_not(self, actor: Actor, item: TableRow, scope: str, value: Any) -> str | None:
        if scope:
            return gettext("A row of a table is for everybody, not for one role.")
        try:
            values = _read(item.table, value)
        except Invalid as invalid:
            return str(invalid)
        if values is None:  # what names it may go before it: `write` asks again
            return None
        row = item.table.rows([item.parts]).get(item.parts)
        return item.table.check(row, item.parts, values)

    def why_not_together(self, values: Mapping[Cell, Any], beside: Beside) -> dict[Cell, str]:
        """Refuse rows that name others which are neither there nor among these."""
        items = self.items()
        named = {cell: list(_named(items[cell[:2]], value)) for cell, value in values.items()}
        wanted = {(*place, "") for places in named.values() for place in places}
        there = {**self.present([one for one in wanted if one[:2] in items]), **values}
        refused = {}
        for cell, places in named.items():
            if gone := [place for place in places if there.get((*place, "")) is None]:
                refused[cell] = gettext(
                    "It names what is not here: %(names)s.",
                    names=gettext(", ").join(f"{TABLES[table].label} {key}" for table, key in gone),
                )
        return refused

    def touched(self, values: Mapping[Cell, Any]) -> list[str]:
        changed: dict[str, dict[str, Any]] = {}
        for (table, key, _scope), value in values.items():
            changed.setdefault(table, {})[key] = value
        return touching.sentences(changed)

    def why_two(self, item: TableRow, scope: str, value: Any) -> str | None:
        if item.target != "setting" or not isinstance(value, dict):
            return None
        seen = settings.display_value(item.key)
        return parameters.why_two(Wish(item.key, str(value.get("value", "")), seen))

    def order_of(self, target: str) -> int:
        return list(TABLES).index(target)

    def write(
        self, actor: Actor, item: TableRow, scope: str, value: Any, second: Actor | None
    ) -> None:
        table = item.table
        row = table.rows([item.parts]).get(item.parts)
        values = _read(table, value)
        if values is None and (why := table.check(row, item.parts, None)):
            raise Refused(f"{item.menu} · {item.label}{gettext(': ')}{why}")
        whole = values and table_rows.stored_key(table.model, table.key, item.parts) | values
        table.store(actor, table.model, row, whole, second)

    def scope_label(self, scope: str) -> str:
        return ""

    def value_label(self, value: Any, item: TableRow | None = None, beside: Any = None) -> str:
        """Return a row in words, without what the row `beside` has alike."""
        if not isinstance(value, dict):
            return gettext("not there")
        other = beside if isinstance(beside, dict) else {}
        shown = {
            name: one for name, one in value.items() if name not in other or other[name] != one
        }
        if item is None:
            return gettext("; ").join(f"{name}{gettext(': ')}{one}" for name, one in shown.items())
        columns = item.table.model.__table__.c
        return gettext("; ").join(
            f"{row_values.label(columns[name])}{gettext(': ')}{row_values.words(columns[name], one)}"
            for name, one in shown.items()
            if name in columns
        )


def _read(table: Table, value: Any) -> dict[str, Any] | None:
    """Return the columns of a row as they are stored, None for no row. Raises Invalid."""
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != set(table.columns):
        raise Invalid(gettext("A row has these values: %(names)s.", names=", ".join(table.columns)))
    found = {}
    for name in table.columns:
        column = table.column(name)
        try:
            found[name] = row_values.read(column, value[name])
        except Invalid as invalid:
            raise Invalid(f"{row_values.label(column)}{gettext(': ')}{invalid}") from invalid
        least, most = table.bounds.get(name, (row_values.SMALLEST, row_values.LARGEST))
        if isinstance(found[name], int) and not least <= found[name] <= most:
            raise Invalid(
                gettext(
                    "%(name)s: %(least)s to %(most)s.",
                    name=row_values.label(column), least=least, most=most,
                )
            )  # fmt: skip
    return found


def _named(item: TableRow, value: Any) -> Iterator[tuple[str, str]]:
    try:
        values = _read(item.table, value)
    except Invalid:
        return
    if values is not None and item.table.within:
        yield item.table.within, item.parts[0]
    if values is not None:
        yield from item.table.refers(item.parts, values)


TABLE_ROWS = TablesArea()
