"""Types of rule parameters: whole numbers, choices, check boxes, and small tables of them.

One description serves to build the administrator's form, to validate a value when saving and to read the
stored value when a rule is computed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.enums import Labelled
from app.extensions import db
from app.ground import clock
from app.models import DictItem, MaterialKind
from app.validators import Invalid

MOST_ROWS = 30
LONGEST_LIST = 60
Pairs = Sequence[tuple[str, Any]]
Offered = Pairs | Callable[[], Pairs]


@dataclass(frozen=True)
class Number:
    """A whole number within bounds, both included."""

    name: str
    label: Any
    minimum: int
    maximum: int
    default: int = 0
    unit: Any = ""
    help: Any = ""

    def read(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Invalid(gettext("“%(label)s” is no whole number.", label=self.label))
        if not self.minimum <= value <= self.maximum:
            raise Invalid(
                gettext(
                    "“%(label)s” must lie between %(minimum)s and %(maximum)s.",
                    label=self.label,
                    minimum=self.minimum,
                    maximum=self.maximum,
                )
            )
        return value


@dataclass(frozen=True)
class Tick:
    """A check box: yes or no."""

    name: str
    label: Any
    default: bool = False
    help: Any = ""

    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Invalid(gettext("“%(label)s” must be yes or no.", label=self.label))
        return value


@dataclass(frozen=True)
class Choice:
    """One choice from a list: fixed in the program if `is_closed`, else a code of a code table."""

    name: str
    label: Any
    offered: Offered
    default: str = ""
    help: Any = ""
    is_closed: bool = True

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or (self.is_closed and value not in dict(pairs(self))):
            raise Invalid(gettext("“%(label)s” is none of what can be chosen.", label=self.label))
        return value


@dataclass(frozen=True)
class Many:
    """Any number of choices from a list; an empty list means no restriction, unless `is_required`."""

    name: str
    label: Any
    offered: Offered
    default: tuple[str, ...] = ()
    help: Any = ""
    is_required: bool = False

    def read(self, value: Any) -> list[str]:
        is_list = isinstance(value, list) and len(value) <= LONGEST_LIST
        if not is_list or not all(isinstance(one, str) for one in value):
            raise Invalid(gettext("“%(label)s” is none of what can be chosen.", label=self.label))
        if self.is_required and not value:
            raise Invalid(gettext("Tick at least one of “%(label)s”.", label=self.label))
        return list(value)


@dataclass(frozen=True)
class Table:
    """A table with fixed columns and at least one row."""

    name: str
    label: Any
    columns: tuple[Number | Choice, ...]
    default: tuple[Mapping[str, Any], ...] = ()
    help: Any = ""

    def read(self, value: Any) -> list[dict[str, Any]]:
        is_table = isinstance(value, list) and 0 < len(value) <= MOST_ROWS
        if not is_table or not all(isinstance(row, Mapping) for row in value):
            raise Invalid(gettext("“%(label)s” needs at least one row.", label=self.label))
        return [
            {column.name: column.read(row.get(column.name)) for column in self.columns}
            for row in value
        ]


Parameter = Number | Tick | Choice | Many | Table


def read(parameters: Sequence[Parameter], stored: Any) -> dict[str, Any]:
    """Return the values of all parameters, defaults for those not given; raises `Invalid`."""
    given = {} if stored is None else stored
    if not isinstance(given, Mapping):
        raise Invalid(gettext("The numbers of this rule cannot be read."))
    return {one.name: one.read(given.get(one.name, default_of(one))) for one in parameters}


def default_of(one: Parameter) -> Any:
    """Return the default as it would be stored."""
    if isinstance(one, Table):
        return [dict(row) for row in one.default]
    return list(one.default) if isinstance(one, Many) else one.default


def pairs(one: Choice | Many) -> Pairs:
    """Return the (value, label) pairs that can be chosen now."""
    return one.offered() if callable(one.offered) else one.offered


def of_enum(kind: type[Labelled]) -> Pairs:
    """Return the (value, label) pairs of an enumeration."""
    return [(member.value, member.label) for member in kind]


@dataclass(frozen=True)
class DictionaryValues:
    """Reads the (code, label) pairs that a dictionary offers today."""

    dictionary: str

    def __call__(self) -> Pairs:
        today = clock.local_date(clock.now())
        query = select(DictItem.code, DictItem.label).where(
            DictItem.kind == self.dictionary, DictItem.is_offered_on(today)
        )
        return db.session.execute(query.order_by(DictItem.order)).tuples().all()


def of_dictionary(kind: str) -> DictionaryValues:
    """Return what reads the values of dictionary `kind`."""
    return DictionaryValues(kind)


def material_kinds() -> Pairs:
    """Return the (code, name) pairs of the kinds of material, in their display order."""
    query = (
        select(MaterialKind)
        .where(MaterialKind.is_active)
        .order_by(MaterialKind.order, MaterialKind.code)
    )
    return [(one.code, one.name) for one in db.session.scalars(query)]


YEARS = _("years")
HOURS = _("hours")
