"""Look up records of registers that forms refer to: check a typed key and find its name.

Whether the user may use the record is not checked here but by the rule behind the form.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import (
    Application,
    Batch,
    Committee,
    OwnRole,
    Person,
    Plan,
    Region,
    Series,
    Specialty,
    Title,
    Unit,
    User,
)

LARGEST_ID = 2**31 - 1
LONGEST_CODE = 32


@dataclass(frozen=True)
class Register:
    """A register: its key column, its name column and a second column to search.

    `shows_other`: show the second column beside the name. `is_scoped`: which rows a user may see depends on
    the scope. `is_searched`: forms may offer its rows as suggestions while the user types. `family`: the record it
    belongs to, whose name is shown as well and by which the fitting rows come first.
    """

    key: Any
    name: Any
    other: Any = None
    shows_other: bool = False
    is_scoped: bool = False
    is_searched: bool = True
    family: Any = None

    @property
    def searched(self) -> tuple[Any, ...]:
        return (self.name,) if self.other is None else (self.name, self.other)


REGISTERS: dict[str, Register] = {
    "unit": Register(Unit.id, Unit.name, Unit.credit_code, shows_other=True),
    "person": Register(Person.id, Person.name, is_searched=False),
    "committee": Register(Committee.id, Committee.name, Committee.code),
    "series": Register(Series.code, Series.name, Series.code),
    "title": Register(Title.code, Title.name, Title.code, shows_other=True),
    "specialty": Register(
        Specialty.code, Specialty.name, Specialty.code, shows_other=True, family=Specialty.series
    ),
    "region": Register(Region.code, Region.name, Region.code),
    "batch": Register(Batch.id, Batch.name, is_scoped=True),
    "plan": Register(Plan.id, Plan.name, is_scoped=True),
    "application": Register(Application.id, Application.number, is_searched=False),
    "own_role": Register(OwnRole.id, OwnRole.name, OwnRole.name_en, shows_other=True),
    "account": Register(User.id, User.username, User.real_name, shows_other=True),
}


def key_of(kind: str, typed: Any) -> int | str | None:
    """Return the typed key, converted and checked; None when there is no such row or it is switched off."""
    key = REGISTERS[kind].key
    value = _read(key, typed)
    if value is None:
        return None
    query = select(key).where(key == value)
    if (switch := switch_of(key.class_)) is not None:
        query = query.where(switch.is_(True))
    found: int | str | None = db.session.scalar(query)
    return found


def switch_of(model: Any) -> Any | None:
    """Return the column that says whether a row of `model` is active, or None."""
    columns = model.__mapper__.columns
    return columns.get("is_active", columns.get("active"))


def label_of(kind: str, typed: Any) -> str | None:
    """Return the name of the record with this key, also of one switched off; None when there is none."""
    register = REGISTERS[kind]
    value = _read(register.key, typed)
    if value is None:
        return None
    return db.session.scalar(select(register.name).where(register.key == value))


def _read(key: Any, typed: Any) -> int | str | None:
    text = str(typed)
    if key.type.python_type is not int:
        return text if len(text) <= LONGEST_CODE and text.isprintable() else None
    is_number = text.isascii() and text.isdigit() and len(text) <= 10
    return int(text) if is_number and int(text) <= LARGEST_ID else None
